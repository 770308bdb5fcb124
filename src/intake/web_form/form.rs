//! The form itself, whoever fills it in: what it shows, what it brought, and what is wrong with that.
use askama::Template;
use bytes::Bytes;
use serde_json::json;

use super::answers;
use super::check::{Answers, Filled};
use super::class::Class;
use super::files::Fault;
use super::kept;
use super::stamp::Stamp;
use super::store::{self, Area, SheetRef, TopicSheet};
use super::submit::{self, Submission, Writer};
use super::upload::Upload;
use crate::classification::store::Answered;
use crate::classification::view::Input;
use crate::kernel::Kernel;
use crate::kernel::config::Citizen;
use crate::kernel::page::Page;
use crate::kernel::problem::Problem;
use crate::knowledge::KnowledgeIndex;
use crate::knowledge::search::Suggestion;
use crate::tickets::tracking::forms::{FormError, KeptFile, messages, size_text};
use crate::tickets::{RequestKind, store as ticket_store};

/// The field that people do not see.
pub const TRAP: &str = "website";

/// A kind of request as a card.
struct KindChoice {
    value: &'static str,
    label: String,
    hint: String,
}

/// The fields, from the kind of request to the sender's consent.
#[derive(Template)]
#[template(path = "citizen/request_fields.html")]
pub struct Fields {
    page: Page,
    filled: Filled,
    stamp: String,
    kinds: Vec<KindChoice>,
    areas: Vec<Area>,
    sheet: Option<SheetRef>,
    /// What the sheets of the chosen class ask for.
    topics: Vec<TopicSheet>,
    /// What the chosen class asks for.
    asked: Vec<Input>,
    /// Sheets that may answer what was written so far.
    answers: Vec<Suggestion>,
    /// Where to turn with what is not of our competence; empty for other classes.
    not_ours: String,
    kept: Vec<KeptFile>,
    /// For the summary above the form.
    pub errors: Vec<FormError>,
    files_hint: String,
    accept: String,
    max_bytes: usize,
    max_files: usize,
    trap: &'static str,
    /// Whether somebody fills it in for another, who stands by.
    assisted: bool,
}

/// Who fills the form in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The citizen.
    Own,
    /// An agent, together with the citizen.
    Assisted,
}

impl Fields {
    fn error(&self, field: &str) -> String {
        messages(&self.errors, field)
    }

    /// The browser offers to fill in its owner's data: the agent's, when another is helped.
    fn autocomplete(&self, name: &'static str) -> &'static str {
        if self.assisted { "off" } else { name }
    }

    /// The fields as they were filled in.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(
        (kernel, index): (&Kernel, &KnowledgeIndex),
        page: &Page,
        filled: Filled,
        stamp: &Stamp,
        hand: Hand,
    ) -> Result<Self, Problem> {
        let mut conn = kernel.db.read().await?;
        let areas = store::areas(&mut conn, page, hand).await?;
        let sheet =
            if filled.sheet.is_empty() { None } else { store::sheet(&mut conn, &filled.sheet, page.language).await? };
        drop(conn);
        let answers = answers::answers(kernel, index, page, &filled.text).await?;
        let limits = &kernel.config.citizen;
        let mut fields = Self {
            stamp: stamp.seal(&kernel.secrets),
            kinds: kinds(page),
            areas,
            sheet,
            topics: Vec::new(),
            asked: Vec::new(),
            answers,
            not_ours: String::new(),
            filled,
            kept: Vec::new(),
            errors: Vec::new(),
            files_hint: files_hint(page, limits),
            accept: limits.attachment_types.join(","),
            max_bytes: limits.attachment_bytes,
            max_files: limits.attachments,
            trap: TRAP,
            assisted: hand == Hand::Assisted,
            page: page.clone(),
        };
        fields.read_topics(kernel).await?;
        Ok(fields)
    }

    /// Reads what the sheets of the chosen class ask for; only the one that the form was opened from, if it was.
    async fn read_topics(&mut self, kernel: &Kernel) -> Result<(), Problem> {
        let mut conn = kernel.db.read().await?;
        self.topics = store::topic_sheets(&mut conn, &self.filled.category, self.page.language).await?;
        let class = Class::read(&mut conn, &self.filled.category).await?;
        self.asked = class.inputs(&self.filled.fields, &[], self.page.language);
        self.not_ours = class.not_ours(self.page.language);
        if let Some(about) = &self.sheet {
            self.topics.retain(|topic| topic.code == about.code);
        }
        Ok(())
    }

    /// Shown again, with what is wrong and the files that came.
    #[must_use]
    pub fn again(mut self, errors: Vec<FormError>, kept: Vec<KeptFile>) -> Self {
        for input in &mut self.asked {
            input.error = messages(&errors, &input.id);
        }
        Self { errors, kept, ..self }
    }

    /// Chooses the category of the sheet that the form was opened from.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn classify_by_sheet(&mut self, kernel: &Kernel) -> Result<(), Problem> {
        if let Some(sheet) = &self.sheet
            && self.filled.category.is_empty()
        {
            self.filled.category.clone_from(&sheet.category);
            self.read_topics(kernel).await?;
        }
        Ok(())
    }
}

fn kinds(page: &Page) -> Vec<KindChoice> {
    let choice = |kind: &RequestKind| KindChoice {
        value: kind.as_str(),
        label: page.t(&format!("request-kind-{}", kind.as_str())),
        hint: page.t(&format!("request-kind-{}-hint", kind.as_str())),
    };
    RequestKind::ALL.iter().map(choice).collect()
}

/// How many files, and how large.
fn files_hint(page: &Page, limits: &Citizen) -> String {
    let size = size_text(i64::try_from(limits.attachment_bytes).unwrap_or(i64::MAX), page.language);
    page.t2("request-files-hint", "count", limits.attachments, "size", size)
}

/// A form that was sent, read and looked at.
pub struct Received {
    pub filled: Filled,
    pub stamp: Option<Stamp>,
    pub files: Vec<ticket_store::StoredFile>,
    pub errors: Vec<FormError>,
    /// Whether one of the errors is the size of a file.
    pub too_large: bool,
    category_id: Option<i64>,
    /// What the class asked for, and the answers.
    answered: Option<Answered>,
    /// The sheet from which it was written.
    sheet: Option<SheetRef>,
}

impl Received {
    /// Reads what was sent, and what is wrong with it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(kernel: &Kernel, page: &Page, upload: &Upload, hand: Hand) -> Result<Self, Problem> {
        let filled = Filled::of(upload);
        let stamp = Stamp::read(&kernel.secrets, upload.field("stamp"));
        let form_id = stamp.as_ref().map(|s| s.id.as_str()).unwrap_or_default();
        let mut files: Vec<_> =
            upload.all("kept").filter_map(|value| kept::open(&kernel.secrets, form_id, value)).collect();
        files.extend(upload.files.iter().cloned());
        let mut errors = match filled.understand(page.language) {
            Ok(_) => Vec::new(),
            Err(errors) => errors,
        };
        let config = &kernel.config.citizen;
        let mut too_large = false;
        for (name, fault) in &upload.faults {
            too_large |= *fault == Fault::TooLarge;
            errors.push(FormError { field: "files".into(), message: fault.message(name, config, page.language) });
        }
        if files.len() > config.attachments {
            files.truncate(config.attachments);
            let message = page.t1("request-files-too-many", "count", config.attachments);
            errors.push(FormError { field: "files".into(), message });
        }
        let mut conn = kernel.db.read().await?;
        let category_id = match filled.category.as_str() {
            "" => None,
            slug => ticket_store::category_by_slug(&mut conn, slug).await?,
        };
        if category_id.is_none() && !filled.category.is_empty() {
            errors.push(FormError { field: "category".into(), message: page.t("request-error-category") });
        }
        let class = Class::read(&mut conn, &filled.category).await?;
        let kind = RequestKind::from_text(&filled.kind);
        if let (Some(from), Some(kind)) = (class.closed_until(kind, page, hand), kind) {
            let message = page.t2(
                "request-error-phase",
                "kind",
                page.t(&format!("request-kind-{}", kind.as_str())),
                "date",
                from,
            );
            errors.push(FormError { field: "category".into(), message });
        }
        let answered = match class.answers(&filled.fields, &files) {
            Ok(answers) => category_id.filter(|_| !answers.is_empty()).map(|category| Answered {
                category,
                fields: class.effective.fields.clone(),
                answers,
            }),
            Err(faults) => {
                errors.extend(class.errors(&faults, page.language));
                None
            }
        };
        let sheet = match filled.sheet.as_str() {
            "" => None,
            code => store::sheet(&mut conn, code, page.language).await?,
        };
        Ok(Self { filled, stamp, files, errors, too_large, category_id, answered, sheet })
    }

    /// The answers, when nothing is wrong.
    pub fn answers(&self, page: &Page) -> Option<Answers> {
        self.filled.understand(page.language).ok().filter(|_| self.errors.is_empty())
    }

    /// The files as a form shown again carries them.
    pub fn kept(&self, kernel: &Kernel, page: &Page, again: &Stamp) -> Vec<KeptFile> {
        self.files.iter().map(|f| kept::seal(&kernel.secrets, &again.id, f, page.language)).collect()
    }

    /// What intake takes in.
    pub fn submission(self, account: &'static str, answers: Answers, page: &Page, writer: Writer) -> Submission {
        let Self { filled, stamp, files, category_id, answered, sheet, .. } = self;
        let said = answered.as_ref().map(|a| serde_json::to_string(&a.answers).unwrap_or_default()).unwrap_or_default();
        let form_id = stamp.map(|s| s.id).unwrap_or_default();
        let parts = [&filled.kind, &filled.category, &filled.text, &filled.name, &filled.email, &filled.phone]
            .map(String::as_str);
        // A form without such fields keeps the name it always had.
        let said = Some(said.as_str()).filter(|said| !said.is_empty());
        let parts: Vec<&str> = parts.into_iter().chain(said).collect();
        let listed: Vec<_> = files.iter().map(|f| json!({ "name": f.name, "blob": f.blob })).collect();
        let raw = json!({
            "kind": filled.kind,
            "category": filled.category,
            "sheet": filled.sheet,
            "sheet_version": sheet.as_ref().map(|sheet| sheet.version),
            "text": filled.text,
            "name": filled.name,
            "email": filled.email,
            "phone": filled.phone,
            "privacy_accepted": true,
            "sms_notices": filled.sms_notices,
            "language": page.lang,
            "attachments": listed,
            "fields": answered.as_ref().map(|a| &a.answers),
        });
        Submission {
            account,
            external_id: submit::external_id(&form_id, &parts, &files),
            raw: Bytes::from(raw.to_string()),
            kind: answers.kind,
            category_id,
            answered,
            sheet: sheet.as_ref().map(SheetRef::used),
            subject: sheet.map(|sheet| sheet.title).unwrap_or_default(),
            from_address: answers.identifiers.first().map(|i| i.raw.clone()).unwrap_or_default(),
            identifiers: answers.identifiers,
            text: filled.text,
            name: filled.name,
            files,
            language: page.language,
            proven: None,
            automatic: None,
            writer,
            sms_notices: filled.sms_notices,
        }
    }
}
