//! The noticeboard: what is in force, what is not read yet, the archive, and the page of one bulletin with who has
//! read it.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Bulletin, BulletinKind, List, Stage, writes};
use super::read::{self, Asked};
use super::store::{self, Addressee, Key, Version};
use super::views::{self, HERE, Line, href, kind_label};
use super::write;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::events::Actor;
use crate::kernel::page::{self, Page};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, Pressed};
use crate::knowledge::diff::{self, Tag};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(HERE, web::get().to(board))
        .route("/scrivania/bacheca/{id:\\d+}", web::get().to(one))
        .route("/scrivania/bacheca/{id:\\d+}/ritira", web::post().to(withdraw));
}

/// Bulletins on a page of a list.
const PAGE: i64 = 30;

struct Tab {
    href: String,
    label: String,
    current: bool,
}

struct Choice {
    value: &'static str,
    label: String,
}

#[derive(Template)]
#[template(path = "bulletin/board.html")]
struct Board {
    page: Page,
    tabs: Vec<Tab>,
    list: &'static str,
    q: String,
    kind: String,
    kinds: Vec<Choice>,
    /// Whether words or a kind narrow the list.
    filtered: bool,
    lines: Vec<Line>,
    next: String,
    here: String,
    may_write: bool,
}

#[derive(Deserialize)]
struct Query {
    /// A list.
    #[serde(default)]
    elenco: String,
    /// A kind.
    #[serde(default)]
    tipo: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    dopo: String,
}

fn address(pairs: &[(&str, &str)]) -> String {
    let given: Vec<_> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(given) {
        Ok(query) if !query.is_empty() => format!("{HERE}?{query}"),
        Ok(_) | Err(_) => HERE.to_owned(),
    }
}

async fn board(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    query: web::Query<Query>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadBulletins)?;
    let page = frame.0.titled("bulletin-title");
    let list = match query.elenco.as_str() {
        "" => List::Current,
        name => List::from_text(name).ok_or_else(Problem::not_found)?,
    };
    let kind = match query.tipo.as_str() {
        "" => None,
        name => Some(BulletinKind::from_text(name).ok_or_else(Problem::not_found)?),
    };
    let after = match query.dopo.as_str() {
        "" => None,
        text => Some(Key::from_text(text).ok_or_else(Problem::not_found)?),
    };
    let all = list != List::Unread;
    let asked = Asked { list, kind, words: query.q.clone(), after, limit: PAGE, all };
    let found = read::list(&kernel, who, &asked).await?;
    let named = |list: List| if list == List::Current { "" } else { list.as_str() };
    let may_write = writes(who);
    let lists = List::ALL.iter().filter(|l| **l != List::Planned || may_write);
    let tab = |each: &List| Tab {
        href: address(&[("elenco", named(*each))]),
        label: page.t(&format!("bulletin-list-{}", each.as_str())),
        current: *each == list,
    };
    let narrowed = [("elenco", named(list)), ("tipo", &query.tipo), ("q", query.q.trim())];
    let next = found.next.map(|key| {
        let key = key.to_text();
        address(&[narrowed[0], narrowed[1], narrowed[2], ("dopo", &key)])
    });
    page::html(&Board {
        tabs: lists.map(tab).collect(),
        list: named(list),
        q: query.q.clone(),
        kind: query.tipo.clone(),
        kinds: BulletinKind::ALL
            .iter()
            .map(|kind| Choice { value: kind.as_str(), label: kind_label(&page, *kind) })
            .collect(),
        filtered: !query.tipo.is_empty() || !query.q.trim().is_empty(),
        lines: found.items.iter().map(|b| Line::of(&page, b)).collect(),
        next: next.unwrap_or_default(),
        here: address(&narrowed),
        may_write,
        page,
    })
}

struct Person {
    name: String,
    role: String,
    /// When; empty for who has not.
    at: String,
}

struct Piece {
    tag: &'static str,
    text: String,
}

struct Past {
    step: String,
    who: String,
    at: String,
    when: String,
    /// What changed of its text, word by word; empty where nothing did.
    pieces: Vec<Piece>,
}

/// Who has read it, for those who write bulletins.
struct Readers {
    count: String,
    missing: Vec<Person>,
    read: Vec<Person>,
}

#[derive(Template)]
#[template(path = "bulletin/one.html")]
struct One {
    page: Page,
    line: Line,
    body: String,
    written: String,
    read: String,
    sheet: String,
    sheet_title: String,
    category: String,
    category_href: String,
    readers: Option<Readers>,
    history: Vec<Past>,
    here: String,
    /// Whether it can still be changed by the reader.
    may_change: bool,
}

async fn name(conn: &mut Conn, page: &Page, actor: &str) -> Result<String, StoreError> {
    let actor = Actor::from_text(actor);
    let known = match actor {
        Actor::User(id) => store::name_of(conn, id).await?,
        Actor::System | Actor::Citizen | Actor::Leg(_) | Actor::Token(_) | Actor::Rule(_) => None,
    };
    Ok(known.unwrap_or_else(|| views::unnamed(page, &actor)))
}

async fn one(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadBulletins)?;
    let bulletin = read::show(&kernel, who, *id).await?;
    page::html(&shown(&kernel, who, frame.0, &bulletin).await?)
}

async fn shown(kernel: &Kernel, who: &Principal, mut page: Page, bulletin: &Bulletin) -> Result<One, Problem> {
    page.title.clone_from(&bulletin.content.title);
    let may_write = writes(who);
    let people = if may_write { read::readers(kernel, who, bulletin.id).await? } else { Vec::new() };
    let versions = if may_write { read::history(kernel, who, bulletin.id).await? } else { Vec::new() };
    let mut conn = kernel.db.read().await?;
    let author = name(&mut conn, &page, &bulletin.author).await?;
    let mut history = Vec::with_capacity(versions.len());
    for (place, version) in versions.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| versions.get(place));
        history.push(past(&mut conn, &page, version, before).await?);
    }
    drop(conn);
    history.reverse();
    let content = &bulletin.content;
    let category = content.category.clone().unwrap_or_default();
    let read = bulletin.read_at.map(|at| page.t1("bulletin-read-at", "when", page.datetime(&at)));
    Ok(One {
        line: Line::of(&page, bulletin),
        body: crate::knowledge::to_html(&content.text),
        written: page.t2("bulletin-written", "who", author, "when", page.datetime(&bulletin.created_at)),
        read: read.unwrap_or_default(),
        sheet: content.sheet.as_ref().map(|code| format!("/scrivania/schede/{code}")).unwrap_or_default(),
        sheet_title: bulletin.sheet_title.clone(),
        category: views::category(&page, bulletin),
        category_href: format!("/scrivania/schede?area={category}"),
        readers: may_write.then(|| readers(&page, people)),
        history,
        here: href(bulletin.id),
        may_change: may_write && bulletin.stage(page.now) != Stage::Withdrawn,
        page,
    })
}

fn readers(page: &Page, people: Vec<Addressee>) -> Readers {
    let all = people.len();
    let person = |p: Addressee| Person {
        role: page.t(&format!("role-{}", p.role)),
        at: p.read_at.map(|at| page.datetime(&at)).unwrap_or_default(),
        name: p.name,
    };
    let (read, missing): (Vec<_>, Vec<_>) = people.into_iter().partition(|p| p.read_at.is_some());
    Readers {
        count: page.t2("bulletin-readers-count", "read", read.len(), "all", all),
        missing: missing.into_iter().map(person).collect(),
        read: read.into_iter().map(person).collect(),
    }
}

async fn past(conn: &mut Conn, page: &Page, version: &Version, before: Option<&Version>) -> Result<Past, StoreError> {
    let says = |v: &Version| format!("{}\n{}\n{}", v.content.title, v.content.text, views::when(page, &v.content));
    let pieces = before.map(|before| diff::pieces(&says(before), &says(version))).unwrap_or_default();
    let changed = pieces.iter().any(|p| p.tag != Tag::Same);
    let piece = |piece: diff::Piece| Piece {
        tag: match piece.tag {
            Tag::Same => "same",
            Tag::Added => "added",
            Tag::Removed => "removed",
        },
        text: piece.text,
    };
    Ok(Past {
        step: page.t(&format!("bulletin-step-{}", version.step.as_str())),
        who: name(conn, page, &version.actor).await?,
        at: version.at.rfc3339(),
        when: page.datetime(&version.at),
        pieces: if changed { pieces.into_iter().map(piece).collect() } else { Vec::new() },
    })
}

async fn withdraw(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    _guard: Form<Pressed>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WriteBulletins)?;
    write::withdraw(&kernel, who, *id).await?;
    Ok(page::see_other(&href(*id)))
}
