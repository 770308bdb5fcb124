//! The daily look at all links, as work of one node at a time, and a new look at the links of one sheet.
use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use jiff::SignedDuration;
use url::Url;

use super::inside::{Target, look, target};
use super::probe::Prober;
use super::store::{self, Run};
use super::{Found, Link, LinkState, Reason, of_sheet};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::leases;
use crate::kernel::problem::{Kind, Refusal};
use crate::knowledge::model::Sheet;
use crate::knowledge::store as sheet_store;

const LEASE: &str = "knowledge-links";
/// Longer than one server may take; renewed after each.
const LEASED: SignedDuration = SignedDuration::from_mins(60);
/// Between two looks at all links.
const DAILY: SignedDuration = SignedDuration::from_hours(24);
/// Looks are remembered for so long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Whether it is time is asked this often, and first a while after the start.
const EVERY: Duration = Duration::from_secs(300);
/// Servers that are asked at the same time, and the rest between two questions to one of them.
const SERVERS: usize = 4;
const REST: Duration = Duration::from_millis(500);
/// Questions to one server in one look: nobody wants to be asked more by a stranger.
const OF_ONE_SERVER: usize = 500;
/// A server that could not be reached so many times in a row is asked no more.
const GIVEN_UP: usize = 3;
/// Sheets read at once.
const PIECE: i64 = 200;

/// Why links were not looked at.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the client for other servers: {0}")]
    Client(#[from] reqwest::Error),
}

impl From<sqlx::Error> for LinkError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

impl Refusal for LinkError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(e) => e.kind(),
            Self::Client(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Store(e) => e.code(),
            Self::Client(_) => "internal",
        }
    }
}

fn prober(kernel: &Kernel) -> Result<Prober, LinkError> {
    Ok(Prober::new(kernel.config.knowledge.private_links, &kernel.config.server.public_url)?)
}

/// Looks at the links of all sheets in force, if nobody did within a day; `None` when it was not time, or another
/// node is at it.
///
/// # Errors
/// When the database refuses; what was found so far stays.
pub async fn run(kernel: &Kernel) -> Result<Option<Run>, LinkError> {
    let now = kernel.now();
    let mut conn = kernel.db.read().await?;
    let last = store::last_run(&mut conn).await?;
    drop(conn);
    // One that was cut off is done again.
    let done = last.is_some_and(|run| run.ended_at.is_some() && now.since(run.started_at) < DAILY);
    if done || !hold(kernel).await? {
        return Ok(None);
    }
    let id = kernel
        .db
        .write(move |tx| Box::pin(async move { store::begin_run(tx, now, now.minus(REMEMBERED)).await }))
        .await?;
    let mut run = Run { id, started_at: now, ..Run::default() };
    let outside = all(kernel, &mut run).await?;
    ask(kernel, outside).await?;
    let mut conn = kernel.db.read().await?;
    run.broken = store::count(&mut conn, LinkState::Broken).await?;
    drop(conn);
    if kernel.stop.is_cancelled() {
        return Ok(None);
    }
    run.ended_at = Some(kernel.now());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                store::forget_before(tx, now).await?;
                store::end_run(tx, &run).await
            })
        })
        .await?;
    Ok(Some(run))
}

async fn hold(kernel: &Kernel) -> Result<bool, StoreError> {
    leases::hold(&kernel.db, LEASE, &kernel.node, kernel.now(), LEASED).await
}

/// Addresses of other servers, each with the sheets that lead there, by server.
type Outside = BTreeMap<String, BTreeMap<Url, Vec<(i64, String)>>>;

/// Goes through all sheets: links into this site are settled at once, the others come back.
async fn all(kernel: &Kernel, run: &mut Run) -> Result<Outside, LinkError> {
    let mut outside = Outside::new();
    let mut after = 0;
    loop {
        let mut conn = kernel.db.read().await?;
        let ids = sheet_store::ids_after(&mut conn, after, PIECE).await?;
        let Some(last) = ids.last() else { return Ok(outside) };
        after = *last;
        let sheets = sheet_store::sheets(&mut conn, &ids).await?;
        drop(conn);
        for sheet in &sheets {
            run.sheets += 1;
            let links = of_sheet(sheet.audience, &sheet.texts);
            run.links += i64::try_from(links.len()).unwrap_or(i64::MAX);
            sort(kernel, sheet, links, &mut outside).await?;
        }
    }
}

/// Settles what is inside, or is nothing, and notes what is outside.
async fn sort(kernel: &Kernel, sheet: &Sheet, links: Vec<Link>, outside: &mut Outside) -> Result<(), LinkError> {
    let mut known = Vec::new();
    let mut conn = kernel.db.read().await?;
    for link in links {
        match target(&kernel.config.server.public_url, &link.url) {
            Target::Nothing => known.push((link.url, Found::failed(Reason::Invalid))),
            Target::Inside(url) => known.push((link.url.clone(), look(&mut conn, &link, &url).await?)),
            Target::Outside(url) => {
                let server = url.host_str().unwrap_or_default().to_owned();
                outside.entry(server).or_default().entry(url).or_default().push((sheet.id, link.url));
            }
        }
    }
    drop(conn);
    let (sheet, now) = (sheet.id, kernel.now());
    if known.is_empty() {
        return Ok(());
    }
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for (url, found) in &known {
                    store::put(tx, sheet, url, *found, now).await?;
                }
                Ok::<(), LinkError>(())
            })
        })
        .await
}

/// Asks servers, a few at a time, each one question after the other, and keeps what each said.
async fn ask(kernel: &Kernel, outside: Outside) -> Result<(), LinkError> {
    let prober = prober(kernel)?;
    let mut asked = stream::iter(outside.into_values().map(|urls| {
        let prober = prober.clone();
        async move {
            let mut answers: Vec<(Vec<(i64, String)>, Found)> = Vec::new();
            let mut unreached = 0;
            for (place, (url, sheets)) in urls.into_iter().take(OF_ONE_SERVER).enumerate() {
                if kernel.stop.is_cancelled() {
                    break;
                }
                if let Some((_, found)) = answers.last().filter(|_| unreached >= GIVEN_UP) {
                    let found = *found;
                    answers.push((sheets, found));
                    continue;
                }
                if place > 0 {
                    tokio::time::sleep(REST).await;
                }
                let found = prober.look(&url).await;
                let is_unreached = matches!(found.reason, Some(Reason::Dns | Reason::Timeout | Reason::Connection));
                unreached = if is_unreached { unreached + 1 } else { 0 };
                answers.push((sheets, found));
            }
            answers
        }
    }))
    .buffer_unordered(SERVERS);
    while let Some(answers) = asked.next().await {
        let now = kernel.now();
        kernel
            .db
            .write(move |tx| {
                Box::pin(async move {
                    for (sheets, found) in &answers {
                        for (sheet, url) in sheets {
                            store::put(tx, *sheet, url, *found, now).await?;
                        }
                    }
                    Ok::<(), LinkError>(())
                })
            })
            .await?;
        hold(kernel).await?;
    }
    Ok(())
}

/// Looks again at the links of one sheet.
///
/// # Errors
/// When the database refuses.
pub async fn again(kernel: &Kernel, sheet: &Sheet) -> Result<(), LinkError> {
    let mut outside = Outside::new();
    sort(kernel, sheet, of_sheet(sheet.audience, &sheet.texts), &mut outside).await?;
    ask(kernel, outside).await
}

/// Looks once a day, and keeps the gauge of links that lead nowhere, until the process stops.
pub async fn follow(kernel: Kernel) {
    while !kernel.stop.is_cancelled() {
        tokio::select! {
            () = kernel.stop.cancelled() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
        if kernel.config.knowledge.check_links {
            match run(&kernel).await {
                Ok(None) => {}
                Ok(Some(run)) => tracing::info!(
                    links.sheets = run.sheets,
                    links.looked_at = run.links,
                    links.broken = run.broken,
                    "looked at the links of sheets"
                ),
                Err(e) => tracing::warn!("the links of sheets were not looked at: {e}"),
            }
        }
        if let Err(e) = measure(&kernel).await {
            tracing::warn!("broken links were not counted: {e}");
        }
    }
    drop(leases::release(&kernel.db, LEASE, &kernel.node).await);
}

/// Brings the gauge up to date.
///
/// # Errors
/// When the database cannot be read.
pub async fn measure(kernel: &Kernel) -> Result<(), StoreError> {
    let mut conn = kernel.db.read().await?;
    kernel.metrics.broken_links.set(store::count(&mut conn, LinkState::Broken).await?);
    Ok(())
}
