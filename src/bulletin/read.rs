//! Reading bulletins: lists, one of them, «read», and who has not yet.
use knowledge_base::analysis::fold;

use super::BulletinError;
use super::model::{Bulletin, BulletinKind, List, Stage, is_for, writes};
use super::store::{self, Addressee, Eyes, Key, Version, Wanted};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::permissions::{Permission, Principal, Role};

/// Which bulletins somebody asks for.
#[derive(Debug, Clone)]
pub struct Asked {
    pub list: List,
    pub kind: Option<BulletinKind>,
    /// Words of title or text; the first three count.
    pub words: String,
    /// [`Listed::next`] of the page before.
    pub after: Option<Key>,
    /// At most so many, 1 to 200.
    pub limit: i64,
    /// Whether whoever writes bulletins also sees those for others.
    pub all: bool,
}

impl Asked {
    /// The beginning of a list, of all kinds.
    pub fn of(list: List, limit: i64) -> Self {
        Self { list, kind: None, words: String::new(), after: None, limit, all: false }
    }
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed {
    pub items: Vec<Bulletin>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<Key>,
}

async fn eyes(conn: &mut Conn, who: &Principal, all: bool) -> Result<Eyes, StoreError> {
    Ok(Eyes {
        user: who.user_id,
        role: who.role,
        units: store::with_above(conn, &who.units).await?,
        all: all && writes(who),
    })
}

/// The bulletins of a list that somebody may read. What is planned is for those who write.
///
/// # Errors
/// When the caller reads no bulletins, or the database cannot be read.
pub async fn list(kernel: &Kernel, who: &Principal, asked: &Asked) -> Result<Listed, BulletinError> {
    who.require(Permission::ReadBulletins)?;
    if asked.list == List::Planned {
        who.require(Permission::WriteBulletins)?;
    }
    let size = asked.limit.clamp(1, 200);
    let words = fold(&asked.words).split_whitespace().map(str::to_owned).collect();
    let wanted =
        Wanted { list: Some(asked.list), id: None, kind: asked.kind, words, after: asked.after, limit: size + 1 };
    let mut conn = kernel.db.read().await?;
    let eyes = eyes(&mut conn, who, asked.all).await?;
    let mut found = store::find(&mut conn, &eyes, &wanted, kernel.now()).await?;
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let more = found.len() > size;
    found.truncate(size);
    let next = found.last().filter(|_| more).map(|(_, key)| *key);
    Ok(Listed { items: found.into_iter().map(|(bulletin, _)| bulletin).collect(), next })
}

/// A bulletin that somebody may read; who writes them reads all.
///
/// # Errors
/// [`BulletinError::Missing`] when there is none for the caller.
pub async fn show(kernel: &Kernel, who: &Principal, id: i64) -> Result<Bulletin, BulletinError> {
    who.require(Permission::ReadBulletins)?;
    let mut conn = kernel.db.read().await?;
    let wanted = Wanted { list: None, id: Some(id), kind: None, words: Vec::new(), after: None, limit: 1 };
    let eyes = eyes(&mut conn, who, true).await?;
    let found = store::find(&mut conn, &eyes, &wanted, kernel.now()).await?.pop();
    let (bulletin, _) = found.ok_or(BulletinError::Missing)?;
    // Before it begins only those who write know of it.
    if bulletin.stage(kernel.now()) == Stage::Planned && !writes(who) {
        return Err(BulletinError::Missing);
    }
    Ok(bulletin)
}

/// Notes that the caller has read a bulletin as it is now. Saying it twice changes nothing.
///
/// # Errors
/// [`BulletinError::Missing`] when there is none for the caller; programs read nothing.
pub async fn mark_read(kernel: &Kernel, who: &Principal, id: i64) -> Result<(), BulletinError> {
    let bulletin = show(kernel, who, id).await?;
    let user = who.user_id.ok_or(BulletinError::Missing)?;
    let now = kernel.now();
    kernel.db.write(move |tx| Box::pin(async move { store::put_read(tx, &bulletin, user, now).await })).await?;
    Ok(())
}

/// Most people that a list of readers shows.
const PEOPLE: i64 = 5_000;

/// The people a bulletin is for: who has read it, and who has not.
///
/// # Errors
/// When the caller does not write bulletins, or there is none.
pub async fn readers(kernel: &Kernel, who: &Principal, id: i64) -> Result<Vec<Addressee>, BulletinError> {
    who.require(Permission::WriteBulletins)?;
    let bulletin = show(kernel, who, id).await?;
    let mut conn = kernel.db.read().await?;
    let mut people = store::addressees(&mut conn, id, PEOPLE).await?;
    people.retain(|p| Role::from_text(&p.role).is_some_and(|role| is_for(&bulletin.content.roles, role)));
    Ok(people)
}

/// What a bulletin said, the first revision first.
///
/// # Errors
/// When the caller does not write bulletins, or there is none.
pub(super) async fn history(kernel: &Kernel, who: &Principal, id: i64) -> Result<Vec<Version>, BulletinError> {
    who.require(Permission::WriteBulletins)?;
    let mut conn = kernel.db.read().await?;
    let versions = store::versions(&mut conn, id).await?;
    if versions.is_empty() { Err(BulletinError::Missing) } else { Ok(versions) }
}
