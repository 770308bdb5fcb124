//! Rules are drafted, changed, brought into force, taken back and retired; single ones are paused; what failed is tried
//! again.
use serde_json::{Value, json};

use super::RulesError;
use super::faults::faults;
use super::model::{Rule, RulesState};
use super::store::{self, VersionRow};
use crate::kernel::Kernel;
use crate::kernel::database::Tx;
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;

async fn told(tx: &mut Tx, kind: &'static str, data: Value, actor: Actor, now: Instant) -> Result<(), RulesError> {
    Ok(events::append(tx, now, &[NewEvent { kind, ticket: None, actor, data }]).await?)
}

/// What a draft begins with.
#[derive(Debug, Clone)]
pub enum Begin {
    /// The rules in force.
    InForce,
    With(Vec<Rule>),
    /// The rules in force, and these after them; those of the same name are replaced.
    Adding(Vec<Rule>),
}

/// Rules with others after them, which replace those of the same name.
fn joined(mut rules: Vec<Rule>, more: Vec<Rule>) -> Vec<Rule> {
    for new in more {
        match rules.iter_mut().find(|rule| rule.name == new.name) {
            Some(old) => *old = new,
            None => rules.push(new),
        }
    }
    rules
}

/// Begins a draft; answers its row id.
///
/// # Errors
/// When the caller does not administer.
pub async fn prepare(kernel: &Kernel, who: &Principal, begin: Begin) -> Result<i64, RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let active = match store::active(tx).await? {
                    Some(active) => active.rules()?,
                    None => Vec::new(),
                };
                let rules = match begin {
                    Begin::InForce => active,
                    Begin::With(rules) => rules,
                    Begin::Adding(more) => joined(active, more),
                };
                let id = store::insert_draft(tx, &rules, &actor.to_text(), now).await?;
                told(tx, "automation.drafted", json!({ "version": id }), actor, now).await?;
                Ok(id)
            })
        })
        .await
}

async fn locked(tx: &mut Tx, id: i64, seen: Option<i64>) -> Result<VersionRow, RulesError> {
    let version = store::lock_version(tx, id).await?.ok_or(RulesError::Missing)?;
    if version.state()? != RulesState::Draft {
        return Err(RulesError::State);
    }
    if seen.is_some_and(|seen| seen != version.edition) {
        return Err(RulesError::Stale(version.edition));
    }
    Ok(version)
}

/// Changes the rules of a draft that was seen at an edition.
///
/// # Errors
/// When the caller does not administer, somebody changed it meanwhile, or it is no draft.
pub async fn change<F>(kernel: &Kernel, who: &Principal, id: i64, seen: Option<i64>, work: F) -> Result<(), RulesError>
where
    F: FnOnce(&mut Vec<Rule>) + Send + 'static,
{
    who.require(Permission::Administer)?;
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut rules = locked(tx, id, seen).await?.rules()?;
                work(&mut rules);
                Ok(store::save_draft(tx, id, &rules).await?)
            })
        })
        .await
}

/// Forgets a draft.
///
/// # Errors
/// When the caller does not administer, or it is no draft.
pub async fn discard(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                locked(tx, id, None).await?;
                Ok(store::drop_draft(tx, id).await?)
            })
        })
        .await
}

/// Brings a draft into force, or a version that was before. What began by another version goes on by that one.
///
/// # Errors
/// When the caller does not administer, the draft was changed meanwhile, or a rule is wrong.
pub async fn activate(kernel: &Kernel, who: &Principal, id: i64, seen: Option<i64>) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor, entry) = (kernel.now(), who.actor.clone(), kernel.config.desk.entry_unit.clone());
    let day = now.day(&kernel.config.zone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = store::lock_version(tx, id).await?.ok_or(RulesError::Missing)?;
                if version.state()? == RulesState::Active {
                    return Err(RulesError::State);
                }
                if seen.is_some_and(|seen| seen != version.edition) {
                    return Err(RulesError::Stale(version.edition));
                }
                let wrong = faults(&version.rules()?, &store::named(tx, &entry, now, &day).await?);
                if !wrong.is_empty() {
                    return Err(RulesError::Invalid(wrong));
                }
                store::end_active(tx, RulesState::Replaced, now).await?;
                store::activate(tx, id, &actor.to_text(), now).await?;
                told(tx, "automation.activated", json!({ "version": id, "number": version.number }), actor, now).await
            })
        })
        .await
}

/// Takes the rules in force out of it and ends what they began.
///
/// # Errors
/// When the caller does not administer, or the version is not in force.
pub async fn retire(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let version = store::lock_version(tx, id).await?.ok_or(RulesError::Missing)?;
                if version.state()? != RulesState::Active {
                    return Err(RulesError::State);
                }
                store::end_active(tx, RulesState::Retired, now).await?;
                let stopped = store::stop_waiting(tx, now).await?;
                told(tx, "automation.retired", json!({ "version": id, "stopped": stopped }), actor, now).await
            })
        })
        .await
}

/// Pauses a rule by name: what it would start is held.
///
/// # Errors
/// When the caller does not administer, or no rule in force has the name.
pub async fn pause(kernel: &Kernel, who: &Principal, rule: &str) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor, rule) = (kernel.now(), who.actor.clone(), rule.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let active = store::active(tx).await?.ok_or(RulesError::Missing)?;
                if !active.rules()?.iter().any(|known| known.name == rule) {
                    return Err(RulesError::Missing);
                }
                if store::pause(tx, &rule, &actor.to_text(), now).await? {
                    told(tx, "automation.paused", json!({ "rule": rule, "why": "person" }), actor, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// What becomes of what a paused rule held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    Run,
    Drop,
}

/// Lets a paused rule go on.
///
/// # Errors
/// When the caller does not administer, or the rule is not paused.
pub async fn resume(kernel: &Kernel, who: &Principal, rule: &str, held: Held) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor, rule) = (kernel.now(), who.actor.clone(), rule.to_owned());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::resume(tx, &rule).await? {
                    return Err(RulesError::Missing);
                }
                let (to, reason) = match held {
                    Held::Run => ("pending", ""),
                    Held::Drop => ("stopped", "dropped"),
                };
                let freed = store::hold_or_free(tx, &rule, ("held", to), reason, now).await?;
                told(tx, "automation.resumed", json!({ "rule": rule, "held": freed, "state": to }), actor, now).await
            })
        })
        .await
}

/// Lets a run that failed try its step again.
///
/// # Errors
/// When the caller does not administer, or no such run failed.
pub async fn retry(kernel: &Kernel, who: &Principal, run: i64) -> Result<(), RulesError> {
    who.require(Permission::Administer)?;
    let (now, actor) = (kernel.now(), who.actor.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if !store::retry(tx, run, now).await? {
                    return Err(RulesError::Missing);
                }
                told(tx, "automation.retried", json!({ "run": run }), actor, now).await
            })
        })
        .await
}
