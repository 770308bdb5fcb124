problem-status-400 = Request not readable
problem-status-400-text = What arrived cannot be read. Go back and try again.
problem-status-401 = You need to sign in
problem-status-401-text = This page is reserved: sign in and try again.
problem-status-403 = You cannot do this
problem-status-403-text = Your profile does not allow it. If you need it, ask who administers the help desk.
problem-status-404 = Page not found
problem-status-404-text = The address may have changed, or may be mistyped.
problem-status-405 = This address does not do this
problem-status-405-text = Go back and reload the page.
problem-status-409 = Not possible now
problem-status-409-text = Something changed in the meantime. Reload the page and try again.
problem-status-412 = This page is out of date
problem-status-412-text = Somebody else changed these data while you were looking at them. Reload the page: what you wrote is not lost.
problem-status-413 = Too large
problem-status-413-text = What you sent is over the limit. Try a shorter text or smaller files.
problem-status-415 = Format not accepted
problem-status-415-text = This kind of content is not among those accepted.
problem-status-422 = Check what you entered
problem-status-422-text = One of the values is not acceptable. Go back, correct it and try again.
problem-status-429 = Too many requests
problem-status-429-text = Wait a few minutes and try again.
problem-status-500 = Something went wrong
problem-status-500-text = The fault is ours and has been recorded. Try again shortly.
problem-status-503 = Service not available
problem-status-503-text = We are having a technical problem. Try again in a few minutes.

problem-csrf = The page was open for too long. Reload it and send again.
problem-foreign-origin = The request comes from another site and for safety was not carried out.

problem-go-home = Go to the start
problem-go-desk = Go to the desk
problem-go-track = Follow a request
problem-go-knowledge = Search the information

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

age-minutes = { $n ->
    [0] now
    [one] 1 minute ago
   *[other] { $n } minutes ago
}
age-hours = { $n ->
    [one] 1 hour ago
   *[other] { $n } hours ago
}
age-days = { $n ->
    [one] 1 day ago
   *[other] { $n } days ago
}
