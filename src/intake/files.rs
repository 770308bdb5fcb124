//! Files that come with a contact: stored whole before the transaction that names them.
pub use crate::tickets::files::{safe_name, store};
