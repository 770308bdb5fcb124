//! The table itself: reading what spreadsheets write, and writing what they open.
use std::collections::{BTreeMap, BTreeSet};

use channels::email::text::decode_unknown;
use jiff::civil::Date;

use super::Fault;
use crate::kernel::hours::parse_patron;
use crate::kernel::language::Language;
use crate::kernel::names::stored_enum;
use crate::kernel::opening::written_day;
use crate::organisation::chart::is_slug;
use crate::organisation::referents::is_address;
use crate::organisation::sites::SiteHours;
use crate::organisation::{AgencyKind, Rank, UnitKind};

stored_enum! {
    /// What a line is about.
    Record {
        Agency = "agency",
        Unit = "unit",
        Site = "site",
        Referent = "referent",
    }
}

/// All columns, in the order in which they are written.
pub const COLUMNS: [&str; 22] = [
    "record",
    "code",
    "agency",
    "unit",
    "name",
    "name_en",
    "kind",
    "scope",
    "email",
    "phone",
    "account",
    "address",
    "note",
    "note_en",
    "hours",
    "seasons",
    "closures",
    "holidays",
    "patron",
    "from",
    "to",
    "successor",
];

/// The columns that say something about a record, beside `record` itself.
pub const fn columns_of(record: Record) -> &'static [&'static str] {
    match record {
        Record::Agency => &["code", "name", "kind", "email"],
        Record::Unit => {
            &["code", "agency", "unit", "name", "name_en", "kind", "scope", "email", "from", "to", "successor"]
        }
        Record::Site => &[
            "code", "unit", "name", "email", "phone", "address", "note", "note_en", "hours", "seasons", "closures",
            "holidays", "patron", "from", "to",
        ],
        Record::Referent => &["unit", "name", "kind", "email", "phone", "account", "from", "to"],
    }
}

/// A line, its cells in the form in which they are stored; empty ones are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// In the file; 0 for what is stored.
    pub line: u64,
    /// Row id of what is stored; 0 in a file.
    pub id: i64,
    pub record: Record,
    pub cells: BTreeMap<&'static str, String>,
}

impl Entry {
    /// An entry of pairs; empty values are left out.
    pub fn new(line: u64, id: i64, record: Record, pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let cells = pairs.into_iter().map(|(column, text)| (column, text.trim().to_owned()));
        Self { line, id, record, cells: cells.filter(|(_, text)| !text.is_empty()).collect() }
    }

    /// A cell; empty when it is.
    pub fn get(&self, column: &str) -> &str {
        self.cells.get(column).map(String::as_str).unwrap_or_default()
    }

    /// A day; `None` for an empty cell.
    pub fn day(&self, column: &str) -> Option<Date> {
        self.get(column).parse().ok()
    }

    /// Hours of a site; silent where another program wrote what cannot be read.
    pub fn hours(&self) -> SiteHours {
        let day_first = self.get("patron").split_once('-').map(|(m, d)| format!("{d}/{m}")).unwrap_or_default();
        let read = SiteHours::read(self.get("hours"), self.get("seasons"), self.get("closures"), &day_first);
        SiteHours { holidays: self.get("holidays") != "no", ..read.unwrap_or_default() }
    }
}

/// The cells that say when a site is open.
pub(super) fn hours_cells(hours: &SiteHours) -> [(&'static str, String); 5] {
    let joined = |lines: Vec<String>| lines.join(" | ");
    [
        ("hours", joined(hours.ordinary.iter().map(ToString::to_string).collect())),
        ("seasons", joined(hours.seasons.iter().map(ToString::to_string).collect())),
        ("closures", joined(hours.closures.iter().map(ToString::to_string).collect())),
        ("holidays", if hours.holidays { "yes" } else { "no" }.to_owned()),
        ("patron", hours.patron.clone()),
    ]
}

const FORMULA: [char; 4] = ['=', '+', '-', '@'];

/// A cell that begins like a formula would run in a spreadsheet.
fn guarded(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => text,
    }
}

/// Writes entries as Italian spreadsheets open them: with semicolons and a byte order mark.
///
/// # Errors
/// Never in practice: the writer is memory.
pub fn to_csv(entries: &[Entry]) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(COLUMNS)?;
    for entry in entries {
        let cell = |column: &&str| match *column {
            "record" => entry.record.as_str().to_owned(),
            column => guarded(entry.get(column)),
        };
        writer.write_record(COLUMNS.iter().map(cell))?;
    }
    let bytes = writer.into_inner().map_err(|e| csv::Error::from(e.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A table as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub entries: Vec<Entry>,
    /// The columns that it has: of others nothing is said.
    pub columns: BTreeSet<&'static str>,
    pub faults: Vec<Fault>,
}

/// Reads a table: UTF-8 or Windows-1252, parted by semicolons, commas or tabs. Lines that cannot be read are told.
pub fn read(bytes: &[u8]) -> Table {
    // With both characters at the end of a line the reader would count lines one too few.
    let text = decode_unknown(bytes).replace("\r\n", "\n");
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    let delimiter = [b';', b',', b'\t'].into_iter().max_by_key(|d| first.bytes().filter(|b| b == d).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b';'))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    let mut header: Option<Vec<Option<&'static str>>> = None;
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(e) => {
                let line = e.position().map_or(1, csv::Position::line);
                faults.push(Fault::new(line, "", "unreadable"));
                break;
            }
        };
        let line = record.position().map_or(1, csv::Position::line);
        let Some(columns) = &header else {
            header = Some(headings(&record, &mut faults));
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match entry(line, columns, &record) {
            Ok(entry) => entries.push(entry),
            Err(wrong) => faults.extend(wrong),
        }
    }
    if header.is_none() {
        faults.push(Fault::new(1, "", "empty"));
    }
    let columns = header.into_iter().flatten().flatten().collect();
    Table { entries, columns, faults }
}

fn headings(record: &csv::StringRecord, faults: &mut Vec<Fault>) -> Vec<Option<&'static str>> {
    let known = |cell: &str| {
        let name = cell.trim().to_lowercase();
        COLUMNS.into_iter().find(|column| *column == name)
    };
    let columns: Vec<_> = record.iter().map(known).collect();
    for (cell, column) in record.iter().zip(&columns) {
        if column.is_none() && !cell.trim().is_empty() {
            faults.push(Fault::new(1, cell.trim(), "unknown_column"));
        }
    }
    for needed in ["record", "name"] {
        if !columns.contains(&Some(needed)) {
            faults.push(Fault::new(1, needed, "column_missing"));
        }
    }
    columns
}

/// The value whose stored name, or name in either language, a text is.
fn named<T: Copy>(text: &str, all: &[T], name: impl Fn(T) -> &'static str, key: &str) -> Option<&'static str> {
    let text = text.trim().to_lowercase();
    let is = |value: &&T| {
        let stored = name(**value);
        stored == text || Language::ALL.iter().any(|l| l.text(&format!("{key}{stored}")).to_lowercase() == text)
    };
    all.iter().find(is).map(|value| name(*value))
}

fn entry(line: u64, columns: &[Option<&'static str>], found: &csv::StringRecord) -> Result<Entry, Vec<Fault>> {
    let mut cells: BTreeMap<&'static str, String> = BTreeMap::new();
    for (column, cell) in columns.iter().zip(found) {
        if let Some(column) = column {
            let text = unguarded(cell.trim()).trim().replace("\r\n", "\n");
            if !text.is_empty() {
                cells.insert(column, text);
            }
        }
    }
    let fault = |column: &str, wrong: &str| Fault::new(line, column, wrong);
    let record = cells.remove("record").unwrap_or_default();
    let Some(record) = named(&record, Record::ALL, Record::as_str, "org-record-").and_then(Record::from_text) else {
        return Err(vec![fault("record", if record.is_empty() { "missing" } else { "unknown" })]);
    };
    let mut faults = Vec::new();
    for column in cells.keys().filter(|column| !columns_of(record).contains(column)) {
        faults.push(fault(column, "not_here"));
    }
    for (column, text) in &mut cells {
        if let Err(wrong) = canonical(record, column, text) {
            faults.push(fault(column, wrong));
        }
    }
    let entry = Entry { line, id: 0, record, cells };
    faults.extend(lacking(&entry).into_iter().map(|column| fault(column, "missing")));
    if record == Record::Site && faults.is_empty() {
        let entry = &entry;
        let hours = hours_cells(&entry.hours());
        let mut whole = entry.clone();
        whole.cells.extend(hours.into_iter().filter(|(_, text)| !text.is_empty()));
        return Ok(whole);
    }
    if faults.is_empty() { Ok(entry) } else { Err(faults) }
}

/// Columns that a line must fill and does not.
fn lacking(entry: &Entry) -> Vec<&'static str> {
    let needed: &[&'static str] = match entry.record {
        Record::Agency => &["code", "name", "kind"],
        Record::Unit => &["code", "agency", "name", "kind"],
        Record::Site => &["code", "unit", "name", "address"],
        Record::Referent => &["unit", "name", "kind"],
    };
    let mut lacking: Vec<&'static str> = needed.iter().copied().filter(|c| entry.get(c).is_empty()).collect();
    if entry.record == Record::Referent && entry.get("email").is_empty() && entry.get("account").is_empty() {
        lacking.push("email");
    }
    lacking
}

/// Brings a cell into the form in which it is stored.
fn canonical(record: Record, column: &str, text: &mut String) -> Result<(), &'static str> {
    match column {
        "code" | "agency" | "unit" | "successor" if !is_slug(text) => return Err("not_a_slug"),
        "kind" => {
            let found = match record {
                Record::Agency => named(text, AgencyKind::ALL, AgencyKind::as_str, "org-agency-kind-"),
                Record::Unit => named(text, UnitKind::ALL, UnitKind::as_str, "org-kind-"),
                Record::Site | Record::Referent => named(text, Rank::ALL, Rank::as_str, "org-rank-"),
            };
            found.ok_or("unknown")?.clone_into(text);
        }
        "email" if !is_address(text) => return Err("not_an_address"),
        "account" => *text = text.to_lowercase(),
        "from" | "to" => *text = written_day(text).ok_or("not_a_day")?.to_string(),
        "holidays" => match text.to_lowercase().as_str() {
            "yes" | "sì" | "si" | "true" | "1" => "yes".clone_into(text),
            "no" | "false" | "0" => "no".clone_into(text),
            _ => return Err("unknown"),
        },
        "patron" => {
            let month_first = match text.split_once('/') {
                Some((day, month)) => format!("{month:0>2}-{day:0>2}"),
                None => text.clone(),
            };
            *text = parse_patron(&month_first).map(|(m, d)| format!("{m:02}-{d:02}")).ok_or("unreadable")?;
        }
        "hours" => SiteHours::read(text, "", "", "").map(drop).map_err(|e| e.wrong)?,
        "seasons" => SiteHours::read("", text, "", "").map(drop).map_err(|e| e.wrong)?,
        "closures" => SiteHours::read("", "", text, "").map(drop).map_err(|e| e.wrong)?,
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_spreadsheet_of_an_italian_desk_is_read() {
        let text = "\u{feff}Record;Code;Unit;Name;Kind;Address;Hours;Email;From;Agency\r\n\
                    Ente;asl;;Azienda sanitaria;Altro ente pubblico;;;;;\r\n\
                    Struttura;anagrafe;;Anagrafe;Back office;;;;1/2/2026;comune\r\n\
                    ;;;;;;;;;\r\n\
                    sede;duomo;anagrafe;Città;;Via del Duomo 4;lun-ven 8.30-13;;;\r\n";
        let Table { entries, faults, .. } = read(text.as_bytes());
        assert_eq!(faults, []);
        assert_eq!(entries.iter().map(|e| e.record).collect::<Vec<_>>(), [Record::Agency, Record::Unit, Record::Site]);
        assert_eq!(entries.iter().map(|e| e.line).collect::<Vec<_>>(), [2, 3, 5], "as the spreadsheet counts");
        assert_eq!((entries[1].get("kind"), entries[1].get("from")), ("back_office", "2026-02-01"));
        assert_eq!((entries[2].get("hours"), entries[2].get("holidays")), ("mon-fri 08:30-13:00", "yes"));
        // The same without the mark, in Windows-1252.
        let latin: Vec<u8> = text.chars().skip(1).map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert_eq!(read(&latin).entries[2].get("name"), "Città");
    }

    #[test]
    fn each_fault_names_its_line_and_column() {
        let text = "record,code,name,kind,email,patron,quando\n\
                    agency,Uno Due,Uno,own,,,\n\
                    agency,tre,,strano,x,,\n\
                    cosa,quattro,Quattro,,,,\n\
                    agency,cinque,Cinque,own,,06-24,\n";
        let found = read(text.as_bytes()).faults;
        let found: Vec<_> = found.iter().map(|f| (f.line, f.column.as_str(), f.wrong.as_str())).collect();
        assert_eq!(
            found,
            [
                (1, "quando", "unknown_column"),
                (2, "code", "not_a_slug"),
                (3, "email", "not_an_address"),
                (3, "kind", "unknown"),
                (3, "name", "missing"),
                (4, "record", "unknown"),
                (5, "patron", "not_here"),
            ]
        );
        assert_eq!(read(b"").faults, [Fault::new(1, "", "empty")]);
    }

    fn text() -> impl Strategy<Value = String> {
        "[ -~àèì€'\"=+@;,\\n-]{0,12}".prop_map(|text| text.trim().to_owned())
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(names in prop::collection::vec((text(), text()), 1..8)) {
            let entries: Vec<Entry> = names
                .iter()
                .zip(2_u64..)
                .map(|((name, phone), n)| {
                    let pairs = [
                        ("code", format!("c{n}")),
                        ("unit", "u".to_owned()),
                        ("name", format!("N{name}")),
                        ("address", "Via".to_owned()),
                        ("phone", phone.clone()),
                        ("holidays", "no".to_owned()),
                    ];
                    Entry::new(0, 0, Record::Site, pairs)
                })
                .collect();
            let Table { entries: back, faults, .. } = read(to_csv(&entries).unwrap().as_bytes());
            prop_assert_eq!(faults, vec![]);
            let cells = |all: &[Entry]| all.iter().map(|e| e.cells.clone()).collect::<Vec<_>>();
            prop_assert_eq!(cells(&back), cells(&entries));
        }

        #[test]
        fn any_bytes_can_be_tried(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
