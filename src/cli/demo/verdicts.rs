//! What the demo's agents said of sheets by one key.
use anyhow::Context;
use jiff::SignedDuration;
use serde::Deserialize;

use super::data::{self, DemoData};
use super::organisation::Known;
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::time::Clock;
use crate::knowledge::model::SheetCode;
use crate::knowledge::verdicts::{Said, Verdict, say};

#[derive(Debug, Deserialize)]
struct VerdictFile {
    verdict: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    sheet: SheetCode,
    /// Place among the agents.
    agent: usize,
    /// Hours before the loading.
    hours: i64,
    verdict: Verdict,
    remark: String,
}

/// Writes the verdicts; `past` is a kernel whose mails do not leave.
///
/// # Errors
/// When the database refuses or the demo's file is inconsistent.
pub async fn write(past: &Kernel, data: &DemoData, known: &Known) -> anyhow::Result<()> {
    let people = data.organisation.users.iter().zip(&known.people);
    let agents: Vec<_> = people.filter(|(user, _)| user.role == "agent").filter_map(|(_, p)| p.as_ref()).collect();
    let now = past.now();
    for entry in data::read::<VerdictFile>("verdicts.toml")?.verdict {
        let mut then = past.clone();
        then.clock = Clock::manual(now.minus(SignedDuration::from_hours(entry.hours)));
        let said = Said {
            code: entry.sheet,
            version: 1,
            language: Language::Italian,
            verdict: entry.verdict,
            remark: entry.remark,
            ticket: String::new(),
        };
        say(&then, agents.get(entry.agent).context("the demo has fewer agents")?, said).await?;
    }
    Ok(())
}
