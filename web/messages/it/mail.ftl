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
mail-reply =
    { $text }

    --
    { $agency } · Sportello per il cittadino
    Codice pratica { $code }. Per scriverci ancora rispondi a questo messaggio.
    Segui la pratica: { $link }
mail-reply-resolved = Per noi così la tua richiesta è risolta. Se qualcosa non va, rispondi a questa e-mail entro il { $date }: fino ad allora non la chiudiamo.
sms-reply = { $text } Pratica { $code }
paper-reply = { $text }
sms-acknowledgement = Richiesta ricevuta. Codice { $code }. Risposta entro il { $expected }. Segui: { $link }
arrived-voicemail = Messaggio in segreteria da { $from }: ascolta la registrazione.
arrived-fax = Fax da { $from }: guarda le pagine.
arrived-letter = Lettera: guarda le pagine.
arrived-files = Nessun testo: guarda gli allegati.
tell-not-reached-subject = Abbiamo provato a richiamarti
tell-not-reached =
    Gentile cittadina, gentile cittadino,

    ci hai cercati al telefono e abbiamo provato più volte a richiamarti, senza riuscire a parlarti. Per questo la tua pratica { $code } ora è chiusa.

    { $call } Indica il codice { $code }: la pratica riparte da dove era rimasta.
tell-not-reached-sms = { $agency }: abbiamo provato più volte a richiamarti senza trovarti. { $call }
tell-call-us = Se hai ancora bisogno di noi, richiamaci.
tell-call-number = Se hai ancora bisogno di noi, richiamaci al { $phone }.
