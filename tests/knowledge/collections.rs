//! Collections from files, by the commands that measure searches on them.
use std::path::Path;
use std::process::{Command, Output};

/// Runs `sportello knowledge` on the collection `faq` of a data directory.
fn knowledge(data: &Path, command: &str, rest: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sportello"));
    program.env_remove("DATABASE_URL").args(["knowledge", command, "--collection", "faq", "--data"]).arg(data);
    program.args(rest).output().unwrap()
}

fn succeeds(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn fails(output: Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("fresh/data")
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    fn import(&self, text: &str, rest: &[&str]) -> Output {
        let file = self.file("corpus.jsonl", text);
        knowledge(&self.data(), "import", &[&[file.as_str()], rest].concat())
    }

    fn run(&self, text: &str, rest: &[&str]) -> Output {
        let file = self.file("queries.jsonl", text);
        knowledge(&self.data(), "run", &[&["--queries", file.as_str()], rest].concat())
    }
}

const CORPUS: &str = r#"{"id":"card","title":"Carta d'identità","text":"Costa 22 euro.","lang":"it"}
{"id":"waste","text":"I rifiuti ingombranti si ritirano a domicilio.","lang":"it"}

{"id":"pass","title":"Passport","text":"It takes ten days.","lang":"en"}
"#;

#[test]
fn a_run_names_documents_as_the_file_does_and_is_read_by_trec_tools() {
    let place = Place::new();
    succeeds(place.import(CORPUS, &[]));
    let queries = "{\"id\":\"q1\",\"text\":\"Buongiorno, quanto costa la carta d'identita?\"}\n{\"id\":2,\"text\":\"passport\"}\n";
    let run = succeeds(place.run(queries, &["--depth", "1"]));
    let lines: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines.len(), 2, "{run}");
    assert_eq!((&lines[0][..4], lines[0][5]), (&["q1", "Q0", "card", "1"][..], "sportello"));
    assert_eq!(lines[1][..4], ["2", "Q0", "pass", "1"]);
    assert!(lines.iter().all(|line| line[4].parse::<f32>().unwrap() > 0.0));
}

#[test]
fn the_last_word_is_half_typed_in_one_mode_only() {
    let place = Place::new();
    succeeds(place.import(CORPUS, &[]));
    let query = "{\"id\":\"q\",\"text\":\"ritiro ingom\"}\n";
    let first = |mode: &str| succeeds(place.run(query, &["--mode", mode])).lines().next().map(str::to_owned);
    assert!(first("typeahead").unwrap().contains(" waste 1 "));
    let score = |mode: &str| first(mode).map_or(0.0, |line| line.split(' ').nth(4).unwrap().parse::<f32>().unwrap());
    assert!(score("typeahead") > score("search"));
}

#[test]
fn importing_again_replaces_by_id_and_deletes_only_when_told() {
    let place = Place::new();
    succeeds(place.import(CORPUS, &[]));
    let changed = "{\"id\":\"card\",\"title\":\"Tessera elettorale\",\"text\":\"Si rinnova.\"}\n";
    let said = succeeds(place.import(changed, &[]));
    assert!(said.starts_with("0 added, 1 replaced, 0 deleted;") && said.contains("has 3 documents"), "{said}");
    let found = |text: &str| succeeds(place.run(&format!("{{\"id\":\"q\",\"text\":\"{text}\"}}\n"), &[]));
    assert!(found("tessera elettorale").contains(" card 1 "));
    assert!(found("passport").contains(" pass "));

    let said = succeeds(place.import(changed, &["--delete-absent"]));
    assert!(said.starts_with("0 added, 1 replaced, 2 deleted;") && said.contains("has 1 documents"), "{said}");
    assert_eq!(found("passport"), "");
    let said = succeeds(place.import(CORPUS, &[]));
    assert!(said.starts_with("2 added, 1 replaced, 0 deleted;") && said.contains("has 3 documents"), "{said}");
    assert!(found("passport").contains(" pass "));
}

#[test]
fn a_wrong_line_is_named_and_nothing_of_its_file_is_taken() {
    let place = Place::new();
    succeeds(place.import(CORPUS, &[]));
    let more = "{\"id\":\"new\",\"text\":\"Patente\"}\n";
    for (line, wrong) in [("{\"id\":\"x\"}", "text"), ("{", "EOF"), ("{\"id\":\"a b\",\"text\":\"\"}", "space")] {
        let said = fails(place.import(&format!("{more}{line}\n"), &[]));
        assert!(said.contains("line 2: ") && said.contains(wrong), "{said}");
    }
    let said = fails(place.import(&format!("{more}{{\"id\":\"x\",\"text\":\"y\",\"lang\":\"zz\"}}\n"), &[]));
    assert!(said.contains("«zz»"), "{said}");
    assert_eq!(succeeds(place.run("{\"id\":\"q\",\"text\":\"patente\"}\n", &[])), "");
}

#[test]
fn what_is_missing_is_said_in_plain_words() {
    let place = Place::new();
    assert!(fails(place.run("{\"id\":\"q\",\"text\":\"x\"}\n", &[])).contains("no collection «faq»"));
    let said = fails(knowledge(&place.data(), "import", &["/nowhere/corpus.jsonl"]));
    assert!(said.contains("cannot read /nowhere/corpus.jsonl"), "{said}");
}
