desk-decimal = ,

desk-state-new = Nuova
desk-state-open = Aperta
desk-state-waiting-citizen = In attesa
desk-state-referred = Inviata
desk-state-resolved = Risolta
desk-state-closed = Chiusa


desk-kind-information = Richiesta di informazioni
desk-kind-report = Segnalazione
desk-kind-complaint = Reclamo
desk-kind-application = Istanza

desk-outcome-answered = Risposta data
desk-outcome-not-competent = Non di nostra competenza
desk-outcome-withdrawn = Richiesta ritirata
desk-outcome-duplicate = Doppione di un’altra pratica
desk-outcome-no-answer-needed = Nessuna risposta necessaria
desk-outcome-not-reached = Non raggiunto al telefono

desk-identifier-email = E-mail
desk-identifier-phone = Telefono
desk-identifier-fiscal-code = Codice fiscale
desk-identifier-external = Identificativo esterno
desk-identifier-pec = PEC
desk-identifier-fax = Fax

desk-col-state = Stato
desk-col-subject = Oggetto
desk-col-code = Codice
desk-col-person = Utente
desk-col-channel = Canale
desk-col-category = Classificazione
desk-col-age = Arrivo
desk-col-due = Termine
desk-col-owner = In carico a
desk-unread = Nuova:
desk-unclassified = Da classificare
desk-nobody = Non assegnata
desk-nobody-one = nessuno
desk-take = Prendi
desk-take-this = Prendi in carico: { $subject }
desk-queue-count = { $n ->
    [0] Nessuna pratica
    [one] 1 pratica
   *[other] { $n } pratiche
}
desk-queue-count-filtered = Filtrate; in tutta la coda: { $n }
desk-queue-order-newest = Prima quelle toccate per ultime
desk-filter = Filtra la coda
desk-filter-all = Tutti
desk-filter-order = Ordine
desk-filter-oldest = Prima le più ferme
desk-filter-newest = Prima le più recenti
desk-filter-submit = Filtra
desk-filter-clear = Togli i filtri
desk-filter-none = Nessuna pratica corrisponde ai filtri
desk-filter-none-text = Cambia o togli i filtri qui sopra per vedere le altre.
desk-queue-order = Prima quelle ferme da più tempo
desk-queue-empty = Non c’è nulla in questa coda
desk-queue-empty-new = Tutte le pratiche arrivate sono state prese in carico.
desk-queue-empty-text = Quando arriva qualcosa, compare qui da sola.
desk-go-new = Vai alle nuove

desk-due-late-hours = { $n ->
    [0] scaduto da poco
    [one] scaduto da 1 ora
   *[other] scaduto da { $n } ore
}
desk-due-late-days = { $n ->
    [one] scaduto da 1 giorno
   *[other] scaduto da { $n } giorni
}
desk-due-today = oggi { $time }
desk-due-tomorrow = domani
desk-due-days = { $n ->
    [one] 1 giorno
   *[other] { $n } giorni
}

desk-owner = Titolare
desk-assigned-to = Assegnata a
desk-opened-on = Aperta il
desk-resolved-line = Risolta il { $date }: { $outcome }. Si chiude da sola il { $closes }, se il cittadino non scrive.
desk-closed-line = Chiusa il { $date }: { $outcome }
desk-requested-sheet-version = scritta dalla scheda { $sheet }, versione { $version }
desk-closed-sheet = scheda { $sheet }
desk-closed-sheet-version = scheda { $sheet }, versione { $version }
desk-actions = Azioni sulla pratica
desk-answer = Rispondi
desk-take-long = Prendi in carico
desk-take-from = Prendi da { $who }
desk-put-back = Rilascia
desk-refer = Invia a una struttura
desk-wait = Attendi il cittadino
desk-resume = Riprendi
desk-classify = Classifica
desk-close = Chiudi
desk-close-now = Chiudi subito
desk-reopen = Riapri

desk-conversation = Conversazione
desk-earlier-contacts = Mostra i contatti precedenti
desk-latest-contacts = Torna ai contatti più recenti
desk-by-system = Sportello
desk-by-citizen = il cittadino
desk-by-referent = il referente
desk-by-program = un altro sistema
desk-automatic = Messaggio automatico
desk-of-leg = Con la struttura: non visibile al cittadino
desk-original = Scarica l’originale
desk-new-tab = (si apre in una nuova scheda)
desk-save-file = Salva { $name }
desk-sent-pending = In partenza
desk-sent-retrying = Nuovo tentativo in corso
desk-sent-queued = Da stampare e spedire
desk-sent-sent = Inviata
desk-sent-delivered = Consegnata
desk-sent-failed = Non consegnata
desk-sent-cancelled = Annullata
desk-sent-to = a { $to }

desk-news-title = La pratica è cambiata mentre la guardavi
desk-news-reload = Aggiorna la pagina: la bozza resta salvata

desk-write = Scrivi
desk-what-you-write = Che cosa scrivi
desk-reply-tab = Risposta al cittadino
desk-way = Come rispondi
desk-way-email = E-mail a { $to }
desk-way-phone = A voce, al telefono
desk-way-counter = A voce, allo sportello
desk-note-who-reads = La leggono solo gli operatori: non arriva al cittadino.
desk-reply-text = Testo della risposta
desk-greeting = Gentile cittadina, gentile cittadino,
desk-greeting-name = Gentile { $name },
desk-attach = Allega
desk-kept-files = File già caricati
desk-sheet = Scheda usata
desk-then = Poi
desk-then-stay = resta aperta
desk-then-wait = attendi il cittadino
desk-then-resolve = risolta: si chiude da sola
desk-then-close = chiudi la pratica
desk-send = Invia
desk-save-note = Salva la nota

desk-links = Pratiche collegate
desk-link-may-belong-to = Forse riguarda la stessa cosa di:
desk-link-continues = Continua una pratica chiusa:
desk-link-continued-by = Continua in questa pratica, aperta dopo la chiusura:
desk-link-open = Apri l’altra
desk-link-dismiss = Non c’entra
desk-person = Utente
desk-person-tickets = { $n ->
    [one] 1 pratica
    [100] 100 pratiche o più
   *[other] { $n } pratiche
}
desk-classification = Classificazione
desk-kind = Tipo
desk-save = Salva
desk-ownership = Titolarità
desk-hand-over-to = Nuovo titolare
desk-reason = Motivo
desk-hand-over = Passa la pratica
desk-take-over = Avoca
desk-history = Storia

desk-outcome = Esito
desk-outcome-question = Com’è finita?
desk-close-title = Chiudi la pratica
desk-close-submit = Chiudi la pratica
desk-closing-sheet = Scheda usata per rispondere
desk-closing-sheet-hint = Il suo codice o numero, per esempio ANA-01 o 104: serve a sapere quali schede risolvono.
desk-cancel = Annulla

desk-done-reply = Risposta inviata
desk-done-spoken = Risposta registrata
desk-done-note = Nota salvata
desk-done-taken = La pratica è tua
desk-done-classified = Classificazione salvata
desk-done-waiting = La pratica attende il cittadino
desk-done-resumed = La pratica è di nuovo aperta
desk-done-resolved = Risposta inviata: la pratica è risolta e si chiuderà da sola
desk-done-closed = Pratica chiusa
desk-done-reopened = Pratica riaperta
desk-done-put-back = La pratica è tornata libera
desk-done-freed = La pratica è libera: ora possono rispondere anche gli altri
desk-done-handed-over = La pratica ha un nuovo titolare
desk-done-taken-over = La pratica è stata avocata
desk-done-resent = Il messaggio riparte subito
desk-unsent = Non partito: { $what }
desk-done-link = Collegamento tolto
desk-done-opened = Pratica aperta

desk-stale-title = { $who } ha modificato questa pratica mentre ci lavoravi
desk-stale-text = Non è stato salvato nulla, e quello che hai scritto è ancora qui sotto. Se va ancora bene, invia di nuovo.
desk-taken-title = { $who } ha preso in carico la pratica prima di te
desk-taken-text = Se serve, mettetevi d’accordo: dalla pagina della pratica la puoi ancora prendere tu.
desk-held-title = { $who } sta scrivendo una risposta dalle { $time }
desk-held-text = Finché non ha finito, la pratica è riservata a chi scrive. Quello che hai scritto è ancora qui sotto.
desk-held-by = { $who } sta scrivendo una risposta dalle { $time }: finché non ha finito, gli altri non possono rispondere né chiudere.
desk-held-by-you = Stai scrivendo una risposta dalle { $time }: finché non hai finito, gli altri non possono rispondere né chiudere.
desk-free = Libera la pratica
desk-presence-looking = { $who } sta guardando
desk-presence-writing = { $who } sta scrivendo una risposta
desk-state-refused = Adesso non si può
desk-state-refused-text = Nel frattempo lo stato della pratica è cambiato. Controllalo qui sopra e riprova.
desk-no-address = Non conosciamo un indirizzo e-mail dell’utente
desk-no-address-text = Registra la risposta data a voce, oppure chiedi un indirizzo.
desk-invalid = Uno dei valori non è accettabile
desk-invalid-text-missing = Scrivi un testo prima di inviare
desk-invalid-reason-missing = Scrivi il motivo
desk-invalid-unit-unknown = Questa struttura non esiste più
desk-invalid-category-unknown = Questa classificazione non esiste più
desk-invalid-sheet-unknown = Non c’è una scheda con questo codice

event-ticket-opened = Pratica aperta da { $who } ({ $channel })
event-ticket-taken = Presa in carico da { $who }
event-ticket-put-back = Rilasciata da { $who }
event-ticket-classified = { $who } ha cambiato la classificazione: { $category }
event-ticket-waiting = { $who } attende il cittadino
event-ticket-resumed = { $who } ha ripreso la pratica
event-ticket-resolved = { $who } ha risolto la pratica: { $outcome }
event-ticket-closed = Chiusa da { $who }: { $outcome }
event-ticket-reopened = Riaperta da { $who }
event-ticket-handed-over = { $who } ha passato la titolarità da { $before } a { $unit }
event-ticket-taken-over = { $who } ha avocato la pratica da { $before } a { $unit }
event-ticket-freed = { $who } ha liberato la pratica da chi stava scrivendo
event-ticket-link-dismissed = { $who } ha tolto un collegamento
event-contact-received = Nuovo contatto da { $who }
event-contact-sent = { $who } ha risposto al cittadino
event-contact-noted = { $who } ha scritto una nota interna
event-other = { $who }: { $kind }

desk-sheets = Schede suggerite
desk-sheets-search = Cerca
desk-sheets-wait = Cerco le schede adatte…
desk-sheets-none = Nessuna scheda sembra rispondere.
desk-similar = Pratiche simili già risolte
desk-similar-wait = Cerco le pratiche simili…
desk-similar-none = Nessuna pratica risolta somiglia a questa.
desk-similar-sheet = Chiusa con la scheda
desk-probable = Probabilmente riguarda:
desk-probable-choice = { $name } ({ $percent } %)
desk-probable-unit = Ufficio competente probabile: { $name } ({ $percent } %)
desk-sheet-internal = Solo per operatori
desk-use-in-reply = Usa nella risposta
desk-use-sheet = Usa nella risposta: { $title }
desk-read = Leggi
desk-read-sheet = Leggi la scheda: { $title }

desk-legs = Invii
desk-legs-new = Nuovo invio
desk-legs-none = Questa pratica non è stata inviata ad altre strutture.
desk-leg-seen = visto il { $when }
desk-leg-external-code = Loro numero: { $code }
desk-leg-reason = Motivo:
desk-leg-details = Domanda e messaggi
desk-leg-withdraw = Ritira

desk-search-title = Risultati per { $q }
desk-search-label = Cerca
desk-search-submit = Cerca
desk-search-help = Codice della pratica o dell’invio, telefono, e-mail, codice fiscale in qualsiasi formato, oppure parole del testo.
desk-search-persons = Utenti con questo recapito
desk-search-tickets = Pratiche trovate
desk-search-order = Dalla più recente
desk-search-none = Nessuna pratica trovata
desk-search-none-text = Controlla il codice o prova con meno parole.

desk-person-since = dal { $date }
desk-person-new-ticket = Nuova pratica per questo utente
desk-person-all-tickets = Pratiche
desk-person-contacts = Contatti su tutti i canali
desk-person-identifiers = Recapiti
desk-contact-in = ricevuto
desk-contact-out = inviato

desk-new-title = Nuova pratica
desk-new-lead = Per chi telefona, è allo sportello o ha scritto una lettera
desk-new-channel = Come ci contatta?
desk-new-name = Nome e cognome o organizzazione
desk-new-request = Richiesta
desk-new-subject-hint = Se lo lasci vuoto, è l’inizio del testo.
desk-new-text = Che cosa chiede
desk-new-text-hint = Mentre scrivi arrivano le schede che possono già rispondere.
desk-new-text-missing = Scrivi che cosa chiede
desk-new-text-long = Il testo supera { $n } caratteri
desk-new-phone-wrong = Questo non è un numero di telefono
desk-new-email-wrong = Questo non è un indirizzo e-mail
desk-new-fiscal-code-wrong = Il codice fiscale ha 16 lettere e cifre, come RSSMRA80A01H501U
desk-new-submit = Apri la pratica
desk-new-found = Chi è
desk-new-unknown = Scrivi telefono, e-mail o codice fiscale per sapere se è già conosciuto.
desk-new-known = { $n ->
    [0] Già conosciuto: nessuna pratica
    [one] Già conosciuto: 1 pratica
    [100] Già conosciuto: 100 pratiche o più
   *[other] Già conosciuto: { $n } pratiche
}
desk-new-several = I recapiti sono di utenti diversi: la pratica va al primo.
desk-new-sheets-wait = Arrivano mentre scrivi la richiesta.

event-leg-sent = { $who } ha inviato la pratica a { $unit } (invio { $number })
event-leg-seen = { $unit } ha visto l’invio { $number }
event-leg-answered-late = { $unit } ha risposto all’invio { $number } dopo la chiusura: la pratica è stata riaperta
event-leg-updated-late = { $unit } ha scritto sull’invio { $number } dopo la chiusura: la pratica è stata riaperta
event-leg-answered = { $unit } ha risposto all’invio { $number }
event-leg-updated = { $unit } ha scritto sull’invio { $number }
event-leg-moved = L’invio { $number } è passato da { $before } a { $unit }, che ne prosegue il lavoro
desk-way-account = { $channel } ({ $account })
desk-way-number = Numero
desk-way-address = Indirizzo
desk-way-postal = Nome e indirizzo postale, una riga per parte
desk-way-hint-sms = Il codice della pratica si aggiunge da solo. Gli allegati diventano un collegamento alla pagina della richiesta. { $most ->
    [one] Al massimo un SMS per risposta.
   *[other] Al massimo { $most } SMS per risposta.
}
desk-way-hint-pec = Le ricevute di accettazione e di consegna si vedranno qui, sotto la risposta. Al massimo { $most } MB, allegati compresi.
desk-way-hint-email = Parte da questa casella.
desk-way-hint-fax = Parte con una copertina che porta il codice; gli allegati devono essere PDF o immagini. { $most ->
    [one] Al massimo una pagina, cioè la sola copertina.
   *[other] Al massimo { $most } pagine, copertina compresa.
}
desk-way-hint-letter = Va nella coda di stampa, con l’indirizzo nella finestra della busta e il codice da leggere.
desk-way-hint-phone = A voce.
desk-way-hint-voicemail = In segreteria.
desk-way-hint-web-form = Dal sito.
desk-way-hint-counter = Allo sportello.
desk-sms-count = { $segments ->
    [one] Un SMS, restano { $remaining } caratteri
   *[other] { $segments } SMS, restano { $remaining } caratteri nell’ultimo
}
desk-sms-too-long = Troppo lungo: sarebbero { $segments } SMS e da questo canale ne partono al massimo { $most }. Accorcia il testo.
desk-invalid-to-number = Il numero a cui rispondere non si legge: controllalo.
desk-invalid-to-address = L’indirizzo a cui rispondere non è valido: controllalo.
desk-invalid-to-refused = Il cittadino ha chiesto di non ricevere più messaggi su questo canale.
desk-invalid-account-unknown = Questo canale adesso non invia: scegline un altro.
desk-invalid-postal-missing = Per una lettera servono il nome e l’indirizzo, su più righe.
contact-notice-certified = PEC verificata
contact-notice-not-certified = Non è una PEC
contact-notice-revocation-not-checked = Revoca del certificato non controllata
contact-notice-signature-unverified = Busta PEC non verificata
contact-notice-parts-missing = Mancano parti del messaggio
contact-notice-too-many-parts = Alcune parti sono solo nell’originale
contact-notice-text-cut = Testo lungo: il resto è in allegato
contact-notice-too-deep = Messaggi annidati allegati senza aprirli
contact-notice-remote-images-removed = Immagini esterne tolte
contact-notice-message-id-synthesised = Arrivato senza identificativo
contact-notice-structure-broken = Formato non regolare
contact-notice-tnef-unreadable = winmail.dat non leggibile
contact-notice-partly-received = Fax interrotto: mancano pagine
contact-notice-text-not-read = Testo non letto: guarda le pagine
contact-notice-pages-not-read = Alcune pagine non lette
contact-notice-batch-not-divided = Lotto non diviso
receipts = Ricevute
receipt-accettazione = Accettata dal gestore
receipt-non-accettazione = Non accettata dal gestore
receipt-presa-in-carico = Presa in carico
receipt-avvenuta-consegna = Consegnata
receipt-preavviso-errore-consegna = Consegna in ritardo
receipt-errore-consegna = Non consegnata
receipt-rilevazione-virus = Fermata per sicurezza
desk-search-sheet = Scheda

desk-answered-by = Con che scheda si è risposto?
desk-answered-by-used = { $code } { $title } (usata nella risposta)
desk-answered-by-read = { $code } { $title } (letta)
desk-answered-by-none = Nessuna scheda
desk-answered-by-other = Un'altra scheda
desk-invalid-answered-by = Scegli la scheda con cui si è risposto, oppure «Nessuna scheda»
desk-invalid-sheet-missing = Scrivi il codice o il numero della scheda
desk-sheet-none = nessuna
