leg-kind-competence = For competence
leg-kind-inquiry = For inquiry
leg-kind-knowledge = For information
leg-state-sent = Waiting for an answer
leg-state-answered = Answered
leg-state-returned = Returned: not their competence
leg-state-withdrawn = Withdrawn
leg-way-link = from the page of the link
leg-way-account = with an account
leg-way-email = by e-mail

leg-title = Referral { $code }
leg-lead-competence = The desk asks your office to deal with this request.
leg-lead-inquiry = The desk asks you for what it needs to answer the citizen.
leg-lead-knowledge = The desk informs you of this request: no answer is needed.
leg-now-sent = Waiting for your answer
leg-now-answered = You have answered
leg-now-returned = Returned to the desk
leg-now-withdrawn = Withdrawn by the desk
leg-sent-line = Sent on { $when } to { $unit }
leg-sent-by = by { $name }
leg-ask-title = What we ask you
leg-request-title = The citizen's request
leg-citizen-title = Who asks
leg-text = Text or reason
leg-text-hint = The desk reads it. If it is not your competence, say if you can who deals with it.
leg-text-missing = Write the answer or the reason
leg-external-code = Your own reference number
leg-signed = Name of who answers
leg-files = Attachments
leg-files-hint = Up to { $files } files, { $megabytes } MB each.
leg-files-too-large = A file is larger than { $megabytes } MB: choose a smaller one
leg-files-too-many = You can attach at most { $files } files
leg-files-type = A file is of a type that we do not accept: use PDF, pictures or text documents
leg-file-size = { $kilobytes } kB
leg-submit = Send
leg-history-title = History
leg-history-sent = Sent to your office
leg-page-title = This page
leg-page-text = The link is valid until { $until }. Do not forward it: whoever opens it can answer in your name.
leg-done-answer = Answer sent
leg-done-progress = Update sent
leg-done-returned = Returned to the desk
leg-done-text = The desk receives it at once. You can close this page.
leg-expired-title = This link has expired
leg-expired-text = We can send a new one to the address of the office that the request was sent to.
leg-renew-submit = Send a new link
leg-renewed-title = Check your office's mail
leg-renewed-text = If the link was valid, we have sent a new one to the office's address. If it does not arrive, contact the desk.
leg-withdrawn-title = This request was withdrawn
leg-withdrawn-text = The desk has withdrawn it: no answer is needed any more.
leg-unknown-title = Page not found
leg-unknown-text = There is nothing here. Check that you copied the whole address.

problem-leg-withdrawn = The desk has withdrawn this referral: it can no longer be answered.
problem-leg-over = This referral is already over: somebody answered or returned it meanwhile.
problem-leg-scope = This office receives only from units of its own agency or from an entry point.
problem-unit-unreachable = This unit has neither an address nor a referent: nobody would read the referral.

referent-title = Requests to your office
referent-caption = Those to answer first, oldest first
referent-empty-title = No requests
referent-empty-text = When the desk sends you a ticket, you find it here.

refer-title = Send to a unit
refer-heading = New referral
refer-search = Find a unit
refer-search-hint = Name of the unit or of the agency
refer-search-submit = Search
refer-unit = Unit
refer-unit-choose = Choose…
refer-units-suggested = Competent for the category
refer-units-own = Units of the agency
refer-units-other = Other agencies
refer-none-found = No unit of this name may receive the ticket.
refer-kind = Why do you send it?
refer-kind-competence-hint = The unit deals with it and gets the citizen's contact data
refer-kind-inquiry-hint = It gives you what you need; you answer
refer-kind-knowledge-hint = It is only informed: the ticket does not wait
refer-question = What do you ask
refer-question-hint = The referent reads it, with the text of the request.
refer-submit = Send
refer-cancel = Cancel
refer-unit-unknown = Choose a unit from the list
refer-unit-owner = The ticket already belongs to this unit
refer-kind-unknown = Choose why you send it
refer-question-missing = Write what you ask
refer-stale = Meanwhile { $name } changed the ticket: check it and send again.
refer-over = The ticket is over: reopen it to send it.
refer-see-ticket = See the ticket

forward-question-report = The report below came by the online form and is of your competence: please deal with it and write us what we may tell the citizen.
forward-question-complaint = The complaint below came by the online form and is about your unit: please check it and write us what we may answer the citizen.
forward-question-application = The application below came by the online form and is of your competence: please deal with it and write us what we may tell the citizen.
leg-mail-subject = [{ $code }] { $kind }: { $subject }
leg-mail-opening =
    Good morning,
    { $agency } sends you a request { $kind }.
    Code of this referral: { $code }
leg-mail-question =
    WHAT WE ASK YOU
    { $question }
leg-mail-request =
    THE CITIZEN'S REQUEST
    { $subject }

    { $text }
leg-mail-files =
    { $n ->
        [one] The request has one attachment: you find it on the page below.
       *[other] The request has { $n } attachments: you find them on the page below.
    }
leg-mail-citizen =
    WHO ASKS
    { $name }
    { $reach }
leg-mail-answer =
    HOW TO ANSWER
    Reply to this message, or open the page:
    { $link }
    You need no account. The link is valid until { $until }.
    If the request is not your competence, you can return it from the same page.
leg-mail-informed =
    No answer is needed. If you want to add something, reply to this message or open the page:
    { $link }
    The link is valid until { $until }.
leg-mail-link =
    Good morning,
    here is the new link for referral { $code }:
    { $link }
    It is valid until { $until }.

leg-mail-withdrawn-subject = [{ $code }] Referral withdrawn: { $subject }
leg-mail-withdrawn =
    Good day,
    { $agency } has withdrawn referral { $code }: no answer is needed any more.
    Reason: { $reason }
    The links you received no longer work. If you already have something to tell us, answer this message.
