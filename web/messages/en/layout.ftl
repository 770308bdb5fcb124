service-name = Citizen help desk
service-tagline = Ask, report, follow your request
skip-to-content = Skip to content
other-language-code = it
other-language-name = Italiano
staff-area = Staff area

nav-main = Main
nav-home = Home
nav-request = Ask or report
nav-track = Follow a request
nav-knowledge = Information and services

footer-help = Help
footer-faq = Read the frequently asked questions
footer-ask = Make a request
footer-booking = Book an appointment
footer-report = Report a problem
footer-requests = Your requests
footer-legal = About
footer-privacy = Privacy notice
footer-accessibility = Accessibility statement
phone-toll-free = Call the toll-free number
phone-call = Call

desk-name = Sportello
desk-nav = Desk
desk-search = Search tickets
desk-search-hint = Code, name, phone, e-mail, text…
desk-new-ticket = New ticket
desk-shortcuts = Shortcuts
desk-public-site = Go to the public site
desk-link-lost = Connection lost: updates will resume by themselves.
sign-out = Sign out
sign-out-everywhere = Sign out of all devices

nav-queues = Queues
queue-new = New
queue-mine = Mine
queue-unit = My unit
queue-referred = Referred
queue-waiting = Waiting for the citizen
nav-tools = Tools
nav-control = Control room
nav-settings = Administration
nav-sheets = Sheets
nav-supervision = Supervision
nav-outbox = Failed sends
nav-quarantine = Quarantine
nav-users = Users

shortcuts-title = Keyboard shortcuts
shortcut-search = Search
shortcut-take = Take the ticket
shortcut-reply = Write the answer
shortcut-help = Show this list
shortcut-visit = Register a visit at the counter
shortcuts-on = Single-key shortcuts on in this browser
close-dialog = Close

field-optional = (optional)
field-leave-empty = Leave this field empty
error-summary-title = Check what you entered

pager = Pages
pager-previous = Previous
pager-next = Next
breadcrumb = Path
attachments = Attachments
file-signed = Digitally signed: its content is listed beside it. The signature was not verified
file-taken-from = Taken out of { $name }; the signature was not verified
file-unreadable = Could not be opened: kept as it arrived
quoted-text = Show quoted text
internal-note = Internal note
copy-code = Copy the code
chart-data = Show the chart's data

script-file-too-large = The file “{"{"}name{"}"}” is larger than {"{"}limit{"}"}: choose a smaller one.
script-too-many-files = You can attach at most {"{"}limit{"}"} files.
script-copied = Code copied
script-draft-writing = Draft not saved yet
script-draft-saved = Draft saved at {"{"}time{"}"}
script-draft-failed = Draft not saved: try again or copy your text
