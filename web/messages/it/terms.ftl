# Termini, calendari e protocolli operativi.

terms-box = Termini
term-phase-receipt = Avviso di ricezione
term-phase-take-charge = Presa in carico
term-phase-first-response = Prima risposta
term-phase-non-appropriateness = Segnalazione di non competenza
term-phase-answer = Risposta
term-phase-conclusion = Conclusione del procedimento
term-phase-works = Comunicazione dei lavori fatti
term-of-leg = { $phase } (struttura interpellata)
term-state-running = In corso
term-state-suspended = Sospeso
term-state-met = Rispettato
term-state-missed = Superato
term-state-cancelled = Annullato
term-done-late = fatto in ritardo, il { $when }
term-left-days = Restano { $n } giorni.
term-left-hours = Restano { $n } ore.
term-suspended-since = Sospeso ({ $why }): inizio { $since }.
term-suspended-until = Sospeso ({ $why }): inizio { $since }, fine { $until }.
term-pause-citizen = si aspetta il cittadino
term-pause-documents = si aspettano documenti
term-pause-notice = preavviso di rigetto
term-reason-silence = Nessuno ha detto di non essere competente
term-reason-merged = La pratica prosegue in un'altra
term-reason-mistaken = Pratica aperta per errore
term-reason-not-competent = Non di nostra competenza
term-reason-withdrawn = Richiesta ritirata
term-reason-duplicate = Richiesta doppia
term-reason-returned = Rinviato per non competenza
term-reason-recalled = Invio ritirato
term-reason-reclassified = Classificazione cambiata
term-reason-closed = Pratica chiusa
term-reason-corrected = Corretto a mano
term-act = Modifica il termine
term-act-label = Che cosa succede
term-act-resume = Riprende adesso
term-act-observations = Sono arrivate le osservazioni
term-act-documents = Sospendi: mancano documenti (L. 241/1990, art. 2)
term-act-notice = Preavviso di rigetto inviato (L. 241/1990, art. 10-bis)
term-act-extend = Proroga
term-act-correct-met = Correggi: era stato rispettato
term-act-correct-cancelled = Correggi: non doveva decorrere
term-act-amount = Di quanto (solo per la proroga)
term-act-submit = Registra
desk-done-term = Il termine è aggiornato.
term-order-due = Per scadenza del termine
term-order-overdue = Solo con il termine superato
term-order-caption = Pratiche con un termine, la più vicina alla scadenza per prima
term-unit-calendar-days = giorni di calendario
term-amount-calendar-days = { $n ->
    [one] 1 giorno di calendario
   *[other] { $n } giorni di calendario
}
term-unit-working-days = giorni lavorativi
term-amount-working-days = { $n ->
    [one] 1 giorno lavorativo
   *[other] { $n } giorni lavorativi
}
term-unit-working-hours = ore di apertura
term-amount-working-hours = { $n ->
    [one] 1 ora di apertura
   *[other] { $n } ore di apertura
}
term-unit-working-minutes = minuti di apertura
term-amount-working-minutes = { $n ->
    [one] 1 minuto di apertura
   *[other] { $n } minuti di apertura
}
term-roll-stays = resta dov'è
term-roll-festive = se festivo, passa al giorno dopo
term-roll-closed = se l'ufficio è chiuso, passa alla riapertura
term-hint-ticket-receipt = Il cittadino sa che la richiesta è arrivata
term-hint-ticket-take-charge = Qualcuno ci lavora
term-hint-ticket-first-response = Una persona ha scritto al cittadino
term-hint-ticket-non-appropriateness = Chi non è competente lo dice
term-hint-ticket-answer = La richiesta è risolta o chiusa
term-hint-ticket-conclusion = Come la risposta, con sospensioni e preavviso di legge
term-hint-ticket-works = La pratica si chiude dopo i lavori
term-hint-leg-receipt = La struttura ha aperto l'invio
term-hint-leg-non-appropriateness = La struttura rinvia ciò che non le spetta
term-hint-leg-answer = La struttura ha risposto
term-hint-leg-works = La struttura comunica i lavori fatti
term-mail-warned-subject = [{ $code }] Termine vicino: { $phase }
term-mail-missed-subject = [{ $code }] Termine superato: { $phase }
term-mail-warned =
    Il termine «{ $phase }» della pratica { $code } scade il { $due }.

    { $link }

    { $agency }
term-mail-missed =
    Il termine «{ $phase }» della pratica { $code } è scaduto il { $due }.

    { $link }

    { $agency }
event-clock-suspended = { $who } ha sospeso un termine
event-clock-resumed = Un termine riprende ({ $who })
event-clock-extended = { $who } ha prorogato un termine
event-clock-corrected = { $who } ha corretto un termine superato
event-clock-warned = Un termine è vicino alla scadenza
event-clock-missed = Un termine è stato superato
event-clock-moved = Una scadenza è cambiata con il calendario
problem-term-over = Questo termine è già concluso.
problem-term-no-documents = Il protocollo non prevede la sospensione per documenti mancanti.
problem-term-suspended-before = Per documenti mancanti il termine si sospende una sola volta (L. 241/1990, art. 2), ed è già successo.
problem-term-suspended = Il termine è già sospeso.
problem-term-no-notice = Per questo termine non è previsto il preavviso di rigetto.
problem-term-not-suspended = Il termine non è sospeso.
problem-term-not-missed = Si corregge solo un termine superato.
problem-protocol-changed = Nel frattempo qualcun altro ha salvato una modifica: ricarica la pagina e riprova.
calendars-title = Calendari
calendars-lead = Quando l'ufficio lavora: su questo si contano i termini.
calendars-empty = Ancora nessun calendario
calendars-empty-text = Crea il primo: bastano un nome e gli orari della settimana.
calendar-new = Nuovo calendario
calendar-edit = Calendario
calendar-lead = Le modifiche valgono subito: le scadenze in corso si ricalcolano e ogni spostamento resta scritto nella pratica.
calendar-since-hint = Per una chiusura straordinaria lascia questo giorno; cambialo se da un certo giorno cambia l'orario.
calendar-week = Orari della settimana
calendar-week-hint = Più fasce al giorno si separano con una virgola, per esempio 8:15-13:30, 14:30-17:00. Lascia vuoto il giorno di chiusura.
calendar-day-mon = Lunedì
calendar-short-mon = lun
protocol-field-mon = Lunedì
calendar-day-tue = Martedì
calendar-short-tue = mar
protocol-field-tue = Martedì
calendar-day-wed = Mercoledì
calendar-short-wed = mer
protocol-field-wed = Mercoledì
calendar-day-thu = Giovedì
calendar-short-thu = gio
protocol-field-thu = Giovedì
calendar-day-fri = Venerdì
calendar-short-fri = ven
protocol-field-fri = Venerdì
calendar-day-sat = Sabato
calendar-short-sat = sab
protocol-field-sat = Sabato
calendar-day-sun = Domenica
calendar-short-sun = dom
protocol-field-sun = Domenica
calendar-holidays = Chiuso nelle feste nazionali (anche Pasqua e Lunedì dell'Angelo)
calendar-patron-hint = Giorno e mese, per esempio 24/06.
calendar-closures-hint = Una riga per ogni chiusura: un giorno (14/08/2026), oppure il primo e l'ultimo (10/08/2026 14/08/2026).
protocols-title = Protocolli operativi
protocols-lead = I tempi concordati per ogni tipo di richiesta. Una pratica tiene quelli con cui è cominciata.
protocols-empty = Ancora nessun protocollo
protocols-empty-text = Comincia da uno già pronto qui sotto.
protocols-need-calendar = Prima serve un calendario: dice quali giorni contano.
protocols-prepared = Già pronti
protocols-prepared-text = Scegli per quali classificazioni valgono e attivali.
protocol-new = Nuovo protocollo
protocol-edit = Protocollo operativo
protocol-lead = Lascia vuota la durata dei termini che non servono.
protocol-saved = Salvato.
protocol-history = Chi ha salvato che cosa
protocol-history-line = { $who }, valido dal { $since }
protocol-choose = Scegli
protocol-source = Fonte
protocol-source-hint = La legge o l'accordo, come si cita: L. 241/1990, art. 2.
protocol-enable = Attivo per le nuove pratiche
protocol-enabled = Attivo
protocol-disabled = Non attivo
protocol-state = Stato
protocol-since = Valido dal
protocol-since-hint = Vale per le pratiche aperte da questo giorno.
protocol-categories = Per quali classificazioni
protocol-categories-hint = Con quelle che contengono. Nessuna scelta: tutte.
protocol-units = Per quali strutture
protocol-units-hint = La titolare della pratica, o chi riceve l'invio. Nessuna scelta: tutte.
protocol-ticket-terms = Termini della pratica
protocol-leg-terms = Termini degli invii per competenza o istruttoria
protocol-phases-hint = Il giorno d'inizio non si conta. A giorni, il termine dura fino alla fine dell'ultimo giorno.
protocol-terms = Termini
protocol-term = Termine
protocol-amount = Durata
protocol-unit = Unità
protocol-roll = Ultimo giorno
protocol-warn = Avviso al %
protocol-waits = Si ferma se aspettiamo il cittadino
protocol-tells = Avvisa la struttura
protocol-preview = Una richiesta arrivata adesso ({ $now }) scade il
protocol-show-preview = Mostra le scadenze
protocol-law = Sospensioni di legge
protocol-documents-hint = L. 241/1990, art. 2, comma 7: al massimo 30. Zero: non si può.
protocol-documents-once = Una volta sola
protocol-notice-days = Preavviso di rigetto: giorni per le osservazioni
protocol-notice-hint = L. 241/1990, art. 10-bis: 10. Zero: nessun preavviso.
protocol-notice-effect = Effetto del preavviso sul termine
protocol-effect-suspends = sospende: poi riprende da dove era (dal D.L. 76/2020)
protocol-effect-interrupts = interrompe: poi ricomincia da capo
protocol-silence = Che cosa vale il silenzio
protocol-silence-hint = Per esempio: se nessuno risponde, la richiesta è respinta.
protocol-silence-refusal = Se nessuno risponde entro il termine, la richiesta si intende respinta
protocol-preset-agreement = Accordo tra strutture: risposta in 15 giorni
protocol-preset-agreement-source = Protocollo operativo tra le strutture
protocol-preset-procedure = Procedimento amministrativo: 30 giorni
protocol-preset-procedure-source = L. 241/1990, art. 2
protocol-preset-civic-access = Accesso civico: 30 giorni
protocol-preset-civic-access-source = D.Lgs. 33/2013, art. 5
protocol-preset-document-access = Accesso agli atti: 30 giorni
protocol-preset-document-access-source = L. 241/1990, art. 25
protocol-field-name = Nome
protocol-field-calendar = Calendario
protocol-field-patron = Santo patrono
protocol-field-closures = Chiusure straordinarie
protocol-field-week = Orari della settimana
protocol-field-phases = Termini
protocol-field-documents-days = Sospensione per documenti: giorni al massimo
protocol-field-reason = Motivo
protocol-field-amount = Durata
protocol-wrong = Controlla «{ $field }»: così non si legge.
protocol-wrong-since = Scrivi da quale giorno vale, per esempio 2026-12-01.
protocol-wrong-closures-unreadable = Le chiusure si scrivono una per riga: un giorno, o il primo e l'ultimo.
protocol-wrong-week-missing = Almeno un giorno deve avere un orario.
protocol-wrong-phases-missing = Serve almeno un termine con la sua durata.
protocol-wrong-phases-twice = Lo stesso termine compare due volte.
terms-title = Rispetto dei termini
terms-lead = Quanti termini sono stati rispettati e quanto durano le fasi. Ogni numero apre il suo elenco.
terms-list-title = Termini
terms-csv = Scarica CSV
terms-from = Dal
terms-to = Al
terms-show = Mostra
terms-by = Dividi per
terms-by-protocol = Protocollo
terms-by-phase = Fase
terms-by-unit = Struttura
terms-by-category = Procedimenti più lenti
terms-empty = Nessun termine concluso in questo periodo
terms-empty-text = Prova un periodo più lungo, o controlla che ci sia un protocollo attivo.
terms-caption = Prima dove i termini sono rispettati meno
terms-slowest = Prima dove la fase dura di più (mediana); tutte le voci sono nel CSV
terms-what = Voce
terms-share = Rispettati
terms-median = Durata mediana
terms-p90 = Nove su dieci entro
terms-total = Totale
terms-hours = { $n } ore
terms-days = { $n } giorni
terms-without = Senza
terms-back = Torna ai numeri
terms-started = Inizio
terms-due = Scadenza
terms-ended = Fatto
