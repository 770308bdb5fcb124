//! Telefax through a HylaFAX server: received faxes by hook or from its folder ([`FaxNormaliser`], [`FaxHook`]),
//! sending by its client protocol ([`FaxSender`]), reports by its notify hook. Or through a gateway that speaks mail
//! ([`MailGateway`]).

mod gateway;
mod hook;
mod incoming;
mod protocol;
mod sender;

use std::sync::Arc;
use std::time::Duration;

pub use gateway::{GatewayNormaliser, MailGateway};
pub use hook::FaxHook;
pub use incoming::FaxNormaliser;
pub use sender::{FaxConfig, FaxSender};

use crate::paper::{After, FolderConfig, FolderReceiver, Letterhead, PaperReader, Programs};
use crate::{
    Account, ChannelKind, Context, Deliver, Driver, Field, FieldKind, Hook, Outgoing, OutgoingLimits, Receive,
};
use crate::{Settings, WrongSetting};

/// Largest fax, in bytes: hundreds of dense pages.
const MAX_BYTES: usize = 64 << 20;
/// A file of the fax server is quiet for this long once it is whole.
const SETTLE: Duration = Duration::from_secs(5);

const FIELDS: &[Field] = &[
    Field::optional("server", FieldKind::Text, ""),
    Field::optional("user", FieldKind::Text, "sportello"),
    Field::optional("password", FieldKind::Secret, ""),
    Field::optional("resolution", FieldKind::Choice(&["fine", "standard"]), "fine"),
    Field::optional("tries", FieldKind::Number { least: 1, most: 20 }, "3"),
    Field::optional("sender_address", FieldKind::Text, ""),
    Field::optional("hook_secret", FieldKind::Secret, ""),
    Field::optional("spool", FieldKind::Path, ""),
    Field::optional("languages", FieldKind::Text, "ita+eng"),
    Field::optional("max_pages", FieldKind::Number { least: 1, most: 5000 }, "500"),
];

/// A HylaFAX or HylaFAX+ server.
#[derive(Debug, Clone, Copy)]
pub struct HylaFax;

impl Driver for HylaFax {
    fn name(&self) -> &'static str {
        "fax_hylafax"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn limits(&self, settings: &Settings) -> OutgoingLimits {
        limits(settings)
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let reader = reader(settings, context)?;
        let spool = settings.given("spool").map(std::path::PathBuf::from);
        let secret = settings.secret("hook_secret");
        let server = settings.given("server");
        if spool.is_none() && secret.is_empty() && server.is_none() {
            return Err(WrongSetting::new("server", "without server, hook secret and folder nothing can be done"));
        }
        let receiver = spool.map(|folder| {
            let config = FolderConfig {
                kind: ChannelKind::Fax,
                folder,
                after: After::Leave,
                settle: SETTLE,
                max_bytes: MAX_BYTES as u64,
                memory: context.scratch.join("received"),
                reader: reader.clone(),
            };
            Arc::new(FolderReceiver::new(config)) as Arc<dyn Receive>
        });
        let sender = server.map(|server| {
            let (host, port) = host_and_port(server)?;
            let config = FaxConfig {
                host,
                port,
                user: settings.given("user").unwrap_or("sportello").to_owned(),
                password: settings.secret("password"),
                fine: settings.text("resolution") != "standard",
                tries: number(settings, "tries", 3)?,
                head: Letterhead { address: lines(settings.text("sender_address")), ..Letterhead::default() },
                programs: reader.programs.clone(),
                max_pages: reader.max_pages,
                ..FaxConfig::default()
            };
            Ok(Arc::new(FaxSender::new(config)) as Arc<dyn Deliver<Outgoing>>)
        });
        let hook = (!secret.is_empty()).then(|| Arc::new(FaxHook::new(secret, MAX_BYTES)) as Arc<dyn Hook>);
        Ok(Account {
            normaliser: Arc::new(FaxNormaliser::new(reader, MAX_BYTES)),
            receiver,
            sender: sender.transpose()?,
            hook,
        })
    }
}

fn host_and_port(server: &str) -> Result<(String, u16), WrongSetting> {
    let (host, port) = server.rsplit_once(':').unwrap_or((server, "4559"));
    let port =
        port.parse().map_err(|_| WrongSetting::new("server", "a name, or a name and a port: fax.example:4559"))?;
    Ok((host.trim_matches(['[', ']']).to_owned(), port))
}

/// A number, or what holds when none was given.
pub(crate) fn number<N: std::str::FromStr>(
    settings: &Settings,
    name: &'static str,
    otherwise: N,
) -> Result<N, WrongSetting> {
    if settings.given(name).is_none() { Ok(otherwise) } else { settings.number(name) }
}

/// Most pages of a fax, whether it comes or goes.
fn most_pages(settings: &Settings) -> Result<usize, WrongSetting> {
    number(settings, "max_pages", 500)
}

/// How long a fax may be.
pub(crate) fn limits(settings: &Settings) -> OutgoingLimits {
    OutgoingLimits { pages: most_pages(settings).ok(), ..OutgoingLimits::default() }
}

/// Lines written on one line, divided by semicolons.
pub(crate) fn lines(text: &str) -> Vec<String> {
    text.split(';').map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// The programs of this installation.
pub(crate) fn programs(context: &Context) -> Programs {
    match &context.programs {
        Some(path) => Programs::new(path, &context.scratch),
        None => Programs::with_scratch(&context.scratch),
    }
}

/// How this account reads pages.
pub(crate) fn reader(settings: &Settings, context: &Context) -> Result<PaperReader, WrongSetting> {
    let languages = settings.given("languages").unwrap_or("ita+eng");
    if !languages.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '_')) {
        return Err(WrongSetting::new("languages", "names of languages joined by +, such as ita+eng"));
    }
    Ok(PaperReader { programs: programs(context), languages: languages.to_owned(), max_pages: most_pages(settings)? })
}
