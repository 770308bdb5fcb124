//! What kind of user a person is (001-16): rules of routing ask for it, and somebody fragile comes first.
use actix_web::{HttpResponse, web};
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError};
use crate::kernel::page::{Page, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form};
use crate::routing::manage::set_segment;
use crate::routing::model::Segment;
use crate::routing::store;
use crate::tickets::pages::names::Choice;

pub(super) fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/persone/{id}/segmento").route(web::post().to(change)));
}

/// The segments, and which one the person is in; empty when that is not known.
///
/// # Errors
/// When the database cannot be read.
pub async fn segments(conn: &mut Conn, page: &Page, person: i64) -> Result<(Vec<Choice>, String), StoreError> {
    let own = store::segment(conn, person).await?.map(|s| s.as_str().to_owned()).unwrap_or_default();
    let word = |s: &Segment| Choice { value: s.as_str().to_owned(), label: page.t(&format!("segment-{}", s.as_str())) };
    Ok((Segment::ALL.iter().map(word).collect(), own))
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    segment: String,
}

async fn change(
    kernel: web::Data<Kernel>,
    caller: Caller,
    id: web::Path<i64>,
    Form(said): Form<Said>,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let segment = match said.segment.as_str() {
        "" => None,
        text => Some(Segment::from_text(text).ok_or_else(|| Problem::field("segment", "unknown"))?),
    };
    set_segment(&kernel, who, *id, segment).await?;
    Ok(see_other(&format!("/scrivania/persone/{id}?fatto=segment")))
}
