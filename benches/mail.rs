//! How fast a full mailbox is taken in, from a real IMAP server to tickets, on either engine: `cargo bench --bench mail`.
#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on stops")]

#[path = "../tests/mail/post.rs"]
#[expect(dead_code, unused_macros, reason = "the measurement uses a part of it")]
mod post;
#[path = "../tests/support/mod.rs"]
#[expect(unused_macros, reason = "the measurement uses a part of it")]
mod support;

use std::time::{Duration, Instant};

use post::*;
use support::Engine;

const MAILS: usize = 4000;

async fn measure(engine: Engine) {
    let post = Post::configured(engine, |config| {
        config.mail.smtp = None;
        config.mail.mailboxes.truncate(1);
    })
    .await;
    let letters: Vec<String> = (0..MAILS)
        .map(|n| {
            let text = format!(
                "Buongiorno,\nvorrei sapere gli orari dell'ufficio {n}.\n\nCordiali saluti\n{}",
                "x ".repeat(500)
            );
            mail(
                &format!("{n}@many.test"),
                &format!("Persona {n} <p{n}@many.test>"),
                URP,
                &format!("Orari {n}"),
                "",
                &text,
            )
            .replace('\n', "\r\n")
        })
        .collect();
    post.dovecot.deliver_many(URP, letters.iter().map(String::as_bytes));
    let start = Instant::now();
    post.app.start_background();
    let mut fetched = None;
    loop {
        let stored = post.app.number("SELECT COUNT(*) FROM raw_items").await;
        if fetched.is_none() && stored >= MAILS as i64 {
            fetched = Some(start.elapsed());
        }
        if post.app.number("SELECT COUNT(*) FROM contacts").await >= MAILS as i64 {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(120), "too slow: {stored} stored");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let taken = start.elapsed().as_secs_f64();
    let stored = fetched.unwrap_or_default().as_secs_f64();
    println!(
        "{engine:?}: {MAILS} mails stored in {stored:.2} s, taken in after {taken:.2} s: {:.0} mails/s",
        MAILS as f64 / taken
    );
    post.app.stop().await;
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        runtime.block_on(measure(engine));
    }
}
