//! Paper mail: batches of scans read in ([`ScanNormaliser`]), answers put into a print queue ([`PrintQueue`]).

mod print;
mod scan;

use std::sync::Arc;
use std::time::Duration;

pub use print::PrintQueue;
pub use scan::ScanNormaliser;

use crate::fax::{lines, number, programs, reader};
use crate::paper::{After, FolderConfig, FolderReceiver, Letterhead, Window};
use crate::{Account, ChannelKind, Context, Driver, Field, FieldKind, Inbound, Normalise, Receive};
use crate::{Rejected, Settings, WrongSetting};

/// Largest batch, in bytes.
const MAX_BYTES: usize = 256 << 20;

const SCANNER_FIELDS: &[Field] = &[
    Field::optional("folder", FieldKind::Path, ""),
    Field::optional("settle_seconds", FieldKind::Number { least: 1, most: 600 }, "10"),
    Field::optional("languages", FieldKind::Text, "ita+eng"),
    Field::optional("max_pages", FieldKind::Number { least: 1, most: 5000 }, "500"),
];

/// A scanner that leaves files in a folder, or a page on which scans are uploaded.
#[derive(Debug, Clone, Copy)]
pub struct Scanner;

impl Driver for Scanner {
    fn name(&self) -> &'static str {
        "letters_scan"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Letter
    }

    fn sends(&self) -> bool {
        false
    }

    fn fields(&self) -> &'static [Field] {
        SCANNER_FIELDS
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let reader = reader(settings, context)?;
        let settle = Duration::from_secs(number(settings, "settle_seconds", 10)?);
        let receiver = settings.given("folder").map(|folder| {
            Arc::new(FolderReceiver::new(FolderConfig {
                kind: ChannelKind::Letter,
                folder: folder.into(),
                after: After::Move,
                settle,
                max_bytes: MAX_BYTES as u64,
                memory: context.scratch.join("received"),
                reader: reader.clone(),
            })) as Arc<dyn Receive>
        });
        Ok(Account { normaliser: Arc::new(ScanNormaliser::new(reader, MAX_BYTES)), receiver, sender: None, hook: None })
    }
}

const PRINTER_FIELDS: &[Field] = &[
    Field::optional("folder", FieldKind::Path, ""),
    Field::optional("sender_address", FieldKind::Text, ""),
    Field::optional("place", FieldKind::Text, ""),
    Field::optional("window", FieldKind::Choice(&["right", "left"]), "right"),
];

/// A folder from which letters are printed and posted.
#[derive(Debug, Clone, Copy)]
pub struct Printer;

impl Driver for Printer {
    fn name(&self) -> &'static str {
        "letters_print"
    }

    fn kind(&self) -> ChannelKind {
        ChannelKind::Letter
    }

    fn fields(&self) -> &'static [Field] {
        PRINTER_FIELDS
    }

    fn open(&self, settings: &Settings, context: &Context) -> Result<Account, WrongSetting> {
        let folder = settings.given("folder").map(Into::into);
        let head = Letterhead {
            address: lines(settings.text("sender_address")),
            place: settings.text("place").to_owned(),
            window: if settings.text("window") == "left" { Window::Left } else { Window::Right },
        };
        let programs = programs(context);
        Ok(Account {
            normaliser: Arc::new(Nothing),
            receiver: None,
            sender: Some(Arc::new(PrintQueue::new(folder, head, programs))),
            hook: None,
        })
    }
}

/// A printer receives nothing.
struct Nothing;

impl Normalise for Nothing {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Letter
    }

    fn normalise(&self, _: &[u8]) -> Result<Inbound, Rejected> {
        Err(Rejected::Malformed("a printer receives nothing".into()))
    }
}
