# Terms, calendars and operating protocols.

terms-box = Terms
term-phase-receipt = Receipt notice
term-phase-take-charge = Taking charge
term-phase-first-response = First response
term-phase-non-appropriateness = Notice of non-appropriateness
term-phase-answer = Answer
term-phase-conclusion = End of the procedure
term-phase-works = Notice of works done
term-of-leg = { $phase } (unit asked)
term-state-running = Running
term-state-suspended = Suspended
term-state-met = Met
term-state-missed = Missed
term-state-cancelled = Cancelled
term-done-late = done late, on { $when }
term-left-days = { $n } days are left.
term-left-hours = { $n } hours are left.
term-suspended-since = Suspended ({ $why }): since { $since }.
term-suspended-until = Suspended ({ $why }): from { $since } to { $until }.
term-pause-citizen = waiting for the citizen
term-pause-documents = waiting for documents
term-pause-notice = notice before a refusal
term-reason-silence = Nobody said not to be competent
term-reason-merged = The ticket goes on in another
term-reason-mistaken = Ticket opened by mistake
term-reason-not-competent = Not of our competence
term-reason-withdrawn = Request withdrawn
term-reason-duplicate = Duplicate request
term-reason-returned = Returned as not competent
term-reason-recalled = Referral withdrawn
term-reason-reclassified = Classified otherwise
term-reason-closed = Ticket closed
term-reason-corrected = Corrected by hand
term-act = Change the term
term-act-label = What happens
term-act-resume = It goes on now
term-act-observations = Observations arrived
term-act-documents = Suspend: documents are missing (L. 241/1990 art. 2)
term-act-notice = Notice before a refusal was sent (L. 241/1990 art. 10-bis)
term-act-extend = Extend
term-act-correct-met = Correct: it had been met
term-act-correct-cancelled = Correct: it should not have run
term-act-amount = By how much (to extend only)
term-act-submit = Record
desk-done-term = The term was updated.
term-order-due = By term
term-order-overdue = Only with a term that is over
term-order-caption = Tickets with a term, the soonest first
term-unit-calendar-days = calendar days
term-amount-calendar-days = { $n ->
    [one] 1 calendar day
   *[other] { $n } calendar days
}
term-unit-working-days = working days
term-amount-working-days = { $n ->
    [one] 1 working day
   *[other] { $n } working days
}
term-unit-working-hours = opening hours
term-amount-working-hours = { $n ->
    [one] 1 opening hour
   *[other] { $n } opening hours
}
term-unit-working-minutes = minutes of opening
term-amount-working-minutes = { $n ->
    [one] 1 minute of opening
   *[other] { $n } minutes of opening
}
term-roll-stays = stays where it is
term-roll-festive = moves on from holidays
term-roll-closed = moves on while closed
term-hint-ticket-receipt = The citizen knows that the request arrived
term-hint-ticket-take-charge = Somebody works on it
term-hint-ticket-first-response = A person wrote to the citizen
term-hint-ticket-non-appropriateness = Whoever is not competent says so
term-hint-ticket-answer = The request is resolved or closed
term-hint-ticket-conclusion = As the answer, with the law's suspensions and notice
term-hint-ticket-works = The ticket closes after the works
term-hint-leg-receipt = The unit has opened the referral
term-hint-leg-non-appropriateness = The unit returns what is not its own
term-hint-leg-answer = The unit has answered
term-hint-leg-works = The unit announces works done
term-mail-warned-subject = [{ $code }] Term close: { $phase }
term-mail-missed-subject = [{ $code }] Term missed: { $phase }
term-mail-warned =
    The term “{ $phase }” of ticket { $code } is due on { $due }.

    { $link }

    { $agency }
term-mail-missed =
    The term “{ $phase }” of ticket { $code } was due on { $due }.

    { $link }

    { $agency }
event-clock-suspended = { $who } suspended a term
event-clock-resumed = A term goes on ({ $who })
event-clock-extended = { $who } extended a term
event-clock-corrected = { $who } corrected a missed term
event-clock-warned = A term is close to its end
event-clock-missed = A term was missed
event-clock-moved = A due day moved with the calendar
problem-term-over = This term is over.
problem-term-no-documents = The protocol knows no suspension for missing documents.
problem-term-suspended-before = A term is suspended for missing documents once only (L. 241/1990 art. 2), and it was.
problem-term-suspended = The term is suspended already.
problem-term-no-notice = There is no notice before a refusal for this term.
problem-term-not-suspended = The term is not suspended.
problem-term-not-missed = Only a missed term is corrected.
problem-protocol-changed = Somebody else saved a change meanwhile: reload the page and try again.
calendars-title = Calendars
calendars-lead = When the office works: terms count by it.
calendars-empty = No calendar yet
calendars-empty-text = Make the first: a name and the hours of the week are enough.
calendar-new = New calendar
calendar-edit = Calendar
calendar-lead = Changes hold at once: running terms are computed anew, and each move is written in its ticket.
calendar-since-hint = Leave this day for an extraordinary closure; change it if hours change from a day on.
calendar-week = Hours of the week
calendar-week-hint = Several bands a day are separated by a comma, as in 8:15-13:30, 14:30-17:00. Leave a closed day empty.
calendar-day-mon = Monday
calendar-short-mon = Mon
protocol-field-mon = Monday
calendar-day-tue = Tuesday
calendar-short-tue = Tue
protocol-field-tue = Tuesday
calendar-day-wed = Wednesday
calendar-short-wed = Wed
protocol-field-wed = Wednesday
calendar-day-thu = Thursday
calendar-short-thu = Thu
protocol-field-thu = Thursday
calendar-day-fri = Friday
calendar-short-fri = Fri
protocol-field-fri = Friday
calendar-day-sat = Saturday
calendar-short-sat = Sat
protocol-field-sat = Saturday
calendar-day-sun = Sunday
calendar-short-sun = Sun
protocol-field-sun = Sunday
calendar-holidays = Closed on national holidays (Easter Sunday and Monday too)
calendar-patron-hint = Day and month, as in 24/06.
calendar-closures-hint = A line for each: one day (14/08/2026), or the first and the last (10/08/2026 14/08/2026).
protocols-title = Operating protocols
protocols-lead = The times agreed for each kind of request. A ticket keeps those it began with.
protocols-empty = No protocol yet
protocols-empty-text = Begin with a prepared one below.
protocols-need-calendar = A calendar comes first: it says which days count.
protocols-prepared = Prepared
protocols-prepared-text = Choose for which categories they hold, and enable them.
protocol-new = New protocol
protocol-edit = Operating protocol
protocol-lead = Leave the amount of terms empty that you do not need.
protocol-saved = Saved.
protocol-history = Who saved what
protocol-history-line = { $who }, in force from { $since }
protocol-choose = Choose
protocol-source = Source
protocol-source-hint = The law or the agreement, as one cites it: L. 241/1990 art. 2.
protocol-enable = In use for new tickets
protocol-enabled = In use
protocol-disabled = Not in use
protocol-state = State
protocol-since = In force from
protocol-since-hint = It holds for tickets opened from this day on.
protocol-categories = For which categories
protocol-categories-hint = With those below them. None chosen: all.
protocol-units = For which units
protocol-units-hint = The owner of the ticket, or who receives the referral. None chosen: all.
protocol-ticket-terms = Terms of the ticket
protocol-leg-terms = Terms of referrals for competence or inquiry
protocol-phases-hint = The first day is not counted. A term in days lasts to the end of its last day.
protocol-terms = Terms
protocol-term = Term
protocol-amount = Amount
protocol-unit = Unit
protocol-roll = Last day
protocol-warn = Warn at %
protocol-waits = Stops while we wait for the citizen
protocol-tells = Tells the unit
protocol-preview = A request that arrives now ({ $now }) is due on
protocol-show-preview = Show due days
protocol-law = Suspensions of the law
protocol-documents-hint = L. 241/1990 art. 2 c. 7: at most 30. Zero: not possible.
protocol-documents-once = Once only
protocol-notice-days = Notice before a refusal: days for observations
protocol-notice-hint = L. 241/1990 art. 10-bis: 10. Zero: no such notice.
protocol-notice-effect = Effect of the notice on the term
protocol-effect-suspends = suspends: what was left goes on (since D.L. 76/2020)
protocol-effect-interrupts = interrupts: the whole term begins again
protocol-silence = What silence means
protocol-silence-hint = For example: if nobody answers, the request is refused.
protocol-silence-refusal = If nobody answers in time, the request is taken as refused
protocol-preset-agreement = Agreement between units: answer in 15 days
protocol-preset-agreement-source = Operating protocol between units
protocol-preset-procedure = Administrative procedure: 30 days
protocol-preset-procedure-source = L. 241/1990 art. 2
protocol-preset-civic-access = Civic access: 30 days
protocol-preset-civic-access-source = D.Lgs. 33/2013 art. 5
protocol-preset-document-access = Access to acts: 30 days
protocol-preset-document-access-source = L. 241/1990 art. 25
protocol-field-name = Name
protocol-field-calendar = Calendar
protocol-field-patron = Patron saint
protocol-field-closures = Extraordinary closures
protocol-field-week = Hours of the week
protocol-field-phases = Terms
protocol-field-documents-days = Suspension for documents: days at most
protocol-field-reason = Reason
protocol-field-amount = Amount
protocol-wrong = Check “{ $field }”: it cannot be read.
protocol-wrong-since = Write from which day it holds, as in 2026-12-01.
protocol-wrong-closures-unreadable = Write one closure a line: a day, or the first and the last.
protocol-wrong-week-missing = At least one day needs hours.
protocol-wrong-phases-missing = At least one term with its amount is needed.
protocol-wrong-phases-twice = The same term appears twice.
terms-title = Terms kept
terms-lead = How many terms were met, and how long phases take. Each figure opens its list.
terms-list-title = Terms
terms-csv = Download CSV
terms-from = From
terms-to = To
terms-show = Show
terms-by = Divide by
terms-by-protocol = Protocol
terms-by-phase = Phase
terms-by-unit = Unit
terms-by-category = Slowest procedures
terms-empty = No term ended in this period
terms-empty-text = Try a longer period, or see whether a protocol is in use.
terms-caption = Where fewest terms are kept comes first
terms-slowest = Where a phase takes longest (median) comes first; the CSV has all lines
terms-what = Item
terms-share = Met
terms-median = Median length
terms-p90 = Nine in ten within
terms-total = Total
terms-hours = { $n } hours
terms-days = { $n } days
terms-without = None
terms-back = Back to the figures
terms-started = Began
terms-due = Due
terms-ended = Done
