rating-question = Quanto sono chiare le informazioni su questa pagina?
rating-stars = Valuta da 1 a 5 stelle la pagina
rating-star = Valuta { $n ->
    [one] { $n } stella
   *[other] { $n } stelle
} su 5
rating-liked = Quali sono stati gli aspetti che hai preferito?
rating-difficulties = Dove hai incontrato le maggiori difficoltà?
rating-reason-clear = Le indicazioni erano chiare
rating-reason-complete = Le indicazioni erano complete
rating-reason-guided = Capivo sempre che stavo procedendo correttamente
rating-reason-smooth = Non ho avuto problemi tecnici
rating-reason-unclear = A volte le indicazioni non erano chiare
rating-reason-incomplete = A volte le indicazioni non erano complete
rating-reason-lost = A volte non capivo se stavo procedendo correttamente
rating-reason-technical = Ho avuto problemi tecnici
rating-reason-other = Altro
rating-more = Vuoi aggiungere altri dettagli?
rating-comment = Dettaglio
rating-comment-hint = Massimo { $n } caratteri. Non scrivere dati personali: nomi, indirizzi, telefoni.
rating-no-answer = Da qui non possiamo risponderti. Se ti serve una risposta:
rating-send = Invia la valutazione
rating-thanks = Grazie, il tuo parere ci aiuterà a migliorare il servizio!
rating-choose-stars = Scegli da 1 a 5 stelle.
rating-choose-reason = Scegli una delle risposte, anche «Altro».
rating-too-long = Il dettaglio è troppo lungo: massimo 200 caratteri.
rating-too-many = Da questo collegamento sono arrivate molte valutazioni. Riprova più tardi.
rating-title = Valutazione
rating-title-of = Valutazione: { $sheet }
rating-back = Torna alla pagina
rating-stars-n = { $n ->
    [one] { $n } stella
   *[other] { $n } stelle
}
rating-by-citizen = Cittadino
rating-by-agent = Operatore
ratings-title = Valutazioni
ratings-about = Ciò che cittadini e operatori dicono delle schede. Dei cittadini non si conserva nessun dato personale.
ratings-none = Nessuno l'ha ancora valutata.
ratings-average = { $average } stelle su 5 ({ $n ->
    [one] { $n } valutazione
   *[other] { $n } valutazioni
})
ratings-of-version = Versione in vigore: { $value }
ratings-by-agents = Giudizi degli operatori: { $n }
ratings-reasons = Perché
ratings-open = Leggi le valutazioni
ratings-sheet = Scheda
ratings-who = Chi
ratings-stars = Stelle
ratings-show = Mostra
ratings-state = Stato
ratings-all = Tutti
ratings-citizens = Cittadini
ratings-agents = Operatori
ratings-low = Basse (da 1 a 3)
ratings-high = Alte (4 e 5)
ratings-with-words = Con commento
ratings-also-without = Anche senza commento
ratings-to-see = Da vedere
ratings-also-settled = Anche già viste
ratings-filter = Filtra
ratings-nothing = Nessuna valutazione con questi filtri.
ratings-col-when = Quando
ratings-col-said = Giudizio
ratings-settle = Segna come vista
ratings-reopen = Da rivedere
ratings-settled-on = Vista il { $day }
