mail-too-large = Il messaggio è troppo grande ({ $megabytes } MB) e non è stato scaricato: qui ci sono solo mittente, oggetto e data. L’originale si legge nella casella { $mailbox }.
