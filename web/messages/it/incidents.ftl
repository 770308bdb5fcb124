desk-gather = Raccogli uguali
desk-done-gathered = Segnalazioni raccolte in questa pratica
desk-done-detached = Pratica staccata: torna per conto suo
desk-done-answered-all = Risposta a tutte affidata alla posta in uscita
event-ticket-attached = { $who } ha raccolto questa pratica in { $other }
event-ticket-detached = { $who } ha staccato questa pratica da { $other }
event-incident-answered = { $who } ha scritto una risposta per { $number ->
    [one] una pratica
   *[other] { $number } pratiche
}

incident-above = Fa parte di
incident-above-text = Se ne occupa chi lavora la pratica qui sopra: la risposta arriverà anche a questo cittadino.
incident-below = Segnalazioni raccolte
incident-count = { $n ->
    [one] Una segnalazione raccolta
   *[other] { $n } segnalazioni raccolte
}, { $open ->
    [0] nessuna ancora in lavorazione
    [one] una ancora in lavorazione
   *[other] { $open } ancora in lavorazione
}.
incident-answer-all-button = Rispondi a tutte
incident-gather-more = Raccogline altre
incident-detach = Stacca
incident-detach-this = Stacca la pratica { $code }
incident-next = Mostra le successive
incident-answer-line = { $who } ha risposto a tutte { $when }
incident-answer-all = Inviata a tutte: { $sent } su { $all }.
incident-answer-some = Inviata a { $sent } su { $all }. Queste restano da chiamare o da guardare:
incident-answer-going = In corso: { $sent } su { $all }, { $waiting } ancora da inviare.
incident-unsent-no-address = non c’è un recapito a cui scrivere
incident-unsent-ticket-closed = chiusa nel frattempo
incident-unsent-ticket-merged = unita a un’altra nel frattempo
incident-unsent-other = non si è potuto rispondere: apri la pratica

gather-title = Raccogli segnalazioni uguali
gather-lead = Scegli le pratiche che parlano dello stesso fatto. Si lavorano insieme in questa, e una sola risposta raggiunge ogni cittadino.
gather-search = Cerca altre pratiche
gather-suggested = Forse parlano dello stesso fatto
gather-found = Pratiche trovate
gather-which = Pratiche da raccogliere
gather-none = Nessuna pratica da raccogliere
gather-none-text = Non ci sono pratiche in lavorazione che somigliano a questa. Cerca con altre parole.
gather-open = Apri la pratica { $code }
gather-effect-own = Ogni pratica resta del suo cittadino, con il suo codice e i suoi messaggi.
gather-effect-answer = La risposta a tutte parte per il canale di ciascuno: e-mail, SMS, PEC, fax o lettera.
gather-effect-undo = Puoi staccarle di nuovo quando vuoi.
gather-submit = Raccogli in { $code }
gather-nothing = Scegli almeno una pratica.
gather-some-refused = Non tutte sono state raccolte
gather-refused = { $code }: { $why }

answer-all-title = Rispondi a tutte
answer-all-to = { $n ->
    [one] La risposta va al cittadino di questa pratica e a quello di una pratica raccolta.
   *[other] La risposta va al cittadino di questa pratica e a quelli di { $n } pratiche raccolte.
}
answer-all-text = Testo della risposta
answer-all-text-hint = Uguale per tutti: niente nomi né dati di una sola persona. Codice, saluti e firma si aggiungono da soli, nella lingua di ciascuno.
answer-all-text-missing = Scrivi la risposta
answer-all-next = E poi
answer-all-resolve = Le pratiche sono risolte: si chiudono da sole se il cittadino non obietta
answer-all-close = Le pratiche si chiudono subito
answer-all-stay = Le pratiche restano in lavorazione
answer-all-submit = Invia a tutte
answer-all-not-sent = Non è partito nulla. Il testo è ancora qui sotto.

duplicate-title = Forse è lo stesso fatto
duplicate-place = stesso luogo: { $place }
duplicate-person = stesso cittadino
duplicate-merge = Unisci
duplicate-gather = Raccogli qui

problem-incident-same = È la stessa pratica
problem-incident-unknown = Non c’è una pratica con questo codice
problem-incident-closed = La pratica che dovrebbe raccoglierla è chiusa: riaprila prima
problem-incident-is-below = La pratica che dovrebbe raccoglierla è già raccolta in un’altra: usa quella
problem-incident-has-below = Raccoglie già altre pratiche: staccale prima, oppure fai il contrario
problem-incident-elsewhere = È già raccolta in un’altra pratica: staccala prima da quella
problem-incident-not-below = Non è raccolta in nessuna pratica
problem-incident-nothing-below = Non raccoglie nessuna pratica
problem-merge-has-below = Raccoglie altre pratiche: staccale prima, oppure fai il contrario
