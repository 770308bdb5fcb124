way-title = Ways of referrals
way-sub = How what the desk refers reaches each unit. A unit without a way of its own uses its agency’s.
way-caption = The agencies and, below each, its units
way-col-unit = Unit
way-col-kind = Way
way-col-where = Where it arrives
way-agency = agency
way-nowhere = cannot be reached
way-edit-sub = Choose how to reach it, save, then try.
way-choose = Way
way-choose-account = Choose…
way-kind-default = No way of its own
way-kind-portal = Portal only
way-kind-email = E-mail
way-kind-pec = Certified mail (PEC)
way-kind-print = Letter
way-kind-webhook = The body’s own system
way-kind-open311 = Open311
way-kind-default-hint = The unit uses its agency’s way; without one, the e-mail address of the unit or agency, else the pages of its referents.
way-kind-portal-hint = No message leaves: referents find referrals on their pages, with their own account.
way-kind-email-hint = An e-mail leaves with the link to the referral’s page: they answer on the page or to the message.
way-kind-pec-hint = A certified message leaves with the files of the request. Receipts show on the referral with their legal date; an answer by certified mail comes back to it.
way-kind-print-hint = The referral joins the letters to be printed, with its code as a QR code and the address of the page to answer on.
way-kind-webhook-hint = The body’s system gets the referral as signed JSON. It answers through our API with a key that opens only this unit’s referrals.
way-kind-open311-hint = The referral becomes a request of the body’s Open311 service; its updates come back to the referral.
way-field-address = Address
way-hint-address = Answers from this address that name the code come back to the referral too.
way-field-account = Account that sends
way-hint-account = It is opened on the page of channels.
way-field-postal = Addressee and postal address
way-hint-postal = The name on the first line, the address on the others.
way-field-url = Address of the system
way-hint-url = With https. A system of the internal network must first be added to those that may be called.
way-field-secret = Secret of the signature
way-hint-secret = The reference to the secret, not the secret: env:SPORTELLO_SECRET_… or file:name
way-field-jurisdiction = Jurisdiction (jurisdiction_id)
way-hint-jurisdiction = Only if the body asks for it.
way-field-api-key = Key (api_key)
way-hint-api-key = The reference to the key, not the key: env:SPORTELLO_SECRET_… or file:name
way-field-service = Service (service_code)
way-hint-service = For tickets whose category is not listed below.
way-field-services = Services by category
way-hint-services = One line each: category = service
way-field-attributes = Attributes
way-hint-attributes = One line each: name = value. The value may use {"{code}"}, {"{category}"} and {"{subject}"}.
way-field-place = Place (address_string)
way-hint-place = The agency’s name when left empty.
way-field-updates = The body gives and takes updates
way-hint-updates = mySociety’s servicerequestupdates extension. Without it only the state of requests is read.
way-field-minutes = Minutes between two looks at the updates
way-hint-minutes = From 1 to 1440.
way-save = Save
way-back = Back to the ways
way-try = Try
way-tried-portal = The unit’s referents find referrals on their pages.
way-tried-written = The test message is leaving: if it does not, the outgoing mail shows it.
way-tried-services = The body offers the chosen services. All services: { $offered }
way-tried-services-missing = The body does not offer these services: { $codes }. It offers: { $offered }
way-try-subject = Test by { $agency }
way-try-text =
    Good morning,
    this is a test message by { $agency }: no answer is needed.
way-wrong-missing = Fill in this field
way-wrong-text = The text is too long or has characters that are not accepted
way-wrong-postal = Write the name on the first line and the address below
way-wrong-address = This is not a mail address
way-wrong-url = Write an address that begins with https://
way-wrong-private = This address is in the internal network, or does not use https: to call it, add it to the systems that may be called
way-wrong-secret = Write a reference, such as file:name: the secret itself is not written here
way-wrong-flag = Choose yes or no
way-wrong-number = Write a number within the bounds
way-wrong-pairs = Each line has the form name = value
way-wrong-unknown = Choose an active account
way-wrong-stale = Somebody changed the way meanwhile: reload the page and try again
way-wrong-host = Write a name or an address, with the port if needed: erp.internal:8443
way-hosts = Systems of the internal network that may be called
way-hosts-text = Sportello only calls public addresses with https. Internal systems must be added here.
way-host = Name or address
way-host-hint = With the port if needed, such as erp.internal:8443
way-host-add = Add
way-host-remove = Remove
way-tokens = Keys of the body’s system
way-tokens-text = With a key the body’s system reads this unit’s referrals and answers them; it opens nothing else.
way-token-name = Name of the key
way-token-name-hint = To recognise it, such as the name of the system.
way-token-make = Make a key
way-token-made = Copy the key now: it will not be shown again.
way-token-until = until { $day }
way-asking-fails = Updates cannot be read: { $words }
way-calls = Calls to the system
way-call-when = When
way-call-leg = Referral
way-call-answer = Answer
way-call-again = Again
way-call-good = Taken
way-call-bad = Not taken
way-call-repeat = Repeat
way-event-leg-sent = New referral
way-event-leg-withdrawn = Referral withdrawn
way-event-leg-update = Further words of the citizen
way-unreachable-no-referent = This unit is reached through the portal only, but has no referent: add one or change its way.
way-unreachable-pec-account = The certified mail account of this unit is not active: activate it or choose another way.
way-unreachable-print-account = The account that prints letters for this unit is not active: activate it or choose another way.
way-unreachable-url = The address of this unit’s system is not valid: correct it in its way.
way-open311-status = State of the request: { $status }
way-open311-withdrawn = The desk withdrew the request: no answer is needed any more.
way-pec-answer =
    HOW TO ANSWER
    Answer this message and leave the code { $code } in its subject, or open the page:
    { $link }
    The link is valid until { $until }.
    If the request is not yours to deal with, you can return it on the same page.
way-print-answer =
    HOW TO ANSWER
    Scan the QR code above, or open the page:
    { $link }
    No registration is needed. The link is valid until { $until }.
    If the request is not yours to deal with, you can return it on the same page.
way-update-subject = [{ $code }] The citizen wrote again: { $subject }
way-update =
    Good morning,
    about referral { $code } the citizen wrote again to { $agency }:

    { $text }
way-update-external =
    Good morning,
    about referral { $code } (your number { $external }) the citizen wrote again to { $agency }:

    { $text }
leg-way-system = from the body’s system
role-body = System of a body
problem-unit-way = The way chosen for this unit leads to nobody.
event-way-replayed = Referral told to the body’s system once more
