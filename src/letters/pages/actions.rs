//! What the forms on the page of a letter do.
use actix_web::{HttpRequest, HttpResponse, web};

use super::HERE;
use super::letter::letter_page;
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::Permission;
use crate::kernel::problem::{Kind, Problem, Refusal};
use crate::kernel::request::{Caller, Frame};
use crate::letters::{
    Arrangement, Correction, LetterError, PlacedPage, Placement, Standing, WrittenBy, arrange, correct, place,
    set_state, store,
};
use crate::people::Identifier;
use crate::tickets::pages::upload::Submitted;

/// The page once more, with what is wrong and what was written.
async fn again(
    kernel: &Kernel,
    page: Page,
    id: i64,
    form: &Submitted,
    e: LetterError,
) -> Result<HttpResponse, Problem> {
    let (field, key) = match &e {
        LetterError::Invalid { field, wrong } => {
            ((*field).to_owned(), format!("letters-wrong-{}", wrong.replace('_', "-")))
        }
        other if matches!(other.kind(), Kind::Internal | Kind::NotFound | Kind::Forbidden) => return Err(e.into()),
        other => (String::new(), format!("problem-{}", other.code().replace('_', "-"))),
    };
    let status = e.kind().status();
    let mut view = letter_page(kernel, page, id).await?;
    view.error = view.page.t(&key);
    view.field = field;
    for name in ["subject", "dated", "sender", "address", "fiscal_code", "email", "phone", "reason", "ticket"] {
        if let Some(value) = form.get(name) {
            view.written.insert(name.to_owned(), value.to_owned());
        }
    }
    for sheet in &mut view.sheets {
        if let Some(text) = form.get(&format!("text.{}", sheet.id)) {
            text.clone_into(&mut sheet.text);
        }
    }
    html_as(&mut HttpResponse::build(status), &view)
}

fn correction(form: &Submitted) -> Result<Correction, LetterError> {
    let wrong = |field| LetterError::Invalid { field, wrong: "identifier" };
    let mut identifiers = Vec::new();
    let given = |name: &str| form.value(name).to_owned();
    if !given("fiscal_code").is_empty() {
        identifiers.push(Identifier::fiscal_code(&given("fiscal_code")).map_err(|_| wrong("fiscal_code"))?);
    }
    if !given("email").is_empty() {
        identifiers.push(Identifier::email(&given("email")).map_err(|_| wrong("email"))?);
    }
    if !given("phone").is_empty() {
        identifiers.push(Identifier::phone(&given("phone")).map_err(|_| wrong("phone"))?);
    }
    let texts = form.named("text.").filter_map(|(id, text)| Some((id.parse().ok()?, text.to_owned()))).collect();
    let person = form.value("person").parse().ok();
    Ok(Correction {
        version: form.value("version").parse().ok(),
        subject: form.get("subject").map(str::to_owned),
        dated: form.get("dated").map(str::to_owned),
        sender: form.get("sender").map(|name| WrittenBy {
            name: name.to_owned(),
            address: given("address"),
            identifiers,
            person,
        }),
        texts,
        checked: matches!(form.value("then"), "checked" | "next"),
    })
}

pub(super) async fn save(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let saved = match correction(&form) {
        Ok(asked) => correct(&kernel, who, *id, asked).await,
        Err(e) => Err(e),
    };
    match saved {
        Err(e) => again(&kernel, page, *id, &form, e).await,
        Ok(_) if form.value("then") == "next" => {
            let mut conn = kernel.db.read().await?;
            Ok(see_other(&match store::next_new(&mut conn, *id).await? {
                Some(next) => format!("{HERE}/{next}"),
                None => format!("{HERE}?fatto=finite"),
            }))
        }
        Ok(_) => Ok(see_other(&format!("{HERE}/{}?fatto=salvata", *id))),
    }
}

pub(super) async fn do_place(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let placement = match form.value("where") {
        "own" => Placement::Own,
        _ => Placement::Ticket(form.value("ticket").to_owned()),
    };
    match place(&kernel, who, *id, form.version()?, placement).await {
        Ok(_) => Ok(see_other(&format!("{HERE}/{}?fatto=collocata", *id))),
        Err(e) => again(&kernel, page, *id, &form, e).await,
    }
}

pub(super) async fn do_state(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let standing = match form.value("state") {
        "not_ours" => Standing::NotOurs { reason: form.value("reason").to_owned() },
        "worked" => Standing::Worked,
        _ => Standing::New,
    };
    match set_state(&kernel, who, *id, form.version()?, standing).await {
        Ok(_) => Ok(see_other(&format!("{HERE}/{}?fatto=stato", *id))),
        Err(e) => again(&kernel, page, *id, &form, e).await,
    }
}

/// Pages in the order of the numbers that were written beside them.
fn arrangement(form: &Submitted) -> Result<Arrangement, LetterError> {
    let mut pages: Vec<(i64, PlacedPage)> = Vec::new();
    for (page, place) in form.named("place.") {
        let wrong = || LetterError::Invalid { field: "pages", wrong: "not_a_number" };
        let page: i64 = page.parse().map_err(|_| wrong())?;
        let turns = form.value(&format!("turn.{page}")).parse().unwrap_or(0_u8) % 4;
        let begins = form.get(&format!("begins.{page}")).is_some();
        pages.push((place.trim().parse().map_err(|_| wrong())?, PlacedPage { page, turns, begins }));
    }
    pages.sort_by_key(|(place, _)| *place);
    Ok(Arrangement {
        version: form.value("version").parse().ok(),
        pages: pages.into_iter().map(|(_, page)| page).collect(),
        join: form.value("join").parse().ok(),
    })
}

pub(super) async fn do_arrange(
    req: HttpRequest,
    kernel: web::Data<Kernel>,
    intake: web::Data<Intake>,
    caller: Caller,
    Frame(page): Frame,
    id: web::Path<i64>,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let who = caller.require(Permission::WorkTickets)?;
    let form = Submitted::read(&req, payload, &kernel).await?;
    let arranged = match arrangement(&form) {
        Ok(asked) => arrange(&intake, who, *id, asked).await,
        Err(e) => Err(e),
    };
    match arranged {
        Ok(_) => Ok(see_other(&format!("{HERE}/{}?fatto=ordinata", *id))),
        Err(e) => again(&kernel, page, *id, &form, e).await,
    }
}
