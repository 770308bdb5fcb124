//! Reading received faxes and reports.

use crate::email::safe_name;
use crate::fax::hook::REPORT;
use crate::paper::{ConvertError, Envelope, Pages, PagesRead, PaperReader, fill, media_type, reference, tiff, to_pdf};
use crate::{
    Action, Address, Attachment, AutomaticReason, ChannelKind, DeliveryReport, Inbound, Normalise, Notice, Placement,
    RecipientReport, Rejected, ReportKind,
};

/// Reads faxes and reports on faxes.
#[derive(Debug)]
pub struct FaxNormaliser {
    reader: PaperReader,
    max_bytes: usize,
}

impl FaxNormaliser {
    /// Reads faxes up to a size.
    #[must_use]
    pub const fn new(reader: PaperReader, max_bytes: usize) -> Self {
        Self { reader, max_bytes }
    }

    fn fax(&self, envelope: &Envelope<'_>, raw: &[u8]) -> Result<Inbound, Rejected> {
        let file = envelope.file;
        let media = media_type(file).ok_or_else(|| Rejected::Malformed("neither TIFF nor PDF".into()))?;
        let mut message = Inbound::new(ChannelKind::Fax, reference(envelope.get("file"), file), raw);
        message.content_digest = Inbound::new(ChannelKind::Fax, "", file).digest;
        message.from = caller(envelope, file);
        message.sent_at = envelope.get("received").parse().ok();
        if !envelope.get("error").is_empty() {
            message.notices.push(Notice::PartlyReceived);
        }
        let stem = envelope.get("file").rsplit_once('.').map_or("fax", |(stem, _)| stem);
        let (bytes, media, ending) = match to_pdf(file, &self.reader.programs) {
            Ok(pdf) => (pdf, "application/pdf", "pdf"),
            Err(ConvertError::Unknown) => return Err(Rejected::Malformed("neither TIFF nor PDF".into())),
            Err(problem) => {
                tracing::warn!(%problem, "a fax is kept as it came");
                (file.into(), media, media.rsplit('/').next().unwrap_or("bin"))
            }
        };
        let read = if media == "application/pdf" { self.read(&bytes) } else { PagesRead::default() };
        let expected = tiff::pages(file).map_or(1, |pages| pages.len());
        fill(&mut message, &Pages { count: read.count.max(expected), read: &read.pages });
        let name = Some(safe_name(stem)).filter(|name| !name.is_empty()).unwrap_or_else(|| "fax".into());
        message.attachments.push(Attachment {
            name: format!("{name}.{ending}"),
            media_type: media.to_owned(),
            bytes: bytes.into_owned().into(),
            content_id: None,
            placement: Placement::Attached,
        });
        Ok(message)
    }

    /// A fax is kept even when no program can read it.
    fn read(&self, pdf: &[u8]) -> PagesRead {
        let read = self.reader.programs.file(pdf).and_then(|file| self.reader.read(&file));
        read.unwrap_or_else(|problem| {
            tracing::warn!(%problem, "the pages of a fax cannot be read");
            PagesRead::default()
        })
    }
}

impl Normalise for FaxNormaliser {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Fax
    }

    fn normalise(&self, raw: &[u8]) -> Result<Inbound, Rejected> {
        let envelope = Envelope::open(raw);
        if envelope.get("kind") == REPORT {
            return report(&envelope, raw);
        }
        if envelope.file.is_empty() {
            return Err(Rejected::Empty);
        }
        if envelope.file.len() > self.max_bytes {
            return Err(Rejected::TooLarge { size: envelope.file.len(), limit: self.max_bytes });
        }
        self.fax(&envelope, raw)
    }
}

/// The sender's number: what the line said, else what the machine says of itself. Some lines swap number and name.
fn caller(envelope: &Envelope<'_>, file: &[u8]) -> Option<Address> {
    let described = tiff::pages(file).ok().and_then(|pages| pages.into_iter().next()).map(|page| page.description);
    let described = described.unwrap_or_default();
    let said = [envelope.get("caller"), envelope.get("name"), described.lines().next().unwrap_or_default()];
    let (at, number) = said.iter().enumerate().find_map(|(at, text)| Some((at, number(text)?)))?;
    let other = if at == 1 { said[0] } else { said[1] };
    let name = Some(other.trim()).filter(|name| !name.is_empty() && self::number(name).is_none());
    Some(Address { name: name.map(str::to_owned), address: number })
}

/// Digits with a leading plus, from what may be a telephone number.
fn number(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')' | '/'));
    let number: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let digits = number.trim_start_matches('+').len();
    (plain && (3..=20).contains(&digits)).then_some(number)
}

fn report(envelope: &Envelope<'_>, raw: &[u8]) -> Result<Inbound, Rejected> {
    let (job, why) = (envelope.get("job"), envelope.get("why"));
    if job.is_empty() || why.is_empty() {
        return Err(Rejected::Malformed("a report without job or reason".into()));
    }
    let name = reference(&format!("job-{job}"), raw);
    let mut message = Inbound::new(ChannelKind::Fax, name, raw);
    let filled = |name: &str| Some(envelope.get(name)).filter(|v| !v.is_empty()).map(str::to_owned);
    let mut report = DeliveryReport::new(ReportKind::Delivery);
    report.provider_ids = vec![job.to_owned()];
    report.own_id = filled("tag");
    report.name = why.to_owned();
    report.at = envelope.get("received").parse().ok();
    report.recipients.push(RecipientReport {
        recipient: envelope.get("number").to_owned(),
        original_recipient: None,
        action: match why {
            "done" => Action::Delivered,
            // Tried again later, or waiting for another job to the same number.
            "requeued" | "blocked" => Action::Delayed,
            _ => Action::Failed,
        },
        status: None,
        diagnostic: filled("status"),
        remote_mta: None,
    });
    message.automatic = Some(AutomaticReason::Report);
    message.report = Some(report);
    Ok(message)
}
