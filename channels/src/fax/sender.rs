//! Sending by a fax server's client protocol.

use std::time::Duration;

use async_trait::async_trait;

use super::hook::report_of;
use super::protocol::{Connection, after, later, never, quoted};
use crate::paper::{Bounds, ConvertError, Letterhead, Programs, cover, to_pdf};
use crate::{ChannelKind, Deliver, DeliveryError, Fate, Outgoing, Secret, Sent, Unreported};

/// What parts the columns in a list of jobs.
const COLUMN: char = '|';
/// State of a job that the server gave up or an operator took out.
const FAILED: &str = "F";
/// State of a job whose pages were all sent.
const DONE: &str = "D";

/// Where and how to send faxes.
#[derive(Debug, Clone)]
pub struct FaxConfig {
    /// Name of the fax server.
    pub host: String,
    /// Port of its client protocol.
    pub port: u16,
    /// Account on it.
    pub user: String,
    /// Its password, if it asks for one.
    pub password: Secret,
    /// Fine resolution (196 lines an inch) instead of standard (98).
    pub fine: bool,
    /// Times a page is tried before the server gives up.
    pub tries: u32,
    /// Head of the cover page.
    pub head: Letterhead,
    /// How long to wait for each answer.
    pub patience: Duration,
    /// Programs for attachments that are pictures.
    pub programs: Programs,
    /// Most pages of one fax, the cover among them.
    pub max_pages: usize,
}

impl Default for FaxConfig {
    fn default() -> Self {
        Self {
            host: "localhost".into(),
            port: 4559,
            user: "sportello".into(),
            password: Secret::default(),
            fine: true,
            tries: 3,
            head: Letterhead::default(),
            patience: Duration::from_secs(30),
            programs: Programs::default(),
            max_pages: 500,
        }
    }
}

/// Sends through one fax server. The job's tag is our own id, by which a repeated attempt finds its job.
#[derive(Debug, Clone)]
pub struct FaxSender {
    config: FaxConfig,
}

impl FaxSender {
    /// Prepares; nothing is contacted yet.
    #[must_use]
    pub const fn new(config: FaxConfig) -> Self {
        Self { config }
    }

    async fn connect(&self) -> Result<Connection, DeliveryError> {
        let c = &self.config;
        Connection::open(&c.host, c.port, &c.user, c.password.expose(), c.patience).await
    }

    async fn submit(
        &self,
        connection: &mut Connection,
        message: &Outgoing,
        number: &str,
        documents: &[Vec<u8>],
    ) -> Result<Sent, DeliveryError> {
        connection.ask("TYPE I", &[200]).await?;
        connection.ask("FORM PDF", &[200]).await?;
        let mut names = Vec::new();
        for document in documents {
            names.push(connection.store(document).await?);
        }
        let made = connection.ask("JNEW", &[200]).await?;
        let job = after(&made.text, "jobid:").ok_or_else(|| later("the fax server names no job"))?;
        let resolution = if self.config.fine { "196" } else { "98" };
        let mut parameters = vec![
            ("FROMUSER", quoted(&message.sender_name)),
            ("NOTIFYADDR", quoted(&self.config.user)),
            ("NOTIFY", quoted("done+requeue")),
            ("DIALSTRING", quoted(number)),
            ("EXTERNAL", quoted(number)),
            ("LASTTIME", "010000".into()),
            ("MAXTRIES", self.config.tries.to_string()),
            ("MAXDIALS", (self.config.tries * 4).to_string()),
            ("VRES", resolution.into()),
            ("PAGEWIDTH", "209".into()),
            ("PAGELENGTH", "296".into()),
            ("PAGECHOP", quoted("none")),
            ("JOBINFO", quoted(&tag(&message.id))),
        ];
        parameters.extend(names.into_iter().map(|name| ("DOCUMENT", name)));
        for (name, value) in parameters {
            connection.ask(&format!("JPARM {name} {value}"), &[200, 213]).await?;
        }
        let answer = connection.ask("JSUBM", &[200]).await?;
        Ok(Sent { provider_id: Some(job), response: answer.text, printable: None })
    }

    /// The job of an earlier attempt whose outcome we never learned. One that failed was reported: whoever tries
    /// again means it.
    async fn find(&self, connection: &mut Connection, id: &str) -> Result<Option<String>, DeliveryError> {
        let jobs = self.jobs(connection).await?;
        Ok(jobs.into_iter().find(|job| job.state != FAILED && job.tag == tag(id)).map(|job| job.id))
    }

    /// All jobs that the server knows.
    async fn jobs(&self, connection: &mut Connection) -> Result<Vec<Job>, DeliveryError> {
        connection.ask(&format!("JOBFMT \"%a{COLUMN}%j{COLUMN}%J{COLUMN}%s\""), &[200]).await?;
        let mut jobs = Vec::new();
        for queue in ["sendq", "doneq"] {
            let listed = connection.list(queue).await?;
            jobs.extend(listed.lines().filter_map(Job::read));
        }
        Ok(jobs)
    }
}

/// A job as the server lists it.
struct Job {
    state: String,
    id: String,
    tag: String,
    /// The server's words on the last attempt.
    status: String,
}

impl Job {
    fn read(line: &str) -> Option<Self> {
        let mut columns = line.splitn(4, COLUMN).map(|column| column.trim().to_owned());
        let (state, id, tag) = (columns.next()?, columns.next()?, columns.next()?);
        Some(Self { state, id, tag, status: columns.next().unwrap_or_default() })
    }

    fn fate(&self) -> Fate {
        match self.state.as_str() {
            DONE => Fate::Report(report_of(&self.id, &self.tag, "done", "")),
            FAILED => Fate::Report(report_of(&self.id, &self.tag, "failed", &self.status)),
            _ => Fate::UnderWay,
        }
    }
}

/// Our id as a job tag.
fn tag(id: &str) -> String {
    id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).take(80).collect()
}

/// A number that a modem can dial.
pub(super) fn dial_string(number: &str) -> Option<String> {
    let number: String = number.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '/' | '(' | ')')).collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    ((3..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

/// Cover and text, then each attachment, as PDFs; refused when they have more than `most` pages together.
pub(super) fn documents(
    message: &Outgoing,
    head: &Letterhead,
    programs: &Programs,
    most: usize,
) -> Result<Vec<Vec<u8>>, DeliveryError> {
    let mut documents = vec![cover(message, head)];
    for file in &message.attachments {
        documents.push(match to_pdf(&file.bytes, programs) {
            Ok(pdf) => pdf.into_owned(),
            Err(missing @ ConvertError::Missing(_)) => return Err(later(format!("{}: {missing}", file.name))),
            Err(problem) => return Err(never(format!("{} cannot go by fax: {problem}", file.name))),
        });
    }
    // A fax server counts for itself where nobody can here.
    let pages: usize = documents.iter().map(|pdf| page_count(pdf, programs).unwrap_or(1)).sum();
    if pages > most {
        return Err(never(format!("the fax has {pages} pages, and {most} is the most allowed")));
    }
    Ok(documents)
}

/// How many pages a PDF has, if the program that tells is installed.
fn page_count(pdf: &[u8], programs: &Programs) -> Option<usize> {
    let bounds = Bounds { time: Duration::from_secs(30), output: 1 << 20 };
    let file = programs.file(pdf).ok()?;
    let said = programs.run("pdfinfo", &[file.as_os_str()], &[], bounds).ok()?;
    String::from_utf8_lossy(&said).lines().find_map(|line| line.strip_prefix("Pages:"))?.trim().parse().ok()
}

#[async_trait]
impl Deliver<Outgoing> for FaxSender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let number = dial_string(&message.recipient).ok_or_else(|| never("the recipient has no number to dial"))?;
        if tag(&message.id).is_empty() {
            return Err(never("the message has no id of ours"));
        }
        let (config, copy) = (self.config.clone(), message.clone());
        let making = move || documents(&copy, &config.head, &config.programs, config.max_pages);
        let documents = tokio::task::spawn_blocking(making).await;
        let documents = documents.map_err(|e| later(e.to_string()))??;
        let mut connection = self.connect().await?;
        if let Some(job) = self.find(&mut connection, &message.id).await? {
            let response = format!("job {job} was there already");
            return Ok(Sent { provider_id: Some(job), response, printable: None });
        }
        let sent = self.submit(&mut connection, message, &number, &documents).await?;
        let _left_politely = connection.ask("QUIT", &[221]).await;
        Ok(sent)
    }

    async fn check(&self) -> Result<String, String> {
        let place = format!("{}:{}", self.config.host, self.config.port);
        match self.connect().await {
            Ok(_) => Ok(format!("the fax server {place} accepts our account")),
            Err(e) => Err(format!("the fax server {place} does not take us: {}", e.refusal())),
        }
    }

    async fn fates(&self, sent: &[Unreported]) -> Result<Option<Vec<Fate>>, String> {
        let asking = async {
            let mut connection = self.connect().await?;
            let jobs = self.jobs(&mut connection).await?;
            let _left_politely = connection.ask("QUIT", &[221]).await;
            Ok(jobs)
        };
        let jobs = asking.await.map_err(|e: DeliveryError| e.refusal().to_string())?;
        let is_of = |job: &&Job, message: &Unreported| {
            job.tag == tag(&message.own_id) && message.provider_id.as_ref().is_none_or(|id| *id == job.id)
        };
        let fate = |message| jobs.iter().find(|job| is_of(job, message)).map_or(Fate::Unknown, Job::fate);
        Ok(Some(sent.iter().map(fate).collect()))
    }
}
