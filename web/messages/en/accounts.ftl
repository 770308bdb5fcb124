accounts-title = Channels
accounts-sub = Where contacts come from, and where answers leave.
accounts-empty = No channel is open
accounts-empty-text = Choose the first below: e-mail, certified mail, text messages, fax or letters.
accounts-caption = The channels of this installation
accounts-col-name = Name
accounts-col-channel = Channel
accounts-col-state = State
accounts-col-lag = Arriving
accounts-col-actions = Actions
accounts-check = Try
accounts-enable = Enable
accounts-disable = Suspend
accounts-add = Open a channel
accounts-configured = From the configuration file
accounts-works = { $name } works: { $words }
accounts-fails = { $name } does not work: { $words }
account-state-off = Suspended
account-state-failing = Not working
account-state-working = Listening
account-state-elsewhere = On another node
account-state-connecting = Connecting
account-state-ready = Ready
account-new = New channel: { $driver }
account-name = Name
account-name-hint = Lower-case letters, digits and dashes; it cannot be changed later. For example: sms-town.
account-unit = Unit that receives
account-unit-hint = Who gets the contacts that arrive here.
account-unit-entry = The entry unit
account-enabled = Enabled: it receives and sends
account-hook = Address for the provider to call:
account-save = Save
account-cancel = Cancel
account-hint-secret = Do not write the password here: write where it is, env:SPORTELLO_SECRET_NAME or file:name (in the data directory's secrets folder).
account-hint-path = A folder on the server, for example in the data directory's spool folder.
account-hint-number = A number from { $least } to { $most }.
account-wrong-missing = This field is needed.
account-wrong-shape = Use lower-case letters, digits and dashes only.
account-wrong-unknown = There is no such thing.
account-wrong-text = One line, without special characters.
account-wrong-number = Not an acceptable number.
account-wrong-flag = Choose yes or no.
account-wrong-choice = Choose one of the entries.
account-wrong-secret = A reference is needed: env:SPORTELLO_SECRET_NAME or file:name.
account-wrong-path = A folder with its full path is needed, beginning with /.
account-wrong-stale = Somebody else changed it meanwhile: check and save again.
account-wrong-taken = A channel of this name exists.
problem-account-taken = A channel of this name exists.
problem-invalid-account = A setting of the channel is not acceptable.
problem-hook-forbidden = The request is not signed as agreed.
account-driver-email = E-mail mailbox
account-driver-pec = Certified mailbox (PEC)
account-driver-sms-kannel = Text messages through Kannel
account-driver-smpp = Text messages over SMPP
account-driver-sms-twilio = Text messages through Twilio or alike
account-driver-fax-hylafax = Fax through HylaFAX
account-driver-letters-scan = Scanned letters
account-driver-letters-print = Letters to be printed
account-driver-phone-sip = Telephone with SIP (Kamailio)
account-driver-phone-twilio = Telephone with Twilio or compatible
account-driver-phone-cti = Exchange with CTI (Zammad)
account-driver-voicemail = Answering machine
account-driver-voicemail-twilio = Answering machine at Twilio or alike
account-choice-tls = TLS
account-choice-starttls = STARTTLS
account-choice-plain = None (this machine only)
account-field-address = Address
account-field-user = User
account-field-password = Password
account-field-folder = Folder
account-field-imap-host = Receiving server (IMAP)
account-field-imap-port = Receiving port
account-field-imap-security = Protection when receiving
account-field-smtp-host = Sending server (SMTP)
account-field-smtp-port = Sending port
account-field-smtp-security = Protection when sending
account-field-smtp-user = User for sending, if another
account-field-smtp-password = Password for sending, if another
account-field-ca = File with one more certificate authority
account-field-crl = Lists of revoked certificates (files or addresses)
account-field-roots = File with the authorities that sign PEC envelopes
account-field-receipt = Delivery receipt asked for
account-field-brief-above-mb = Brief receipt above these megabytes
account-field-max-mb = Largest size in megabytes
account-choice-completa = Complete: the whole message comes back
account-choice-breve = Brief: the essential comes back
account-choice-sintetica = Synthetic: the receipt alone
account-field-host = Server
account-field-port = Port
account-field-security = Protection of the connection
account-field-url = Address of the service
account-field-system-id = Identifier (system_id)
account-field-sender = Sender that the citizen sees
account-field-system-type = System type (system_type)
account-field-alphabet = Alphabet of the message centre
account-field-long-texts = How long texts are cut
account-field-window = Messages under way together
account-field-enquire-seconds = Seconds between two checks of the connection
account-field-time-zone = Time zone of the message centre
account-field-account-sid = Account SID
account-field-auth-token = Auth token
account-field-messaging-service = Messaging Service SID, if used
account-field-hook-password = Password with which the gateway calls us
account-field-smsc = Message centre to use, if several
account-field-country-prefix = Prefix of national numbers
account-field-max-segments = Most texts for one message
account-field-ca-file = File with one more certificate authority
account-choice-gsm = GSM 7 bit
account-choice-latin1 = Latin-1
account-choice-udh = UDH header
account-choice-sar = SAR parameters
account-choice-payload = All in message_payload
account-field-server = Fax server (hfaxd)
account-field-resolution = Resolution
account-field-tries = Calls tried
account-field-sender-address = Address of the sender, lines separated by semicolons
account-field-hook-secret = Secret with which HylaFAX calls us
account-field-spool = Folder of received faxes
account-field-languages = Languages of the text to read
account-field-max-pages = Most pages
account-field-settle-seconds = Seconds to wait for a file still being written
account-field-voicemail = SIP address of the answering machine
account-field-closed = SIP address of the closing message
account-field-media = SIP address of the music on hold
account-field-overflow = Other switchboard for calls in excess
account-field-place = Place written before the date
account-choice-fine = Fine
account-choice-standard = Standard
account-choice-right = On the right
account-choice-left = On the left
account-field-secret = Shared secret
account-field-basic = Accept an HTTP Basic password too
scans-title = Scans
scans-sub = Upload scanned letters here: each becomes a request, or goes back to its own.
scans-none = No scanner is open
scans-none-text = An administrator opens a channel «Scanned letters» on the page Channels.
scans-account = Scanner
scans-files = Batches of pages
scans-files-hint = PDF, TIFF, JPEG or PNG. Put a separator sheet before each letter: a batch can hold many.
scans-upload = Upload
scans-separator = Print the separator sheet
scans-taken = { $n ->
    [one] One batch taken: it is being read.
   *[other] { $n } batches taken: they are being read.
}
scans-batches = Latest batches
scans-col-when = Arrived
scans-col-account = Scanner
scans-col-state = State
scans-col-tickets = Requests
scans-state-done = Read
scans-state-reading = Being read
scans-state-quarantined = In quarantine
reconciliation-title = Reconciliation
reconciliation-sub = What each channel says it handed over, compared with what is kept here.
reconciliation-last = Last daily comparison: { $when }.
reconciliation-now = Compare yesterday and today
reconciliation-done = The comparison is done.
reconciliation-under-way = The comparison is under way: load the page again in a while.
reconciliation-recovered = { $n ->
    [0] Nothing of what is missing came.
    [one] One item was fetched.
   *[other] { $n } items were fetched.
}
reconciliation-error = The source did not answer:
reconciliation-recover = Fetch
reconciliation-recover-all = Fetch all ({ $n })
reconciliation-more = And { $n } more.
reconciliation-empty = Nothing was compared yet
reconciliation-empty-text = Every night the past days are compared; you can do it now too.
reconciliation-days = The days compared
reconciliation-caption = From the latest day
reconciliation-col-day = Day
reconciliation-col-account = Channel
reconciliation-col-handed = As the source says
reconciliation-col-stored = Kept
reconciliation-col-became = What became of them
reconciliation-col-sent = Sent
reconciliation-col-outcome = Outcome
reconciliation-same = Everything agrees
reconciliation-differs = { $n ->
    [one] 1 difference
   *[other] { $n } differences
}
reconciliation-nothing-known = Nothing to report
reconciliation-not-asked = Source not reached
reconciliation-cannot-say = It cannot say
reconciliation-door = { $n }, counted as they came
reconciliation-calls = { $n ->
    [one] 1 call
   *[other] { $n } calls
}
reconciliation-became-contacts = { $n ->
    [one] 1 contact
   *[other] { $n } contacts
}
reconciliation-became-duplicates = { $n } taken in before
reconciliation-became-reports = { $n ->
    [one] 1 delivery report
   *[other] { $n } delivery reports
}
reconciliation-became-quarantined = { $n } in quarantine
reconciliation-became-discarded = { $n } put away
reconciliation-became-waiting = { $n } being read
reconciliation-kind-missing = Never fetched
reconciliation-kind-left = Nobody can read it
reconciliation-kind-uncounted = Handed over and no longer kept
reconciliation-kind-unread = Kept and not read
reconciliation-kind-report = Sent, outcome never told
reconciliation-kind-call = Call without an end
accounts-differences = { $n ->
    [one] 1 difference to look at
   *[other] { $n } differences to look at
}
problem-reconciliation-under-way = A comparison is under way already.
problem-peer-refuses = The source does not give what is missing.
problem-invalid-day = This day cannot be compared.
account-driver-fax-mail = Fax by a service that speaks e-mail
account-field-records = Record the talks
account-field-gateway = Address of the service for sending, with {"{"}number{"}"} in place of the number
account-field-number-form = How the service wants numbers
account-field-number-patterns = Other subjects to read the number from, divided by semicolons
account-choice-digits = With the prefix, without a sign: 390862123456
account-choice-plus = With a plus: +390862123456
account-choice-zeros = With two zeros: 00390862123456
account-choice-national = National: 0862123456
