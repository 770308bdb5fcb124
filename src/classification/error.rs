use super::fields::AnswerFault;
use super::formats::FormatError;
use super::model::TaxonomyFault;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Problem};
use crate::tickets::TicketError;

/// Why a version of a classification was not written or activated.
#[derive(Debug, thiserror::Error)]
pub enum TaxonomyError {
    /// 404: there is no such version, or no such category in it.
    #[error("there is no such version")]
    Missing,
    /// 422: what is wrong with which category.
    #[error("the classification has unacceptable values")]
    Invalid(Vec<TaxonomyFault>),
    /// 422: the file is no classification.
    #[error("the file cannot be read: {0}")]
    Format(#[from] FormatError),
    /// 422: the day is none, or is over.
    #[error("the day is not acceptable")]
    Day,
    /// 412: somebody changed the draft in between; holds the edition that is there now.
    #[error("the draft was changed meanwhile")]
    Stale(i64),
    /// 409: the version is no draft, or cannot be activated from where it stands.
    #[error("the version is in use or was")]
    State,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TaxonomyError {
    pub(super) fn wrong(slug: &str, wrong: &'static str) -> Self {
        Self::Invalid(vec![TaxonomyFault { slug: slug.to_owned(), wrong }])
    }
}

impl From<sqlx::Error> for TaxonomyError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl From<TaxonomyError> for Problem {
    fn from(e: TaxonomyError) -> Self {
        match e {
            TaxonomyError::Missing => Self::not_found(),
            TaxonomyError::Invalid(faults) => {
                Self::fields(faults.into_iter().map(|f| (f.slug, f.wrong.to_owned())).collect())
            }
            TaxonomyError::Format(_) => Self::new(Kind::Invalid, "invalid_taxonomy", e.to_string()),
            TaxonomyError::Day => Self::field("day", "invalid"),
            TaxonomyError::Stale(edition) => {
                Self::new(Kind::Stale, "stale_version", e.to_string()).with("current_version", edition)
            }
            TaxonomyError::State => Self::new(Kind::Conflict, "taxonomy_in_use", e.to_string()),
            TaxonomyError::Forbidden(e) => e.into(),
            TaxonomyError::Store(e) => e.into(),
        }
    }
}

/// Why answers were not kept.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    /// 422: by name of the field.
    #[error("some answers are not acceptable")]
    Invalid(Vec<(String, AnswerFault)>),
    #[error(transparent)]
    Ticket(#[from] TicketError),
}

impl From<StoreError> for AnswersError {
    fn from(e: StoreError) -> Self {
        Self::Ticket(e.into())
    }
}

impl From<Forbidden> for AnswersError {
    fn from(e: Forbidden) -> Self {
        Self::Ticket(e.into())
    }
}

impl From<sqlx::Error> for AnswersError {
    fn from(e: sqlx::Error) -> Self {
        StoreError::from(e).into()
    }
}

impl From<AnswersError> for Problem {
    fn from(e: AnswersError) -> Self {
        match e {
            AnswersError::Invalid(faults) => {
                Self::fields(faults.into_iter().map(|(name, fault)| (name, fault.as_str().to_owned())).collect())
            }
            AnswersError::Ticket(e) => e.into(),
        }
    }
}
