rating-question = How clear is the information on this page?
rating-stars = Rate this page from 1 to 5 stars
rating-star = Give { $n ->
    [one] { $n } star
   *[other] { $n } stars
} out of 5
rating-liked = What did you like best?
rating-difficulties = Where did you have most difficulty?
rating-reason-clear = The instructions were clear
rating-reason-complete = The instructions were complete
rating-reason-guided = I always knew that I was on the right way
rating-reason-smooth = I had no technical problems
rating-reason-unclear = Some instructions were not clear
rating-reason-incomplete = Some instructions were not complete
rating-reason-lost = At times I did not know whether I was on the right way
rating-reason-technical = I had technical problems
rating-reason-other = Something else
rating-more = Would you like to add details?
rating-comment = Details
rating-comment-hint = At most { $n } characters. Please write no personal data: names, addresses, telephone numbers.
rating-no-answer = We cannot answer you from here. If you need an answer:
rating-send = Send the rating
rating-thanks = Thank you, your opinion will help us improve the service!
rating-choose-stars = Choose from 1 to 5 stars.
rating-choose-reason = Choose one of the answers, also “Something else”.
rating-too-long = The details are too long: at most 200 characters.
rating-too-many = Many ratings came from this connection. Please try again later.
rating-title = Rating
rating-title-of = Rating: { $sheet }
rating-back = Back to the page
rating-stars-n = { $n ->
    [one] { $n } star
   *[other] { $n } stars
}
rating-by-citizen = Citizen
rating-by-agent = Agent
ratings-title = Ratings
ratings-about = What citizens and agents say of the sheets. No personal data of citizens is kept.
ratings-none = Nobody has rated it yet.
ratings-average = { $average } stars out of 5 ({ $n ->
    [one] { $n } rating
   *[other] { $n } ratings
})
ratings-of-version = Version in force: { $value }
ratings-by-agents = Verdicts of agents: { $n }
ratings-reasons = Why
ratings-open = Read the ratings
ratings-sheet = Sheet
ratings-who = Who
ratings-stars = Stars
ratings-show = Show
ratings-state = State
ratings-all = All
ratings-citizens = Citizens
ratings-agents = Agents
ratings-low = Low (1 to 3)
ratings-high = High (4 and 5)
ratings-with-words = With a comment
ratings-also-without = Also without a comment
ratings-to-see = To be seen
ratings-also-settled = Also those seen
ratings-filter = Filter
ratings-nothing = No rating fits this filter.
ratings-col-when = When
ratings-col-said = Opinion
ratings-settle = Mark as seen
ratings-reopen = To be seen again
ratings-settled-on = Seen on { $day }
