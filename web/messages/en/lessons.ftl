lessons-open = What it learnt from requests
lessons-title = Words that sheet { $code } learnt
lessons-here = Words learnt
lessons-about = Whoever searches with these words finds the sheet: citizens used them in requests that were closed with it. No names, no numbers and no words of one person alone are kept, unless other sheets have them already. Take out a word that does not belong here.
lessons-words = Words
lessons-none = None yet: several people must use words that the sheet does not have, in requests closed with it.
lessons-people = { $n ->
    [one] one person
   *[other] { $n } people
}
lessons-drop = Take out
lessons-drop-word = Take out the word “{ $word }”
lessons-drop-ticket = Do not learn from request { $code }
lessons-dropped-words = Words taken out
lessons-again = Put back
lessons-again-word = Put back the word “{ $word }”
lessons-again-ticket = Learn again from request { $code }
lessons-tickets = Requests it learns from
lessons-tickets-none = No request is closed with this sheet.
lessons-dropped-tickets = Requests left out
lessons-more = and { $n } more
