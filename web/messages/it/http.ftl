problem-status-400 = Richiesta non leggibile
problem-status-400-text = Quello che è arrivato non si può leggere. Torna indietro e riprova.
problem-status-401 = Devi accedere
problem-status-401-text = Questa pagina è riservata: accedi e riprova.
problem-status-403 = Non puoi fare questa operazione
problem-status-403-text = Il tuo profilo non la permette. Se ti serve, chiedi a chi amministra lo sportello.
problem-status-404 = Pagina non trovata
problem-status-404-text = L’indirizzo potrebbe essere cambiato o contenere un errore di battitura.
problem-status-405 = Questo indirizzo non fa questa operazione
problem-status-405-text = Torna indietro e ricarica la pagina.
problem-status-409 = Adesso non è possibile
problem-status-409-text = Nel frattempo qualcosa è cambiato. Ricarica la pagina e riprova.
problem-status-412 = La pagina non è più aggiornata
problem-status-412-text = Qualcun altro ha modificato questi dati mentre li guardavi. Ricarica la pagina: quello che hai scritto non è andato perso.
problem-status-413 = Troppo grande
problem-status-413-text = Quello che hai inviato supera il limite. Prova con un testo più breve o con file più piccoli.
problem-status-415 = Formato non accettato
problem-status-415-text = Questo tipo di contenuto non è tra quelli accettati.
problem-status-422 = Controlla i dati inseriti
problem-status-422-text = Uno dei valori non è accettabile. Torna indietro, correggilo e riprova.
problem-status-429 = Troppe richieste
problem-status-429-text = Aspetta qualche minuto e riprova.
problem-status-500 = Qualcosa non ha funzionato
problem-status-500-text = L’errore è nostro ed è stato registrato. Riprova tra poco.
problem-status-503 = Servizio non disponibile
problem-status-503-text = Stiamo avendo un problema tecnico. Riprova tra qualche minuto.

problem-csrf = La pagina è rimasta aperta troppo a lungo. Ricaricala e invia di nuovo.
problem-foreign-origin = La richiesta arriva da un altro sito e per sicurezza non è stata eseguita.

problem-go-home = Vai all’inizio
problem-go-desk = Vai alla scrivania
problem-go-track = Segui una richiesta
problem-go-knowledge = Cerca tra le informazioni

month-1 = gennaio
month-2 = febbraio
month-3 = marzo
month-4 = aprile
month-5 = maggio
month-6 = giugno
month-7 = luglio
month-8 = agosto
month-9 = settembre
month-10 = ottobre
month-11 = novembre
month-12 = dicembre

age-minutes = { $n ->
    [0] adesso
    [one] 1 minuto fa
   *[other] { $n } minuti fa
}
age-hours = { $n ->
    [one] 1 ora fa
   *[other] { $n } ore fa
}
age-days = { $n ->
    [one] 1 giorno fa
   *[other] { $n } giorni fa
}
