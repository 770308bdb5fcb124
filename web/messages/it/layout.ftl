service-name = Sportello del cittadino
service-tagline = Chiedi, segnala, segui la tua richiesta
skip-to-content = Vai al contenuto
other-language-code = en
other-language-name = English
staff-area = Area operatori

nav-main = Principale
nav-home = Inizio
nav-request = Chiedi o segnala
nav-track = Segui una richiesta
nav-knowledge = Informazioni e servizi

footer-help = Assistenza
footer-faq = Leggi le domande frequenti
footer-ask = Fai una richiesta
footer-booking = Prenotazione appuntamento
footer-report = Segnalazione disservizio
footer-requests = Le tue richieste
footer-legal = Informazioni
footer-privacy = Informativa privacy
footer-accessibility = Dichiarazione di accessibilità
phone-toll-free = Chiama il numero verde
phone-call = Chiama il numero

desk-name = Sportello
desk-nav = Scrivania
desk-search = Cerca nelle pratiche
desk-search-hint = Codice, nome, telefono, e-mail, testo…
desk-new-ticket = Nuova pratica
desk-shortcuts = Scorciatoie
desk-public-site = Vai al sito pubblico
desk-link-lost = Collegamento interrotto: gli aggiornamenti riprenderanno da soli.
sign-out = Esci
sign-out-everywhere = Esci da tutti i dispositivi

nav-queues = Code
queue-new = Nuove
queue-mine = Le mie
queue-unit = Della mia struttura
queue-referred = Inviate
queue-waiting = In attesa del cittadino
nav-tools = Strumenti
nav-control = Regia
nav-settings = Amministrazione
nav-sheets = Schede
nav-supervision = Supervisione
nav-outbox = Invii non riusciti
nav-quarantine = Quarantena
nav-users = Utenti

shortcuts-title = Scorciatoie da tastiera
shortcut-search = Cerca
shortcut-take = Prendi in carico la pratica
shortcut-reply = Scrivi la risposta
shortcut-help = Mostra questo elenco
shortcut-visit = Registra una visita allo sportello
shortcuts-on = Scorciatoie con un tasto attive in questo browser
close-dialog = Chiudi

field-optional = (facoltativo)
field-leave-empty = Lascia vuoto questo campo
error-summary-title = Controlla i dati inseriti

pager = Pagine
pager-previous = Precedenti
pager-next = Successive
breadcrumb = Percorso
attachments = Allegati
file-signed = Firmato digitalmente: qui a fianco il contenuto. La firma non è stata verificata
file-taken-from = Estratto da { $name }; la firma non è stata verificata
file-unreadable = Non si è potuto aprire: è conservato com’è arrivato
quoted-text = Mostra il testo citato
internal-note = Nota interna
copy-code = Copia il codice
chart-data = Mostra i dati del grafico

script-file-too-large = Il file «{"{"}name{"}"}» supera {"{"}limit{"}"}: scegline uno più piccolo.
script-too-many-files = Puoi allegare al massimo {"{"}limit{"}"} file.
script-copied = Codice copiato
script-draft-writing = Bozza non ancora salvata
script-draft-saved = Bozza salvata alle {"{"}time{"}"}
script-draft-failed = Bozza non salvata: riprova o copia il testo
