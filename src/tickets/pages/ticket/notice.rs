//! The message at the head of the page: what was done, or why it was not.
use actix_web::http::StatusCode;

use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::Page;
use crate::kernel::problem::{Problem, Refusal};
use crate::tickets::pages::names::Names;
use crate::tickets::pages::{history, words};
use crate::tickets::{TicketError, view};

/// A message at the head of the page.
#[derive(Debug)]
pub struct Notice {
    /// `good`, `warn` or `bad`.
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: String,
    pub lines: Vec<String>,
    pub text: String,
}

impl Notice {
    /// What was done, by the word in the address after a form; `None` for a word that is none of ours.
    pub fn done(page: &Page, word: &str) -> Option<Self> {
        let known = DONE.iter().copied().find(|known| *known == word)?;
        Some(Self::good(page.t(&format!("desk-done-{known}"))))
    }

    /// Something went well.
    pub fn good(title: String) -> Self {
        Self { tone: "good", icon: "check-circle", title, lines: Vec::new(), text: String::new() }
    }
}

/// What was done, by the word in the address after a form; the words are keys of the catalogue.
const DONE: &[&str] = &[
    "term",
    "reply",
    "spoken",
    "note",
    "taken",
    "classified",
    "fields",
    "waiting",
    "resumed",
    "resolved",
    "closed",
    "reopened",
    "put-back",
    "freed",
    "handed-over",
    "taken-over",
    "resent",
    "link",
    "opened",
    "merged",
    "parted",
    "moved",
    "split",
    "gathered",
    "detached",
    "answered-all",
    "next",
    "priority",
    "proposed",
];

/// The notice for a change that the ticket's state or a colleague did not allow; other refusals pass on.
///
/// # Errors
/// The refusal itself, when the page cannot help with it.
pub async fn refusal(
    kernel: &Kernel,
    page: &Page,
    code: &str,
    seen: Option<i64>,
    error: TicketError,
) -> Result<(Notice, StatusCode), Problem> {
    let status = error.kind().status();
    let warn = |title: String, lines: Vec<String>, text: String| Notice {
        tone: "warn",
        icon: "warning-circle",
        title,
        lines,
        text,
    };
    let notice = match &error {
        TicketError::Stale { changed_by, .. } => {
            let title = page.t1("desk-stale-title", "who", changed_by);
            warn(title, changes_since(kernel, page, code, seen.unwrap_or(0)).await?, page.t("desk-stale-text"))
        }
        TicketError::TakenBy { name } => {
            warn(page.t1("desk-taken-title", "who", name), Vec::new(), page.t("desk-taken-text"))
        }
        TicketError::HeldBy { name, since } => {
            let title = page.t2("desk-held-title", "who", name, "time", words::clock(page, since));
            warn(title, Vec::new(), page.t("desk-held-text"))
        }
        TicketError::State { .. } | TicketError::Over => {
            warn(page.t("desk-state-refused"), Vec::new(), page.t("desk-state-refused-text"))
        }
        TicketError::Away => warn(page.t("desk-away"), Vec::new(), page.t("desk-away-text")),
        TicketError::NoAddress => warn(page.t("desk-no-address"), Vec::new(), page.t("desk-no-address-text")),
        TicketError::Invalid { field, wrong } => {
            let own = format!("desk-invalid-{field}-{wrong}");
            let title = if page.language.has(&own) { page.t(&own) } else { page.t("desk-invalid") };
            warn(title, Vec::new(), String::new())
        }
        TicketError::Merged { .. } => {
            let title = page.t1("desk-merged-refused", "code", codes::grouped(code));
            warn(title, Vec::new(), page.t("desk-merged-refused-text"))
        }
        TicketError::Merging(why) => {
            warn(page.t(&format!("problem-{}", why.code().replace('_', "-"))), Vec::new(), String::new())
        }
        TicketError::Incident(why) => {
            warn(page.t(&format!("problem-{}", why.code().replace('_', "-"))), Vec::new(), String::new())
        }
        TicketError::NotFound | TicketError::Forbidden(_) | TicketError::Blobs(_) | TicketError::Store(_) => {
            return Err(error.into());
        }
    };
    Ok((notice, status))
}

/// What changed a ticket after a version, in words, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn changes_since(kernel: &Kernel, page: &Page, code: &str, version: i64) -> Result<Vec<String>, Problem> {
    let mut conn = kernel.db.read().await?;
    let ticket = crate::tickets::store::by_code(&mut conn, code).await?.ok_or_else(Problem::not_found)?;
    let mut names = Names::read(&mut conn, page.language).await?;
    let events = view::history(&mut conn, ticket.id).await?;
    let later: Vec<_> =
        events.into_iter().filter(|e| e.data()["version"].as_i64().is_some_and(|v| v > version)).collect();
    let lines = history::lines(&mut conn, page, &mut names, &later).await?;
    Ok(lines.into_iter().rev().map(|l| format!("{} ({})", l.text, l.when)).collect())
}
