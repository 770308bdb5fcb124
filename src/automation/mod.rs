//! What happens by itself when something happened: other systems are told ([`subscriptions`]).
pub mod subscriptions;
