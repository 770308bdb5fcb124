//! A leg in words, for certified mail and paper, and what is said of it later.
use super::model::WayKind;
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::kernel::time::Instant;
use crate::network::model::{Leg, leg_code};
use crate::network::{LegError, mail, store as network_store, tokens};
use crate::outbox::MailAttachment;
use crate::tickets::Ticket;

/// Files that go with certified mail are no larger than this together: providers take 30 MB encoded.
const FILES: i64 = 18 << 20;

/// What is written to a unit.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) code: String,
    pub(super) subject: String,
    pub(super) text: String,
    /// The page of the leg; empty when it was told before.
    pub(super) link: String,
    pub(super) files: Vec<MailAttachment>,
}

/// The language of the desk.
pub(super) fn language(kernel: &Kernel) -> Language {
    Language::from_tag(&kernel.config.desk.language).unwrap_or(Language::Italian)
}

/// The leg itself, with a fresh link.
pub(super) async fn of_leg(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    kind: WayKind,
    now: Instant,
) -> Result<Words, LegError> {
    let language = language(kernel);
    let (token, expires) = tokens::issue(tx, leg.id, kernel.config.desk.leg_link_days, now).await?;
    let link = kernel.config.link(&format!("/invio/{token}"));
    let until = expires.zoned(&kernel.config.zone()).strftime("%d/%m/%Y").to_string();
    let code = leg_code(&ticket.code, leg.number);
    let leg_kind = language.text(&format!("leg-kind-{}", leg.kind.as_str()));
    let opening = [("agency", kernel.agency_name()), ("kind", leg_kind.to_lowercase()), ("code", code.clone())];
    let mut blocks = vec![
        language.text_with("leg-mail-opening", &opening),
        language.text_with("leg-mail-question", &[("question", leg.question.clone())]),
    ];
    blocks.extend(mail::request_blocks(tx, language, ticket, leg).await?);
    let end = match (kind, leg.kind.is_decisive()) {
        (WayKind::Print, true) => "way-print-answer",
        (_, true) => "way-pec-answer",
        (_, false) => "leg-mail-informed",
    };
    blocks.push(language.text_with(end, &[("link", link.clone()), ("until", until), ("code", code.clone())]));
    let subject = [("code", code.clone()), ("kind", leg_kind), ("subject", ticket.subject.clone())];
    let subject = language.text_with("leg-mail-subject", &subject);
    let files = if kind == WayKind::Pec { files(tx, ticket, leg).await? } else { Vec::new() };
    Ok(Words { code, subject, text: blocks.join("\n\n"), link, files })
}

/// A fresh link to the page of a leg.
pub(super) async fn link(
    tx: &mut Tx,
    kernel: &Kernel,
    ticket: &Ticket,
    leg: &Leg,
    now: Instant,
) -> Result<Words, LegError> {
    let (language, code) = (language(kernel), leg_code(&ticket.code, leg.number));
    let (token, expires) = tokens::issue(tx, leg.id, kernel.config.desk.leg_link_days, now).await?;
    let link = kernel.config.link(&format!("/invio/{token}"));
    let until = expires.zoned(&kernel.config.zone()).strftime("%d/%m/%Y").to_string();
    let kind = language.text(&format!("leg-kind-{}", leg.kind.as_str()));
    let subject = [("code", code.clone()), ("kind", kind), ("subject", ticket.subject.clone())];
    let values = [("link", link.clone()), ("until", until), ("code", code.clone())];
    Ok(Words {
        subject: language.text_with("leg-mail-subject", &subject),
        text: language.text_with("leg-mail-link", &values),
        code,
        link,
        files: Vec::new(),
    })
}

/// That a leg was taken back.
pub(super) fn withdrawn(kernel: &Kernel, ticket: &Ticket, leg: &Leg) -> Words {
    let (language, code) = (language(kernel), leg_code(&ticket.code, leg.number));
    let values = [("code", code.clone()), ("subject", ticket.subject.clone()), ("agency", kernel.agency_name())];
    Words {
        subject: language.text_with("leg-mail-withdrawn-subject", &values),
        text: language.text_with("leg-mail-withdrawn", &values),
        code,
        link: String::new(),
        files: Vec::new(),
    }
}

/// What the citizen wrote meanwhile.
pub(super) fn update(kernel: &Kernel, ticket: &Ticket, leg: &Leg, said: &str) -> Words {
    let (language, code) = (language(kernel), leg_code(&ticket.code, leg.number));
    let values = [
        ("code", code.clone()),
        ("subject", ticket.subject.clone()),
        ("agency", kernel.agency_name()),
        ("text", said.to_owned()),
        ("external", leg.external_code.clone()),
    ];
    let key = if leg.external_code.is_empty() { "way-update" } else { "way-update-external" };
    Words {
        subject: language.text_with("way-update-subject", &values),
        text: language.text_with(key, &values),
        code,
        link: String::new(),
        files: Vec::new(),
    }
}

/// The files of the request, as many as certified mail carries; the others are on the page.
async fn files(tx: &mut Tx, ticket: &Ticket, leg: &Leg) -> Result<Vec<MailAttachment>, LegError> {
    let request = network_store::request(tx, ticket.id).await?.filter(|_| leg.kind.shows_files());
    let Some(request) = request else { return Ok(Vec::new()) };
    let mut left = FILES;
    let mut kept = Vec::new();
    for file in network_store::files_of(tx, request.id).await? {
        if file.size <= left {
            left -= file.size;
            kept.push(MailAttachment { name: file.name, media_type: file.media_type, blob: file.blob });
        }
    }
    Ok(kept)
}
