# Quello che stampa «sportello demo».
demo-loaded = La demo del { $town } è caricata.
demo-was-loaded = La demo del { $town } c'era già: non è cambiato nulla.
demo-invented = Persone, uffici, numeri e pratiche sono inventati; nessun messaggio parte.
demo-desk = Scrivania
demo-citizens = Cittadini
demo-password = Password
demo-password-note = (la stessa per tutti, solo per la demo)
demo-role = Ruolo
demo-login = Accesso
demo-name = Nome
