leg-state-accepted = Presa in carico
leg-state-asked = Attende un chiarimento
leg-now-accepted = L’avete presa in carico
leg-now-asked = Attendete un chiarimento: nel frattempo il termine è sospeso
leg-due = Risposta attesa entro il { $day }
leg-by-citizen = Il cittadino
leg-by-office = Lo sportello
leg-decide-title = Che cosa fate?
leg-decide-nothing = Non serve altro: questa richiesta è conclusa.
leg-accept = Ce ne occupiamo noi
leg-back = Indietro
leg-choice-risposta = Rispondiamo
leg-choice-risposta-hint = Scrivete la risposta, anche con allegati
leg-choice-more = Aggiungete qualcosa
leg-choice-more-hint = Completa la risposta che avete già dato
leg-choice-chiedi = Ci serve un’informazione in più
leg-choice-chiedi-hint = Il vostro termine si ferma finché non la ricevete
leg-choice-lavori = Lavori o interventi
leg-choice-lavori-hint = Previsti per un giorno, o conclusi: avvisiamo noi il cittadino
leg-choice-aggiorna = Ci stiamo lavorando
leg-choice-aggiorna-hint = Un aggiornamento: la richiesta resta a voi
leg-choice-non-nostra = Non è di nostra competenza
leg-choice-non-nostra-hint = Torna allo sportello; se sapete di chi è, ditelo
leg-refuse-until = Se non è di vostra competenza, ditelo entro il { $day }.
leg-refuse-late = Il termine per dire che non è di vostra competenza è passato. Se è così, spiegatelo allo sportello con «Ci serve un’informazione in più»: può restituirla per voi.
leg-to-whom = A chi rispondete?
leg-to-office = Allo sportello
leg-to-office-hint = Completa la risposta e scrive al cittadino
leg-to-citizen = Direttamente al cittadino
leg-to-citizen-hint = Parte subito, con il vostro nome; lo sportello ne ha copia
leg-works-legend = A che punto sono?
leg-works-planned = Previsti per un giorno
leg-works-planned-hint = Il cittadino riceve la data
leg-works-done = Conclusi
leg-works-done-hint = Il cittadino è avvisato; la richiesta torna allo sportello
leg-planned = Giorno previsto
leg-planned-missing = Indicate il giorno previsto
leg-planned-past = Il giorno previsto è già passato
leg-works-text = Per lo sportello
leg-works-text-hint = Non arriva al cittadino.
leg-ask-of = A chi lo chiedete?
leg-ask-office = Allo sportello
leg-ask-citizen = Al cittadino
leg-ask-citizen-hint = Lo sportello la inoltra, o parte da sola se per questo tema è previsto
leg-question = Che cosa vi serve sapere
leg-reason = Perché non è vostra
leg-reason-hint = Lo legge lo sportello.
leg-suggests = Di chi è
leg-suggests-hint = Se lo sapete: lo sportello la manda lì con un clic.
leg-suggests-none = Non lo so
leg-suggests-unknown = Scegliete una struttura dall’elenco
leg-keeps-informed = Mandateci anche ciò che il cittadino scrive dopo
leg-done-accepted = Presa in carico
leg-done-asked = Domanda inviata
leg-done-answer-citizen = Risposta inviata al cittadino
leg-done-works-planned = Giorno comunicato
leg-done-works-done = Lavori conclusi
leg-done-given = Affidata
problem-leg-not-now = In questo momento non si può: nel frattempo l’invio è cambiato.
problem-leg-refuse-late = Il termine per dire che non è di vostra competenza è passato: spiegatelo allo sportello, che può restituirla per voi.
problem-leg-not-its-part = Questo tipo di invio non lo permette.
problem-no-way-to-citizen = Non abbiamo un recapito del cittadino: rispondete allo sportello, che trova il modo.
leg-mail-more-subject = [{ $code }] Novità: { $subject }
desk-leg-accepted = presa in carico il { $when }
desk-leg-accepted-by = presa in carico il { $when } da { $name }
desk-leg-due = risposta entro il { $when }
desk-leg-overdue = in ritardo dal { $when }
desk-leg-works-planned = lavori previsti il { $when }
desk-leg-works-done = lavori conclusi il { $when }
desk-leg-given = affidata a { $name }
desk-leg-reminders =
    { $n ->
        [one] un sollecito
       *[other] { $n } solleciti
    }
desk-leg-suggests = Secondo loro è di { $unit }
desk-leg-follow = Manda a { $unit }
desk-leg-asks-office = Chiede allo sportello:
desk-leg-asks-citizen = Vuole chiedere al cittadino:
desk-leg-waits-citizen = Aspetta la risposta del cittadino
desk-leg-approve = Manda la domanda al cittadino
desk-leg-inform = Rispondi alla struttura
desk-leg-inform-text = Risposta per { $unit }
desk-leg-recall-reason = Perché lo ritiri
desk-leg-follows = Dopo il rifiuto dell’invio { $number }
desk-leg-by-office = Sportello
event-leg-accepted = { $unit } ha preso in carico l’invio { $number }
event-leg-refused = { $unit } ha restituito l’invio { $number }: non di competenza
event-leg-refused-late = { $unit } ha restituito l’invio { $number } dopo la chiusura: la pratica è stata riaperta
event-leg-recalled = { $who } ha ritirato l’invio { $number }
event-leg-asked = { $unit } chiede un chiarimento sull’invio { $number }: il termine è sospeso
event-leg-informed = { $unit } ha avuto il chiarimento sull’invio { $number }: il termine riprende
event-leg-works-announced = { $unit } ha previsto lavori per l’invio { $number }
event-leg-works-done = { $unit } ha concluso i lavori dell’invio { $number }
event-leg-works-done-late = { $unit } ha concluso i lavori dell’invio { $number } dopo la chiusura: la pratica è stata riaperta
event-leg-reminded = Sollecito per l’invio { $number } a { $unit }
event-leg-escalated = L’invio { $number } a { $unit } è in ritardo: avvisato chi sta più in alto
event-leg-reassigned = L’invio { $number } a { $unit } è affidato a un’altra persona
works-planned-subject = La tua richiesta: lavori previsti
works-done-subject = La tua richiesta: lavori conclusi
works-planned-sms = { $agency }, richiesta { $code }: i lavori sono previsti per il { $date }.
works-done-sms = { $agency }, richiesta { $code }: i lavori sono stati conclusi il { $date }.
outbox-purpose-leg-update = Novità per un ufficio
outbox-purpose-leg-reminder = Sollecito a un ufficio
leg-mail-more =
    Buongiorno,
    ecco una novità sull’invio { $code }:

    { $text }

    Potete rispondere a questo messaggio o dalla pagina che avete già.
works-planned =
    Gentile utente,
    per la tua richiesta { $code } i lavori sono previsti per il { $date }.
    { $call }
works-done =
    Gentile utente,
    i lavori per la tua richiesta { $code } sono stati conclusi il { $date }.
    Se il problema c’è ancora, rispondi a questo messaggio. { $call }
leg-rules-title = Regole degli invii
leg-rules-lead = Valgono per gli invii che partono da ora; i termini già in corso restano come sono.
leg-rules-done = Regole salvate
leg-rules-days = Termini e solleciti
leg-rules-words = Chi parla con il cittadino
leg-rules-words-text = Per questi temi la struttura con un invio per competenza può scrivere al cittadino da sola. Per gli altri passa dallo sportello.
leg-rules-category = Tema
leg-rules-answers = Risponde al cittadino
leg-rules-asks = Chiede al cittadino
leg-rules-save = Salva
leg-rules-who = Chi può fare che cosa
leg-rules-act = Azione
leg-rule-days = Giorni. Di partenza: { $value }
leg-rule-hours = Ore. Di partenza: { $value }
leg-rule-range = Scrivi un numero da { $least } a { $most }
leg-rule-refuse-days = Per dire che non è di competenza
leg-rule-refuse-working = Contano solo i giorni lavorativi per dire che non è di competenza
leg-rule-answer-days = Per rispondere
leg-rule-answer-working = Contano solo i giorni lavorativi per rispondere
leg-rule-remind-before = Sollecito prima della scadenza, giorni lavorativi
leg-rule-executive-after = Avviso al dirigente dopo la scadenza, giorni lavorativi
leg-rule-director-after = Avviso al direttore dopo quello al dirigente, giorni lavorativi
leg-rule-idle-new = Pratica nuova ferma dopo
leg-rule-idle-open = Pratica in lavorazione ferma dopo
leg-rule-idle-waiting-citizen = Pratica in attesa del cittadino ferma dopo
leg-rule-idle-referred = Pratica presso una struttura ferma dopo
leg-rule-idle-leg = Invio che nessuno ha preso in carico fermo dopo
leg-holder-owner = Titolare della relazione
leg-holder-competence = Per competenza
leg-holder-inquiry = Per istruttoria
leg-holder-knowledge = Per conoscenza
leg-act-answer-citizen = Risponde al cittadino
leg-act-ask-citizen = Chiede al cittadino
leg-act-see-citizen = Vede chi è il cittadino
leg-act-see-files = Vede gli allegati
leg-act-ask-office = Chiede allo sportello
leg-act-refuse = Restituisce: non di competenza
leg-act-close = Chiude la richiesta
leg-grant-yes = Sì
leg-grant-if-allowed = Se il tema lo prevede
leg-grant-no = No
leg-choice-affida = Affidala a una persona
leg-choice-affida-hint = A chi della vostra struttura se ne occupa
leg-give-to = A chi
leg-give-nobody = A nessuno in particolare
leg-give-unknown = Scegliete una persona dall’elenco
referent-sent-on = Ricevuta il { $when }
referent-expired-title = Questo collegamento è scaduto
referent-expired-text = Possiamo mandarne uno nuovo al vostro indirizzo.
referent-renewed-title = Controllate la vostra posta
referent-renewed-text = Se il collegamento era valido, ne abbiamo inviato uno nuovo al vostro indirizzo. Se non arriva, contattate lo sportello.
leg-mail-remind-before-subject = [{ $code }] Sollecito: { $subject }
leg-mail-remind-term-subject = [{ $code }] Scade oggi: { $subject }
leg-mail-remind-executive-subject = [{ $code }] In ritardo: { $subject }
leg-mail-remind-director-subject = [{ $code }] Ancora in ritardo: { $subject }
leg-mail-given-subject = [{ $code }] Affidata a voi: { $subject }
referent-mail-link-subject = La vostra pagina delle richieste
referent-mail-digest-subject = Le richieste di { $month }
leg-mail-remind-before =
    Buongiorno,
    la risposta all’invio { $code } per { $unit } è attesa entro il { $day }.
    La trovate qui, senza registrarvi:
    { $link }
leg-mail-remind-term =
    Buongiorno,
    oggi, { $day }, scade la risposta all’invio { $code } per { $unit }.
    La trovate qui, senza registrarvi:
    { $link }
leg-mail-remind-executive =
    Buongiorno,
    l’invio { $code } per { $unit } aspettava risposta entro il { $day } e non l’ha ancora avuta.
    Lo trovate qui:
    { $link }
leg-mail-remind-director =
    Buongiorno,
    l’invio { $code } per { $unit } aspettava risposta entro il { $day }; anche chi dirige l’ufficio è stato avvisato.
    Lo trovate qui:
    { $link }
leg-mail-given =
    Buongiorno { $name },
    l’invio { $code } è affidato a voi. Lo trovate qui, senza registrarvi:
    { $link }
referent-mail-link =
    Buongiorno { $name },
    ecco la pagina con tutte le richieste che { $agency } vi ha inviato:
    { $link }
    Non inoltratela: chi la apre può rispondere a nome vostro.
referent-mail-digest =
    Buongiorno { $name },
    ecco le richieste di { $month }:
    arrivate: { $came }
    con risposta: { $answered }, di cui entro il termine: { $in_time }
    in attesa adesso: { $waiting }
    Le trovate qui, senza registrarvi:
    { $link }
desk-give-back = Restituisci a { $unit }
desk-done-given-back = La pratica è tornata a chi l’aveva
desk-invalid-takeover-missing = Nessuno ha avocato questa pratica: non c’è niente da restituire.
event-ticket-given-back = { $who } ha restituito la titolarità da { $before } a { $unit }
takeovers-title = Avocazioni
takeovers-lead = Le pratiche prese in carico da un livello superiore, con il motivo e come è finita.
takeovers-from = Dal
takeovers-to = Al
takeovers-show = Mostra
takeovers-taken = Avocate
takeovers-given-back = Restituite
takeovers-handed-on = Passate ad altri
takeovers-lasting = Ancora avocate
takeovers-list = Elenco
takeovers-none = Nessuna avocazione in questi giorni.
takeovers-ticket = Pratica
takeovers-who-from = Da
takeovers-who-to = A
takeovers-by = Chi
takeovers-when = Quando
takeovers-why = Motivo
takeovers-state = Esito
stuck-title = Richieste ferme
stuck-lead = Ciò che nessuno tocca da troppo tempo, o che non è di nessuno. I limiti sono nelle regole degli invii.
stuck-new = Nuove che nessuno ha preso
stuck-open = In lavorazione, ferme
stuck-waiting-citizen = In attesa del cittadino da troppo
stuck-referred = Presso una struttura da troppo
stuck-leg = Invii che nessuno ha preso in carico
stuck-ownerless = Di una struttura che non c’è più
stuck-left = Di chi non lavora più qui
stuck-absent = Di chi è assente
stuck-after = oltre { $hours } ore
stuck-never = non dovrebbero essercene
stuck-none = Niente di fermo.
stuck-unit = Struttura
stuck-holder = Chi ce l’ha
stuck-since = Ferma da
leg-mail-new-subject = [{ $code }] Nuova richiesta: { $subject }
leg-mail-new =
    Buongiorno { $name },
    c’è una nuova richiesta per { $unit }: { $code }.
    La trovate qui, senza registrarvi, con tutte le altre:
    { $link }
