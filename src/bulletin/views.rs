//! What templates show of bulletins, in the reader's language.
use super::model::{Bulletin, BulletinKind, Content, Stage};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::page::Page;

/// Where the pages are.
pub(super) const HERE: &str = "/scrivania/bacheca";

/// The page of a bulletin.
pub(super) fn href(id: i64) -> String {
    format!("{HERE}/{id}")
}

/// The colour of a kind, as tags are named.
pub(super) const fn tone(kind: BulletinKind) -> &'static str {
    match kind {
        BulletinKind::Emergency => "bad",
        BulletinKind::Service => "warn",
        BulletinKind::Planning => "note",
        BulletinKind::Local => "plain",
    }
}

const fn icon(kind: BulletinKind) -> &'static str {
    match kind {
        BulletinKind::Emergency => "warning-circle",
        BulletinKind::Service => "refresh",
        BulletinKind::Planning => "calendar",
        BulletinKind::Local => "map-marker",
    }
}

/// A bulletin in a list or in the strip.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub href: String,
    pub emergency: bool,
    pub tone: &'static str,
    pub icon: &'static str,
    pub kind: String,
    pub title: String,
    /// The beginning of the text, without markup.
    pub extract: String,
    /// From when until when.
    pub when: String,
    pub audience: String,
    pub pinned: bool,
    /// Whether the reader may still say to have read it.
    pub unread: bool,
    /// Where it stands, if not in force; empty otherwise.
    pub stage: String,
}

const EXTRACT: usize = 220;

impl Line {
    pub fn of(page: &Page, bulletin: &Bulletin) -> Self {
        let kind = bulletin.content.kind;
        let stage = bulletin.stage(page.now);
        Self {
            href: href(bulletin.id),
            emergency: bulletin.is_emergency(),
            tone: tone(kind),
            icon: icon(kind),
            kind: kind_label(page, kind),
            title: bulletin.content.title.clone(),
            extract: crate::knowledge::plain(&bulletin.content.text, EXTRACT),
            when: when(page, &bulletin.content),
            audience: audience(page, bulletin),
            pinned: bulletin.content.pinned,
            unread: stage == Stage::Current && bulletin.read_at.is_none(),
            stage: stage_label(page, stage),
        }
    }
}

pub(super) fn kind_label(page: &Page, kind: BulletinKind) -> String {
    page.t(&format!("bulletin-kind-{}", kind.as_str()))
}

/// Empty for what is in force.
pub(super) fn stage_label(page: &Page, stage: Stage) -> String {
    match stage {
        Stage::Current => String::new(),
        Stage::Planned => page.t("bulletin-stage-planned"),
        Stage::Over => page.t("bulletin-stage-over"),
        Stage::Withdrawn => page.t("bulletin-stage-withdrawn"),
    }
}

/// From when until when, in words.
pub(super) fn when(page: &Page, content: &Content) -> String {
    let from = page.datetime(&content.from);
    match content.until {
        Some(until) => page.t2("bulletin-from-until", "from", from, "until", page.datetime(&until)),
        None => page.t1("bulletin-from", "from", from),
    }
}

/// For whom, in words.
pub(super) fn audience(page: &Page, bulletin: &Bulletin) -> String {
    let roles: Vec<String> = bulletin.content.roles.iter().map(|role| role_label(page, role.as_str())).collect();
    let roles = if roles.is_empty() { page.t("bulletin-for-all") } else { roles.join(", ") };
    if bulletin.unit_names.is_empty() { roles } else { format!("{roles} · {}", bulletin.unit_names.join(", ")) }
}

pub(super) fn role_label(page: &Page, role: &str) -> String {
    page.t(&format!("bulletin-role-{role}"))
}

/// The name of its category in the reader's language; empty without one.
pub(super) fn category(page: &Page, bulletin: &Bulletin) -> String {
    let (italian, english) = &bulletin.category_names;
    if page.language == Language::English && !english.is_empty() { english.clone() } else { italian.clone() }
}

/// Who an event names, when it is nobody with a name.
pub(super) fn unnamed(page: &Page, actor: &Actor) -> String {
    page.t(match actor {
        Actor::Token(_) => "bulletin-by-program",
        Actor::User(_) | Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Rule(_) => "bulletin-by-system",
    })
}
