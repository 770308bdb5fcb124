//! What a plan would change, and how much work it would move: shown before anybody says yes.
use super::super::{LegError, store};
use crate::kernel::database::Conn;
use crate::kernel::time::Instant;
use crate::organisation;
use crate::organisation::chart::{Chart, Node, Plan};
use crate::organisation::reorganise;

/// What hangs on a unit that closes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    pub unit: Node,
    pub successor: Node,
    pub open_tickets: i64,
    pub waiting_legs: i64,
    pub categories: i64,
    pub sheets: i64,
    pub users: i64,
}

/// What a plan would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preview {
    pub opens: Vec<Node>,
    /// As it would be on the day before, and after.
    pub changes: Vec<(Node, Node)>,
    pub closes: Vec<Moved>,
}

/// Looks ahead: the chart of that day, what the plan makes of it, and what hangs today on what closes.
///
/// # Errors
/// When the plan does not fit that day's chart, or the database cannot be read.
pub async fn preview(conn: &mut Conn, plan: &Plan, at: Instant, now: Instant) -> Result<Preview, LegError> {
    let before: Chart = reorganise::chart_at(conn, at, now).await?;
    let after = before.after(plan).map_err(organisation::OrganisationError::from)?;
    let mut preview = Preview::default();
    for (slug, node) in &after.nodes {
        match before.nodes.get(slug) {
            None => preview.opens.push(node.clone()),
            Some(was) if was != node => preview.changes.push((was.clone(), node.clone())),
            Some(_) => {}
        }
    }
    for closing in &plan.closes {
        let (Some(unit), Some(successor)) = (before.nodes.get(&closing.unit), after.nodes.get(&closing.successor))
        else {
            continue;
        };
        // A unit that another plan opens first has nothing yet.
        let hangs = match organisation::store::unit_by_slug(conn, &closing.unit).await? {
            Some(row) => store::hangs_on(conn, row.id).await?,
            None => (0, 0, 0, 0, 0),
        };
        preview.closes.push(Moved {
            unit: unit.clone(),
            successor: successor.clone(),
            open_tickets: hangs.0,
            waiting_legs: hangs.1,
            categories: hangs.2,
            sheets: hangs.3,
            users: hangs.4,
        });
    }
    Ok(preview)
}
