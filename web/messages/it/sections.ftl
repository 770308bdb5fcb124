# Parti della pagina di un servizio, con i nomi del modello nazionale dei siti dei comuni
knowledge-section-addressed_to = A chi è rivolto
knowledge-section-obtained = Cosa si ottiene
knowledge-section-deadlines = Tempi e scadenze
knowledge-section-further = Ulteriori informazioni
knowledge-section-conditions = Condizioni di servizio
knowledge-hint-addressed = Chi può usare il servizio, in una o due frasi.
knowledge-hint-obtained = Che cosa riceve il cittadino alla fine.
knowledge-hint-deadlines = Scadenze da rispettare. Il termine in giorni si scrive sopra, una volta per tutte le lingue.
knowledge-hint-conditions = Limiti e regole. Il collegamento all'informativa sulla privacy c'è già.
knowledge-requirements-are = Prima di iniziare prepara:
site-conditions-privacy = I dati che ci dai servono solo a risponderti:
site-conditions-privacy-link = leggi come li trattiamo
