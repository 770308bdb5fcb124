//! Agents say whether they take calls, and where their telephone is.
use jiff::SignedDuration;
use serde_json::json;

use super::model::{AgentRow, Post, Presence};
use super::{PhoneError, store};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;

/// Longest time after a call, however often it is prolonged.
const MOST_WRAP: SignedDuration = SignedDuration::from_mins(30);

/// What is to change of a telephone; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct PhoneChange {
    pub state: Option<Presence>,
    pub extension: Option<String>,
    pub address: Option<String>,
    pub post: Option<Post>,
    pub skills: Option<String>,
    pub languages: Option<String>,
    /// Why they pause: one of the configured reasons.
    pub reason: Option<String>,
    /// More seconds to finish what the last call left to do.
    pub more_wrap: Option<u32>,
}

/// Changes the telephone of a user; agents their own, supervisors everybody's. What somebody can is not theirs to say:
/// a skill may stand for a legal function (000-48).
///
/// # Errors
/// When the caller may not, a value is not acceptable, or the extension is somebody else's.
pub async fn change(kernel: &Kernel, who: &Principal, user: i64, change: PhoneChange) -> Result<AgentRow, PhoneError> {
    who.require(if who.user_id == Some(user) { Permission::WorkTickets } else { Permission::TakeOver })?;
    if change.skills.is_some() {
        who.require(Permission::TakeOver)?;
    }
    let (now, actor, reasons) = (kernel.now(), who.actor.clone(), kernel.config.phone.pause_reasons.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let known = store::agent(tx, user).await?;
                let before = known.as_ref().map(|a| (a.state.clone(), a.reason.clone(), a.wrap_until));
                if before.is_none() && identity::login(tx, user).await?.is_none() {
                    return Err(PhoneError::NotFound);
                }
                let mut row = known.unwrap_or_else(|| AgentRow {
                    user_id: user,
                    name: String::new(),
                    login: String::new(),
                    extension: format!("u{user}"),
                    address: String::new(),
                    post: Post::Internal.as_str().to_owned(),
                    skills: String::new(),
                    languages: String::new(),
                    state: Presence::Off.as_str().to_owned(),
                    since: now,
                    reason: String::new(),
                    wrap_until: None,
                });
                apply(&mut row, change, &reasons, now)?;
                let after = (row.state.clone(), row.reason.clone(), row.wrap_until);
                if before.as_ref() != Some(&after) {
                    let state = if row.wrap_until.is_some() { "wrap" } else { row.state.as_str() };
                    let wrapped = before.as_ref().is_some_and(|(_, _, until)| until.is_some());
                    if state != "wrap" {
                        row.since = now;
                    }
                    if state != "wrap" || !wrapped {
                        store::insert_state(tx, user, state, &row.reason, now).await?;
                    }
                    let data = json!({ "user": user, "users": [user], "state": state, "reason": row.reason });
                    events::append(tx, now, &[NewEvent { kind: "phone.presence", ticket: None, actor, data }]).await?;
                }
                let holder = store::agent_by_extension(tx, &row.extension).await?;
                if holder.is_some_and(|holder| holder.user_id != user) {
                    return Err(PhoneError::ExtensionTaken);
                }
                store::save_agent(tx, &row).await?;
                store::agent(tx, user).await?.ok_or(PhoneError::NotFound)
            })
        })
        .await
}

/// The time after a call is over by itself: they take calls again.
pub(super) async fn end_wrap(kernel: &Kernel, user: i64, now: Instant) -> Result<(), PhoneError> {
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::end_wrap(tx, user, now).await? {
                    return Ok(());
                }
                let Some(row) = store::agent(tx, user).await? else { return Ok(()) };
                store::insert_state(tx, user, &row.state, &row.reason, row.since).await?;
                let data = json!({ "user": user, "users": [user], "state": row.state, "reason": row.reason });
                let kind = "phone.presence";
                events::append(tx, now, &[NewEvent { kind, ticket: None, actor: Actor::System, data }]).await?;
                Ok(())
            })
        })
        .await
}

fn apply(row: &mut AgentRow, change: PhoneChange, reasons: &[String], now: Instant) -> Result<(), PhoneError> {
    let words = |text: &str| text.split([' ', ',']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    let short = |field, text: &str| {
        let fits = text.chars().count() <= 200 && !text.chars().any(char::is_control);
        if fits { Ok(()) } else { Err(PhoneError::Invalid { field, wrong: "shape" }) }
    };
    if let Some(state) = change.state {
        state.as_str().clone_into(&mut row.state);
        // Whoever says where they stand is done with the last call.
        row.wrap_until = None;
        row.reason.clear();
    }
    if let Some(reason) = change.reason.filter(|r| !r.trim().is_empty()) {
        if row.state != Presence::Pause.as_str() || !reasons.contains(&reason) {
            return Err(PhoneError::Invalid { field: "reason", wrong: "unknown" });
        }
        row.reason = reason;
    }
    if let Some(seconds) = change.more_wrap.filter(|s| *s > 0) {
        let from = row.wrap_until.filter(|until| *until > now);
        let from = from.ok_or(PhoneError::Invalid { field: "more_wrap", wrong: "no_call" })?;
        let most = now.plus(MOST_WRAP);
        row.wrap_until = Some(from.plus(SignedDuration::from_secs(seconds.into())).min(most));
    }
    if let Some(post) = change.post {
        post.as_str().clone_into(&mut row.post);
    }
    if let Some(extension) = change.extension {
        let extension = extension.trim();
        let plain = |c: char| c.is_alphanumeric() || "._-+ ".contains(c);
        if extension.is_empty() || extension.chars().count() > 40 || !extension.chars().all(plain) {
            return Err(PhoneError::Invalid { field: "extension", wrong: "shape" });
        }
        extension.clone_into(&mut row.extension);
    }
    if let Some(address) = change.address {
        let address = address.trim();
        short("address", address)?;
        let known = ["sip:", "sips:", "client:", "+"].iter().any(|start| address.starts_with(start));
        if !address.is_empty() && (!known || address.contains([' ', '<', '>', '"'])) {
            return Err(PhoneError::Invalid { field: "address", wrong: "shape" });
        }
        address.clone_into(&mut row.address);
    }
    for (field, new, place) in
        [("skills", change.skills, &mut row.skills), ("languages", change.languages, &mut row.languages)]
    {
        if let Some(text) = new {
            short(field, &text)?;
            *place = words(&text);
        }
    }
    Ok(())
}
