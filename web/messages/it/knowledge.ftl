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
knowledge-term-contradicts-title = Due termini diversi
knowledge-term-contradicts = La scheda dice «{ $promised }», il protocollo «{ $protocol }» della sua classificazione prevede { $amount }. Chi legge e chi risponde devono contare lo stesso termine.
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

gap-title = Cosa scrivere
gap-usage = Uso delle schede
gap-misses = Ricerche a vuoto
gap-views = Lacune e uso delle schede
gap-periods = Periodo
gap-period = { $n ->
    [365] Ultimo anno
   *[other] Ultimi { $n } giorni
}
gap-about-list = Quello che manca alle schede, per primo ciò che farebbe chiudere più pratiche a front office.
gap-summary = Nel periodo sono state chiuse { $closed } pratiche; con una scheda si chiude a front office il { $with } %, senza il { $without } %.
gap-none = Non c'è nulla da scrivere: nessuna domanda è rimasta senza una scheda.
gap-col-what = Cosa
gap-col-month = Al mese
gap-col-gain = Guadagno atteso
gap-col-do = Da qui
gap-gain = +{ $n } pratiche al mese
gap-points = +{ $n } punti di chiusura
gap-percent = { $n } %
gap-kind-write = Scheda nuova
gap-kind-mend = Da migliorare
gap-kind-search = Cercata e non trovata
gap-kind-translate = Traduzione vecchia
gap-kind-review = Da rileggere
gap-about = { $words } ({ $category })
gap-rest = Altre domande di «{ $category }»
gap-searched = «{ $words }»
gap-why-write = { $n ->
    [one] Una pratica chiusa senza una scheda;
   *[other] { $n } pratiche chiuse senza una scheda;
} { $escalated ->
    [0] nessuna è andata a un ufficio.
    [one] una è andata a un ufficio.
   *[other] { $escalated } sono andate a un ufficio.
} Con una scheda se ne chiuderebbe a front office il { $target } %.
gap-why-mend = { $n ->
    [one] Una pratica chiusa con questa scheda,
   *[other] { $n } pratiche chiuse con questa scheda,
} a front office il { $share } %; le altre schede dello stesso livello ne chiudono il { $target } %.
gap-why-search = { $n ->
    [one] Cercata una volta
   *[other] Cercata { $n } volte
} senza trovare una scheda che risponda: { $sides }.
gap-why-translate = L'originale è cambiato dopo la traduzione. { $n ->
    [0] Nel periodo nessuna pratica in altra lingua l'ha usata.
    [one] Nel periodo l'ha usata una pratica in altra lingua.
   *[other] Nel periodo l'hanno usata { $n } pratiche in altra lingua.
}
gap-why-review = La data di revisione è passata il { $day }. { $n ->
    [0] Nel periodo nessuna pratica è stata chiusa con questa scheda.
    [one] Nel periodo una pratica è stata chiusa con questa scheda.
   *[other] Nel periodo { $n } pratiche sono state chiuse con questa scheda.
}
gap-side-portal = portale
gap-side-desk = scrivania
gap-side-form = modulo
gap-side-message = messaggi
gap-draft-from = Scrivi da una pratica
gap-draft-from-label = Scrivi la scheda «{ $title }» dalla pratica { $code }
gap-draft-from-ticket = Fanne una scheda
gap-open-drafted = Apri { $code }
gap-write = Scrivi la scheda
gap-mend = Migliora la scheda
gap-translate = Aggiorna la traduzione
gap-review = Rileggi la scheda
gap-draft-why = Bozza da una pratica chiusa. Dati personali tolti, al loro posto un segnaposto ⟦…⟧: { $removed }. Da rileggere prima di pubblicare.
gap-draft-why-nothing = Bozza da una pratica chiusa. Non sono stati riconosciuti dati personali: da rileggere prima di pubblicare.
gap-about-usage = Che cosa è successo con ogni scheda. «Proposta» (agli operatori) e «trovata» (dai cittadini) contano una volta per pratica e per ricerca. «Inviate» conta le pratiche andate a un ufficio dopo che la scheda era stata letta o usata, «solo proposta» quelle in cui nessuno l'aveva aperta.
gap-usage-none = Non ci sono schede in uso.
gap-col-sheet = Scheda
gap-col-shown-agents = Proposta
gap-col-shown-citizens = Trovata
gap-col-opened-agents = Letta alla scrivania
gap-col-opened-citizens = Letta dal pubblico
gap-col-used = Usata
gap-col-closed = Chiuse
gap-col-front = Front office
gap-col-escalated = Inviate
gap-col-passed = Solo proposta
gap-col-stars = Stelle dei cittadini
gap-col-useful = Utile agli operatori
gap-col-wrong = Segnalata errata
gap-about-misses = Parole cercate almeno due volte senza trovare una scheda che risponda, in ordine alfabetico dentro la ricerca. Nomi, numeri, codici e indirizzi non vengono conservati.
gap-misses-none = Nessuno ha cercato due volte qualcosa che manca.
gap-col-words = Parole
gap-col-times = Volte
gap-col-sides = Dove
gap-col-last = Ultima volta
knowledge-fault-placeholder = contiene ancora un segnaposto ⟦…⟧ al posto di dati personali
knowledge-fault-not_over = non è ancora risolta
knowledge-fault-no_answer = non ha una risposta da cui partire
knowledge-field-ticket = Pratica
redacted-name = nome
redacted-email = e-mail
redacted-phone = telefono
redacted-fiscal-code = codice fiscale
redacted-iban = IBAN
redacted-plate = targa
redacted-address = indirizzo
redacted-birth = data di nascita
redacted-code = codice
redacted-number = numero
gap-col-why = Perché
