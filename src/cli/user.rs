//! `sportello user …`.
use std::io::{BufRead, IsTerminal};

use anyhow::Context;
use clap::{Args, Subcommand};

use super::Place;
use crate::identity::{NewUser, Password, add_user, disable_user, list_users, reset_password};
use crate::kernel::events::Actor;
use crate::kernel::language::Language;
use crate::kernel::permissions::Role;

/// Manage the accounts of people.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make an account.
    Add(Add),
    /// List accounts.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Set the password of an account, and end its sessions.
    Password {
        #[command(flatten)]
        place: Place,
        /// Mail address.
        #[arg(long)]
        login: String,
    },
    /// Disable an account, and end its sessions.
    Disable {
        #[command(flatten)]
        place: Place,
        /// Mail address.
        #[arg(long)]
        login: String,
    },
}

/// Make an account. The password comes from the variable SPORTELLO_PASSWORD or from standard input; at a
/// terminal, an empty line makes a random one, which is printed.
#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    place: Place,
    /// Mail address.
    #[arg(long)]
    login: String,
    /// Name as colleagues see it.
    #[arg(long)]
    name: String,
    #[arg(long, value_enum)]
    role: Role,
    /// Slug of a unit; may be given several times.
    #[arg(long)]
    unit: Vec<String>,
    /// Language of the pages, it or en.
    #[arg(long, default_value = "it")]
    language: String,
}

impl User {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Add(add) => add.run().await,
            Self::List { place } => {
                let kernel = place.open().await?;
                for user in list_users(&kernel).await? {
                    let state = if user.disabled_at.is_some() { "disabled" } else { "active" };
                    println!("{}\t{}\t{}\t{state}", user.login, user.role.as_str(), user.name);
                }
                kernel.db.close().await;
                Ok(())
            }
            Self::Password { place, login } => {
                let (password, random) = read_password()?;
                let kernel = place.open().await?;
                reset_password(&kernel, Actor::System, &login, &password).await?;
                kernel.db.close().await;
                println!("the password of {login} is set");
                show_random(&password, random);
                Ok(())
            }
            Self::Disable { place, login } => {
                let kernel = place.open().await?;
                disable_user(&kernel, Actor::System, &login).await?;
                kernel.db.close().await;
                println!("{login} is disabled");
                Ok(())
            }
        }
    }
}

impl Add {
    async fn run(self) -> anyhow::Result<()> {
        let language = Language::from_tag(&self.language).context("the language is it or en")?;
        let (password, random) = read_password()?;
        let kernel = self.place.open().await?;
        let new = NewUser {
            login: self.login.clone(),
            name: self.name,
            role: self.role,
            language,
            password: password.clone(),
            units: self.unit,
        };
        add_user(&kernel, Actor::System, new).await?;
        kernel.db.close().await;
        println!("{} can sign in", self.login);
        show_random(&password, random);
        Ok(())
    }
}

/// Whether a password was made here and must be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Given,
    Random,
}

fn read_password() -> anyhow::Result<(Password, Origin)> {
    if let Ok(text) = std::env::var("SPORTELLO_PASSWORD")
        && !text.is_empty()
    {
        return Ok((Password::parse(&text)?, Origin::Given));
    }
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (empty for a random one; it is shown while you type): ");
    }
    let mut line = String::new();
    input.lock().read_line(&mut line).context("cannot read the password from standard input")?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Ok((Password::random(), Origin::Random)),
        text => Ok((Password::parse(text)?, Origin::Given)),
    }
}

fn show_random(password: &Password, origin: Origin) {
    if origin == Origin::Random {
        println!("password: {}", password.reveal());
    }
}
