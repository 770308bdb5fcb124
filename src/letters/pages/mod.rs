//! The pages of the letters' desk: the worklist, and each letter beside what was read on it.
mod actions;
mod letter;
mod list;
mod pictures;

use actix_web::web;

use super::model::{DOUBTFUL, LetterState};
use super::store::LetterRow;
use crate::kernel::page::Page;

const HERE: &str = "/scrivania/lettere";

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource(HERE).route(web::get().to(list::list)))
        .service(
            web::resource("/scrivania/lettere/{id:\\d+}")
                .route(web::get().to(letter::show))
                .route(web::post().to(actions::save)),
        )
        .service(web::resource("/scrivania/lettere/{id:\\d+}/pagine/{page}.jpg").route(web::get().to(pictures::page)))
        .service(web::resource("/scrivania/lettere/{id:\\d+}/scansione.pdf").route(web::get().to(pictures::scan)))
        .service(web::resource("/scrivania/lettere/{id:\\d+}/colloca").route(web::post().to(actions::do_place)))
        .service(web::resource("/scrivania/lettere/{id:\\d+}/stato").route(web::post().to(actions::do_state)))
        .service(web::resource("/scrivania/lettere/{id:\\d+}/ordina").route(web::post().to(actions::do_arrange)));
}

/// How sure the program was: tone and text.
fn sure(page: &Page, letter: &LetterRow) -> (&'static str, String) {
    match letter.confidence {
        None => ("warn", page.t("letters-unread")),
        Some(n) if n < DOUBTFUL => ("warn", page.t1("letters-sure", "n", n)),
        Some(n) => ("good", page.t1("letters-sure", "n", n)),
    }
}

/// How a letter stands: tone and text.
fn state(page: &Page, letter: &LetterRow) -> (&'static str, String) {
    let tone = match LetterState::from_text(&letter.state) {
        Some(LetterState::Worked) => "good",
        Some(LetterState::NotOurs | LetterState::Joined) => "plain",
        Some(LetterState::New) | None => "note",
    };
    (tone, page.t(&format!("letters-state-{}", letter.state.replace('_', "-"))))
}
