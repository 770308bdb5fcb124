//! The page on which an administrator sets the days of legs and for which categories a competent unit speaks with citizens;
//! beside them the table of who may do what.
use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template;

use super::leg_page::FieldError;
use super::purposes::{self, Act, Holder};
use super::rules::{self, DirectWords, Measure, Rule};
use super::{LegError, store};
use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Problem, Refusal};
use crate::kernel::request::{Caller, Form, Frame};

const HERE: &str = "/scrivania/invii/regole";

/// Mounts the page.
pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(change)));
}

struct Number {
    name: &'static str,
    label: String,
    hint: String,
    value: String,
    choice: bool,
    error: String,
}

struct Category {
    slug: String,
    name: String,
    answers: bool,
    asks: bool,
}

#[derive(Template)]
#[template(path = "network/rules.html")]
struct RulesPage {
    page: Page,
    numbers: Vec<Number>,
    categories: Vec<Category>,
    /// Names of the holders, then a row an act.
    holders: Vec<String>,
    acts: Vec<(String, Vec<String>)>,
    errors: Vec<FieldError>,
    done: bool,
}

/// The fields as they were sent, in order: categories come several times.
type Fields = Vec<(String, String)>;

async fn rules_page(
    kernel: &Kernel,
    page: Page,
    sent: Option<&Fields>,
    wrong: Option<&'static str>,
) -> Result<RulesPage, Problem> {
    let mut conn = kernel.db.read().await?;
    let rules = rules::read(&mut conn).await?;
    let categories = store::category_words(&mut conn).await?;
    drop(conn);
    let typed = |rule: Rule| sent.and_then(|f| f.iter().find(|(n, _)| n == rule.as_str())).map(|(_, v)| v.clone());
    let message = |rule: Rule| {
        let (least, most) = rule.range();
        page.t2("leg-rule-range", "least", least, "most", most)
    };
    let errors: Vec<FieldError> = Rule::ALL
        .iter()
        .filter(|rule| Some(rule.as_str()) == wrong)
        .map(|rule| FieldError { field: rule.as_str(), message: message(*rule) })
        .collect();
    let word = |kind: &str, name: &str| page.t(&format!("leg-{kind}-{}", name.replace('_', "-")));
    Ok(RulesPage {
        numbers: Rule::ALL
            .iter()
            .map(|&rule| Number {
                name: rule.as_str(),
                label: word("rule", rule.as_str()),
                hint: match rule.measure() {
                    Measure::Days => page.t1("leg-rule-days", "value", rule.built_in()),
                    Measure::Hours => page.t1("leg-rule-hours", "value", rule.built_in()),
                    Measure::Choice => String::new(),
                },
                value: typed(rule).unwrap_or_else(|| rules.get(rule).to_string()),
                choice: rule.measure() == Measure::Choice,
                error: super::leg_page::error_of(&errors, rule.as_str()),
            })
            .collect(),
        categories: categories
            .into_iter()
            .map(|c| Category {
                name: if page.language == Language::English && !c.name_en.is_empty() { c.name_en } else { c.name },
                slug: c.slug,
                answers: c.answers,
                asks: c.asks,
            })
            .collect(),
        holders: Holder::ALL.iter().map(|holder| word("holder", holder.as_str())).collect(),
        acts: Act::ALL
            .iter()
            .map(|&act| {
                let grants = Holder::ALL.iter().map(|&h| word("grant", purposes::may(h, act).as_str()));
                (word("act", act.as_str()), grants.collect())
            })
            .collect(),
        errors,
        done: false,
        page: page.titled("leg-rules-title"),
    })
}

async fn show(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    done: web::Query<BTreeMap<String, String>>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::Administer)?;
    let filled = rules_page(&kernel, frame.0, None, None).await?;
    html(&RulesPage { done: done.contains_key("fatto"), ..filled })
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    form: Form<Fields>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::Administer)?;
    let Form(fields) = form;
    let mut numbers = Vec::new();
    let mut wrong = None;
    for &rule in Rule::ALL {
        // Of a box and the value behind it the box counts, which comes last.
        let Some((_, text)) = fields.iter().rev().find(|(name, _)| name == rule.as_str()) else { continue };
        match text.trim().parse() {
            Ok(value) => numbers.push((rule, value)),
            Err(_) => wrong = Some(rule.as_str()),
        }
    }
    let mut conn = kernel.db.read().await?;
    let known = store::category_words(&mut conn).await?;
    drop(conn);
    let ticked = |field: &str, slug: &str| fields.iter().any(|(name, value)| name == field && value == slug);
    let words = known
        .into_iter()
        .map(|c| (DirectWords { answers: ticked("answers", &c.slug), asks: ticked("asks", &c.slug) }, c))
        .filter(|(words, c)| *words != DirectWords { answers: c.answers, asks: c.asks })
        .map(|(words, c)| (c.slug, words))
        .collect();
    let result = match wrong {
        Some(field) => Err(LegError::Invalid { field, wrong: "range" }),
        None => rules::change(&kernel, who, numbers, words).await,
    };
    match result {
        Ok(()) => Ok(see_other(&format!("{HERE}?fatto=1"))),
        Err(LegError::Invalid { field, wrong }) => {
            let status = LegError::Invalid { field, wrong }.kind().status();
            let filled = rules_page(&kernel, frame.0, Some(&fields), Some(field)).await?;
            html_as(&mut HttpResponse::build(status), &filled)
        }
        Err(e) => Err(e.into()),
    }
}
