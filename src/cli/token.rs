//! `sportello token …`.
use clap::Subcommand;

use super::Place;
use crate::identity::{create_token, list_tokens, revoke_token};
use crate::kernel::events::Actor;
use crate::kernel::permissions::Role;

/// Manage the tokens of programs.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make a token and print it; it is never shown again.
    Create {
        #[command(flatten)]
        place: Place,
        /// What the program may do.
        #[arg(long, value_enum)]
        role: Role,
        /// What the token is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// Days it is valid; for ever when absent.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List tokens, newest first.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Revoke a token by its number.
    Revoke {
        #[command(flatten)]
        place: Place,
        /// Number as listed.
        id: i64,
    },
}

impl Token {
    /// Runs the command.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create { place, role, name, days } => {
                let kernel = place.open().await?;
                let made = create_token(&kernel, Actor::System, &name, role, days).await?;
                kernel.db.close().await;
                // Scripts read the last line.
                println!("{}", made.secret);
            }
            Self::List { place } => {
                let kernel = place.open().await?;
                for token in list_tokens(&kernel).await? {
                    let state = match (token.revoked_at, token.expires_at) {
                        (Some(at), _) => format!("revoked {}", at.rfc3339()),
                        (None, Some(at)) if at <= kernel.now() => {
                            format!("expired {}", at.rfc3339())
                        }
                        (None, Some(at)) => format!("valid until {}", at.rfc3339()),
                        (None, None) => "valid".to_owned(),
                    };
                    println!("{}\t{}\t{}\t{state}", token.id, token.role.as_str(), token.name);
                }
                kernel.db.close().await;
            }
            Self::Revoke { place, id } => {
                let kernel = place.open().await?;
                revoke_token(&kernel, Actor::System, id).await?;
                kernel.db.close().await;
                println!("token {id} is revoked");
            }
        }
        Ok(())
    }
}
