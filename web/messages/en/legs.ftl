leg-state-accepted = Taken in charge
leg-state-asked = Waits for clarification
leg-now-accepted = You took it in charge
leg-now-asked = You wait for clarification: meanwhile your time stands still
leg-due = Answer expected by { $day }
leg-by-citizen = The citizen
leg-by-office = The contact centre
leg-decide-title = What do you do?
leg-decide-nothing = Nothing more is needed: this request is over.
leg-accept = We take care of it
leg-back = Back
leg-choice-risposta = We answer
leg-choice-risposta-hint = Write the answer, with files if you like
leg-choice-more = Add something
leg-choice-more-hint = Completes the answer you gave
leg-choice-chiedi = We need to know more
leg-choice-chiedi-hint = Your time stands still until you get it
leg-choice-lavori = Works
leg-choice-lavori-hint = Planned for a day, or done: we tell the citizen
leg-choice-aggiorna = We are working on it
leg-choice-aggiorna-hint = An update: the request stays with you
leg-choice-non-nostra = It is not our competence
leg-choice-non-nostra-hint = Goes back; if you know whose it is, say so
leg-refuse-until = If it is not of your competence, say so by { $day }.
leg-refuse-late = The time to say that it is not of your competence is over. If so, explain it with “We need to know more”: the contact centre can take it back for you.
leg-to-whom = Whom do you answer?
leg-to-office = The contact centre
leg-to-office-hint = It completes the answer and writes to the citizen
leg-to-citizen = The citizen directly
leg-to-citizen-hint = Leaves at once, with your name; the contact centre has a copy
leg-works-legend = How far are they?
leg-works-planned = Planned for a day
leg-works-planned-hint = The citizen is told the day
leg-works-done = Done
leg-works-done-hint = The citizen is told; the request goes back to the contact centre
leg-planned = Planned day
leg-planned-missing = Give the planned day
leg-planned-past = The planned day is over already
leg-works-text = For the contact centre
leg-works-text-hint = Does not reach the citizen.
leg-ask-of = Whom do you ask?
leg-ask-office = The contact centre
leg-ask-citizen = The citizen
leg-ask-citizen-hint = The contact centre passes it on, or it leaves by itself where that is foreseen
leg-question = What you need to know
leg-reason = Why it is not yours
leg-reason-hint = The contact centre reads it.
leg-suggests = Whose it is
leg-suggests-hint = If you know: the contact centre sends it there with one click.
leg-suggests-none = I do not know
leg-suggests-unknown = Choose an office from the list
leg-keeps-informed = Send us what the citizen writes afterwards, too
leg-done-accepted = Taken in charge
leg-done-asked = Question sent
leg-done-answer-citizen = Answer sent to the citizen
leg-done-works-planned = Day told
leg-done-works-done = Works done
leg-done-given = Given
problem-leg-not-now = Not possible right now: the referral changed meanwhile.
problem-leg-refuse-late = The time to say that it is not of your competence is over: explain it to the contact centre, which can take it back for you.
problem-leg-not-its-part = This kind of referral does not permit it.
problem-no-way-to-citizen = We know no address of the citizen: answer the contact centre, which will find a way.
leg-mail-more-subject = [{ $code }] News: { $subject }
desk-leg-accepted = taken in charge on { $when }
desk-leg-accepted-by = taken in charge on { $when } by { $name }
desk-leg-due = answer by { $when }
desk-leg-overdue = late since { $when }
desk-leg-works-planned = works planned for { $when }
desk-leg-works-done = works done on { $when }
desk-leg-given = given to { $name }
desk-leg-reminders =
    { $n ->
        [one] one reminder
       *[other] { $n } reminders
    }
desk-leg-suggests = They say it belongs to { $unit }
desk-leg-follow = Send to { $unit }
desk-leg-asks-office = Asks the contact centre:
desk-leg-asks-citizen = Wants to ask the citizen:
desk-leg-waits-citizen = Waits for the citizen
desk-leg-approve = Send the question to the citizen
desk-leg-inform = Answer the office
desk-leg-inform-text = Answer for { $unit }
desk-leg-recall-reason = Why you take it back
desk-leg-follows = After referral { $number } was refused
desk-leg-by-office = Contact centre
event-leg-accepted = { $unit } took referral { $number } in charge
event-leg-refused = { $unit } returned referral { $number }: not their competence
event-leg-refused-late = { $unit } gave referral { $number } back after the closing: the ticket was reopened
event-leg-recalled = { $who } took referral { $number } back
event-leg-asked = { $unit } asked about referral { $number }: its time stands still
event-leg-informed = { $unit } was told what it asked about referral { $number }: its time goes on
event-leg-works-announced = { $unit } planned works for referral { $number }
event-leg-works-done = { $unit } finished the works of referral { $number }
event-leg-works-done-late = { $unit } finished the works of referral { $number } after the closing: the ticket was reopened
event-leg-reminded = Reminder of referral { $number } to { $unit }
event-leg-escalated = Referral { $number } to { $unit } is late: somebody higher was told
event-leg-reassigned = Referral { $number } to { $unit } was given to somebody else
works-planned-subject = Your request: works planned
works-done-subject = Your request: works done
works-planned-sms = { $agency }, request { $code }: works are planned for { $date }.
works-done-sms = { $agency }, request { $code }: works were finished on { $date }.
outbox-purpose-leg-update = News for an office
outbox-purpose-leg-reminder = Reminder to an office
leg-mail-more =
    Good morning,
    there is news about referral { $code }:

    { $text }

    Answer this message or use the page you already have.
works-planned =
    Dear user,
    for your request { $code } works are planned for { $date }.
    { $call }
works-done =
    Dear user,
    the works for your request { $code } were finished on { $date }.
    If the problem is still there, answer this message. { $call }
leg-rules-title = Rules of referrals
leg-rules-lead = They hold for referrals sent from now on; running terms stay as they are.
leg-rules-done = Rules saved
leg-rules-days = Terms and reminders
leg-rules-words = Who speaks with the citizen
leg-rules-words-text = For these topics an office with a referral for competence may write to the citizen by itself. For all others it goes through the contact centre.
leg-rules-category = Topic
leg-rules-answers = Answers the citizen
leg-rules-asks = Asks the citizen
leg-rules-save = Save
leg-rules-who = Who may do what
leg-rules-act = Act
leg-rule-days = Days. At first: { $value }
leg-rule-hours = Hours. At first: { $value }
leg-rule-range = Write a number from { $least } to { $most }
leg-rule-refuse-days = To say that it is not of one’s competence
leg-rule-refuse-working = Only working days count to say so
leg-rule-answer-days = To answer
leg-rule-answer-working = Only working days count to answer
leg-rule-remind-before = Reminder before the term, working days
leg-rule-executive-after = Executive told after the term, working days
leg-rule-director-after = Director told after the executive, working days
leg-rule-idle-new = New ticket stuck after
leg-rule-idle-open = Ticket in work stuck after
leg-rule-idle-waiting-citizen = Ticket waiting for the citizen stuck after
leg-rule-idle-referred = Ticket with an office stuck after
leg-rule-idle-leg = Referral that nobody took in charge stuck after
leg-holder-owner = Owner of the relation
leg-holder-competence = For competence
leg-holder-inquiry = For inquiry
leg-holder-knowledge = For knowledge
leg-act-answer-citizen = Answers the citizen
leg-act-ask-citizen = Asks the citizen
leg-act-see-citizen = Sees who the citizen is
leg-act-see-files = Sees the files
leg-act-ask-office = Asks the contact centre
leg-act-refuse = Gives it back: not competent
leg-act-close = Closes the request
leg-grant-yes = Yes
leg-grant-if-allowed = If the topic allows it
leg-grant-no = No
leg-choice-affida = Give it to somebody
leg-choice-affida-hint = To whoever of your office deals with it
leg-give-to = To whom
leg-give-nobody = Nobody in particular
leg-give-unknown = Choose somebody from the list
referent-sent-on = Received on { $when }
referent-expired-title = This link is no longer valid
referent-expired-text = We can send a new one to your address.
referent-renewed-title = Check your mail
referent-renewed-text = If the link was valid, we sent a new one to your address. If it does not arrive, contact the contact centre.
leg-mail-remind-before-subject = [{ $code }] Reminder: { $subject }
leg-mail-remind-term-subject = [{ $code }] Due today: { $subject }
leg-mail-remind-executive-subject = [{ $code }] Late: { $subject }
leg-mail-remind-director-subject = [{ $code }] Still late: { $subject }
leg-mail-given-subject = [{ $code }] Given to you: { $subject }
referent-mail-link-subject = Your page of requests
referent-mail-digest-subject = The requests of { $month }
leg-mail-remind-before =
    Good day,
    the answer to referral { $code } for { $unit } is expected by { $day }.
    You find it here, without an account:
    { $link }
leg-mail-remind-term =
    Good day,
    the answer to referral { $code } for { $unit } is due today, { $day }.
    You find it here, without an account:
    { $link }
leg-mail-remind-executive =
    Good day,
    referral { $code } for { $unit } should have been answered by { $day } and was not.
    You find it here:
    { $link }
leg-mail-remind-director =
    Good day,
    referral { $code } for { $unit } should have been answered by { $day }; the head of the office was told, too.
    You find it here:
    { $link }
leg-mail-given =
    Good day { $name },
    referral { $code } was given to you. You find it here, without an account:
    { $link }
referent-mail-link =
    Good day { $name },
    here is the page with all requests that { $agency } sent you:
    { $link }
    Do not pass it on: whoever opens it can answer in your name.
referent-mail-digest =
    Good day { $name },
    here are the requests of { $month }:
    came: { $came }
    answered: { $answered }, of these in time: { $in_time }
    waiting now: { $waiting }
    You find them here, without an account:
    { $link }
desk-give-back = Give back to { $unit }
desk-done-given-back = The ticket is back with who had it
desk-invalid-takeover-missing = Nobody took this ticket over: there is nothing to give back.
event-ticket-given-back = { $who } gave the ownership back from { $before } to { $unit }
takeovers-title = Takeovers
takeovers-lead = The tickets that a higher level took over, with the reason and how it ended.
takeovers-from = From
takeovers-to = To
takeovers-show = Show
takeovers-taken = Taken over
takeovers-given-back = Given back
takeovers-handed-on = Handed on
takeovers-lasting = Still taken over
takeovers-list = List
takeovers-none = No takeovers in these days.
takeovers-ticket = Ticket
takeovers-who-from = From
takeovers-who-to = To
takeovers-by = Who
takeovers-when = When
takeovers-why = Reason
takeovers-state = Outcome
stuck-title = What stands still
stuck-lead = What nobody touched for too long, or belongs to nobody. The limits stand among the rules of referrals.
stuck-new = New, and nobody took them
stuck-open = In work, untouched
stuck-waiting-citizen = Waiting for the citizen for too long
stuck-referred = With an office for too long
stuck-leg = Referrals that nobody took in charge
stuck-ownerless = Of an office that no longer exists
stuck-left = Of somebody who left
stuck-absent = Of somebody who is away
stuck-after = for more than { $hours } hours
stuck-never = there should be none
stuck-none = Nothing stands still.
stuck-unit = Office
stuck-holder = Who has it
stuck-since = Untouched for
leg-mail-new-subject = [{ $code }] New request: { $subject }
leg-mail-new =
    Good day { $name },
    there is a new request for { $unit }: { $code }.
    You find it here, without an account, with all the others:
    { $link }
