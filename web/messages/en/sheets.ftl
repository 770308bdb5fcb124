verdict-title = Did this sheet help?
verdict-said = What agents say of it
verdict-about = What you say of sheet { $code }
verdict-useful = Useful
verdict-out-of-date = Wrong or out of date
verdict-thanks = Thank you, it was noted.
verdict-reported = Reported to the unit that answers for it.
verdict-remarked = Reported, with your note.
verdict-remark = What is wrong? (optional)
verdict-send = Send
verdict-counts = From agents: useful { $useful } times, wrong or out of date { $bad }.
verdict-reports = Agents’ reports
verdict-settle = Nothing to change
verdict-settle-text = A new version closes them by itself. If the sheet is right as it is, close them here.
verdict-shortcut-useful = The first suggested sheet, or the open one, is useful
verdict-shortcut-out-of-date = The first suggested sheet, or the open one, is wrong or out of date
knowledge-list-reported = Reported by agents
knowledge-list-reported-about = Sheets in force that an agent found wrong or out of date.
knowledge-step-reported = { $who } reported it as wrong or out of date
knowledge-step-settled = { $who } closed the reports: it holds as it is
knowledge-mail-reported-subject = Reported: sheet { $code } “{ $title }”
knowledge-mail-reported = An agent found sheet { $code } “{ $title }” wrong or out of date.

    Note: { $note }

    Read it and correct it: { $link }

    { $agency }

links-title = Links
links-lists = Lists of links
links-state-broken = Broken
links-state-broken-about = They lead to a page that is not there, or their server has not answered for three days.
links-state-unsure = Unsure
links-state-unsure-about = They did not answer the last time: it may pass.
links-state-refused = Not checked
links-state-refused-about = Addresses of private networks, which are not called.
links-last = Checked on { $when }: { $n } links.
links-running = The check is under way.
links-never = The first check comes within a few minutes.
links-off = The check is switched off in the configuration.
links-none = No links
links-none-text = There is nothing to mend in this list.
links-col-url = Address
links-col-why = Reason
links-col-since = Since
links-col-checked = Last check
links-since = since { $when }
links-again = Check again
links-again-of = Check the links of { $code } again
links-of-sheet = Broken links
links-why-missing = It is not on this site, or citizens do not see it
links-why-status = The server answers { $status }
links-why-dns = There is no such site
links-why-timeout = The server does not answer
links-why-connection = No connection, or none that is safe
links-why-private = Private network
links-why-redirects = It leads from one address to the next without end
links-why-invalid = It is no address

transfer-title = Import and export
transfer-bring = Import sheets
transfer-bring-text = It is tried first: you see what would change, and only then apply it. All of it comes in, or nothing.
transfer-files = Files
transfer-files-hint = CSV, JSONL or Markdown (also several sheets in a file, or several files).
transfer-into = What they become
transfer-into-drafts = Drafts, to be submitted and validated
transfer-into-published = Sheets in force at once
transfer-try = Try
transfer-trial = What the trial says
transfer-trial-text = Nothing was written yet.
transfer-nothing = There is nothing to import.
transfer-done = Imported
transfer-counts = { $created } new, { $changed } changed, { $unchanged } as they are
transfer-apply-drafts = Import as drafts
transfer-apply-published = Import and publish
transfer-faults = Something must be corrected
transfer-faults-text = Nothing was written. Correct the file and try again.
transfer-col-place = Where
transfer-col-fault = What is wrong
transfer-line = line { $n }
transfer-no-file = Choose a file.
transfer-too-many = More than { $n } sheets at once.
transfer-take = Export sheets
transfer-take-text = The sheets in force, as they can be imported again.
transfer-format-csv = Table (CSV)
transfer-format-jsonl = One sheet a line (JSONL)
transfer-format-markdown = Text (Markdown)
knowledge-field-syntax = File
knowledge-fault-forbidden = you do not validate it
knowledge-fault-format = the name does not end in .csv, .jsonl or .md
knowledge-fault-not_utf8 = it is not UTF-8 text

rating-reason-useful = Useful
rating-reason-out_of_date = Wrong or out of date
