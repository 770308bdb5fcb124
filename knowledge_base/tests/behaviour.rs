#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use knowledge_base::{Audience, Document, Error, Index, Lang, Query, Reading, Visibility};

fn sheet(id: i64, title: &str, public: &str) -> Document {
    Document {
        id,
        lang: Lang::It,
        title: title.to_owned(),
        public: public.to_owned(),
        internal: String::new(),
        keywords: Vec::new(),
        asked: Vec::new(),
        category: None,
        visibility: Visibility::Public,
    }
}

fn sheets() -> Vec<Document> {
    vec![
        sheet(
            1,
            "Carta d'identità elettronica",
            "La carta si chiede all'ufficio anagrafe su appuntamento, con una fototessera.",
        ),
        sheet(
            2,
            "Tassa sui rifiuti (TARI)",
            "La tariffa si paga in due rate; per la casa disabitata si chiede la riduzione.",
        ),
        sheet(
            3,
            "Cambio di residenza",
            "La dichiarazione si presenta entro venti giorni dal trasferimento della dimora.",
        ),
        sheet(4, "Iscrizione all'asilo nido", "Le domande per i bambini fino a tre anni si aprono in primavera."),
        sheet(
            5,
            "Permesso di sosta per residenti",
            "Il contrassegno si rilascia per un veicolo della famiglia, nella propria zona.",
        ),
        sheet(
            6,
            "Bonus sociale per l'acqua",
            "Le famiglie con ISEE basso ricevono uno sconto sulla bolletta dell’acqua.",
        ),
        sheet(
            7,
            "Pagare una multa",
            "La sanzione del codice della strada si paga entro cinque giorni con lo sconto del trenta per cento.",
        ),
        sheet(8, "Matrimonio civile", "La celebrazione in comune si prenota dopo le pubblicazioni."),
    ]
}

fn index_of(documents: &[Document]) -> Index {
    let index = Index::in_memory().unwrap();
    index.upsert(documents).unwrap();
    index.commit("1").unwrap();
    index
}

fn citizen(text: &str) -> Query {
    Query::new(text, Audience::Citizen)
}

fn first(index: &Index, text: &str) -> Option<i64> {
    index.search(&citizen(text)).unwrap().first().map(|hit| hit.id)
}

#[test]
fn words_find_their_sheet_whatever_their_accents_case_and_apostrophes() {
    let index = index_of(&sheets());
    for text in ["carta d'identità", "CARTA D’IDENTITA'", "carta identita", "carte di identita\u{300}"] {
        assert_eq!(first(&index, text), Some(1), "{text}");
    }
    assert_eq!(first(&index, "acqua"), Some(6));
    assert_eq!(first(&index, "parcheggio zeppelin"), None);
}

#[test]
fn an_upsert_replaces_the_document_of_the_same_id_and_language() {
    let index = index_of(&sheets());
    index
        .upsert(&[
            sheet(7, "Contestare un verbale", "Il ricorso va al prefetto."),
            sheet(7, "Ricorso al giudice", "Di pace."),
        ])
        .unwrap();
    let english = Document { lang: Lang::En, ..sheet(7, "Appeal a fine", "The appeal goes to the prefect.") };
    index.upsert(&[english]).unwrap();
    index.commit("2").unwrap();
    assert_eq!(first(&index, "sanzione strada"), None);
    assert_eq!(first(&index, "verbale"), None);
    assert_eq!(first(&index, "giudice"), Some(7));
    assert_eq!(first(&index, "appeals"), Some(7));
    assert_eq!(index.len(), 9);
}

#[test]
fn a_sheet_is_found_by_the_questions_it_answered_and_explained_by_them() {
    let mut documents = sheets();
    documents[0].asked = vec!["badge badge".to_owned()];
    documents[1].asked = vec!["bolletta".to_owned()];
    documents[4].visibility = Visibility::Internal;
    documents[4].asked = vec!["pass".to_owned()];
    let index = index_of(&documents);
    assert_eq!(first(&index, "dove ritiro il badge?"), Some(1));
    let why = index.explain(&citizen("badge"), 1).unwrap().unwrap();
    assert!(why.asked > 0.0 && why.words == 0.0, "{why}");
    // Who has a word itself is before those that were only asked by it.
    assert_eq!(first(&index, "bolletta"), Some(6));
    assert_eq!(first(&index, "pass"), None, "an internal sheet is found by nothing of it");
    assert_eq!(index.search(&Query::new("pass", Audience::Agent)).unwrap()[0].id, 5);
    // A word of questions alone is none that citizens read.
    assert!(!index.has_word("badge", Lang::It).unwrap() && index.has_word("Bollette", Lang::It).unwrap());
}

#[test]
fn frequent_words_of_a_large_index_still_decide_between_equals() {
    let index = Index::in_memory().unwrap();
    let documents: Vec<Document> = (0..6000)
        .map(|id| {
            let topic = if id % 3 == 0 { "rifiuti" } else { "acqua" };
            sheet(
                id,
                &format!("Tariffa {topic}"),
                &format!("Il comune applica la tariffa {topic} in via quadrante{}.", id % 50),
            )
        })
        .collect();
    index.upsert(&documents).unwrap();
    index.commit("1").unwrap();
    for text in ["tariffa rifiuti quadrante7", "Buongiorno, il comune applica la tariffa rifiuti in via quadrante7?"] {
        let hits = index.suggest(&citizen(text)).unwrap();
        assert_eq!(hits.len(), 10);
        assert!(hits.iter().all(|hit| hit.id % 3 == 0 && hit.id % 50 == 7), "{text}: {hits:?}");
    }
    // Only frequent words.
    assert!(index.suggest(&citizen("tariffa rifiuti")).unwrap().iter().all(|hit| hit.id % 3 == 0));
}

#[test]
fn a_deleted_sheet_is_gone_in_every_language() {
    let index = index_of(&sheets());
    index.upsert(&[Document { lang: Lang::En, ..sheet(1, "Identity card", "Book at the registry office.") }]).unwrap();
    index.commit("2").unwrap();
    assert_eq!(first(&index, "identity card"), Some(1));
    index.delete(&[1]).unwrap();
    index.commit("3").unwrap();
    assert_eq!(first(&index, "identity card"), None);
    assert_eq!(first(&index, "fototessera"), None);
    assert_eq!(index.explain(&citizen("fototessera"), 1).unwrap(), None);
}

#[test]
fn writes_are_seen_when_they_are_committed() {
    let index = Index::in_memory().unwrap();
    assert!(index.is_empty() && index.position().is_none());
    index.upsert(&sheets()).unwrap();
    assert_eq!(first(&index, "matrimonio"), None);
    index.commit("17").unwrap();
    assert_eq!(first(&index, "matrimonio"), Some(8));
    assert_eq!(index.position().as_deref(), Some("17"));
    index.clear().unwrap();
    index.commit("18").unwrap();
    assert!(index.is_empty());
}

#[test]
fn citizens_find_neither_internal_sheets_nor_internal_text() {
    let mut documents = sheets();
    documents[1].internal = "Per le morosità sentire Zanardelli al tributario, interno 4471.".to_owned();
    documents.push(Document {
        visibility: Visibility::Internal,
        ..sheet(9, "Procedura zanardelliana", "Solo per operatori.")
    });
    let index = index_of(&documents);
    for text in ["Zanardelli", "zanardeli", "4471", "morosità", "operatori", "procedura"] {
        assert_eq!(index.search(&citizen(text)).unwrap(), [], "{text}");
        assert_eq!(index.suggest(&citizen(text)).unwrap(), [], "{text}");
        assert_eq!(index.typeahead(&citizen(text)).unwrap(), [], "{text}");
    }
    assert_eq!(index.typeahead(&citizen("zanard")).unwrap(), []);
    assert_eq!(index.explain(&citizen("procedura"), 9).unwrap(), None);
    let agent = |text: &str| index.search(&Query::new(text, Audience::Agent)).unwrap()[0].id;
    assert_eq!(agent("morosità"), 2);
    assert_eq!(agent("procedura operatori"), 9);
}

#[test]
fn partners_find_their_sheets_by_what_they_may_read_and_citizens_do_not_find_them() {
    let mut documents = sheets();
    documents[1].internal = "Per le morosità sentire Zanardelli al tributario.".to_owned();
    documents.push(Document {
        visibility: Visibility::Partners,
        internal: "Parola d'ordine zigrinata.".to_owned(),
        ..sheet(9, "Scambio di fascicoli", "I fascicoli passano per la cooperazione applicativa.")
    });
    documents.push(Document {
        visibility: Visibility::Internal,
        ..sheet(10, "Turni del centralino", "Il centralino ruota ogni lunedì.")
    });
    let index = index_of(&documents);
    let partner = |text: &str| Query::new(text, Audience::Partner);
    for text in ["fascicoli", "fascicolli", "cooperazione applicativa"] {
        assert_eq!(index.search(&partner(text)).unwrap()[0].id, 9, "{text}");
        assert_eq!(index.search(&citizen(text)).unwrap(), [], "{text}");
    }
    assert_eq!(index.typeahead(&partner("fasci")).unwrap()[0].id, 9);
    assert_eq!(index.typeahead(&citizen("fasci")).unwrap(), []);
    assert_eq!(index.search(&partner("matrimonio")).unwrap()[0].id, 8);
    for text in ["zigrinata", "zigrinatta", "Zanardelli", "morosità", "centralino"] {
        assert_eq!(index.search(&partner(text)).unwrap(), [], "{text}");
        assert_eq!(index.suggest(&partner(text)).unwrap(), [], "{text}");
    }
    assert_eq!(index.typeahead(&partner("zigri")).unwrap(), []);
    assert_eq!(index.explain(&partner("centralino"), 10).unwrap(), None);
    let agent = |text: &str| index.search(&Query::new(text, Audience::Agent)).unwrap()[0].id;
    assert_eq!((agent("zigrinata"), agent("fascicoli"), agent("centralino"), agent("morosità")), (9, 9, 10, 2));
}

#[test]
fn a_public_sheet_made_internal_leaves_the_citizens() {
    let index = index_of(&sheets());
    index.upsert(&[Document { visibility: Visibility::Internal, ..sheets().remove(7) }]).unwrap();
    index.commit("2").unwrap();
    assert_eq!(first(&index, "matrimonio"), None);
    assert_eq!(index.search(&Query::new("matrimonio", Audience::Agent)).unwrap()[0].id, 8);
}

#[test]
fn misspelled_words_find_their_sheet() {
    let index = index_of(&sheets());
    for (text, id) in [("resdienza", 3), ("matrimnio", 8), ("rifuiti", 2), ("celebrazoine", 8), ("contrasegno", 5)] {
        assert_eq!(first(&index, text), Some(id), "{text}");
    }
}

#[test]
fn half_typed_words_find_their_sheet() {
    let index = index_of(&sheets());
    for (text, id) in [("matr", 8), ("asilo ni", 4), ("carta d'id", 1), ("cambio di re", 3), ("bo", 6)] {
        let hits = index.typeahead(&citizen(text)).unwrap();
        assert_eq!(hits.first().map(|hit| hit.id), Some(id), "{text}");
    }
}

#[test]
fn a_whole_mail_finds_the_sheet_of_its_question() {
    let index = index_of(&sheets());
    let mail = "Buongiorno,\nsono la mamma di Luca e vi scrivo dopo aver cercato a lungo sul sito senza trovare nulla.\n\
        Siamo arrivati da poco e la nostra casa è in via della Strada Vecchia.\n\
        Vorrei sapere quando posso fare domanda per l'asilo nido di mio figlio?\n\
        Ringrazio per la cortese attenzione e porgo distinti saluti\n\n-- \nAnna Verdi\nUfficio matrimoni Srl\n\
        > Gentile signora, per la TARI deve pagare la tariffa";
    assert_eq!(index.suggest(&citizen(mail)).unwrap()[0].id, 4);
    let run_on = mail.split_once("\n\n").unwrap().0.replace(['\n', '.', ',', '?'], " ").to_lowercase();
    assert_eq!(index.suggest(&citizen(&run_on)).unwrap()[0].id, 4);
}

#[test]
fn the_subject_of_a_message_says_what_it_is_about() {
    let index = index_of(&sheets());
    let text = "Buongiorno,\nho pagato la tassa sui rifiuti in due rate e sono in regola.\nGrazie";
    assert_eq!(index.suggest(&citizen(text)).unwrap()[0].id, 2);
    let asked = citizen(text).with_subject("Re: Cambio residenza da altro comune");
    assert_eq!(index.suggest(&asked).unwrap()[0].id, 3);
    let (hit, why) = (index.suggest(&asked).unwrap()[0], index.explain(&asked, 3).unwrap().unwrap());
    assert!((hit.score - why.score).abs() < 1e-4);
    let vague = citizen("Come si paga una multa?").with_subject("Richiesta");
    assert_eq!(index.suggest(&vague).unwrap()[0].id, 7);
    assert_eq!(index.suggest(&citizen("").with_subject("matrimonio")).unwrap()[0].id, 8);
}

#[test]
fn words_that_carry_no_meaning_still_find_when_they_are_all_there_is() {
    let mut documents = sheets();
    documents.push(sheet(10, "Chi siamo", "La storia del comune."));
    assert_eq!(first(&index_of(&documents), "chi siamo"), Some(10));
}

#[test]
fn keywords_lead_to_their_sheet() {
    let mut documents = sheets();
    documents[1].keywords = vec!["spazzatura".to_owned(), "immondizia".to_owned()];
    assert_eq!(first(&index_of(&documents), "la spazzatura"), Some(2));
}

#[test]
fn the_preferred_category_comes_first_among_equals() {
    let twin = |id, category: &str| Document {
        category: Some(category.to_owned()),
        ..sheet(id, "Orari", "Apertura al pubblico")
    };
    let index = index_of(&[twin(1, "anagrafe"), twin(2, "tributi")]);
    let order = |category: &str| {
        let query = Query { category_boost: Some(category.to_owned()), ..citizen("orari di apertura") };
        index.search(&query).unwrap().iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(order("anagrafe"), [1, 2]);
    assert_eq!(order("tributi"), [2, 1]);
    assert_eq!(order("altro"), [1, 2]);
}

#[test]
fn translations_are_one_hit_and_a_language_can_be_asked_for() {
    let index = index_of(&[
        sheet(1, "Modulo Brexit", "Attestazione di soggiorno."),
        Document { lang: Lang::En, ..sheet(1, "Brexit form", "Proof of residence.") },
    ]);
    assert_eq!(index.search(&citizen("brexit")).unwrap().len(), 1);
    assert_eq!(index.search(&citizen("brexit form")).unwrap()[0].lang, Lang::En);
    assert_eq!(index.search(&citizen("brexit form").in_lang(Lang::It)).unwrap()[0].lang, Lang::It);
    assert_eq!(index.search(&citizen("brexit").limit(0)).unwrap(), []);
}

#[test]
fn an_explanation_adds_up_to_the_score_of_the_search() {
    let index = index_of(&sheets());
    let query = citizen("Buongiorno. Come chiedo la resdienza dopo il trasferimento?");
    let hit = index.search(&query).unwrap()[0];
    let explanation = index.explain(&query, hit.id).unwrap().unwrap();
    assert!((explanation.score - hit.score).abs() < 1e-4);
    let parts = explanation.words + explanation.title + explanation.pairs + explanation.pieces;
    assert!((parts - hit.score).abs() < 1e-4);
    let corrected = explanation.passage.iter().find(|word| word.word == "resdienza").unwrap();
    assert_eq!(corrected.stems, knowledge_base::analysis::tokens("residenza", Lang::It));
    assert!(explanation.to_string().contains("resdienza"));
    assert_eq!(index.explain(&query, 999).unwrap(), None);
}

#[test]
fn answers_are_the_hits_of_the_search_and_show_where_their_texts_answer() {
    let index = index_of(&sheets());
    let query = citizen("Buongiorno. Entro quanti giorni presento la dichiarazione di residenza? Grazie");
    let answers = index.answers(&query, Reading::Message).unwrap();
    assert_eq!(answers.iter().map(|answer| answer.hit).collect::<Vec<_>>(), index.suggest(&query).unwrap());
    let text = "Serve un documento. La dichiarazione si presenta entro venti giorni dal trasferimento.";
    let passage = answers[0].passage(text, 80).unwrap();
    assert_eq!(&text[passage.range], "La dichiarazione si presenta entro venti giorni dal trasferimento.");
    let marks: Vec<&str> = passage.marks.into_iter().map(|mark| &text[mark]).collect();
    assert_eq!(marks, ["dichiarazione", "presenta", "entro", "giorni"]);
}

#[test]
fn a_half_typed_word_marks_the_words_it_may_become() {
    let index = index_of(&sheets());
    let answers = index.answers(&citizen("carta fotot"), Reading::HalfTyped).unwrap();
    let text = "Con una fototessera.";
    let passage = answers[0].passage(text, 80).unwrap();
    assert_eq!(&text[passage.marks[0].clone()], "fototessera");
}

#[test]
fn many_parts_and_one_part_find_the_same() {
    let words =
        ["carta", "rifiuti", "residenza", "nido", "sosta", "acqua", "multa", "nozze", "tassa", "orari", "scuola"];
    let documents: Vec<Document> = (0..5000_usize)
        .map(|n| {
            let word = |step: usize| words[(n * step + n / 7) % words.len()];
            let text = format!("{} {} {} numero{}", word(3), word(5), word(7), n % 400);
            sheet(i64::try_from(n).unwrap(), word(2), &text)
        })
        .collect();
    let parts = Index::in_memory().unwrap();
    for some in documents.chunks(1000) {
        parts.upsert(some).unwrap();
        parts.commit("parts").unwrap();
    }
    // A part as large as this keeps counts of frequent pieces, which the small ones do not.
    let one = Index::in_memory().unwrap();
    one.upsert(&documents).unwrap();
    one.commit("one").unwrap();
    let before = parts.suggest(&citizen("Quanto costa la carta per la residenza numero17?")).unwrap();
    for text in ["Quanto costa la carta per la residenza numero17?", "rifiuti sculoa numero33", "tassa"] {
        let (many, few) = (parts.suggest(&citizen(text)).unwrap(), one.suggest(&citizen(text)).unwrap());
        assert_eq!(many.len(), few.len());
        for (many, few) in many.iter().zip(&few) {
            assert!((many.score - few.score).abs() < 1e-4, "{text}: {many:?} {few:?}");
        }
    }
    parts.join().unwrap();
    assert_eq!((parts.len(), parts.position().as_deref()), (5000, Some("parts")));
    let after = parts.suggest(&citizen("Quanto costa la carta per la residenza numero17?")).unwrap();
    assert!((before[0].score - after[0].score).abs() < 1e-4);
}

#[test]
fn an_index_is_read_by_several_at_once_and_written_by_none_of_them() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Index::open_to_read(dir.path()).unwrap().is_none());
    let opened = Index::open(dir.path()).unwrap();
    opened.index.upsert(&sheets()).unwrap();
    opened.index.commit("1").unwrap();
    drop(opened);
    let readers = [0, 1].map(|_| Index::open_to_read(dir.path()).unwrap().unwrap());
    assert!(readers.iter().all(|index| first(index, "matrimonio") == Some(8)));
    assert!(matches!(readers[0].delete(&[8]), Err(Error::ReadOnly)));
    assert!(matches!(Index::open(dir.path()), Err(Error::InUse)));
}

#[test]
fn a_reopened_index_keeps_its_documents_and_position() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Index::open(dir.path()).unwrap();
    assert!(opened.rebuilt);
    opened.index.upsert(&sheets()).unwrap();
    opened.index.commit("event 42").unwrap();
    opened.index.delete(&[1]).unwrap();
    drop(opened);

    let reopened = Index::open(dir.path()).unwrap();
    assert!(!reopened.rebuilt);
    assert_eq!(reopened.index.position().as_deref(), Some("event 42"));
    assert_eq!(first(&reopened.index, "carta d'identità"), Some(1));
}

#[test]
fn a_folder_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let opened = Index::open(dir.path()).unwrap();
    assert!(matches!(Index::open(dir.path()), Err(Error::InUse)));
    drop(opened);
    assert!(Index::open(dir.path()).is_ok());
}

#[test]
fn a_damaged_index_starts_anew_and_says_so() {
    for extension in ["json", "store", "idx", "term", "fast", "fieldnorm"] {
        let dir = tempfile::tempdir().unwrap();
        let opened = Index::open(dir.path()).unwrap();
        opened.index.upsert(&sheets()).unwrap();
        opened.index.commit("1").unwrap();
        drop(opened);
        fs::write(dir.path().join("kept.txt"), "not of the index").unwrap();
        damage(dir.path(), extension);

        let opened = Index::open(dir.path()).unwrap();
        assert!(opened.rebuilt && opened.index.is_empty(), "{extension}");
        assert_eq!(opened.index.position(), None);
        assert!(dir.path().join("kept.txt").exists());
        opened.index.upsert(&sheets()).unwrap();
        opened.index.commit("1").unwrap();
        assert_eq!(first(&opened.index, "matrimonio"), Some(8));
    }
}

fn damage(dir: &Path, extension: &str) {
    for form in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in fs::read_dir(form).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|found| found == extension) {
                let mut bytes = fs::read(&file).unwrap();
                bytes.iter_mut().take(40).for_each(|byte| *byte = !*byte);
                fs::write(&file, bytes).unwrap();
            }
        }
    }
}
