//! The rules in force with all that they look at, in memory: read again when they are a few seconds old, so that
//! every node follows what was committed elsewhere, and at once on the node where they are changed.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::time::Instant as Moment;

use super::areas::{Area, locate};
use super::model::{Decision, Facts, Named, Rule, Segment, decide};
use super::store;
use crate::clocks;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::hours::Hours;
use crate::kernel::time::Instant;
use crate::tickets::{Channel, RequestKind};

/// Rules that are older are read again before the next decision.
const STALE: Duration = Duration::from_secs(3);

/// The rules as a node keeps them; cheap to clone, one for the process.
#[derive(Clone, Default)]
pub struct Routing {
    book: Arc<RwLock<Option<Arc<Book>>>>,
}

/// A new request, as far as rules look at it without asking the database.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Row id.
    pub category: Option<i64>,
    pub channel: Channel,
    pub kind: RequestKind,
    pub language: &'a str,
    /// What was written, and answers that may name a place.
    pub text: &'a str,
    /// Row id of the unit that owns it unless a rule says otherwise.
    pub owner: i64,
    pub at: Instant,
}

/// What only the database knows of a request.
#[derive(Debug, Clone, Default)]
pub struct Looked {
    pub segment: Option<Segment>,
    /// Open requests by slug of the unit.
    pub load: BTreeMap<String, i64>,
}

/// The rules with all that they look at.
pub struct Book {
    /// Number of their version; 0 without any.
    pub version: i64,
    pub rules: Vec<Rule>,
    named: Named,
    areas: Vec<Area>,
    categories: BTreeMap<i64, String>,
    hours: Arc<Hours>,
    /// The operating protocols: by them a new request is promised its day.
    pub terms: clocks::Book,
    read_at: Moment,
}

impl Routing {
    /// The rules as they were a moment ago.
    ///
    /// # Errors
    /// When they must be read and the database cannot be.
    pub async fn book(&self, kernel: &Kernel) -> Result<Arc<Book>, StoreError> {
        let known = self.book.read().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some(book) if book.read_at.elapsed() < STALE => Ok(book),
            // Rules that are a little old decide better than none.
            Some(book) => Ok(self.refresh(kernel).await.unwrap_or(book)),
            None => self.refresh(kernel).await,
        }
    }

    /// The rules as they are now.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh(&self, kernel: &Kernel) -> Result<Arc<Book>, StoreError> {
        let mut conn = kernel.db.read().await?;
        let active = store::active(&mut conn).await?;
        let book = match active {
            Some(active) => Book::read(&mut conn, kernel, active.number, active.rules()?).await?,
            None => Book::empty(&mut conn, kernel).await?,
        };
        drop(conn);
        let book = Arc::new(book);
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Some(book.clone());
        Ok(book)
    }
}

impl Book {
    async fn empty(conn: &mut Conn, kernel: &Kernel) -> Result<Self, StoreError> {
        let read_at = Moment::now();
        Ok(Self {
            version: 0,
            rules: Vec::new(),
            named: Named::default(),
            areas: Vec::new(),
            categories: BTreeMap::new(),
            hours: Arc::new(Hours::never(kernel.config.zone())),
            terms: clocks::Book::read(conn, &kernel.config.zone()).await?,
            read_at,
        })
    }

    /// Rules with what they look at today.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(conn: &mut Conn, kernel: &Kernel, version: i64, rules: Vec<Rule>) -> Result<Self, StoreError> {
        let read_at = Moment::now();
        let zone = kernel.config.zone();
        Ok(Self {
            version,
            rules,
            named: store::named(conn, &kernel.config.desk.entry_unit, kernel.now()).await?,
            areas: store::areas(conn).await?.into_iter().map(Area::of).collect(),
            categories: store::categories(conn).await?,
            terms: clocks::Book::read(conn, &zone).await?,
            hours: kernel.desk_hours(),
            read_at,
        })
    }

    /// Units whose load a rule asks for.
    pub fn loads(&self) -> BTreeSet<String> {
        self.rules.iter().filter_map(|rule| rule.when.load.as_ref()).map(|load| load.unit.clone()).collect()
    }

    /// Whether a rule asks who the person is.
    pub fn asks_segment(&self) -> bool {
        self.rules.iter().any(|rule| !rule.when.segments.is_empty())
    }

    /// Whether decisions need what only the database knows, or rows that only a transaction writes.
    pub fn is_plain(&self) -> bool {
        let legs = self.rules.iter().any(|rule| !rule.then.legs.is_empty());
        !legs && !self.asks_segment() && self.rules.iter().all(|rule| rule.when.load.is_none())
    }

    /// Decides about a request; `None` leaves everything as it would be.
    pub fn decide(&self, request: &Request<'_>, looked: &Looked) -> Option<Decision> {
        if self.rules.is_empty() {
            return None;
        }
        let areas = if self.rules.iter().any(|rule| !rule.when.areas.is_empty()) {
            locate(&self.areas, request.text)
        } else {
            BTreeSet::new()
        };
        let facts = Facts {
            category: request.category.and_then(|id| self.categories.get(&id)).cloned(),
            channel: request.channel,
            kind: request.kind,
            language: request.language.to_owned(),
            segment: looked.segment,
            areas,
            open: self.hours.is_open(request.at),
            load: looked.load.clone(),
        };
        decide(&self.rules, &facts, request.owner, &self.named.offices, &self.named.agents)
    }
}

impl Looked {
    /// What rules ask of the database about a person's request.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(conn: &mut Conn, book: &Book, person: Option<i64>) -> Result<Self, StoreError> {
        let segment = match person.filter(|_| book.asks_segment()) {
            Some(person) => store::segment(conn, person).await?,
            None => None,
        };
        Ok(Self { segment, load: store::load(conn, &book.loads()).await? })
    }
}
