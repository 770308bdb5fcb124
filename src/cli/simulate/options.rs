//! What all simulators are told: where, how fast, for how long, with which seed.
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use channels::Secret;
use clap::{Args, ValueEnum};

/// How much traffic, and of which citizens.
#[derive(Debug, Clone, Args)]
pub struct Traffic {
    /// Contacts a second (`5/s`), a minute (`30/min`), an hour (`400/h`), or `max`.
    #[arg(long, default_value = "1/s")]
    pub rate: Rate,
    /// Stop after so many contacts; without this and --for it goes on until Ctrl-C.
    #[arg(long)]
    pub count: Option<u64>,
    /// Stop after a time, such as 30s, 10m or 2h.
    #[arg(long = "for", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// The same seed gives the same citizens, words and behaviour.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Which requests citizens make.
    #[arg(long, value_enum, default_value_t = Topics::All)]
    pub topics: Topics,
    /// Numbers that call and write, divided by commas; invented ones otherwise.
    #[arg(long, value_delimiter = ',')]
    pub from_numbers: Vec<String>,
    /// Contacts under way at the same time at most.
    #[arg(long, default_value_t = 64)]
    pub together: usize,
    /// Print the result as one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which requests citizens make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Topics {
    /// Those of the town and of civil protection.
    All,
    /// Those of a town's offices.
    Town,
    /// Those of a civil protection contact centre: 22 classes in their real proportions.
    CivilProtection,
}

/// An account of a running installation.
#[derive(Debug, Clone, Args)]
pub struct Hooks {
    /// Public address of the installation.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: String,
    /// Name of the account.
    #[arg(long)]
    pub account: String,
    /// The secret that the account refers to: `env:NAME` or `file:PATH`.
    #[arg(long, value_parser = parse_secret)]
    pub secret: Secret,
}

impl Hooks {
    /// Address of the account's hooks, without a slash at its end.
    pub fn address(&self) -> String {
        format!("{}/hooks/{}", self.url.trim_end_matches('/'), self.account)
    }
}

/// Contacts a second; `None` is as fast as they are answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(Option<f64>);

impl Rate {
    /// Time between two contacts.
    pub fn gap(self) -> Duration {
        self.0.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(1.0 / rate))
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self(None));
        }
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1.0,
            "min" | "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(format!("no unit {unit}: s, min or h")),
        };
        match number.parse::<f64>() {
            Ok(number) if number > 0.0 && number / seconds <= 1e6 => Ok(Self(Some(number / seconds))),
            _ => Err("a number above zero, such as 5/s, or max".to_owned()),
        }
    }
}

/// Reads `30s`, `10m`, `2h`, or seconds.
///
/// # Errors
/// When it is none of these.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let (number, seconds) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        _ => (text, 1),
    };
    let number = number.parse::<u64>().map_err(|_| "a time such as 30s, 10m or 2h".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// Reads a secret by its reference: it never stands on a command line, which others can see.
///
/// # Errors
/// When there is nothing behind the reference.
pub fn parse_secret(reference: &str) -> Result<Secret, String> {
    let found = match reference.split_once(':') {
        Some(("env", name)) => std::env::var(name).map_err(|_| format!("the variable {name} is not set")),
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}")),
        _ => return Err("env:NAME or file:PATH".to_owned()),
    }?;
    let secret = found.trim_end();
    if secret.is_empty() { Err(format!("{reference} is empty")) } else { Ok(Secret::new(secret)) }
}

/// A folder to leave files in.
///
/// # Errors
/// When it cannot be written to.
pub async fn writable(folder: &PathBuf) -> anyhow::Result<()> {
    tokio::fs::create_dir_all(folder).await.with_context(|| format!("cannot use {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_times_are_read() {
        let gap = |text: &str| text.parse::<Rate>().map(|rate| rate.gap().as_millis());
        assert_eq!((gap("5/s"), gap("30/min"), gap("max")), (Ok(200), Ok(2000), Ok(0)));
        assert_eq!(gap("2"), Ok(500));
        for wrong in ["0", "-1/s", "x", "1/day", "inf"] {
            assert!(gap(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            (parse_duration("10m"), parse_duration("7")),
            (Ok(Duration::from_secs(600)), Ok(Duration::from_secs(7)))
        );
        assert!(parse_duration("").is_err() && parse_duration("soon").is_err());
    }

    #[test]
    fn a_secret_is_never_on_the_command_line() {
        assert!(parse_secret("hunter2").is_err());
        assert!(parse_secret("env:NOT_SET_ANYWHERE").is_err());
    }
}
