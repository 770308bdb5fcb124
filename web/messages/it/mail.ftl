mail-acknowledgement-subject = Richiesta ricevuta [{ $code }] { $subject }
mail-acknowledgement =
    Gentile cittadina, gentile cittadino,

    abbiamo ricevuto la tua richiesta «{ $subject }».

    Il codice della pratica è { $code }: conservalo, ti servirà se ci chiami.
    Puoi seguire la pratica e aggiungere informazioni qui:
    { $link }

    Contiamo di risponderti entro il { $expected }. Se vuoi aggiungere qualcosa, rispondi a questo messaggio.

    { $agency }
    Sportello per il cittadino
mail-reply-resolved = Per noi così la tua richiesta è risolta. Se qualcosa non va, rispondi a questa e-mail entro il { $date }: fino ad allora non la chiudiamo.
sms-acknowledgement = Richiesta ricevuta. Codice { $code }. Risposta entro il { $expected }. Segui: { $link }
arrived-voicemail = Messaggio in segreteria da { $from }: ascolta la registrazione.
arrived-fax = Fax da { $from }: guarda le pagine.
arrived-letter = Lettera: guarda le pagine.
arrived-files = Nessun testo: guarda gli allegati.
wording-email-signature =
    --
    { $agency } · Sportello per il cittadino
    Codice pratica { $code }. Per scriverci ancora rispondi a questo messaggio.
    Segui la pratica: { $link }
wording-pec-signature =
    --
    { $agency } · Sportello per il cittadino
    Codice pratica { $code }. Per scriverci ancora rispondi a questo messaggio.
    Segui la pratica: { $link }
wording-sms-salutation = { "" }
wording-sms-signature = Pratica { $code }
wording-sms-files = Allegati: { $link }
wording-sms-resolved = Per noi è risolta: se qualcosa non va scrivici entro il { $date }.
wording-paper-signature = { "" }
wording-paper-resolved = Per noi così la tua richiesta è risolta. Se qualcosa non va, scrivici o chiamaci entro il { $date }: fino ad allora non la chiudiamo.
wording-sms-notice = Abbiamo risposto alla tua richiesta { $code }: { $link }
