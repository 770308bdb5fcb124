//! What a bulletin is, for whom it is, and when it holds. No I/O.
use serde::{Deserialize, Serialize};

use crate::kernel::names::stored_enum;
use crate::kernel::permissions::{Permission, Principal, Role};
use crate::kernel::time::Instant;

stored_enum! {
    /// What a bulletin tells of, from what cannot wait to what is good to know.
    BulletinKind {
        /// It cannot wait, and everybody must have read it.
        Emergency = "emergency",
        /// A service changes: hours, fees, ways of asking.
        Service = "service",
        /// What will happen and will make people call.
        Planning = "planning",
        /// What concerns one place.
        Local = "local",
    }
}

stored_enum! {
    /// What happened to a bulletin.
    BulletinStep {
        Published = "published",
        Changed = "changed",
        Withdrawn = "withdrawn",
    }
}

stored_enum! {
    /// A list of bulletins.
    List {
        /// In force now.
        Current = "current",
        /// In force now, and not read by whoever asks.
        Unread = "unread",
        /// In force later; for those who write.
        Planned = "planned",
        /// Over, or withdrawn.
        Archive = "archive",
    }
}

/// The roles a bulletin may be addressed to.
pub const READERS: [Role; 4] = [Role::Agent, Role::Supervisor, Role::Admin, Role::Referent];

/// What a bulletin says, for whom, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub kind: BulletinKind,
    pub title: String,
    /// Markdown.
    pub text: String,
    /// All operators when empty. Referents read only what names them.
    pub roles: Vec<Role>,
    /// Slugs of the units whose people it is for; all when empty.
    pub units: Vec<String>,
    /// Whether it stays on top of the queues after it was read.
    pub pinned: bool,
    pub from: Instant,
    /// `None` until it is withdrawn.
    pub until: Option<Instant>,
    /// Code of the sheet that says more.
    pub sheet: Option<String>,
    /// Slug of the category whose requests it concerns.
    pub category: Option<String>,
}

const TITLE: usize = 200;
const TEXT: usize = 20_000;

impl Content {
    /// What keeps it from being written: the field and a code (`required`, `too_long`, `before_start`, `unknown`).
    pub fn faults(&self) -> Vec<(String, String)> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, code: &str| faults.push((field.to_owned(), code.to_owned()));
        if self.title.trim().is_empty() {
            wrong("title", "required");
        }
        if self.title.chars().count() > TITLE {
            wrong("title", "too_long");
        }
        if self.text.trim().is_empty() {
            wrong("text", "required");
        }
        if self.text.chars().count() > TEXT {
            wrong("text", "too_long");
        }
        if self.until.is_some_and(|until| until <= self.from) {
            wrong("until", "before_start");
        }
        if self.roles.iter().any(|role| !READERS.contains(role)) {
            wrong("roles", "unknown");
        }
        faults
    }
}

/// A bulletin as somebody sees it.
#[derive(Debug, Clone)]
pub struct Bulletin {
    pub id: i64,
    /// Counts up at each change.
    pub revision: i64,
    /// Reading an older revision is not enough.
    pub asked_revision: i64,
    pub content: Content,
    /// Title of the sheet; empty without one, or when it is out of use.
    pub sheet_title: String,
    /// Name of the category in Italian and in English, either may be empty.
    pub category_names: (String, String),
    /// Names of the units, in the order of their slugs.
    pub unit_names: Vec<String>,
    /// Who wrote it first, as events name them.
    pub author: String,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub withdrawn_at: Option<Instant>,
    /// When the reader said to have read it, as it is now.
    pub read_at: Option<Instant>,
}

/// Where a bulletin stands at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Planned,
    Current,
    Over,
    Withdrawn,
}

impl Bulletin {
    /// Where it stands at an instant.
    pub fn stage(&self, now: Instant) -> Stage {
        if self.withdrawn_at.is_some() {
            Stage::Withdrawn
        } else if self.content.until.is_some_and(|until| until <= now) {
            Stage::Over
        } else if self.content.from > now {
            Stage::Planned
        } else {
            Stage::Current
        }
    }

    /// Whether it cannot wait.
    pub fn is_emergency(&self) -> bool {
        self.content.kind == BulletinKind::Emergency
    }
}

/// Whether somebody of a role is meant by a list of roles.
pub fn is_for(roles: &[Role], role: Role) -> bool {
    if roles.is_empty() { role.may(Permission::WorkTickets) } else { roles.contains(&role) }
}

/// Whether somebody writes bulletins, and so reads all of them.
pub fn writes(who: &Principal) -> bool {
    who.role.may(Permission::WriteBulletins)
}

/// Roles as they are stored: names between blanks.
pub(super) fn roles_text(roles: &[Role]) -> String {
    if roles.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = READERS.iter().filter(|r| roles.contains(r)).map(|r| r.as_str()).collect();
    format!(" {} ", names.join(" "))
}

/// Reads the stored form.
pub(super) fn roles_of(text: &str) -> Vec<Role> {
    text.split_whitespace().filter_map(Role::from_text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            kind: BulletinKind::Service,
            title: "Orario".to_owned(),
            text: "Chiuso.".to_owned(),
            roles: Vec::new(),
            units: Vec::new(),
            pinned: false,
            from: Instant(10),
            until: None,
            sheet: None,
            category: None,
        }
    }

    fn bulletin(content: Content) -> Bulletin {
        Bulletin {
            id: 1,
            revision: 1,
            asked_revision: 1,
            content,
            sheet_title: String::new(),
            category_names: (String::new(), String::new()),
            unit_names: Vec::new(),
            author: String::new(),
            created_at: Instant(0),
            updated_at: Instant(0),
            withdrawn_at: None,
            read_at: None,
        }
    }

    #[test]
    fn a_bulletin_is_planned_then_holds_and_then_is_over() {
        let one = bulletin(Content { until: Some(Instant(20)), ..content() });
        let stages = [9, 10, 19, 20].map(|at| one.stage(Instant(at)));
        assert_eq!(stages, [Stage::Planned, Stage::Current, Stage::Current, Stage::Over]);
        let withdrawn = Bulletin { withdrawn_at: Some(Instant(12)), ..one };
        assert_eq!(withdrawn.stage(Instant(15)), Stage::Withdrawn);
    }

    #[test]
    fn referents_read_only_what_names_them() {
        assert!(is_for(&[], Role::Agent) && is_for(&[], Role::Admin));
        assert!(!is_for(&[], Role::Referent) && !is_for(&[], Role::Integration));
        assert!(is_for(&[Role::Referent], Role::Referent) && !is_for(&[Role::Referent], Role::Agent));
        assert_eq!(roles_of(&roles_text(&[Role::Referent, Role::Agent])), [Role::Agent, Role::Referent]);
        assert_eq!(roles_text(&[]), "");
    }

    #[test]
    fn an_end_before_the_start_is_a_fault() {
        let wrong = Content { title: " ".to_owned(), until: Some(Instant(10)), ..content() };
        let fields: Vec<_> = wrong.faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["title", "until"]);
        assert_eq!(content().faults(), []);
    }
}
