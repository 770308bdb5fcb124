//! Who answers for a unit: referents by rank, who stands in for whom, and who is to be told now.
use std::collections::{HashMap, HashSet};

use serde_json::json;
use sqlx::FromRow;

use super::error::OrganisationError;
use super::model::{Absence, Rank, Referent};
use super::store;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::events::{self, Actor, NewEvent};
use crate::kernel::time::Instant;

/// A referent as an administrator writes it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NewReferent {
    pub unit_id: i64,
    /// The account; without one an address is needed.
    pub user_id: Option<i64>,
    pub name: String,
    /// Empty to use the login of the account.
    pub email: String,
    /// May be empty.
    pub phone: String,
    #[sqlx(try_from = "String")]
    pub rank: Rank,
    pub valid_from: Instant,
    pub valid_to: Option<Instant>,
}

/// An absence as an administrator writes it.
#[derive(Debug, Clone)]
pub struct NewAbsence {
    pub referent_id: i64,
    pub from_at: Instant,
    pub to_at: Instant,
    pub substitute_id: Option<i64>,
    pub reason: String,
}

/// Makes a referent, or changes the one with row id `id`; answers the row id.
///
/// # Errors
/// [`OrganisationError::Invalid`] without a name, without any way to reach the referent, for an end that is
/// not after the beginning, or for an unknown unit or account; [`OrganisationError::NotFound`] for an unknown `id`.
pub async fn save(
    tx: &mut Tx,
    id: Option<i64>,
    new: &NewReferent,
    actor: Actor,
    now: Instant,
) -> Result<i64, OrganisationError> {
    let invalid = |field, wrong| Err(OrganisationError::Invalid { field, wrong });
    let email = new.email.trim();
    if new.name.trim().is_empty() {
        return invalid("name", "missing");
    }
    if email.is_empty() && new.user_id.is_none() {
        return invalid("email", "missing");
    }
    if !email.is_empty() && !is_address(email) {
        return invalid("email", "not_an_address");
    }
    if new.valid_to.is_some_and(|end| end <= new.valid_from) {
        return invalid("valid_to", "before_start");
    }
    if store::unit(tx, new.unit_id).await?.is_none() {
        return invalid("unit", "unknown");
    }
    if let Some(user) = new.user_id
        && !store::user_exists(tx, user).await?
    {
        return invalid("user", "unknown");
    }
    let id = match id {
        None => store::insert_referent(tx, new).await?,
        Some(id) if store::update_referent(tx, id, new).await? => id,
        Some(_) => return Err(OrganisationError::NotFound),
    };
    told(tx, id, new.unit_id, actor, now).await?;
    Ok(id)
}

/// Row id of the account with a login; `None` for an empty one.
///
/// # Errors
/// [`OrganisationError::Invalid`] when nobody signs in so.
pub async fn account(conn: &mut Conn, login: &str) -> Result<Option<i64>, OrganisationError> {
    match login.trim() {
        "" => Ok(None),
        login => match store::user_by_login(conn, &login.to_lowercase()).await? {
            Some(user) => Ok(Some(user)),
            None => Err(OrganisationError::Invalid { field: "login", wrong: "unknown" }),
        },
    }
}

/// Ends a referent's time now; one whose time is to come never begins.
///
/// # Errors
/// [`OrganisationError::NotFound`] when there is none, or it is over.
pub async fn end(tx: &mut Tx, id: i64, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    let found = store::referent(tx, id).await?;
    let found = found.filter(|r| r.valid_to.is_none_or(|end| end > now)).ok_or(OrganisationError::NotFound)?;
    store::end_referent(tx, id, now.max(found.valid_from)).await?;
    told(tx, id, found.unit_id, actor, now).await
}

/// Writes an absence; answers its row id.
///
/// # Errors
/// [`OrganisationError::Invalid`] for an end that is not after the beginning, or a substitute who is unknown
/// or the absent referent; [`OrganisationError::NotFound`] for an unknown referent.
pub async fn be_absent(tx: &mut Tx, new: &NewAbsence, actor: Actor, now: Instant) -> Result<i64, OrganisationError> {
    let invalid = |field, wrong| Err(OrganisationError::Invalid { field, wrong });
    let absent = store::referent(tx, new.referent_id).await?.ok_or(OrganisationError::NotFound)?;
    if new.to_at <= new.from_at {
        return invalid("to", "before_start");
    }
    if let Some(substitute) = new.substitute_id {
        if substitute == absent.id {
            return invalid("substitute", "oneself");
        }
        if store::referent(tx, substitute).await?.is_none() {
            return invalid("substitute", "unknown");
        }
    }
    let id = store::insert_absence(tx, new).await?;
    told(tx, absent.id, absent.unit_id, actor, now).await?;
    Ok(id)
}

/// Takes an absence back; one that has begun ends now, so that what it explained stays explained.
///
/// # Errors
/// [`OrganisationError::NotFound`] when there is none, or it is over.
pub async fn return_early(tx: &mut Tx, absence: i64, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    let found = store::absence(tx, absence).await?.filter(|a| a.to_at > now).ok_or(OrganisationError::NotFound)?;
    if found.from_at < now {
        store::end_absence(tx, absence, now).await?;
    } else {
        store::delete_absence(tx, absence).await?;
    }
    let referent = store::referent(tx, found.referent_id).await?.ok_or(OrganisationError::NotFound)?;
    told(tx, referent.id, referent.unit_id, actor, now).await
}

async fn told(tx: &mut Tx, referent: i64, unit: i64, actor: Actor, now: Instant) -> Result<(), OrganisationError> {
    let data = json!({ "referent": referent, "unit": unit });
    events::append(tx, now, &[NewEvent { kind: "referent.changed", ticket: None, actor, data }]).await?;
    Ok(())
}

/// A plausible address: the mail server has the last word.
pub(super) fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !text.contains(|c: char| c.is_whitespace() || ",;<>".contains(c))
    })
}

/// Who shall be told of something that concerns a unit now: see [`Roster::recipients`].
///
/// # Errors
/// When the database cannot be read.
pub async fn recipients(conn: &mut Conn, unit_id: i64, rank: Rank, now: Instant) -> Result<Vec<Referent>, StoreError> {
    Ok(Roster::load(conn, now).await?.recipients(unit_id, rank))
}

/// The referents and absences of one instant. Work that asks for many units loads it once.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    referents: HashMap<i64, Referent>,
    /// By absent referent: who stands in.
    absent: HashMap<i64, Option<i64>>,
    parents: HashMap<i64, Option<i64>>,
}

impl Roster {
    /// Reads who is referent, and who is away, at `now`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(conn: &mut Conn, now: Instant) -> Result<Self, StoreError> {
        let referents = store::referents_at(conn, now).await?;
        let absences = store::absences_at(conn, now).await?;
        let parents = store::parents(conn).await?;
        Ok(Self::new(referents, &absences, parents))
    }

    /// From rows that all hold at one instant.
    pub fn new(
        referents: Vec<Referent>,
        absences: &[Absence],
        parents: impl IntoIterator<Item = (i64, Option<i64>)>,
    ) -> Self {
        let mut absent: HashMap<i64, Option<i64>> = HashMap::new();
        for absence in absences {
            // Of two absences at once, the one that names somebody counts.
            let substitute = absent.entry(absence.referent_id).or_default();
            *substitute = substitute.or(absence.substitute_id);
        }
        let reachable = referents.into_iter().filter(|r| r.user_id.is_some() || !r.email.is_empty());
        Self { referents: reachable.map(|r| (r.id, r)).collect(), absent, parents: parents.into_iter().collect() }
    }

    /// Who shall be told: the referents of `unit` with `rank`, else those of the nearest unit above that has
    /// one. Who is away is replaced by the substitute, and that one by their own; who is away without anybody
    /// to stand in is left out, unless nobody would be left. In the order they were named, each once.
    pub fn recipients(&self, unit: i64, rank: Rank) -> Vec<Referent> {
        let named = self.named(unit, rank);
        let mut found: Vec<i64> = Vec::with_capacity(named.len());
        for id in named.iter().filter_map(|&id| self.present(id)) {
            if !found.contains(&id) {
                found.push(id);
            }
        }
        let ids = if found.is_empty() { named } else { found };
        ids.iter().filter_map(|id| self.referents.get(id).cloned()).collect()
    }

    /// Row ids of the referents with a rank, of the unit or the nearest one above.
    fn named(&self, unit: i64, rank: Rank) -> Vec<i64> {
        let mut seen = HashSet::new();
        let mut place = Some(unit);
        while let Some(unit) = place.filter(|&unit| seen.insert(unit)) {
            let of_unit = self.referents.values().filter(|r| r.unit_id == unit && r.rank == rank);
            let mut ids: Vec<i64> = of_unit.map(|r| r.id).collect();
            if !ids.is_empty() {
                ids.sort_unstable();
                return ids;
            }
            place = self.parents.get(&unit).copied().flatten();
        }
        Vec::new()
    }

    /// The referent, or who stands in and is there; `None` when the chain ends or turns in a circle.
    fn present(&self, id: i64) -> Option<i64> {
        let mut seen = HashSet::new();
        let mut place = id;
        while seen.insert(place) && self.referents.contains_key(&place) {
            match self.absent.get(&place) {
                None => return Some(place),
                Some(substitute) => place = (*substitute)?,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn referent(id: i64, unit_id: i64, rank: Rank) -> Referent {
        let (name, email, phone) = (format!("R{id}"), format!("r{id}@example.it"), String::new());
        Referent { id, unit_id, user_id: None, name, email, phone, rank, valid_from: Instant(0), valid_to: None }
    }

    fn away(referent_id: i64, substitute_id: Option<i64>) -> Absence {
        let reason = String::new();
        Absence { id: referent_id, referent_id, from_at: Instant(0), to_at: Instant(9), substitute_id, reason }
    }

    /// Unit 2 is below 1, 3 below 2; 4 and 5 are each below the other, as no chart should be.
    fn roster(referents: Vec<Referent>, absences: &[Absence]) -> Roster {
        let parents = [(1, None), (2, Some(1)), (3, Some(2)), (4, Some(5)), (5, Some(4))];
        Roster::new(referents, absences, parents)
    }

    fn ids(roster: &Roster, unit: i64, rank: Rank) -> Vec<i64> {
        roster.recipients(unit, rank).iter().map(|r| r.id).collect()
    }

    #[test]
    fn a_unit_without_a_referent_of_the_rank_is_answered_for_by_the_nearest_above() {
        use Rank::{Director, Executive, Operative};
        let all = vec![referent(1, 1, Director), referent(2, 2, Executive), referent(3, 3, Operative)];
        let roster = roster(all, &[]);
        assert_eq!([Operative, Executive, Director].map(|rank| ids(&roster, 3, rank)), [vec![3], vec![2], vec![1]]);
        assert!(ids(&roster, 1, Operative).is_empty(), "nobody below answers for a unit");
        assert!(ids(&roster, 4, Operative).is_empty(), "a chart that turns in a circle ends");
    }

    #[test]
    fn who_is_away_is_replaced_by_whoever_stands_in_for_the_substitute() {
        let all = (1..=4).map(|id| referent(id, 1, Rank::Operative)).collect::<Vec<_>>();
        let chain = roster(all.clone(), &[away(1, Some(2)), away(2, Some(3))]);
        assert_eq!(ids(&chain, 1, Rank::Operative), [3, 4]);
        let circle = roster(all.clone(), &[away(1, Some(2)), away(2, Some(1))]);
        assert_eq!(ids(&circle, 1, Rank::Operative), [3, 4]);
        let nobody = roster(all, &[away(1, None), away(2, None), away(3, None), away(4, Some(1))]);
        assert_eq!(ids(&nobody, 1, Rank::Operative), [1, 2, 3, 4], "somebody is told even when all are away");
    }

    #[test]
    fn who_cannot_be_reached_is_no_recipient_and_no_substitute() {
        let mut mute = referent(1, 2, Rank::Operative);
        mute.email.clear();
        let above = referent(2, 1, Rank::Operative);
        let roster = roster(vec![mute, above], &[]);
        assert_eq!(ids(&roster, 2, Rank::Operative), [2]);
    }

    proptest! {
        #[test]
        fn whatever_the_absences_nobody_is_told_twice_and_somebody_always(
            units in proptest::collection::vec(1i64..6, 1..12),
            absences in proptest::collection::vec((1i64..13, proptest::option::of(1i64..14)), 0..20),
            asked in 1i64..6,
        ) {
            let all: Vec<_> = units.iter().zip(1..).map(|(&unit, id)| referent(id, unit, Rank::Operative)).collect();
            let absences: Vec<_> = absences.into_iter().map(|(who, by)| away(who, by)).collect();
            let roster = roster(all, &absences);
            let found = ids(&roster, asked, Rank::Operative);
            let distinct: HashSet<_> = found.iter().collect();
            prop_assert_eq!(distinct.len(), found.len());
            prop_assert_eq!(found.is_empty(), roster.named(asked, Rank::Operative).is_empty());
            let away = |id: &i64| absences.iter().any(|a| a.referent_id == *id);
            prop_assert!(found.iter().all(|id| !away(id)) || found.iter().all(away), "either present ones or all named");
        }
    }
}
