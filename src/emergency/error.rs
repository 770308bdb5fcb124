use super::model::Changes;
use crate::classification::TaxonomyError;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};
use crate::organisation::OrganisationError;
use crate::routing::RoutingError;

/// Why a plan was not saved, or an emergency did not start or end.
#[derive(Debug, thiserror::Error)]
pub enum EmergencyError {
    /// 404: there is no such plan, or no such emergency.
    #[error("there is no such plan or emergency")]
    Missing,
    /// 422: fields and what is wrong with each.
    #[error("the plan has unacceptable values: {}", said(.0))]
    Invalid(Vec<(String, String)>),
    /// 422: the file is no plan.
    #[error("the file cannot be read: {0}")]
    Format(String),
    /// 409: one is in force already.
    #[error("an emergency is in force")]
    Running,
    /// 409: none is in force.
    #[error("no emergency is in force")]
    NotRunning,
    /// 412: somebody saved a version in between; holds the number that is there now.
    #[error("the plan was changed meanwhile")]
    Stale(i64),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What a trial changed before all of it was taken back.
    #[error("this was a trial")]
    Tried(Box<Changes>),
}

fn said(faults: &[(String, String)]) -> String {
    faults.iter().map(|(field, wrong)| format!("{field}: {wrong}")).collect::<Vec<_>>().join(", ")
}

impl EmergencyError {
    pub(super) fn field(field: impl Into<String>, wrong: &str) -> Self {
        Self::Invalid(vec![(field.into(), wrong.to_owned())])
    }
}

impl From<sqlx::Error> for EmergencyError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<TaxonomyError> for EmergencyError {
    fn from(e: TaxonomyError) -> Self {
        match e {
            TaxonomyError::Invalid(faults) => {
                Self::Invalid(faults.into_iter().map(|f| (f.slug, f.wrong.to_owned())).collect())
            }
            TaxonomyError::Forbidden(e) => Self::Forbidden(e),
            TaxonomyError::Store(e) => Self::Store(e),
            TaxonomyError::Missing
            | TaxonomyError::Format(_)
            | TaxonomyError::Day
            | TaxonomyError::Stale(_)
            | TaxonomyError::State => Self::field("classes", "unknown"),
        }
    }
}

impl From<RoutingError> for EmergencyError {
    fn from(e: RoutingError) -> Self {
        match e {
            // A rule that somebody else wrote may be wrong too; its place says which.
            RoutingError::Invalid(faults) => {
                Self::Invalid(faults.into_iter().map(|f| (format!("rules.{}", f.rule), f.wrong.to_owned())).collect())
            }
            RoutingError::Forbidden(e) => Self::Forbidden(e),
            RoutingError::Store(e) => Self::Store(e),
            RoutingError::Missing | RoutingError::Areas(_) | RoutingError::Stale(_) | RoutingError::State => {
                Self::field("rules", "unknown")
            }
        }
    }
}

impl From<OrganisationError> for EmergencyError {
    fn from(e: OrganisationError) -> Self {
        match e {
            OrganisationError::Invalid { field, wrong } => Self::field(field, wrong),
            OrganisationError::Forbidden(e) => Self::Forbidden(e),
            OrganisationError::Store(e) => Self::Store(e),
            OrganisationError::NotFound | OrganisationError::Misfit(_) => Self::field("bodies", "unknown"),
        }
    }
}

impl From<EmergencyError> for Problem {
    fn from(e: EmergencyError) -> Self {
        match e {
            EmergencyError::Missing => Self::not_found(),
            EmergencyError::Invalid(fields) => Self::fields(fields),
            EmergencyError::Format(_) => Self::new(Kind::Invalid, "invalid_plan", e.to_string()),
            EmergencyError::Running => Self::new(Kind::Conflict, "emergency_running", e.to_string()),
            EmergencyError::NotRunning => Self::new(Kind::Conflict, "no_emergency", e.to_string()),
            EmergencyError::Stale(number) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", number)
            }
            EmergencyError::Forbidden(e) => e.into(),
            EmergencyError::Store(e) => e.into(),
            // Who tries takes the changes out; it reaches nobody.
            EmergencyError::Tried(_) => Self::new(Kind::Internal, "internal", "a trial was not taken back"),
        }
    }
}
