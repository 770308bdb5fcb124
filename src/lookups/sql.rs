//! Asking a database.
use std::time::Duration;

use serde_json::Value;

use super::model::{Answer, Failure, Piece, Source, SourceKind, Values};
use super::store::foreign;
use crate::kernel::Kernel;
use crate::kernel::references;

/// The folder of the data directory in which files of others lie.
const FOLDER: &str = "sources";

/// Asks.
pub async fn look(kernel: &Kernel, source: &Source, values: &Values, patience: Duration) -> Answer {
    let Some(pieces) = source.pieces() else { return Answer::Failed(Failure::Unset) };
    let (mut select, mut asked) = (String::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Text(text) => select.push_str(&text),
            Piece::Value(name) => {
                asked.push(values.get(&name).cloned().unwrap_or_default());
                select.push_str(&format!("${}", asked.len()));
            }
        }
    }
    let rows = match source.kind {
        SourceKind::Sqlite => {
            let file = kernel.config.path(FOLDER).join(&source.address);
            if !file.is_file() {
                return Answer::Failed(Failure::Unset);
            }
            foreign::sqlite(&file, &select, &asked, source.most_rows).await
        }
        SourceKind::Postgres => match references::fetch(&kernel.config, &source.address) {
            Ok(address) => foreign::postgres(address.reveal(), &select, &asked, source.most_rows, patience).await,
            Err(_) => return Answer::Failed(Failure::Unset),
        },
        SourceKind::Rest => return Answer::Failed(Failure::Unset),
    };
    match rows {
        Ok(rows) => Answer::Rows(rows.iter().map(|row: &Value| source.row(row)).collect()),
        Err(e) => Answer::Failed(failure(&e)),
    }
}

fn failure(error: &sqlx::Error) -> Failure {
    match error {
        // Cancelled by its own server, which ran out of patience before us.
        sqlx::Error::Database(e) if e.code().as_deref() == Some("57014") => Failure::Silent,
        sqlx::Error::Database(_) => Failure::Refused,
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) => {
            Failure::Silent
        }
        sqlx::Error::Configuration(_) => Failure::Unset,
        _ => Failure::Unreadable,
    }
}
