//! Reports about mail we sent move the row of the outbox they are about. They never open a ticket, nor wake one.
use channels::{Action, DeliveryReport, RecipientReport, ReportKind};

use super::message::clean;
use crate::intake::{IntakeError, store};
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::outbox::{self, MailAddresses, Report, Reported};

/// What a report says, as the outbox understands it; `None` for a reading notice, which tells nothing about
/// delivery.
pub fn read(addresses: &MailAddresses, report: &DeliveryReport) -> Option<Report> {
    if report.kind == ReportKind::Disposition {
        return None;
    }
    let worst = report.recipients.iter().min_by_key(|r| rank(r.action));
    Some(Report {
        outbox: report.bounce_token.as_deref().and_then(|token| addresses.read_bounce(token)),
        message_id: report.original_message_id.as_deref().map(clean),
        recipient: worst.map(|r| clean(r.original_recipient.as_ref().unwrap_or(&r.recipient))),
        reported: worst.map_or(Reported::Failed, |r| reported(r.action)),
        words: worst.map(words).unwrap_or_default(),
    })
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
