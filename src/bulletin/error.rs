use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};

/// Why a bulletin was not written or read.
#[derive(Debug, thiserror::Error)]
pub enum BulletinError {
    #[error("there is no such bulletin")]
    Missing,
    /// 422: fields and what is wrong with each.
    #[error("the bulletin has unacceptable values")]
    Invalid(Vec<(String, String)>),
    /// 412: somebody changed it in between; holds the revision that is there now.
    #[error("the bulletin was changed meanwhile")]
    Stale(i64),
    /// 409: it was withdrawn.
    #[error("the bulletin was withdrawn")]
    Withdrawn,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BulletinError {
    pub(super) fn invalid(field: &str, wrong: &str) -> Self {
        Self::Invalid(vec![(field.to_owned(), wrong.to_owned())])
    }
}

impl From<sqlx::Error> for BulletinError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<BulletinError> for Problem {
    fn from(e: BulletinError) -> Self {
        match e {
            BulletinError::Missing => Self::not_found(),
            BulletinError::Invalid(fields) => Self::fields(fields),
            BulletinError::Stale(revision) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", revision)
            }
            BulletinError::Withdrawn => Self::new(Kind::Conflict, "bulletin_withdrawn", e.to_string()),
            BulletinError::Forbidden(e) => e.into(),
            BulletinError::Store(e) => e.into(),
        }
    }
}
