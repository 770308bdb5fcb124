mail-too-large = Il messaggio è troppo grande ({ $megabytes } MB) e non è stato scaricato: qui ci sono solo mittente, oggetto e data. L’originale si legge nella casella { $mailbox }.
quarantine-title = Quarantena
quarantine-summary = { $count ->
    [0] Tutto quello che è arrivato è diventato una pratica
    [one] 1 messaggio ricevuto ma non diventato pratica
   *[other] { $count } messaggi ricevuti ma non diventati pratiche
}
quarantine-explained = Ogni messaggio è conservato intero. Riprova la lettura, scarica l’originale o apri una pratica a mano.
quarantine-empty = Qui non c’è nulla
quarantine-empty-text = I messaggi che non si riescono a leggere aspettano in questa pagina.
quarantine-newest-first = Dal più recente
quarantine-col-received = Ricevuto
quarantine-col-channel = Canale
quarantine-col-sender = Mittente
quarantine-col-reason = Motivo
quarantine-col-size = Dimensione
quarantine-col-actions = Azioni
quarantine-no-sender = non si legge
quarantine-kilobytes = { $n } kB
quarantine-megabytes = { $n } MB
quarantine-retry = Riprova
quarantine-original = Originale
quarantine-ticket = Apri una pratica
quarantine-dismiss = Archivia
quarantine-reason-empty = Il messaggio è vuoto
quarantine-reason-no-account = Il canale da cui è arrivato non è aperto
quarantine-reason-too-large = Il messaggio è troppo grande per essere letto
quarantine-reason-malformed = Il messaggio è scritto in un modo che non si riesce a leggere
quarantine-reason-unreadable = La casella lo elenca ma non lo consegna
quarantine-reason-unknown-report = Avviso di recapito su un messaggio che non risulta inviato da qui
quarantine-reason-not-taken-in = Il messaggio si legge, ma non si è riusciti a registrarlo
quarantine-reason-gave-up = La lettura è stata interrotta più volte
quarantine-reason-other = Motivo non previsto
quarantine-ticket-subject = Messaggio aperto dalla quarantena
quarantine-ticket-text = Questo messaggio non si è potuto leggere in automatico: l’originale è in allegato.
problem-quarantine-gone = Qualcuno ha già gestito questo messaggio. Ricarica la pagina.
