//! What came and could not be taken in: kept whole, shown with its reason, tried again, made a ticket by hand,
//! or dismissed.
