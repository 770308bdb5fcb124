//! What the forms on the page of a letter do.
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

use super::HERE;
use super::letter::letter_page;
use crate::intake::Intake;
use crate::kernel::Kernel;
use crate::kernel::page::{Page, html_as, see_other};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::problem::{Kind, Problem, Refusal};
use crate::kernel::request::{Caller, frame};
use crate::letters::{
    Arrangement, Correction, LetterError, PlacedPage, Placement, Standing, WrittenBy, arrange, correct, place,
    set_state, store,
};
use crate::people::Identifier;
use crate::tickets::pages::upload::Submitted;

/// A form on the page of a letter, from somebody who may work on it.
pub(super) struct Asked {
    kernel: web::Data<Kernel>,
    who: Principal,
    page: Page,
    id: i64,
    form: Submitted,
}

impl FromRequest for Asked {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (req, body) = (req.clone(), web::Payload::from_request(req, payload));
        Box::pin(async move {
            let caller = Caller::extract(&req).await?;
            caller.require(Permission::WorkTickets)?;
            let id = req.match_info().query("id").parse().map_err(|_| Problem::not_found())?;
            let kernel = req.app_data::<web::Data<Kernel>>().cloned().ok_or_else(Problem::not_found)?;
            let body = body.await.map_err(|e| Problem::new(Kind::Malformed, "malformed_form", e.to_string()))?;
            let form = Submitted::read(&req, body, &kernel).await?;
            Ok(Self { kernel, who: caller.0, page: frame(&req), id, form })
        })
    }
}

impl Asked {
    /// Goes back to the letter and says what was done, or shows the page once more.
    async fn ends<T>(self, done: Result<T, LetterError>, said: &str) -> Result<HttpResponse, Problem> {
        match done {
            Ok(_) => Ok(see_other(&format!("{HERE}/{}?fatto={said}", self.id))),
            Err(e) => again(&self.kernel, self.page, self.id, &self.form, e).await,
        }
    }
}

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

pub(super) async fn save(asked: Asked) -> Result<HttpResponse, Problem> {
    let saved = match correction(&asked.form) {
        Ok(correction) => correct(&asked.kernel, &asked.who, asked.id, correction).await,
        Err(e) => Err(e),
    };
    if saved.is_ok() && asked.form.value("then") == "next" {
        let mut conn = asked.kernel.db.read().await?;
        return Ok(see_other(&match store::next_new(&mut conn, asked.id).await? {
            Some(next) => format!("{HERE}/{next}"),
            None => format!("{HERE}?fatto=finite"),
        }));
    }
    asked.ends(saved, "salvata").await
}

pub(super) async fn do_place(asked: Asked) -> Result<HttpResponse, Problem> {
    let placement = match asked.form.value("where") {
        "own" => Placement::Own,
        _ => Placement::Ticket(asked.form.value("ticket").to_owned()),
    };
    let placed = place(&asked.kernel, &asked.who, asked.id, asked.form.version()?, placement).await;
    asked.ends(placed, "collocata").await
}

pub(super) async fn do_state(asked: Asked) -> Result<HttpResponse, Problem> {
    let standing = match asked.form.value("state") {
        "not_ours" => Standing::NotOurs { reason: asked.form.value("reason").to_owned() },
        "worked" => Standing::Worked,
        _ => Standing::New,
    };
    let set = set_state(&asked.kernel, &asked.who, asked.id, asked.form.version()?, standing).await;
    asked.ends(set, "stato").await
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

pub(super) async fn do_arrange(intake: web::Data<Intake>, asked: Asked) -> Result<HttpResponse, Problem> {
    let arranged = match arrangement(&asked.form) {
        Ok(arrangement) => arrange(&intake, &asked.who, asked.id, arrangement).await,
        Err(e) => Err(e),
    };
    asked.ends(arranged, "ordinata").await
}
