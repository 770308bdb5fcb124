use super::areas::AreaError;
use super::model::RuleFault;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};

/// Why rules or areas were not written or did not come into force.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// 404: there is no such version.
    #[error("there is no such version")]
    Missing,
    /// 422: what is wrong with which rule.
    #[error("the rules have unacceptable values")]
    Invalid(Vec<RuleFault>),
    /// 422: the file has no areas.
    #[error("the areas cannot be read: {0}")]
    Areas(#[from] AreaError),
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

impl From<sqlx::Error> for RoutingError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<RoutingError> for Problem {
    fn from(e: RoutingError) -> Self {
        match e {
            RoutingError::Missing => Self::not_found(),
            RoutingError::Invalid(faults) => {
                Self::fields(faults.into_iter().map(|f| (format!("rules.{}", f.rule), f.wrong.to_owned())).collect())
            }
            RoutingError::Areas(_) => Self::new(Kind::Invalid, "invalid_areas", e.to_string()),
            RoutingError::Stale(edition) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", edition)
            }
            RoutingError::State => Self::new(Kind::Conflict, "routing_in_use", e.to_string()),
            RoutingError::Forbidden(e) => e.into(),
            RoutingError::Store(e) => e.into(),
        }
    }
}
