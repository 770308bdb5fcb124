//! Lets contacts begin at a rate, and prints how they fare.
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};

use super::options::Traffic;
use super::tally::Tally;

/// Begins one contact after the other, each by a task of its own; returns when all have ended.
///
/// A contact that cannot begin in time, since too many are under way, begins late; none is left out.
pub async fn drive<F, Fut>(traffic: &Traffic, tally: &Arc<Tally>, contact: F)
where
    F: Fn(u64) -> Fut,
    Fut: Future<Output = ()> + Send + 'static,
{
    let printer = tokio::spawn(print_each_second(Arc::clone(tally)));
    let places = Arc::new(Semaphore::new(traffic.together.max(1)));
    let (start, gap) = (Instant::now(), traffic.rate.gap());
    let end = traffic.duration.map(|duration| start + duration);
    let mut under_way = JoinSet::new();
    let stop = tokio::signal::ctrl_c();
    tokio::pin!(stop);
    let mut at = start;
    for number in 0..traffic.count.unwrap_or(u64::MAX) {
        if end.is_some_and(|end| at.max(Instant::now()) >= end) {
            break;
        }
        let begin = async {
            tokio::time::sleep_until(at).await;
            Arc::clone(&places).acquire_owned().await
        };
        let place = tokio::select! {
            place = begin => place,
            _ = &mut stop => break,
        };
        at += gap;
        tally.sent();
        let work = contact(number);
        under_way.spawn(async move {
            work.await;
            drop(place);
        });
        while under_way.try_join_next().is_some() {}
    }
    tokio::select! {
        () = async { while under_way.join_next().await.is_some() {} } => {}
        _ = &mut stop => {}
    }
    printer.abort();
}

async fn print_each_second(tally: Arc<Tally>) {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        eprintln!("{}", tally.report());
    }
}

/// Prints the result; fails when something was refused, so that scripts notice.
pub fn finish(traffic: &Traffic, tally: &Tally) -> anyhow::Result<ExitCode> {
    let report = tally.report();
    if traffic.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    Ok(if report.refused == 0 && report.accepted > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
