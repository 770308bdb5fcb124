//! Starts the peers named as arguments (`postgres`, `mail`, `smsc`), prints one line of JSON with where they are, and
//! stops them when its standard input closes: for tests that are not written in Rust.

use std::io::Read;

use peers::{Dovecot, Postgres, Smsc, Smtp};
use serde_json::{Map, Value, json};

fn main() -> anyhow::Result<()> {
    let mut report = Map::new();
    let mut postgres = None;
    let mut mail = None;
    let mut smsc = None;
    for name in std::env::args().skip(1) {
        match name.as_str() {
            "postgres" => {
                let server = Postgres::start();
                report.insert(
                    "postgres".into(),
                    json!({ "url": server.fresh_database(), "server": server.server_url() }),
                );
                postgres = Some(server);
            }
            "mail" => {
                let dovecot = Dovecot::start(&["urp", "protocollo", "cittadino", "ufficio"]);
                let smtp = Smtp::start(&dovecot);
                report.insert("mail".into(), describe(&dovecot, &smtp));
                mail = Some((dovecot, smtp));
            }
            "smsc" => {
                let server = Smsc::start();
                report.insert(
                    "smsc".into(),
                    json!({ "port": server.port(), "password": server.password(), "control": server.control_port() }),
                );
                smsc = Some(server);
            }
            other => anyhow::bail!("unknown peer {other:?}: postgres, mail and smsc are known"),
        }
    }
    println!("{}", Value::Object(report));
    std::io::stdin().read_to_end(&mut Vec::new())?;
    drop((postgres, mail, smsc));
    Ok(())
}

fn describe(dovecot: &Dovecot, smtp: &Smtp) -> Value {
    let accounts: Vec<Value> =
        dovecot.accounts().iter().map(|a| json!({ "address": a.address, "password": a.password })).collect();
    json!({
        "host": "localhost",
        "domain": dovecot.domain(),
        "imap": dovecot.imap_port(),
        "imaps": dovecot.imaps_port(),
        "lmtp": dovecot.lmtp_port(),
        "accounts": accounts,
        "ca": dovecot.cert_path(),
        "smtp": { "port": smtp.port(), "security": "starttls", "user": smtp.user(), "password": smtp.password() },
        "captured": smtp.captured_dir(),
    })
}
