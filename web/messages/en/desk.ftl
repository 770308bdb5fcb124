desk-decimal = .

desk-state-new = New
desk-state-open = Open
desk-state-waiting-citizen = Waiting
desk-state-referred = Referred
desk-state-resolved = Resolved
desk-state-closed = Closed


desk-kind-information = Question
desk-kind-report = Report
desk-kind-complaint = Complaint
desk-kind-application = Application

desk-outcome-answered = Answered
desk-outcome-not-competent = Not our competence
desk-outcome-withdrawn = Withdrawn
desk-outcome-duplicate = Duplicate of another ticket
desk-outcome-no-answer-needed = No answer needed
desk-outcome-not-reached = Not reached by telephone

desk-identifier-email = E-mail
desk-identifier-phone = Phone
desk-identifier-fiscal-code = Fiscal code
desk-identifier-external = External id
desk-identifier-pec = Certified mail
desk-identifier-fax = Fax

desk-col-state = State
desk-col-subject = Subject
desk-col-code = Code
desk-col-person = Person
desk-col-channel = Channel
desk-col-category = Classification
desk-col-age = Arrived
desk-col-due = Due
desk-col-owner = With
desk-unread = New:
desk-unclassified = Not classified
desk-nobody = Unassigned
desk-nobody-one = nobody
desk-take = Take
desk-take-this = Take: { $subject }
desk-queue-count = { $n ->
    [0] No tickets
    [one] 1 ticket
   *[other] { $n } tickets
}
desk-queue-count-filtered = Filtered; in the whole queue: { $n }
desk-queue-order-newest = The last touched first
desk-filter = Filter the queue
desk-filter-all = All
desk-filter-order = Order
desk-filter-oldest = Longest untouched first
desk-filter-newest = Most recent first
desk-filter-submit = Filter
desk-filter-clear = Remove the filters
desk-filter-none = No ticket fits the filters
desk-filter-none-text = Change or remove the filters above to see the others.
desk-queue-order = Longest untouched first
desk-queue-empty = There is nothing in this queue
desk-queue-empty-new = All tickets that arrived have been taken.
desk-queue-empty-text = When something arrives, it appears here by itself.
desk-go-new = Go to the new ones

desk-due-late-hours = { $n ->
    [0] just overdue
    [one] overdue by 1 hour
   *[other] overdue by { $n } hours
}
desk-due-late-days = { $n ->
    [one] overdue by 1 day
   *[other] overdue by { $n } days
}
desk-due-today = today { $time }
desk-due-tomorrow = tomorrow
desk-due-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}

desk-owner = Owner
desk-assigned-to = Assigned to
desk-opened-on = Opened on
desk-resolved-line = Resolved on { $date }: { $outcome }. It closes by itself on { $closes }, unless the citizen writes.
desk-closed-line = Closed on { $date }: { $outcome }
desk-requested-sheet-version = written from sheet { $sheet }, version { $version }
desk-closed-sheet = sheet { $sheet }
desk-closed-sheet-version = sheet { $sheet }, version { $version }
desk-actions = Actions on the ticket
desk-answer = Answer
desk-take-long = Take
desk-take-from = Take from { $who }
desk-put-back = Put back
desk-refer = Refer to a unit
desk-wait = Wait for the citizen
desk-resume = Resume
desk-classify = Classify
desk-close = Close
desk-close-now = Close now
desk-reopen = Reopen

desk-conversation = Conversation
desk-earlier-contacts = Show earlier contacts
desk-latest-contacts = Back to the latest contacts
desk-by-system = Sportello
desk-by-citizen = the citizen
desk-by-referent = the referent
desk-by-program = another system
desk-automatic = Automatic message
desk-of-leg = With the unit: the citizen does not see it
desk-original = Download the original
desk-new-tab = (opens in a new tab)
desk-save-file = Save { $name }
desk-sent-pending = About to leave
desk-sent-retrying = Trying again
desk-sent-queued = To be printed and posted
desk-sent-sent = Sent
desk-sent-delivered = Delivered
desk-sent-failed = Not delivered
desk-sent-cancelled = Cancelled
desk-sent-to = to { $to }

desk-news-title = The ticket changed while you were looking at it
desk-news-reload = Refresh the page: the draft stays saved

desk-write = Write
desk-what-you-write = What you write
desk-reply-tab = Answer to the citizen
desk-way = How you answer
desk-way-email = E-mail to { $to }
desk-way-phone = Spoken, on the phone
desk-way-counter = Spoken, at the counter
desk-note-who-reads = Only agents read it: it never reaches the citizen.
desk-reply-text = Text of the answer
desk-greeting = Dear Sir or Madam,
desk-greeting-name = Dear { $name },
desk-attach = Attach
desk-kept-files = Files already uploaded
desk-sheet = Sheet used
desk-then = Then
desk-then-stay = it stays open
desk-then-wait = wait for the citizen
desk-then-resolve = resolved: it closes by itself
desk-then-close = close the ticket
desk-send = Send
desk-save-note = Save the note

desk-links = Linked tickets
desk-link-may-belong-to = Perhaps about the same matter as:
desk-link-continues = Continues a closed ticket:
desk-link-continued-by = Goes on in this ticket, opened after the closing:
desk-link-open = Open the other
desk-link-dismiss = Unrelated
desk-person = Person
desk-person-tickets = { $n ->
    [one] 1 ticket
    [100] 100 tickets or more
   *[other] { $n } tickets
}
desk-classification = Classification
desk-kind = Kind
desk-save = Save
desk-ownership = Ownership
desk-hand-over-to = New owner
desk-reason = Reason
desk-hand-over = Hand over
desk-take-over = Take over
desk-history = History

desk-outcome = Outcome
desk-outcome-question = How did it end?
desk-close-title = Close the ticket
desk-close-submit = Close the ticket
desk-closing-sheet = Sheet used to answer
desk-closing-sheet-hint = Its code or number, for example ANA-01 or 104: it tells which sheets solve.
desk-cancel = Cancel

desk-done-reply = Answer sent
desk-done-spoken = Answer recorded
desk-done-note = Note saved
desk-done-taken = The ticket is yours
desk-done-classified = Classification saved
desk-done-waiting = The ticket waits for the citizen
desk-done-resumed = The ticket is open again
desk-done-resolved = Answer sent: the ticket is resolved and will close by itself
desk-done-closed = Ticket closed
desk-done-reopened = Ticket reopened
desk-done-put-back = The ticket is free again
desk-done-freed = The ticket is free: others may answer now
desk-done-handed-over = The ticket has a new owner
desk-done-taken-over = The ticket was taken over
desk-done-resent = The message leaves again at once
desk-unsent = Not sent: { $what }
desk-done-link = Link removed
desk-done-opened = Ticket opened

desk-stale-title = { $who } changed this ticket while you were working on it
desk-stale-text = Nothing was saved, and what you wrote is still here below. If it still holds, send it again.
desk-taken-title = { $who } took the ticket before you
desk-taken-text = If needed, talk to each other: you can still take it from the ticket’s page.
desk-held-title = { $who } has been writing an answer since { $time }
desk-held-text = Until they are done, the ticket is kept for them. What you wrote is still here below.
desk-held-by = { $who } has been writing an answer since { $time }: until they are done, others can neither answer nor close.
desk-held-by-you = You have been writing an answer since { $time }: until you are done, others can neither answer nor close.
desk-free = Free the ticket
desk-presence-looking = { $who } is looking
desk-presence-writing = { $who } is writing an answer
desk-state-refused = Not possible now
desk-state-refused-text = The ticket’s state changed meanwhile. Check it above and try again.
desk-no-address = We know no e-mail address of this person
desk-no-address-text = Record the spoken answer, or ask for an address.
desk-invalid = One of the values is not acceptable
desk-invalid-text-missing = Write a text before sending
desk-invalid-reason-missing = Write the reason
desk-invalid-unit-unknown = This unit no longer exists
desk-invalid-category-unknown = This classification no longer exists
desk-invalid-sheet-unknown = There is no sheet with this code

event-ticket-opened = Ticket opened by { $who } ({ $channel })
event-ticket-taken = Taken by { $who }
event-ticket-put-back = Put back by { $who }
event-ticket-classified = { $who } changed the classification: { $category }
event-ticket-waiting = { $who } waits for the citizen
event-ticket-resumed = { $who } resumed the ticket
event-ticket-resolved = { $who } resolved the ticket: { $outcome }
event-ticket-closed = Closed by { $who }: { $outcome }
event-ticket-reopened = Reopened by { $who }
event-ticket-handed-over = { $who } handed the ownership over from { $before } to { $unit }
event-ticket-taken-over = { $who } took the ticket over from { $before } into { $unit }
event-ticket-freed = { $who } freed the ticket from whoever was writing
event-ticket-link-dismissed = { $who } removed a link
event-contact-received = New contact from { $who }
event-contact-sent = { $who } answered the citizen
event-contact-noted = { $who } wrote an internal note
event-other = { $who }: { $kind }

desk-sheets = Suggested sheets
desk-sheets-search = Search
desk-sheets-wait = Looking for fitting sheets…
desk-sheets-none = No sheet seems to answer.
desk-similar = Similar tickets, resolved
desk-similar-wait = Looking for similar tickets…
desk-similar-none = No resolved ticket is like this one.
desk-similar-sheet = Closed with sheet
desk-probable = It is probably about:
desk-probable-choice = { $name } ({ $percent } %)
desk-probable-unit = Unit probably competent: { $name } ({ $percent } %)
desk-sheet-internal = Agents only
desk-use-in-reply = Use in the answer
desk-use-sheet = Use in the answer: { $title }
desk-read = Read
desk-read-sheet = Read the sheet: { $title }

desk-legs = Referrals
desk-legs-new = New referral
desk-legs-none = This ticket was not referred to other units.
desk-leg-seen = seen on { $when }
desk-leg-external-code = Their number: { $code }
desk-leg-reason = Reason:
desk-leg-details = Question and messages
desk-leg-withdraw = Withdraw

desk-search-title = Results for { $q }
desk-search-label = Search
desk-search-submit = Search
desk-search-help = Code of a ticket or referral, phone, e-mail, fiscal code in any format, or words of the text.
desk-search-persons = People with this contact
desk-search-tickets = Tickets found
desk-search-order = Newest first
desk-search-none = No ticket found
desk-search-none-text = Check the code, or try fewer words.

desk-person-since = since { $date }
desk-person-new-ticket = New ticket for this person
desk-person-all-tickets = Tickets
desk-person-contacts = Contacts over all channels
desk-person-identifiers = Ways to reach them
desk-contact-in = received
desk-contact-out = sent

desk-new-title = New ticket
desk-new-lead = For who is on the phone, at the counter, or wrote a letter
desk-new-channel = How do they contact us?
desk-new-name = Name of the person or organisation
desk-new-request = Request
desk-new-subject-hint = Left empty, it is the beginning of the text.
desk-new-text = What they ask
desk-new-text-hint = While you write, sheets that may answer already arrive.
desk-new-text-missing = Write what they ask
desk-new-text-long = The text has more than { $n } characters
desk-new-phone-wrong = This is not a phone number
desk-new-email-wrong = This is not an e-mail address
desk-new-fiscal-code-wrong = A fiscal code has 16 letters and digits, like RSSMRA80A01H501U
desk-new-submit = Open the ticket
desk-new-found = Who it is
desk-new-unknown = Write a phone, e-mail or fiscal code to see whether we know them.
desk-new-known = { $n ->
    [0] Known already: no tickets
    [one] Known already: 1 ticket
    [100] Known already: 100 tickets or more
   *[other] Known already: { $n } tickets
}
desk-new-several = These belong to different people: the ticket goes to the first.
desk-new-sheets-wait = They arrive while you write the request.

event-leg-sent = { $who } referred the ticket to { $unit } (referral { $number })
event-leg-seen = { $unit } has seen referral { $number }
event-leg-answered-late = { $unit } answered referral { $number } after the closing: the ticket was reopened
event-leg-updated-late = { $unit } wrote on referral { $number } after the closing: the ticket was reopened
event-leg-answered = { $unit } answered referral { $number }
event-leg-updated = { $unit } wrote on referral { $number }
event-leg-moved = Referral { $number } went from { $before } to { $unit }, which goes on with its work
desk-way-account = { $channel } ({ $account })
desk-way-number = Number
desk-way-address = Address
desk-way-postal = Name and postal address, a line each
desk-way-hint-sms = The request’s code is added by itself. Attachments become a link to the request’s page. { $most ->
    [one] One text at most for an answer.
   *[other] { $most } texts at most for an answer.
}
desk-way-hint-pec = The receipts of acceptance and delivery will show here, below the answer. { $most } MB at most, attachments included.
desk-way-hint-email = It leaves from this mailbox.
desk-way-hint-fax = It leaves with a cover page that bears the code; attachments must be PDF or pictures. { $most ->
    [one] One page at most, which is the cover.
   *[other] { $most } pages at most, the cover included.
}
desk-way-hint-letter = It goes to the print queue, with the address in the envelope’s window and the code to be scanned.
desk-way-hint-phone = Spoken.
desk-way-hint-voicemail = On the answering machine.
desk-way-hint-web-form = From the site.
desk-way-hint-counter = At the counter.
desk-sms-count = { $segments ->
    [one] One text message, { $remaining } characters left
   *[other] { $segments } text messages, { $remaining } characters left in the last
}
desk-sms-too-long = Too long: it would be { $segments } texts, and { $most } at most leave by this channel. Shorten it.
desk-invalid-to-number = The number to answer to cannot be read: check it.
desk-invalid-to-address = The address to answer to is not valid: check it.
desk-invalid-to-refused = The citizen asked for no more messages on this channel.
desk-invalid-account-unknown = This channel does not send now: choose another.
desk-invalid-postal-missing = A letter needs the name and the address, on several lines.
contact-notice-certified = Certified mail, verified
contact-notice-not-certified = Not certified mail
contact-notice-revocation-not-checked = Revocation of the certificate not checked
contact-notice-signature-unverified = Certified envelope not verified
contact-notice-parts-missing = Parts of the message are missing
contact-notice-too-many-parts = Some parts are only in the original
contact-notice-text-cut = Long text: the rest is attached
contact-notice-too-deep = Nested messages attached unopened
contact-notice-remote-images-removed = External pictures removed
contact-notice-message-id-synthesised = Came without an id
contact-notice-structure-broken = Irregular format
contact-notice-tnef-unreadable = winmail.dat cannot be read
contact-notice-partly-received = Fax broke off: pages are missing
contact-notice-text-not-read = Text not read: look at the pages
contact-notice-pages-not-read = Some pages not read
contact-notice-batch-not-divided = Batch not divided
receipts = Receipts
receipt-accettazione = Accepted by the provider
receipt-non-accettazione = Not accepted by the provider
receipt-presa-in-carico = Taken in charge
receipt-avvenuta-consegna = Delivered
receipt-preavviso-errore-consegna = Delivery delayed
receipt-errore-consegna = Not delivered
receipt-rilevazione-virus = Stopped for security
desk-search-sheet = Sheet

desk-answered-by = Which sheet answered it?
desk-answered-by-used = { $code } { $title } (used in the answer)
desk-answered-by-read = { $code } { $title } (read)
desk-answered-by-none = No sheet
desk-answered-by-other = Another sheet
desk-invalid-answered-by = Choose the sheet that answered it, or “No sheet”
desk-invalid-sheet-missing = Write the code or number of the sheet
desk-sheet-none = none
