//! Sheets in and out in numbers, and what other pages take from a sheet.
use std::path::Path;
use std::process::Command;

use sportello::kernel::blobs::name_of;
use sportello::kernel::events::Actor;
use sportello::kernel::language::Language;
use sportello::kernel::opening::Opening;
use sportello::kernel::permissions::Principal;
use sportello::knowledge::details::{FormFile, Office};
use sportello::knowledge::model::{Audience, SheetDraft, SheetText};
use sportello::knowledge::sections::{SECTIONS, Sections};
use sportello::knowledge::sheets::{self, Basis};
use sportello::knowledge::transfer::attached::Forms;
use sportello::knowledge::transfer::import::{Into, Run, import};
use sportello::knowledge::transfer::{FileKind, Format, export};

use crate::draft;
use crate::support::*;

fn operator() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: std::collections::BTreeSet::new(),
    }
}

/// A sheet with everything, whose texts look like marks of the formats.
fn full(code: &str) -> SheetDraft {
    let body = "## Prima\n\nVieni, \"presto\"; costa\t0.\n\n+++\n\n<!-- it reply -->\n\\+++\n\n=fine";
    let mut sheet = draft(code, Audience::Public, "=Carta, d'identità", body);
    sheet.number = Some(214);
    sheet.details.term_days = Some(30);
    sheet.details.review_on = Some("2026-12-01".parse().unwrap());
    sheet.details.offices = vec![Office {
        name: "Anagrafe".to_owned(),
        opening: vec![Opening::parse("lun-ven 9-13").unwrap()],
        ..Office::default()
    }];
    sheet.texts[0].sections =
        Sections::from_all(SECTIONS.map(|name| format!("Di {name}:\n\n+++\n\n<!-- it {name} -->\n\n- \"uno\"")));
    sheet.texts.push(SheetText {
        title: "Identity card".to_owned(),
        summary: "Book it.".to_owned(),
        public_text: "It costs 22 euro.".to_owned(),
        ..SheetText::empty(Language::English)
    });
    sheet
}

#[test]
fn every_format_reads_what_it_wrote() {
    let sheets = [full("ANA-40"), draft("ANA-41", Audience::Internal, "Altra", "Testo.")];
    for format in Format::ALL {
        let text = format.write(&sheets);
        let read: Vec<SheetDraft> = format.read(&text).into_iter().map(|e| *e.content.unwrap()).collect();
        assert_eq!(read, sheets, "{format:?}: {text}");
    }
}

#[test]
fn a_fault_names_its_line() {
    let lines = |format: Format, text: &str| {
        let faults = format.read(text).into_iter().filter_map(|e| e.content.err().map(|w| (e.line, w.field)));
        faults.collect::<Vec<_>>()
    };
    let head = "code,audience,maturity,it_title,term_days\n";
    let table = format!("{head}ANA-01,public,whole,Uno,6\nANA-02,public,whole,Due,sei\n,public,whole,Tre,\n");
    assert_eq!(lines(Format::Csv, &table), [(3, "term_days".to_owned()), (4, "code".to_owned())]);
    assert_eq!(lines(Format::Csv, "code,colour\nANA-01,red\n"), [(1, "colour".to_owned())]);
    assert_eq!(lines(Format::Jsonl, "\n{\"code\": 1}\n"), [(2, "syntax".to_owned())]);
    assert_eq!(lines(Format::Markdown, "\nsenza testa\n"), [(2, "syntax".to_owned())]);
    let untitled = "+++\ncode = \"ANA-01\"\naudience = \"public\"\nmaturity = \"whole\"\n[it]\nsummary = \"x\"\n+++\n";
    assert_eq!(lines(Format::Markdown, untitled), [(1, "it_title".to_owned())]);
}

on_each_engine! {
    async fn an_import_is_tried_first_and_writes_all_or_nothing(t: TestApp) {
        let sheets = [full("ANA-40"), draft("ANA-41", Audience::Internal, "Altra", "Testo.")];
        let text = Format::Jsonl.write(&sheets);
        let try_it = |text: String, into, run| {
            let kernel = t.kernel.clone();
            async move { import(&kernel, &operator(), Format::Jsonl.read(&text), into, run).await.unwrap() }
        };
        let tried = try_it(text.clone(), Into::Published, Run::Dry).await;
        assert_eq!((tried.created, tried.done, tried.faults.len()), (2, false, 0), "{tried:?}");
        assert_eq!(t.number("SELECT COUNT(*) FROM sheets").await, 0, "a trial writes nothing");

        let mut bad = sheets.to_vec();
        bad[1].unit = Some("nowhere".to_owned());
        let refused = try_it(Format::Jsonl.write(&bad), Into::Published, Run::Real).await;
        assert!(!refused.done);
        assert_eq!((refused.faults[0].line, refused.faults[0].field.as_str()), (2, "unit"));
        assert_eq!(t.number("SELECT COUNT(*) FROM sheets").await, 0, "one line is wrong, so nothing is written");

        assert!(try_it(text.clone(), Into::Published, Run::Real).await.done);
        assert_eq!(export::all(&t.kernel).await.unwrap()[0], sheets[0]);
        let again = try_it(text, Into::Published, Run::Real).await;
        assert_eq!((again.unchanged, again.changed), (2, 0), "what is in force already is left alone");
        let as_exported = Format::Jsonl.write(&export::all(&t.kernel).await.unwrap());
        let again = try_it(as_exported, Into::Drafts, Run::Real).await;
        assert_eq!((again.unchanged, again.changed, again.created), (2, 0, 0));
    }

    async fn the_form_shows_what_the_chosen_class_needs_and_goes_where_its_sheet_says(t: TestApp) {
        let mut sheet = full("AMB-40");
        sheet.category = Some("waste/bulky".to_owned());
        sheet.details.route = Some("anagrafe".to_owned());
        sheets::save(&t.kernel, Actor::System, sheet, Basis::New).await.unwrap();
        let citizen = t.browser();
        let part = citizen.get("/sportello/richiesta/schede?category=waste/bulky").await.expect(200);
        assert!(part.has("una fototessera") && part.has("/sportello/schede/AMB-40") && !part.has("<html"), "{}", part.body);
        assert!(!citizen.get("/sportello/richiesta/schede?category=waste").await.expect(200).has("fototessera"));
        assert!(citizen.get("/sportello/richiesta?sheet=AMB-40").await.expect(200).has("una fototessera"));
        // Without script a button shows it, and nothing of what was typed is lost.
        let form = citizen.get("/sportello/richiesta").await.expect(200);
        let stamp = form.between("name=\"stamp\" value=\"", "\"").unwrap().to_owned();
        let typed = [("stamp", stamp.as_str()), ("category", "waste/bulky"), ("text", "Un divano"), ("show", "sheet")];
        let shown = citizen.post_files("/sportello/richiesta", &typed, &[]).await.expect(200);
        assert!(shown.has("una fototessera") && shown.has("Un divano"), "{}", shown.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM tickets").await, 0);

        let unit = t.unit("anagrafe").await;
        let category = t.category("waste/bulky").await;
        let mut conn = t.kernel.db.read().await.unwrap();
        let goes = sportello::knowledge::forward::unit_for(&mut conn, category, None, sportello::tickets::RequestKind::Report);
        assert_eq!(goes.await.unwrap(), Some(unit));
    }

    async fn the_search_of_the_desk_leads_to_the_sheet_that_was_dictated(t: TestApp) {
        t.start_background();
        sheets::save(&t.kernel, Actor::System, full("ANA-40"), Basis::New).await.unwrap();
        let agent = t.sign_in(Role::Agent).await;
        let found = agent.get("/scrivania/cerca?q=scheda+214").await.expect(200);
        assert!(found.has("/scrivania/schede/ANA-40") && found.has("numero 214"), "{}", found.body);
        assert!(!agent.get("/scrivania/cerca?q=215").await.expect(200).has("/scrivania/schede/ANA-40"));
    }
}

on_each_engine! {
    async fn an_upload_is_tried_then_shown_and_then_applied(t: TestApp) {
        let supervisor = t.sign_in(Role::Supervisor).await;
        let here = "/scrivania/schede/trasferimento";
        t.sign_in(Role::Agent).await.get(here).await.expect(403);
        supervisor.get(here).await.expect(200);
        assert!(supervisor.post_files(here, &[("into", "drafts")], &[]).await.expect(422).has("Scegli un file."));
        let file = |name: &'static str, bytes: &'static [u8]| File { field: "files", name, media_type: "text/plain", bytes };

        let wrong = file("schede.csv", b"code,audience,maturity,it_title,term_days\nANA-90,public,whole,Uno,sei\n");
        let faults = supervisor.post_files(here, &[("into", "drafts"), ("then", "try")], &[wrong]).await.expect(200);
        assert!(faults.has("riga 2") && !faults.has("value=\"apply\""), "{}", faults.body);
        let odd = supervisor.post_files(here, &[("then", "try")], &[file("schede.xls", b"x")]).await.expect(200);
        assert!(odd.has("il nome non finisce in"), "{}", odd.body);

        let text = Format::Jsonl.write(&[full("ANA-90"), draft("ANA-91", Audience::Internal, "Altra", "Testo.")]);
        let upload = File { field: "files", name: "schede.jsonl", media_type: "text/plain", bytes: text.as_bytes() };
        let tried = supervisor.post_files(here, &[("into", "drafts"), ("then", "try")], &[upload]).await.expect(200);
        assert!(tried.has("2 nuove, 0 modificate, 0 già così") && tried.has("Nulla è stato ancora scritto"), "{}", tried.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheets").await, 0);
        let kept = tried.between("name=\"kept\" value=\"", "\">").unwrap().replace("&#34;", "\"");
        let forged = kept.replace("schede.jsonl", "altro.jsonl");
        supervisor.post_form(here, &[("into", "drafts"), ("then", "apply"), ("kept", &forged)]).await.expect(422);
        let done = supervisor.post_form(here, &[("into", "drafts"), ("then", "apply"), ("kept", &kept)]).await.expect(200);
        assert!(done.has("Importazione fatta"), "{}", done.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_drafts").await, 2);
    }

    async fn a_zip_of_sheets_is_tried_by_file_and_applied_whole(t: TestApp) {
        let supervisor = t.sign_in(Role::Supervisor).await;
        let here = "/scrivania/schede/trasferimento";
        let zip = |bytes| File { field: "files", name: "schede.zip", media_type: "application/zip", bytes };
        let mut sheets = [full("ANA-93"), draft("ANA-94", Audience::Internal, "Altra", "Testo.")];
        sheets[1].unit = Some("nowhere".to_owned());
        let wrong = FileKind::Zip.write(&sheets, &Forms::default()).unwrap();
        let faults = supervisor.post_files(here, &[("then", "try")], &[zip(&wrong)]).await.expect(200);
        assert!(faults.has("schede/ANA-94.md, riga 1") && !faults.has("value=\"apply\""), "{}", faults.body);
        let broken = supervisor.post_files(here, &[("then", "try")], &[zip(b"PK no more")]).await.expect(200);
        assert!(broken.has("archivio è rovinato"), "{}", broken.body);

        sheets[1].unit = None;
        let right = FileKind::Zip.write(&sheets, &Forms::default()).unwrap();
        let tried = supervisor.post_files(here, &[("into", "drafts"), ("then", "try")], &[zip(&right)]).await.expect(200);
        assert!(tried.has("2 nuove, 0 modificate, 0 già così"), "{}", tried.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_drafts").await, 0);
        let kept = tried.between("name=\"kept\" value=\"", "\">").unwrap().replace("&#34;", "\"");
        let done = supervisor.post_form(here, &[("into", "drafts"), ("then", "apply"), ("kept", &kept)]).await.expect(200);
        assert!(done.has("Importazione fatta"), "{}", done.body);
        assert_eq!(t.number("SELECT COUNT(*) FROM sheet_drafts").await, 2);

        // What the interface for programs gives, it takes.
        let api = t.api(Role::Supervisor).await;
        sheets::save(&t.kernel, Actor::System, draft("ANA-95", Audience::Public, "Terza", "Testo."), Basis::New).await.unwrap();
        let taken = api.get("/api/v1/knowledge/export?format=zip").await.expect(200);
        assert!(taken.header("content-disposition").contains("schede.zip") && taken.bytes.starts_with(b"PK"));
        let bring = async |path: &str, bytes: Vec<u8>| {
            api.send(api.request(reqwest::Method::POST, path).body(bytes)).await.expect(200).json()
        };
        let same = bring("/api/v1/knowledge/import?format=zip&into=published", taken.bytes).await;
        assert_eq!((&same["unchanged"], &same["done"]), (&json!(1), &json!(true)), "{same}");
        let named = bring("/api/v1/knowledge/import?format=zip&dry_run=true", wrong).await;
        assert_eq!(named["faults"][0]["file"], "schede/ANA-94.md", "{named}");
    }

    async fn the_forms_of_a_sheet_travel_with_it_in_a_zip(t: TestApp) {
        let api = t.api(Role::Admin).await;
        let bytes = b"%PDF-1.4 domanda";
        let mut sheet = full("ANA-96");
        let form = FormFile {
            name: "domanda: residenza.pdf".to_owned(),
            blob: name_of(bytes),
            media_type: "application/pdf".to_owned(),
            size: 16,
        };
        sheet.details.forms = vec![form];
        let mut forms = Forms::default();
        forms.add(bytes.as_slice().into());
        // As another installation wrote it: here nobody has these bytes yet.
        let zip = FileKind::Zip.write(std::slice::from_ref(&sheet), &forms).unwrap();
        let bring = async |query: &str, file: &[u8]| {
            let path = format!("/api/v1/knowledge/import?into=published&{query}");
            api.send(api.request(reqwest::Method::POST, &path).body(file.to_vec())).await.expect(200).json()
        };
        let alone = bring("format=jsonl", Format::Jsonl.write(std::slice::from_ref(&sheet)).as_bytes()).await;
        assert_eq!(alone["faults"][0]["field"], "forms", "{alone}");
        let tried = bring("format=zip&dry_run=true", &zip).await;
        assert_eq!((&tried["created"], &tried["faults"]), (&json!(1), &json!([])), "{tried}");
        assert!(t.kernel.blobs.get(&name_of(bytes)).await.is_err(), "a trial leaves nothing behind");
        let done = bring("format=zip", &zip).await;
        assert_eq!((&done["created"], &done["done"]), (&json!(1), &json!(true)), "{done}");
        let form = t.browser().get("/sportello/schede/ANA-96/moduli/1").await.expect(200);
        assert_eq!(form.bytes, bytes);

        let taken = api.get("/api/v1/knowledge/export?format=zip").await.expect(200).bytes;
        t.kernel.blobs.delete(&name_of(bytes)).await.unwrap();
        assert_eq!(bring("format=zip", &taken).await["unchanged"], 1);
        assert_eq!(t.browser().get("/sportello/schede/ANA-96/moduli/1").await.expect(200).bytes, bytes);
        // Another file in its place is not the form that the sheet names.
        t.kernel.blobs.delete(&name_of(bytes)).await.unwrap();
        let mut other = Forms::default();
        other.add(b"%PDF-1.4 altro".as_slice().into());
        let wrong = FileKind::Zip.write(std::slice::from_ref(&sheet), &other).unwrap();
        assert_eq!(bring("format=zip", &wrong).await["faults"][0]["field"], "forms");
    }

    async fn what_the_page_exports_imports_as_it_is(t: TestApp) {
        let admin = t.sign_in(Role::Admin).await;
        sheets::save(&t.kernel, Actor::System, full("ANA-92"), Basis::New).await.unwrap();
        for (format, name) in [("csv", "schede.csv"), ("jsonl", "schede.jsonl"), ("markdown", "schede.md")] {
            let taken = admin.get(&format!("/scrivania/schede/trasferimento/esporta?formato={format}")).await.expect(200);
            assert!(taken.header("content-disposition").starts_with("attachment"));
            let again = File { field: "files", name, media_type: "text/plain", bytes: taken.body.as_bytes() };
            let tried = admin.post_files("/scrivania/schede/trasferimento", &[("then", "try")], &[again]).await.expect(200);
            assert!(tried.has("0 nuove, 0 modificate, 1 già così"), "{format}: {}", tried.body);
        }
        let taken = admin.get("/scrivania/schede/trasferimento/esporta?formato=zip").await.expect(200);
        let again = File { field: "files", name: "schede.zip", media_type: "application/zip", bytes: &taken.bytes };
        let tried = admin.post_files("/scrivania/schede/trasferimento", &[("then", "try")], &[again]).await.expect(200);
        assert!(tried.has("0 nuove, 0 modificate, 1 già così"), "{}", tried.body);
        admin.get("/scrivania/schede/trasferimento/esporta?formato=xls").await.expect(404);
    }
}

/// Runs `sportello knowledge sheets` on a data directory of its own.
fn command(data: &Path, args: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_sportello"));
    program.env_remove("DATABASE_URL").args(["knowledge", "sheets", args[0], "--data"]).arg(data).args(&args[1..]);
    let output = program.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_commands_carry_sheets_and_forms_from_one_installation_to_another() {
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    let bytes = b"%PDF-1.4 domanda";
    let mut sheet = full("ANA-97");
    (sheet.category, sheet.unit) = (None, None);
    sheet.details.forms = vec![FormFile {
        name: "domanda.pdf".to_owned(),
        blob: name_of(bytes),
        media_type: "application/pdf".to_owned(),
        size: 16,
    }];
    let folder = place.path().join("schede");
    std::fs::create_dir_all(folder.join("moduli/ANA-97")).unwrap();
    std::fs::write(folder.join("ANA-97.md"), Format::Markdown.write(std::slice::from_ref(&sheet))).unwrap();
    std::fs::write(folder.join("moduli/ANA-97/come si vuole.pdf"), bytes).unwrap();

    let first = place.path().join("first");
    let tried = command(&first, &["import", "--dry-run", &path("schede")]);
    assert!(tried.contains("Would import: 1 new, 0 changed"), "{tried}");
    let drafted = command(&first, &["import", "--drafts", &path("schede")]);
    assert!(drafted.contains("Imported: 1 new"), "{drafted}");
    assert!(
        command(&first, &["export", &path("drafts.jsonl")]).contains("Exported 0 sheets"),
        "drafts are not in force"
    );
    let published = command(&first, &["import", &path("schede")]);
    assert!(published.contains("Imported: 1 new"), "{published}");
    let again = command(&first, &["import", &path("schede")]);
    assert!(again.contains("1 as they are in force already"), "{again}");

    command(&first, &["export", &path("folder")]);
    assert_eq!(std::fs::read(place.path().join("folder/moduli/ANA-97/1-domanda.pdf")).unwrap(), bytes);
    command(&first, &["export", &path("all.zip")]);
    for (data, from) in [("second", "folder"), ("third", "all.zip")] {
        let data = place.path().join(data);
        let brought = command(&data, &["import", &path(from)]);
        assert!(brought.contains("Imported: 1 new"), "{from}: {brought}");
        command(&data, &["export", &path("back")]);
        assert_eq!(std::fs::read(place.path().join("back/moduli/ANA-97/1-domanda.pdf")).unwrap(), bytes, "{from}");
        let text = std::fs::read_to_string(place.path().join("back/ANA-97.md")).unwrap();
        assert_eq!(*Format::Markdown.read(&text).remove(0).content.unwrap(), sheet, "{from}");
    }
}
