knowledge-title = Information and services
knowledge-lead = The same sheets that our operators use, kept by the offices.
knowledge-search = Search
knowledge-search-label = What are you looking for?
knowledge-search-results = Search results
knowledge-areas = Topics
knowledge-area = Topic
knowledge-all-areas = All
knowledge-all-of = All sheets: { $area }
knowledge-count = { $n ->
    [0] No sheets
    [one] { $n } sheet
   *[other] { $n } sheets
}
knowledge-nothing-for = No sheet for “{ $words }”.
knowledge-nothing-here = There are no sheets here yet.
knowledge-status-active = Active service
knowledge-used-for = What it is for
knowledge-requirements = What you need
knowledge-details = How to do it
knowledge-page-index = On this page
knowledge-about-page = About this page
knowledge-still-help = Do you still need help?
knowledge-still-help-text = Write to us: your request goes straight to the right office and you get a code to follow it.
knowledge-write-to-us = Write to the help desk
knowledge-only-other-language = This sheet is available in Italian only.
knowledge-read-in-other-language = Leggi questa scheda in italiano
knowledge-checked = Updated on { $day }
knowledge-checked-by = Kept by { $unit }, updated on { $day }

knowledge-desk-search = Search the sheets: words, code or the citizen's text
knowledge-new = New sheet
knowledge-edit = Edit
knowledge-code = Code
knowledge-code-hint = Letters and a number, such as ANA-01: it cannot be changed later.
knowledge-version = version { $version }
knowledge-open-public = Open the public page
knowledge-copy-reply = Copy the reply
knowledge-in-short = In short
knowledge-audience-public = Public
knowledge-audience-internal = Operators only
knowledge-maturity-information = Informs
knowledge-maturity-start = Starts the procedure
knowledge-maturity-whole = Completes the procedure

knowledge-about-sheet = The sheet
knowledge-field-category = Classification
knowledge-field-unit = Unit that answers for it
knowledge-field-audience = Visibility
knowledge-field-maturity = Level
knowledge-field-title = Title
knowledge-field-question = The citizen's question
knowledge-field-summary = Answer in short
knowledge-field-public = Public text
knowledge-field-reply = Reply ready to send
knowledge-field-internal = Text for operators
knowledge-field-keywords = Keywords
knowledge-field-requirements = What the citizen needs
knowledge-hint-markdown = Headings, lists, bold and links may be written in Markdown.
knowledge-hint-reply = Without greeting and signature.
knowledge-hint-lines = One a line.
knowledge-text-it = Italian text
knowledge-text-en = English text
knowledge-cancel = Cancel
knowledge-retire = Retire the sheet
knowledge-retire-text = Nobody will find it any more. Tickets it was used in go on naming it.
knowledge-stale-title = The sheet was changed meanwhile
knowledge-stale-text = Somebody else saved it after you opened it. Your text is below: compare it with the current one and save again to replace it.
knowledge-stale-open = Open the current version
knowledge-fault-required = is missing
knowledge-fault-too_long = is too long
knowledge-fault-twice = is there twice
knowledge-fault-unknown = does not exist
knowledge-fault-taken = is already used by another sheet
knowledge-fault-invalid = is not valid
knowledge-fault = { $field }: { $wrong }

knowledge-work = Work on sheets
knowledge-work-lists = Lists
knowledge-work-none = There is nothing to do here.
knowledge-list-drafts = Drafts
knowledge-list-drafts-about = Sheets being written, or sent back with a reason.
knowledge-list-to_validate = To validate
knowledge-list-to_validate-about = Drafts that wait for the unit that answers for them.
knowledge-list-scheduled = Scheduled
knowledge-list-scheduled-about = Validated: they come into force on their day.
knowledge-list-to_review = To review
knowledge-list-to_review-about = Sheets in force whose review day is past.
knowledge-list-outdated = Translations to update
knowledge-list-outdated-about = The original changed after the translation.
knowledge-list-retired = Retired
knowledge-list-retired-about = Sheets out of use: they can still be read, and taken up again.
knowledge-retired = Retired
knowledge-col-state = State
knowledge-col-version = Version
knowledge-col-who = Who
knowledge-col-when = When
knowledge-col-changes = Differences
knowledge-state-draft = Draft
knowledge-state-submitted = To validate
knowledge-state-returned = Sent back
knowledge-state-scheduled = Scheduled
knowledge-draft = Draft
knowledge-draft-of = Draft: { $title }
knowledge-draft-open = Open the draft
knowledge-edit-draft = Edit the draft
knowledge-written = Written by { $who }, { $when }
knowledge-answers-for = Answerable: { $unit }
knowledge-front-office = front office
knowledge-number-n = number { $n }
knowledge-returned-title = It was sent back
knowledge-scheduled-for = Comes into force on { $day }
knowledge-overtaken-title = The sheet in force changed
knowledge-overtaken-text = Another version was published after this draft was begun: publishing the draft replaces it.
knowledge-missing-title = Before it can be submitted
knowledge-changes = What changes
knowledge-no-changes = Nothing changes.
knowledge-decide = What to do
knowledge-submit = Submit for validation
knowledge-publish = Validate and publish
knowledge-publish-now = Publish
knowledge-send-back = Send back with the reason
knowledge-discard = Delete the draft
knowledge-preview = Preview
knowledge-save-draft = Save the draft
knowledge-save-title = Save
knowledge-history = History
knowledge-history-of = History: { $title }
knowledge-versions = Versions
knowledge-versions-none = Versions are kept from the next publication on.
knowledge-steps = What happened
knowledge-in-force = in force
knowledge-not-in-force = not in force
knowledge-changes-of = What version { $version } changes
knowledge-changes-see = See
knowledge-signed = { $author }, validated by { $validator }
knowledge-by-system = Sportello
knowledge-by-program = a program
knowledge-by-somebody = somebody else
knowledge-step-drafted = { $who } wrote a draft
knowledge-step-submitted = { $who } submitted it
knowledge-step-returned = { $who } sent it back
knowledge-step-scheduled = { $who } validated it for the day
knowledge-step-discarded = { $who } deleted the draft
knowledge-step-published = { $who } published version { $version }
knowledge-step-retired = { $who } retired it
knowledge-step-reminded = Reminder of the review
knowledge-compare = Compare
knowledge-compare-of = Comparison: { $title }
knowledge-compare-from = From
knowledge-compare-to = To
knowledge-version-of = version { $version }, { $when }
knowledge-diff-added = (added:
knowledge-diff-removed = (removed:
knowledge-diff-end = )
knowledge-restore = Begin again from this version
knowledge-restore-text = It becomes a draft, to be validated as any other. A draft that is there is replaced.
knowledge-restored = Taken up from version { $version }
knowledge-lang-it = Italian
knowledge-lang-en = English
knowledge-audience-partners = Partner agencies
knowledge-field-number = Number
knowledge-field-code = Code
knowledge-hint-number = To be dictated on the telephone; leave empty for a new one.
knowledge-hint-unit = It validates and publishes changes.
knowledge-field-referent = Referent
knowledge-hint-referent = Gets the reminder of the review.
knowledge-field-route = Where requests go
knowledge-hint-route = Empty: to the unit of the category.
knowledge-field-term_days = Term in days
knowledge-hint-term_days = Within how long the office answers or decides.
knowledge-field-review_on = To review on
knowledge-hint-review_on = On that day the referent gets a reminder.
knowledge-field-until = Holds until
knowledge-hint-until = The day after, it retires by itself.
knowledge-field-offices = Offices
knowledge-field-forms = Forms
knowledge-field-fee = Fee
knowledge-hint-fee = In words, for example “16.79 euro, by PagoPA”.
knowledge-field-phone = Text for the telephone
knowledge-hint-phone = A few sentences to be said aloud, by the agent or the answering machine.
knowledge-field-phone_text = Text for the telephone
knowledge-field-public_text = Public text
knowledge-field-internal_text = Text for agents
knowledge-field-why = What changes and why
knowledge-hint-why = Stays in the history of the sheet.
knowledge-field-reason = Reason
knowledge-field-publish_on = From the day
knowledge-hint-publish_on = Empty: at once.
knowledge-field-lang = Language
knowledge-offices = Offices and opening hours
knowledge-office-n = Office { $n }
knowledge-office-name = Name
knowledge-office-address = Address
knowledge-office-phone = Telephone
knowledge-office-email = E-mail
knowledge-office-opening = Opening hours
knowledge-office-more = Add an office
knowledge-hint-opening = One a line, for example: mon-fri 9-13
knowledge-forms = Forms
knowledge-forms-kept = Attached forms
knowledge-forms-add = Attach forms
knowledge-fee = What it costs
knowledge-terms = How long it takes
knowledge-term = { $n ->
    [one] Within a day
   *[other] Within { $n } days
}
knowledge-term-contradicts-title = Two different terms
knowledge-term-contradicts = The sheet says “{ $promised }”, the protocol “{ $protocol }” of its category allows { $amount }. Readers and offices must count the same term.
knowledge-days = { $first } to { $last }
knowledge-outdated-title = The translation fell behind
knowledge-outdated-text = The original changed after the last change of this text.
knowledge-outdated-confirm = I compared them: the translation still holds
knowledge-outdated-short = A translation is older than the original.
knowledge-review-since = To review since { $day }
knowledge-fault-out_of_range = is out of range
knowledge-fault-too_many = are too many
knowledge-fault-fixed = cannot change: the number stays
knowledge-fault-opening = is not an opening such as “mon-fri 9-13”
knowledge-mail-no-note = no note
knowledge-mail-validate-subject = To validate: sheet { $code } “{ $title }”
knowledge-mail-validate = A change of sheet { $code } “{ $title }” waits for your validation.

    What changes: { $note }

    To read it, publish it or send it back: { $link }

    { $agency }
knowledge-mail-returned-subject = Sent back: sheet { $code } “{ $title }”
knowledge-mail-returned = The draft of sheet { $code } “{ $title }” was sent back.

    Reason: { $note }

    To take it up again: { $link }

    { $agency }
knowledge-mail-review-subject = To review: sheet { $code } “{ $title }”
knowledge-mail-review = Sheet { $code } “{ $title }” is to be reviewed since { $note }.

    If it still holds, publish it with a new review day: { $link }

    { $agency }
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
knowledge-number-to-say = If you call us, this is sheet { $n }.

gap-title = What to write
gap-usage = Use of sheets
gap-misses = Searches without a hit
gap-views = Gaps and use of sheets
gap-periods = Period
gap-period = { $n ->
    [365] Last year
   *[other] Last { $n } days
}
gap-about-list = What the sheets lack, first what would let the front office close most tickets.
gap-summary = In the period { $closed } tickets were closed; with a sheet the front office closes { $with } %, without one { $without } %.
gap-none = There is nothing to write: no question was left without a sheet.
gap-col-what = What
gap-col-month = A month
gap-col-gain = Expected gain
gap-col-do = From here
gap-gain = +{ $n } tickets a month
gap-points = +{ $n } points of closure
gap-percent = { $n } %
gap-kind-write = New sheet
gap-kind-mend = To be mended
gap-kind-search = Searched in vain
gap-kind-translate = Old translation
gap-kind-review = To be read again
gap-about = { $words } ({ $category })
gap-rest = Other questions of “{ $category }”
gap-searched = “{ $words }”
gap-why-write = { $n ->
    [one] One ticket closed without a sheet;
   *[other] { $n } tickets closed without a sheet;
} { $escalated ->
    [0] none went to an office.
    [one] one went to an office.
   *[other] { $escalated } went to an office.
} With a sheet the front office would close { $target } % of them.
gap-why-mend = { $n ->
    [one] One ticket closed with this sheet,
   *[other] { $n } tickets closed with this sheet,
} { $share } % at the front office; the other sheets of its level close { $target } %.
gap-why-search = { $n ->
    [one] Searched once
   *[other] Searched { $n } times
} without finding a sheet that answers: { $sides }.
gap-why-translate = The original changed after it was translated. { $n ->
    [0] No ticket in another language used it in the period.
    [one] One ticket in another language used it in the period.
   *[other] { $n } tickets in another language used it in the period.
}
gap-why-review = Its review day passed on { $day }. { $n ->
    [0] No ticket was closed with this sheet in the period.
    [one] One ticket was closed with this sheet in the period.
   *[other] { $n } tickets were closed with this sheet in the period.
}
gap-side-portal = portal
gap-side-desk = desk
gap-side-form = form
gap-side-message = messages
gap-draft-from = Write from a ticket
gap-draft-from-label = Write the sheet “{ $title }” from ticket { $code }
gap-draft-from-ticket = Make it a sheet
gap-open-drafted = Open { $code }
gap-write = Write the sheet
gap-mend = Mend the sheet
gap-translate = Update the translation
gap-review = Read the sheet again
gap-draft-why = Draft from a closed ticket. Personal data were removed and left a placeholder ⟦…⟧: { $removed }. To be read again before it is published.
gap-draft-why-nothing = Draft from a closed ticket. No personal data were recognised: to be read again before it is published.
gap-about-usage = What became of each sheet. “Proposed” (to agents) and “found” (by citizens) count once a ticket and once a search. “Sent on” counts the tickets that went to an office after the sheet had been read or used, “only proposed” those in which nobody had opened it.
gap-usage-none = There are no sheets in use.
gap-col-sheet = Sheet
gap-col-shown-agents = Proposed
gap-col-shown-citizens = Found
gap-col-opened-agents = Read at the desk
gap-col-opened-citizens = Read by the public
gap-col-used = Used
gap-col-closed = Closed
gap-col-front = Front office
gap-col-escalated = Sent on
gap-col-passed = Only proposed
gap-col-stars = Stars from citizens
gap-col-useful = Useful to agents
gap-col-wrong = Reported wrong
gap-about-misses = Words searched for at least twice without finding a sheet that answers, in alphabetic order within a search. Names, numbers, codes and addresses are not kept.
gap-misses-none = Nobody searched twice for something that is missing.
gap-col-words = Words
gap-col-times = Times
gap-col-sides = Where
gap-col-last = Last time
knowledge-fault-placeholder = still has a placeholder ⟦…⟧ in the place of personal data
knowledge-fault-not_over = is not resolved yet
knowledge-fault-no_answer = has no answer to begin from
knowledge-field-ticket = Ticket
redacted-name = name
redacted-email = e-mail
redacted-phone = telephone
redacted-fiscal-code = fiscal code
redacted-iban = IBAN
redacted-plate = number plate
redacted-address = address
redacted-birth = date of birth
redacted-code = code
redacted-number = number
gap-col-why = Why
