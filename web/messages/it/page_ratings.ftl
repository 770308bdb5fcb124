rating-place-home = La pagina iniziale
page-ratings-title = Valutazioni delle pagine
page-ratings-about = Quanto sono chiare, per chi le legge, la pagina iniziale e gli elenchi dei servizi.
page-ratings-places = Pagine valutate
page-ratings-page = Pagina
page-ratings-n = Valutazioni
page-ratings-average = Stelle in media
