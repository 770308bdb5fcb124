//! News for the operators of the demo, written by a supervisor and read by some.
use anyhow::Context;
use jiff::SignedDuration;
use serde::Deserialize;

use super::data::{self, DemoData};
use super::organisation::Known;
use crate::bulletin;
use crate::bulletin::model::{BulletinKind, Content};
use crate::kernel::Kernel;
use crate::kernel::time::Clock;

#[derive(Debug, Deserialize)]
struct BulletinFile {
    bulletin: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    kind: BulletinKind,
    title: String,
    text: String,
    /// Hours before the loading; negative after it.
    begins: i64,
    lasts: i64,
    pinned: bool,
    sheet: Option<String>,
    category: Option<String>,
    #[serde(default)]
    units: Vec<String>,
    /// How many of the agents have read it.
    readers: usize,
}

/// Hours before a bulletin begins at which it was written, at least.
const AHEAD: i64 = 2;

/// Writes the bulletins.
///
/// # Errors
/// When the database refuses or the demo's file is inconsistent.
pub async fn write(kernel: &Kernel, data: &DemoData, known: &Known) -> anyhow::Result<()> {
    let people = || data.organisation.users.iter().zip(&known.people);
    let of_role =
        |role: &'static str| people().filter(move |(user, _)| user.role == role).filter_map(|(_, p)| p.as_ref());
    let writer = of_role("supervisor").next().context("the demo has no supervisor")?;
    let now = kernel.now();
    let mut past = kernel.clone();
    for entry in data::read::<BulletinFile>("bulletins.toml")?.bulletin {
        let from = now.minus(SignedDuration::from_hours(entry.begins));
        let written = now.minus(SignedDuration::from_hours(entry.begins.max(0) + AHEAD));
        past.clock = Clock::manual(written);
        let content = Content {
            kind: entry.kind,
            title: entry.title,
            text: entry.text.trim().to_owned(),
            roles: Vec::new(),
            units: entry.units,
            pinned: entry.pinned,
            from,
            until: Some(from.plus(SignedDuration::from_hours(entry.lasts))),
            sheet: entry.sheet,
            category: entry.category,
        };
        let id = bulletin::publish(&past, writer, content).await?;
        past.clock = Clock::manual(from.plus(SignedDuration::from_hours(1)).min(now));
        // Who is first in the file signs in to look around, and finds something to read.
        let agents: Vec<_> = of_role("agent").collect();
        for reader in agents.into_iter().rev().take(entry.readers) {
            bulletin::mark_read(&past, reader, id).await?;
        }
    }
    // What began or is over meanwhile is told now, not by the first server that starts.
    bulletin::run(kernel).await?;
    Ok(())
}
