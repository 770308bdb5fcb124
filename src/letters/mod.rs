//! The desk of scanned letters: each page beside what was read on it, corrected by a person; who wrote it; where it
//! belongs; pages that the scanner mixed up put right. What the program read is kept, and who changed what.
pub mod api;
mod arrange;
mod correct;
mod error;
mod model;
pub mod pages;
mod picture;
mod place;
mod state;
pub mod store;
mod view;

pub use arrange::{Arrangement, PlacedPage, arrange};
pub use correct::{Correction, WrittenBy, correct};
pub use error::LetterError;
pub use model::{LetterState, Worklist};
pub use place::{Placement, place};
pub use state::{Standing, set_state};
pub use view::{LetterView, read};
