//! What a table would add and change, without I/O.
use std::collections::{BTreeMap, BTreeSet};

use super::table::{Entry, Record, Table, columns_of};
use super::{Difference, Fault, Step};

/// A table beside what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    pub new: Vec<Entry>,
    /// As stored, and as the file has it.
    pub changed: Vec<(Entry, Entry)>,
    pub unchanged: usize,
    pub faults: Vec<Fault>,
}

/// By what an entry is found again: its code; referents by unit, address and first day.
fn key(entry: &Entry) -> (Record, String) {
    let text = match entry.record {
        Record::Agency | Record::Unit | Record::Site => entry.get("code").to_owned(),
        Record::Referent => format!("{} {}", whom(entry), entry.get("from")),
    };
    (entry.record, text)
}

/// Unit and address of a referent.
fn whom(entry: &Entry) -> String {
    let address = if entry.get("email").is_empty() { entry.get("account") } else { entry.get("email") };
    format!("{} {}", entry.get("unit"), address.to_lowercase())
}

/// What differs, in the order of the columns.
fn differences(before: &Entry, after: &Entry) -> Vec<Difference> {
    let differs = |column: &&&str| before.get(column) != after.get(column);
    columns_of(before.record)
        .iter()
        .filter(differs)
        .map(|column| Difference {
            column: (*column).to_owned(),
            before: before.get(column).to_owned(),
            after: after.get(column).to_owned(),
        })
        .collect()
}

impl Comparison {
    /// The lines that add or change something, in the order of the file.
    pub fn steps(&self) -> Vec<Step> {
        let step = |entry: &Entry, differences| Step {
            line: entry.line,
            record: entry.record,
            name: entry.get("name").to_owned(),
            differences,
        };
        let new = self.new.iter().map(|entry| step(entry, Vec::new()));
        let changed = self.changed.iter().map(|(before, after)| step(after, differences(before, after)));
        let mut steps: Vec<Step> = new.chain(changed).collect();
        steps.sort_by_key(|step| step.line);
        steps
    }
}

/// Lays a table beside what is stored on a day (`YYYY-MM-DD`). Of columns that it does not have it changes nothing.
pub fn compare(stored: &[Entry], table: Table, today: &str) -> Comparison {
    let Table { entries: file, columns, .. } = table;
    let mut found = Comparison::default();
    let by_key: BTreeMap<_, &Entry> = stored.iter().map(|entry| (key(entry), entry)).collect();
    let codes = |record: Record| -> BTreeSet<String> {
        let all = stored.iter().chain(&file).filter(|entry| entry.record == record);
        all.map(|entry| entry.get("code").to_owned()).collect()
    };
    let (agencies, units) = (codes(Record::Agency), codes(Record::Unit));
    let mut seen = BTreeSet::new();
    for mut entry in file {
        // Who is named without a first day is whoever is referent now.
        let present = |e: &&Entry| {
            e.record == Record::Referent && whom(e) == whom(&entry) && (e.get("to").is_empty() || e.get("to") >= today)
        };
        let before = match by_key.get(&key(&entry)) {
            Some(before) => Some(*before),
            None if entry.record == Record::Referent => stored.iter().find(present),
            None => None,
        };
        if let Some(before) = before
            && entry.record == Record::Referent
            && entry.get("from").is_empty()
            && !before.get("from").is_empty()
        {
            entry.cells.insert("from", before.get("from").to_owned());
        }
        if let Some(before) = before {
            for &column in columns_of(entry.record) {
                if columns.contains(column) {
                    continue;
                }
                match before.cells.get(column) {
                    Some(text) => entry.cells.insert(column, text.clone()),
                    None => entry.cells.remove(column),
                };
            }
        }
        let mut fault = |column: &str, wrong: &str| found.faults.push(Fault::new(entry.line, column, wrong));
        if !seen.insert(key(&entry)) {
            fault(if entry.record == Record::Referent { "email" } else { "code" }, "twice");
            continue;
        }
        let unknown = |column: &str, known: &BTreeSet<String>| {
            !entry.get(column).is_empty() && !known.contains(entry.get(column))
        };
        let faults = found.faults.len();
        for (column, known) in [("agency", &agencies), ("unit", &units), ("successor", &units)] {
            if unknown(column, known) {
                found.faults.push(Fault::new(entry.line, column, "unknown"));
            }
        }
        if let (Some(from), Some(to)) = (entry.day("from"), entry.day("to"))
            && to < from
        {
            found.faults.push(Fault::new(entry.line, "to", "before_start"));
        }
        if let Some(before) = before.filter(|before| before.record == Record::Unit && before.cells != entry.cells) {
            found.faults.extend(of_unit(before, &entry, today));
        }
        if found.faults.len() > faults {
            continue;
        }
        match before {
            None => found.new.push(entry),
            Some(before) if before.cells == entry.cells => found.unchanged += 1,
            Some(before) => found.changed.push((before.clone(), entry)),
        }
    }
    found
}

/// What a table may not change of a unit: its past, and its end, which needs somebody to say who goes on.
fn of_unit(before: &Entry, after: &Entry, today: &str) -> Option<Fault> {
    let differs = |column: &str| before.get(column) != after.get(column);
    if !before.get("to").is_empty() && before.get("to") < today {
        return Some(Fault::new(after.line, "", "over"));
    }
    if differs("from") {
        return Some(Fault::new(after.line, "from", "history"));
    }
    let ends = ["to", "successor"].into_iter().find(|column| differs(column));
    ends.map(|column| Fault::new(after.line, column, "closing"))
}

#[cfg(test)]
mod tests {
    use super::super::COLUMNS;
    use super::*;

    fn entry(line: u64, record: Record, pairs: &[(&'static str, &str)]) -> Entry {
        Entry::new(line, 0, record, pairs.iter().map(|(column, text)| (*column, (*text).to_owned())))
    }

    fn stored() -> Vec<Entry> {
        vec![
            entry(0, Record::Agency, &[("code", "comune"), ("name", "Comune"), ("kind", "own")]),
            entry(0, Record::Unit, &[("code", "urp"), ("agency", "comune"), ("name", "URP"), ("kind", "back_office")]),
            entry(0, Record::Unit, &[("code", "ex"), ("agency", "comune"), ("name", "Ex"), ("to", "2020-01-01")]),
            entry(
                0,
                Record::Referent,
                &[
                    ("unit", "urp"),
                    ("name", "Rita"),
                    ("kind", "operative"),
                    ("email", "r@x.it"),
                    ("from", "2026-01-01"),
                ],
            ),
        ]
    }

    fn table(entries: Vec<Entry>) -> Table {
        Table { entries, columns: COLUMNS.into_iter().collect(), faults: Vec::new() }
    }

    fn faults(file: Vec<Entry>) -> Vec<(u64, String, String)> {
        compare(&stored(), table(file), "2026-11-22").faults.into_iter().map(|f| (f.line, f.column, f.wrong)).collect()
    }

    #[test]
    fn the_same_table_changes_nothing_and_a_shorter_one_deletes_nothing() {
        assert_eq!(
            compare(&stored(), table(stored()), "2026-11-22"),
            Comparison { unchanged: 4, ..Comparison::default() }
        );
        assert_eq!(compare(&stored(), table(Vec::new()), "2026-11-22"), Comparison::default());
    }

    #[test]
    fn a_referent_without_a_first_day_is_the_present_one() {
        let pairs = [("unit", "urp"), ("name", "Rita"), ("kind", "executive"), ("email", "R@x.it")];
        let found = compare(&stored(), table(vec![entry(2, Record::Referent, &pairs)]), "2026-11-22");
        let steps = found.steps();
        assert_eq!((found.new.len(), steps.len()), (0, 1));
        assert_eq!(steps[0].differences.iter().map(|d| d.column.as_str()).collect::<Vec<_>>(), ["kind", "email"]);
    }

    #[test]
    fn a_column_that_the_table_does_not_have_changes_nothing() {
        let pairs = [("unit", "urp"), ("name", "Rita Levi"), ("kind", "operative"), ("email", "r@x.it")];
        let mut narrow = table(vec![entry(2, Record::Referent, &pairs)]);
        narrow.columns.retain(|column| !["from", "to", "phone"].contains(column));
        let mut known = stored();
        known[3].cells.insert("phone", "055 1".to_owned());
        let found = compare(&known, narrow, "2026-11-22");
        let steps = found.steps();
        assert_eq!(steps[0].differences.iter().map(|d| d.column.as_str()).collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn the_past_and_the_end_of_a_unit_are_not_changed_by_a_table() {
        let unit = |line, more: &[(&'static str, &str)]| {
            let pairs = [("code", "urp"), ("agency", "comune"), ("name", "URP"), ("kind", "back_office")];
            entry(line, Record::Unit, &[&pairs, more].concat())
        };
        let told = |column: &str, wrong: &str| vec![(2, column.to_owned(), wrong.to_owned())];
        assert_eq!(faults(vec![unit(2, &[("from", "2026-01-01")])]), told("from", "history"));
        assert_eq!(faults(vec![unit(2, &[("to", "2027-01-01")])]), told("to", "closing"));
        assert_eq!(faults(vec![unit(2, &[("unit", "nessuna")])]), told("unit", "unknown"));
        let over = [("code", "ex"), ("agency", "comune"), ("name", "Altro"), ("to", "2020-01-01")];
        assert_eq!(faults(vec![entry(2, Record::Unit, &over)]), told("", "over"));
        assert_eq!(faults(vec![unit(1, &[]), unit(2, &[])]), told("code", "twice"));
    }
}
