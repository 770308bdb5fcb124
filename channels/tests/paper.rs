//! Paper read by the real programs: pages that we print ourselves, then spoil as scanners and lines do.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod paper {
    pub mod support;

    mod folders;
    mod hostile;
    mod letters;
    mod printing;
    mod reading;
}
