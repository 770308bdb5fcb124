way-title = Vie degli invii
way-sub = Come arriva a ogni struttura ciò che lo sportello le invia. Una struttura senza una via propria usa quella del suo ente.
way-caption = Gli enti e, sotto ciascuno, le sue strutture
way-col-unit = Struttura
way-col-kind = Via
way-col-where = Dove arriva
way-agency = ente
way-nowhere = non raggiungibile
way-edit-sub = Scegli come raggiungerla, salva e poi prova.
way-choose = Via
way-choose-account = Scegli…
way-kind-default = Nessuna via propria
way-kind-portal = Solo portale
way-kind-email = E-mail
way-kind-pec = PEC
way-kind-print = Lettera
way-kind-webhook = Sistema dell’ente
way-kind-open311 = Open311
way-kind-default-hint = La struttura usa la via del suo ente; se non c’è, l’e-mail della struttura o dell’ente, altrimenti le pagine dei suoi referenti.
way-kind-portal-hint = Non parte nessun messaggio: i referenti trovano gli invii nelle loro pagine, con il proprio accesso.
way-kind-email-hint = Parte un’e-mail con il collegamento alla pagina dell’invio: si risponde dalla pagina o al messaggio.
way-kind-pec-hint = Parte un messaggio PEC con gli allegati della richiesta. Le ricevute si vedono sull’invio, con la data legale; la risposta via PEC torna sull’invio.
way-kind-print-hint = L’invio entra nella coda delle lettere da stampare, con il codice in un QR e l’indirizzo della pagina per rispondere.
way-kind-webhook-hint = Il sistema dell’ente riceve l’invio in JSON, firmato. Risponde alle nostre API con una chiave che apre solo gli invii della struttura.
way-kind-open311-hint = L’invio diventa una richiesta del servizio Open311 dell’ente; i suoi aggiornamenti tornano sull’invio.
way-field-address = Indirizzo
way-hint-address = Anche le risposte che arrivano da questo indirizzo e citano il codice tornano sull’invio.
way-field-account = Account che spedisce
way-hint-account = Si apre dalla pagina dei canali.
way-field-postal = Destinatario e indirizzo postale
way-hint-postal = Il nome sulla prima riga, l’indirizzo sulle altre.
way-field-url = Indirizzo del sistema
way-hint-url = Con https. Per un sistema della rete interna, aggiungilo prima fra i sistemi che si possono chiamare.
way-field-secret = Segreto della firma
way-hint-secret = Il riferimento al segreto, non il segreto: env:SPORTELLO_SECRET_… oppure file:nome
way-field-jurisdiction = Giurisdizione (jurisdiction_id)
way-hint-jurisdiction = Solo se l’ente la chiede.
way-field-api-key = Chiave (api_key)
way-hint-api-key = Il riferimento alla chiave, non la chiave: env:SPORTELLO_SECRET_… oppure file:nome
way-field-service = Servizio (service_code)
way-hint-service = Vale per le pratiche la cui classificazione non è elencata qui sotto.
way-field-services = Servizi per classificazione
way-hint-services = Una riga per ciascuna: classificazione = servizio
way-field-attributes = Attributi
way-hint-attributes = Una riga per ciascuno: nome = valore. Nel valore puoi usare {"{code}"}, {"{category}"} e {"{subject}"}.
way-field-place = Luogo (address_string)
way-hint-place = Se resta vuoto, il nome dell’ente.
way-field-updates = L’ente dà e riceve aggiornamenti
way-hint-updates = L’estensione servicerequestupdates di mySociety. Senza, si legge solo lo stato delle richieste.
way-field-minutes = Ogni quanti minuti leggere gli aggiornamenti
way-hint-minutes = Da 1 a 1440.
way-save = Salva
way-back = Torna alle vie
way-try = Prova
way-tried-portal = I referenti della struttura trovano gli invii nelle loro pagine.
way-tried-written = Il messaggio di prova è in partenza: se non parte, lo vedi nella posta in uscita.
way-tried-services = L’ente offre i servizi scelti. Tutti i servizi: { $offered }
way-tried-services-missing = L’ente non offre questi servizi: { $codes }. Offre: { $offered }
way-try-subject = Prova di { $agency }
way-try-text =
    Buongiorno,
    questo è un messaggio di prova di { $agency }: non serve rispondere.
way-wrong-missing = Compila questo campo
way-wrong-text = Il testo è troppo lungo o ha caratteri che non vanno
way-wrong-postal = Scrivi il nome sulla prima riga e l’indirizzo sotto
way-wrong-address = Non è un indirizzo di posta
way-wrong-url = Scrivi un indirizzo che comincia con https://
way-wrong-private = Questo indirizzo è nella rete interna, o non usa https: per chiamarlo aggiungilo fra i sistemi che si possono chiamare
way-wrong-secret = Scrivi un riferimento, come file:nome: il segreto stesso non si scrive qui
way-wrong-flag = Scegli sì o no
way-wrong-number = Scrivi un numero fra quelli ammessi
way-wrong-pairs = Ogni riga ha la forma nome = valore
way-wrong-unknown = Scegli un account attivo
way-wrong-stale = Nel frattempo qualcuno ha cambiato la via: ricarica la pagina e riprova
way-wrong-host = Scrivi un nome o un indirizzo, con la porta se serve: gestionale.interno:8443
way-hosts = Sistemi della rete interna che si possono chiamare
way-hosts-text = Sportello chiama solo indirizzi pubblici con https. I sistemi interni vanno aggiunti qui.
way-host = Nome o indirizzo
way-host-hint = Con la porta se serve, per esempio gestionale.interno:8443
way-host-add = Aggiungi
way-host-remove = Togli
way-tokens = Chiavi del sistema dell’ente
way-tokens-text = Con una chiave il sistema dell’ente legge gli invii di questa struttura e risponde; non apre nient’altro.
way-token-name = Nome della chiave
way-token-name-hint = Per riconoscerla, per esempio il nome del sistema.
way-token-make = Crea una chiave
way-token-made = Copia la chiave adesso: non si vedrà più.
way-token-until = fino al { $day }
way-asking-fails = Gli aggiornamenti non si leggono: { $words }
way-calls = Chiamate al sistema
way-call-when = Quando
way-call-leg = Invio
way-call-answer = Risposta
way-call-again = Ancora
way-call-good = Ricevuta
way-call-bad = Non ricevuta
way-call-repeat = Ripeti
way-event-leg-sent = Nuovo invio
way-event-leg-withdrawn = Invio ritirato
way-event-leg-update = Altre parole del cittadino
way-unreachable-no-referent = Questa struttura si raggiunge solo dal portale, ma non ha referenti: aggiungi un referente o cambia la via.
way-unreachable-pec-account = L’account PEC di questa struttura non è attivo: riattivalo o scegli un’altra via.
way-unreachable-print-account = L’account che stampa le lettere per questa struttura non è attivo: riattivalo o scegli un’altra via.
way-unreachable-url = L’indirizzo del sistema di questa struttura non è valido: correggilo nella sua via.
way-open311-status = Stato della richiesta: { $status }
way-open311-withdrawn = Lo sportello ha ritirato la richiesta: non serve più una risposta.
way-pec-answer =
    COME RISPONDERE
    Rispondete a questo messaggio lasciando il codice { $code } nell’oggetto, oppure aprite la pagina:
    { $link }
    Il collegamento vale fino al { $until }.
    Se la richiesta non è di vostra competenza, potete restituirla dalla stessa pagina.
way-print-answer =
    COME RISPONDERE
    Inquadrate il codice QR in alto, oppure aprite la pagina:
    { $link }
    Non serve registrarsi. Il collegamento vale fino al { $until }.
    Se la richiesta non è di vostra competenza, potete restituirla dalla stessa pagina.
way-update-subject = [{ $code }] Il cittadino ha scritto ancora: { $subject }
way-update =
    Buongiorno,
    sull’invio { $code } il cittadino ha scritto ancora a { $agency }:

    { $text }
way-update-external =
    Buongiorno,
    sull’invio { $code } (vostro numero { $external }) il cittadino ha scritto ancora a { $agency }:

    { $text }
leg-way-system = dal sistema dell’ente
role-body = Sistema di un ente
problem-unit-way = La via scelta per questa struttura non porta a nessuno.
event-way-replayed = Invio ripetuto al sistema dell’ente
