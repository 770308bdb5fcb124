//! What the chosen class of a form asks for, and from when it takes requests.
use std::collections::BTreeMap;

use super::form::Hand;
use crate::classification::fields::{self, AnswerFault, Answers, FieldKind, FieldReader};
use crate::classification::model::{Details, Effective};
use crate::classification::store;
use crate::classification::view::{self, Input, PREFIX};
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::tickets::store::StoredFile;
use crate::tickets::tracking::forms::FormError;
use crate::tickets::{Channel, RequestKind};

/// The chosen class; nothing is asked without one.
#[derive(Debug, Default)]
pub struct Class {
    pub effective: Effective,
    details: Details,
    not_competent: bool,
    /// Whether citizens may choose it.
    citizen: bool,
}

impl Class {
    /// The class of a slug; an unknown one asks for nothing.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn read(conn: &mut Conn, slug: &str) -> Result<Self, StoreError> {
        let Some(id) = store::category(conn, slug).await? else { return Ok(Self::default()) };
        let (slug, chain) = store::chain(conn, id).await?;
        let Some(node) = chain.get(&slug) else { return Ok(Self::default()) };
        Ok(Self {
            effective: chain.effective(&slug),
            details: node.details.clone(),
            not_competent: node.not_competent,
            citizen: node.citizen,
        })
    }

    /// The same with a connection of its own.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn of(kernel: &Kernel, slug: &str) -> Result<Self, StoreError> {
        Self::read(&mut kernel.db.read().await?, slug).await
    }

    /// The controls of its fields.
    pub fn inputs(
        &self,
        given: &BTreeMap<String, Vec<String>>,
        faults: &[(String, AnswerFault)],
        language: Language,
    ) -> Vec<Input> {
        view::inputs(&self.effective.fields, given, faults, FieldReader::Citizen, language)
    }

    /// Where to turn with what is not of our competence; empty for other classes.
    pub fn not_ours(&self, language: Language) -> String {
        if self.not_competent { self.details.notice_in(language).to_owned() } else { String::new() }
    }

    /// The day from which requests of a kind may come, as read, if that day is still to come; citizens only are held
    /// to it, and to what they may choose.
    pub fn closed_until(&self, kind: Option<RequestKind>, page: &Page, hand: Hand) -> Option<String> {
        let from = self.effective.enabled_from(kind?, Channel::Web)?;
        let today = page.now.zoned(&page.zone).date();
        (hand == Hand::Own && today < from).then(|| from.strftime("%d/%m/%Y").to_string())
    }

    /// Whether citizens may not choose it.
    pub const fn is_closed_to_citizens(&self) -> bool {
        !self.citizen
    }

    /// The answers, in normal form. Files came among those of the request.
    ///
    /// # Errors
    /// By name of the field.
    pub fn answers(
        &self,
        given: &BTreeMap<String, Vec<String>>,
        files: &[StoredFile],
    ) -> Result<Answers, Vec<(String, AnswerFault)>> {
        let mut given = given.clone();
        // What another class asked for stays in the form when the class is chosen again.
        given.retain(|name, _| self.effective.fields.iter().any(|field| field.name == *name));
        for field in self.effective.fields.iter().filter(|f| f.kind == FieldKind::File) {
            given.insert(field.name.clone(), files.iter().map(|file| file.name.clone()).collect());
        }
        fields::check(&self.effective.fields, &given, FieldReader::Citizen)
    }

    /// What is wrong, for the summary above the form.
    pub fn errors(&self, faults: &[(String, AnswerFault)], language: Language) -> Vec<FormError> {
        let label = |name: &str| {
            let field = self.effective.fields.iter().find(|field| field.name == name);
            field.map(|field| field.label_in(language).to_owned()).unwrap_or_default()
        };
        let error = |(name, fault): &(String, AnswerFault)| FormError {
            field: format!("{PREFIX}{name}").into(),
            message: fault.message(&label(name), language),
        };
        faults.iter().map(error).collect()
    }
}
