use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};

/// Why a source was not saved or asked.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// 404: there is no such source, person or ticket.
    #[error("there is no such source, person or ticket")]
    Missing,
    /// 422: fields and what is wrong with each.
    #[error("the source has unacceptable values")]
    Invalid(Vec<(String, String)>),
    /// 412: somebody changed it in between; holds the version that is there now.
    #[error("the source was changed meanwhile")]
    Stale(i64),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for LookupError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<LookupError> for Problem {
    fn from(e: LookupError) -> Self {
        match e {
            LookupError::Missing => Self::not_found(),
            LookupError::Invalid(fields) => Self::fields(fields),
            LookupError::Stale(version) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", version)
            }
            LookupError::Forbidden(e) => e.into(),
            LookupError::Store(e) => e.into(),
        }
    }
}
