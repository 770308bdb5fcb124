//! Reports about mail we sent move the row of the outbox they are about. They never open a ticket, nor wake one.
use channels::email::automatic::is_robot;
use channels::{Action, DeliveryReport, Inbound, RecipientReport, ReportKind};

use super::message::clean;
use crate::intake::{IntakeError, store};
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::outbox::{self, MailAddresses, Report, Reported};

/// What a mail is for us.
pub enum Meaning {
    /// A report; `None` for a reading notice, which tells nothing about delivery.
    Report(Option<Report>),
    /// Something that somebody, or somebody's program, wrote; `about` is the row of the outbox it answers, when
    /// it came to the bounce address of that row.
    Message { about: Option<i64> },
}

/// Tells reports from messages. Out-of-office notices come to the bounce address too (RFC 3834, 4): only a
/// mail system that writes there says that a message did not arrive.
pub fn read(addresses: &MailAddresses, inbound: &Inbound) -> Meaning {
    let Some(report) = &inbound.report else { return Meaning::Message { about: None } };
    let outbox = report.bounce_token.as_deref().and_then(|token| addresses.read_bounce(token));
    match report.kind {
        ReportKind::Disposition => Meaning::Report(None),
        ReportKind::Delivery | ReportKind::Receipt => Meaning::Report(Some(delivery(report, outbox))),
        ReportKind::Bounce if inbound.from.as_ref().is_none_or(|f| is_robot(&f.address)) => {
            // Without the address it may be any kind of report, a complaint about spam for one: for a person.
            let bounce = Report {
                outbox,
                message_id: None,
                recipient: None,
                reported: Reported::Failed,
                words: clean(&inbound.subject),
            };
            Meaning::Report(Some(bounce))
        }
        ReportKind::Bounce => Meaning::Message { about: outbox },
    }
}

fn delivery(report: &DeliveryReport, outbox: Option<i64>) -> Report {
    let worst = report.recipients.iter().min_by_key(|r| rank(r.action));
    Report {
        outbox,
        message_id: report.original_message_id.as_deref().map(clean),
        recipient: worst.map(|r| clean(r.original_recipient.as_ref().unwrap_or(&r.recipient))),
        reported: worst.map_or(Reported::Failed, |r| reported(r.action)),
        words: worst.map(words).unwrap_or_default(),
    }
}

const fn rank(action: Action) -> u8 {
    match action {
        Action::Failed => 0,
        Action::Delayed => 1,
        Action::Delivered | Action::Relayed | Action::Expanded => 2,
    }
}

const fn reported(action: Action) -> Reported {
    match action {
        Action::Failed => Reported::Failed,
        Action::Delayed => Reported::Delayed,
        Action::Delivered | Action::Relayed | Action::Expanded => Reported::Delivered,
    }
}

fn words(report: &RecipientReport) -> String {
    let status = report.status.map(|s| s.to_string());
    let said = report.diagnostic.as_deref().map(clean);
    match (status, said) {
        (Some(status), Some(said)) if !said.contains(&status) => format!("{status} {said}"),
        (_, Some(said)) => said,
        (status, None) => status.unwrap_or_default(),
    }
}

/// Applies a report in the transaction that marks its raw item as done; one about nothing we know goes into
/// quarantine, where somebody sees it.
///
/// # Errors
/// When the database refuses.
pub async fn take_in(tx: &mut Tx, raw: i64, report: Option<&Report>, now: Instant) -> Result<(), IntakeError> {
    if !store::lock_raw(tx, raw).await? {
        return Ok(());
    }
    let known = match report {
        None => true,
        Some(report) => outbox::receive_report(tx, report, now).await?,
    };
    if known {
        store::raw_done(tx, raw, None).await?;
    } else {
        let words = report.map(|r| r.words.as_str()).unwrap_or_default();
        store::quarantine_raw(tx, raw, &format!("unknown_report: {words}")).await?;
    }
    Ok(())
}
