desk-gather = Gather like ones
desk-done-gathered = Reports gathered in this ticket
desk-done-detached = Ticket let go: it stands on its own again
desk-done-answered-all = Answer to all handed to the outgoing mail
event-ticket-attached = { $who } gathered this ticket in { $other }
event-ticket-detached = { $who } let this ticket go from { $other }
event-incident-answered = { $who } wrote an answer for { $number ->
    [one] one ticket
   *[other] { $number } tickets
}

incident-above = Part of
incident-above-text = Whoever works on the ticket above deals with it: the answer will reach this citizen too.
incident-below = Gathered reports
incident-count = { $n ->
    [one] One gathered report
   *[other] { $n } gathered reports
}, { $open ->
    [0] none still in work
    [one] one still in work
   *[other] { $open } still in work
}.
incident-answer-all-button = Answer all
incident-gather-more = Gather more
incident-detach = Let go
incident-detach-this = Let ticket { $code } go
incident-next = Show the next ones
incident-answer-line = { $who } answered all { $when }
incident-answer-all = Sent to all: { $sent } of { $all }.
incident-answer-some = Sent to { $sent } of { $all }. These are left to call or to look at:
incident-answer-going = Going out: { $sent } of { $all }, { $waiting } still to send.
incident-unsent-no-address = there is no address to write to
incident-unsent-ticket-closed = closed meanwhile
incident-unsent-ticket-merged = merged into another meanwhile
incident-unsent-other = could not be answered: open the ticket

gather-title = Gather reports of the same thing
gather-lead = Choose the tickets that are about the same thing. They are worked on together in this one, and one answer reaches every citizen.
gather-search = Search other tickets
gather-suggested = Perhaps about the same thing
gather-found = Tickets found
gather-which = Tickets to gather
gather-none = No tickets to gather
gather-none-text = No ticket in work is like this one. Search with other words.
gather-open = Open ticket { $code }
gather-effect-own = Each ticket stays its citizen’s own, with its code and its messages.
gather-effect-answer = The answer to all leaves by each one’s channel: e-mail, text message, certified mail, fax or letter.
gather-effect-undo = You can let them go again at any time.
gather-submit = Gather in { $code }
gather-nothing = Choose at least one ticket.
gather-some-refused = Not all were gathered
gather-refused = { $code }: { $why }

answer-all-title = Answer all
answer-all-to = { $n ->
    [one] The answer goes to the citizen of this ticket and to that of one gathered ticket.
   *[other] The answer goes to the citizen of this ticket and to those of { $n } gathered tickets.
}
answer-all-text = Text of the answer
answer-all-text-hint = The same for all: no names and nothing about one person only. Code, greeting and signature are added by themselves, in each one’s language.
answer-all-text-missing = Write the answer
answer-all-next = And then
answer-all-resolve = The tickets are resolved: they close by themselves unless the citizen objects
answer-all-close = The tickets are closed at once
answer-all-stay = The tickets stay in work
answer-all-submit = Send to all
answer-all-not-sent = Nothing was sent. The text is still below.

duplicate-title = Perhaps the same thing
duplicate-place = same place: { $place }
duplicate-person = same citizen
duplicate-merge = Merge
duplicate-gather = Gather here

problem-incident-same = It is the same ticket
problem-incident-unknown = There is no ticket with this code
problem-incident-closed = The ticket that should gather it is closed: reopen it first
problem-incident-is-below = The ticket that should gather it is itself gathered in another: use that one
problem-incident-has-below = It gathers other tickets: let them go first, or do it the other way round
problem-incident-elsewhere = It is gathered in another ticket already: let it go from there first
problem-incident-not-below = It is gathered in no ticket
problem-incident-nothing-below = It gathers no ticket
problem-merge-has-below = It gathers other tickets: let them go first, or do it the other way round
