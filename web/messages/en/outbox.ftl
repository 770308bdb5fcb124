outbox-title = Failed sendings
outbox-summary = { $count ->
    [0] All messages have left
    [one] 1 message did not reach its recipient
   *[other] { $count } messages did not reach their recipients
}
outbox-alarm = Mail is not leaving: the oldest message has waited for { $age }
outbox-alarm-text = Nothing is lost: each message leaves as soon as the mail server answers again. Tell whoever administers the desk.
outbox-tab-failed = Failed ({ $count })
outbox-tab-waiting = Waiting ({ $count })
outbox-empty = Nothing here
outbox-empty-text = A message that does not leave appears on this page.
outbox-newest-first = Newest first
outbox-oldest-first = Oldest first
outbox-col-ticket = Ticket
outbox-col-recipient = Recipient
outbox-col-words = Reason
outbox-col-attempts = Attempts
outbox-col-when = When
outbox-col-actions = Actions
outbox-failed = Failed
outbox-waiting = Waiting
outbox-next = Next attempt: { $when }
outbox-retry = Try now
outbox-resend = Send to another address
outbox-resend-submit = Send
outbox-address = New address
outbox-cancel = Dismiss
outbox-purpose-reply = Answer
outbox-purpose-acknowledgement = Receipt
outbox-purpose-leg = Sent to a unit
outbox-purpose-leg-withdrawn = Withdrawn referral
outbox-purpose-notice = Internal notice
outbox-purpose-leg-link = New link for a unit
problem-outbox-not-waiting = The message is leaving or has left already. Reload the page.
problem-outbox-address = The address is not written correctly. Check it and try again.
outbox-purpose-notice = Notice
