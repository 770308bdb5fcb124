//! What the form asks, and what it says about each answer.
use std::collections::BTreeMap;

use super::upload::Upload;
use crate::classification::view;
use crate::kernel::language::Language;
use crate::people::Identifier;
use crate::tickets::RequestKind;
use crate::tickets::tracking::forms::FormError;

/// Longest text, in characters.
pub const TEXT_CHARACTERS: usize = 20_000;
/// Longest name, in characters.
pub const NAME_CHARACTERS: usize = 200;

/// The form as it was filled in.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    pub kind: String,
    /// Slug; empty when the citizen leaves it to us.
    pub category: String,
    /// Code of the sheet it was opened from.
    pub sheet: String,
    pub text: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub privacy: bool,
    /// Whether they want to be told by text message.
    pub sms_notices: bool,
    /// Answers to what the category asks, by name of the field.
    pub fields: BTreeMap<String, Vec<String>>,
}

/// The answers, understood.
#[derive(Debug, Clone)]
pub struct Answers {
    pub kind: RequestKind,
    /// How the citizen can be reached, the best first.
    pub identifiers: Vec<Identifier>,
}

impl Filled {
    /// From the fields of an upload.
    pub fn of(upload: &Upload) -> Self {
        let line = |name: &str| upload.field(name).trim().to_owned();
        Self {
            kind: line("kind"),
            category: line("category"),
            sheet: line("sheet"),
            text: upload.field("text").trim().to_owned(),
            name: line("name"),
            email: line("email"),
            phone: line("phone"),
            privacy: upload.field("privacy") == "true",
            sms_notices: upload.field("sms_notices") == "true",
            fields: view::given(upload.fields()),
        }
    }

    /// Understands the answers; the category is looked up by the caller.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the page.
    pub fn understand(&self, language: Language) -> Result<Answers, Vec<FormError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &'static str, key: &str| {
            errors.push(FormError { field: field.into(), message: language.text(key) })
        };
        let kind = RequestKind::from_text(&self.kind);
        if kind.is_none() {
            wrong("kind", "request-error-kind");
        }
        if self.text.is_empty() {
            wrong("text", "request-error-text");
        } else if self.text.chars().count() > TEXT_CHARACTERS {
            wrong("text", "request-error-text-long");
        }
        if self.name.chars().count() > NAME_CHARACTERS {
            wrong("name", "request-error-name-long");
        }
        let mut identifiers = Vec::new();
        if self.email.is_empty() && self.phone.is_empty() {
            wrong("email", "request-error-contact");
        }
        if !self.email.is_empty() {
            match Identifier::email(&self.email) {
                Ok(email) => identifiers.push(email),
                Err(_) => wrong("email", "request-error-email"),
            }
        }
        if !self.phone.is_empty() {
            match Identifier::phone(&self.phone) {
                Ok(phone) => identifiers.push(phone),
                Err(_) => wrong("phone", "request-error-phone"),
            }
        }
        if self.sms_notices && self.phone.is_empty() {
            wrong("phone", "request-error-sms-phone");
        }
        if !self.privacy {
            wrong("privacy", "request-error-privacy");
        }
        match kind {
            Some(kind) if errors.is_empty() => Ok(Answers { kind, identifiers }),
            _ => Err(errors),
        }
    }
}
