//! One SELECT on a database of somebody else. Each look has a connection of its own, which can only read; what is
//! asked with are parameters, never text of the statement.
use std::path::Path;
use std::time::Duration;

use serde_json::{Map, Value};
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, PgConnection, Row, SqliteConnection, TypeInfo, ValueRef,
};

/// Rows as JSON objects by column.
type Rows = Result<Vec<Value>, sqlx::Error>;

/// Asks an SQLite file, which is opened read-only.
pub async fn sqlite(file: &Path, select: &str, values: &[String], most: i64) -> Rows {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(Duration::from_secs(2));
    let mut conn: SqliteConnection = options.disable_statement_logging().connect().await?;
    let sql = format!("SELECT * FROM ({select}) AS asked LIMIT {most}");
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value.as_str());
    }
    let rows = query.fetch_all(&mut conn).await;
    drop(conn.close().await);
    rows?.iter().map(object).collect()
}

/// A row of any types: SQLite decides them value by value.
fn object(row: &SqliteRow) -> Result<Value, sqlx::Error> {
    let mut object = Map::new();
    for (place, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(place)?;
        let value = match (raw.is_null(), raw.type_info().name()) {
            (true, _) => Value::Null,
            (false, "INTEGER" | "BOOLEAN") => row.try_get_unchecked::<i64, _>(place)?.into(),
            (false, "REAL") => row.try_get_unchecked::<f64, _>(place)?.into(),
            (false, "BLOB") => Value::Null,
            (false, _) => row.try_get_unchecked::<String, _>(place)?.into(),
        };
        object.insert(column.name().to_owned(), value);
    }
    Ok(Value::Object(object))
}

/// Asks a PostgreSQL database, in a transaction that only reads and that the server itself ends after a while.
pub async fn postgres(address: &str, select: &str, values: &[String], most: i64, patience: Duration) -> Rows {
    let options: PgConnectOptions = address.parse()?;
    let mut conn: PgConnection = options.disable_statement_logging().connect().await?;
    let rows = read(&mut conn, select, values, most, patience).await;
    drop(conn.close().await);
    rows
}

async fn read(conn: &mut PgConnection, select: &str, values: &[String], most: i64, patience: Duration) -> Rows {
    let mut tx = conn.begin().await?;
    sqlx::query("SET TRANSACTION READ ONLY").execute(&mut *tx).await?;
    let limit = format!("SET LOCAL statement_timeout = {}", patience.as_millis());
    sqlx::query(AssertSqlSafe(limit)).execute(&mut *tx).await?;
    // The server makes JSON of texts: no type of theirs must be known here, and no amount loses its zeros.
    let texts = "SELECT json_object_agg(k.key, k.value) FROM json_each_text(row_to_json(asked)) AS k";
    let sql = format!("SELECT ({texts})::text FROM ({select}) AS asked LIMIT {most}");
    let mut query = sqlx::query_scalar::<_, String>(AssertSqlSafe(sql));
    for value in values {
        query = query.bind(value.as_str());
    }
    let rows = query.fetch_all(&mut *tx).await?;
    tx.rollback().await?;
    rows.iter().map(|row| serde_json::from_str(row).map_err(|e| sqlx::Error::Decode(e.into()))).collect()
}
