use channels::{ChannelKind, drivers};

use super::store;
use crate::kernel::database::{Conn, StoreError};

/// An account by which a message can leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderAccount {
    pub name: String,
    pub kind: ChannelKind,
}

/// The enabled accounts that send.
///
/// # Errors
/// When the database cannot be read.
pub async fn senders(conn: &mut Conn) -> Result<Vec<SenderAccount>, StoreError> {
    let accounts = store::enabled_accounts(conn).await?.into_iter();
    let sends = |(name, driver): (String, String)| {
        let driver = drivers().iter().find(|d| d.name() == driver && d.sends())?;
        Some(SenderAccount { name, kind: driver.kind() })
    };
    Ok(accounts.filter_map(sends).collect())
}
