//! Raw to contact.
