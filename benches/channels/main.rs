//! How fast each channel is, beside what its peer reaches alone in the same run: `cargo bench --bench channels -- sms`.
//! Real peers stand behind it (Kannel, Dovecot, Tesseract, Kamailio with sipp), as in the tests.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

mod calls;
mod hook;
mod letters;
mod pec;
mod place;
mod replay;
mod sink;
mod sms;
#[path = "../../tests/support/mod.rs"]
#[expect(unused_macros, reason = "the measurements use a part of it")]
mod support;

use clap::{Parser, ValueEnum};

use place::Store;

/// A channel to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Channel {
    /// Texts through Kannel, in and out, beside Kannel alone.
    Sms,
    /// Certified mail from Dovecot, beside plain mail.
    Pec,
    /// Scanned pages, beside Tesseract alone.
    Letters,
    /// Calls through Kamailio, beside Kamailio alone.
    Calls,
    /// Processor time of a hook, beside that of its database work.
    Hook,
}

#[derive(Debug, Parser)]
struct Options {
    /// What to measure; all of it when nothing is said.
    channels: Vec<Channel>,
    /// Texts, mails, pages, calls or requests of each measurement, instead of the usual number.
    #[arg(long)]
    count: Option<usize>,
    /// Only this database, where both are measured.
    #[arg(long)]
    on: Option<Store>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    // The requests of `hook`, sent by a process of its own.
    let mut words = std::env::args().skip(1);
    if words.next().as_deref() == Some(replay::WORD) {
        replay::run(words.next().unwrap().as_ref());
        return;
    }
    let options = Options::parse();
    place::log_as_in_production();
    let stores = options.on.map_or_else(|| vec![Store::Sqlite, Store::Postgres], |only| vec![only]);
    let channels =
        if options.channels.is_empty() { Channel::value_variants().to_vec() } else { options.channels.clone() };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for channel in channels {
        let count = |usual| options.count.unwrap_or(usual);
        runtime.block_on(async {
            match channel {
                Channel::Sms => sms::measure(&stores, count(3000)).await,
                Channel::Pec => pec::measure(&stores, count(1000)).await,
                Channel::Letters => letters::measure(count(10)).await,
                Channel::Calls => calls::measure(&stores, count(calls::CALLS)).await,
                Channel::Hook => hook::measure(&stores, count(3000)).await,
            }
        });
    }
}
