supervision-title = Chiusura a front office
supervision-tickets-title = Pratiche dietro la cifra
supervision-period = Dal { $from } al { $to }
supervision-filters = Periodo e struttura
supervision-from = Dal
supervision-to = Al
supervision-unit = Struttura
supervision-all-units = Tutte
supervision-update = Aggiorna
supervision-csv = Scarica CSV
supervision-strict = Stretta: senza alcun invio
supervision-wide = Larga: senza invii esterni
supervision-closed = Pratiche chiuse
supervision-closed-short = Chiuse
supervision-strict-short = Stretta
supervision-wide-short = Larga
supervision-bar = Grafico
supervision-item = Voce
supervision-none = Non classificate
supervision-week = Settimana
supervision-percent = { $whole },{ $tenth } %
supervision-points = { $whole },{ $tenth } punti
supervision-trend = { $change } sul periodo precedente
supervision-definition = Stretta: chiuse senza invii per competenza o istruttoria. Larga: chiuse senza invii ad altri enti. Una pratica riaperta non conta finché non si chiude di nuovo.
supervision-agrees = Il riconteggio dal registro degli eventi dà le stesse cifre.
supervision-catching-up = Le cifre si stanno aggiornando: il registro ha già eventi più recenti.
supervision-chart-title = Andamento settimanale
supervision-chart-summary = La quota stretta va da { $first } della prima settimana a { $last } dell'ultima.
supervision-by-channel = Per canale
supervision-by-area = Per area
supervision-by-category = Per classificazione
supervision-by-unit = Per struttura
supervision-empty = Nessuna pratica chiusa
supervision-empty-hint = Scegli un periodo più lungo o un'altra struttura.
supervision-back = Torna alle cifre
supervision-which-closed = Pratiche chiuse
supervision-which-strict = Chiuse a front office, senza alcun invio
supervision-which-not-strict = Chiuse dopo un invio
supervision-which-wide = Chiuse senza invii esterni
supervision-which-not-wide = Chiuse dopo un invio esterno
supervision-row-strict = A front office
supervision-row-wide = Dopo un invio interno
supervision-row-external = Dopo un invio esterno
supervision-code = Codice
supervision-subject = Oggetto
supervision-channel = Canale
supervision-category = Classificazione
supervision-closed-at = Chiusa il
supervision-how = Come
supervision-recount = Riconta dal registro degli eventi
flows-title = La rete
flows-lead = Chi invia a chi, quanto, in quanto tempo arriva la risposta e che cosa è scaduto. Gli invii contano il giorno in cui partono.
flows-about = Struttura che invia o riceve
flows-drawing = Disegno della rete
flows-drawing-table = Gli stessi numeri sono nella tabella che segue.
flows-table = Chi invia a chi
flows-summary = { $sent ->
    [one] Un invio
   *[other] { $sent } invii
 } a { $units ->
    [one] una struttura
   *[other] { $units } strutture
 }; { $overdue ->
    [0] nessuno scaduto
    [one] uno scaduto
   *[other] { $overdue } scaduti
 }.
flows-band = Da { $sender } a { $unit }: { $n } invii, { $overdue } scaduti
flows-others = Altre strutture
flows-unknown = Non nota
flows-legend-band = Più è larga, più invii
flows-legend-overdue = Con invii scaduti
flows-sender = Chi invia
flows-unit = Chi riceve
flows-total = Tutti
flows-sent = Inviati
flows-waiting = In attesa
flows-overdue = Scaduti
flows-answered = Risposti
flows-median = Tempo mediano
flows-late = Risposti tardi
flows-returned = Restituiti
flows-hours = { $n } ore
flows-days = { $n } giorni
flows-empty = Nessun invio
flows-empty-text = In questo periodo nessuna struttura ha inviato pratiche ad altre. Scegli un periodo più lungo.
flows-back = La rete
flows-list-title = Invii
flows-list-sent = Invii partiti
flows-list-waiting = Invii in attesa di risposta
flows-list-overdue = Invii scaduti senza risposta
flows-list-answered = Invii con risposta
flows-list-late = Invii con risposta dopo il termine
flows-list-returned = Invii restituiti
flows-kind = Perché
flows-state = Stato
flows-sent-at = Inviato
flows-due-at = Termine
flows-answered-at = Risposto
