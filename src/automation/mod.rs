//! What happens by itself when something happened: rules act ([`rules`]), other systems are told ([`subscriptions`]).
pub mod rules;
pub mod subscriptions;
