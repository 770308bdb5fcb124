//! A citizen rates a public sheet, or another page of the site.
use serde_json::json;

use super::model::{COMMENT, NewFeedback, Reason, STARS, Source};
use super::places::Place;
use super::store::{self, pages as pages_store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::language::Language;
use crate::kernel::problem::{Kind, Problem};
use crate::knowledge::model::Sheet;
use crate::knowledge::redact;

/// What a citizen said.
#[derive(Debug, Clone)]
pub struct Rating {
    /// Stars, 1 to 5.
    pub rate: i64,
    pub reason: Reason,
    /// What was added, as it was written.
    pub comment: String,
    /// The version that was read, as the page said; a version that never was counts as the one in force. 0 for pages
    /// that are no sheets.
    pub version: i64,
    /// The language of the text that was read.
    pub language: Language,
}

/// Why a rating is not kept.
#[derive(Debug, thiserror::Error)]
pub enum RateError {
    /// 422: the field and what is wrong with it.
    #[error("the rating has an unacceptable {0}")]
    Invalid(&'static str, &'static str),
    /// 404: citizens cannot read this sheet.
    #[error("there is no such sheet")]
    Missing,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<RateError> for Problem {
    fn from(e: RateError) -> Self {
        match e {
            RateError::Invalid(field, wrong) => Self::field(field, wrong),
            RateError::Missing => Self::new(Kind::NotFound, "not_found", e.to_string()),
            RateError::Store(e) => e.into(),
        }
    }
}

/// What was added in words, without what names a person.
fn checked(rating: &Rating) -> Result<String, RateError> {
    if !(1..=STARS).contains(&rating.rate) {
        return Err(RateError::Invalid("rate", "out_of_range"));
    }
    if !Reason::of(rating.rate).contains(&rating.reason) {
        return Err(RateError::Invalid("reason", "unknown"));
    }
    let comment: String = rating.comment.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if comment.trim().chars().count() > COMMENT {
        return Err(RateError::Invalid("comment", "too_long"));
    }
    Ok(redact::anonymous(comment.trim()))
}

/// Keeps the rating of a page that is no sheet. Told by `page.rated`, without what was added in words.
///
/// # Errors
/// [`RateError::Invalid`], or when the database refuses.
pub async fn rate_page(kernel: &Kernel, place: &Place, rating: Rating) -> Result<(), RateError> {
    let (comment, place, now) = (checked(&rating)?, place.name().to_owned(), kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let lang = rating.language.as_str();
                let reason = rating.reason.as_str();
                pages_store::add(tx, &place, lang, (rating.rate, reason), &comment, now).await?;
                let data = json!({ "page": place, "lang": lang, "rate": rating.rate, "reason": reason });
                let event = NewEvent { kind: "page.rated", ticket: None, actor: Actor::Citizen, data };
                events::append(tx, now, &[event]).await?;
                Ok(())
            })
        })
        .await
}

/// Keeps the rating of a sheet. Told by `sheet.rated`, without what was added in words.
///
/// # Errors
/// See [`RateError`].
pub async fn rate(kernel: &Kernel, sheet: &Sheet, rating: Rating) -> Result<(), RateError> {
    if !sheet.is_public() {
        return Err(RateError::Missing);
    }
    let comment = checked(&rating)?;
    let known = (1..=sheet.version).contains(&rating.version);
    let read = sheet.text_in(rating.language).ok_or(RateError::Missing)?;
    let new = NewFeedback {
        sheet: sheet.id,
        version: if known { rating.version } else { sheet.version },
        language: read.language,
        source: Source::Citizen,
        rate: Some(rating.rate),
        reason: rating.reason.as_str(),
        comment,
        user: None,
        ticket: None,
        at: kernel.now(),
    };
    let data = json!({
        "sheet": new.sheet, "code": sheet.code, "version": new.version, "lang": new.language,
        "rate": new.rate, "reason": new.reason,
    });
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::add(tx, &new).await?;
                let event = NewEvent { kind: "sheet.rated", ticket: None, actor: Actor::Citizen, data };
                events::append(tx, new.at, &[event]).await?;
                Ok(())
            })
        })
        .await
}
