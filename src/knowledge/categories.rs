//! The classification: reading it as a tree, and writing its nodes.
use serde_json::json;

use super::forward::Forward;
use super::model::{Category, is_slug};
use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::Forbidden;
use crate::kernel::problem::{Kind, Refusal};

/// An area with all that is below it, in its order.
#[derive(Debug, Clone)]
pub struct Area {
    pub category: Category,
    pub topics: Vec<Category>,
}

/// The classification as one reads it. Retired nodes are found by id and slug but not listed.
#[derive(Debug, Clone, Default)]
pub struct CategoryTree {
    /// Areas in use with their topics in use.
    pub areas: Vec<Area>,
    all: Vec<Category>,
}

impl CategoryTree {
    /// Builds the tree of rows that come areas first.
    pub fn of(all: Vec<Category>) -> Self {
        let in_use = || all.iter().filter(|c| c.retired_at.is_none());
        let areas = in_use()
            .filter(|c| c.parent.is_none())
            .map(|area| Area {
                category: area.clone(),
                topics: in_use().filter(|c| c.is_below(area)).cloned().collect(),
            })
            .collect();
        Self { areas, all }
    }

    /// A node by row id.
    pub fn get(&self, id: i64) -> Option<&Category> {
        self.all.iter().find(|c| c.id == id)
    }

    /// A node by slug.
    pub fn by_slug(&self, slug: &str) -> Option<&Category> {
        self.all.iter().find(|c| c.slug == slug)
    }

    /// The area a node belongs to: itself or the one at the top of its branch.
    pub fn area_of(&self, id: i64) -> Option<&Category> {
        let node = self.get(id)?;
        self.by_slug(node.slug.split('/').next().unwrap_or_default()).or(Some(node))
    }
}

/// Reads the classification from the database.
///
/// # Errors
/// When the database cannot be read.
pub async fn tree(kernel: &Kernel) -> Result<CategoryTree, StoreError> {
    let mut conn = kernel.db.read().await?;
    Ok(CategoryTree::of(store::categories(&mut conn).await?))
}

/// A category about to be written.
#[derive(Debug, Clone, Default)]
pub struct CategoryDraft {
    /// `area`, `area/topic` and so on; the category above must exist.
    pub slug: String,
    pub name: String,
    pub name_en: String,
    /// Slug of the competent unit.
    pub unit: Option<String>,
    pub position: i64,
    pub not_competent: bool,
    pub forward: Forward,
    pub retired: bool,
}

/// Why a category cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CategoryError {
    /// 422: not a slug of the classification.
    #[error("the slug is not like `area` or `area/topic`")]
    Slug,
    /// 422: no name.
    #[error("the name is missing")]
    Name,
    /// 422: the area of the topic does not exist.
    #[error("the area does not exist")]
    UnknownArea,
    /// 422: the unit does not exist.
    #[error("the unit does not exist")]
    UnknownUnit,
    /// 404: there is no such category.
    #[error("the category does not exist")]
    Unknown,
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Refusal for CategoryError {
    fn kind(&self) -> Kind {
        match self {
            Self::Slug | Self::Name | Self::UnknownArea | Self::UnknownUnit => Kind::Invalid,
            Self::Unknown => Kind::NotFound,
            Self::Forbidden(e) => e.kind(),
            Self::Store(e) => e.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Slug => "invalid_slug",
            Self::Name => "name_required",
            Self::UnknownArea => "unknown_category",
            Self::UnknownUnit => "unknown_unit",
            Self::Unknown => "not_found",
            Self::Forbidden(e) => e.code(),
            Self::Store(e) => e.code(),
        }
    }
}

/// Creates a category or changes the one with this slug; answers its row id. The change is told by
/// `category.changed`.
///
/// # Errors
/// See [`CategoryError`].
pub async fn upsert(kernel: &Kernel, actor: Actor, draft: CategoryDraft) -> Result<i64, CategoryError> {
    if !is_slug(&draft.slug) {
        return Err(CategoryError::Slug);
    }
    if draft.name.trim().is_empty() {
        return Err(CategoryError::Name);
    }
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let parent = match draft.slug.rsplit_once('/') {
                    Some((area, _)) => Some(store::category_id(tx, area).await?.ok_or(CategoryError::UnknownArea)?),
                    None => None,
                };
                let unit = match &draft.unit {
                    Some(unit) => Some(store::unit_id(tx, unit).await?.ok_or(CategoryError::UnknownUnit)?),
                    None => None,
                };
                let id = store::put_category(tx, &draft, parent, unit, draft.retired.then_some(now)).await?;
                let data = json!({"category": id, "slug": draft.slug});
                let event = NewEvent { kind: "category.changed", ticket: None, actor, data };
                events::append(tx, now, &[event]).await?;
                Ok(id)
            })
        })
        .await
}
