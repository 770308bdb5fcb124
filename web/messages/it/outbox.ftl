outbox-title = Invii non riusciti
outbox-summary = { $count ->
    [0] Tutti i messaggi sono partiti
    [one] 1 messaggio non è arrivato al destinatario
   *[other] { $count } messaggi non sono arrivati al destinatario
}
outbox-alarm = La posta non parte: il messaggio più vecchio aspetta da { $age }
outbox-alarm-text = Niente va perso: ogni messaggio parte appena il server di posta torna a rispondere. Avvisa chi amministra lo sportello.
outbox-tab-failed = Non riusciti ({ $count })
outbox-tab-waiting = In attesa ({ $count })
outbox-empty = Qui non c’è nulla
outbox-empty-text = Quando un messaggio non parte lo trovi in questa pagina.
outbox-newest-first = Dal più recente
outbox-oldest-first = Dal più vecchio
outbox-col-ticket = Pratica
outbox-col-recipient = Destinatario
outbox-col-words = Motivo
outbox-col-attempts = Tentativi
outbox-col-when = Quando
outbox-col-actions = Azioni
outbox-failed = Non riuscito
outbox-waiting = In attesa
outbox-next = Prossimo tentativo: { $when }
outbox-retry = Ritenta ora
outbox-resend = Invia a un altro indirizzo
outbox-resend-submit = Invia
outbox-address = Nuovo indirizzo
outbox-cancel = Archivia
outbox-purpose-reply = Risposta
outbox-purpose-acknowledgement = Conferma di ricezione
outbox-purpose-leg = Invio a un ufficio
outbox-purpose-leg-withdrawn = Invio ritirato
outbox-purpose-notice = Avviso interno
outbox-purpose-leg-link = Nuovo collegamento per un ufficio
problem-outbox-not-waiting = Il messaggio sta partendo o è già partito. Ricarica la pagina.
problem-outbox-address = L’indirizzo non è scritto in modo corretto. Controllalo e riprova.
outbox-purpose-notice = Avviso
