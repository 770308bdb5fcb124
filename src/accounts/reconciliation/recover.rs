use std::collections::HashSet;
use std::time::Duration;

use channels::{ChannelKind, Fate};
use serde_json::json;

use super::compare::{compare, in_time, subjects, unreported};
use super::model::{Day, Kind, Sheet};
use super::{RIGHT, ReconciliationError, daily, store};
use crate::accounts::Accounts;
use crate::intake::{self, reading};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::Principal;
use crate::outbox;

/// How often, and how far apart, it is looked whether what came is read.
const LOOKS: usize = 30;
const BETWEEN: Duration = Duration::from_millis(100);

/// Has the peer of an account give what is missing of a day: all of it, or what bears one name. What comes takes the
/// way of everything that arrives. Answers the comparison made anew, and how many items came.
///
/// # Errors
/// When the caller may not, there is no such account, or the peer does not give it.
pub async fn recover(
    accounts: &Accounts,
    who: &Principal,
    account: &str,
    day: &Day,
    only: Option<&str>,
) -> Result<(Sheet, usize), ReconciliationError> {
    who.require(RIGHT)?;
    let kernel = accounts.intake().kernel();
    let subject = subjects(kernel).await?.into_iter().find(|s| s.name == account);
    let subject = subject.ok_or(ReconciliationError::NotFound)?;
    let mut conn = kernel.db.read().await?;
    let items = store::items(&mut conn, account, &day.text()).await?;
    drop(conn);
    let wanted = |kind: Kind| {
        let of = items.iter().filter(move |i| i.obtainable && i.kind == kind.as_str());
        of.map(|i| i.name.clone()).filter(|name| only.is_none_or(|only| only == name)).collect::<Vec<_>>()
    };
    let (missing, reports) = (wanted(Kind::Missing), wanted(Kind::Report));
    let (mut found, mut calls) = (Vec::new(), 0);
    match (&subject.receiver, &subject.hook) {
        (Some(receiver), _) if !missing.is_empty() => {
            found.extend(in_time(receiver.again(&missing)).await.map_err(ReconciliationError::Peer)?);
        }
        (None, Some(hook)) if subject.kind == ChannelKind::Phone => {
            let names = [missing, wanted(Kind::Call)].concat();
            if !names.is_empty() {
                let events = in_time(hook.told_of(&names)).await.map_err(ReconciliationError::Peer)?;
                calls = events.iter().map(|event| &event.call).collect::<HashSet<_>>().len();
                accounts.calls().tell(account, events).await?;
            }
        }
        (None, Some(hook)) if !missing.is_empty() => {
            found.extend(in_time(hook.again(&missing)).await.map_err(ReconciliationError::Peer)?);
        }
        _ => {}
    }
    if let (Some(sender), false) = (&subject.sender, reports.is_empty()) {
        let lane = outbox::account_lane(account);
        let mut conn = kernel.db.read().await?;
        let silent = outbox::store::day::silent(&mut conn, &lane, day.from, day.to).await?;
        drop(conn);
        let wanted = silent.into_iter().map(|row| unreported(row.id, row.provider_id));
        let asked: Vec<_> = wanted.filter(|message| reports.contains(&message.own_id)).collect();
        let fates = in_time(sender.fates(&asked)).await.map_err(ReconciliationError::Peer)?.unwrap_or_default();
        found.extend(fates.into_iter().filter_map(|fate| match fate {
            Fate::Report(item) => Some(item),
            Fate::UnderWay | Fate::Unknown => None,
        }));
    }
    let count = found.len() + calls;
    let names: HashSet<String> = found.iter().map(|item| item.external_ref.clone()).collect();
    reading::store(kernel, subject.kind, account, found).await?;
    kernel.metrics.recovered.with_label_values(&[account]).inc_by(count as u64);
    let (now, actor) = (kernel.now(), who.actor.clone());
    let data = json!({ "account": account, "day": day.text(), "items": count });
    let told: Result<(), StoreError> = kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let event = NewEvent { kind: "intake.recovered", ticket: None, actor, data };
                events::append(tx, now, &[event]).await
            })
        })
        .await;
    told?;
    until_read(kernel, account, day, &names).await?;
    let (sheet, _) = compare(accounts, &subject, day).await?;
    daily::measure(accounts).await?;
    Ok((sheet, count))
}

/// Waits a moment until what came is read: the comparison would name it as unread.
async fn until_read(kernel: &Kernel, account: &str, day: &Day, names: &HashSet<String>) -> Result<(), StoreError> {
    for _ in 0..LOOKS {
        let mut conn = kernel.db.read().await?;
        let unread = intake::store::day::unread(&mut conn, account, day.from, day.to).await?;
        drop(conn);
        if !unread.iter().any(|(name, _)| names.contains(name)) {
            break;
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(())
}
