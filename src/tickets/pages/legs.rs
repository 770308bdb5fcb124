//! The referral legs of a ticket beside its conversation.
use super::conversation::{File, Sent, opens_inline, receipts, sent};
use super::words;
use crate::kernel::page::Page;
use crate::network::LegState;
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
    /// When its unit first opened it, empty before.
    pub seen: String,
    pub question: String,
    /// The answer, once there is one.
    pub answer: String,
    pub reason: String,
    pub external_code: String,
    pub messages: Vec<Message>,
    pub mail: Option<Sent>,
    pub can_withdraw: bool,
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
        who: if m.contact.from_name.is_empty() { view.unit.clone() } else { m.contact.from_name.clone() },
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
            LegState::Sent => "warn",
            LegState::Answered => "good",
            LegState::Returned => "bad",
            LegState::Withdrawn => "plain",
        },
        state: page.t(&view.state_key()),
        sent: match view.sender.as_str() {
            "" => when,
            sender => format!("{when}, {sender}"),
        },
        seen: leg.seen_at.map(|at| page.t1("desk-leg-seen", "when", words::moment(page, &at))).unwrap_or_default(),
        question: leg.question.clone(),
        answer: if leg.state == LegState::Answered { leg.answer.clone() } else { String::new() },
        reason: leg.reason.clone(),
        external_code: leg.external_code.clone(),
        messages: view.messages.iter().map(message).collect(),
        mail: view.mail.as_ref().map(|row| Sent { receipts: receipts(page, &view.receipts), ..sent(page, row) }),
        can_withdraw: view.can_withdraw(),
    }
}
