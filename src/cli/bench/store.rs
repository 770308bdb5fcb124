//! SQL of the measurements: an organisation to receive contacts, and the statements of one contact without the
//! program around them.
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::kernel::Kernel;
use crate::kernel::codes::{TrackingCode, random_token};
use crate::kernel::database::{Db, StoreError};
use crate::kernel::live::Wake;
use crate::kernel::secrets::token_hash;
use crate::on;

/// One agency with its entry unit, if there is none.
pub async fn organisation(kernel: &Kernel) -> Result<(), StoreError> {
    let slug = kernel.config.desk.entry_unit.clone();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                on!(tx, c => sqlx::query("INSERT INTO agencies (slug, name, kind) VALUES ('bench', 'Bench', 'own') ON CONFLICT DO NOTHING")
                    .execute(c).await.map(drop))?;
                on!(tx, c => sqlx::query(
                    "INSERT INTO units (slug, agency_id, name, kind)
                     SELECT $1, id, 'Bench', 'entry_point' FROM agencies WHERE slug = 'bench' ON CONFLICT DO NOTHING")
                    .bind(slug).execute(c).await.map(drop))?;
                Ok(())
            })
        })
        .await
}

/// Agents with a telephone each (`b0`, `b1`…) who are ready; answers the cookie of an open session of each.
pub async fn agents(kernel: &Kernel, count: usize) -> Result<Vec<String>, StoreError> {
    let now = kernel.now();
    let later = now.plus(SignedDuration::from_hours(12));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut cookies = Vec::with_capacity(count);
                for n in 0..count {
                    let (login, name, token) = (format!("b{n}@bench.example"), format!("Agente {n}"), random_token());
                    // Nobody signs in with this: no password has it as its hash.
                    let user = on!(tx, c => sqlx::query_scalar::<_, i64>(
                        "INSERT INTO users (login, name, password_hash, role, created_at)
                         VALUES ($1, $2, 'none', 'agent', $3) RETURNING id")
                        .bind(login).bind(name).bind(now).fetch_one(c).await)?;
                    on!(tx, c => sqlx::query(
                        "INSERT INTO sessions (token_hash, user_id, csrf, created_at, seen_at, expires_at)
                         VALUES ($1, $2, 'x', $3, $3, $4)")
                        .bind(token_hash(&token)).bind(user).bind(now).bind(later).execute(c).await.map(drop))?;
                    on!(tx, c => sqlx::query(
                        "INSERT INTO phone_agents (user_id, extension, address, state, since)
                         VALUES ($1, $2, $3, 'ready', $4)")
                        .bind(user).bind(format!("b{n}")).bind(format!("sip:b{n}@bench.example")).bind(now)
                        .execute(c).await.map(drop))?;
                    cookies.push(format!("{}={token}", crate::identity::SESSION_COOKIE));
                }
                Ok(cookies)
            })
        })
        .await
}

/// Calls that go on: `talking` agents talk, everybody else waits.
pub async fn calls(kernel: &Kernel, count: usize, talking: usize) -> Result<(), StoreError> {
    let now = kernel.now();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                for n in 0..count {
                    let talks = n < talking;
                    let (stage, agent) = if talks { ("talking", format!("b{n}")) } else { ("waiting", String::new()) };
                    on!(tx, c => sqlx::query(
                        "INSERT INTO calls (call, account, direction, caller, called, queue, agent, stage, started_at, heard_at)
                         VALUES ($1, 'bench', 'in', $2, '800123', 'urp', $3, $4, $5, $5)")
                        .bind(format!("live-{n}")).bind(format!("+39085{n:06}")).bind(agent).bind(stage).bind(now)
                        .execute(c).await.map(drop))?;
                }
                Ok(())
            })
        })
        .await
}

/// Contacts a second of SQLite by itself: the same statements on one connection, `group` contacts a commit,
/// with the same durability.
pub async fn sqlite_alone(path: &Path, group: usize, span: Duration, text: &str) -> Result<f64, StoreError> {
    let db = Db::open_sqlite(path, Wake::default()).await?;
    db.migrate().await?;
    db.close().await;
    let mut conn = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .connect()
        .await?;
    sqlx::query("INSERT INTO agencies (slug, name, kind) VALUES ('bench', 'Bench', 'own')").execute(&mut conn).await?;
    sqlx::query("INSERT INTO units (slug, agency_id, name, kind) VALUES ('bench', 1, 'Bench', 'entry_point')")
        .execute(&mut conn)
        .await?;
    let started = Instant::now();
    let mut n: u32 = 0;
    while started.elapsed() < span {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut conn).await?;
        for _ in 0..group {
            n += 1;
            let address = format!("cittadino{n}@example.org");
            let raw: i64 = sqlx::query_scalar(
                "INSERT INTO raw_items (channel, account, external_id, received_at, size, body, state)
                 VALUES ('email', 'bench', $1, 1, $2, $3, 'done') RETURNING id",
            )
            .bind(format!("b{n}"))
            .bind(600_i64)
            .bind(text.as_bytes())
            .fetch_one(&mut conn)
            .await?;
            sqlx::query("SELECT person_id FROM identifiers WHERE kind = 'email' AND value = $1")
                .bind(&address)
                .fetch_optional(&mut conn)
                .await?;
            let person: i64 = sqlx::query_scalar("INSERT INTO persons (name, created_at) VALUES ('', 1) RETURNING id")
                .fetch_one(&mut conn)
                .await?;
            sqlx::query(
                "INSERT INTO identifiers (person_id, kind, value, raw, created_at) VALUES ($1, 'email', $2, $2, 1)",
            )
            .bind(person)
            .bind(&address)
            .execute(&mut conn)
            .await?;
            let ticket: i64 = sqlx::query_scalar(
                "INSERT INTO tickets (code, version, state, subject, channel, kind, owner_unit_id, person_id, opened_at, touched_at, expected_at)
                 VALUES ($1, 1, 'new', 'Lampione spento', 'email', 'information', 1, $2, 1, 1, 1) RETURNING id")
                .bind(TrackingCode::random().as_str()).bind(person).fetch_one(&mut conn).await?;
            sqlx::query(
                "INSERT INTO contacts (ticket_id, direction, channel, person_id, from_address, subject, body, public, raw_id, happened_at, created_at)
                 VALUES ($1, 'in', 'email', $2, $3, 'Lampione spento', $4, TRUE, $5, 1, 1)")
                .bind(ticket).bind(person).bind(&address).bind(text).bind(raw).execute(&mut conn).await?;
            sqlx::query(
                "INSERT INTO events (at, kind, ticket_id, actor, data) VALUES (1, 'ticket.opened', $1, 'token:1', $2)",
            )
            .bind(ticket)
            .bind(EVENT)
            .execute(&mut conn)
            .await?;
        }
        sqlx::query("COMMIT").execute(&mut conn).await?;
    }
    let per_second = f64::from(n) / started.elapsed().as_secs_f64();
    conn.close().await?;
    Ok(per_second)
}

/// About what `ticket.opened` holds.
const EVENT: &str = r#"{"category":null,"channel":"email","code":"0123456789","contact":1,"kind":"information","to":{"assignee":0,"state":"new","unit":1},"version":1}"#;

/// The same statements for `pgbench`.
pub fn pgbench_script(text: &str) -> String {
    let text = text.replace('\'', "''");
    format!(
        "\\set n random(1, 9000000000000000)
BEGIN;
INSERT INTO raw_items (channel, account, external_id, received_at, size, body, state) VALUES ('email', 'pgbench', 'p' || :n, 1, 600, convert_to('{text}', 'UTF8'), 'done') RETURNING id AS raw \\gset
SELECT person_id FROM identifiers WHERE kind = 'email' AND value = 'p' || :n;
INSERT INTO persons (name, created_at) VALUES ('', 1) RETURNING id AS person \\gset
INSERT INTO identifiers (person_id, kind, value, raw, created_at) VALUES (:person, 'email', 'p' || :n, 'p' || :n, 1);
INSERT INTO tickets (code, version, state, subject, channel, kind, owner_unit_id, person_id, opened_at, touched_at, expected_at) VALUES ('p' || :n, 1, 'new', 'Lampione spento', 'email', 'information', (SELECT MIN(id) FROM units), :person, 1, 1, 1) RETURNING id AS ticket \\gset
INSERT INTO contacts (ticket_id, direction, channel, person_id, from_address, subject, body, public, raw_id, happened_at, created_at) VALUES (:ticket, 'in', 'email', :person, 'p' || :n, 'Lampione spento', '{text}', TRUE, :raw, 1, 1);
INSERT INTO events (at, kind, ticket_id, actor, data) VALUES (1, 'ticket.opened', :ticket, 'token:1', '{event}');
END;
",
        event = EVENT.replace(':', " : ")
    )
}
