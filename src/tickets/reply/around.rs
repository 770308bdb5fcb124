//! What stands around the text of an answer, in the words of its channel.
use crate::kernel::database::Tx;
use crate::kernel::language::Language;
use crate::outbox::wording::{self, Carrier, Part};
use crate::tickets::TicketError;

/// What stands around the text of an answer.
pub(super) struct Around {
    pub carrier: Carrier,
    pub language: Language,
    /// The day on which the ticket closes by itself, when the answer resolves it.
    pub until: Option<String>,
    /// Whether files wait where the link leads.
    pub files: bool,
    /// Who is competent instead, when the answer ends the ticket as not ours; empty otherwise.
    pub elsewhere: String,
    pub values: Vec<(&'static str, String)>,
}

impl Around {
    /// The text with all that stands around it.
    pub async fn put(&self, tx: &mut Tx, text: &str) -> Result<String, TicketError> {
        let Self { carrier, language, values, .. } = self;
        let mut parts = vec![text.to_owned()];
        if !self.elsewhere.is_empty() {
            parts.push(self.elsewhere.clone());
        }
        if self.files {
            parts.push(language.text_with("wording-sms-files", values));
        }
        if let Some(until) = &self.until {
            let values: Vec<_> = values.iter().cloned().chain([("date", until.clone())]).collect();
            parts.push(wording::text(tx, Part::Resolved, *carrier, *language, &values).await?);
        }
        parts.push(wording::text(tx, Part::Signature, *carrier, *language, values).await?);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(wording::join(*carrier, &parts))
    }
}
