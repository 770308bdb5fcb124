//! The proof of the network: a year of a contact centre between six agencies and three utilities, carried out by the
//! use cases that serve people, and counted again from its log ([`audit`]). `docs/year.md` says what it proves.
mod audit;
mod broken;
mod ledger;
mod pages;
mod play;
mod post;
mod tale;
mod terms;
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use channels::ChannelKind;
use futures_util::FutureExt;
use jiff::ToSpan;
use jiff::civil::date;
use sportello::cli::demo::calendar::OpeningHours;
use sportello::cli::demo::data::DemoData;
use sportello::cli::demo::year::{counts, requests_of};
use sportello::intake::reading::{read_all, store};
use sportello::kernel::config::{Config, Smtp};
use sportello::kernel::time::Instant;
use sportello::network;
use sportello::outbox::send_due;
use sportello::protocols::{self, Follower};
use sportello::supervision::{self, Classes, Closures, Dimension, Figures, Period};
use sportello::tickets::queues::Counter;
use sportello::tickets::{incidents, resolve};

use self::ledger::Ledger;
use self::play::{Diary, Player};
use self::post::{Carrier, chance, delivery_report, item};
use crate::support::*;

/// The last instant of the year.
const END: &str = "2027-03-01T17:00:00Z";
const PATRON: &str = "06-01";
/// One request in so many, and the seed, of the year that every run of the tests plays.
const SMALL: (u64, u64) = (25, 41);
/// A period that no later change of the offices may touch, and the day on which it is looked at first.
const SPRING: (jiff::civil::Date, jiff::civil::Date) = (date(2026, 3, 2), date(2026, 5, 24));
const LOOKED_AT: jiff::civil::Date = date(2026, 7, 5);

/// Findings of a check that are told.
const SHOWN: usize = 8;

/// A year that was played.
struct Played {
    ledger: Ledger,
    diary: Diary,
}

fn configure(config: &mut Config) {
    config.mail.smtp = Some(Smtp {
        host: "127.0.0.1".to_owned(),
        port: 9,
        security: "plain".to_owned(),
        user: None,
        password: None,
        password_file: None,
        ca_file: None,
        from: "sportello@comune.valdoria.example".to_owned(),
        from_name: None,
    });
    // The town's own days: its patron saint is a holiday of the legs' terms too.
    config.phone.patron = PATRON.to_owned();
}

/// What time alone does, shortly after midnight.
async fn night(t: &TestApp, player: &mut Player<'_>, carrier: &Arc<Carrier>, seed: u64) {
    let kernel = &t.kernel;
    network::reorganise::carry_out(kernel).await.unwrap();
    t.read_feed(Arc::new(network::late::Updates::new(kernel))).await;
    network::remind::run(kernel).await.unwrap();
    network::digest::run(kernel).await.unwrap();
    incidents::deliver(kernel).await.unwrap();
    resolve::close_due(kernel).await.unwrap();
    supervision::stuck::give_back(kernel).await.unwrap();
    protocols::mark(kernel).await.unwrap();
    send_due(kernel, carrier.clone()).await.unwrap();
    let left = std::mem::take(&mut *carrier.left.lock().unwrap());
    let mut reports = Vec::new();
    for (row, recipient) in left {
        let Some(verp) = player.intake.addresses().bounces_of(row) else { continue };
        let mut report = |n: u64, action: &str, status: &str| {
            let name = format!("r.{row}.{n}");
            player.diary.delivered.push(("urp".to_owned(), name.clone()));
            item(&name, delivery_report(&verp, &recipient, action, status))
        };
        // In any order, some twice.
        match chance(seed, row.unsigned_abs()) % 60 {
            0 => reports.extend([report(1, "failed", "5.1.1"), report(1, "failed", "5.1.1")]),
            1 => reports.extend([
                report(1, "delivered", "2.0.0"),
                report(2, "delayed", "4.4.1"),
                report(3, "delivered", "2.0.0"),
            ]),
            2 => reports.extend([report(1, "delayed", "4.4.1"), report(2, "failed", "4.4.7")]),
            _ => {}
        }
    }
    if !reports.is_empty() {
        store(kernel, ChannelKind::Email, "urp", reports).await.unwrap();
        read_all(&player.intake, ChannelKind::Email).await.unwrap();
    }
}

async fn spring(t: &TestApp, by: Dimension) -> Figures {
    t.read_feed(Arc::new(Closures::new(t.kernel.config.zone()))).await;
    let period = Period { from: SPRING.0, to: SPRING.1 };
    let mut conn = t.kernel.db.read().await.unwrap();
    supervision::closure_rate(&mut conn, &t.kernel.config.zone(), period, by, None, Classes::Then).await.unwrap()
}

/// All clocks and pauses but their row ids.
async fn all_clocks(t: &TestApp) -> Vec<String> {
    t.texts(
        "SELECT ticket_id || '/' || leg_id || ' ' || phase || ' ' || round || ' ' || state || ' ' || started_at
            || ' ' || COALESCE(due_at, 0) || ' ' || COALESCE(left_over, -1) || ' ' || COALESCE(missed_at, 0) || ' '
            || COALESCE(ended_at, 0) || ' ' || COALESCE(warned_at, 0) || ' ' || reason || ' ' || COALESCE(day, '') || ' '
            || amount || ' ' || (SELECT COUNT(*) FROM clock_pauses p WHERE p.clock_id = clocks.id)
         FROM clocks ORDER BY ticket_id, leg_id, phase, round",
    )
    .await
}

/// Plays a year and checks it in every way; answers what was left behind, for whoever breaks it.
async fn year(engine: Engine, scale: u64, seed: u64) -> Played {
    let began = Stopwatch::now();
    let t = TestApp::empty(engine, configure).await;
    let data = DemoData::read().unwrap();
    let zone = t.kernel.config.zone();
    let end = Instant::parse(END).unwrap();
    let first = t.kernel.now().zoned(&zone).date();
    let hours = OpeningHours::new(&zone, first, end, PATRON);
    let world = world::build(&t.kernel, &data).await;
    t.kernel.refresh_agency().await.unwrap();
    let requests = requests_of(&data, tale::mix(scale, seed)).unwrap();
    let year = tale::tell(&data, &requests, &hours, seed);
    println!("{engine:?}: {} requests, {} steps, told in {:?}", year.stories.len(), year.steps.len(), began.elapsed());

    let mut player = Player::new(&t, &world, &year);
    let carrier = Arc::new(Carrier::new(seed));
    // What happens within a slot happens together: a busy year is cut finer.
    let slot = if scale >= 10 { 2 * 3_600_000_000 } else { 900_000_000 };
    let mut looked: Option<(Figures, Figures)> = None;
    let mut day = first;
    let mut steps = year.steps.as_slice();
    let (mut playing, mut nights) = (std::time::Duration::ZERO, std::time::Duration::ZERO);
    let last = end.zoned(&zone).date().checked_add(1.day()).unwrap();
    while day < last {
        let midnight = Instant::from(day.tomorrow().unwrap().to_zoned(zone.clone()).unwrap().timestamp());
        let today = steps.partition_point(|s| s.at < midnight);
        let watch = Stopwatch::now();
        for piece in steps[..today].chunk_by(|a, b| a.at.0 / slot == b.at.0 / slot) {
            player.play(piece).await;
        }
        playing += watch.elapsed();
        steps = &steps[today..];
        let watch = Stopwatch::now();
        t.clock.set(midnight.plus(SignedDuration::from_mins(1)));
        night(&t, &mut player, &carrier, seed).await;
        if day == LOOKED_AT {
            looked = Some((spring(&t, Dimension::Unit).await, spring(&t, Dimension::Category).await));
        }
        nights += watch.elapsed();
        day = day.tomorrow().unwrap();
    }
    assert!(steps.is_empty(), "everything was done");
    let mut diary = std::mem::take(&mut player.diary);
    let refused = std::mem::take(&mut player.refused);
    diary.home = player.progress.iter().enumerate().map(|(story, p)| (story, p.code.clone())).collect();
    drop(player);
    t.read_feed(Arc::new(Counter)).await;
    t.read_feed(Arc::new(Closures::new(zone.clone()))).await;
    t.read_feed(Arc::new(Follower::new(zone.clone()))).await;
    println!("{engine:?}: played in {playing:?}, nights {nights:?}");

    let watch = Stopwatch::now();
    let ledger = Ledger::read(&t).await;
    println!(
        "{engine:?}: {} events of {} tickets read in {:?}",
        ledger.events.len(),
        ledger.tickets.len(),
        watch.elapsed()
    );
    let mut wrong: Vec<String> = refused;
    for (name, check) in audit::CHECKS {
        let found = check(&ledger, &diary);
        if !found.is_empty() {
            wrong.push(format!("{} findings of: {name}", found.len()));
        }
        wrong.extend(found.iter().take(SHOWN).map(ToString::to_string));
    }
    println!("{engine:?}: audited after {:?}", watch.elapsed());

    let looks = async {
        put_in_comes_out(&t, &data, &year, &ledger, (scale, seed)).await;
        let stale = year.steps.iter().filter(|s| s.act == tale::Act::Stale).count();
        let late = year.steps.iter().filter(|s| matches!(s.act, tale::Act::RefuseLate { .. })).count();
        assert_eq!((diary.stale_refused, diary.late_refused), (stale, late), "what comes too late is refused");
    };
    let counted = audit::closed(&ledger);
    let figures = pages::compare(&t, &ledger, &counted, ("2026-03-02", "2027-03-01"));
    let offices = async {
        let (units, categories) = looked.unwrap();
        assert_eq!(spring(&t, Dimension::Unit).await, units, "the report of spring changed with the offices");
        assert_eq!(spring(&t, Dimension::Category).await, categories, "the report of spring changed");
    };
    // Each look is taken, whatever the others find.
    wrong.extend(look(looks).await);
    wrong.extend(look(happened(&t, scale)).await);
    wrong.extend(look(figures).await);
    wrong.extend(look(pages::citizens_see_nothing_internal(&t, play::SECRET)).await);
    wrong.extend(look(offices).await);
    wrong.extend(look(clocks_follow_from_the_log(&t)).await);
    println!("{engine:?}: whole after {:?}", began.elapsed());
    assert!(
        wrong.is_empty(),
        "{} things are wrong in the year of seed {seed}, 1/{scale}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    t.stop().await;
    Played { ledger, diary }
}

/// Takes a look; answers what it did not like.
async fn look(at: impl Future<Output = ()>) -> Option<String> {
    let panic = std::panic::AssertUnwindSafe(at).catch_unwind().await.err()?;
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default())
}

/// Counts and rates are those that were planned, to the ticket.
async fn put_in_comes_out(t: &TestApp, data: &DemoData, year: &tale::Year<'_>, ledger: &Ledger, size: (u64, u64)) {
    let counted = audit::closed(ledger);
    let (closed, front) = tale::put_in(year);
    assert_eq!(front, tale::wanted(data, size.0, size.1), "what was put in is the rate that was wanted");
    let names = pages::categories(t).await;
    let mut by_class: BTreeMap<&str, u64> = BTreeMap::new();
    for closure in counted.values() {
        *by_class.entry(names.get(&closure.category).map_or("", String::as_str)).or_default() += 1;
    }
    let strict = counted.values().filter(|c| c.strict).count() as u64;
    assert_eq!((counted.len() as u64, strict), (closed, front), "closed, and closed at the front office: {by_class:?}");
    let outside = year.stories.iter().filter(|s| s.counts && !s.front && s.outside).count();
    assert_eq!(counted.values().filter(|c| !c.wide).count(), outside, "the wide rate is the one that was put in");
    for (slug, number) in counts(data, size.0) {
        assert_eq!(by_class.get(slug).copied().unwrap_or(0), number, "requests of {slug}");
    }
}

/// Clocks that are deleted are the same when the log is read again.
async fn clocks_follow_from_the_log(t: &TestApp) {
    let before = all_clocks(t).await;
    let forget = t.kernel.db.write(|tx| Box::pin(protocols::rebuild(tx)));
    forget.await.unwrap();
    t.read_feed(Arc::new(Follower::new(t.kernel.config.zone()))).await;
    // What silence alone brings is in no event: whoever marks what fell due finds it again.
    protocols::mark(&t.kernel).await.unwrap();
    let after = all_clocks(t).await;
    let differ: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).take(5).collect();
    let (was, is) = (before.len(), after.len());
    assert!(was == is && differ.is_empty(), "7: {was} clocks, rebuilt {is}: {differ:#?}");
}

/// The year had what a year has: a proof over a history in which nothing happens proves nothing.
async fn happened(t: &TestApp, scale: u64) {
    let kinds = t.texts("SELECT DISTINCT kind FROM events").await;
    for kind in [
        "ticket.merged",
        "ticket.unmerged",
        "ticket.handed_over",
        "ticket.taken_over",
        "ticket.given_back",
        "ticket.reopened",
        "ticket.resolved",
        "ticket.attached",
        "incident.answered",
        "leg.refused",
        "leg.recalled",
        "leg.asked",
        "leg.informed",
        "leg.accepted",
        "leg.reminded",
        "leg.escalated",
        "clock.missed",
        "clock.warned",
        "outbox.bounced",
        "outbox.delivered",
        "person.merged",
        "intake.quarantined",
        "organisation.reorganised",
    ] {
        assert!(kinds.iter().any(|k| k == kind), "no {kind} in a year of one in {scale}: {kinds:?}");
    }
    // Of one request in twenty-five, none may wait at an office on the night on which it goes.
    assert!(scale > 5 || kinds.iter().any(|k| k == "leg.moved"), "no leg was moved with its office");
    assert_eq!(t.number("SELECT COUNT(*) FROM referents").await, i64::try_from(world::REFERENTS).unwrap());
    assert_eq!(t.number("SELECT COUNT(*) FROM agencies WHERE kind <> 'utility'").await, 6);
    assert_eq!(t.number("SELECT COUNT(*) FROM agencies WHERE kind = 'utility'").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_year_breaks_no_rule_on_sqlite() {
    let played = year(Engine::Sqlite, SMALL.0, SMALL.1).await;
    broken::each_check_can_fail(&played.ledger, &played.diary);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_small_year_breaks_no_rule_on_postgres() {
    year(Engine::Postgres, SMALL.0, SMALL.1).await;
}

/// The year that `YEAR_SCALE` (one request in so many) and `YEAR_SEED` say; without them the whole one.
async fn wanted(engine: Engine) {
    let number =
        |name: &str, otherwise: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(otherwise);
    year(engine, number("YEAR_SCALE", 1), number("YEAR_SEED", SMALL.1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a whole year takes minutes: make year"]
async fn a_whole_year_breaks_no_rule_on_sqlite() {
    wanted(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a whole year takes minutes: make year"]
async fn a_whole_year_breaks_no_rule_on_postgres() {
    wanted(Engine::Postgres).await;
}
