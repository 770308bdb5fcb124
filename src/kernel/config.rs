//! Configuration: defaults, then `sportello.toml` (in the data directory or by `--config`), then the
//! environment (`SPORTELLO__SERVER__PUBLIC_URL=…`, `DATABASE_URL`). Secrets come from the environment or from
//! files that the configuration names, never from the database.
mod phone;

use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};

pub use self::phone::{Phone, PhoneInformation, PhoneQueue};
use super::hours::Hours;

/// A secret text that never shows in logs or errors.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// The text itself, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The whole configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directory of everything this node keeps: database, blobs, indexes, secret key.
    pub data: PathBuf,
    pub server: Server,
    pub database: Database,
    pub blobs: BlobStore,
    pub log: Log,
    pub agency: Agency,
    pub desk: Desk,
    pub citizen: Citizen,
    /// Secret of this installation, at least 16 characters; without it `secret.key` in `data` is used. All
    /// nodes of one installation need the same.
    pub secret: Option<Secret>,
    pub mail: Mail,
    pub channels: Channels,
    pub phone: Phone,
    pub registry: Registry,
    pub knowledge: Knowledge,
}

/// `[knowledge]`: the sheets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    /// Whether the servers that sheets link to are asked, once a day, whether the pages are still there.
    pub check_links: bool,
    /// Whether links into private networks are tried too, such as those of an intranet.
    pub private_links: bool,
}

/// `[registry]`: the register of documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registry {
    /// Whether Sportello gives numbers itself; otherwise only those of the body's own register are noted.
    pub own: bool,
    /// Code of its register.
    pub code: String,
}

impl Default for Registry {
    fn default() -> Self {
        Self { own: true, code: "SPORTELLO".to_owned() }
    }
}

/// `[channels]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channels {
    /// Folders in which accounts may read and write (scans, fax spools), beside `spool/` in the data directory.
    pub folders: Vec<PathBuf>,
    /// Where the programs that read and convert pages (Tesseract, Poppler) are looked for, folders divided as in
    /// `PATH`; by default in `PATH`.
    pub programs: Option<String>,
}

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address to listen on.
    pub listen: String,
    /// What citizens type to get here; links in mails start with it.
    pub public_url: String,
    /// Whether a reverse proxy in front sets `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// HTTP worker threads; 0 means one for each processor.
    pub workers: usize,
}

/// `[database]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://…`; without it, SQLite in the data directory.
    pub url: Option<Secret>,
    /// PostgreSQL connections of this node.
    pub connections: u32,
}

/// `[blobs]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BlobStore {
    /// `s3://bucket/prefix` or `file:///dir`; without it, `blobs/` in the data directory.
    pub url: Option<String>,
}

/// `[log]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `json` or `text`.
    pub format: String,
    /// A `tracing` filter, such as `info,sqlx=warn`.
    pub filter: String,
}

/// `[agency]`: what citizens' pages say of the body that runs this installation, beside its name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Agency {
    /// Number that citizens call, as people read it: `800 000 123`. Without it, pages name no number.
    pub phone: String,
    /// When it answers, in Italian; may be empty.
    pub opening: String,
    /// The same in English; the Italian words without it.
    pub opening_en: String,
    /// Where citizens book an appointment: an address, or the path of a page here such as a sheet's. Without it, pages
    /// offer none.
    pub booking: String,
}

/// `[desk]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Desk {
    /// Display time zone.
    pub time_zone: String,
    /// Default language, `it` or `en`.
    pub language: String,
    /// Slug of the unit that owns what arrives without another rule.
    pub entry_unit: String,
    /// Hours a session lives without use.
    pub session_hours: u32,
    /// Failed sign-ins before a lock, and the lock in minutes.
    pub failures_before_lock: u32,
    pub lock_minutes: u32,
    /// Days after closing within which a citizen's message reopens the ticket; later it opens a linked one.
    pub reopen_days: u32,
    /// The same for single kinds of request: `[desk.reopen_days_of]`. With 0 a message never reopens.
    pub reopen_days_of: ReopenDays,
    /// Days after which a resolved ticket closes by itself, unless the citizen writes.
    pub resolved_days: u32,
    /// Days a referent's link is valid.
    pub leg_link_days: u32,
    /// Whether an agent who is writing an answer keeps colleagues from answering or closing meanwhile.
    pub hard_lock: bool,
    /// Days after which a letter that nobody posted is shown as late.
    pub post_days: u32,
    /// Minutes after the last saved word for which the answer being written holds the ticket.
    pub hard_lock_minutes: u32,
}

/// `[desk.reopen_days_of]`: what is not said is as for all.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReopenDays {
    pub information: Option<u32>,
    pub report: Option<u32>,
    pub complaint: Option<u32>,
    pub application: Option<u32>,
}

/// `[citizen]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Citizen {
    /// Days within which an answer is promised (the expected date on the tracking page).
    pub answer_days: u32,
    /// Largest attachment in bytes, and how many in one message.
    pub attachment_bytes: usize,
    pub attachments: usize,
    /// Media types accepted from forms.
    pub attachment_types: Vec<String>,
    /// Forms that one address may send in an hour.
    pub forms_per_hour: u32,
    /// Ratings of sheets that one address may give in an hour.
    pub ratings_per_hour: u32,
    /// Tracking look-ups that one address may make in ten minutes.
    pub lookups: u32,
    /// Seconds between opening and sending a form below which it counts as sent by a robot.
    pub form_seconds: u32,
}

/// `[mail]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `[[mail.mailboxes]]`: read by IMAP.
    pub mailboxes: Vec<Mailbox>,
    /// `[mail.smtp]`: how mail leaves.
    pub smtp: Option<Smtp>,
}

/// A mailbox read by IMAP.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mailbox {
    /// Stable name of the account; its cursor is kept under it.
    pub name: String,
    /// The address citizens write to.
    pub address: String,
    pub host: String,
    pub port: u16,
    /// `tls`, `starttls`, or `plain` (loopback only).
    #[serde(default = "tls")]
    pub security: String,
    pub user: String,
    #[serde(default)]
    pub password: Option<Secret>,
    /// File that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    #[serde(default = "inbox")]
    pub folder: String,
    /// PEM file of an extra certificate authority.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Slug of the unit that owns what arrives here; else the desk's entry unit.
    #[serde(default)]
    pub unit: Option<String>,
}

/// The SMTP server mail leaves by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    #[serde(default = "tls")]
    pub security: String,
    #[serde(default)]
    pub user: Option<String>,
    #[serde(default)]
    pub password: Option<Secret>,
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Address in From; replies come back to it with a plus-address token, so one mailbox must read it.
    pub from: String,
    /// Name in From.
    #[serde(default)]
    pub from_name: Option<String>,
}

fn tls() -> String {
    "tls".to_owned()
}

fn inbox() -> String {
    "INBOX".to_owned()
}

/// The password given directly or by file.
///
/// # Errors
/// When the file cannot be read.
pub fn password(direct: Option<&Secret>, file: Option<&Path>) -> std::io::Result<Secret> {
    match (direct, file) {
        (Some(secret), _) => Ok(secret.clone()),
        (None, Some(file)) => Ok(Secret(std::fs::read_to_string(file)?.trim_end().to_owned())),
        (None, None) => Ok(Secret::default()),
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            behind_proxy: false,
            workers: 0,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, connections: 16 }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: "json".to_owned(), filter: "info,sqlx=warn,actix_server=warn,tantivy=warn".to_owned() }
    }
}

impl Default for Knowledge {
    fn default() -> Self {
        Self { check_links: true, private_links: false }
    }
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            time_zone: "Europe/Rome".to_owned(),
            language: "it".to_owned(),
            entry_unit: "contact-centre".to_owned(),
            session_hours: 12,
            failures_before_lock: 5,
            lock_minutes: 15,
            reopen_days: 30,
            reopen_days_of: ReopenDays::default(),
            resolved_days: 7,
            leg_link_days: 30,
            hard_lock: false,
            hard_lock_minutes: 10,
            post_days: 2,
        }
    }
}

impl Default for Citizen {
    fn default() -> Self {
        Self {
            answer_days: 15,
            attachment_bytes: 10 * 1024 * 1024,
            attachments: 5,
            attachment_types: [
                "application/pdf",
                "image/jpeg",
                "image/png",
                "image/heic",
                "image/webp",
                "text/plain",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.oasis.opendocument.text",
                "application/msword",
                "application/pkcs7-mime",
            ]
            .map(str::to_owned)
            .to_vec(),
            forms_per_hour: 20,
            ratings_per_hour: 20,
            lookups: 20,
            form_seconds: 2,
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("data"),
            server: Server::default(),
            database: Database::default(),
            blobs: BlobStore::default(),
            log: Log::default(),
            agency: Agency::default(),
            desk: Desk::default(),
            citizen: Citizen::default(),
            secret: None,
            mail: Mail::default(),
            channels: Channels::default(),
            phone: Phone::default(),
            registry: Registry::default(),
            knowledge: Knowledge::default(),
        }
    }
}

impl Config {
    /// Reads the configuration for a data directory.
    ///
    /// # Errors
    /// Names the file or variable and the value at fault.
    pub fn load(data: &Path, file: Option<&Path>) -> anyhow::Result<Self> {
        let own = data.join("sportello.toml");
        let mut figment = Figment::from(Serialized::defaults(Self::default())).merge(Toml::file(file.unwrap_or(&own)));
        if let Some(file) = file {
            anyhow::ensure!(file.exists(), "the configuration file {} does not exist", file.display());
        }
        figment = figment.merge(Env::prefixed("SPORTELLO__").split("__"));
        let mut config: Self = figment.extract()?;
        data.clone_into(&mut config.data);
        if let Ok(url) = std::env::var("DATABASE_URL")
            && !url.is_empty()
        {
            config.database.url = Some(Secret::new(url));
        }
        jiff::tz::TimeZone::get(&config.desk.time_zone).map_err(|e| anyhow::anyhow!("desk.time_zone: {e}"))?;
        Hours::of(&config.phone, config.zone()).map_err(|e| anyhow::anyhow!("phone: {e}"))?;
        Ok(config)
    }

    /// A path in the data directory.
    pub fn path(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// The display zone; checked when the configuration was read.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.desk.time_zone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// A public URL for a path that starts with `/`.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.server.public_url.trim_end_matches('/'))
    }
}
