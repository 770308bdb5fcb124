accounts-title = Canali
accounts-sub = Da dove arrivano i contatti e da dove partono le risposte.
accounts-empty = Nessun canale aperto
accounts-empty-text = Scegli qui sotto il primo: e-mail, PEC, SMS, fax o lettere.
accounts-caption = I canali di questa installazione
accounts-col-name = Nome
accounts-col-channel = Canale
accounts-col-state = Stato
accounts-col-lag = In arrivo
accounts-col-leaving = In partenza
accounts-called = Ultima chiamata del fornitore: { $at }
accounts-never-called = Il fornitore non ha ancora chiamato
accounts-own-server = Server di invio
accounts-col-actions = Azioni
accounts-check = Prova
accounts-enable = Attiva
accounts-disable = Sospendi
accounts-add = Apri un canale
accounts-configured = Dal file di configurazione
accounts-works = { $name } funziona: { $words }
accounts-fails = { $name } non funziona: { $words }
account-state-off = Sospeso
account-state-failing = Non funziona
account-state-working = In ascolto
account-state-elsewhere = In ascolto su un altro nodo
account-state-stuck = Non parte nulla
account-state-connecting = Si sta collegando
account-state-ready = Pronto
account-new = Nuovo canale: { $driver }
account-name = Nome
account-name-hint = Lettere minuscole, cifre e trattini; non si potrà cambiare. Per esempio: sms-comune.
account-unit = Struttura che riceve
account-unit-hint = A chi vanno i contatti che arrivano da qui.
account-unit-entry = Quella di ingresso
account-enabled = Attivo: riceve e invia
account-hook = Indirizzo che il fornitore deve chiamare:
account-save = Salva
account-cancel = Annulla
account-hint-secret = Non scrivere qui la password: scrivi dove si trova, env:SPORTELLO_SECRET_NOME oppure file:nome (nella cartella secrets dei dati).
account-hint-path = Cartella sul server, per esempio nella cartella spool dei dati.
account-hint-number = Un numero da { $least } a { $most }.
account-wrong-missing = Questo campo serve.
account-wrong-shape = Usa solo lettere minuscole, cifre e trattini.
account-wrong-unknown = Non esiste.
account-wrong-text = Una sola riga, senza caratteri speciali.
account-wrong-number = Non è un numero ammesso.
account-wrong-flag = Scegli sì o no.
account-wrong-choice = Scegli una delle voci.
account-wrong-secret = Serve un riferimento: env:SPORTELLO_SECRET_NOME oppure file:nome.
account-wrong-path = Serve una cartella con percorso completo, che inizia con /.
account-wrong-stale = Qualcun altro lo ha modificato nel frattempo: controlla e salva di nuovo.
account-wrong-taken = Esiste già un canale con questo nome.
problem-account-taken = Esiste già un canale con questo nome.
problem-invalid-account = Un dato del canale non va bene.
problem-hook-forbidden = La richiesta non è firmata come concordato.
account-driver-email = Casella e-mail
account-driver-pec = Casella PEC
account-driver-sms-kannel = SMS con Kannel
account-driver-smpp = SMS con SMPP
account-driver-sms-twilio = SMS con Twilio o compatibili
account-driver-fax-hylafax = Fax con HylaFAX
account-driver-letters-scan = Lettere scansionate
account-driver-letters-print = Lettere da stampare
account-driver-phone-sip = Telefono con SIP (Kamailio)
account-driver-phone-twilio = Telefono con Twilio o compatibili
account-driver-phone-cti = Centralino con CTI (Zammad)
account-driver-voicemail = Segreteria telefonica
account-driver-voicemail-twilio = Segreteria telefonica di Twilio o compatibili
account-choice-tls = TLS
account-choice-starttls = STARTTLS
account-choice-plain = Nessuna (solo su questa macchina)
account-field-address = Indirizzo
account-field-user = Utente
account-field-password = Password
account-field-folder = Cartella
account-field-imap-host = Server di ricezione (IMAP)
account-field-imap-port = Porta di ricezione
account-field-imap-security = Protezione in ricezione
account-field-smtp-host = Server di invio (SMTP)
account-field-smtp-port = Porta di invio
account-field-smtp-security = Protezione in invio
account-field-smtp-user = Utente per l’invio, se diverso
account-field-smtp-password = Password per l’invio, se diversa
account-field-ca = File con un’autorità di certificazione in più
account-field-crl = Liste dei certificati revocati (file o indirizzi)
account-field-roots = File con le autorità che firmano le buste PEC
account-field-receipt = Ricevuta di consegna chiesta
account-field-brief-above-mb = Ricevuta breve sopra questi megabyte
account-field-max-mb = Dimensione massima in megabyte
account-choice-completa = Completa: il messaggio intero torna indietro
account-choice-breve = Breve: torna l’essenziale
account-choice-sintetica = Sintetica: solo la ricevuta
account-field-host = Server
account-field-port = Porta
account-field-security = Protezione del collegamento
account-field-url = Indirizzo del servizio
account-field-system-id = Identificativo (system_id)
account-field-sender = Mittente che il cittadino vede
account-field-system-type = Tipo di sistema (system_type)
account-field-alphabet = Alfabeto del centro SMS
account-field-long-texts = Come si dividono i testi lunghi
account-field-window = Messaggi in corso insieme
account-field-enquire-seconds = Secondi tra due verifiche del collegamento
account-field-time-zone = Fuso orario del centro SMS
account-field-account-sid = Account SID
account-field-auth-token = Auth token
account-field-messaging-service = Messaging Service SID, se usato
account-field-hook-password = Password con cui il gateway ci chiama
account-field-status-url = Pagina di stato in XML (status.xml), per la quadratura
account-field-status-password = Password della pagina di stato
account-field-smsc = Centro SMS da usare, se più d’uno
account-field-country-prefix = Prefisso dei numeri nazionali
account-field-max-segments = SMS al massimo per un testo
account-field-ca-file = File con un’autorità di certificazione in più
account-choice-gsm = GSM a 7 bit
account-choice-latin1 = Latin-1
account-choice-udh = Intestazione UDH
account-choice-sar = Parametri SAR
account-choice-payload = Tutto in message_payload
account-field-server = Server fax (hfaxd)
account-field-resolution = Risoluzione
account-field-tries = Tentativi di chiamata
account-field-sender-address = Indirizzo del mittente, righe separate da punto e virgola
account-field-hook-secret = Segreto con cui HylaFAX ci chiama
account-field-spool = Cartella dei fax ricevuti
account-field-languages = Lingue del testo da leggere
account-field-max-pages = Pagine al massimo
account-field-settle-seconds = Secondi di attesa su un file ancora in scrittura
account-field-voicemail = Indirizzo SIP della segreteria
account-field-closed = Indirizzo SIP del messaggio di chiusura
account-field-media = Indirizzo SIP della musica d’attesa
account-field-overflow = Altro centralino per le chiamate in eccesso
account-field-place = Luogo scritto prima della data
account-choice-fine = Fine
account-choice-standard = Standard
account-choice-right = A destra
account-choice-left = A sinistra
account-field-secret = Segreto condiviso
account-field-basic = Accetta anche la password HTTP Basic
scans-title = Scansioni
scans-sub = Carica qui le lettere passate allo scanner: ognuna diventa una pratica, o torna sulla sua.
scans-none = Nessuno scanner aperto
scans-none-text = Chi amministra apre un canale «Lettere scansionate» alla pagina Canali.
scans-account = Scanner
scans-files = Pacchi di pagine
scans-files-hint = PDF, TIFF, JPEG o PNG. Metti un foglio separatore davanti a ogni lettera: un pacco può contenerne molte.
scans-upload = Carica
scans-separator = Stampa il foglio separatore
scans-taken = { $n ->
    [one] Un pacco preso: la lettura è in corso.
   *[other] { $n } pacchi presi: la lettura è in corso.
}
scans-batches = Ultimi pacchi
scans-col-when = Arrivato
scans-col-account = Scanner
scans-col-state = Stato
scans-col-tickets = Pratiche
scans-state-done = Letto
scans-state-reading = In lettura
scans-state-quarantined = In quarantena
reconciliation-title = Quadratura
reconciliation-sub = Quello che ogni canale dice di aver consegnato, confrontato con quello che è conservato qui.
reconciliation-last = Ultimo confronto quotidiano: { $when }.
reconciliation-now = Confronta ieri e oggi
reconciliation-done = Confronto fatto.
reconciliation-under-way = Il confronto è in corso: ricarica la pagina tra poco.
reconciliation-recovered = { $n ->
    [0] Non è arrivato nulla di quello che manca.
    [one] Un elemento recuperato.
   *[other] { $n } elementi recuperati.
}
reconciliation-error = La fonte non ha risposto, o non sta bene:
reconciliation-recover = Recupera
reconciliation-recover-all = Recupera tutto ({ $n })
reconciliation-more = E altri { $n }.
reconciliation-empty = Nessun confronto fatto
reconciliation-empty-text = Ogni notte si confrontano i giorni passati; puoi farlo anche adesso.
reconciliation-days = I giorni confrontati
reconciliation-caption = Dal giorno più recente
reconciliation-col-day = Giorno
reconciliation-col-account = Canale
reconciliation-col-handed = Secondo la fonte
reconciliation-col-stored = Conservati
reconciliation-col-became = Che cosa sono diventati
reconciliation-col-sent = Inviati
reconciliation-col-outcome = Esito
reconciliation-same = Tutto torna
reconciliation-differs = { $n ->
    [one] 1 differenza
   *[other] { $n } differenze
}
reconciliation-nothing-known = Niente da segnalare
reconciliation-not-asked = Fonte non raggiunta
reconciliation-cannot-say = Non può dirlo
reconciliation-door = { $n }, contati alla consegna
reconciliation-gateway = il gateway conta { $received } ricevuti e { $sent } inviati
reconciliation-calls = { $n ->
    [one] 1 chiamata
   *[other] { $n } chiamate
}
reconciliation-became-contacts = { $n ->
    [one] 1 contatto
   *[other] { $n } contatti
}
reconciliation-became-duplicates = { $n ->
    [one] 1 già preso
   *[other] { $n } già presi
}
reconciliation-became-reports = { $n ->
    [one] 1 avviso di recapito
   *[other] { $n } avvisi di recapito
}
reconciliation-became-quarantined = { $n } in quarantena
reconciliation-became-discarded = { $n ->
    [one] 1 archiviato
   *[other] { $n } archiviati
}
reconciliation-became-waiting = { $n } in lettura
reconciliation-kind-missing = Mai scaricato
reconciliation-kind-left = Nessuno può leggerlo
reconciliation-kind-uncounted = Consegnati e non più conservati
reconciliation-kind-unread = Conservato e non letto
reconciliation-kind-report = Inviato, esito mai arrivato
reconciliation-kind-call = Chiamata di cui nessuno ha detto la fine
reconciliation-kind-waiting = Ricevuti dal gateway e non ancora consegnati
reconciliation-kind-lost = Consegnati secondo il gateway e mai conservati qui
reconciliation-kind-untaken = Affidati al gateway, che non li conta
accounts-differences = { $n ->
    [one] 1 differenza da controllare
   *[other] { $n } differenze da controllare
}
problem-reconciliation-under-way = Un confronto è già in corso.
problem-peer-refuses = La fonte non consegna quello che manca.
problem-invalid-day = Questo giorno non si può confrontare.
account-driver-fax-mail = Fax con un servizio via e-mail
account-field-records = Registra le conversazioni
account-field-pauses = Nelle pause la registrazione contiene
account-choice-silence = Silenzio: la durata resta quella della conversazione
account-choice-skip = Nulla: la registrazione si accorcia
account-field-gateway = Indirizzo del servizio per inviare, con {"{"}number{"}"} al posto del numero
account-field-number-form = Come il servizio vuole i numeri
account-field-number-patterns = Altri oggetti da cui leggere il numero, separati da punto e virgola
account-choice-digits = Con il prefisso, senza segno: 390862123456
account-choice-plus = Con il più: +390862123456
account-choice-zeros = Con due zeri: 00390862123456
account-choice-national = Nazionale: 0862123456
