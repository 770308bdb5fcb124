lessons-open = Che cosa ha imparato dalle richieste
lessons-title = Parole imparate dalla scheda { $code }
lessons-here = Parole imparate
lessons-about = Chi cerca con queste parole trova la scheda: le hanno usate i cittadini nelle pratiche chiuse con essa. Non restano nomi, numeri, né parole scritte da una persona sola, se non sono già in altre schede. Se una parola non c'entra, toglila.
lessons-words = Parole
lessons-none = Ancora nessuna: servono pratiche chiuse con la scheda in cui più persone usano parole che nella scheda non ci sono.
lessons-people = { $n ->
    [one] una persona
   *[other] { $n } persone
}
lessons-drop = Togli
lessons-drop-word = Togli la parola «{ $word }»
lessons-drop-ticket = Non imparare dalla pratica { $code }
lessons-dropped-words = Parole tolte
lessons-again = Rimetti
lessons-again-word = Rimetti la parola «{ $word }»
lessons-again-ticket = Impara di nuovo dalla pratica { $code }
lessons-tickets = Pratiche da cui impara
lessons-tickets-none = Nessuna pratica è chiusa con questa scheda.
lessons-dropped-tickets = Pratiche escluse
lessons-more = e altre { $n }
