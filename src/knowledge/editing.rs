//! The form in which supervisors write, change and retire sheets, in both languages at once. What was typed
//! is never lost: a refused form comes back filled in.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::index::KnowledgeIndex;
use super::model::{Audience, Maturity, Sheet, SheetCode, SheetDraft, SheetText, lines};
use super::sheets::{self, Basis, SheetError};
use super::{links, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem};
use crate::kernel::request::{Caller, Form, Frame};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/schede", web::post().to(create))
        .route("/scrivania/schede/nuova", web::get().to(new))
        .route("/scrivania/schede/{code}/modifica", web::get().to(edit))
        .route("/scrivania/schede/{code}", web::post().to(save))
        .route("/scrivania/schede/{code}/ritira", web::post().to(retire));
}

/// The texts of one language: form field, message of its label, message of its hint, rows of its control.
const TEXTS: [(&str, &str, &str, usize); 8] = [
    ("title", "knowledge-field-title", "", 1),
    ("question", "knowledge-field-question", "", 1),
    ("summary", "knowledge-field-summary", "", 3),
    ("public_text", "knowledge-field-public", "knowledge-hint-markdown", 14),
    ("requirements", "knowledge-field-requirements", "knowledge-hint-lines", 5),
    ("reply", "knowledge-field-reply", "knowledge-hint-reply", 10),
    ("internal_text", "knowledge-field-internal", "knowledge-hint-markdown", 8),
    ("keywords", "knowledge-field-keywords", "knowledge-hint-lines", 5),
];

/// What the form holds, by field name, as typed.
#[derive(Debug, Clone, Default)]
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn of_sheet(sheet: &Sheet, category: String, unit: String) -> Self {
        let mut fields = BTreeMap::from([
            ("code".to_owned(), sheet.code.clone()),
            ("version".to_owned(), sheet.version.to_string()),
            ("category".to_owned(), category),
            ("unit".to_owned(), unit),
            ("audience".to_owned(), sheet.audience.as_str().to_owned()),
            ("maturity".to_owned(), sheet.maturity.as_str().to_owned()),
        ]);
        for text in &sheet.texts {
            for (name, value) in [
                ("title", text.title.clone()),
                ("question", text.question.clone()),
                ("summary", text.summary.clone()),
                ("public_text", text.public_text.clone()),
                ("requirements", text.requirements.join("\n")),
                ("reply", text.reply.clone()),
                ("internal_text", text.internal_text.clone()),
                ("keywords", text.keywords.join("\n")),
            ] {
                fields.insert(format!("{}_{name}", text.language.as_str()), value);
            }
        }
        Self(fields)
    }

    fn text(&self, language: Language) -> SheetText {
        // Browsers send line ends as CRLF.
        let field = |name: &str| self.get(&format!("{}_{name}", language.as_str())).replace("\r\n", "\n");
        SheetText {
            language,
            title: field("title").trim().to_owned(),
            question: field("question").trim().to_owned(),
            summary: field("summary").trim().to_owned(),
            public_text: field("public_text"),
            reply: field("reply"),
            internal_text: field("internal_text"),
            keywords: lines(&field("keywords")),
            requirements: lines(&field("requirements")),
        }
    }

    fn draft(&self) -> Result<SheetDraft, SheetError> {
        let mut faults = Vec::new();
        let code = SheetCode::parse(self.get("code"));
        let audience = Audience::from_text(self.get("audience"));
        let maturity = Maturity::from_text(self.get("maturity"));
        for (name, missing) in
            [("code", code.is_none()), ("audience", audience.is_none()), ("maturity", maturity.is_none())]
        {
            if missing {
                faults.push((name.to_owned(), "invalid".to_owned()));
            }
        }
        let (Some(code), Some(audience), Some(maturity)) = (code, audience, maturity) else {
            return Err(SheetError::Invalid(faults));
        };
        let given = |name: &str| Some(self.get(name)).filter(|v| !v.is_empty()).map(str::to_owned);
        // Italian is always there; English counts as soon as anything is written in it.
        let mut texts = vec![self.text(Language::Italian)];
        let english = self.text(Language::English);
        if english != SheetText::empty(Language::English) {
            texts.push(english);
        }
        Ok(SheetDraft { code, category: given("category"), unit: given("unit"), audience, maturity, texts })
    }
}

/// A value to choose.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A text control.
struct Control {
    name: String,
    label: String,
    hint: String,
    value: String,
    error: String,
    rows: usize,
    required: bool,
}

/// The controls of one language.
struct Part {
    lang: &'static str,
    heading: String,
    fields: Vec<Control>,
}

/// An entry of the error summary.
struct Fault {
    field: String,
    message: String,
}

#[derive(Template)]
#[template(path = "knowledge/edit.html")]
struct EditPage {
    page: Page,
    heading: String,
    action: String,
    /// Where the sheet, or the list, is shown.
    shown: String,
    is_new: bool,
    stale: bool,
    code: String,
    version: String,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    audiences: Vec<Choice>,
    maturities: Vec<Choice>,
    parts: Vec<Part>,
    errors: Vec<Fault>,
}

impl EditPage {
    fn fault(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

/// Why a form comes back.
#[derive(Default)]
struct Refused {
    faults: Vec<(String, String)>,
    stale: bool,
}

async fn form(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    mut page: Page,
    fields: &Fields,
    existing: Option<&SheetCode>,
    refused: Refused,
) -> Result<EditPage, Problem> {
    let tree = index.categories(kernel).await?;
    let mut conn = kernel.db.read().await?;
    let units = store::units(&mut conn, kernel.now()).await?;
    drop(conn);
    page = page.titled(if existing.is_some() { "knowledge-edit" } else { "knowledge-new" });
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
    let errors: Vec<Fault> = refused.faults.iter().map(|(field, wrong)| fault(&page, field, wrong)).collect();
    let parts = Language::ALL.into_iter().map(|language| part(&page, fields, language, &errors)).collect();
    let heading = match existing {
        Some(code) => format!("{} {}", page.t("knowledge-edit"), code.as_str()),
        None => page.t("knowledge-new"),
    };
    let shown = existing.map_or_else(|| links::DESK.to_owned(), |code| links::desk_sheet(code.as_str()));
    Ok(EditPage {
        heading,
        action: shown.clone(),
        shown,
        is_new: existing.is_none(),
        stale: refused.stale,
        code: fields.get("code").to_owned(),
        version: fields.get("version").to_owned(),
        categories,
        units: units.iter().map(|u| choice("unit", &u.slug, u.name.clone())).collect(),
        audiences: [Audience::Public, Audience::Internal].map(|a| named("audience", a.as_str())).into(),
        maturities: Maturity::ALL.map(|m| named("maturity", m.as_str())).into(),
        parts,
        errors,
        page,
    })
}

fn part(page: &Page, fields: &Fields, language: Language, errors: &[Fault]) -> Part {
    let lang = language.as_str();
    let control = |(name, label, hint, rows): (&str, &str, &str, usize)| {
        let name_in_form = format!("{lang}_{name}");
        Control {
            label: page.t(label),
            hint: if hint.is_empty() { String::new() } else { page.t(hint) },
            value: fields.get(&name_in_form).to_owned(),
            error: errors.iter().find(|e| e.field == name_in_form).map(|e| e.message.clone()).unwrap_or_default(),
            rows,
            required: language == Language::Italian && matches!(name, "title" | "summary"),
            name: name_in_form,
        }
    };
    Part { lang, heading: page.t(&format!("knowledge-text-{lang}")), fields: TEXTS.map(control).into() }
}

fn fault(page: &Page, field: &str, wrong: &str) -> Fault {
    let plain = field.split_once('_').filter(|(lang, _)| Language::from_tag(lang).is_some()).map_or(field, |p| p.1);
    let label = TEXTS.iter().find(|t| t.0 == plain).map_or_else(
        || match plain {
            "code" => "knowledge-code".to_owned(),
            other => format!("knowledge-field-{other}"),
        },
        |t| t.1.to_owned(),
    );
    let wrong = page.t(&format!("knowledge-fault-{wrong}"));
    Fault { field: field.to_owned(), message: page.t2("knowledge-fault", "field", page.t(&label), "wrong", wrong) }
}

async fn new(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::EditKnowledge)?;
    page::html(&form(&kernel, &index, frame.0, &Fields::default(), None, Refused::default()).await?)
}

async fn edit(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::EditKnowledge)?;
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let sheet = sheets::by_code(&kernel, &code).await?.ok_or_else(Problem::not_found)?;
    let tree = index.categories(&kernel).await?;
    let category = sheet.category.and_then(|id| tree.get(id)).map(|c| c.slug.clone()).unwrap_or_default();
    let unit = match sheet.unit {
        Some(id) => {
            let mut conn = kernel.db.read().await?;
            store::unit_slug(&mut conn, id).await?.unwrap_or_default()
        }
        None => String::new(),
    };
    let fields = Fields::of_sheet(&sheet, category, unit);
    page::html(&form(&kernel, &index, frame.0, &fields, Some(&code), Refused::default()).await?)
}

async fn create(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    sent: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::EditKnowledge)?.actor.clone();
    let fields = Fields(sent.0);
    let saved = match fields.draft() {
        Ok(draft) => {
            let code = draft.code.clone();
            sheets::save(&kernel, actor, draft, Basis::New).await.map(|_| code)
        }
        Err(e) => Err(e),
    };
    match saved {
        Ok(code) => Ok(page::see_other(&links::desk_sheet(code.as_str()))),
        Err(e) => again(&kernel, &index, frame.0, fields, None, e).await,
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    index: web::Data<KnowledgeIndex>,
    caller: Caller,
    frame: Frame,
    code: web::Path<String>,
    sent: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::EditKnowledge)?.actor.clone();
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    let mut fields = Fields(sent.0);
    fields.0.insert("code".to_owned(), code.as_str().to_owned());
    let version = fields.get("version").parse().map_err(|_| Problem::field("version", "invalid"))?;
    let saved = match fields.draft() {
        Ok(draft) => sheets::save(&kernel, actor, draft, Basis::Version(version)).await,
        Err(e) => Err(e),
    };
    match saved {
        Ok(_) => Ok(page::see_other(&links::desk_sheet(code.as_str()))),
        Err(e) => again(&kernel, &index, frame.0, fields, Some(&code), e).await,
    }
}

/// The form as it was sent, with what is wrong; a stale one can be sent again over the current version.
async fn again(
    kernel: &Kernel,
    index: &KnowledgeIndex,
    page: Page,
    mut fields: Fields,
    existing: Option<&SheetCode>,
    refusal: SheetError,
) -> Result<HttpResponse, Problem> {
    let (kind, refused) = match refusal {
        SheetError::Invalid(faults) => (Kind::Invalid, Refused { faults, stale: false }),
        SheetError::Stale(version) => {
            fields.0.insert("version".to_owned(), version.to_string());
            (Kind::Stale, Refused { faults: Vec::new(), stale: true })
        }
        other @ (SheetError::Missing | SheetError::Store(_)) => return Err(other.into()),
    };
    let form = form(kernel, index, page, &fields, existing, refused).await?;
    page::html_as(&mut HttpResponse::build(kind.status()), &form)
}

async fn retire(
    kernel: web::Data<Kernel>,
    caller: Caller,
    code: web::Path<String>,
    _guard: Form<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    let actor = caller.require(Permission::EditKnowledge)?.actor.clone();
    let code = SheetCode::parse(&code).ok_or_else(Problem::not_found)?;
    sheets::retire(&kernel, actor, &code).await?;
    Ok(page::see_other(links::DESK))
}
