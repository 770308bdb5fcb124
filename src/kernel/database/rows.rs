//! Rows as data: of several tables at once, whatever their number, in one statement. On PostgreSQL a column of
//! values is one array parameter, so that a statement has one text for any number of rows, and several tables are
//! joined by `WITH`. On SQLite, which has neither, rows go in `pieces` and tables one after the other, in a script
//! where that is short.
use std::borrow::Cow;
use std::fmt::Write;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, FromRow};

use super::{Conn, ConnKind, EngineKind, StoreError, pieces};
use crate::kernel::time::Instant;

/// A value of a column, for either engine; all rows hold the same kind in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Int(Option<i64>),
    Text(Option<Cow<'static, str>>),
    Bytes(Option<Vec<u8>>),
    Flag(bool),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Self::Int(Some(value.0))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::Text(Some(Cow::Borrowed(value)))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(Cow::Owned(value)))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value.map(Cow::Owned))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(value: Option<Vec<u8>>) -> Self {
        Self::Bytes(value)
    }
}

/// Rows about to be stored in a table, or asked about.
#[derive(Debug, Clone)]
pub struct Rows {
    table: &'static str,
    columns: &'static [&'static str],
    rows: Vec<Vec<Value>>,
    /// Their row ids, where they were chosen before.
    ids: Vec<i64>,
}

impl Rows {
    /// No rows yet.
    pub const fn of(table: &'static str, columns: &'static [&'static str]) -> Self {
        Self { table, columns, rows: Vec::new(), ids: Vec::new() }
    }

    /// Adds a row, in the order of the columns.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        debug_assert_eq!(N, self.columns.len(), "{}", self.table);
        self.rows.push(row.into());
    }

    /// With these row ids, in order, rather than ids that the database chooses.
    #[must_use]
    pub fn with_ids(mut self, ids: Vec<i64>) -> Self {
        debug_assert_eq!(ids.len(), self.rows.len(), "{}", self.table);
        self.ids = ids;
        self
    }

    /// Stores them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert(self, conn: &mut Conn) -> Result<(), StoreError> {
        store(conn, &[self]).await
    }

    /// Stores them; answers what `tail` returns of each, in any order. It may begin with `ON CONFLICT`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn insert_returning<T>(&self, conn: &mut Conn, tail: &str) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.fetch(conn, |head, rows| format!("INSERT INTO {} ({head}) {rows} {tail}", self.table)).await
    }

    /// Asks about them: `sql` reads them as the table `wanted`, and `@NEXT table@` in it is a fresh row id of a table
    /// that has none of them yet. On SQLite it is one only for the job of the writer that asks, and only where
    /// `wanted.place` counts the rows from one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn ask<T>(&self, conn: &mut Conn, sql: &str) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let sql = with_next(sql, conn.engine());
        self.fetch(conn, |head, rows| format!("WITH wanted ({head}) AS ({rows}) {sql}")).await
    }

    async fn fetch<T>(&self, conn: &mut Conn, sql: impl Fn(&str, &str) -> String) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        if self.rows.is_empty() {
            return Ok(Vec::new());
        }
        let head = self.head();
        match &mut conn.kind {
            ConnKind::Postgres(c) => {
                let mut arguments = PgArguments::default();
                let rows = self.arrays(&mut arguments)?;
                Ok(sqlx::query_as_with(AssertSqlSafe(sql(&head, &rows)), arguments).fetch_all(&mut **c).await?)
            }
            ConnKind::Sqlite(c) => {
                let mut all = Vec::with_capacity(self.rows.len());
                for piece in pieces(&self.numbered()) {
                    let mut arguments = SqliteArguments::default();
                    let rows = values(piece, &mut arguments)?;
                    let sql = AssertSqlSafe(sql(&head, &rows));
                    all.append(&mut sqlx::query_as_with(sql, arguments).fetch_all(&mut **c).await?);
                }
                Ok(all)
            }
        }
    }

    /// The names of the columns.
    fn head(&self) -> String {
        let id = if self.ids.is_empty() { "" } else { "id, " };
        format!("{id}{}", self.columns.join(", "))
    }

    /// Each row with its id, if it has one.
    fn numbered(&self) -> Vec<(Option<i64>, &[Value])> {
        self.rows.iter().enumerate().map(|(n, row)| (self.ids.get(n).copied(), row.as_slice())).collect()
    }

    /// `SELECT * FROM UNNEST(…)`, one array for each column.
    fn arrays(&self, arguments: &mut PgArguments) -> Result<String, StoreError> {
        let mut sql = "SELECT * FROM UNNEST(".to_owned();
        let mut array = |kind: &str, arguments: &PgArguments| {
            let comma = if sql.ends_with('(') { "" } else { ", " };
            // Writing into a string cannot fail.
            let _ = write!(sql, "{comma}${}::{kind}[]", arguments.len());
        };
        if !self.ids.is_empty() {
            arguments.add(&self.ids).map_err(sqlx::Error::Encode)?;
            array("bigint", arguments);
        }
        for column in 0..self.columns.len() {
            let cells = || self.rows.iter().map(move |row| &row[column]);
            let (kind, added) = match &self.rows[0][column] {
                Value::Int(_) => {
                    let ints: Vec<Option<i64>> =
                        cells().map(|v| if let Value::Int(int) = v { *int } else { None }).collect();
                    ("bigint", arguments.add(ints))
                }
                Value::Text(_) => {
                    let texts: Vec<Option<&str>> =
                        cells().map(|v| if let Value::Text(text) = v { text.as_deref() } else { None }).collect();
                    ("text", arguments.add(texts))
                }
                Value::Bytes(_) => {
                    let bytes: Vec<Option<&[u8]>> =
                        cells().map(|v| if let Value::Bytes(bytes) = v { bytes.as_deref() } else { None }).collect();
                    ("bytea", arguments.add(bytes))
                }
                Value::Flag(_) => {
                    let flags: Vec<Option<bool>> =
                        cells().map(|v| if let Value::Flag(flag) = v { Some(*flag) } else { None }).collect();
                    ("boolean", arguments.add(flags))
                }
            };
            added.map_err(sqlx::Error::Encode)?;
            array(kind, arguments);
        }
        sql.push(')');
        Ok(sql)
    }
}

/// Stores rows of several tables, in their order: all of them or, with an error, none. On PostgreSQL this is one
/// statement, also outside of a transaction.
///
/// # Errors
/// When the database refuses one of them.
pub(super) async fn store(conn: &mut Conn, tables: &[Rows]) -> Result<(), StoreError> {
    let tables: Vec<&Rows> = tables.iter().filter(|rows| !rows.rows.is_empty()).collect();
    let Some((first, others)) = tables.split_first() else { return Ok(()) };
    match &mut conn.kind {
        ConnKind::Postgres(c) => {
            let mut arguments = PgArguments::default();
            let mut sql = String::new();
            // PostgreSQL carries out the statement itself first and then the last part of `WITH` before those above
            // it. Its order is that of the tables, which others keep too: they must not wait for each other.
            for (n, rows) in others.iter().rev().enumerate() {
                let word = if n == 0 { "WITH" } else { "," };
                let (head, arrays) = (rows.head(), rows.arrays(&mut arguments)?);
                // Writing into a string cannot fail.
                let _ = write!(sql, "{word} stored{n} AS (INSERT INTO {} ({head}) {arrays}) ", rows.table);
            }
            let (head, arrays) = (first.head(), first.arrays(&mut arguments)?);
            let _ = write!(sql, "INSERT INTO {} ({head}) {arrays}", first.table);
            sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **c).await?;
        }
        ConnKind::Sqlite(c) => {
            let rows: Vec<_> = tables.iter().map(|rows| rows.numbered()).collect();
            let all: Vec<_> = tables
                .iter()
                .zip(&rows)
                .flat_map(|(t, rows)| pieces(rows).map(|piece| (t.table, t.head(), piece)))
                .collect();
            // One piece a table is one script, which has few texts; others would have too many to stay prepared.
            let together = if all.len() == tables.len() { all.len() } else { 1 };
            for statements in all.chunks(together) {
                let (mut sql, mut arguments) = (String::new(), SqliteArguments::default());
                for (table, head, piece) in statements {
                    let values = values(piece, &mut arguments)?;
                    let _ = write!(sql, "INSERT INTO {table} ({head}) {values};");
                }
                sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **c).await?;
            }
        }
    }
    Ok(())
}

/// `VALUES (…), (…)`.
fn values(rows: &[(Option<i64>, &[Value])], arguments: &mut SqliteArguments) -> Result<String, StoreError> {
    let mut sql = "VALUES ".to_owned();
    for (n, (id, row)) in rows.iter().enumerate() {
        sql.push_str(if n == 0 { "(" } else { ", (" });
        if let Some(id) = id {
            arguments.add(*id).map_err(sqlx::Error::Encode)?;
            let _ = write!(sql, "${}, ", arguments.len());
        }
        for (column, value) in row.iter().enumerate() {
            let added = match value {
                Value::Int(int) => arguments.add(*int),
                Value::Text(text) => arguments.add(text.as_deref()),
                Value::Bytes(bytes) => arguments.add(bytes.as_deref()),
                Value::Flag(flag) => arguments.add(*flag),
            };
            added.map_err(sqlx::Error::Encode)?;
            let comma = if column == 0 { "" } else { ", " };
            let _ = write!(sql, "{comma}${}", arguments.len());
        }
        sql.push(')');
    }
    Ok(sql)
}

/// Puts the next row ids of tables in the place of `@NEXT table@`.
fn with_next(sql: &str, engine: EngineKind) -> String {
    let mut parts = sql.split('@');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match (part.strip_prefix("NEXT "), engine) {
            (Some(table), EngineKind::Postgres) => text.push_str(&format!("nextval('{table}_id_seq')")),
            // AUTOINCREMENT keeps the highest id that a table ever had.
            (Some(table), EngineKind::Sqlite) => text.push_str(&format!(
                "wanted.place + (SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = '{table}')"
            )),
            (None, EngineKind::Postgres | EngineKind::Sqlite) => text.push_str(part),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: i64) -> Rows {
        let mut rows = Rows::of("things", &["n", "name", "body", "good"]);
        for n in 0..count {
            rows.push([n.into(), "x".into(), Some(vec![1_u8]).into(), true.into()]);
        }
        rows
    }

    #[test]
    fn any_number_of_rows_has_one_text_on_postgres() {
        let texts = [1, 7].map(|n| rows(n).arrays(&mut PgArguments::default()).unwrap());
        assert_eq!(texts[0], "SELECT * FROM UNNEST($1::bigint[], $2::text[], $3::bytea[], $4::boolean[])");
        assert_eq!(texts[0], texts[1]);
        let numbered = rows(2).with_ids(vec![5, 6]);
        assert_eq!(numbered.head(), "id, n, name, body, good");
        assert!(numbered.arrays(&mut PgArguments::default()).unwrap().contains("$5::boolean[]"));
    }

    #[test]
    fn rows_are_numbered_through_a_script() {
        let mut arguments = SqliteArguments::default();
        let text = values(&rows(1).with_ids(vec![9]).numbered(), &mut arguments).unwrap();
        assert_eq!(text, "VALUES ($1, $2, $3, $4, $5)");
        assert_eq!(
            values(&rows(2).numbered(), &mut arguments).unwrap(),
            "VALUES ($6, $7, $8, $9), ($10, $11, $12, $13)"
        );
    }

    #[test]
    fn next_ids_are_spelled_for_each_engine() {
        let sql = "SELECT @NEXT tickets@, wanted.name FROM wanted";
        assert_eq!(with_next(sql, EngineKind::Postgres), "SELECT nextval('tickets_id_seq'), wanted.name FROM wanted");
        assert!(with_next(sql, EngineKind::Sqlite).starts_with("SELECT wanted.place + (SELECT COALESCE(MAX(seq), 0)"));
    }
}
