//! Rules of the code base that the compiler does not hold: which way dependencies point, where SQL and HTML
//! may be written, and that every text of the interface exists.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sportello::kernel::language::Language;

/// Capabilities from the bottom up. A module imports from lower levels and from itself; on the third level
/// also from its neighbours.
const LEVELS: [&[&str]; 6] = [
    &["kernel"],
    &["people", "identity", "organisation", "outbox", "clocks", "registry"],
    &["tickets", "knowledge", "network", "classification", "routing"],
    &["intake", "supervision", "bulletin", "protocols"],
    &["accounts", "telephony", "automation", "letters", "emergency", "lookups"],
    &["http", "cli"],
];
/// Levels whose modules may know each other: one ticket, its legs and its sheet are one story, and the
/// command line starts the server.
const OPEN: [usize; 2] = [2, 5];

struct Source {
    path: PathBuf,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Files below a folder that end with one of `ends`, with paths relative to the checkout.
fn files(folder: &str, ends: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if ends.iter().any(|end| name.ends_with(end)) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push(Source { path: path.strip_prefix(root()).unwrap().to_owned(), text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

impl Source {
    /// The capability a file of `src/` belongs to.
    fn module(&self) -> Option<&str> {
        let second = self.path.components().nth(1)?.as_os_str().to_str()?;
        Some(second.strip_suffix(".rs").unwrap_or(second))
    }

    /// The program itself: without the tests at its end and without comments.
    fn program(&self) -> String {
        let program = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        program.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    }
}

/// Names that follow `crate::` anywhere, `use crate::{a::…, b}` included.
fn imports(program: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (place, _) in program.match_indices("crate::") {
        let rest = &program[place + "crate::".len()..];
        if program[..place].ends_with('$') || program[..place].ends_with(is_name) {
            continue;
        }
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(rest.chars().take_while(|&c| is_name(c)).collect());
            continue;
        };
        let (mut depth, mut at_start) = (0, true);
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if at_start && is_name(c) => {
                    found.insert(group[index..].chars().take_while(|&c| is_name(c)).collect());
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn level(module: &str) -> Option<usize> {
    LEVELS.iter().position(|names| names.contains(&module))
}

#[test]
fn dependencies_point_downward() {
    let mut wrong = Vec::new();
    for source in files("src", &[".rs"]) {
        let Some(module) = source.module().filter(|m| !matches!(*m, "lib" | "main")) else {
            continue;
        };
        let Some(own) = level(module) else {
            wrong.push(format!("{}: {module} has no level in this test", source.path.display()));
            continue;
        };
        for import in imports(&source.program()) {
            let Some(other) = level(&import) else {
                continue;
            };
            let allowed = import == module || other < own || (other == own && OPEN.contains(&own));
            if !allowed {
                wrong.push(format!("{}: {module} imports {import}", source.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sql_is_written_in_stores_and_in_the_kernel() {
    let wrong: Vec<_> = files("src", &[".rs"])
        .into_iter()
        .filter(|s| s.module() != Some("kernel"))
        .filter(|s| !s.path.ends_with("store.rs") && !s.path.components().any(|c| c.as_os_str() == "store"))
        .filter(|s| {
            ["sqlx::query", "INSERT INTO ", "DELETE FROM ", " FROM "].iter().any(|sql| s.program().contains(sql))
        })
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "SQL outside of a store: {wrong:?}");
}

#[test]
fn html_is_written_in_templates() {
    // What cleans or cuts HTML from outside has to name elements.
    let reads_html = |s: &Source| s.path.starts_with("src/intake") || s.path.starts_with("src/knowledge");
    let elements = ["<div", "<p>", "<a href", "<span", "<li>", "<form", "<input", "<td", "<h1", "<button"];
    let wrong: Vec<_> = files("src", &[".rs"])
        .into_iter()
        .filter(|s| !reads_html(s))
        .filter(|s| elements.iter().any(|element| s.program().contains(element)))
        .map(|s| s.path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "HTML outside of templates: {wrong:?}");
}

#[test]
fn every_text_that_is_asked_for_exists() {
    // A key may be built: `role-{role}` asks for keys that begin with `role-`.
    let calls = [
        "page.t(\"",
        "page.t1(\"",
        "page.t2(\"",
        ".text(\"",
        ".text_with(\"",
        ".t(\"",
        ".t1(\"",
        ".t2(\"",
        "titled(\"",
    ];
    let mut missing = BTreeSet::new();
    for source in files("src", &[".rs"]).into_iter().chain(files("web/templates", &[".html", ".txt"])) {
        let program = source.program();
        for call in calls {
            for (place, _) in program.match_indices(call) {
                let rest = &program[place + call.len()..];
                let key = &rest[..rest.find('"').unwrap_or(0)];
                for language in Language::ALL.into_iter().filter(|l| !l.has(key)) {
                    missing.insert(format!("{} in {}: {key:?}", source.path.display(), language.as_str()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_built_key_has_texts_that_begin_like_it() {
    let mut missing = BTreeSet::new();
    for source in files("src", &[".rs"]) {
        let program = source.program();
        for call in [".text(&format!(\"", ".t(&format!(\"", ".t1(&format!(\"", ".text_with(&format!(\""] {
            for (place, _) in program.match_indices(call) {
                let rest = &program[place + call.len()..];
                let start = rest.split(['{', '"']).next().unwrap_or_default();
                for language in Language::ALL {
                    if !start.is_empty() && !language.keys().iter().any(|key| key.starts_with(start)) {
                        missing.insert(format!("{} in {}: {start}…", source.path.display(), language.as_str()));
                    }
                }
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_rules_see_what_they_forbid() {
    let program = "use crate::kernel::Kernel;\nuse crate::{http, tickets::{self, State}};\nlet x = crate::intake::Y;";
    let expected = ["http", "intake", "kernel", "tickets"].map(str::to_owned);
    assert_eq!(imports(program), BTreeSet::from(expected));
}

#[test]
fn every_driver_field_choice_and_notice_has_a_text() {
    let mut missing = BTreeSet::new();
    for language in [Language::Italian, Language::English] {
        let mut need = |key: String| {
            if !language.has(&key) {
                missing.insert(format!("{} in {}", key, language.as_str()));
            }
        };
        let kebab = |name: &str| name.replace('_', "-");
        for notice in channels::Notice::ALL {
            need(format!("contact-notice-{}", kebab(notice.as_str())));
        }
        for driver in channels::drivers() {
            need(format!("account-driver-{}", kebab(driver.name())));
            for field in driver.fields() {
                need(format!("account-field-{}", kebab(field.name)));
                if let channels::FieldKind::Choice(names) = field.kind {
                    names.iter().for_each(|name| need(format!("account-choice-{}", kebab(name))));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
