use super::faults::RuleFault;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};

/// Why rules were not written, did not come into force, or a run did not start again.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// 404: there is no such version, run or example.
    #[error("there is no such thing")]
    Missing,
    /// 422: what is wrong with which rule.
    #[error("the rules have unacceptable values")]
    Invalid(Vec<RuleFault>),
    /// 422: the document cannot be read.
    #[error("the rules cannot be read: {0}")]
    Unreadable(String),
    /// 412: somebody changed the draft in between; holds the edition that is there now.
    #[error("the draft was changed meanwhile")]
    Stale(i64),
    /// 409: the version is no draft, or is in force.
    #[error("the version is in use or was")]
    State,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for RulesError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<RulesError> for Problem {
    fn from(e: RulesError) -> Self {
        match e {
            RulesError::Missing => Self::not_found(),
            RulesError::Invalid(faults) => {
                Self::fields(faults.into_iter().map(|f| (f.place(), f.wrong.to_owned())).collect())
            }
            RulesError::Unreadable(_) => Self::new(Kind::Invalid, "unreadable_rules", e.to_string()),
            RulesError::Stale(edition) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", edition)
            }
            RulesError::State => Self::new(Kind::Conflict, "rules_in_use", e.to_string()),
            RulesError::Forbidden(e) => e.into(),
            RulesError::Store(e) => e.into(),
        }
    }
}
