rating-place-home = The home page
page-ratings-title = Ratings of pages
page-ratings-about = How clear readers find the home page and the lists of services.
page-ratings-places = Pages that were rated
page-ratings-page = Page
page-ratings-n = Ratings
page-ratings-average = Stars on average
