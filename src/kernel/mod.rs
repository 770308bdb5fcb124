//! What every capability stands on: configuration, database, event feed, blobs, time, codes, secrets,
//! permissions, problems, language, pages. It knows no capability.
pub mod asides;
pub mod blobs;
pub mod codes;
pub mod config;
pub mod database;
pub mod edit;
pub mod emergency;
pub mod events;
pub mod hours;
pub mod language;
pub mod leases;
pub mod limits;
pub mod live;
pub(crate) mod names;
pub mod nodes;
pub mod office;
pub mod opening;
pub mod page;
pub mod permissions;
pub mod problem;
pub mod ranges;
pub mod references;
pub mod request;
pub mod secrets;
pub mod tally;
pub mod telemetry;
pub mod time;
pub mod together;

use std::sync::{Arc, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;

use self::asides::Asides;
use self::blobs::Blobs;
use self::config::Config;
use self::database::{Db, StoreError};
use self::emergency::Emergency;
use self::hours::Hours;
use self::live::Wake;
use self::office::Office;
use self::secrets::Secrets;
use self::tally::Tally;
use self::telemetry::Metrics;
use self::time::{Clock, Instant};
use crate::on;

/// The services that use cases ask for; cheap to clone, the same for the whole process.
#[derive(Clone)]
pub struct Kernel {
    pub db: Db,
    pub clock: Clock,
    pub blobs: Blobs,
    pub config: Arc<Config>,
    pub secrets: Secrets,
    pub wake: Wake,
    pub asides: Asides,
    pub metrics: Metrics,
    pub tally: Tally,
    /// The emergency in force, if there is one.
    pub emergency: Emergency,
    /// When the desk answers on ordinary days.
    pub office: Office,
    /// Cancelled when the process is asked to stop.
    pub stop: CancellationToken,
    /// Name of this process among the nodes, for leases.
    pub node: Arc<str>,
    agency: Arc<RwLock<String>>,
}

impl Kernel {
    /// Opens everything that the configuration names, and brings the schema up to date.
    ///
    /// # Errors
    /// Says which component could not be opened and why.
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        use anyhow::Context;
        let wake = Wake::default();
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot create the data directory {}", config.data.display()))?;
        let db = match &config.database.url {
            Some(url) => Db::open_postgres(url.reveal(), config.database.connections, wake.clone())
                .await
                .context("cannot open the PostgreSQL database")?,
            None => {
                let path = config.path("sportello.db");
                Db::open_sqlite(&path, wake.clone())
                    .await
                    .with_context(|| format!("cannot open the database {}", path.display()))?
            }
        };
        db.migrate().await.context("cannot bring the database schema up to date")?;
        let blobs = match &config.blobs.url {
            Some(url) => Blobs::by_url(url)?,
            None => Blobs::files(&config.path("blobs"))?,
        };
        let secrets = match &config.secret {
            Some(secret) if secret.reveal().len() >= 16 => Secrets::from_text(secret.reveal()),
            Some(_) => anyhow::bail!("the configured secret has fewer than 16 characters"),
            None => Secrets::from_file(&config.path("secret.key")).context("cannot read or create secret.key")?,
        };
        let agency = own_agency(&db).await?;
        Ok(Self {
            db,
            clock,
            blobs,
            office: Office::new(&config.phone, &config.zone()),
            config: Arc::new(config),
            secrets,
            wake,
            asides: Asides::default(),
            metrics: Metrics::new(),
            tally: Tally::default(),
            emergency: Emergency::default(),
            stop: CancellationToken::new(),
            node: codes::random_token().into(),
            agency: Arc::new(RwLock::new(agency)),
        })
    }

    /// The current instant.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// When the desk answers: at every hour while an emergency says so.
    pub fn desk_hours(&self) -> Arc<Hours> {
        if self.emergency.is_always_open() { self.office.always() } else { self.office.ordinary() }
    }

    /// The name of the body that runs this installation, as pages show it.
    pub fn agency_name(&self) -> String {
        self.agency.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the agency's name again, after it was created or renamed.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn refresh_agency(&self) -> Result<(), StoreError> {
        let name = own_agency(&self.db).await?;
        *self.agency.write().unwrap_or_else(PoisonError::into_inner) = name;
        Ok(())
    }
}

async fn own_agency(db: &Db) -> Result<String, StoreError> {
    let mut conn = db.read().await?;
    let name = on!(conn, c => sqlx::query_scalar::<_, String>("SELECT name FROM agencies WHERE kind = 'own' ORDER BY id LIMIT 1")
        .fetch_optional(c).await)?;
    Ok(name.unwrap_or_else(|| "Sportello".to_owned()))
}
