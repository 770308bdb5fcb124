//! Whether the links of sheets lead anywhere. Once a day one node looks at the links of all sheets in force: those
//! into this site by the database, others by asking their server, a few at a time and one after the other on each
//! server. Addresses inside private networks are not called unless the configuration says so.
//!
//! Use cases: [`run::run`], [`run::again`].
pub mod api;
mod extract;
mod inside;
mod pages;
mod probe;
pub mod run;
pub mod store;

use crate::kernel::names::stored_enum;

pub use extract::{Link, of_sheet};
pub use run::follow;

pub(super) use pages::{LinkView, routes};

stored_enum! {
    /// How a link did at the last look.
    LinkState {
        Good = "good",
        /// It leads nowhere.
        Broken = "broken",
        /// It failed, but that may pass.
        Unsure = "unsure",
        /// An address that is not called.
        Refused = "refused",
    }
}

stored_enum! {
    /// Why a link is not good.
    Reason {
        /// Our own database has no such thing, or citizens do not see it.
        Missing = "missing",
        /// Its server said so; the status says what.
        Status = "status",
        /// No such server.
        Dns = "dns",
        /// No answer in time.
        Timeout = "timeout",
        /// No connection, or none that is safe.
        Connection = "connection",
        /// An address inside a private network.
        Private = "private",
        /// It leads from one address to the next without end.
        Redirects = "redirects",
        /// No address at all.
        Invalid = "invalid",
    }
}

/// What a look at a link found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub state: LinkState,
    pub reason: Option<Reason>,
    /// What its server said.
    pub status: Option<u16>,
}

impl Found {
    /// It leads somewhere.
    pub const GOOD: Self = Self { state: LinkState::Good, reason: None, status: None };

    /// It is not good, for a reason that decides whether this may pass.
    pub const fn failed(reason: Reason) -> Self {
        let state = match reason {
            Reason::Missing | Reason::Status | Reason::Redirects | Reason::Invalid => LinkState::Broken,
            Reason::Dns | Reason::Timeout | Reason::Connection => LinkState::Unsure,
            Reason::Private => LinkState::Refused,
        };
        Self { state, reason: Some(reason), status: None }
    }

    /// What an answer's status says. Who keeps programs out has a page nevertheless.
    pub const fn answered(status: u16) -> Self {
        let (state, reason) = match status {
            200..=399 | 401 | 403 | 405 | 406 | 407 | 429 => (LinkState::Good, None),
            500..=599 => (LinkState::Unsure, Some(Reason::Status)),
            _ => (LinkState::Broken, Some(Reason::Status)),
        };
        Self { state, reason, status: Some(status) }
    }
}

/// After so many looks in a row that failed, what might have passed counts as broken.
pub const PATIENCE: i64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_keeps_programs_out_has_a_page_and_one_in_trouble_may_recover() {
        let states = [200, 403, 404, 410, 429, 503].map(|status| Found::answered(status).state);
        use LinkState::{Broken, Good, Unsure};
        assert_eq!(states, [Good, Good, Broken, Broken, Good, Unsure]);
        assert_eq!(Found::failed(Reason::Dns).state, Unsure);
        assert_eq!(Found::failed(Reason::Missing).state, Broken);
        assert_eq!(Found::failed(Reason::Private).state, LinkState::Refused);
    }
}
