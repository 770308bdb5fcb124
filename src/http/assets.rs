//! The built styles, scripts, fonts and icons, embedded in the program.
use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::kernel::Kernel;
use crate::kernel::page::Assets;
use crate::kernel::problem::Problem;

/// Mounts the assets and what browsers and robots ask for by themselves.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/assets/{name:.*}").route(web::get().to(asset)).route(web::head().to(asset)))
        .service(web::resource("/favicon.ico").route(web::get().to(favicon)))
        .service(web::resource("/robots.txt").route(web::get().to(robots)));
}

/// Names carry a hash of their content, so browsers may keep them for ever.
const FOREVER: &str = "public, max-age=31536000, immutable";

async fn asset(name: web::Path<String>) -> Result<HttpResponse, Problem> {
    let file = Assets::get(&name).ok_or_else(Problem::not_found)?;
    let kind = mime_guess::from_path(name.as_str()).first_or_octet_stream();
    let keep = if has_hash(&name) { FOREVER } else { "no-cache" };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, keep))
        .content_type(kind.as_ref())
        .body(file.data.into_owned()))
}

/// Whether a name is like `desk.9dda86af93.js`.
fn has_hash(name: &str) -> bool {
    name.rsplit('.').nth(1).is_some_and(|part| part.len() >= 8 && part.chars().all(|c| c.is_ascii_hexdigit()))
}

async fn favicon() -> HttpResponse {
    HttpResponse::NoContent().insert_header((header::CACHE_CONTROL, "public, max-age=86400")).finish()
}

/// What robots need not look at: what only staff reads, single requests, and pages made for one reader.
const PRIVATE: [&str; 8] = [
    "/scrivania",
    "/accesso",
    "/api/",
    "/invio",
    "/referente",
    "/sportello/pratica",
    "/sportello/schede/cerca",
    "/sportello/schede/*/valutazione",
];

async fn robots(kernel: web::Data<Kernel>) -> HttpResponse {
    let private: String = PRIVATE.iter().map(|path| format!("Disallow: {path}\n")).collect();
    let site = kernel.config.server.public_url.trim_end_matches('/');
    let text = format!("User-agent: *\n{private}\nSitemap: {site}/sitemap.xml\n");
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .content_type("text/plain; charset=utf-8")
        .body(text)
}

#[cfg(test)]
mod tests {
    use super::has_hash;

    #[test]
    fn only_hashed_names_are_kept_for_ever() {
        assert!(has_hash("desk.9dda86af93.js"));
        assert!(!has_hash("manifest.json"));
    }
}
