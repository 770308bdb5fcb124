//! Reports about messages we sent move the row of the outbox they are about. They never open a ticket, nor wake one.
use channels::email::automatic::is_robot;
use channels::{Action, DeliveryReport, Inbound, RecipientReport, ReportKind};

use super::message::clean;
use crate::intake::{IntakeError, store};
use crate::kernel::database::Tx;
use crate::kernel::time::Instant;
use crate::outbox::{self, MailAddresses, Receipt, Report, Reported};

/// What a message is for us.
pub enum Meaning {
    /// A report; `None` for a reading notice, which tells nothing about delivery.
    Report(Option<Report>),
    /// Something that somebody, or somebody's program, wrote; `about` is the row of the outbox it answers, when
    /// it came to the bounce address of that row.
    Message { about: Option<i64> },
}

/// Tells reports from messages. Out-of-office notices come to the bounce address too (RFC 3834, 4): only a
/// mail system that writes there says that a message did not arrive.
pub fn read(addresses: &MailAddresses, account: &str, inbound: &Inbound) -> Meaning {
    let Some(report) = &inbound.report else { return Meaning::Message { about: None } };
    let outbox = report.bounce_token.as_deref().and_then(|token| addresses.read_bounce(token));
    match report.kind {
        ReportKind::Disposition => Meaning::Report(None),
        ReportKind::Delivery | ReportKind::Receipt => {
            Meaning::Report(Some(delivery(report, account, outbox, &signed_ids(inbound))))
        }
        ReportKind::Bounce if inbound.from.as_ref().is_none_or(|f| is_robot(&f.address)) => {
            // Without the address it may be any kind of report, a complaint about spam for one: for a person.
            let bounce =
                Report { outbox, reported: Reported::Failed, words: clean(&inbound.subject), ..Report::default() };
            Meaning::Report(Some(bounce))
        }
        ReportKind::Bounce => Meaning::Message { about: outbox },
    }
}

/// The ids of a certified mail that a provider's signature covers: those of the headers anybody could have written.
pub(super) fn signed_ids(inbound: &Inbound) -> Vec<String> {
    let certified = inbound.certified.as_ref().filter(|c| c.signature.is_verified());
    let data = certified.and_then(|c| c.data.as_ref());
    let ids = data.map(|d| [d.message_id.clone(), d.identifier.clone()]);
    ids.into_iter().flatten().filter(|id| !id.is_empty()).collect()
}

fn delivery(report: &DeliveryReport, account: &str, outbox: Option<i64>, known_as: &[String]) -> Report {
    let worst = report.recipients.iter().min_by_key(|r| rank(r.action));
    let own = report.own_id.as_deref().and_then(outbox::read_own_id);
    Report {
        outbox: outbox.or(own),
        lane: outbox::account_lane(account),
        provider_ids: report.provider_ids.iter().map(clean).collect(),
        receipt: (!report.name.is_empty()).then(|| Receipt {
            name: clean(&report.name),
            at: report.at.map(Into::into),
            action: worst.map_or(Action::Failed, |w| w.action),
        }),
        message_id: report.original_message_id.as_deref().map(clean),
        known_as: known_as.iter().map(clean).collect(),
        recipient: worst.map(|r| clean(r.original_recipient.as_ref().unwrap_or(&r.recipient))),
        reported: match worst {
            // A provider took charge: nothing is known of the recipient yet.
            _ if matches!(report.name.as_str(), "accettazione" | "presa-in-carico") => Reported::Noted,
            None => Reported::Failed,
            Some(worst) => reported(worst.action),
        },
        words: match worst {
            Some(worst) if report.name == "accettazione" && worst.action == Action::Relayed => UNCERTIFIED.to_owned(),
            worst => worst.map(words).unwrap_or_default(),
        },
    }
}

/// The law's own word for a recipient whose mailbox is not certified: no further receipt will come.
const UNCERTIFIED: &str = "esterno";

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

/// Applies a report in the transaction that marks its raw item as done. A provider may report on a message before
/// its answer to the sending is written down, so a report about nothing we know is looked at again; at the last
/// try it goes into quarantine, where somebody sees it.
///
/// # Errors
/// When the database refuses, or nothing is known of the message yet.
pub async fn take_in(
    tx: &mut Tx,
    raw: i64,
    report: Option<&Report>,
    last_try: bool,
    now: Instant,
) -> Result<(), IntakeError> {
    if !store::lock_raw(tx, raw).await? {
        return Ok(());
    }
    let known = match report {
        None => true,
        Some(report) => outbox::receive_report(tx, report, raw, now).await?,
    };
    let may_follow = report.is_some_and(|r| !r.provider_ids.is_empty());
    if !known && may_follow && !last_try {
        return Err(IntakeError::Invalid { field: "report", wrong: "unknown_yet" });
    }
    if let Some(report) = report.filter(|r| known && r.receipt.is_some()) {
        // Whoever answers may quote the name under which the provider delivered it.
        store::remember_aliases(tx, &report.known_as).await?;
    }
    if known {
        store::raw_done(tx, raw, None).await?;
    } else {
        let words = report.map(|r| r.words.as_str()).unwrap_or_default();
        store::quarantine_raw(tx, raw, &format!("unknown_report: {words}")).await?;
    }
    Ok(())
}
