//! Pages that the scanner or the separators mixed up are put right: turned, put in order, divided into letters of
//! their own, joined to another. The scan as it came is kept.
use channels::paper::{Leaf, PaperReader, bind};
use channels::{Paper, PaperPage};
use serde_json::json;

use super::correct::save;
use super::model::{LetterState, joined};
use super::picture::programs;
use super::store::{self, LetterRow, PageRow};
use super::{LetterError, view};
use crate::intake::{Incoming, Intake, RawSource, ThreadHints, files};
use crate::kernel::Kernel;
use crate::kernel::database::{StoreError, Tx};
use crate::kernel::permissions::{Permission, Principal};
use crate::kernel::time::Instant;
use crate::people::Evidence;
use crate::tickets::change::Change;
use crate::tickets::merging::{self, Merge};
use crate::tickets::store::StoredFile;
use crate::tickets::{self, Channel};

/// Where a page goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlacedPage {
    /// Its row id.
    pub page: i64,
    /// Quarter turns to the right.
    pub turns: u8,
    /// Whether another letter begins with it.
    pub begins: bool,
}

/// All pages of a letter in their new order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// The version it was made on.
    pub version: Option<i64>,
    pub pages: Vec<PlacedPage>,
    /// The letter whose pages are to follow those of this one.
    pub join: Option<i64>,
}

/// A letter to be made: its pages, their scan, its file.
struct Made {
    pages: Vec<(PageRow, PlacedPage)>,
    file: StoredFile,
    /// What was read of pages that were turned, by row id.
    again: Vec<(i64, PaperPage)>,
}

/// Arranges the pages of a letter. Further letters that this makes come in like any other; answers the letters, the
/// arranged one first.
///
/// # Errors
/// When it was changed meanwhile or is registered, a page is missing or named twice, or the programs fail.
pub async fn arrange(intake: &Intake, who: &Principal, id: i64, asked: Arrangement) -> Result<Vec<i64>, LetterError> {
    who.require(Permission::WorkTickets)?;
    let kernel = intake.kernel();
    let mut conn = kernel.db.read().await?;
    let letter = store::letter(&mut conn, id).await?.ok_or(LetterError::NotFound)?;
    let version = asked.version.unwrap_or(letter.version);
    check(&letter, version)?;
    let mut pages = store::pages(&mut conn, id).await?;
    let mut other = None;
    if let Some(join) = asked.join.filter(|join| *join != id) {
        let unknown = LetterError::Invalid { field: "join", wrong: "unknown" };
        let row = store::letter(&mut conn, join).await?.ok_or(unknown)?;
        check(&row, row.version)?;
        pages.extend(store::pages(&mut conn, join).await?);
        other = Some(row);
    }
    let name = store::file(&mut conn, id).await?.map_or_else(|| "lettera.pdf".to_owned(), |(name, _)| name);
    drop(conn);
    let groups = grouped(pages, &asked, id)?;
    let mut made = Vec::with_capacity(groups.len());
    for (number, group) in groups.into_iter().enumerate() {
        let name =
            if number == 0 { name.clone() } else { format!("{}-{}.pdf", name.trim_end_matches(".pdf"), number + 1) };
        made.push(bound(kernel, group, &name).await?);
    }
    let mut made = made.into_iter();
    let first = made.next().ok_or(LetterError::Invalid { field: "pages", wrong: "missing" })?;
    let mut letters = vec![id];
    // The new letters first: whoever is cut short in between has pages twice, never lost.
    for (number, part) in made.enumerate() {
        letters.push(take_in(intake, who, &letter, version, number, part).await?);
    }
    put(kernel, who, &letter, version, first, other.as_ref()).await?;
    if let Some(other) = other {
        follow(kernel, who, &letter, &other).await?;
    }
    Ok(letters)
}

fn check(letter: &LetterRow, version: i64) -> Result<(), LetterError> {
    if letter.version != version {
        return Err(LetterError::Stale { current: letter.version });
    }
    if letter.state == LetterState::Joined.as_str() {
        return Err(LetterError::Joined);
    }
    if letter.registration_id.is_some() { Err(LetterError::Registered) } else { Ok(()) }
}

/// The pages of each letter to be made. Pages of a joined letter that nobody placed follow in their order.
fn grouped(
    mut pages: Vec<PageRow>,
    asked: &Arrangement,
    id: i64,
) -> Result<Vec<Vec<(PageRow, PlacedPage)>>, LetterError> {
    let wrong = |wrong| LetterError::Invalid { field: "pages", wrong };
    let mut groups: Vec<Vec<(PageRow, PlacedPage)>> = Vec::new();
    for placed in &asked.pages {
        let at = pages.iter().position(|p| p.id == placed.page).ok_or_else(|| wrong("unknown"))?;
        let page = pages.remove(at);
        match groups.last_mut() {
            Some(group) if !placed.begins => group.push((page, *placed)),
            _ => groups.push(vec![(page, *placed)]),
        }
    }
    if pages.iter().any(|p| p.letter_id == id) {
        return Err(wrong("missing"));
    }
    if groups.is_empty() {
        return Err(wrong("missing"));
    }
    let rest = pages.into_iter().map(|page| {
        let placed = PlacedPage { page: page.id, turns: 0, begins: false };
        (page, placed)
    });
    if let Some(group) = groups.first_mut() {
        group.extend(rest);
    }
    Ok(groups)
}

/// Puts pages into one file and reads again those that were turned.
async fn bound(kernel: &Kernel, pages: Vec<(PageRow, PlacedPage)>, name: &str) -> Result<Made, LetterError> {
    let mut scans: Vec<(String, bytes::Bytes)> = Vec::new();
    for (page, _) in &pages {
        if !scans.iter().any(|(blob, _)| *blob == page.blob) {
            scans.push((page.blob.clone(), kernel.blobs.get(&page.blob).await?));
        }
    }
    let programs = programs(kernel);
    let leaves: Vec<(usize, usize, u8, i64)> = pages
        .iter()
        .map(|(page, placed)| {
            let scan = scans.iter().position(|(blob, _)| *blob == page.blob).unwrap_or_default();
            (scan, usize::try_from(page.number).unwrap_or(1), placed.turns, page.id)
        })
        .collect();
    let work = move || {
        let leaf = |(scan, page, turns, _): &(usize, usize, u8, i64)| Leaf {
            file: scans.get(*scan).map(|(_, bytes)| bytes.as_ref()).unwrap_or_default(),
            page: *page,
            turns: *turns,
        };
        let all: Vec<Leaf<'_>> = leaves.iter().map(leaf).collect();
        let whole = bind(&all, &programs)?;
        let reader = PaperReader { programs: programs.clone(), ..PaperReader::default() };
        let mut again = Vec::new();
        for (found, leaf) in leaves.iter().zip(&all).filter(|(_, leaf)| !leaf.turns.is_multiple_of(4)) {
            let one = bind(&[*leaf], &programs)?;
            // Without the program that reads, the page is turned all the same.
            if let Ok(page) = reader.read_one(&one) {
                again.push((found.3, page));
            }
        }
        Ok::<_, channels::paper::ProgramError>((whole, again))
    };
    let (whole, again) = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Interrupted)??;
    let file = files::store(kernel, name, "application/pdf", whole.into(), None, false).await?;
    Ok(Made { pages, file, again })
}

/// A part that becomes a letter, and a ticket, of its own.
async fn take_in(
    intake: &Intake,
    who: &Principal,
    letter: &LetterRow,
    version: i64,
    number: usize,
    part: Made,
) -> Result<i64, LetterError> {
    let kernel = intake.kernel();
    let mut conn = kernel.db.read().await?;
    let ticket = tickets::store::by_id(&mut conn, letter.ticket_id).await?.ok_or(LetterError::NotFound)?;
    drop(conn);
    let texts = || part.pages.iter().map(|(page, _)| page.text.as_str());
    let text = joined(texts());
    let read = part.pages.iter().map(|_| PaperPage::default()).collect();
    let id = letter.id;
    let incoming = Incoming {
        channel: Channel::Letter,
        raw: RawSource::Fresh {
            account: "desk".to_owned(),
            external_id: format!("letter:{id}.{version}.{number}"),
            body: Some(json!({ "divided_from": id, "file": part.file.blob }).to_string().into_bytes()),
            blob: None,
            size: part.file.size,
        },
        identifiers: Vec::new(),
        evidence: Evidence::Vouched,
        name: String::new(),
        from_address: String::new(),
        to_address: String::new(),
        subject: String::new(),
        text: if text.is_empty() { letter.body.clone() } else { text },
        quoted: String::new(),
        html: None,
        files: vec![part.file.clone()],
        notices: String::new(),
        paper: Some(Paper { pages: part.pages.len(), read, ..Paper::default() }),
        automatic: None,
        message_id: None,
        dedupe_key: Some(format!("letter:{id}.{version}.{number}")),
        thread: ThreadHints::default(),
        kind: ticket.kind,
        answered: None,
        sheet: None,
        category_id: None,
        owner_unit_id: ticket.owner_unit_id,
        forwards: false,
        registered_by: None,
        language: ticket.language.clone(),
        happened_at: letter.received_at,
        actor: who.actor.clone(),
    };
    let made = intake.take_in(incoming).await?.contact().ok_or(LetterError::NotFound)?;
    let (now, user) = (kernel.now(), who.user_id);
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                if store::pages(tx, made).await?.iter().any(|p| p.read_text.is_some()) {
                    // An earlier try came this far.
                    return Ok(());
                }
                store::clear_pages(tx, made).await?;
                keep(tx, made, &part).await?;
                let mut row = view::begin(tx, made, None).await?;
                row.confidence = mean(part.pages.iter().map(|(p, _)| p.confidence));
                save(tx, &row).await?;
                store::note(tx, made, user, "pages", &id.to_string(), &part.file.blob, now).await?;
                Ok::<_, LetterError>(())
            })
        })
        .await?;
    Ok(made)
}

/// Puts the pages of a part in their places, with what was read of those that were turned.
async fn keep(tx: &mut Tx, letter: i64, part: &Made) -> Result<(), LetterError> {
    for (place, (page, _)) in part.pages.iter().enumerate() {
        let place = i64::try_from(place).unwrap_or(i64::MAX - 1);
        store::put_page(tx, page.id, letter, place, &part.file.blob, place + 1).await?;
    }
    for (id, read) in &part.again {
        if let Some(text) = &read.text {
            let text = text.replace('\0', "");
            let doubtful = serde_json::to_string(&read.doubtful).unwrap_or_else(|_| "[]".to_owned());
            store::read_again(tx, *id, read.confidence.map(i64::from), &text, &doubtful).await?;
        }
    }
    Ok(())
}

fn mean(all: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    let read: Vec<i64> = all.flatten().collect();
    (!read.is_empty()).then(|| read.iter().sum::<i64>() / i64::try_from(read.len()).unwrap_or(1))
}

/// Saves the letter itself in its new order, and empties the one that joins it.
async fn put(
    kernel: &Kernel,
    who: &Principal,
    letter: &LetterRow,
    version: i64,
    part: Made,
    other: Option<&LetterRow>,
) -> Result<(), LetterError> {
    let (now, who, id, other) = (kernel.now(), who.clone(), letter.id, other.map(|o| (o.id, o.version)));
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let mut row = view::begin(tx, id, Some(version)).await?;
                if row.registration_id.is_some() {
                    return Err(LetterError::Registered);
                }
                if let Some((other, version)) = other {
                    empty(tx, &who, (other, version), id, now).await?;
                }
                let before = store::file(tx, id).await?.map(|(_, blob)| blob).unwrap_or_default();
                keep(tx, id, &part).await?;
                store::replace_file(tx, id, &part.file.blob, part.file.size).await?;
                let pages = store::pages(tx, id).await?;
                row.confidence = mean(pages.iter().map(|p| p.confidence));
                let body = joined(pages.iter().map(|p| p.text.as_str()));
                let body = if body.is_empty() { row.body.clone() } else { body };
                save(tx, &row).await?;
                store::save_contact(tx, id, &row.subject, &body, &row.sender_name, &row.sender_address, row.person_id)
                    .await?;
                store::note(tx, id, who.user_id, "pages", &before, &part.file.blob, now).await?;
                let change = Change::begin_by_id(tx, row.ticket_id, None, who.actor, now).await?;
                change.save(tx, "letter.arranged", json!({ "contact": id })).await?;
                Ok(())
            })
        })
        .await
}

async fn empty(
    tx: &mut Tx,
    who: &Principal,
    (other, version): (i64, i64),
    into: i64,
    now: Instant,
) -> Result<(), LetterError> {
    let mut row = view::begin(tx, other, Some(version)).await?;
    if row.registration_id.is_some() {
        return Err(LetterError::Registered);
    }
    store::note(tx, other, who.user_id, "state", &row.state, LetterState::Joined.as_str(), now).await?;
    LetterState::Joined.as_str().clone_into(&mut row.state);
    row.joined_to = Some(into);
    save(tx, &row).await
}

/// The ticket that a joined letter had opened goes on in that of the letter it joined.
async fn follow(kernel: &Kernel, who: &Principal, letter: &LetterRow, other: &LetterRow) -> Result<(), LetterError> {
    let mut conn = kernel.db.read().await?;
    let alone = store::others_on(&mut conn, other.ticket_id, other.id).await? == 0;
    drop(conn);
    if alone && letter.ticket_id != other.ticket_id {
        let how = Merge { into: letter.code.clone(), ..Merge::default() };
        merging::merge(kernel, who, &other.code, how).await?;
    }
    Ok(())
}
