//! What readers say of a sheet: citizens give stars and a reason, agents one key while they answer. Each is bound
//! to the version and the language that was read, so that a corrected text is not blamed for an old one.
pub mod model;
pub mod store;
