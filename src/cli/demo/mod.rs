//! `sportello demo`: an invented town with its people, sheets and three months of tickets, written by the real
//! use cases on a clock moved by hand. Every address is in a reserved domain and no message leaves.
mod bulletins;
pub mod calendar;
pub mod citizens;
pub mod data;
mod logins;
mod looking;
pub mod organisation;
mod plan;
mod play;
mod ratings;
mod reorganised;
mod rules;
mod story;
pub mod terms;
mod verdicts;
pub mod year;

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use jiff::{SignedDuration, ToSpan};

pub use logins::logins_text;
pub use organisation::PASSWORD;
pub use plan::TICKETS;

use self::calendar::OpeningHours;
use self::data::{DemoData, UserEntry};
use self::play::Player;
use super::Place;
use crate::kernel::Kernel;
use crate::kernel::config::{Config, Mail};
use crate::kernel::database::StoreError;
use crate::kernel::events::{self, Position, Reader};
use crate::kernel::time::Clock;
use crate::knowledge::KnowledgeIndex;
use crate::{identity, knowledge, outbox, protocols, supervision, tickets};

/// Days of history before now.
const DAYS: i32 = 89;
/// The same of the conformance year: what was closed lies within the 365 days that end today.
const YEAR_DAYS: i32 = 364;
/// Days before the history in which the organisation was set up and the sheets revised.
const SET_UP_DAYS: i64 = 120;

/// What a loading did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loaded {
    Now,
    /// The demo was there already; nothing was changed.
    Before,
}

/// How much of a history is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Three months of a town.
    Demo,
    /// A year with the figures of the source documents, one request in so many.
    Year(u64),
}

/// Load the demo agency into an empty installation, and print its logins.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    place: Place,
    /// Load a year with the figures of the source documents instead: 23,549 requests in 22 classes, and the closure
    /// rates of two services.
    #[arg(long)]
    conformance: bool,
    /// Of the year, one request in so many.
    #[arg(long, default_value_t = 1, requires = "conformance", value_parser = clap::value_parser!(u64).range(1..=1000))]
    scale: u64,
}

/// Runs `sportello demo`.
///
/// # Errors
/// When the installation cannot be opened, or has content of its own.
pub async fn run(demo: &Demo) -> anyhow::Result<()> {
    let kernel = demo.place.open().await?;
    let extent = if demo.conformance { Extent::Year(demo.scale) } else { Extent::Demo };
    let loaded = load_extent(&kernel, extent).await;
    if matches!(loaded, Ok(Loaded::Now)) {
        configure(&kernel.config)?;
    }
    let text = loaded.and_then(|loaded| logins_text(&kernel, loaded));
    kernel.db.close().await;
    // Whoever reads only the first lines has read enough.
    drop(writeln!(std::io::stdout(), "{}", text?));
    Ok(())
}

/// Writes the configuration of the demo agency, unless the installation has one.
fn configure(config: &Config) -> anyhow::Result<()> {
    let town = DemoData::read()?.organisation.town;
    let file = config.path("sportello.toml");
    if file.exists() {
        return Ok(());
    }
    // Strings of JSON are strings of TOML.
    let quoted = serde_json::to_string;
    let (phone, opening, opening_en) = (quoted(&town.toll_free)?, quoted(&town.opening.it)?, quoted(&town.opening.en)?);
    let text = format!("[agency]\nphone = {phone}\nopening = {opening}\nopening_en = {opening_en}\n");
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))
}

/// Loads the demo into an empty database, with its history ending now; leaves a loaded one as it is.
///
/// # Errors
/// Refuses a database that has other content, or in which an earlier loading was interrupted.
pub async fn load(kernel: &Kernel) -> anyhow::Result<Loaded> {
    load_extent(kernel, Extent::Demo).await
}

/// As [`load`], with as much of a history as wanted.
///
/// # Errors
/// As [`load`].
pub async fn load_extent(kernel: &Kernel, extent: Extent) -> anyhow::Result<Loaded> {
    let data = DemoData::read()?;
    let keeper = keeper(&data)?;
    match content(kernel, &data).await? {
        Content::Demo => return Ok(Loaded::Before),
        Content::Empty => {}
        Content::HalfADemo => anyhow::bail!(
            "an earlier loading of the demo was interrupted here; delete the data directory (or the database) and load it again"
        ),
        Content::Other => anyhow::bail!(
            "this installation has content of its own, and the demo loads only into an empty one; choose another directory with --data"
        ),
    }
    let now = kernel.now();
    let zone = kernel.config.zone();
    let days = match extent {
        Extent::Demo => DAYS,
        Extent::Year(_) => YEAR_DAYS,
    };
    let first_day = now.zoned(&zone).date().saturating_sub(days.days());
    let hours = OpeningHours::new(&zone, first_day, now, &data.organisation.town.patron_saint.day);
    let requests = match extent {
        Extent::Demo => Vec::new(),
        Extent::Year(scale) => year::requests(&data, scale)?,
    };
    let plan = match extent {
        Extent::Demo => plan::plan(&data, &hours)?,
        Extent::Year(_) => year::plan(&data, &requests, &hours)?,
    };
    let opened = plan.steps.first().map_or(now, |step| step.at);
    let mut past = kernel.clone();
    // Without a mail server no receipt is written for any of these contacts.
    past.config = Arc::new(Config { mail: Mail::default(), ..(*kernel.config).clone() });
    past.clock = Clock::manual(opened.minus(SignedDuration::from_hours(24 * SET_UP_DAYS)));
    let known = organisation::write(&past, &data, keeper.0, now.zoned(&zone).date()).await?;
    if extent == Extent::Demo {
        terms::write(&past, &data, &known).await?;
        terms::prepare_emergency(&past).await?;
    }
    reorganised::rename(kernel, &data).await?;
    // Of the year only tickets count: its agents read as quickly as the loader writes.
    let seen = matches!(extent, Extent::Demo).then(|| KnowledgeIndex::new(kernel));
    Player { data: &data, known: &known, plan: &plan, seen: seen.as_deref() }.play(&past).await?;
    if let Some(seen) = &seen {
        knowledge::gaps::observed::write(kernel, seen, true).await?;
        looking::write(kernel, i64::from(DAYS)).await?;
    }
    // It was proposed the day before yesterday.
    let mut lately = past.clone();
    lately.clock = Clock::manual(now.minus(SignedDuration::from_hours(40)));
    organisation::propose(&lately, &data, &known).await?;
    if extent == Extent::Demo {
        bulletins::write(kernel, &data, &known).await?;
        reorganised::write(kernel, &data, &known).await?;
        let mut silent = past.clone();
        silent.clock = kernel.clock.clone();
        verdicts::write(&silent, &data, &known).await?;
    }
    ratings::write(kernel).await?;
    let settled = kernel.db.write(|tx| Box::pin(outbox::store::settle_as_sent(tx)));
    settled.await?;
    read_feed(kernel, Arc::new(tickets::queues::Counter)).await?;
    read_feed(kernel, Arc::new(knowledge::gaps::Outcomes::new(zone.clone()))).await?;
    read_feed(kernel, Arc::new(supervision::Closures::new(zone))).await?;
    if extent == Extent::Demo {
        // Nobody is written to about what became due in a history that was made up.
        let mut silent = past.clone();
        silent.clock = kernel.clock.clone();
        protocols::mark(&silent).await?;
        rules::write(kernel, &known).await?;
    }
    organisation::add_person(kernel, &data, keeper.1, &HashMap::new()).await?;
    kernel.refresh_agency().await?;
    Ok(Loaded::Now)
}

/// Whether this installation holds the demo, loaded to its end.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_loaded(kernel: &Kernel) -> anyhow::Result<bool> {
    Ok(content(kernel, &DemoData::read()?).await? == Content::Demo)
}

/// The administrator: made last, so that this account says that the demo is whole.
fn keeper(data: &DemoData) -> anyhow::Result<(usize, &UserEntry)> {
    let mut users = data.organisation.users.iter().enumerate();
    users.find(|(_, u)| u.role == "admin").context("the demo has no administrator")
}

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Empty,
    Demo,
    HalfADemo,
    Other,
}

async fn content(kernel: &Kernel, data: &DemoData) -> anyhow::Result<Content> {
    let keeper = &keeper(data)?.1.email;
    let users = identity::list_users(kernel).await?;
    if users.iter().any(|u| u.login == *keeper) {
        return Ok(Content::Demo);
    }
    let mut conn = kernel.db.read().await?;
    let touched = !events::after(&mut conn, Position::default(), 1).await?.is_empty();
    let agencies = crate::organisation::store::agencies(&mut conn).await?;
    if agencies.iter().any(|a| a.name == data.organisation.town.name) {
        return Ok(Content::HalfADemo);
    }
    Ok(if users.is_empty() && agencies.is_empty() && !touched { Content::Empty } else { Content::Other })
}

/// Lets a reader read to the end, so that the first page shows figures.
async fn read_feed(kernel: &Kernel, reader: Arc<dyn Reader>) -> Result<(), StoreError> {
    while events::step(&kernel.db, reader.clone()).await? > 0 {}
    Ok(())
}
