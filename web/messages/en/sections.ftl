# Parts of a service's page, with the names of the national model of municipal sites
knowledge-section-addressed_to = Who it is for
knowledge-section-obtained = What you get
knowledge-section-deadlines = How long it takes
knowledge-section-further = Further information
knowledge-section-conditions = Conditions of service
knowledge-hint-addressed = Who may use the service, in a sentence or two.
knowledge-hint-obtained = What citizens have at the end.
knowledge-hint-deadlines = Dates to keep. The term in days is written above, once for all languages.
knowledge-hint-conditions = Limits and rules. The link to the privacy notice is there already.
knowledge-requirements-are = Before you begin, have ready:
site-conditions-privacy = What you tell us only serves to answer you:
site-conditions-privacy-link = read how we treat it
