//! `sportello doctor`: each component is tried, and each trial ends in a sentence that says what is wrong and
//! what to do. A check is a line in [`run`].
use std::future::Future;
use std::os::unix::fs::PermissionsExt;
use std::process::ExitCode;

use channels::Receive;
use channels::email::ImapReceiver;

use super::Place;
use crate::accounts::{self, AccountRow};
use crate::intake::mail::imap_config;
use crate::kernel::config::{Config, Mailbox};
use crate::kernel::database::{Db, EngineKind, StoreError};
use crate::kernel::live::Wake;
use crate::kernel::page::Assets;
use crate::kernel::time::Clock;
use crate::kernel::{Kernel, leases};
use crate::outbox::{EmailLane, Lane};

/// What a check found: a sentence, good or bad.
pub type Finding = Result<String, String>;

/// Runs all checks; fails when one found something wrong.
///
/// # Errors
/// Never for a finding; only when the terminal cannot be written.
pub async fn run(place: &Place) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    report.add("configuration", configuration(place));
    let Ok(config) = place.load() else {
        return Ok(report.end());
    };
    report.add("data directory", data_directory(&config));
    report.add("secret", secret(&config));
    let reached = report.check("database", database(&config)).await;
    report.add("web pages", assets());
    report.add("time zone", time_zone(&config));
    if !reached {
        return Ok(report.end());
    }
    match Kernel::open(config, Clock::system()).await {
        Ok(kernel) => {
            report.check("attachments", blobs(&kernel)).await;
            report.check("organisation", organisation(&kernel)).await;
            for mailbox in &kernel.config.mail.mailboxes {
                report.check(&format!("mailbox {}", mailbox.name), self::mailbox(mailbox)).await;
            }
            report.check("outgoing mail", outgoing_mail(&kernel)).await;
            match channel_accounts(&kernel).await {
                Ok(rows) => {
                    for row in rows {
                        report.check(&format!("channel {}", row.name), accounts::try_out(&kernel, &row)).await;
                    }
                }
                Err(e) => {
                    report.add("channels", Err(format!("their accounts cannot be read: {e}.")));
                }
            }
            kernel.db.close().await;
        }
        Err(e) => {
            report.add("start", Err(format!("Sportello cannot start: {e:#}.")));
        }
    }
    Ok(report.end())
}

/// Prints findings as they come and remembers whether all were good.
#[derive(Debug, Default)]
pub struct Report {
    wrong: usize,
}

impl Report {
    /// Tells a finding; whether it was good.
    pub fn add(&mut self, name: &str, finding: Finding) -> bool {
        match &finding {
            Ok(text) => println!("ok     {name}: {text}"),
            Err(text) => {
                self.wrong += 1;
                println!("WRONG  {name}: {text}");
            }
        }
        finding.is_ok()
    }

    /// Runs a check and tells what it found.
    pub async fn check(&mut self, name: &str, check: impl Future<Output = Finding>) -> bool {
        self.add(name, check.await)
    }

    fn end(self) -> ExitCode {
        if self.wrong == 0 {
            println!("Everything configured works.");
            return ExitCode::SUCCESS;
        }
        println!("{} of the checks found something wrong.", self.wrong);
        ExitCode::FAILURE
    }
}

fn configuration(place: &Place) -> Finding {
    match place.load() {
        Ok(_) => Ok("it can be read.".to_owned()),
        Err(e) => Err(format!("it cannot be used: {e:#}.")),
    }
}

fn data_directory(config: &Config) -> Finding {
    let dir = config.data.display();
    std::fs::create_dir_all(&config.data).map_err(|e| format!("{dir} cannot be created: {e}."))?;
    let probe = config.path(".doctor.tmp");
    std::fs::write(&probe, b"x").map_err(|e| format!("{dir} cannot be written: {e}."))?;
    std::fs::remove_file(&probe).map_err(|e| format!("{dir} does not allow files to be deleted: {e}."))?;
    Ok(format!("{dir} can be written."))
}

fn secret(config: &Config) -> Finding {
    if let Some(secret) = &config.secret {
        let long = secret.reveal().len() >= 16;
        return if long {
            Ok("it comes from the configuration.".to_owned())
        } else {
            Err("the configured secret has fewer than 16 characters; make it longer.".to_owned())
        };
    }
    let path = config.path("secret.key");
    let shown = path.display();
    match std::fs::metadata(&path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            Ok(format!("{shown} will be created at the first start."))
        }
        Err(e) => Err(format!("{shown} cannot be read: {e}.")),
        Ok(meta) if meta.permissions().mode() & 0o077 != 0 => {
            Err(format!("{shown} can be read by other users of this machine; run: chmod 600 {shown}"))
        }
        Ok(_) => Ok(format!("only its owner can read {shown}.")),
    }
}

async fn database(config: &Config) -> Finding {
    let db = match &config.database.url {
        Some(url) => Db::open_postgres(url.reveal(), 2, Wake::default()).await.map_err(|e| {
            format!("the PostgreSQL server cannot be reached: {e}; check DATABASE_URL and that it runs.")
        })?,
        None => {
            let path = config.path("sportello.db");
            Db::open_sqlite(&path, Wake::default())
                .await
                .map_err(|e| format!("{} cannot be opened: {e}.", path.display()))?
        }
    };
    db.migrate().await.map_err(|e| format!("the schema cannot be brought up to date: {e}."))?;
    leases::hold(&db, "readiness", "doctor", Clock::system().now(), jiff::SignedDuration::ZERO)
        .await
        .map_err(|e| format!("it cannot be written: {e}."))?;
    let unsafe_settings = db.unsafe_settings().await.map_err(|e| format!("its settings cannot be read: {e}."))?;
    let name = match db.engine() {
        EngineKind::Sqlite => "SQLite",
        EngineKind::Postgres => "PostgreSQL",
    };
    db.close().await;
    if unsafe_settings.is_empty() {
        Ok(format!("{name} can be written, and what is committed survives a power cut."))
    } else {
        Err(format!("{name} works but may lose committed data in a power cut: set {}.", unsafe_settings.join(", ")))
    }
}

fn assets() -> Finding {
    match Assets::get("manifest.json") {
        Some(_) => Ok("styles and scripts are in the program.".to_owned()),
        None => {
            Err("styles and scripts are missing from the program; build web/ and then the program again.".to_owned())
        }
    }
}

fn time_zone(config: &Config) -> Finding {
    jiff::tz::TimeZone::get(&config.desk.time_zone)
        .map(|_| format!("dates are shown in {}.", config.desk.time_zone))
        .map_err(|e| format!("desk.time_zone is not a time zone: {e}."))
}

async fn blobs(kernel: &Kernel) -> Finding {
    match kernel.blobs.check().await {
        Ok(()) => Ok("they can be stored and read.".to_owned()),
        Err(e) => Err(format!("they cannot be stored or read: {e}.")),
    }
}

async fn organisation(kernel: &Kernel) -> Finding {
    let users = crate::identity::list_users(kernel).await.map_err(|e| format!("it cannot be read: {e}."))?;
    let active = users.iter().filter(|u| u.disabled_at.is_none()).count();
    if active == 0 {
        return Err("nobody can sign in yet; make an account with: sportello user add".to_owned());
    }
    Ok(format!("{active} people can sign in."))
}

async fn mailbox(mailbox: &Mailbox) -> Finding {
    let found = match imap_config(mailbox) {
        Ok(config) => ImapReceiver::new(config).check().await,
        Err(why) => Err(why),
    };
    found.map(|text| format!("{text}.")).map_err(|why| format!("it cannot be read: {why}."))
}

/// The channel accounts that are to work.
async fn channel_accounts(kernel: &Kernel) -> Result<Vec<AccountRow>, StoreError> {
    let mut conn = kernel.db.read().await?;
    Ok(accounts::all(&mut conn).await?.into_iter().filter(|row| row.enabled).collect())
}

async fn outgoing_mail(kernel: &Kernel) -> Finding {
    match EmailLane::new(kernel) {
        None if kernel.config.mail.mailboxes.is_empty() => {
            Ok("none is configured; nothing is sent by mail.".to_owned())
        }
        None => Err("mail comes in but cannot be answered; configure [mail.smtp].".to_owned()),
        Some(lane) => lane.check().await.map(|text| format!("{text}.")).map_err(|why| format!("{why}.")),
    }
}
