mail-too-large = The message is too large ({ $megabytes } MB) and was not downloaded: only its sender, subject and date are here. The original can be read in the mailbox { $mailbox }.
