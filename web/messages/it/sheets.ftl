verdict-title = Questa scheda ti è servita?
verdict-said = Che cosa ne dicono gli operatori
verdict-about = Che cosa dici della scheda { $code }
verdict-useful = Utile
verdict-out-of-date = Errata o superata
verdict-thanks = Grazie, è stato annotato.
verdict-reported = Segnalata alla struttura che ne risponde.
verdict-remarked = Segnalata, con la tua nota.
verdict-remark = Che cosa non va? (facoltativo)
verdict-send = Invia
verdict-counts = Dagli operatori: utile { $useful } volte, errata o superata { $bad }.
verdict-reports = Segnalazioni degli operatori
verdict-settle = Nulla da cambiare
verdict-settle-text = Una nuova versione le chiude da sé. Se la scheda va bene così, chiudile qui.
verdict-shortcut-useful = La prima scheda proposta, o quella aperta, è utile
verdict-shortcut-out-of-date = La prima scheda proposta, o quella aperta, è errata o superata
knowledge-list-reported = Segnalate dagli operatori
knowledge-list-reported-about = Schede in vigore che un operatore ha trovato errate o superate.
knowledge-step-reported = { $who } l’ha segnalata come errata o superata
knowledge-step-settled = { $who } ha chiuso le segnalazioni: va bene così
knowledge-mail-reported-subject = Segnalata: scheda { $code } «{ $title }»
knowledge-mail-reported = Un operatore ha trovato errata o superata la scheda { $code } «{ $title }».

    Nota: { $note }

    Leggila e correggila: { $link }

    { $agency }

links-title = Collegamenti
links-lists = Elenchi di collegamenti
links-state-broken = Non funzionano
links-state-broken-about = Portano a una pagina che non c’è, o il loro server non risponde da tre giorni.
links-state-unsure = Incerti
links-state-unsure-about = L’ultima volta non hanno risposto: può essere un guasto che passa.
links-state-refused = Non controllati
links-state-refused-about = Indirizzi di reti private, che lo sportello non chiama.
links-last = Controllati il { $when }: { $n } collegamenti.
links-running = Il controllo è in corso.
links-never = Il primo controllo si fa entro pochi minuti.
links-off = Il controllo è spento nella configurazione.
links-none = Nessun collegamento
links-none-text = In questo elenco non c’è nulla da correggere.
links-col-url = Indirizzo
links-col-why = Motivo
links-col-since = Da quando
links-col-checked = Ultimo controllo
links-since = dal { $when }
links-again = Controlla di nuovo
links-again-of = Controlla di nuovo i collegamenti di { $code }
links-of-sheet = Collegamenti che non funzionano
links-why-missing = Nel sito non c’è, o i cittadini non la vedono
links-why-status = Il server risponde { $status }
links-why-dns = Il sito non esiste
links-why-timeout = Il server non risponde
links-why-connection = Connessione impossibile o non sicura
links-why-private = Rete privata
links-why-redirects = Rimanda senza fine da un indirizzo all’altro
links-why-invalid = Non è un indirizzo

transfer-title = Importa ed esporta
transfer-bring = Importa schede
transfer-bring-text = Prima si prova: vedi che cosa cambierebbe, e solo dopo lo applichi. O entra tutto, o non entra nulla.
transfer-files = File
transfer-files-hint = CSV, JSONL o Markdown (anche più schede in un file, o più file).
transfer-into = Che cosa diventano
transfer-into-drafts = Bozze, da inviare e validare
transfer-into-published = Schede in vigore da subito
transfer-try = Prova
transfer-trial = Esito della prova
transfer-trial-text = Nulla è stato ancora scritto.
transfer-nothing = Non c’è nulla da importare.
transfer-done = Importazione fatta
transfer-counts = { $created } nuove, { $changed } modificate, { $unchanged } già così
transfer-apply-drafts = Importa come bozze
transfer-apply-published = Importa e pubblica
transfer-faults = C’è qualcosa da correggere
transfer-faults-text = Nulla è stato scritto. Correggi il file e prova di nuovo.
transfer-col-place = Dove
transfer-col-fault = Che cosa non va
transfer-line = riga { $n }
transfer-no-file = Scegli un file.
transfer-too-many = Più di { $n } schede in una volta.
transfer-take = Esporta schede
transfer-take-text = Le schede in vigore, come si possono importare di nuovo.
transfer-format-csv = Tabella (CSV)
transfer-format-jsonl = Una scheda per riga (JSONL)
transfer-format-markdown = Testo (Markdown)
knowledge-field-syntax = File
knowledge-fault-forbidden = non sei tu a validarla
knowledge-fault-format = il nome non finisce in .csv, .jsonl o .md
knowledge-fault-not_utf8 = non è testo UTF-8

rating-reason-useful = Utile
rating-reason-out_of_date = Errata o superata
