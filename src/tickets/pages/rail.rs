//! The counts in the left rail, kept fresh by the live stream.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::page::{Page, html};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Frame};
use crate::tickets::queues::{self, Queue};

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/conteggi").route(web::get().to(counts)));
}

struct Line {
    href: String,
    icon: &'static str,
    label: String,
    count: String,
}

#[derive(Template)]
#[template(path = "desk/rail.html")]
struct Rail {
    page: Page,
    /// Path of the page around the fragment.
    path: String,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Around {
    #[serde(default)]
    path: String,
}

const fn icon(queue: Queue) -> &'static str {
    match queue {
        Queue::New => "inbox",
        Queue::Mine => "user",
        Queue::Unit => "folder",
        Queue::Referred => "exchange-circle",
        Queue::Waiting => "clock",
    }
}

async fn counts(
    kernel: web::Data<Kernel>,
    caller: Caller,
    frame: Frame,
    around: web::Query<Around>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let page = frame.0;
    let mut conn = kernel.db.read().await?;
    let counts = queues::counts(&mut conn, who).await?;
    let lines = Queue::ALL
        .into_iter()
        .map(|queue| Line {
            href: format!("/scrivania/coda/{}", queue.slug()),
            icon: icon(queue),
            label: page.t(&format!("queue-{}", queue.as_str())),
            count: match counts.get(queue.as_str()).copied().unwrap_or(0) {
                ..=0 => String::new(),
                n => n.to_string(),
            },
        })
        .collect();
    html(&Rail { page, path: around.into_inner().path, lines })
}
