//! What the composer starts with: a draft, and whom an answer goes to.
use crate::kernel::Kernel;
use crate::kernel::permissions::Principal;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::tickets::drafts;
use crate::tickets::store::{ContactRow, StoredFile};
use crate::tickets::view::TicketView;

/// A file that a refused form had brought.
#[derive(Debug)]
pub struct Kept {
    pub word: String,
    pub name: String,
    pub size: String,
}

/// What the composer shows.
#[derive(Debug, Default)]
pub struct Composer {
    /// `reply` or `note`.
    pub kind: String,
    pub reply: String,
    pub note: String,
    pub sheet: String,
    /// `email`, `phone` or `counter`; empty for what suits the ticket best.
    pub way: String,
    /// `stay`, `wait`, `resolve` or `close`.
    pub then: String,
    pub outcome: String,
    pub files: Vec<StoredFile>,
}

/// The composer with the drafts of a user.
///
/// # Errors
/// When the database cannot be read.
pub async fn from_drafts(kernel: &Kernel, who: &Principal, ticket: i64) -> Result<Composer, Problem> {
    let mut composer = Composer::default();
    let mut newest = Instant(i64::MIN);
    for draft in drafts::read(kernel, who, ticket).await? {
        if draft.updated_at > newest {
            newest = draft.updated_at;
            composer.kind.clone_from(&draft.kind);
        }
        match draft.kind.as_str() {
            "note" => composer.note = draft.body,
            _ => composer.reply = draft.body,
        }
    }
    Ok(composer)
}

/// Where an answer by mail would go: the address of the last message, else the person's.
pub fn mail_address(view: &TicketView, last: Option<&ContactRow>) -> String {
    last.and_then(|l| crate::people::Identifier::email(&l.from_address).ok())
        .map(|i| i.raw)
        .or_else(|| view.person.as_ref().and_then(|p| p.first("email")).map(str::to_owned))
        .unwrap_or_default()
}
