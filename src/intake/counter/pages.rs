//! The page of the counter: short, and made for the keyboard.
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{NewVisit, TOPICS, UNDO, VisitOutcome, Visitor, dictated};
use super::store::{self, CounterRow, VisitRow};
use super::topics::{self, Topic};
use super::{VisitError, choose_counter, counter_of, pin, print, register, undo};
use crate::intake::Intake;
use crate::kernel::codes;
use crate::kernel::database::Conn;
use crate::kernel::page::{Page, html, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::kernel::time::Instant;
use crate::people;
use crate::tickets::pages::names::{AreaChoice, Names};
use crate::tickets::pages::words;
use crate::tickets::search::{TicketIndex, search};

const HERE: &str = "/scrivania/sportello";
/// Persons and tickets of each that the search shows.
const PERSONS: usize = 5;
const TICKETS: i64 = 4;
/// Value of the choice for what has no number.
const OTHER: &str = "other";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(show)).route(web::post().to(send)))
        .service(web::resource("/scrivania/sportello/persone").route(web::get().to(find)))
        .service(web::resource("/scrivania/sportello/visite/{id}/annulla").route(web::post().to(take_back)))
        .service(web::resource("/scrivania/sportello/postazione").route(web::post().to(set_counter)))
        .service(web::resource("/scrivania/sportello/argomenti").route(web::post().to(set_topics)));
    print::routes(cfg);
}

/// What the form has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Written {
    once: String,
    /// `category|SHEET`, or `other`.
    topic: String,
    category: String,
    sheet: String,
    q: String,
    person: String,
    name: String,
    ticket: String,
    note: String,
    outcome: String,
    started: String,
}

/// A field at fault, with what is wrong in words.
struct Fault {
    field: &'static str,
    message: String,
}

/// A visit that was just registered.
struct Done {
    id: i64,
    title: String,
    grouped: String,
    spelled: String,
    href: String,
    /// Whether it can still be undone.
    undo: bool,
}

/// A line of today's figures.
struct Count {
    label: String,
    about: String,
    visits: i64,
    answered: i64,
    mean: String,
}

/// A topic as a choice.
struct Choice {
    value: String,
    topic: Topic,
}

#[derive(Template)]
#[template(path = "intake/counter.html")]
struct CounterPage {
    page: Page,
    written: Written,
    errors: Vec<Fault>,
    done: Option<Done>,
    /// What was done that is no visit; empty when nothing was.
    notice: String,
    counter: String,
    counters: Vec<(String, String)>,
    topics: Vec<Choice>,
    areas: Vec<AreaChoice>,
    outcomes: Vec<(String, String)>,
    counts: Vec<Count>,
    total: String,
    /// Microseconds since 1970 when the page was made.
    now: i64,
    may_pin: bool,
}

impl CounterPage {
    fn error(&self, field: &str) -> String {
        self.errors.iter().find(|e| e.field == field).map(|e| e.message.clone()).unwrap_or_default()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// Row id of the visit that was just registered.
    visita: Option<i64>,
    fatto: String,
}

async fn show(
    intake: web::Data<Intake>,
    caller: Caller,
    frame: Frame,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let mut written = Written { once: codes::random_token(), ..Written::default() };
    // After a visit the next visitor has not come yet: the page's script says when.
    if asked.visita.is_none() {
        written.started = intake.kernel().now().0.to_string();
    }
    render(&intake, who, frame.0, written, Vec::new(), asked.into_inner(), StatusCode::OK).await
}

async fn render(
    intake: &Intake,
    who: &Principal,
    page: Page,
    mut written: Written,
    errors: Vec<Fault>,
    asked: Asked,
    status: StatusCode,
) -> Result<HttpResponse, Problem> {
    let kernel = intake.kernel();
    let own = counter_of(intake, who).await?;
    let topics = topics::topics(kernel, own.id, page.language).await?;
    if written.outcome.is_empty() {
        written.outcome = VisitOutcome::Answered.as_str().to_owned();
    }
    let (from, to) = topics::today(kernel);
    let mut conn = kernel.db.read().await?;
    let names = Names::read(&mut conn, page.language).await?;
    let counters = store::counters(&mut conn).await?;
    let counted = store::by_topic(&mut conn, own.id, from, to).await?;
    let mut counts = Vec::with_capacity(counted.len());
    for row in &counted {
        counts.push(count(&mut conn, &page, &names, row).await?);
    }
    let done = match asked.visita {
        Some(id) => match store::visit(&mut conn, id).await? {
            Some(visit) if visit.undone_at.is_none() && visit.user_id == who.user_id => {
                Some(done(&mut conn, &page, &names, &visit).await?)
            }
            Some(_) | None => None,
        },
        None => None,
    };
    drop(conn);
    let known = ["undone", "counter", "topics"].into_iter().find(|word| *word == asked.fatto);
    let sums = counted.iter().fold((0, 0), |(all, answered), row| (all + row.visits, answered + row.answered));
    let shown = CounterPage {
        errors,
        done,
        notice: known.map(|word| page.t(&format!("visit-done-{word}"))).unwrap_or_default(),
        counters: counters.iter().map(|c| (c.slug.clone(), c.label(page.language).to_owned())).collect(),
        counter: own.slug,
        topics: topics
            .into_iter()
            .map(|topic| Choice { value: format!("{}|{}", topic.category, topic.sheet), topic })
            .collect(),
        areas: names.areas(None),
        outcomes: VisitOutcome::ALL
            .iter()
            .map(|o| (o.as_str().to_owned(), page.t(&format!("visit-outcome-{}", o.as_str()))))
            .collect(),
        counts,
        total: page.t2("visit-total", "n", sums.0, "answered", sums.1),
        now: kernel.now().0,
        may_pin: who.role.may(Permission::EditKnowledge),
        page: page.titled("visit-title"),
        written,
    };
    html_as(&mut HttpResponse::build(status), &shown)
}

async fn count(conn: &mut Conn, page: &Page, names: &Names, row: &store::TopicCount) -> Result<Count, Problem> {
    let category = row.category_id.map(|id| names.category(id)).unwrap_or_default();
    let sheet = match row.sheet_id {
        Some(id) => store::sheet(conn, id, page.language).await?.map(|s| s.title),
        None => None,
    };
    let mean = if row.timed > 0 { duration(page, row.seconds / row.timed) } else { String::new() };
    let (label, about) = match sheet {
        Some(title) => (title, category),
        None => (category, String::new()),
    };
    Ok(Count { label, about, visits: row.visits, answered: row.answered, mean })
}

/// A duration as people say it.
fn duration(page: &Page, seconds: i64) -> String {
    page.t2("visit-duration", "minutes", seconds / 60, "seconds", format!("{:02}", seconds % 60))
}

async fn done(conn: &mut Conn, page: &Page, names: &Names, visit: &VisitRow) -> Result<Done, Problem> {
    let code = crate::tickets::store::code_of(conn, visit.ticket_id).await?;
    let topic = match visit.sheet_id {
        Some(id) => store::sheet(conn, id, page.language).await?.map(|s| s.title),
        None => visit.category_id.map(|id| names.category(id)),
    };
    Ok(Done {
        id: visit.id,
        title: page.t1("visit-registered", "topic", topic.unwrap_or_default()),
        spelled: dictated(&code),
        href: format!("/scrivania/pratiche/{code}"),
        grouped: codes::grouped(&code),
        undo: page.now.since(visit.registered_at) < UNDO,
    })
}

async fn send(
    intake: web::Data<Intake>,
    caller: Caller,
    frame: Frame,
    form: Form<Written>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let (Form(written), page) = (form, frame.0);
    let error = match register(&intake, who, visit_of(&written)).await {
        Ok(registered) if registered.visit.outcome == VisitOutcome::Sent.as_str() => {
            return Ok(see_other(&format!("/scrivania/pratiche/{}/invii/nuovo", registered.code)));
        }
        Ok(registered) => return Ok(see_other(&format!("{HERE}?visita={}", registered.visit.id))),
        Err(error) => error,
    };
    let VisitError::Invalid { field, wrong } = error else { return Err(error.into()) };
    let errors = vec![Fault { field, message: page.t(&format!("visit-error-{field}-{}", wrong.replace('_', "-"))) }];
    render(&intake, who, page, written, errors, Asked::default(), StatusCode::UNPROCESSABLE_ENTITY).await
}

fn visit_of(written: &Written) -> NewVisit {
    let (category, sheet) = match written.topic.split_once('|') {
        Some((category, sheet)) => (category.to_owned(), sheet.to_owned()),
        None if written.topic == OTHER => (written.category.clone(), written.sheet.clone()),
        None => (String::new(), String::new()),
    };
    let person = written.person.parse().ok();
    NewVisit {
        once: written.once.clone(),
        category,
        sheet,
        visitor: Visitor {
            person,
            // What was typed to find somebody is theirs only when nobody was found and they are named so.
            identifier: if written.person == "new" { written.q.clone() } else { String::new() },
            name: if person.is_none() { written.name.clone() } else { String::new() },
        },
        ticket: written.ticket.clone(),
        note: written.note.clone(),
        outcome: VisitOutcome::from_text(&written.outcome).unwrap_or(VisitOutcome::Answered),
        counter: String::new(),
        started_at: written.started.parse().ok().map(Instant),
    }
}

async fn take_back(
    intake: web::Data<Intake>,
    caller: Caller,
    id: web::Path<i64>,
    _form: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    undo(intake.kernel(), who, *id).await?;
    Ok(see_other(&format!("{HERE}?fatto=undone")))
}

#[derive(Deserialize)]
struct Place {
    counter: String,
}

async fn set_counter(intake: web::Data<Intake>, caller: Caller, form: Form<Place>) -> Result<HttpResponse, Problem> {
    choose_counter(&intake, caller.require(Permission::WorkTickets)?, &form.0.counter).await?;
    Ok(see_other(&format!("{HERE}?fatto=counter")))
}

/// Fixes the numbers whose boxes are ticked as they stand, and frees the others.
async fn set_topics(
    intake: web::Data<Intake>,
    caller: Caller,
    form: Form<Vec<(String, String)>>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::EditKnowledge)?;
    let own: CounterRow = counter_of(&intake, who).await?;
    let wanted = form.0.iter().filter_map(|(name, value)| {
        let number: usize = name.strip_prefix("pin.")?.parse().ok()?;
        let (category, sheet) = value.split_once('|')?;
        Some((number, category.to_owned(), sheet.to_owned()))
    });
    pin(intake.kernel(), who, own.id, wanted.take(TOPICS).collect()).await?;
    Ok(see_other(&format!("{HERE}?fatto=topics")))
}

/// Somebody who was found, with the tickets their visit may be about.
struct Person {
    id: i64,
    name: String,
    about: String,
    /// Code, code as read, subject.
    tickets: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "intake/counter_persons.html")]
struct Persons {
    page: Page,
    q: String,
    persons: Vec<Person>,
    /// Whether what was typed can name somebody new.
    identifier: bool,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    q: String,
}

/// Who may be meant by what is typed: an identifier, a code or a name.
async fn find(
    intake: web::Data<Intake>,
    index: web::Data<TicketIndex>,
    caller: Caller,
    frame: Frame,
    typed: web::Query<Typed>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let kernel = intake.kernel();
    let q = typed.q.trim().to_owned();
    let found = search(kernel, &index, &q, 2 * PERSONS, None).await?;
    let mut conn = kernel.db.read().await?;
    let mut ids = found.persons;
    // A text that only mentions what was typed is nobody's name: an excerpt says that words were found.
    let words: Vec<String> = q.split_whitespace().map(str::to_lowercase).collect();
    for one in &found.found {
        let name = one.row.person_name.as_deref().unwrap_or_default().to_lowercase();
        if one.excerpt.is_empty() || words.iter().all(|word| name.contains(word)) {
            ids.extend(store::person_of(&mut conn, one.row.id).await?.filter(|id| !ids.contains(id)));
        }
    }
    let mut persons = Vec::new();
    for id in ids.into_iter().take(PERSONS) {
        let Some(file) = people::file::read(&mut conn, id).await? else { continue };
        let tickets = store::open_tickets(&mut conn, id, TICKETS).await?;
        persons.push(Person {
            id,
            name: file.display_name(),
            about: file.identifiers.iter().map(|i| i.raw.as_str()).collect::<Vec<_>>().join(" · "),
            tickets: tickets
                .into_iter()
                .map(|(code, subject)| (code.clone(), codes::grouped(&code), words::beginning(&subject, 80)))
                .collect(),
        });
    }
    drop(conn);
    let identifier = !people::lookup_forms(&q).is_empty();
    html(&Persons { page: frame.0, q, persons, identifier })
}
