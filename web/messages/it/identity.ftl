sign-in-title = Accedi alla scrivania
sign-in-who = Riservato al personale dello sportello e agli uffici.
sign-in-login = Indirizzo e-mail
sign-in-password = Password
sign-in-submit = Accedi
sign-in-lock-note = Dopo { $failures } tentativi sbagliati l’accesso si blocca per { $minutes } minuti.

role-agent = Operatore
role-supervisor = Supervisore
role-referent = Referente
role-admin = Amministratore
role-integration = Integrazione

language-it = Italiano
language-en = English

profile-title = Il mio profilo
profile-language = Lingua
profile-language-legend = Lingua delle pagine
profile-language-submit = Salva la lingua
profile-language-kept = Lingua salvata
profile-password = Password
profile-password-current = Password attuale
profile-password-new = Nuova password
profile-password-hint = Almeno 10 caratteri. Una frase lunga è facile da ricordare e difficile da indovinare.
profile-password-submit = Cambia la password
profile-password-changed = Password cambiata. Sugli altri dispositivi dovrai accedere di nuovo.
profile-sessions = Dispositivi
profile-sessions-text = Se hai lasciato aperto un altro computer, puoi uscire da tutti i dispositivi, compreso questo.

problem-sign-in-refused = Indirizzo o password non corretti
problem-too-many-attempts = Troppi tentativi da questa rete. Aspetta qualche minuto e riprova.
problem-wrong-password = La password attuale non è corretta.
problem-password-too-short = La nuova password deve avere almeno 10 caratteri.
problem-password-too-long = La nuova password è troppo lunga.
problem-password-trivial = La nuova password non può essere un solo carattere ripetuto.
