//! The referral legs of a ticket beside its conversation.
use super::conversation::{File, Sent, opens_inline, receipts, sent};
use super::words;
use crate::kernel::page::Page;
use crate::kernel::time::Instant;
use crate::network::LegState;
use crate::network::model::Asked;
use crate::network::views::LegView;
use crate::tickets::files::Note;

/// A leg.
#[derive(Debug)]
pub struct Leg {
    pub number: i64,
    /// Names it on its page, where legs of several tickets may stand.
    pub anchor: String,
    pub code: String,
    pub unit: String,
    pub agency: String,
    pub kind: String,
    /// `plain`, `good`, `warn` or `bad`.
    pub tone: &'static str,
    pub state: String,
    /// When and by whom it was sent.
    pub sent: String,
    pub question: String,
    /// The answer, once there is one.
    pub answer: String,
    pub reason: String,
    pub external_code: String,
    pub messages: Vec<Message>,
    pub mail: Option<Sent>,
    pub can_withdraw: bool,
    /// What happened to it, each in a few words.
    pub marks: Vec<Mark>,
    /// The unit that a refusal suggests, as long as nobody followed it.
    pub suggests: String,
    /// What its unit asks and who has to answer: `office`, `approve` or `citizen`; empty when it asks nothing.
    pub asks: &'static str,
    /// The words of its question.
    pub asking: String,
}

/// Something in the life of a leg.
#[derive(Debug)]
pub struct Mark {
    /// `plain`, `good`, `warn` or `bad`.
    pub tone: &'static str,
    pub text: String,
}

/// What happened to a leg, in order.
fn marks(page: &Page, view: &LegView) -> Vec<Mark> {
    let leg = &view.leg;
    let mut marks = Vec::new();
    let mut mark = |tone, text| marks.push(Mark { tone, text });
    let when = |at: &Instant| words::moment(page, at);
    if let Some(at) = &leg.seen_at {
        mark("plain", page.t1("desk-leg-seen", "when", when(at)));
    }
    if let Some(at) = &leg.accepted_at {
        let text = match leg.accepted_by.as_str() {
            "" => page.t1("desk-leg-accepted", "when", when(at)),
            name => page.t2("desk-leg-accepted-by", "when", when(at), "name", name),
        };
        mark("good", text);
    }
    if !view.referent.is_empty() {
        mark("plain", page.t1("desk-leg-given", "name", &view.referent));
    }
    if let Some(at) = &leg.works_planned_at {
        mark("plain", page.t1("desk-leg-works-planned", "when", page.date(at)));
    }
    if let Some(at) = &leg.works_done_at {
        mark("good", page.t1("desk-leg-works-done", "when", when(at)));
    }
    if leg.reminders > 0 {
        mark("warn", page.t1("desk-leg-reminders", "n", leg.reminders));
    }
    if let Some(due) = leg.due_at.filter(|_| leg.state.is_open()) {
        if due <= page.now {
            mark("bad", page.t1("desk-leg-overdue", "when", when(&due)));
        } else if leg.asked_at.is_none() {
            mark("plain", page.t1("desk-leg-due", "when", page.date(&Instant(due.0 - 1))));
        }
    }
    marks
}

/// Something its unit wrote.
#[derive(Debug)]
pub struct Message {
    pub who: String,
    pub when: String,
    pub text: Vec<Vec<String>>,
    pub files: Vec<File>,
}

/// A leg in the reader's words.
pub fn leg(page: &Page, view: &LegView) -> Leg {
    let leg = &view.leg;
    let message = |m: &crate::network::views::LegMessageView| Message {
        who: match (m.contact.direction.as_str(), m.contact.from_name.as_str()) {
            ("out", "") => page.t("desk-leg-by-office"),
            (_, "") => view.unit.clone(),
            (_, name) => name.to_owned(),
        },
        when: words::moment(page, &m.contact.happened_at),
        text: words::paragraphs(&m.contact.body),
        files: m
            .files
            .iter()
            .map(|f| File {
                href: format!("/scrivania/allegati/{}", f.id),
                note: Note::words(page, &f.note),
                name: f.name.clone(),
                size: words::size(page, f.size),
                picture: false,
                sound: false,
                opens: opens_inline(&f.media_type),
            })
            .collect(),
    };
    let when = words::moment(page, &leg.sent_at);
    Leg {
        number: leg.number,
        anchor: leg.number.to_string(),
        code: view.code.clone(),
        unit: view.unit.clone(),
        agency: view.agency.clone(),
        kind: page.t(&view.kind_key()),
        tone: match leg.state {
            LegState::Sent | LegState::Asked => "warn",
            LegState::Accepted => "note",
            LegState::Answered => "good",
            LegState::Returned => "bad",
            LegState::Withdrawn => "plain",
        },
        state: page.t(&view.state_key()),
        sent: match view.sender.as_str() {
            "" => when,
            sender => format!("{when}, {sender}"),
        },
        question: leg.question.clone(),
        answer: if leg.state == LegState::Answered { leg.answer.clone() } else { String::new() },
        reason: leg.reason.clone(),
        external_code: leg.external_code.clone(),
        messages: view.messages.iter().map(message).collect(),
        mail: view.mail.as_ref().map(|row| Sent { receipts: receipts(page, &view.receipts), ..sent(page, row) }),
        can_withdraw: view.can_withdraw(),
        marks: marks(page, view),
        suggests: view.suggests.clone(),
        asks: match (leg.asked_of(), leg.asking_id) {
            (Some(Asked::Office), _) => "office",
            (Some(Asked::Citizen), Some(_)) => "approve",
            (Some(Asked::Citizen), None) => "citizen",
            (None, _) => "",
        },
        asking: leg
            .asking_id
            .and_then(|id| view.messages.iter().find(|m| m.contact.id == id))
            .map(|m| m.contact.body.clone())
            .unwrap_or_default(),
    }
}
