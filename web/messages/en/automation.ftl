rules-title = Automation
rules-intro = What happens by itself: when something happens, if conditions hold, then steps follow. Each step stays in the history of the request.
rules-prepare = Prepare new rules
rules-in-force = Rules in force
rules-none = No rules: nothing happens by itself. You can start from an example below.
rules-versions = Versions
rules-no-versions = There are no versions yet.
rules-col-version = Version
rules-col-state = State
rules-col-when = When
rules-version = Rules, version { $number }
rules-state-draft = Draft
rules-state-active = In force
rules-state-replaced = Replaced
rules-state-retired = Retired
rules-active-from = In force since { $when }
rules-until = In force until { $when }
rules-drafted-on = Prepared on { $when }
rules-failed-count = { $count ->
    [one] A rule could not take a step: see why and try again
   *[other] { $count } times a rule could not take a step: see why and try again
}
rules-waiting-count = { $count ->
    [one] One rule is at work or waits
   *[other] { $count } rules are at work or wait
}
rules-refused = It was not done
rules-faults = To be put right before the rules come into force
rules-stale = Somebody changed the draft meanwhile: see how it is now and try again.
rules-stale-rule = Somebody changed the draft meanwhile. Below is what you wrote: see whether it is still right and save again.
rules-paused = Paused
rules-paused-rate = Stopped since { $when }: it started too often in an hour. What it would have done is kept aside.
rules-paused-by-hand = Paused on { $when }. What it would have done is kept aside.
rules-pause = Pause
rules-resume-run = Go on and do what is aside
rules-resume-drop = Go on from now
rules-examples = Ready examples
rules-examples-text = The example becomes a draft beside the rules in force: you can change and try it before you use it.
rules-example-use = Use this example
rules-example-housing-certificate = Housing suitability certificate
rules-example-housing-certificate-text = The application goes to the office to be checked; if the outcome is positive the citizen is told to collect the certificate, if negative the letter of refusal is prepared.
rules-example-everyday = Every day
rules-example-everyday-text = The unit is told of complaints; who has the request gets a reminder when a term is near.
rules-import = Import
rules-import-label = Rules in TOML or JSON
rules-import-hint = They are added to those in force, in a draft; those of the same name are replaced.
rules-import-do = Import into a draft
rules-import-empty = it has no rules
rules-unreadable = The rules cannot be read: { $why }
rules-export = Export
rules-export-text = The file can be imported into another Sportello, or kept with the documents of the agency.
rules-export-toml = Download as TOML
rules-export-json = Download as JSON
rules-rules = Rules
rules-rule = Rule
rules-empty-draft = The draft has no rules yet.
rules-change = Change
rules-add = Add a rule
rules-new = New rule
rules-activation = Activation
rules-again = Go back to these rules
rules-activate-text = The rules hold for what happens from that moment. What began with another version ends with that one.
rules-activate = Put in force
rules-discard = Discard the draft
rules-retirement = Retirement
rules-retire-text = Nothing happens by itself any more, and what is waiting stops.
rules-retire = Retire the rules
rules-trial = Trial on the past
rules-trial-text = See what the rules would have done in a period. The trial changes nothing and tells nobody.
rules-try = Try
rules-trial-sum = { $events ->
    [one] One event looked at
   *[other] { $events } events looked at
}: { $starts ->
    [one] the rules would have started once.
   *[other] the rules would have started { $starts } times.
}
rules-trial-cut = The period has more: the latest were looked at.
rules-trial-note = State and unit of the request are those of then; category and fields are those of today. Steps after a wait depend on what would have happened meanwhile.
rules-trial-starts = { $count ->
    [0] It would never have started
    [one] It would have started once
   *[other] It would have started { $count } times
}
rules-trial-steps = Each time:
rules-trial-tickets = For which requests
rules-trial-more = and { $count } more
rules-back = Back to the version
rules-part-when = When
rules-part-if = If
rules-part-then = Then
rules-name = Name of the rule
rules-when = What happens
rules-most = How often it may start in an hour
rules-most-hint = Beyond this number the rule stops and administrators are told. Without a number: 300.
rules-join = What must hold
rules-join-all = all conditions
rules-join-any = at least one condition
rules-no-conditions = Without conditions the rule always holds.
rules-no-steps = The rule does nothing yet.
rules-not = The contrary: it holds when this is not so
rules-drop-condition = Remove the condition
rules-add-condition = A further condition
rules-add-condition-do = Add the condition
rules-add-step = A further step
rules-add-step-do = Add the step
rules-step-number = Step { $number }: { $what }
rules-step-up = Move the step up
rules-step-drop = Remove the step
rules-save = Save the rule
rules-up = Move up
rules-down = Move down
rules-remove = Remove the rule
rules-values = In texts you can write the values of the request in braces: { $values }; and {"{"}campo:name{"}"} for the answer to a field. Citizens get only the fields that they may see.

rules-event-ticket-opened = a request is opened
rules-event-contact-received = a message of the citizen arrives
rules-event-ticket-taken = an agent takes the request
rules-event-ticket-classified = the category changes
rules-event-ticket-fields-set = the fields of the request are filled in
rules-event-ticket-handed-over = the request goes to another unit
rules-event-ticket-waiting = the request waits for the citizen
rules-event-contact-sent = the citizen is answered
rules-event-ticket-resolved = the request is resolved
rules-event-ticket-closed = the request is closed
rules-event-ticket-reopened = the request is reopened
rules-event-leg-sent = the request is referred to a unit
rules-event-leg-answered = a unit answers a referral
rules-event-leg-refused = a unit returns a referral
rules-event-leg-asked = a unit asks for clarification
rules-event-clock-warned = a term is about to end
rules-event-clock-missed = a term is missed

rules-on-category = Category
rules-on-channel = Channel
rules-on-kind = Kind of request
rules-on-language = Language
rules-on-unit = Owner unit
rules-on-leg-unit = Unit of the referral
rules-on-area = Area
rules-on-segment = Who writes
rules-on-state = State
rules-on-field = Field of the request
rules-on-text = Text
rules-on-age = Age of the request
rules-on-assigned = Assignment

rules-if-category = the category is { $what }
rules-ifnot-category = the category is not { $what }
rules-if-channel = the channel is { $what }
rules-ifnot-channel = the channel is not { $what }
rules-if-kind = the kind is { $what }
rules-ifnot-kind = the kind is not { $what }
rules-if-language = the language is { $what }
rules-ifnot-language = the language is not { $what }
rules-if-unit = the owner unit is { $what }
rules-ifnot-unit = the owner unit is not { $what }
rules-if-leg-unit = the referral is of { $what }
rules-ifnot-leg-unit = the referral is not of { $what }
rules-if-area = the area is { $what }
rules-ifnot-area = the area is not { $what }
rules-if-segment = who writes is { $what }
rules-ifnot-segment = who writes is not { $what }
rules-if-state = the state is { $what }
rules-ifnot-state = the state is not { $what }
rules-if-field = the field “{ $name }” is { $what }
rules-ifnot-field = the field “{ $name }” is not { $what }
rules-if-text = the text contains { $what }
rules-ifnot-text = the text does not contain { $what }
rules-if-age = the request has been open for at least { $what } hours
rules-ifnot-age = the request has been open for less than { $what } hours
rules-if-assigned = an agent has the request
rules-ifnot-assigned = no agent has the request
rules-assigned-yes = an agent has the request
rules-assigned-no = no agent has the request

rules-sentence = When { $event }, if { $condition }, then { $action }.
rules-sentence-always = When { $event }, then { $action }.
rules-and = {" "}and{" "}
rules-or = {" "}or{" "}
rules-then = ; then{" "}
rules-nothing = nothing happens

rules-step-notify = Tell somebody
rules-step-assign = Assign the request
rules-step-leg = Refer the request to a unit
rules-step-set-field = Fill in a field
rules-step-start-clock = Start a term
rules-step-open-child = Open a request below this one
rules-step-note = Write an internal note
rules-step-webhook = Tell another system
rules-step-wait = Wait some time
rules-step-wait-date = Wait for a date
rules-step-wait-event = Wait for something to happen
rules-step-only = Go on only under conditions
rules-step-gone = Step

rules-do-notify = { $whom } is told: “{ $subject }”
rules-do-notify-by = { $whom } is told by { $by }: “{ $subject }”
rules-do-releases = (telling { $fields })
rules-do-assign-unit = the request goes to { $unit }
rules-do-assign-agent = the request is assigned to { $agent }
rules-do-assign-both = the request goes to { $unit } and is assigned to { $agent }
rules-do-leg = the request is referred to { $unit } ({ $kind })
rules-do-set-field = the field “{ $name }” becomes “{ $value }”
rules-do-start-clock = the term “{ $phase }” of the protocol { $protocol } starts
rules-do-open-child = a request below this one is opened: “{ $subject }”
rules-do-note = an internal note is written
rules-do-webhook = the system “{ $name }” is told
rules-do-wait-minutes = { $count ->
    [one] it waits one minute
   *[other] it waits { $count } minutes
}
rules-do-wait-hours = { $count ->
    [one] it waits one hour
   *[other] it waits { $count } hours
}
rules-do-wait-days = { $count ->
    [one] it waits one day
   *[other] it waits { $count } days
}
rules-do-wait-working-days = { $count ->
    [one] it waits one working day
   *[other] it waits { $count } working days
}
rules-do-wait-date = it waits for the day in the field “{ $field }”
rules-do-wait-date-after = { $count ->
    [one] it waits for the day after the one in the field “{ $field }”
   *[other] it waits until { $count } days after the one in the field “{ $field }”
}
rules-do-wait-date-before = { $count ->
    [one] it waits for the day before the one in the field “{ $field }”
   *[other] it waits until { $count } days before the one in the field “{ $field }”
}
rules-do-wait-event-stop = { $count ->
    [one] it waits for this to happen: { $event } (one day at most, else it stops)
   *[other] it waits for this to happen: { $event } ({ $count } days at most, else it stops)
}
rules-do-wait-event-go-on = { $count ->
    [one] it waits for this to happen: { $event } (one day at most, then it goes on)
   *[other] it waits for this to happen: { $event } ({ $count } days at most, then it goes on)
}
rules-do-only = it goes on only if { $condition }

rules-whom-citizen = the citizen
rules-whom-agent = who has the request
rules-whom-unit = the owner unit
rules-whom-administrators = the administrators
rules-to-citizen = The citizen
rules-to-agent = Who has the request, or its unit
rules-to-unit = The owner unit
rules-to-administrators = The administrators
rules-unit-minutes = minutes
rules-unit-hours = hours
rules-unit-days = days
rules-unit-working-days = working days
rules-otherwise-stop = it stops
rules-otherwise-go-on = it goes on

rules-field-is = Values
rules-field-name = Field
rules-field-to = Whom
rules-field-by = By which channel
rules-field-by-hint = Without a channel it is the one the citizen wrote by, or another that reaches them. A text message leaves only if the citizen wants to be told like that.
rules-field-subject = Subject
rules-field-text = Text
rules-field-postal = Name and address on the letter, a line each
rules-field-postal-hint = Such as {"{"}nome{"}"} and below it {"{"}campo:recapito{"}"}. Empty: as in letters that were sent to this person.
rules-field-releases = Reserved fields that this message tells the citizen
rules-field-releases-hint = Usually none: without this choice a field that the citizen does not see stays empty in the text.
rules-field-unit = Unit
rules-field-agent = Agent
rules-field-kind = In which capacity
rules-field-value = Value
rules-field-protocol = Operating protocol
rules-field-phase = Term
rules-field-category = Category (without one, that of the request)
rules-field-subscription = System, among the webhooks
rules-field-amount = How much
rules-field-wait-unit = Unit of time
rules-field-calendar = Calendar, for working days
rules-field-field = Field with the date
rules-field-shift = Days after (with a minus sign, before)
rules-field-event = What
rules-field-days = How many days at most
rules-field-otherwise = If it does not happen in time
rules-field-join = What must hold

rules-wrong-at = “{ $rule }”: { $what }
rules-wrong-at-step = “{ $rule }”, step { $step }: { $what }
rules-wrong-name = the name is missing, or longer than 120 characters
rules-wrong-same-name = another rule has the same name
rules-wrong-rate = how often it may start in an hour must be a number from 1 to 100,000
rules-wrong-nothing = it does nothing: add a step
rules-wrong-too-many = it has too many steps, 30 at most
rules-wrong-condition = a condition has a value that does not exist
rules-wrong-condition-empty = a condition has no values
rules-wrong-category = the category is not in use
rules-wrong-unit = the unit does not exist
rules-wrong-area = the area does not exist
rules-wrong-field = no category in use asks for this field, or the value is missing
rules-wrong-age = the hours must be a number
rules-wrong-text = the text or subject is missing, or the text is longer than 4,000 characters
rules-wrong-placeholder = a value in braces does not exist
rules-wrong-channel = nobody can be told anything by this channel
rules-wrong-assign = it does not say to whom
rules-wrong-foreign-owner = only a unit of our own agency can own a request
rules-wrong-scope = a back office receives only from its own agency or from an entry point
rules-wrong-agent = the agent does not exist or is not active
rules-wrong-clock = the protocol is not in force, or has no such term
rules-wrong-webhook = the webhook does not exist
rules-wrong-wait = the duration is not acceptable
rules-wrong-calendar = working days need a calendar

rules-log = Log
rules-log-filter = Filter the log
rules-ticket = Code of the request
rules-any-state = All
rules-show = Show
rules-log-event = when { $event }
rules-kind-information = a request for information
rules-kind-report = a report
rules-kind-complaint = a complaint
rules-kind-application = an application
rules-log-empty = No rule has started yet
rules-log-empty-text = Here you will see each time a rule goes to work, what it did and what it could not do.
rules-log-nothing = Nothing matches what you look for.
rules-run-pending = At work
rules-run-waiting = Waiting
rules-run-held = Kept aside
rules-run-done = Finished
rules-run-failed = Failed
rules-run-stopped = Stopped
rules-result-done = Done
rules-result-waiting = Waiting
rules-result-skipped = Skipped
rules-result-ended = End
rules-result-failed = Failed
rules-waits-until = until { $when }
rules-mails = { $count ->
    [one] one e-mail
   *[other] { $count } e-mails
}
rules-leg-number = referral { $number }
rules-retry = Try again
rules-reason = By the rule “{ $rule }”.

rules-because-loop = Stopped: the rule was starting by its own effects, or after too many rules in a row.
rules-because-paused = Kept aside because the rule is paused.
rules-because-retired = Stopped: the rules were retired.
rules-because-merged = Stopped: the request was merged into another.
rules-because-dropped = Dropped when the rule went on.
rules-because-not-met = the conditions do not hold any more
rules-because-not-in-time = it did not happen in time
rules-because-no-mail = no mail server is set here
rules-because-no-address = Nothing is known that reaches the citizen, or the citizen does not want to be told like that.
rules-because-internal = An error of the system: try again.
rules-because-ticket-closed = The request is closed.
rules-because-state-not-allowed = The state of the request does not allow it.
rules-because-leg-scope = A back office receives only from its own agency or from an entry point.
rules-because-unit-unreachable = The unit has no address.
rules-because-unit-way = The way of the unit does not work.
rules-because-invalid = The unit has the request already, or a value is not acceptable.
rules-because-field-not-acceptable = The category of the request does not ask for this field, or the value is not acceptable.
rules-because-field-without-day = There is no date in the field.
rules-because-no-protocol = The protocol is not in force, or has no such term.
rules-because-no-calendar = The calendar is missing.
rules-because-no-category = The category is not in use any more.
rules-because-no-unit = The unit does not exist any more.
rules-because-no-agent = The agent is not there any more.
rules-because-no-subscription = The webhook does not exist or is off.
rules-because-incident-closed = The request is closed.
rules-because-incident-is-below = The request is below another already.

rules-mail-paused-subject = A rule was stopped: { $rule }
rules-mail-paused = The rule “{ $rule }” started more than { $most } times in an hour and was paused. What it would have done is kept aside.

    See the log and decide whether to go on: { $link }

    { $agency }

desk-by-rule = Sportello (by the rule “{ $rule }”)
event-citizen-told-rule = { $who } told the citizen ({ $channel })
event-clock-started = { $who } started the term “{ $phase }”
webhook-event-rule-called = Call by a rule
