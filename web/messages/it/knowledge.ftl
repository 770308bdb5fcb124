knowledge-title = Informazioni e servizi
knowledge-lead = Le stesse schede che usano i nostri operatori, curate dagli uffici.
knowledge-search = Cerca
knowledge-search-label = Cosa cerchi?
knowledge-search-results = Risultati della ricerca
knowledge-areas = Argomenti
knowledge-area = Argomento
knowledge-all-areas = Tutti
knowledge-all-of = Tutte le schede: { $area }
knowledge-count = { $n ->
    [0] Nessuna scheda
    [one] { $n } scheda
   *[other] { $n } schede
}
knowledge-nothing-for = Nessuna scheda per «{ $words }».
knowledge-nothing-here = Qui non ci sono ancora schede.
knowledge-status-active = Servizio attivo
knowledge-used-for = A cosa serve
knowledge-requirements = Cosa serve
knowledge-details = Come fare
knowledge-page-index = In questa pagina
knowledge-about-page = Su questa pagina
knowledge-still-help = Hai ancora bisogno di aiuto?
knowledge-still-help-text = Scrivici: la richiesta arriva già all'ufficio giusto e ricevi un codice per seguirla.
knowledge-write-to-us = Scrivi allo sportello
knowledge-only-other-language = Questa scheda è disponibile solo in inglese.
knowledge-read-in-other-language = Read this sheet in English
knowledge-checked = Aggiornata il { $day }
knowledge-checked-by = A cura di { $unit }, aggiornata il { $day }

knowledge-desk-search = Cerca nelle schede: parole, codice o il testo del cittadino
knowledge-new = Nuova scheda
knowledge-edit = Modifica
knowledge-code = Codice
knowledge-code-hint = Lettere e numero, per esempio ANA-01: non si cambia più.
knowledge-version = versione { $version }
knowledge-open-public = Apri la pagina pubblica
knowledge-copy-reply = Copia la risposta
knowledge-in-short = In breve
knowledge-audience-public = Pubblica
knowledge-audience-internal = Solo operatori
knowledge-maturity-information = Informa
knowledge-maturity-start = Avvia il procedimento
knowledge-maturity-whole = Conclude il procedimento

knowledge-about-sheet = La scheda
knowledge-field-category = Classificazione
knowledge-field-unit = Struttura che ne risponde
knowledge-field-audience = Visibilità
knowledge-field-maturity = Livello
knowledge-field-title = Titolo
knowledge-field-question = Domanda del cittadino
knowledge-field-summary = Risposta in breve
knowledge-field-public = Testo pubblico
knowledge-field-reply = Risposta pronta da inviare
knowledge-field-internal = Testo per gli operatori
knowledge-field-keywords = Parole chiave
knowledge-field-requirements = Cosa serve al cittadino
knowledge-hint-markdown = Si possono usare titoli, elenchi, grassetti e link in Markdown.
knowledge-hint-reply = Senza saluto iniziale e firma.
knowledge-hint-lines = Una per riga.
knowledge-text-it = Testo in italiano
knowledge-text-en = Testo in inglese
knowledge-cancel = Annulla
knowledge-retire = Ritira la scheda
knowledge-retire-text = Nessuno la troverà più. Le pratiche in cui è stata usata continuano a citarla.
knowledge-stale-title = La scheda è cambiata nel frattempo
knowledge-stale-text = Qualcun altro l'ha salvata dopo che l'hai aperta. Il tuo testo è qui sotto: confrontalo con quello attuale e salva di nuovo per sostituirlo.
knowledge-stale-open = Apri la versione attuale
knowledge-fault-required = manca
knowledge-fault-too_long = è troppo lungo
knowledge-fault-twice = c'è due volte
knowledge-fault-unknown = non esiste
knowledge-fault-taken = è già usato da un'altra scheda
knowledge-fault-invalid = non è valido
knowledge-fault = { $field }: { $wrong }

knowledge-work = Lavori sulle schede
knowledge-work-lists = Elenchi
knowledge-work-none = Qui non c'è nulla da fare.
knowledge-list-drafts = Bozze
knowledge-list-drafts-about = Schede in scrittura o rimandate con un motivo.
knowledge-list-to_validate = Da validare
knowledge-list-to_validate-about = Bozze che aspettano la struttura che ne risponde.
knowledge-list-scheduled = Programmate
knowledge-list-scheduled-about = Validate: entrano in vigore nel giorno stabilito.
knowledge-list-to_review = Da rivedere
knowledge-list-to_review-about = Schede in vigore il cui giorno di revisione è passato.
knowledge-list-outdated = Traduzioni da aggiornare
knowledge-list-outdated-about = L'originale è cambiato dopo la traduzione.
knowledge-list-retired = Ritirate
knowledge-list-retired-about = Schede fuori uso: si leggono ancora, e si possono riprendere.
knowledge-retired = Ritirata
knowledge-col-state = Stato
knowledge-col-version = Versione
knowledge-col-who = Chi
knowledge-col-when = Quando
knowledge-col-changes = Differenze
knowledge-state-draft = Bozza
knowledge-state-submitted = Da validare
knowledge-state-returned = Rimandata
knowledge-state-scheduled = Programmata
knowledge-draft = Bozza
knowledge-draft-of = Bozza: { $title }
knowledge-draft-open = Apri la bozza
knowledge-edit-draft = Modifica la bozza
knowledge-written = Scritta da { $who }, { $when }
knowledge-answers-for = Ne risponde: { $unit }
knowledge-front-office = sportello
knowledge-number-n = numero { $n }
knowledge-returned-title = È stata rimandata
knowledge-scheduled-for = Entra in vigore il { $day }
knowledge-overtaken-title = La scheda in vigore è cambiata
knowledge-overtaken-text = Dopo l'inizio di questa bozza è stata pubblicata un'altra versione: pubblicando la bozza la sostituisci.
knowledge-missing-title = Prima di inviarla a validare
knowledge-changes = Cosa cambia
knowledge-no-changes = Non cambia nulla.
knowledge-decide = Cosa fare
knowledge-submit = Invia a validare
knowledge-publish = Valida e pubblica
knowledge-publish-now = Pubblica
knowledge-send-back = Rimanda con il motivo
knowledge-discard = Elimina la bozza
knowledge-preview = Anteprima
knowledge-save-draft = Salva la bozza
knowledge-save-title = Salva
knowledge-history = Storia
knowledge-history-of = Storia: { $title }
knowledge-versions = Versioni
knowledge-versions-none = Le versioni si conservano dalla prossima pubblicazione.
knowledge-steps = Cosa è successo
knowledge-in-force = in vigore
knowledge-not-in-force = non in vigore
knowledge-changes-of = Cosa cambia nella versione { $version }
knowledge-changes-see = Vedi
knowledge-signed = { $author }, validata da { $validator }
knowledge-by-system = Sportello
knowledge-by-program = un programma
knowledge-by-somebody = un'altra persona
knowledge-step-drafted = { $who } ha scritto una bozza
knowledge-step-submitted = { $who } l'ha inviata a validare
knowledge-step-returned = { $who } l'ha rimandata
knowledge-step-scheduled = { $who } l'ha validata per il giorno
knowledge-step-discarded = { $who } ha eliminato la bozza
knowledge-step-published = { $who } ha pubblicato la versione { $version }
knowledge-step-retired = { $who } l'ha ritirata
knowledge-step-reminded = Promemoria di revisione
knowledge-compare = Confronta
knowledge-compare-of = Confronto: { $title }
knowledge-compare-from = Dalla
knowledge-compare-to = Alla
knowledge-version-of = versione { $version }, { $when }
knowledge-diff-added = (aggiunto:
knowledge-diff-removed = (tolto:
knowledge-diff-end = )
knowledge-restore = Riparti da questa versione
knowledge-restore-text = Diventa una bozza, da validare come le altre. Se c'è già una bozza, la sostituisce.
knowledge-restored = Ripresa dalla versione { $version }
knowledge-lang-it = italiano
knowledge-lang-en = inglese
knowledge-audience-partners = Enti partner
knowledge-field-number = Numero
knowledge-field-code = Codice
knowledge-hint-number = Da dettare al telefono; vuoto per averne uno nuovo.
knowledge-hint-unit = Valida e pubblica le modifiche.
knowledge-field-referent = Referente
knowledge-hint-referent = Riceve il promemoria di revisione.
knowledge-field-route = Dove vanno le richieste
knowledge-hint-route = Vuoto: alla struttura della classificazione.
knowledge-field-term_days = Termine in giorni
knowledge-hint-term_days = Entro quanto l'ufficio risponde o conclude.
knowledge-field-review_on = Da rivedere il
knowledge-hint-review_on = Quel giorno il referente riceve un promemoria.
knowledge-field-until = Vale fino al
knowledge-hint-until = Il giorno dopo si ritira da sola.
knowledge-field-offices = Uffici
knowledge-field-forms = Moduli
knowledge-field-fee = Costo
knowledge-hint-fee = In parole, per esempio «16,79 euro, con PagoPA».
knowledge-field-phone = Testo per il telefono
knowledge-hint-phone = Poche frasi da dire a voce: le legge l'operatore o il risponditore.
knowledge-field-phone_text = Testo per il telefono
knowledge-field-public_text = Testo pubblico
knowledge-field-internal_text = Testo per gli operatori
knowledge-field-why = Cosa cambia e perché
knowledge-hint-why = Resta nella storia della scheda.
knowledge-field-reason = Motivo
knowledge-field-publish_on = Dal giorno
knowledge-hint-publish_on = Vuoto: subito.
knowledge-field-lang = Lingua
knowledge-offices = Uffici e orari
knowledge-office-n = Ufficio { $n }
knowledge-office-name = Nome
knowledge-office-address = Indirizzo
knowledge-office-phone = Telefono
knowledge-office-email = E-mail
knowledge-office-opening = Orari
knowledge-office-more = Aggiungi un ufficio
knowledge-hint-opening = Uno per riga, per esempio: lun-ven 9-13
knowledge-forms = Moduli
knowledge-forms-kept = Moduli allegati
knowledge-forms-add = Allega moduli
knowledge-fee = Quanto costa
knowledge-terms = Tempi e scadenze
knowledge-term = { $n ->
    [one] Entro un giorno
   *[other] Entro { $n } giorni
}
knowledge-days = { $first }-{ $last }
knowledge-outdated-title = La traduzione è rimasta indietro
knowledge-outdated-text = L'originale è cambiato dopo l'ultima modifica di questo testo.
knowledge-outdated-confirm = Ho confrontato: la traduzione va ancora bene
knowledge-outdated-short = Una traduzione è più vecchia dell'originale.
knowledge-review-since = Da rivedere dal { $day }
knowledge-fault-out_of_range = è fuori dai valori possibili
knowledge-fault-too_many = sono troppi
knowledge-fault-fixed = non si cambia: il numero resta quello
knowledge-fault-opening = non è un orario come «lun-ven 9-13»
knowledge-mail-no-note = nessuna nota
knowledge-mail-validate-subject = Da validare: scheda { $code } «{ $title }»
knowledge-mail-validate = Una modifica della scheda { $code } «{ $title }» aspetta la vostra validazione.

    Cosa cambia: { $note }

    Per leggerla, pubblicarla o rimandarla: { $link }

    { $agency }
knowledge-mail-returned-subject = Rimandata: scheda { $code } «{ $title }»
knowledge-mail-returned = La bozza della scheda { $code } «{ $title }» è stata rimandata.

    Motivo: { $note }

    Per riprenderla: { $link }

    { $agency }
knowledge-mail-review-subject = Da rivedere: scheda { $code } «{ $title }»
knowledge-mail-review = La scheda { $code } «{ $title }» è da rivedere dal { $note }.

    Se è ancora giusta basta pubblicarla con un nuovo giorno di revisione: { $link }

    { $agency }
weekday-1 = lunedì
weekday-2 = martedì
weekday-3 = mercoledì
weekday-4 = giovedì
weekday-5 = venerdì
weekday-6 = sabato
weekday-7 = domenica
knowledge-number-to-say = Se ci chiami, questa è la scheda { $n }.
