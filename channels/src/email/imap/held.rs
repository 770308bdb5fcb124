//! What lies in a mailbox whatever was fetched of it, and single messages fetched again. Both look through a
//! connection of their own, so that the loop that receives never waits for them.

use std::ops::Range;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::ImapReceiver;
use super::connection::{Connection, ImapError};
use super::doubts::Doubts;
use crate::{Held, RawItem};

impl ImapReceiver {
    /// The messages that the server received in a span of time.
    pub(super) async fn on_the_server(&self, span: &Range<Timestamp>) -> Result<Vec<Held>, ImapError> {
        let mut connection = Connection::open(&self.config).await?;
        let folder = connection.examine(&self.config.folder).await?;
        // SEARCH knows whole days of the server's own zone, wherever that is: a day more on either side holds them.
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let (since, before) = (day(span.start).saturating_sub(1.day()), day(span.end).saturating_add(2.days()));
        let uids = connection.search(since, before).await?;
        let listed = connection.list_these(&uids).await?;
        connection.logout().await;
        let within = listed.into_iter().filter(|m| m.received_at.is_none_or(|at| span.contains(&at)));
        let held = within.map(|m| Held {
            external_ref: format!("{}.{}", folder.validity, m.uid),
            received_at: m.received_at,
            obtainable: true,
        });
        Ok(held.collect())
    }

    /// The messages of these names, as the loop would have handed them over.
    pub(super) async fn fetch_again(&self, names: &[String]) -> Result<Vec<RawItem>, ImapError> {
        let mut connection = Connection::open(&self.config).await?;
        let folder = connection.examine(&self.config.folder).await?;
        // Of a mailbox made anew the old numbers mean nothing.
        let uid = |name: &String| {
            let (validity, uid) = name.split_once('.')?;
            (validity.parse() == Ok(folder.validity)).then(|| uid.parse().ok()).flatten()
        };
        let mut uids: Vec<u32> = names.iter().filter_map(uid).collect();
        uids.sort_unstable();
        let listed = connection.list_these(&uids).await?;
        let (mut listed, mut doubts) = (listed.as_slice(), Doubts::default());
        doubts.number_by(folder.validity);
        let mut items = Vec::new();
        while !listed.is_empty() {
            let (chunk, rest) = listed.split_at(self.chunk(listed, &doubts));
            items.extend(self.fetch(&mut connection, u64::from(folder.validity), chunk, &mut doubts).await?);
            listed = rest;
        }
        connection.logout().await;
        Ok(items)
    }
}
