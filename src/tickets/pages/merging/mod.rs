//! Pages that put right what lies in the wrong place. Each first asks for the other ticket, then says what will
//! happen, and does it when told so.
mod merge;
mod move_contact;
mod split;
pub mod target;

use actix_web::web;

/// Mounts the pages.
pub fn routes(cfg: &mut web::ServiceConfig) {
    merge::routes(cfg);
    move_contact::routes(cfg);
    split::routes(cfg);
}
