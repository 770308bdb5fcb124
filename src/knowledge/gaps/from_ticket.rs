//! A sheet drafted from a ticket that was answered, with personal data removed (004-13).
use std::collections::BTreeMap;

use super::store;
use crate::kernel::Kernel;
use crate::kernel::database::{Conn, StoreError, Tx};
use crate::kernel::language::Language;
use crate::kernel::permissions::{Permission, Principal};
use crate::knowledge::categories::CategoryTree;
use crate::knowledge::model::{Audience, Maturity, SheetCode, SheetDraft, SheetText};
use crate::knowledge::redact::{self, Author, Known, What};
use crate::knowledge::sheets::SheetError;
use crate::knowledge::store as sheet_store;
use crate::knowledge::store::ListOf;
use crate::knowledge::versions::draft::{self, Basis};
use crate::people;
use crate::tickets::store as ticket_store;
use crate::tickets::store::ContactRow;
use crate::tickets::{Ticket, TicketError};

/// Contacts of a ticket that are read.
const CONTACTS: i64 = 200;
/// Sheets of an area whose offices may stay in the text.
const NEIGHBOURS: i64 = 200;
/// Longest title and question, and summary, in characters.
const SHORT: usize = 160;
const SUMMARY: usize = 400;
/// Lines with which a letter ends.
const ENDINGS: [&str; 7] = [
    "cordiali saluti",
    "distinti saluti",
    "un cordiale saluto",
    "saluti",
    "kind regards",
    "best regards",
    "yours sincerely",
];
/// Words with which a letter begins.
const GREETINGS: [&str; 9] =
    ["gentile", "gentili", "buongiorno", "buonasera", "egregio", "egregia", "caro", "cara", "dear"];

/// Why a ticket gives no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    #[error(transparent)]
    Ticket(#[from] TicketError),
    #[error(transparent)]
    Sheet(#[from] SheetError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<crate::kernel::permissions::Forbidden> for DraftError {
    fn from(e: crate::kernel::permissions::Forbidden) -> Self {
        Self::Sheet(e.into())
    }
}

impl From<DraftError> for crate::kernel::problem::Problem {
    fn from(e: DraftError) -> Self {
        match e {
            DraftError::Ticket(e) => e.into(),
            DraftError::Sheet(e) => e.into(),
            DraftError::Store(e) => e.into(),
        }
    }
}

/// What was drafted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drafted {
    /// Code of the sheet.
    pub code: String,
    /// How much of what was removed; empty when it had been drafted before.
    pub removed: BTreeMap<What, usize>,
    /// Whether it is new; a ticket gives one sheet.
    pub new: bool,
}

/// Drafts a sheet from the question and the answer of a ticket that is over. Personal data leave placeholders, and
/// while there is one the draft can be saved but not submitted. Of a ticket that gave one before, that one is
/// answered.
///
/// # Errors
/// When the ticket is not over or nobody answered it, or the caller may not draft.
pub async fn draft(kernel: &Kernel, who: &Principal, code: &str) -> Result<Drafted, DraftError> {
    who.require(Permission::WorkTickets)?;
    who.require(Permission::DraftKnowledge)?;
    let (who, code, now, zone) = (who.clone(), code.to_owned(), kernel.now(), kernel.config.zone());
    let phone = kernel.config.agency.phone.clone();
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let ticket = ticket_store::lock_by_code(tx, &code).await?.ok_or(TicketError::NotFound)?;
                if let Some(code) = store::drafted(tx, ticket.id).await? {
                    return Ok(Drafted { code, removed: BTreeMap::new(), new: false });
                }
                if !ticket.state.is_over() {
                    return Err(SheetError::invalid("ticket", "not_over").into());
                }
                let tree = CategoryTree::of(sheet_store::categories(tx).await?);
                let source = Source::read(tx, &ticket, &phone, &tree).await?;
                let (text, removed) = source.text(&ticket)?;
                let category = ticket.category_id.and_then(|id| tree.get(id));
                let unit = match category.and_then(|c| c.unit) {
                    Some(unit) => sheet_store::unit_slug(tx, unit).await?,
                    None => None,
                };
                let area = category.and_then(|c| tree.area_of(c.id));
                let sheet = next_code(&store::codes(tx).await?, area.map(|a| (a.id, a.slug.as_str())));
                let language = text.language;
                let sheet = sheet.ok_or_else(|| SheetError::invalid("code", "invalid"))?;
                let mut content = SheetDraft::new(sheet, Audience::Public, Maturity::Information, vec![text]);
                content.category = category.map(|c| c.slug.clone());
                content.unit = unit;
                let why = why(&removed, language);
                let saved = draft::save_in(tx, &who, content, why, Basis::New, (now, zone)).await?;
                store::remember_origin(tx, saved.sheet, ticket.id, now).await?;
                Ok(Drafted { code: saved.content.code.as_str().to_owned(), removed, new: true })
            })
        })
        .await
}

/// What the draft says of itself: where it comes from, and what was removed.
fn why(removed: &BTreeMap<What, usize>, language: Language) -> String {
    if removed.is_empty() {
        return language.text("gap-draft-why-nothing");
    }
    let list: Vec<String> = removed.iter().map(|(what, n)| format!("{} {n}", what.label(language))).collect();
    language.text_with("gap-draft-why", &[("removed", list.join(", "))])
}

/// Question and answer of a ticket, and what must not remain of them.
struct Source {
    question: String,
    answer: String,
    known: Known,
}

impl Source {
    async fn read(conn: &mut Tx, ticket: &Ticket, phone: &str, tree: &CategoryTree) -> Result<Self, DraftError> {
        let contacts = ticket_store::contacts(conn, ticket.id, i64::MAX, CONTACTS).await?;
        let from_citizen = |c: &&ContactRow| c.direction == "in" && c.leg_id.is_none() && c.automatic.is_none();
        let question = contacts.iter().find(from_citizen).map(|c| c.body.clone()).unwrap_or_default();
        let last =
            contacts.iter().rev().find(|c| c.direction == "out" && c.leg_id.is_none() && !c.body.trim().is_empty());
        let answer = last.map(|c| c.body.clone()).ok_or_else(|| SheetError::invalid("ticket", "no_answer"))?;
        let mut known = known_of(conn, ticket, &contacts).await?;
        for contact in contacts.iter().filter(from_citizen) {
            known.learn_streets(&contact.body);
        }
        known.keep(phone);
        for value in store::keep_values(conn).await? {
            known.keep(&value);
        }
        let area = ticket.category_id.and_then(|id| tree.area_of(id)).map(|a| a.id);
        let of = ListOf { area, audience: Some(Audience::Public), after: String::new(), limit: NEIGHBOURS };
        let ids = sheet_store::list(conn, &of).await?;
        for office in sheet_store::sheets(conn, &ids).await?.into_iter().flat_map(|s| s.details.offices) {
            known.keep(&office.phone);
            known.keep(&office.email);
        }
        Ok(Self { question, answer, known })
    }

    fn text(&self, ticket: &Ticket) -> Result<(SheetText, BTreeMap<What, usize>), SheetError> {
        let language = Language::from_tag(&ticket.language).unwrap_or(Language::Italian);
        let clean = |text: &str, author: Author| redact::redact(text, &self.known, author, language);
        let title = clean(subject(&ticket.subject), Author::Citizen);
        let question = clean(&self.question, Author::Citizen);
        let answer = clean(body_of_letter(&self.answer), Author::Office);
        if answer.trim().is_empty() {
            return Err(SheetError::invalid("ticket", "no_answer"));
        }
        let asked = sentence(&question, true, SHORT);
        let title = if title.trim().is_empty() { asked.clone() } else { shortened(title.trim(), SHORT) };
        let text = SheetText {
            title,
            question: asked,
            summary: sentence(&answer, false, SUMMARY),
            public_text: answer.clone(),
            reply: answer,
            ..SheetText::empty(language)
        };
        let removed = redact::count([text.title.as_str(), &text.question, &text.public_text], language);
        Ok((text, removed))
    }
}

/// All that is known of whoever takes part in a ticket.
async fn known_of(conn: &mut Conn, ticket: &Ticket, contacts: &[ContactRow]) -> Result<Known, StoreError> {
    let mut known = Known::default();
    known.identifier("code", &ticket.code);
    let mut persons: Vec<i64> = contacts.iter().filter_map(|c| c.person_id).chain(ticket.person_id).collect();
    persons.sort_unstable();
    persons.dedup();
    for person in persons {
        let Some(file) = people::file::read(conn, person).await? else { continue };
        known.name(&file.person.name);
        for one in &file.identifiers {
            known.identifier(&one.kind, &one.value);
            known.identifier(&one.kind, &one.raw);
        }
        for claim in &file.claims {
            known.identifier(&claim.kind, &claim.value);
            known.identifier(&claim.kind, &claim.raw);
        }
        if let Some(lines) = ticket_store::last_postal(conn, person).await? {
            known.address(&lines);
        }
    }
    let mut authors: Vec<i64> = contacts.iter().filter_map(|c| c.author_id).collect();
    authors.sort_unstable();
    authors.dedup();
    for author in authors {
        known.name(&ticket_store::user_name(conn, author).await?);
    }
    for contact in contacts.iter().filter(|c| c.leg_id.is_none()) {
        known.name(&contact.from_name);
        for address in [&contact.from_address, &contact.to_address] {
            match address.as_str() {
                "" => {}
                // On paper the address has lines, or spaces.
                lines if contact.channel == "letter" => known.address(lines),
                mail if mail.contains('@') => known.identifier("email", mail),
                number => known.identifier("phone", number),
            }
        }
    }
    Ok(known)
}

/// A subject without what mail programs put before it.
fn subject(text: &str) -> &str {
    let mut rest = text.trim();
    while let Some((before, after)) = rest.split_once(':')
        && matches!(before.trim().to_lowercase().as_str(), "re" | "r" | "fw" | "fwd" | "i" | "rif")
    {
        rest = after.trim();
    }
    rest
}

/// A letter without greeting and signature.
fn body_of_letter(text: &str) -> &str {
    let mut body = text.trim();
    if let Some((first, rest)) = body.split_once('\n') {
        let begins = first.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        let is_greeting = GREETINGS.contains(&begins.as_str()) && first.trim_end().ends_with([',', '!', '.']);
        if is_greeting && first.chars().count() <= 80 {
            body = rest.trim_start();
        }
    }
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        let plain = line.trim().trim_end_matches([',', '.', '!']).to_lowercase();
        // A letter that begins with its ending has none.
        if at > 0 && ENDINGS.iter().any(|end| plain == *end || plain.starts_with(&format!("{end},"))) {
            return body[..at].trim_end();
        }
        at += line.len();
    }
    body
}

/// The first sentence, or the first that asks if one does.
fn sentence(text: &str, question: bool, most: usize) -> String {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c == '\n' || (c.is_whitespace() && matches!(before, '.' | '!' | '?')) {
            sentences.push(text[start..at].trim());
            start = at;
        }
        before = c;
    }
    sentences.push(text[start..].trim());
    sentences.retain(|s| s.chars().filter(|c| c.is_alphanumeric()).count() > 12);
    let asks = sentences.iter().find(|s| question && s.ends_with('?'));
    let chosen = asks.or(sentences.first()).copied().unwrap_or(text.trim());
    shortened(chosen, most)
}

/// A text of one line that ends between words, never within a placeholder.
fn shortened(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let mut short = String::new();
    for word in line.split(' ') {
        if short.chars().count() + word.chars().count() + 2 > most {
            break;
        }
        if !short.is_empty() {
            short.push(' ');
        }
        short.push_str(word);
    }
    if short.matches('\u{27E6}').count() > short.matches('\u{27E7}').count()
        && let Some(at) = short.rfind('\u{27E6}')
    {
        short.truncate(at);
    }
    format!("{}…", short.trim_end())
}

/// A code like those of the sheets of an area, with the next number.
fn next_code(codes: &[(String, Option<i64>)], area: Option<(i64, &str)>) -> Option<SheetCode> {
    let prefix_of = |code: &str| code.split_once('-').map(|(prefix, _)| prefix.to_owned());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (code, of) in codes {
        if area.is_some_and(|(id, _)| *of == Some(id))
            && let Some(prefix) = prefix_of(code)
        {
            *counts.entry(prefix).or_default() += 1;
        }
    }
    let used = counts.into_iter().max_by_key(|(prefix, n)| (*n, std::cmp::Reverse(prefix.clone()))).map(|(p, _)| p);
    let of_slug = || {
        let letters: String =
            area.map(|(_, slug)| slug).unwrap_or("urp").chars().filter(char::is_ascii_alphabetic).take(3).collect();
        if letters.len() < 2 { "URP".to_owned() } else { letters.to_ascii_uppercase() }
    };
    let prefix = used.unwrap_or_else(of_slug);
    let number =
        |code: &str| code.split_once('-').filter(|(p, _)| *p == prefix).and_then(|(_, n)| n.parse::<u32>().ok());
    let last = codes.iter().filter_map(|(code, _)| number(code)).max().unwrap_or(0);
    SheetCode::parse(&format!("{prefix}-{:02}", last + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_taken_without_greeting_and_signature() {
        let letter = "Gentile Maria Rossi,\n\nbasta un appuntamento.\nCosta 22 euro.\n\nCordiali saluti\nAda Bruni";
        assert_eq!(body_of_letter(letter), "basta un appuntamento.\nCosta 22 euro.");
        assert_eq!(body_of_letter("Sì, certo."), "Sì, certo.");
        assert_eq!(subject("Re: R: Carta"), "Carta");
    }

    #[test]
    fn the_question_is_the_sentence_that_asks() {
        let text = "Buongiorno.\nHo perso la carta ieri. Come si rifà la carta d'identità? Grazie";
        assert_eq!(sentence(text, true, 160), "Come si rifà la carta d'identità?");
        assert_eq!(sentence(text, false, 160), "Ho perso la carta ieri.");
        assert_eq!(shortened("uno due tre quattro", 10), "uno due…");
        assert_eq!(shortened("uno \u{27E6}codice fiscale\u{27E7} tre quattro", 17), "uno…");
    }

    #[test]
    fn a_new_code_goes_on_where_its_area_stands() {
        let codes: Vec<(String, Option<i64>)> =
            [("ANA-01", 1), ("ANA-07", 1), ("URP-03", 1), ("AMB-02", 2)].map(|(c, a)| (c.to_owned(), Some(a))).into();
        let next = |area| next_code(&codes, area).map(|c| c.as_str().to_owned());
        assert_eq!(next(Some((1, "anagrafe"))).as_deref(), Some("ANA-08"));
        assert_eq!(next(Some((9, "sport"))).as_deref(), Some("SPO-01"));
        assert_eq!(next(None).as_deref(), Some("URP-04"));
    }
}
