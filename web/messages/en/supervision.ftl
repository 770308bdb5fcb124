supervision-title = Front-office closure
supervision-tickets-title = Tickets behind the figure
supervision-period = From { $from } to { $to }
supervision-filters = Period and unit
supervision-from = From
supervision-to = To
supervision-unit = Unit
supervision-all-units = All
supervision-update = Update
supervision-csv = Download CSV
supervision-strict = Strict: without any referral
supervision-wide = Wide: without external referrals
supervision-closed = Tickets closed
supervision-closed-short = Closed
supervision-strict-short = Strict
supervision-wide-short = Wide
supervision-bar = Chart
supervision-item = Item
supervision-none = Not classified
supervision-week = Week
supervision-percent = { $whole }.{ $tenth }%
supervision-points = { $whole }.{ $tenth } points
supervision-trend = { $change } on the period before
supervision-definition = Strict: closed without a referral for competence or inquiry. Wide: closed without a referral to another agency. A reopened ticket does not count until it is closed again.
supervision-agrees = A recount from the event log gives the same figures.
supervision-catching-up = The figures are being updated: the log already has newer events.
supervision-chart-title = Week by week
supervision-chart-summary = The strict share goes from { $first } in the first week to { $last } in the last.
supervision-by-channel = By channel
supervision-by-area = By area
supervision-by-category = By category
supervision-by-unit = By unit
supervision-empty = No ticket closed
supervision-empty-hint = Choose a longer period or another unit.
supervision-back = Back to the figures
supervision-which-closed = Tickets closed
supervision-which-strict = Closed at the front office, without any referral
supervision-which-not-strict = Closed after a referral
supervision-which-wide = Closed without external referrals
supervision-which-not-wide = Closed after an external referral
supervision-row-strict = At the front office
supervision-row-wide = After an internal referral
supervision-row-external = After an external referral
supervision-code = Code
supervision-subject = Subject
supervision-channel = Channel
supervision-category = Category
supervision-closed-at = Closed on
supervision-how = How
supervision-recount = Count again from the event log
flows-title = The network
flows-lead = Who sends to whom, how much, how soon the answer comes and what is overdue. Referrals count on the day they leave.
flows-about = Unit that sends or receives
flows-drawing = Drawing of the network
flows-drawing-table = The same numbers are in the table below.
flows-table = Who sends to whom
flows-summary = { $sent ->
    [one] One referral
   *[other] { $sent } referrals
 } to { $units ->
    [one] one unit
   *[other] { $units } units
 }; { $overdue ->
    [0] none overdue
    [one] one overdue
   *[other] { $overdue } overdue
 }.
flows-band = From { $sender } to { $unit }: { $n } referrals, { $overdue } overdue
flows-others = Other units
flows-unknown = Unknown
flows-legend-band = The wider, the more referrals
flows-legend-overdue = With overdue referrals
flows-sender = Sender
flows-unit = Receiver
flows-total = All
flows-sent = Sent
flows-waiting = Waiting
flows-overdue = Overdue
flows-answered = Answered
flows-median = Median time
flows-late = Answered late
flows-returned = Returned
flows-hours = { $n } hours
flows-days = { $n } days
flows-empty = No referrals
flows-empty-text = In this period no unit sent requests to others. Choose a longer period.
flows-back = The network
flows-list-title = Referrals
flows-list-sent = Referrals sent
flows-list-waiting = Referrals that wait for an answer
flows-list-overdue = Overdue referrals
flows-list-answered = Answered referrals
flows-list-late = Referrals answered after their term
flows-list-returned = Returned referrals
flows-kind = Why
flows-state = State
flows-sent-at = Sent
flows-due-at = Due
flows-answered-at = Answered
