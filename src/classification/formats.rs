//! A classification as a file: TOML and JSON say everything, CSV what fits in a table.
use super::model::{Details, Node, Taxonomy};
use crate::kernel::names::stored_enum;
use crate::knowledge::forward::Forward;
use crate::tickets::RequestKind;
use crate::tickets::assignment::Priority;
use crate::tickets::assignment::model::words as skill_words;

stored_enum! {
    /// How a classification is written down.
    Format {
        Toml = "toml",
        Json = "json",
        /// One line a category; fields, phases and mappings are left as they are.
        Csv = "csv",
    }
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    #[error("{0}")]
    ToToml(#[from] toml::ser::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Csv(#[from] csv::Error),
    #[error("line {line}: {column} is not acceptable")]
    Value { line: usize, column: &'static str },
}

const COLUMNS: [&str; 15] = [
    "slug",
    "name",
    "name_en",
    "unit",
    "description",
    "description_en",
    "default_kind",
    "forward",
    "citizen",
    "not_competent",
    "notice",
    "notice_en",
    "keywords",
    "priority",
    "skills",
];

impl Format {
    /// The type under which browsers and programs get it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Toml => "application/toml",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Writes a classification down.
    ///
    /// # Errors
    /// Never in practice: the writer is memory.
    pub fn write(self, taxonomy: &Taxonomy) -> Result<String, FormatError> {
        match self {
            Self::Toml => Ok(toml::to_string_pretty(taxonomy)?),
            Self::Json => Ok(serde_json::to_string_pretty(taxonomy)?),
            Self::Csv => write_csv(taxonomy),
        }
    }

    /// Reads one; a table leaves what it does not tell as `known` has it.
    ///
    /// # Errors
    /// Says where the file is wrong.
    pub fn read(self, text: &str, known: &Taxonomy) -> Result<Taxonomy, FormatError> {
        match self {
            Self::Toml => Ok(toml::from_str(text)?),
            Self::Json => Ok(serde_json::from_str(text)?),
            Self::Csv => read_csv(text, known),
        }
    }
}

/// A cell that begins like a formula would run in a spreadsheet.
fn guarded(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}

fn write_csv(taxonomy: &Taxonomy) -> Result<String, FormatError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for node in taxonomy.in_order() {
        let d = &node.details;
        let keywords = d.keywords.join("; ");
        let kind = d.default_kind.map(RequestKind::as_str).unwrap_or_default();
        let texts =
            [&node.name, &node.name_en, node.unit.as_deref().unwrap_or_default(), &d.description, &d.description_en];
        let mut record = vec![node.slug.clone()];
        record.extend(texts.into_iter().map(guarded));
        record.extend([kind, node.forward.as_str(), flag(node.citizen), flag(node.not_competent)].map(str::to_owned));
        record.extend([d.notice.as_str(), &d.notice_en, &keywords].map(guarded));
        record.push(d.priority.map(Priority::as_str).unwrap_or_default().to_owned());
        record.push(guarded(&d.skills.join(" ")));
        writer.write_record(record)?;
    }
    let bytes = writer.into_inner().map_err(|e| FormatError::Csv(e.into_error().into()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

const fn flag(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

fn read_csv(text: &str, known: &Taxonomy) -> Result<Taxonomy, FormatError> {
    // Spreadsheets of Italian desks write semicolons.
    let first = text.lines().next().unwrap_or_default();
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let place = |name: &str| header.iter().position(|h| h.trim() == name);
    if place("slug").is_none() {
        return Err(FormatError::Value { line: 1, column: "slug" });
    }
    let mut found = Taxonomy { categories: Vec::new(), mappings: known.mappings.clone() };
    for (index, record) in reader.records().enumerate() {
        let (record, line) = (record?, index + 2);
        let cell = |name: &str| place(name).map(|p| unguarded(record.get(p).unwrap_or_default().trim()));
        let slug = cell("slug").unwrap_or_default();
        let mut node = known.get(&slug).cloned().unwrap_or_else(|| Node { citizen: true, ..Node::default() });
        node.slug = slug;
        let Node { name, name_en, unit, forward, not_competent, citizen, details, .. } = &mut node;
        let Details {
            description, description_en, default_kind, keywords, notice, notice_en, priority, skills, ..
        } = details;
        let texts = [
            ("name", name),
            ("name_en", name_en),
            ("description", description),
            ("description_en", description_en),
            ("notice", notice),
            ("notice_en", notice_en),
        ];
        for (column, target) in texts {
            if let Some(text) = cell(column) {
                *target = text;
            }
        }
        if let Some(text) = cell("unit") {
            *unit = Some(text).filter(|text| !text.is_empty());
        }
        if let Some(text) = cell("keywords") {
            *keywords = words(&text);
        }
        if let Some(text) = cell("skills") {
            *skills = skill_words(&text);
        }
        if let Some(text) = cell("priority") {
            let wrong = FormatError::Value { line, column: "priority" };
            *priority = if text.is_empty() { None } else { Some(Priority::from_text(&text).ok_or(wrong)?) };
        }
        if let Some(text) = cell("default_kind") {
            let wrong = FormatError::Value { line, column: "default_kind" };
            *default_kind = if text.is_empty() { None } else { Some(RequestKind::from_text(&text).ok_or(wrong)?) };
        }
        if let Some(text) = cell("forward").filter(|text| !text.is_empty()) {
            *forward = Forward::from_text(&text).ok_or(FormatError::Value { line, column: "forward" })?;
        }
        for (column, target) in [("citizen", citizen), ("not_competent", not_competent)] {
            match cell(column).as_deref() {
                None | Some("") => {}
                Some("yes" | "sì" | "si" | "true" | "1") => *target = true,
                Some("no" | "false" | "0") => *target = false,
                Some(_) => return Err(FormatError::Value { line, column }),
            }
        }
        found.categories.push(node);
    }
    Ok(found)
}

/// Words or phrases parted by semicolons, commas or lines.
pub fn words(text: &str) -> Vec<String> {
    text.split([';', ',', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fields::{Field, FieldKind};
    use super::super::model::{Mapping, Phase};
    use super::*;

    fn sample() -> Taxonomy {
        let field =
            Field { name: "luogo".to_owned(), kind: FieldKind::Place, label: "Dove".to_owned(), ..Field::default() };
        let details = Details {
            description: "=Strade, e \"marciapiedi\"".to_owned(),
            default_kind: Some(RequestKind::Report),
            keywords: vec!["buca".to_owned(), "asfalto".to_owned()],
            priority: Some(Priority::High),
            skills: vec!["lavori".to_owned()],
            phases: vec![Phase { kind: None, channel: None, from: "2026-10-01".parse().unwrap() }],
            fields: vec![field],
            ..Details::default()
        };
        let area =
            Node { slug: "strade".to_owned(), name: "Strade".to_owned(), citizen: true, details, ..Node::default() };
        let topic = Node {
            slug: "strade/buche".to_owned(),
            name: "Buche".to_owned(),
            unit: Some("lavori".to_owned()),
            ..Node::default()
        };
        let mapping = Mapping { from: "vie".to_owned(), to: "strade".to_owned(), weight: 1000, main: true };
        Taxonomy { categories: vec![area, topic], mappings: vec![mapping] }
    }

    #[test]
    fn what_is_written_down_is_read_back() {
        for format in Format::ALL {
            let text = format.write(&sample()).unwrap();
            assert_eq!(format.read(&text, &sample()).unwrap(), sample(), "{text}");
        }
    }

    #[test]
    fn a_table_of_a_spreadsheet_changes_what_it_has_and_leaves_the_rest() {
        let table = "\u{feff}slug;name;citizen\nstrade;Strade e piazze;no\n";
        let read = Format::Csv.read(table, &sample()).unwrap();
        assert_eq!(read.categories.len(), 1);
        assert_eq!((read.categories[0].name.as_str(), read.categories[0].citizen), ("Strade e piazze", false));
        assert_eq!(read.categories[0].details.fields.len(), 1);
        assert!(Format::Csv.read("slug,citizen\na,forse\n", &sample()).is_err());
    }
}
