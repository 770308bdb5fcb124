//! How many text messages an answer becomes, told while it is written.
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::kernel::Kernel;
use crate::kernel::language::Language;
use crate::kernel::page::html;
use crate::kernel::permissions::Permission;
use crate::kernel::problem::Problem;
use crate::kernel::request::{Caller, Form, Frame};
use crate::outbox;
use crate::outbox::wording::{self, Carrier, Part};

/// Mounts the fragment.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(web::resource("/scrivania/conteggio-sms").route(web::post().to(count)));
}

#[derive(Deserialize)]
struct Written {
    #[serde(default)]
    text: String,
    /// Language of the answer.
    #[serde(default)]
    lang: String,
    /// Account by which it is to leave.
    #[serde(default)]
    account: String,
}

#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct Counted {
    text: String,
}

/// What stands in the signature has about this length, whatever the ticket.
const SAMPLE: [(&str, &str); 6] = [
    ("code", "000-000-000"),
    ("link", "https://sportello.example.it/sportello/pratica/000000000?k=0123456789abcdef0123456789abcdef"),
    ("agency", "Comune di Esempio"),
    ("unit", "Sportello"),
    ("agent", "Nome Cognome"),
    ("name", "Nome Cognome"),
];

async fn count(
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    Form(Written { text, lang, account }): Form<Written>,
) -> Result<HttpResponse, Problem> {
    caller.require(Permission::WorkTickets)?;
    let language = Language::from_tag(&lang).unwrap_or(page.language);
    let mut conn = kernel.db.read().await?;
    let signature =
        wording::text(&mut conn, Part::Signature, Carrier::Sms, language, &SAMPLE.map(|(n, v)| (n, v.to_owned())))
            .await?;
    let whole = wording::join(Carrier::Sms, &[&text, &signature]);
    let counted = channels::sms::count(&whole);
    let sender = outbox::senders(&mut conn).await?.into_iter().find(|s| s.name == account);
    let most = sender.and_then(|s| s.limits.segments).filter(|most| counted.segments > *most);
    html(&Counted {
        text: match most {
            Some(most) => page.t2("desk-sms-too-long", "segments", counted.segments, "most", most),
            None => page.t2("desk-sms-count", "segments", counted.segments, "remaining", counted.remaining),
        },
    })
}
