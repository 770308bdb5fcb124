//! What every page of the desk shows of bulletins: a strip on top, and the count of what is unread in the rail.
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::model::{Bulletin, List};
use super::read::{self, Asked};
use super::views::{HERE, Line, href};
use crate::kernel::Kernel;
use crate::kernel::page::{self, Badge, Page};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame, local_path};

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/scrivania/bacheca/striscia", web::get().to(strip))
        .route("/scrivania/bacheca/conteggio", web::get().to(count))
        .route("/scrivania/bacheca/{id:\\d+}/letto", web::post().to(read));
}

/// Bulletins looked at; nobody has more in force that matter.
const LOOKED: i64 = 100;
/// Lines that are open: a telephone has little room above what one came for.
const OPEN: usize = 2;

#[derive(Template)]
#[template(path = "bulletin/strip.html")]
struct Strip {
    page: Page,
    /// What the browser shows: the same lines are not announced again.
    known: String,
    /// Path of the page around it.
    path: String,
    lines: Vec<Line>,
    /// Those behind a line that opens.
    folded: Vec<Line>,
    more: String,
}

#[derive(Deserialize)]
struct Around {
    #[serde(default)]
    path: String,
    #[serde(default)]
    known: String,
}

/// Whether a page is one that people come back to all day, where what was read may still be seen.
fn is_home(path: &str) -> bool {
    path == "/scrivania" || path == "/referente" || path.starts_with("/scrivania/coda/")
}

/// The lines for a page: emergencies everywhere until they are read; on the home and the queues also those that
/// were, and what is pinned.
async fn lines(kernel: &Kernel, who: &Principal, path: &str) -> Result<Vec<Bulletin>, Problem> {
    let home = is_home(path);
    let shown = |b: &Bulletin| match b.read_at {
        None => b.is_emergency() || (home && b.content.pinned),
        Some(_) => home && (b.is_emergency() || b.content.pinned),
    };
    let mut found = read::list(kernel, who, &Asked::of(List::Current, LOOKED)).await?.items;
    found.retain(shown);
    // What waits to be read comes first, in the order of the list.
    found.sort_by_key(|b| (!b.is_emergency(), b.read_at.is_some()));
    Ok(found)
}

fn known(found: &[Bulletin]) -> String {
    let one = |b: &Bulletin| format!("{}-{}-{}", b.id, b.revision, u8::from(b.read_at.is_some()));
    found.iter().map(one).collect::<Vec<_>>().join(" ")
}

async fn strip(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    around: web::Query<Around>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadBulletins)?;
    let found = lines(&kernel, who, &around.path).await?;
    if known(&found) == around.known {
        return Ok(HttpResponse::NoContent().finish());
    }
    page::html(&shown(frame.0, &found, around.into_inner().path))
}

fn shown(page: Page, found: &[Bulletin], path: String) -> Strip {
    let mut lines: Vec<Line> = found.iter().map(|b| Line::of(&page, b)).collect();
    let folded = if lines.len() > OPEN + 1 { lines.split_off(OPEN) } else { Vec::new() };
    let more = page.t1("bulletin-more", "n", folded.len());
    Strip { known: known(found), path, lines, folded, more, page }
}

/// How many bulletins in force the reader has not read.
async fn count(kernel: web::Data<Kernel>, caller: Caller) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadBulletins)?;
    let unread = read::list(&kernel, who, &Asked::of(List::Unread, LOOKED)).await?.items;
    let late = unread.iter().any(Bulletin::is_emergency);
    page::html(&Badge { count: i64::try_from(unread.len()).unwrap_or(i64::MAX), late })
}

#[derive(Deserialize)]
struct Read {
    /// Path of the page to go back to, or that the strip is on.
    #[serde(default)]
    path: String,
}

/// «Read». From the strip the answer is the strip again; elsewhere the page one came from.
async fn read(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    req: HttpRequest,
    id: web::Path<i64>,
    form: Form<Read>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::ReadBulletins)?;
    read::mark_read(&kernel, who, *id).await?;
    let path = form.0.path;
    if req.headers().get("hx-request").is_some_and(|v| v == "true") {
        let found = lines(&kernel, who, &path).await?;
        let mut answer = page::html(&shown(frame.0, &found, path))?;
        answer.headers_mut().insert(
            actix_web::http::header::HeaderName::from_static("hx-trigger"),
            actix_web::http::header::HeaderValue::from_static("news-read"),
        );
        return Ok(answer);
    }
    let back = local_path(&path).filter(|path| path.starts_with(HERE) || path.starts_with("/scrivania"));
    Ok(page::see_other(back.unwrap_or(&href(*id))))
}
