//! Where a leg leaves for its unit.
use channels::ChannelKind;

use super::model::{Way, WayKind};
use super::store;
use crate::kernel::database::Conn;
use crate::kernel::time::Instant;
use crate::network::model::Leg;
use crate::network::{LegError, mail, store as network_store};
use crate::organisation::Unit;
use crate::outbox;

/// Where a leg leaves, checked as far as it can be without asking anybody.
#[derive(Debug, Clone)]
pub struct Departure {
    pub kind: WayKind,
    /// The way that an administrator chose; `None` for units without one.
    pub way: Option<Way>,
    /// Address of mail, name of the addressee, or the called server; empty for the portal.
    pub shown: String,
}

impl Departure {
    /// A setting of the way; empty when there is none.
    pub(super) fn setting(&self, name: &str) -> String {
        self.way.as_ref().map(|way| way.setting(name)).unwrap_or_default()
    }
}

/// Where a leg leaves for a unit now.
///
/// # Errors
/// [`LegError::Unreachable`] when nobody would read it, [`LegError::Way`] when the chosen way leads nowhere.
pub async fn departure(conn: &mut Conn, unit: &Unit, now: Instant) -> Result<Departure, LegError> {
    match store::in_force(conn, unit.id, unit.agency_id).await? {
        Some(way) => along(conn, unit, way, now).await,
        None => {
            if let Some(address) = mail::address_of(conn, unit).await? {
                return Ok(Departure { kind: WayKind::Email, way: None, shown: address });
            }
            if network_store::has_referent(conn, unit.id, now).await? {
                // Its referents look for it on their page.
                return Ok(Departure { kind: WayKind::Portal, way: None, shown: String::new() });
            }
            Err(LegError::Unreachable)
        }
    }
}

/// Where what is said later about a leg leaves: along the way the leg itself went, as it is set now, else as the unit
/// is reached now.
///
/// # Errors
/// As [`departure`].
pub async fn of_leg(conn: &mut Conn, leg: &Leg, unit: &Unit, now: Instant) -> Result<Departure, LegError> {
    if let Some(sent) = store::dispatch(conn, leg.id).await?
        && let Some(id) = sent.way_id
        && let Some(way) = store::by_id(conn, id).await?.filter(|way| way.kind == sent.kind)
    {
        return along(conn, unit, way, now).await;
    }
    departure(conn, unit, now).await
}

async fn along(conn: &mut Conn, unit: &Unit, way: Way, now: Instant) -> Result<Departure, LegError> {
    let wrong = |wrong| Err(LegError::Way { wrong });
    let shown = match way.kind {
        WayKind::Default | WayKind::Portal if !network_store::has_referent(conn, unit.id, now).await? => {
            return wrong("no_referent");
        }
        WayKind::Default | WayKind::Portal => String::new(),
        WayKind::Email => way.setting("address"),
        WayKind::Pec if !sends(conn, &way, ChannelKind::Pec).await? => return wrong("pec_account"),
        WayKind::Pec => way.setting("address"),
        WayKind::Print if !sends(conn, &way, ChannelKind::Letter).await? => return wrong("print_account"),
        WayKind::Print => way.setting("postal").lines().next().unwrap_or_default().to_owned(),
        WayKind::Webhook | WayKind::Open311 => {
            let url = reqwest::Url::parse(&way.setting("url")).ok();
            match url.as_ref().and_then(|url| url.host_str()) {
                Some(host) => host.to_owned(),
                None => return wrong("url"),
            }
        }
    };
    Ok(Departure { kind: way.kind, way: Some(way), shown })
}

async fn sends(conn: &mut Conn, way: &Way, kind: ChannelKind) -> Result<bool, LegError> {
    let account = way.setting("account");
    Ok(outbox::senders(conn).await?.into_iter().any(|sender| sender.kind == kind && sender.name == account))
}
