rules-title = Automazioni
rules-intro = Che cosa succede da solo: quando accade qualcosa, se valgono le condizioni, allora si compiono i passi. Ogni passo resta nella storia della pratica.
rules-prepare = Prepara nuove regole
rules-in-force = Regole in vigore
rules-none = Nessuna regola: niente succede da solo. Puoi partire da un esempio qui sotto.
rules-versions = Versioni
rules-no-versions = Non ci sono ancora versioni.
rules-col-version = Versione
rules-col-state = Stato
rules-col-when = Quando
rules-version = Regole, versione { $number }
rules-state-draft = Bozza
rules-state-active = In vigore
rules-state-replaced = Sostituita
rules-state-retired = Ritirata
rules-active-from = In vigore dal { $when }
rules-until = In vigore fino al { $when }
rules-drafted-on = Preparata il { $when }
rules-failed-count = { $count ->
    [one] Una regola non è riuscita a fare un passo: guarda perché e riprova
   *[other] { $count } volte una regola non è riuscita a fare un passo: guarda perché e riprova
}
rules-waiting-count = { $count ->
    [one] Una regola è al lavoro o attende
   *[other] { $count } regole sono al lavoro o attendono
}
rules-refused = Non è stato fatto
rules-faults = Da sistemare prima di mettere in vigore le regole
rules-stale = Qualcuno ha cambiato la bozza nel frattempo: guarda com'è ora e riprova.
rules-stale-rule = Qualcuno ha cambiato la bozza nel frattempo. Qui sotto c'è ciò che hai scritto: guarda se va ancora bene e salva di nuovo.
rules-paused = In pausa
rules-paused-rate = Ferma dal { $when }: è scattata troppe volte in un'ora. Ciò che avrebbe fatto è tenuto da parte.
rules-paused-by-hand = Messa in pausa il { $when }. Ciò che avrebbe fatto è tenuto da parte.
rules-pause = Metti in pausa
rules-resume-run = Riprendi e fai ciò che è da parte
rules-resume-drop = Riprendi da ora
rules-examples = Esempi pronti
rules-examples-text = L'esempio diventa una bozza accanto alle regole in vigore: puoi cambiarlo e provarlo prima di usarlo.
rules-example-use = Usa questo esempio
rules-example-housing-certificate = Certificato di idoneità alloggiativa
rules-example-housing-certificate-text = La domanda va in verifica all'ufficio; con esito positivo il cittadino è avvisato di ritirare il certificato, con esito negativo si prepara la lettera di diniego.
rules-example-everyday = Tutti i giorni
rules-example-everyday-text = La struttura è avvisata dei reclami; chi ha la pratica riceve un promemoria quando un termine è vicino.
rules-import = Importa
rules-import-label = Regole in TOML o in JSON
rules-import-hint = Si aggiungono a quelle in vigore, in una bozza; quelle con lo stesso nome sono sostituite.
rules-import-do = Importa in una bozza
rules-import-empty = non contiene regole
rules-unreadable = Le regole non si leggono: { $why }
rules-export = Esporta
rules-export-text = Il file si può importare in un altro Sportello, o tenere tra i documenti dell'ente.
rules-export-toml = Scarica in TOML
rules-export-json = Scarica in JSON
rules-rules = Regole
rules-rule = Regola
rules-empty-draft = La bozza non ha ancora regole.
rules-change = Modifica
rules-add = Aggiungi una regola
rules-new = Nuova regola
rules-activation = Attivazione
rules-again = Torna a queste regole
rules-activate-text = Le regole valgono per ciò che accade da quel momento. Ciò che è cominciato con un'altra versione finisce con quella.
rules-activate = Metti in vigore
rules-discard = Scarta la bozza
rules-retirement = Ritiro
rules-retire-text = Niente succede più da solo, e ciò che è in attesa si ferma.
rules-retire = Ritira le regole
rules-trial = Prova sul passato
rules-trial-text = Guarda che cosa le regole avrebbero fatto in un periodo. La prova non cambia niente e non avvisa nessuno.
rules-try = Prova
rules-trial-sum = { $events ->
    [one] Un evento guardato
   *[other] { $events } eventi guardati
}: { $starts ->
    [one] le regole sarebbero scattate una volta.
   *[other] le regole sarebbero scattate { $starts } volte.
}
rules-trial-cut = Il periodo ne ha di più: sono stati guardati gli ultimi.
rules-trial-note = Stato e struttura della pratica sono quelli di allora; classe e campi sono quelli di oggi. I passi dopo un'attesa dipendono da ciò che sarebbe successo nel frattempo.
rules-trial-starts = { $count ->
    [0] Non sarebbe mai scattata
    [one] Sarebbe scattata una volta
   *[other] Sarebbe scattata { $count } volte
}
rules-trial-steps = Ogni volta:
rules-trial-tickets = Per quali pratiche
rules-trial-more = e altre { $count }
rules-back = Torna alla versione
rules-part-when = Quando
rules-part-if = Se
rules-part-then = Allora
rules-name = Nome della regola
rules-when = Che cosa succede
rules-most = Quante volte può scattare in un'ora
rules-most-hint = Oltre questo numero la regola si ferma e gli amministratori sono avvisati. Senza numero: 300.
rules-join = Devono valere
rules-join-all = tutte le condizioni
rules-join-any = almeno una condizione
rules-no-conditions = Senza condizioni la regola vale sempre.
rules-no-steps = La regola non fa ancora niente.
rules-not = Il contrario: vale quando non è così
rules-drop-condition = Togli la condizione
rules-add-condition = Un'altra condizione
rules-add-condition-do = Aggiungi la condizione
rules-add-step = Un altro passo
rules-add-step-do = Aggiungi il passo
rules-step-number = Passo { $number }: { $what }
rules-step-up = Sposta prima il passo
rules-step-drop = Togli il passo
rules-save = Salva la regola
rules-up = Sposta su
rules-down = Sposta giù
rules-remove = Togli la regola
rules-values = Nei testi puoi scrivere, tra parentesi graffe, i valori della pratica: { $values }; e {"{"}campo:nome{"}"} per la risposta a un campo. Al cittadino arrivano solo i campi che può vedere.

rules-event-ticket-opened = si apre una pratica
rules-event-contact-received = arriva un messaggio del cittadino
rules-event-ticket-taken = un operatore prende in carico la pratica
rules-event-ticket-classified = cambia la classificazione
rules-event-ticket-fields-set = si compilano i campi della pratica
rules-event-ticket-handed-over = la pratica passa a un'altra struttura
rules-event-ticket-waiting = la pratica attende il cittadino
rules-event-contact-sent = si risponde al cittadino
rules-event-ticket-resolved = la pratica è risolta
rules-event-ticket-closed = la pratica si chiude
rules-event-ticket-reopened = la pratica si riapre
rules-event-leg-sent = si invia la pratica a una struttura
rules-event-leg-answered = una struttura risponde a un invio
rules-event-leg-refused = una struttura restituisce un invio
rules-event-leg-asked = una struttura chiede chiarimenti
rules-event-clock-warned = un termine è vicino alla scadenza
rules-event-clock-missed = un termine è superato

rules-on-category = Classe
rules-on-channel = Canale
rules-on-kind = Tipo di richiesta
rules-on-language = Lingua
rules-on-unit = Struttura titolare
rules-on-leg-unit = Struttura dell'invio
rules-on-area = Zona
rules-on-segment = Chi scrive
rules-on-state = Stato
rules-on-field = Campo della pratica
rules-on-text = Testo
rules-on-age = Età della pratica
rules-on-assigned = Assegnazione

rules-if-category = la classe è { $what }
rules-ifnot-category = la classe non è { $what }
rules-if-channel = il canale è { $what }
rules-ifnot-channel = il canale non è { $what }
rules-if-kind = il tipo è { $what }
rules-ifnot-kind = il tipo non è { $what }
rules-if-language = la lingua è { $what }
rules-ifnot-language = la lingua non è { $what }
rules-if-unit = la struttura titolare è { $what }
rules-ifnot-unit = la struttura titolare non è { $what }
rules-if-leg-unit = l'invio è di { $what }
rules-ifnot-leg-unit = l'invio non è di { $what }
rules-if-area = la zona è { $what }
rules-ifnot-area = la zona non è { $what }
rules-if-segment = chi scrive è { $what }
rules-ifnot-segment = chi scrive non è { $what }
rules-if-state = lo stato è { $what }
rules-ifnot-state = lo stato non è { $what }
rules-if-field = il campo «{ $name }» è { $what }
rules-ifnot-field = il campo «{ $name }» non è { $what }
rules-if-text = il testo contiene { $what }
rules-ifnot-text = il testo non contiene { $what }
rules-if-age = la pratica è aperta da almeno { $what } ore
rules-ifnot-age = la pratica è aperta da meno di { $what } ore
rules-if-assigned = un operatore ha la pratica
rules-ifnot-assigned = nessun operatore ha la pratica
rules-assigned-yes = un operatore ha la pratica
rules-assigned-no = nessun operatore ha la pratica

rules-sentence = Quando { $event }, se { $condition }, allora { $action }.
rules-sentence-always = Quando { $event }, allora { $action }.
rules-and = {" "}e{" "}
rules-or = {" "}o{" "}
rules-then = ; poi{" "}
rules-nothing = non succede niente

rules-step-notify = Avvisare qualcuno
rules-step-assign = Assegnare la pratica
rules-step-leg = Inviare la pratica a una struttura
rules-step-set-field = Compilare un campo
rules-step-start-clock = Far partire un termine
rules-step-open-child = Aprire una pratica collegata
rules-step-note = Scrivere una nota interna
rules-step-webhook = Avvisare un altro sistema
rules-step-wait = Attendere un po' di tempo
rules-step-wait-date = Attendere una data
rules-step-wait-event = Attendere che qualcosa succeda
rules-step-only = Proseguire solo a certe condizioni
rules-step-gone = Passo

rules-do-notify = si avvisa { $whom }: «{ $subject }»
rules-do-notify-by = si avvisa { $whom } via { $by }: «{ $subject }»
rules-do-releases = (comunica { $fields })
rules-do-assign-unit = la pratica passa a { $unit }
rules-do-assign-agent = la pratica è assegnata a { $agent }
rules-do-assign-both = la pratica passa a { $unit } ed è assegnata a { $agent }
rules-do-leg = si invia la pratica a { $unit } { $kind }
rules-do-set-field = il campo «{ $name }» diventa «{ $value }»
rules-do-start-clock = parte il termine «{ $phase }» del protocollo { $protocol }
rules-do-open-child = si apre una pratica collegata: «{ $subject }»
rules-do-note = si scrive una nota interna
rules-do-webhook = si avvisa il sistema «{ $name }»
rules-do-wait-minutes = { $count ->
    [one] si attende un minuto
   *[other] si attendono { $count } minuti
}
rules-do-wait-hours = { $count ->
    [one] si attende un'ora
   *[other] si attendono { $count } ore
}
rules-do-wait-days = { $count ->
    [one] si attende un giorno
   *[other] si attendono { $count } giorni
}
rules-do-wait-working-days = { $count ->
    [one] si attende un giorno lavorativo
   *[other] si attendono { $count } giorni lavorativi
}
rules-do-wait-date = si attende il giorno scritto nel campo «{ $field }»
rules-do-wait-date-after = { $count ->
    [one] si attende il giorno dopo quello scritto nel campo «{ $field }»
   *[other] si attendono { $count } giorni dopo quello scritto nel campo «{ $field }»
}
rules-do-wait-date-before = { $count ->
    [one] si attende il giorno prima di quello scritto nel campo «{ $field }»
   *[other] si attende fino a { $count } giorni prima di quello scritto nel campo «{ $field }»
}
rules-do-wait-event-stop = { $count ->
    [one] si attende che succeda questo: { $event } (al massimo un giorno, altrimenti ci si ferma)
   *[other] si attende che succeda questo: { $event } (al massimo { $count } giorni, altrimenti ci si ferma)
}
rules-do-wait-event-go-on = { $count ->
    [one] si attende che succeda questo: { $event } (al massimo un giorno, poi si prosegue)
   *[other] si attende che succeda questo: { $event } (al massimo { $count } giorni, poi si prosegue)
}
rules-do-only = si prosegue solo se { $condition }

rules-whom-citizen = il cittadino
rules-whom-agent = chi ha la pratica
rules-whom-unit = la struttura titolare
rules-whom-administrators = gli amministratori
rules-to-citizen = Il cittadino
rules-to-agent = Chi ha la pratica, o la sua struttura
rules-to-unit = La struttura titolare
rules-to-administrators = Gli amministratori
rules-unit-minutes = minuti
rules-unit-hours = ore
rules-unit-days = giorni
rules-unit-working-days = giorni lavorativi
rules-otherwise-stop = ci si ferma
rules-otherwise-go-on = si prosegue

rules-field-is = Valori
rules-field-name = Campo
rules-field-to = Chi
rules-field-by = Con quale canale
rules-field-by-hint = Senza canale si usa quello con cui il cittadino ha scritto, o un altro che lo raggiunge. Un SMS parte solo se il cittadino vuole essere avvisato così.
rules-field-subject = Oggetto
rules-field-text = Testo
rules-field-postal = Nome e indirizzo sulla lettera, una riga ciascuno
rules-field-postal-hint = Per esempio {"{"}nome{"}"} e sotto {"{"}campo:recapito{"}"}. Vuoto: come nelle lettere già spedite a questa persona.
rules-field-releases = Campi riservati che questo avviso comunica al cittadino
rules-field-releases-hint = Di solito nessuno: senza questa scelta un campo che il cittadino non vede resta vuoto nel testo.
rules-field-unit = Struttura
rules-field-agent = Operatore
rules-field-kind = A che titolo
rules-field-value = Valore
rules-field-protocol = Protocollo operativo
rules-field-phase = Termine
rules-field-category = Classe (senza, quella della pratica)
rules-field-subscription = Sistema, tra i webhook
rules-field-amount = Quanto
rules-field-wait-unit = Unità
rules-field-calendar = Calendario, per i giorni lavorativi
rules-field-field = Campo con la data
rules-field-shift = Giorni dopo (con il segno meno, prima)
rules-field-event = Che cosa
rules-field-days = Al massimo quanti giorni
rules-field-otherwise = Se non succede in tempo
rules-field-join = Devono valere

rules-wrong-at = «{ $rule }»: { $what }
rules-wrong-at-step = «{ $rule }», passo { $step }: { $what }
rules-wrong-name = manca il nome, o è più lungo di 120 caratteri
rules-wrong-same-name = un'altra regola ha lo stesso nome
rules-wrong-rate = quante volte può scattare in un'ora deve essere un numero da 1 a 100.000
rules-wrong-nothing = non fa niente: aggiungi un passo
rules-wrong-too-many = ha troppi passi, al massimo 30
rules-wrong-condition = una condizione ha un valore che non esiste
rules-wrong-condition-empty = a una condizione mancano i valori
rules-wrong-category = la classe non è in uso
rules-wrong-unit = la struttura non esiste
rules-wrong-area = la zona non esiste
rules-wrong-field = nessuna classe in uso chiede questo campo, o manca il valore
rules-wrong-age = le ore devono essere un numero
rules-wrong-text = manca il testo o l'oggetto, o il testo è più lungo di 4.000 caratteri
rules-wrong-placeholder = un valore tra parentesi graffe non esiste
rules-wrong-channel = con questo canale non si possono mandare avvisi
rules-wrong-assign = manca a chi assegnare
rules-wrong-foreign-owner = solo una struttura del nostro ente può essere titolare
rules-wrong-scope = un back office riceve solo dal proprio ente o da un punto di ingresso
rules-wrong-agent = l'operatore non esiste o non è attivo
rules-wrong-clock = il protocollo non è in vigore, o non ha questo termine
rules-wrong-webhook = il webhook non esiste
rules-wrong-wait = la durata non va bene
rules-wrong-calendar = per i giorni lavorativi serve un calendario

rules-log = Registro
rules-log-filter = Filtra il registro
rules-ticket = Codice della pratica
rules-any-state = Tutti
rules-show = Mostra
rules-log-event = quando { $event }
rules-kind-information = una richiesta di informazioni
rules-kind-report = una segnalazione
rules-kind-complaint = un reclamo
rules-kind-application = una domanda
rules-log-empty = Nessuna regola è ancora scattata
rules-log-empty-text = Qui vedrai ogni volta che una regola si mette al lavoro, che cosa ha fatto e che cosa non è riuscito.
rules-log-nothing = Niente corrisponde a ciò che cerchi.
rules-run-pending = Al lavoro
rules-run-waiting = In attesa
rules-run-held = Da parte
rules-run-done = Finita
rules-run-failed = Non riuscita
rules-run-stopped = Fermata
rules-result-done = Fatto
rules-result-waiting = In attesa
rules-result-skipped = Saltato
rules-result-ended = Fine
rules-result-failed = Non riuscito
rules-waits-until = fino al { $when }
rules-mails = { $count ->
    [one] un'e-mail
   *[other] { $count } e-mail
}
rules-leg-number = invio { $number }
rules-retry = Riprova
rules-reason = Per la regola «{ $rule }».

rules-because-loop = Fermata: la regola scattava per effetto di sé stessa, o di troppe regole in fila.
rules-because-paused = Tenuta da parte perché la regola è in pausa.
rules-because-retired = Fermata: le regole sono state ritirate.
rules-because-merged = Fermata: la pratica è stata unita a un'altra.
rules-because-dropped = Lasciata cadere alla ripresa della regola.
rules-because-not-met = le condizioni non valgono più
rules-because-not-in-time = non è successo in tempo
rules-because-no-mail = qui non è impostato un server di posta
rules-because-no-address = Non c'è un recapito che raggiunga il cittadino, o il cittadino non vuole avvisi così.
rules-because-internal = Un errore del sistema: riprova.
rules-because-ticket-closed = La pratica è chiusa.
rules-because-state-not-allowed = Lo stato della pratica non lo permette.
rules-because-leg-scope = Un back office riceve solo dal proprio ente o da un punto di ingresso.
rules-because-unit-unreachable = La struttura non ha un recapito.
rules-because-unit-way = La via della struttura non funziona.
rules-because-invalid = La struttura ha già la pratica, o un valore non va bene.
rules-because-field-not-acceptable = La classe della pratica non chiede questo campo, o il valore non va bene.
rules-because-field-without-day = Nel campo non c'è una data.
rules-because-no-protocol = Il protocollo non è in vigore, o non ha questo termine.
rules-because-no-calendar = Manca il calendario.
rules-because-no-category = La classe non è più in uso.
rules-because-no-unit = La struttura non esiste più.
rules-because-no-agent = L'operatore non c'è più.
rules-because-no-subscription = Il webhook non esiste o è spento.
rules-because-incident-closed = La pratica è chiusa.
rules-because-incident-is-below = La pratica è già sotto un'altra.

rules-mail-paused-subject = Una regola è stata fermata: { $rule }
rules-mail-paused = La regola «{ $rule }» è scattata più di { $most } volte in un'ora ed è stata messa in pausa. Ciò che avrebbe fatto è tenuto da parte.

    Guarda il registro e decidi se riprendere: { $link }

    { $agency }

desk-by-rule = Sportello (per la regola «{ $rule }»)
event-citizen-told-rule = { $who } ha avvisato il cittadino ({ $channel })
event-clock-started = { $who } ha fatto partire il termine «{ $phase }»
webhook-event-rule-called = Chiamata di una regola
