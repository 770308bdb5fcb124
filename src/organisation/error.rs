use serde_json::{Value, json};

use super::chart::Misfit;
use crate::kernel::database::StoreError;
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// Why a change of the organisation was refused.
#[derive(Debug, thiserror::Error)]
pub enum OrganisationError {
    #[error("there is no such thing in the organisation")]
    NotFound,
    #[error("{field} is not acceptable: {wrong}")]
    Invalid { field: &'static str, wrong: &'static str },
    /// A reorganisation that does not fit the chart.
    #[error("the plan does not fit: {0}")]
    Misfit(#[from] Misfit),
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for OrganisationError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for OrganisationError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::Invalid { .. } | Self::Misfit(_) => Kind::Invalid,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Invalid { .. } | Self::Misfit(_) => "invalid",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }

    fn facts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Invalid { field, wrong } => vec![("errors", json!([{ "field": field, "code": wrong }]))],
            Self::Misfit(m) => vec![("errors", json!([{ "field": m.field, "code": m.wrong }]))],
            Self::NotFound | Self::Forbidden(_) | Self::Store(_) => Vec::new(),
        }
    }
}
