leg-kind-competence = Per competenza
leg-kind-inquiry = Per istruttoria
leg-kind-knowledge = Per conoscenza
leg-state-sent = In attesa di risposta
leg-state-answered = Risposta ricevuta
leg-state-returned = Restituito: non di competenza
leg-state-withdrawn = Ritirato
leg-way-link = dalla pagina del collegamento
leg-way-account = con un account
leg-way-email = per e-mail

leg-title = Invio { $code }
leg-lead-competence = Lo sportello chiede alla vostra struttura di occuparsi di questa richiesta.
leg-lead-inquiry = Lo sportello vi chiede gli elementi per rispondere al cittadino.
leg-lead-knowledge = Lo sportello vi informa di questa richiesta: non serve una risposta.
leg-now-sent = In attesa della vostra risposta
leg-now-answered = Avete risposto
leg-now-returned = Restituito allo sportello
leg-now-withdrawn = Ritirato dallo sportello
leg-sent-line = Inviato il { $when } a { $unit }
leg-sent-by = da { $name }
leg-ask-title = Che cosa vi chiediamo
leg-request-title = Richiesta del cittadino
leg-citizen-title = Chi lo chiede
leg-text = Testo o motivo
leg-text-hint = Lo legge lo sportello. Se non è di vostra competenza, indicate se potete chi se ne occupa.
leg-text-missing = Scrivete il testo della risposta o il motivo
leg-external-code = Vostro numero di pratica
leg-signed = Nome di chi risponde
leg-files = Allegati
leg-files-hint = Fino a { $files } file, { $megabytes } MB ciascuno.
leg-files-too-large = Un file supera { $megabytes } MB: sceglietene uno più piccolo
leg-files-too-many = Potete allegare al massimo { $files } file
leg-files-type = Un file è di un tipo che non accettiamo: usate PDF, immagini o documenti di testo
leg-file-size = { $kilobytes } kB
leg-submit = Invia
leg-history-title = Storia
leg-history-sent = Inviato alla vostra struttura
leg-page-title = Questa pagina
leg-page-text = Il collegamento vale fino al { $until }. Non inoltratelo: chi lo apre può rispondere a nome vostro.
leg-done-answer = Risposta inviata
leg-done-progress = Aggiornamento inviato
leg-done-returned = Restituito allo sportello
leg-done-text = Lo sportello lo riceve subito. Potete chiudere questa pagina.
leg-expired-title = Questo collegamento è scaduto
leg-expired-text = Possiamo mandarne uno nuovo all'indirizzo della struttura a cui era stata inviata la richiesta.
leg-renew-submit = Inviate un nuovo collegamento
leg-renewed-title = Controllate la posta della struttura
leg-renewed-text = Se il collegamento era valido, ne abbiamo inviato uno nuovo all'indirizzo della struttura. Se non arriva, contattate lo sportello.
leg-withdrawn-title = Questa richiesta è stata ritirata
leg-withdrawn-text = Lo sportello l'ha ritirata: non serve più una risposta.
leg-unknown-title = Pagina non trovata
leg-unknown-text = Qui non c'è niente. Controllate di aver copiato l'indirizzo per intero.

problem-leg-withdrawn = Lo sportello ha ritirato questo invio: non si può più rispondere.
problem-leg-over = Questo invio è già concluso: nel frattempo qualcuno ha risposto o lo ha restituito.
problem-leg-scope = Questo ufficio riceve solo dalle strutture del proprio ente o da un punto di ingresso.
problem-unit-unreachable = Questa struttura non ha né un indirizzo né un referente: nessuno leggerebbe l'invio.

referent-title = Richieste alla vostra struttura
referent-caption = Prima quelle da rispondere, dalla più vecchia
referent-empty-title = Nessuna richiesta
referent-empty-text = Quando lo sportello vi invia una pratica, la trovate qui.

refer-title = Invia a una struttura
refer-heading = Nuovo invio
refer-search = Cerca una struttura
refer-search-hint = Nome della struttura o dell'ente
refer-search-submit = Cerca
refer-unit = Struttura
refer-unit-choose = Scegli…
refer-units-suggested = Competente per la classificazione
refer-units-own = Strutture dell'ente
refer-units-other = Altri enti
refer-none-found = Nessuna struttura con questo nome può ricevere la pratica.
refer-kind = Perché la invii?
refer-kind-competence-hint = La struttura se ne occupa e riceve i recapiti del cittadino
refer-kind-inquiry-hint = Ti dà gli elementi; rispondi tu
refer-kind-knowledge-hint = È solo informata: la pratica non aspetta
refer-question = Che cosa chiedi
refer-question-hint = La legge il referente, insieme al testo della richiesta.
refer-submit = Invia
refer-cancel = Annulla
refer-unit-unknown = Scegli una struttura dall'elenco
refer-unit-owner = La pratica è già di questa struttura
refer-kind-unknown = Scegli perché la invii
refer-question-missing = Scrivi che cosa chiedi
refer-stale = Nel frattempo { $name } ha modificato la pratica: controlla e invia di nuovo.
refer-over = La pratica è conclusa: riaprila per inviarla.
refer-see-ticket = Vedi la pratica

forward-question-report = La segnalazione qui sotto è arrivata dal modulo online ed è di vostra competenza: occupatevene e scriveteci che cosa possiamo dire al cittadino.
forward-question-complaint = Il reclamo qui sotto è arrivato dal modulo online e riguarda la vostra struttura: verificate e scriveteci che cosa possiamo rispondere al cittadino.
forward-question-application = La domanda qui sotto è arrivata dal modulo online ed è di vostra competenza: occupatevene e scriveteci che cosa possiamo dire al cittadino.
leg-mail-subject = [{ $code }] { $kind }: { $subject }
leg-mail-opening =
    Buongiorno,
    { $agency } vi invia una richiesta { $kind }.
    Codice dell'invio: { $code }
leg-mail-question =
    CHE COSA VI CHIEDIAMO
    { $question }
leg-mail-request =
    LA RICHIESTA DEL CITTADINO
    { $subject }

    { $text }
leg-mail-files =
    { $n ->
        [one] La richiesta ha un allegato: lo trovate nella pagina qui sotto.
       *[other] La richiesta ha { $n } allegati: li trovate nella pagina qui sotto.
    }
leg-mail-citizen =
    CHI LO CHIEDE
    { $name }
    { $reach }
leg-mail-answer =
    COME RISPONDERE
    Rispondete a questo messaggio, oppure aprite la pagina:
    { $link }
    Non serve registrarsi. Il collegamento vale fino al { $until }.
    Se la richiesta non è di vostra competenza, potete restituirla dalla stessa pagina.
leg-mail-informed =
    Non serve una risposta. Se volete aggiungere qualcosa, rispondete a questo messaggio o aprite la pagina:
    { $link }
    Il collegamento vale fino al { $until }.
leg-mail-link =
    Buongiorno,
    ecco il nuovo collegamento per l'invio { $code }:
    { $link }
    Vale fino al { $until }.

leg-mail-withdrawn-subject = [{ $code }] Invio ritirato: { $subject }
leg-mail-withdrawn =
    Buongiorno,
    { $agency } ha ritirato l'invio { $code }: non serve più una risposta.
    Motivo: { $reason }
    I collegamenti ricevuti non funzionano più. Se avete già qualcosa da dirci, rispondete a questo messaggio.
