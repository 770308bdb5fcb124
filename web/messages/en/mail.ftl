mail-acknowledgement-subject = Request received [{ $code }] { $subject }
mail-acknowledgement =
    Dear citizen,

    we have received your request “{ $subject }”.

    Its tracking code is { $code }: keep it, you will need it if you call us.
    You can follow your request and add information here:
    { $link }

    We expect to answer by { $expected }. To add anything, reply to this message.

    { $agency }
    Citizens’ desk
mail-reply-resolved = For us your request is resolved with this. If something is not right, answer this e-mail by { $date }: until then we do not close it.
sms-acknowledgement = We have your request. Code { $code }. Answer by { $expected }. Follow it: { $link }
arrived-voicemail = Message on the answering machine from { $from }: listen to the recording.
arrived-fax = Fax from { $from }: look at the pages.
arrived-letter = Letter: look at the pages.
arrived-files = No text: look at the attachments.
wording-email-signature =
    --
    { $agency } · Citizens’ desk
    Tracking code { $code }. To write to us again, reply to this message.
    Follow your request: { $link }
wording-pec-signature =
    --
    { $agency } · Citizens’ desk
    Tracking code { $code }. To write to us again, reply to this message.
    Follow your request: { $link }
wording-sms-salutation = { "" }
wording-sms-signature = Request { $code }
wording-sms-files = Attachments: { $link }
wording-sms-resolved = For us it is resolved: if something is not right write to us by { $date }.
wording-paper-signature = { "" }
wording-paper-resolved = For us your request is resolved with this. If something is not right, write or call us by { $date }: until then we do not close it.
wording-sms-notice = We have answered your request { $code }: { $link }
