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

    pub(super) fn fax(&self, envelope: &Envelope<'_>, raw: &[u8]) -> Result<Inbound, Rejected> {
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
            note: None,
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

/// Who called: what the line said to the script, else what the server wrote into the file (its lines are the other
/// machine's own identification, then number and name of the caller). Some lines swap number and name.
fn caller(envelope: &Envelope<'_>, file: &[u8]) -> Option<Address> {
    let first = tiff::pages(file).ok().and_then(|pages| pages.into_iter().next());
    let description = first.map(|page| page.description).unwrap_or_default();
    let mut written = description.lines().map(|line| if line == "<NONE>" { "" } else { line.trim() });
    let (machine, line_number, line_name) = (written.next(), written.next(), written.next());
    let said = [envelope.get("caller"), envelope.get("name")];
    let noted = [line_number.unwrap_or_default(), line_name.unwrap_or_default()];
    for [one, other] in [said, noted, [machine.unwrap_or_default(), ""]] {
        for (address, name) in [(one, other), (other, one)] {
            if let Some(address) = number(address) {
                let name = Some(name).filter(|name| !name.is_empty() && number(name).is_none());
                return Some(Address { name: name.map(str::to_owned), address });
            }
        }
    }
    None
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fax_from(description: &str) -> Vec<u8> {
        let text = [description.as_bytes(), b"\0"].concat();
        let data = 8 + 5 * 12 + 2 + 4;
        let mut file = b"II*\0\x08\0\0\0\x05\0".to_vec();
        let length = text.len() as u32;
        for (tag, kind, count, value) in
            [(256_u16, 4_u16, 1, 8), (257, 4, 1, 1), (270, 2, length, data), (273, 4, 1, 0), (279, 4, 1, 1_u32)]
        {
            file.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            file.extend([count.to_le_bytes(), value.to_le_bytes()].concat());
        }
        file.extend([0; 4]);
        file.extend(text);
        file
    }

    #[test]
    fn the_caller_is_whom_the_line_or_the_file_names() {
        let of = |caller: &str, name: &str, description: &str| {
            let file = fax_from(description);
            let found = super::caller(&Envelope::around(&file).with("caller", caller).with("name", name), &file);
            found.map(|a| (a.address, a.name.unwrap_or_default()))
        };
        let known = |number: &str, name: &str| Some((number.to_owned(), name.to_owned()));
        let written = "Comune\n0801\nMario\n<NONE>\n0680000001";
        assert_eq!(of("080 55-1", "Anna", written), known("080551", "Anna"));
        assert_eq!(of("Anna", "+39080551", ""), known("+39080551", "Anna"));
        assert_eq!(of("", "", written), known("0801", "Mario"));
        assert_eq!(of("", "", "+39 080 551\n<NONE>"), known("+39080551", ""));
        assert_eq!(of("", "", "Comune\n<NONE>\n<NONE>\n<NONE>\n0680000001"), None, "the last is our own number");
    }
}
