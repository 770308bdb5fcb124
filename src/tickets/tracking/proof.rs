//! How a citizen shows that a ticket is theirs: the key of a link we mailed, or the e-mail or phone that was
//! used. Either is remembered for two hours in a signed cookie that goes to this ticket's pages only.
use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use super::{TrackingLimits, store};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::kernel::secrets;
use crate::people::Identifier;

const COOKIE: &str = "sportello_pratica";
/// Seconds for which a proof is remembered.
const REMEMBERED: i64 = 2 * 60 * 60;

/// Path of a ticket's page.
pub fn path(code: &str) -> String {
    format!("/sportello/pratica/{code}")
}

/// The key of the link that opens a ticket without another question.
pub fn key(kernel: &Kernel, code: &str) -> String {
    kernel.secrets.sign("track", &[code])
}

/// Whether a key opens a ticket.
pub fn key_opens(kernel: &Kernel, code: &str, key: &str) -> bool {
    kernel.secrets.verify("track", &[code], key)
}

/// The cookie that remembers a proof.
pub fn cookie(kernel: &Kernel, code: &str) -> Cookie<'static> {
    let expires = (seconds(kernel) + REMEMBERED).to_string();
    let signature = kernel.secrets.sign("track-session", &[code, &expires]);
    Cookie::build(COOKIE, format!("{expires}.{signature}"))
        .path(path(code))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(kernel.config.server.public_url.starts_with("https:"))
        .max_age(Duration::seconds(REMEMBERED))
        .finish()
}

/// Whether the request carries a proof for this ticket that is still good.
pub fn given(kernel: &Kernel, req: &HttpRequest, code: &str) -> bool {
    let Some(cookie) = req.cookie(COOKIE) else { return false };
    let Some((expires, signature)) = cookie.value().split_once('.') else { return false };
    kernel.secrets.verify("track-session", &[code, expires], signature)
        && expires.parse::<i64>().is_ok_and(|at| at > seconds(kernel))
}

fn seconds(kernel: &Kernel) -> i64 {
    kernel.now().timestamp().as_second()
}

/// What became of a second fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The ticket is theirs.
    Fits,
    /// None was given yet.
    Missing,
    /// It is not what was used.
    Wrong,
    /// There is no such ticket.
    Nothing,
    /// Too many were tried on this code.
    TooMany,
    /// Too many look-ups came from this address.
    TooManyLookups,
}

/// Tries a second fact on a code, within the limits for both the caller and the code.
///
/// # Errors
/// When the database cannot be read.
pub async fn prove(
    kernel: &Kernel,
    limits: &TrackingLimits,
    req: &HttpRequest,
    code: &str,
    typed: &str,
) -> Result<Proof, StoreError> {
    if !limits.look_up(kernel, req) {
        return Ok(Proof::TooManyLookups);
    }
    let given = !typed.trim().is_empty();
    let may_try = !given || limits.try_proof(kernel, code);
    let mut conn = kernel.db.read().await?;
    let Some(ticket) = store::followed(&mut conn, code).await? else { return Ok(Proof::Nothing) };
    let known = store::facts(&mut conn, &ticket).await?;
    Ok(match (given, may_try) {
        (false, _) => Proof::Missing,
        (true, false) => Proof::TooMany,
        (true, true) if fact_fits(&known, typed) => Proof::Fits,
        (true, true) => Proof::Wrong,
    })
}

/// Whether what was typed is one of the known addresses and numbers, whatever its spelling. Every known one is
/// compared, in constant time, so that the answer's time tells nothing.
fn fact_fits(known: &[String], typed: &str) -> bool {
    let forms: Vec<String> = normal_forms(typed);
    let mut fits = false;
    for fact in known.iter().flat_map(|f| normal_forms(f)) {
        for form in &forms {
            fits |= secrets::same(&secrets::token_hash(&fact), &secrets::token_hash(form));
        }
    }
    fits
}

fn normal_forms(text: &str) -> Vec<String> {
    [Identifier::email(text), Identifier::phone(text)].into_iter().flatten().map(|i| i.value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_fits_in_any_spelling_and_nothing_else_does() {
        let known = ["Mario.Rossi@example.it".to_owned(), "+393331234567".to_owned()];
        for typed in ["mario.rossi@EXAMPLE.it", " 333 123 4567", "0039 333-1234567"] {
            assert!(fact_fits(&known, typed), "{typed}");
        }
        for typed in ["", "rossi", "mario.rossi@example.com", "333 123 4568"] {
            assert!(!fact_fits(&known, typed), "{typed}");
        }
        assert!(!fact_fits(&["anonymous".to_owned()], "anonymous"), "a name is no fact");
    }
}
