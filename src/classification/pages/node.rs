//! A category of a draft: what it says, its phases and its fields, each field in a form of its own.
use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::super::fields::{Field, FieldChoice, FieldKind, FieldReader};
use super::super::formats::words;
use super::super::model::{Details, Node, Phase, Taxonomy};
use super::super::{TaxonomyError, drafts, store};
use super::{faults, href, node_href};
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::knowledge::forward::Forward;
use crate::knowledge::store::units;
use crate::tickets::assignment::Priority;
use crate::tickets::assignment::model::words as skill_words;
use crate::tickets::{Channel, RequestKind};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/classificazione/{id:\\d+}/classe", web::get().to(show))
        .route("/scrivania/classificazione/{id:\\d+}/classe", web::post().to(save))
        .route("/scrivania/classificazione/{id:\\d+}/campo", web::post().to(save_field));
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// A field as its form has it.
struct FieldForm {
    field: Field,
    kinds: Vec<Choice>,
    readers: Vec<Choice>,
    /// One a line: `name = label = English label`.
    choices: String,
    /// What it is called above its form.
    title: String,
    new: bool,
}

#[derive(Template)]
#[template(path = "classification/node.html")]
struct NodePage {
    page: Page,
    version: i64,
    edition: i64,
    back: String,
    node: Node,
    /// Slug as it is in the draft; empty for a new category.
    slug: String,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    forwards: Vec<Choice>,
    priorities: Vec<Choice>,
    keywords: String,
    skills: String,
    /// One a line: `2026-10-01 complaint web`.
    phases: String,
    fields: Vec<FieldForm>,
    inherited: Vec<String>,
    refused: Vec<String>,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    slug: String,
    /// Of a new category: the one above it.
    #[serde(default)]
    sotto: String,
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    render(&kernel, frame.0, *id, &asked, Vec::new()).await
}

async fn render(
    kernel: &Kernel,
    mut page: Page,
    id: i64,
    asked: &Asked,
    refused: Vec<String>,
) -> Result<HttpResponse, Problem> {
    let mut conn = kernel.db.read().await?;
    let version = store::version(&mut conn, id).await?.ok_or_else(Problem::not_found)?;
    let names = units(&mut conn, page.now).await?;
    drop(conn);
    let taxonomy = version.taxonomy()?;
    let node = if asked.slug.is_empty() {
        let above = if asked.sotto.is_empty() { String::new() } else { format!("{}/", asked.sotto) };
        Node { slug: above, citizen: true, ..Node::default() }
    } else {
        taxonomy.get(&asked.slug).cloned().ok_or_else(Problem::not_found)?
    };
    page.title = if asked.slug.is_empty() { page.t("taxonomy-new-category") } else { node.name.clone() };
    let choice = |value: &str, label: String, chosen| Choice { value: value.to_owned(), label, chosen };
    let own = &node.details.fields;
    let inherited = node.parent().map(|above| taxonomy.effective(above).fields).unwrap_or_default();
    let mut fields: Vec<FieldForm> = own.iter().map(|field| field_form(&page, field.clone(), false)).collect();
    fields.push(field_form(&page, Field { readers: FieldReader::ALL.to_vec(), ..Field::default() }, true));
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = NodePage {
        version: id,
        edition: version.edition,
        back: href(id),
        slug: asked.slug.clone(),
        units: names
            .into_iter()
            .map(|u| choice(&u.slug, u.name, node.unit.as_deref() == Some(u.slug.as_str())))
            .collect(),
        kinds: RequestKind::ALL
            .iter()
            .map(|k| {
                choice(
                    k.as_str(),
                    page.t(&format!("request-kind-{}", k.as_str())),
                    node.details.default_kind == Some(*k),
                )
            })
            .collect(),
        forwards: Forward::ALL
            .iter()
            .map(|f| choice(f.as_str(), page.t(&format!("taxonomy-forward-{}", f.as_str())), node.forward == *f))
            .collect(),
        priorities: Priority::ALL
            .iter()
            .map(|p| choice(p.as_str(), page.t(&format!("priority-{}", p.as_str())), node.details.priority == Some(*p)))
            .collect(),
        keywords: node.details.keywords.join("; "),
        skills: node.details.skills.join(" "),
        phases: node.details.phases.iter().map(phase_line).collect::<Vec<_>>().join("\n"),
        fields,
        inherited: inherited.iter().map(|field| field.label_in(page.language).to_owned()).collect(),
        refused,
        node,
        page,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

fn field_form(page: &Page, field: Field, new: bool) -> FieldForm {
    let kind = |kind: &FieldKind| Choice {
        value: kind.as_str().to_owned(),
        label: page.t(&format!("field-kind-{}", kind.as_str().replace('_', "-"))),
        chosen: field.kind == *kind,
    };
    let reader = |reader: &FieldReader| Choice {
        value: reader.as_str().to_owned(),
        label: page.t(&format!("field-reader-{}", reader.as_str().replace('_', "-"))),
        chosen: field.readers.contains(reader),
    };
    let line = |c: &FieldChoice| match c.label_en.as_str() {
        "" => format!("{} = {}", c.value, c.label),
        english => format!("{} = {} = {english}", c.value, c.label),
    };
    FieldForm {
        kinds: FieldKind::ALL.iter().map(kind).collect(),
        // An agent always sees it.
        readers: FieldReader::ALL.iter().filter(|r| **r != FieldReader::Agent).map(reader).collect(),
        choices: field.choices.iter().map(line).collect::<Vec<_>>().join("\n"),
        title: if new { page.t("field-new") } else { field.label_in(page.language).to_owned() },
        new,
        field,
    }
}

fn phase_line(phase: &Phase) -> String {
    let kind = phase.kind.map(RequestKind::as_str).unwrap_or("*");
    let channel = phase.channel.map(Channel::as_str).unwrap_or("*");
    format!("{} {kind} {channel}", phase.from)
}

/// Phases as they were typed, one a line.
fn phases(text: &str) -> Option<Vec<Phase>> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let from = words.next()?.parse().ok()?;
        let (mut kind, mut channel) = (None, None);
        for word in words.filter(|word| *word != "*") {
            match (RequestKind::from_text(word), Channel::from_text(word)) {
                (Some(k), _) => kind = Some(k),
                (None, Some(c)) => channel = Some(c),
                (None, None) => return None,
            }
        }
        Some(Phase { kind, channel, from })
    };
    text.lines().filter(|l| !l.trim().is_empty()).map(line).collect()
}

/// A form's fields: those that may repeat have several texts.
struct Sent(BTreeMap<String, Vec<String>>);

impl Sent {
    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in pairs {
            all.entry(name).or_default().push(value.replace("\r\n", "\n"));
        }
        Self(all)
    }

    fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    fn one(&self, name: &str) -> String {
        self.all(name).first().map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.one(name) == value
    }

    fn edition(&self) -> Option<i64> {
        self.one("edition").parse().ok()
    }
}

async fn save(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let sent = Sent::of(form.0);
    let (old, new, gone) = (sent.one("old"), sent.one("slug"), sent.is("then", "remove"));
    let (edition, was) = (sent.edition(), old.clone());
    let done = drafts::change(&kernel, who, *id, edition, move |taxonomy, in_force| {
        if gone {
            taxonomy.remove(&old);
            return Ok(());
        }
        write(taxonomy, in_force, &old, &sent)
    })
    .await;
    let asked = Asked { slug: if gone || was.is_empty() { String::new() } else { was }, sotto: String::new() };
    match done {
        Ok(()) if gone => Ok(see_other(&href(*id))),
        Ok(()) => Ok(see_other(&node_href(*id, &new))),
        Err(e) => refuse(&kernel, frame.0, *id, &asked, e).await,
    }
}

fn write(taxonomy: &mut Taxonomy, in_force: &Taxonomy, old: &str, sent: &Sent) -> Result<(), TaxonomyError> {
    let slug = sent.one("slug");
    if !crate::knowledge::model::is_slug(&slug) {
        return Err(TaxonomyError::wrong(&slug, "slug"));
    }
    if old != slug && taxonomy.get(&slug).is_some() {
        return Err(TaxonomyError::wrong(&slug, "twice"));
    }
    if slug.rsplit_once('/').is_some_and(|(above, _)| {
        taxonomy.get(above).is_none() || above.starts_with(&format!("{old}/")) || above == old
    }) {
        return Err(TaxonomyError::wrong(&slug, "parent"));
    }
    let phases = phases(&sent.one("phases")).ok_or_else(|| TaxonomyError::wrong(&slug, "phases"))?;
    if old.is_empty() {
        taxonomy.categories.push(Node { slug: slug.clone(), ..Node::default() });
    } else if old != slug {
        taxonomy.rename(old, &slug, in_force);
    }
    let node = taxonomy.get_mut(&slug).ok_or(TaxonomyError::Missing)?;
    node.name = sent.one("name");
    node.name_en = sent.one("name_en");
    node.unit = Some(sent.one("unit")).filter(|unit| !unit.is_empty());
    node.forward = Forward::from_text(&sent.one("forward")).unwrap_or_default();
    node.not_competent = sent.is("not_competent", "true");
    node.citizen = sent.is("citizen", "true");
    node.details = Details {
        description: sent.one("description"),
        description_en: sent.one("description_en"),
        default_kind: RequestKind::from_text(&sent.one("default_kind")),
        keywords: words(&sent.one("keywords")),
        notice: sent.one("notice"),
        notice_en: sent.one("notice_en"),
        priority: Priority::from_text(&sent.one("priority")),
        skills: skill_words(&sent.one("skills")),
        phases,
        fields: std::mem::take(&mut node.details.fields),
    };
    if node.name.is_empty() { Err(TaxonomyError::wrong(&slug, "name")) } else { Ok(()) }
}

async fn save_field(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let sent = Sent::of(form.0);
    let (slug, edition) = (sent.one("slug"), sent.edition());
    let asked = Asked { slug: slug.clone(), sotto: String::new() };
    let done = drafts::change(&kernel, who, *id, edition, move |taxonomy, _| {
        let node = taxonomy.get_mut(&slug).ok_or(TaxonomyError::Missing)?;
        let fields = &mut node.details.fields;
        let place = fields.iter().position(|field| field.name == sent.one("old"));
        if sent.is("then", "remove") {
            place.map(|place| fields.remove(place));
            return Ok(());
        }
        let field = field_of(&sent);
        if let Some(fault) = field.fault() {
            return Err(TaxonomyError::wrong(&slug, fault.as_str()));
        }
        if fields.iter().enumerate().any(|(at, known)| known.name == field.name && Some(at) != place) {
            return Err(TaxonomyError::wrong(&slug, "field_twice"));
        }
        match place {
            Some(place) => fields[place] = field,
            None => fields.push(field),
        }
        Ok(())
    })
    .await;
    match done {
        Ok(()) => Ok(see_other(&format!("{}#campi", node_href(*id, &asked.slug)))),
        Err(e) => refuse(&kernel, frame.0, *id, &asked, e).await,
    }
}

fn field_of(sent: &Sent) -> Field {
    let choice = |line: &str| {
        let mut parts = line.splitn(3, '=').map(|part| part.trim().to_owned());
        let value = parts.next().unwrap_or_default();
        let label = parts.next().unwrap_or_else(|| value.clone());
        FieldChoice { value, label, label_en: parts.next().unwrap_or_default() }
    };
    let choices = sent.one("choices");
    let kind = FieldKind::from_text(&sent.one("kind")).unwrap_or_default();
    let chosen = matches!(kind, FieldKind::Choice | FieldKind::Choices);
    let lines = choices.lines().filter(|line| chosen && !line.trim().is_empty());
    Field {
        name: sent.one("name"),
        kind,
        label: sent.one("label"),
        label_en: sent.one("label_en"),
        help: sent.one("help"),
        help_en: sent.one("help_en"),
        required: sent.is("required", "true"),
        readers: sent.all("readers").iter().filter_map(|r| FieldReader::from_text(r)).collect(),
        choices: lines.map(choice).collect(),
        pattern: sent.one("pattern"),
        min: sent.one("min"),
        max: sent.one("max"),
    }
}

async fn refuse(
    kernel: &Kernel,
    page: Page,
    id: i64,
    asked: &Asked,
    refusal: TaxonomyError,
) -> Result<HttpResponse, Problem> {
    let refused = match refusal {
        TaxonomyError::Invalid(wrong) => faults(&page, &wrong),
        TaxonomyError::Stale(_) => vec![page.t("taxonomy-stale")],
        other => return Err(other.into()),
    };
    render(kernel, page, id, asked, refused).await
}
