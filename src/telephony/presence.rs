//! Agents say whether they take calls, and where their telephone is.
use serde_json::json;

use super::model::{AgentRow, Post, Presence};
use super::{PhoneError, store};
use crate::identity;
use crate::kernel::Kernel;
use crate::kernel::events::{self, NewEvent};
use crate::kernel::permissions::{Permission, Principal};

/// What is to change of a telephone; `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct PhoneChange {
    pub state: Option<Presence>,
    pub extension: Option<String>,
    pub address: Option<String>,
    pub post: Option<Post>,
    pub skills: Option<String>,
    pub languages: Option<String>,
}

/// Changes the telephone of a user; agents their own, supervisors everybody's.
///
/// # Errors
/// When the caller may not, a value is not acceptable, or the extension is somebody else's.
pub async fn change(kernel: &Kernel, who: &Principal, user: i64, change: PhoneChange) -> Result<AgentRow, PhoneError> {
    who.require(if who.user_id == Some(user) { Permission::WorkTickets } else { Permission::TakeOver })?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let known = store::agent(tx, user).await?;
                let before = known.as_ref().map(|a| a.state.clone());
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
                });
                apply(&mut row, change)?;
                if before.as_deref() != Some(row.state.as_str()) {
                    row.since = now;
                    let data = json!({ "user": user, "state": row.state });
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

fn apply(row: &mut AgentRow, change: PhoneChange) -> Result<(), PhoneError> {
    let words = |text: &str| text.split([' ', ',']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    let short = |field, text: &str| {
        let fits = text.chars().count() <= 200 && !text.chars().any(char::is_control);
        if fits { Ok(()) } else { Err(PhoneError::Invalid { field, wrong: "shape" }) }
    };
    if let Some(state) = change.state {
        state.as_str().clone_into(&mut row.state);
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
