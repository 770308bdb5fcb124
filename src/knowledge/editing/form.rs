//! The form of a sheet as a page.
use askama::Template;

use super::fields::{Fields, MEASURES, OFFICE, TEXTS};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::Page;
use crate::kernel::permissions::Principal;
use crate::kernel::problem::Problem;
use crate::knowledge::details::OFFICES;
use crate::knowledge::index::KnowledgeIndex;
use crate::knowledge::model::{Audience, Maturity, SheetCode};
use crate::knowledge::versions::rules;
use crate::knowledge::views::{SectionView, section_views};
use crate::knowledge::{links, markdown, store};

/// A value to choose.
pub(super) struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A text control.
pub(super) struct Control {
    name: String,
    label: String,
    hint: String,
    value: String,
    error: String,
    rows: usize,
    kind: &'static str,
    required: bool,
}

/// The controls of one language.
pub(super) struct Part {
    lang: &'static str,
    heading: String,
    fields: Vec<Control>,
    /// Whether the original changed since this translation was made.
    outdated: bool,
    confirmed: bool,
}

/// The controls of one office.
pub(super) struct OfficePart {
    heading: String,
    fields: Vec<Control>,
}

/// A form that is attached.
pub(super) struct Attached {
    id: String,
    word: String,
    name: String,
}

/// An entry of the error summary.
pub(in crate::knowledge) struct Fault {
    pub field: String,
    pub message: String,
}

/// What citizens would read.
pub(super) struct Preview {
    lang: &'static str,
    title: String,
    summary: String,
    body: String,
    requirements: Vec<String>,
    fee: String,
    internal: String,
    spoken: String,
    sections: Vec<SectionView>,
}

#[derive(Template)]
#[template(path = "knowledge/edit.html")]
pub(super) struct EditPage {
    page: Page,
    heading: String,
    action: String,
    /// Where the sheet, or the list, is shown.
    shown: String,
    is_new: bool,
    stale: bool,
    code: String,
    number: String,
    version: String,
    revision: String,
    reason: String,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    routes: Vec<Choice>,
    referents: Vec<Choice>,
    audiences: Vec<Choice>,
    maturities: Vec<Choice>,
    measures: Vec<Control>,
    offices: Vec<OfficePart>,
    attached: Vec<Attached>,
    parts: Vec<Part>,
    why: String,
    errors: Vec<Fault>,
    previews: Vec<Preview>,
    /// Whether the caller may publish it at once.
    may_publish: bool,
}

impl EditPage {
    fn fault(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

/// What the form is shown with beside its fields.
#[derive(Default)]
pub(super) struct Shown<'a> {
    pub existing: Option<&'a SheetCode>,
    pub faults: Vec<(String, String)>,
    pub stale: bool,
    pub preview: bool,
    /// Languages whose text is older than the original.
    pub outdated: Vec<Language>,
    /// Why the draft was sent back.
    pub reason: String,
}

pub(super) async fn form(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    who: &Principal,
    mut page: Page,
    fields: &Fields,
    shown: Shown<'_>,
) -> Result<EditPage, Problem> {
    let tree = index.categories(kernel).await?;
    let mut conn = kernel.db.read().await?;
    let units = store::units(&mut conn, kernel.now()).await?;
    let people = store::people(&mut conn).await?;
    let unit = match fields.get("unit") {
        "" => None,
        slug => store::unit_id(&mut conn, slug).await?,
    };
    let present = match shown.existing {
        Some(code) => store::sheet(&mut conn, code.as_str()).await?,
        None => None,
    };
    drop(conn);
    page = page.titled(if shown.existing.is_some() { "knowledge-edit" } else { "knowledge-new" });
    let choice = |field: &str, value: &str, label: String| Choice {
        value: value.to_owned(),
        label,
        chosen: fields.get(field) == value,
    };
    let mut categories = Vec::new();
    for area in &tree.areas {
        let name = area.category.name_in(page.language).to_owned();
        categories.push(choice("category", &area.category.slug, name.clone()));
        for topic in &area.topics {
            let label = format!("{name} – {}", topic.name_in(page.language));
            categories.push(choice("category", &topic.slug, label));
        }
    }
    let named = |field: &str, value: &str| choice(field, value, page.t(&format!("knowledge-{field}-{value}")));
    let of_units = |field: &str| units.iter().map(|u| choice(field, &u.slug, u.name.clone())).collect::<Vec<_>>();
    let errors: Vec<Fault> = shown.faults.iter().map(|(field, wrong)| fault(&page, field, wrong)).collect();
    let parts = Language::ALL.into_iter().map(|language| part(&page, fields, language, &errors, &shown)).collect();
    let offices = (0..(fields.offices() + 1).min(OFFICES)).map(|place| office(&page, fields, place, &errors)).collect();
    let heading = match shown.existing {
        Some(code) => format!("{} {}", page.t("knowledge-edit"), code.as_str()),
        None => page.t("knowledge-new"),
    };
    let here = shown.existing.map_or_else(|| links::DESK.to_owned(), |code| links::desk_sheet(code.as_str()));
    let responsible = present.as_ref().map_or(unit, |sheet| sheet.unit);
    let attached = fields.kept(kernel).into_iter().enumerate();
    Ok(EditPage {
        heading,
        action: here.clone(),
        shown: here,
        is_new: shown.existing.is_none(),
        stale: shown.stale,
        code: fields.get("code").to_owned(),
        number: fields.get("number").to_owned(),
        version: fields.get("version").to_owned(),
        revision: fields.get("revision").to_owned(),
        reason: shown.reason.clone(),
        categories,
        units: of_units("unit"),
        routes: of_units("route"),
        referents: people.iter().map(|p| choice("referent", &p.login, p.name.clone())).collect(),
        audiences: Audience::ALL.iter().map(|a| named("audience", a.as_str())).collect(),
        maturities: Maturity::ALL.iter().map(|m| named("maturity", m.as_str())).collect(),
        measures: MEASURES.iter().map(|name| measure(&page, fields, name, &errors)).collect(),
        offices,
        attached: attached.map(|(n, (word, name))| Attached { id: format!("kept-{n}"), word, name }).collect(),
        parts,
        why: fields.get("why").to_owned(),
        previews: if shown.preview { previews(fields) } else { Vec::new() },
        // A new sheet goes to the unit that is chosen: whoever belongs to any is offered to publish.
        may_publish: rules::may_validate(who, responsible)
            || (shown.existing.is_none() && who.units.iter().any(|u| rules::may_validate(who, Some(*u)))),
        errors,
        page,
    })
}

fn error_of(errors: &[Fault], field: &str) -> String {
    errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
}

fn part(page: &Page, fields: &Fields, language: Language, errors: &[Fault], shown: &Shown<'_>) -> Part {
    let lang = language.as_str();
    let control = |(name, label, hint, rows): (&str, &str, &str, usize)| {
        let name_in_form = format!("{lang}_{name}");
        Control {
            label: page.t(label),
            hint: if hint.is_empty() { String::new() } else { page.t(hint) },
            value: fields.get(&name_in_form).to_owned(),
            error: error_of(errors, &name_in_form),
            rows,
            kind: "text",
            required: language == Language::Italian && matches!(name, "title" | "summary"),
            name: name_in_form,
        }
    };
    Part {
        lang,
        heading: page.t(&format!("knowledge-text-{lang}")),
        fields: TEXTS.map(control).into(),
        outdated: shown.outdated.contains(&language),
        confirmed: fields.get(&format!("confirmed_{lang}")) == "true",
    }
}

fn measure(page: &Page, fields: &Fields, name: &str, errors: &[Fault]) -> Control {
    Control {
        name: name.to_owned(),
        label: page.t(&format!("knowledge-field-{name}")),
        hint: page.t(&format!("knowledge-hint-{name}")),
        value: fields.get(name).to_owned(),
        error: error_of(errors, name),
        rows: 1,
        kind: if name == "term_days" { "number" } else { "date" },
        required: false,
    }
}

fn office(page: &Page, fields: &Fields, place: usize, errors: &[Fault]) -> OfficePart {
    let control = |name: &str| {
        let name_in_form = format!("office_{place}_{name}");
        Control {
            label: page.t(&format!("knowledge-office-{name}")),
            hint: if name == "opening" { page.t("knowledge-hint-opening") } else { String::new() },
            value: fields.get(&name_in_form).to_owned(),
            error: error_of(errors, &name_in_form),
            rows: if name == "opening" { 3 } else { 1 },
            kind: match name {
                "email" => "email",
                "phone" => "tel",
                _ => "text",
            },
            required: false,
            name: name_in_form,
        }
    };
    OfficePart {
        heading: page.t1("knowledge-office-n", "n", place + 1),
        fields: OFFICE.iter().map(|name| control(name)).collect(),
    }
}

/// The message that names a field, whatever its language or office.
pub(in crate::knowledge) fn label_of(field: &str) -> String {
    let plain = field.split_once('_').filter(|(lang, _)| Language::from_tag(lang).is_some()).map_or(field, |p| p.1);
    match (TEXTS.iter().find(|t| t.0 == plain), plain.strip_prefix("office_")) {
        (Some(text), _) => text.1.to_owned(),
        (None, Some(rest)) => format!("knowledge-office-{}", rest.split_once('_').map_or("name", |p| p.1)),
        (None, None) if plain == "code" => "knowledge-code".to_owned(),
        (None, None) => format!("knowledge-field-{plain}"),
    }
}

/// What a fault says, with the label of its field.
pub(in crate::knowledge) fn fault(page: &Page, field: &str, wrong: &str) -> Fault {
    Fault { field: field.to_owned(), message: fault_in(page.language, field, wrong) }
}

/// The same in a language, for whoever is not before a page.
pub(in crate::knowledge) fn fault_in(language: Language, field: &str, wrong: &str) -> String {
    let (label, wrong) = (language.text(&label_of(field)), language.text(&format!("knowledge-fault-{wrong}")));
    language.text_with("knowledge-fault", &[("field", label), ("wrong", wrong)])
}

fn previews(fields: &Fields) -> Vec<Preview> {
    let Ok(content) = fields.content() else { return Vec::new() };
    let preview = |text: &crate::knowledge::model::SheetText| Preview {
        lang: text.language.as_str(),
        title: text.title.clone(),
        summary: text.summary.clone(),
        body: markdown::render(&text.public_text, "preview-").html,
        requirements: text.requirements.clone(),
        fee: text.fee.clone(),
        internal: markdown::render(&text.internal_text, "preview-internal-").html,
        spoken: markdown::spoken(text),
        sections: section_views(&text.sections, "preview-"),
    };
    content.texts.iter().map(preview).collect()
}
