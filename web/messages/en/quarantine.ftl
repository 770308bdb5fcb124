mail-too-large = The message is too large ({ $megabytes } MB) and was not downloaded: only its sender, subject and date are here. The original can be read in the mailbox { $mailbox }.
quarantine-title = Quarantine
quarantine-summary = { $count ->
    [0] Everything that arrived became a ticket
    [one] 1 message received that is no ticket yet
   *[other] { $count } messages received that are no tickets yet
}
quarantine-explained = Each message is kept whole. Read it again, download the original or open a ticket by hand.
quarantine-empty = Nothing here
quarantine-empty-text = Messages that cannot be read wait on this page.
quarantine-newest-first = Newest first
quarantine-col-received = Received
quarantine-col-channel = Channel
quarantine-col-sender = Sender
quarantine-col-reason = Reason
quarantine-col-size = Size
quarantine-col-actions = Actions
quarantine-no-sender = cannot be read
quarantine-kilobytes = { $n } kB
quarantine-megabytes = { $n } MB
quarantine-retry = Try again
quarantine-original = Original
quarantine-ticket = Open a ticket
quarantine-dismiss = Dismiss
quarantine-reason-empty = The message is empty
quarantine-reason-no-account = The channel it came by is not open
quarantine-reason-too-large = The message is too large to be read
quarantine-reason-malformed = The message is written in a way that cannot be read
quarantine-reason-unreadable = The mailbox lists it but does not hand it over
quarantine-reason-unknown-report = A delivery notice about a message that was not sent from here
quarantine-reason-not-taken-in = The message can be read but could not be registered
quarantine-reason-gave-up = Reading it was interrupted several times
quarantine-reason-other = Unexpected reason
quarantine-ticket-subject = Message opened from quarantine
quarantine-ticket-text = This message could not be read automatically: the original is attached.
problem-quarantine-gone = Somebody has dealt with this message already. Reload the page.
