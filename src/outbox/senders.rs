use std::collections::BTreeMap;

use channels::{ChannelKind, OutgoingLimits, Settings, drivers};

use super::store;
use crate::kernel::database::{Conn, StoreError};

/// An account by which a message can leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderAccount {
    pub name: String,
    pub kind: ChannelKind,
    /// What a message by it may hold.
    pub limits: OutgoingLimits,
}

/// The enabled accounts that send.
///
/// # Errors
/// When the database cannot be read.
pub async fn senders(conn: &mut Conn) -> Result<Vec<SenderAccount>, StoreError> {
    let accounts = store::enabled_accounts(conn).await?.into_iter();
    let sends = |(name, driver, settings): (String, String, String)| {
        let driver = drivers().iter().find(|d| d.name() == driver && d.sends())?;
        // Written by the page of accounts; without what cannot be read the usual limits hold.
        let values = serde_json::from_str::<BTreeMap<String, String>>(&settings).unwrap_or_default();
        let limits = driver.limits(&Settings::new(values, BTreeMap::new()));
        Some(SenderAccount { name, kind: driver.kind(), limits })
    };
    Ok(accounts.filter_map(sends).collect())
}
