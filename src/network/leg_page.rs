//! What the page of a leg shows, by which door it was opened.
use askama::Template;

use super::model::{Asked, Leg, LegAct, LegState};
use super::purposes::{self, Act, Grant};
use super::steps::{self, Choice, Draft, Step, UnitChoice};
use super::views::{self, ReferentView};
use super::{Door, speak};
use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::kernel::time::Instant;
use crate::organisation::Directory;
use crate::tickets::files::Note;
use crate::tickets::store::AttachmentRow;

/// A field and what is wrong with it, in the reader's language.
#[derive(Debug, Clone)]
pub(super) struct FieldError {
    pub(super) field: &'static str,
    pub(super) message: String,
}

/// What is said of one field; empty when nothing is wrong.
pub(super) fn error_of(errors: &[FieldError], field: &str) -> String {
    errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
}

/// A file as pages list it.
#[derive(Debug, Clone)]
struct FileLink {
    href: String,
    name: String,
    size: String,
    /// What to know of it; empty for most.
    note: String,
}

/// What a unit wrote, as the page's history shows it.
#[derive(Debug, Clone)]
struct MessageLine {
    who: String,
    way: String,
    body: String,
    at: Instant,
    files: Vec<FileLink>,
}

#[derive(Template)]
#[template(path = "network/leg.html")]
pub(super) struct LegPage {
    page: Page,
    base: String,
    /// Where the list of the referent's legs is; empty on token pages.
    list: String,
    /// The referents of the unit to whom it can be given.
    colleagues: Vec<UnitChoice>,
    view: ReferentView,
    files: Vec<FileLink>,
    messages: Vec<MessageLine>,
    /// Message key of what was done just now; empty at first.
    done: String,
    /// Why the whole form was refused; empty at first.
    alert: String,
    errors: Vec<FieldError>,
    draft: Draft,
    /// The decision this screen is for; `None` where one is chosen.
    step: Option<Step>,
    /// What can be decided, one screen each.
    choices: Vec<Choice>,
    /// Whether the unit can take it in charge now.
    can_accept: bool,
    /// Until when the unit may refuse it by itself, or that it has to ask; empty when there is nothing to say.
    refusal: String,
    /// Units that a refusal may suggest.
    units: Vec<UnitChoice>,
    /// Whether the unit may answer the citizen by itself.
    may_answer_citizen: bool,
    /// Whether a question to the citizen goes through the front office, or is not possible at all.
    asks_citizen: bool,
    /// What the citizen wrote since.
    updates: Vec<MessageLine>,
    key: String,
    until: Option<Instant>,
    accept: String,
    max_bytes: usize,
    max_megabytes: usize,
    max_files: usize,
}

impl LegPage {
    /// The same with what was done just now.
    pub(super) fn told(self, done: String) -> Self {
        Self { done, ..self }
    }

    /// The same with why its form was refused, and what was written.
    pub(super) fn refused(self, alert: String, errors: Vec<FieldError>, draft: Draft) -> Self {
        Self { alert, errors, draft, ..self }
    }

    fn error(&self, field: &str) -> String {
        error_of(&self.errors, field)
    }

    fn leg(&self) -> &Leg {
        &self.view.view.leg
    }

    /// A sentence about the leg's kind.
    fn lead(&self) -> String {
        self.page.t(&format!("leg-lead-{}", self.leg().kind.as_str()))
    }

    /// A sentence about the leg's state.
    fn now(&self) -> String {
        self.page.t(&format!("leg-now-{}", self.leg().state.as_str()))
    }

    fn is_returned(&self) -> bool {
        self.leg().state == LegState::Returned
    }

    /// Whether this screen is for a decision.
    fn is_step(&self, name: &str) -> bool {
        self.step.is_some_and(|step| step.as_str() == name)
    }

    /// When the answer is due, as long as somebody waits for it.
    fn due(&self) -> Option<Instant> {
        self.leg().due_at.filter(|_| self.leg().state.is_open())
    }
}

/// Paragraphs of a text, each a list of lines.
pub(super) fn paragraphs(text: &str) -> Vec<Vec<String>> {
    text.split("\n\n")
        .map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|lines| lines.iter().any(|line| !line.trim().is_empty()))
        .collect()
}

/// The page of a leg; at a step the screen for that decision.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn leg_page(
    kernel: &Kernel,
    directory: &Directory,
    mut page: Page,
    door: &Door,
    leg: &Leg,
    until: Option<Instant>,
    step: Option<Step>,
) -> Result<LegPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let view = views::for_referent(&mut conn, leg, page.language).await?;
    let may_answer_citizen = speak::may_answer(&mut conn, &view.ticket, leg).await?;
    drop(conn);
    let now = kernel.now();
    let step = step.filter(|step| step.is_possible(leg, now));
    let colleagues = match step {
        Some(Step::Give) => steps::colleagues(kernel, leg).await?,
        Some(_) | None => Vec::new(),
    };
    let units = match step {
        Some(Step::NotOurs) => steps::other_units(&*directory.units(&kernel.db).await?, leg, &page, now),
        Some(_) | None => Vec::new(),
    };
    page.title = page.t1("leg-title", "code", &view.view.code);
    let base = door.base();
    let link = |f: &AttachmentRow| FileLink {
        href: format!("{base}/allegati/{}", f.id),
        name: f.name.clone(),
        note: Note::words(&page, &f.note),
        size: page.t1("leg-file-size", "kilobytes", f.size.saturating_add(1023) / 1024),
    };
    let limits = &kernel.config.citizen;
    Ok(LegPage {
        choices: Step::choices(&page, &base, leg, now),
        can_accept: leg.after(LegAct::Accept).is_some() && leg.kind.is_decisive(),
        refusal: steps::refusal_line(&page, leg, now),
        units,
        may_answer_citizen,
        asks_citizen: purposes::may(leg.kind.into(), Act::AskCitizen) != Grant::No,
        updates: view
            .updates
            .iter()
            .map(|update| MessageLine {
                who: page.t("leg-by-citizen"),
                way: page.t(&format!("channel-{}", update.contact.channel)),
                body: update.contact.body.clone(),
                at: update.contact.happened_at,
                files: update.files.iter().map(link).collect(),
            })
            .collect(),
        files: view.files.iter().map(link).collect(),
        messages: view
            .view
            .messages
            .iter()
            .map(|m| MessageLine {
                who: match (m.contact.direction.as_str(), m.contact.from_name.as_str()) {
                    ("out", _) => page.t("leg-by-office"),
                    (_, "") => view.view.unit.clone(),
                    (_, name) => name.to_owned(),
                },
                way: if m.contact.direction == "out" { String::new() } else { page.t(m.way.key()) },
                body: m.contact.body.clone(),
                at: m.contact.happened_at,
                files: m.files.iter().map(link).collect(),
            })
            .collect(),
        list: match door {
            Door::Token(_) => String::new(),
            Door::Referent { visitor, .. } => format!("/referenti/{}", visitor.token),
            Door::Account { .. } => "/referente".to_owned(),
        },
        colleagues,
        done: String::new(),
        alert: String::new(),
        errors: Vec::new(),
        draft: Draft {
            outcome: step.map(Step::first_outcome).unwrap_or_default().to_owned(),
            external_code: leg.external_code.clone(),
            of: Asked::Office.as_str().to_owned(),
            ..Draft::default()
        },
        step,
        key: codes::random_token(),
        until,
        accept: limits.attachment_types.join(","),
        max_bytes: limits.attachment_bytes,
        max_megabytes: megabytes(kernel),
        max_files: limits.attachments,
        base,
        view,
        page,
    })
}

/// The largest file that a citizen or a unit sends, in megabytes.
pub(super) fn megabytes(kernel: &Kernel) -> usize {
    kernel.config.citizen.attachment_bytes / (1024 * 1024)
}
