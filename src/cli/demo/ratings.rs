//! What citizens of the demo say of its sheets, by the use case that serves the public page.
use anyhow::Context;
use jiff::SignedDuration;
use serde::Deserialize;

use super::data::read;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::time::Clock;
use crate::knowledge::feedback::model::{LOW, Reason};
use crate::knowledge::feedback::rate::{Rating, rate};
use crate::knowledge::model::SheetCode;
use crate::knowledge::sheets;

#[derive(Deserialize)]
struct File {
    sheet: Vec<Rated>,
}

#[derive(Deserialize)]
struct Rated {
    code: String,
    /// Ratings without words.
    stars: Vec<i64>,
    said: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    stars: i64,
    reason: String,
    version: Option<i64>,
    days: i64,
    text: String,
}

/// Rates the sheets as the file says, each rating on its own day.
///
/// # Errors
/// When the file names what does not exist, or the database refuses.
pub async fn write(kernel: &Kernel) -> anyhow::Result<()> {
    let file: File = read("ratings.toml")?;
    let mut said = Vec::new();
    for rated in &file.sheet {
        let code = SheetCode::parse(&rated.code).with_context(|| format!("no sheet code {}", rated.code))?;
        let sheet = sheets::public_by_code(kernel, &code).await?;
        let sheet = sheet.with_context(|| format!("no public sheet {}", rated.code))?;
        for (stars, place) in rated.stars.iter().zip(0..) {
            let reason = if *stars > LOW { Reason::Clear } else { Reason::Unclear };
            said.push((3 + place * 5, sheet.clone(), rating(*stars, reason, sheet.version, "")));
        }
        for one in &rated.said {
            let reason = Reason::from_text(&one.reason).with_context(|| format!("no reason {}", one.reason))?;
            let version = one.version.unwrap_or(sheet.version);
            said.push((one.days, sheet.clone(), rating(one.stars, reason, version, &one.text)));
        }
    }
    // The feed tells them in the order in which they happened.
    said.sort_by_key(|(days, ..)| std::cmp::Reverse(*days));
    for (days, sheet, rating) in said {
        let mut then = kernel.clone();
        then.clock = Clock::manual(kernel.now().minus(SignedDuration::from_hours(24 * days)));
        rate(&then, &sheet, rating).await.with_context(|| format!("a rating of {}", sheet.code))?;
    }
    Ok(())
}

fn rating(rate: i64, reason: Reason, version: i64, text: &str) -> Rating {
    Rating { rate, reason, comment: text.to_owned(), version, language: Language::Italian }
}
