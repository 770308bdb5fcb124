//! Whatever arrives is searched without failing and in bounded time.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::LazyLock;

use knowledge_base::analysis::{fold, tokens};
use knowledge_base::{Audience, Document, Index, Lang, Query, Visibility};
use proptest::prelude::*;

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let index = Index::in_memory().unwrap();
    let documents: Vec<Document> = (0..500)
        .map(|id| Document {
            id,
            lang: if id % 3 == 0 { Lang::En } else { Lang::It },
            title: format!("Certificato {id} di residenza"),
            public: "Il certificato si chiede all'anagrafe 🏛️ — שלום עולم — ".repeat(3),
            internal: "nota".to_owned(),
            keywords: vec!["documento".to_owned()],
            asked: Vec::new(),
            category: Some(format!("c{}", id % 5)),
            visibility: match id % 7 {
                0 => Visibility::Internal,
                1 => Visibility::Partners,
                _ => Visibility::Public,
            },
        })
        .collect();
    index.upsert(&documents).unwrap();
    index.commit("1").unwrap();
    index
});

fn ask(text: &str) {
    for audience in [Audience::Citizen, Audience::Partner, Audience::Agent] {
        let query =
            Query { category_boost: Some("c1".to_owned()), ..Query::new(text, audience).with_subject(text).limit(5) };
        for hits in [INDEX.search(&query), INDEX.typeahead(&query), INDEX.suggest(&query)] {
            let hits = hits.unwrap();
            assert!(hits.len() <= 5);
            assert!(hits.iter().all(|hit| hit.score.is_finite() && hit.score > 0.0));
            assert!(hits.is_sorted_by(|a, b| a.score >= b.score));
        }
        INDEX.explain(&query, 1).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_searched(text in any::<String>()) {
        ask(&text);
    }

    #[test]
    fn any_mix_of_known_words_and_marks_is_searched(
        text in "(certificat[aeio]|rezidenza|l'anagrafe|l’|['’´>.?!;\n\t\u{0}\u{202e}\u{301}]|--\n|🏛️|שלום|[a-z]{1,60}| ){0,80}"
    ) {
        ask(&text);
    }

    #[test]
    fn folding_is_stable_and_blind_to_the_unicode_form(text in any::<String>()) {
        use unicode_normalization::UnicodeNormalization;
        let folded = fold(&text);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
    }

    #[test]
    fn an_accent_is_found_in_every_unicode_form(before in "[a-zàèéìòù]{0,12}", after in "[a-zàèéìòù]{1,12}") {
        use unicode_normalization::UnicodeNormalization;
        let word = format!("{before}è{after}");
        let (composed, apart): (String, String) = (word.nfc().collect(), word.nfd().collect());
        let plain = fold(&word);
        for lang in Lang::ALL {
            prop_assert_eq!(tokens(&composed, lang), tokens(&apart, lang));
            prop_assert_eq!(tokens(&composed, lang), tokens(&plain, lang));
        }
        let hits = |text: &str| INDEX.search(&Query::new(text, Audience::Agent)).unwrap();
        prop_assert_eq!(hits(&composed), hits(&apart));
    }

    #[test]
    fn tokens_have_neither_spaces_nor_capitals(text in any::<String>()) {
        for lang in Lang::ALL {
            for token in tokens(&text, lang) {
                prop_assert!(!token.is_empty() && !token.contains(char::is_whitespace));
                prop_assert_eq!(fold(&token), token.clone());
            }
        }
    }

    #[test]
    fn any_document_is_indexed(title in any::<String>(), public in any::<String>()) {
        let index = Index::in_memory().unwrap();
        let document = Document {
            id: i64::MIN, lang: Lang::It, title: title.clone(), public, internal: String::new(), keywords: vec![title],
 asked: Vec::new(),
            category: None, visibility: Visibility::Public,
        };
        index.upsert(&[document]).unwrap();
        index.commit("").unwrap();
        prop_assert_eq!(index.len(), 1);
    }
}

/// CPU seconds that this thread has used: other work on the machine does not stretch them.
fn cpu_seconds() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    spent.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

#[test]
fn a_megabyte_is_searched_with_bounded_work() {
    let unlike: String = (0..100_000).map(|n| format!("parola{n}x ")).collect();
    let unknown: String = "abcdefghijklmnopqrstuvwxyz".chars().cycle().take(1 << 20).collect();
    for text in
        ["", " ", "\0", &"residenza ".repeat(100_000), &"a?".repeat(500_000), &"ﷺ".repeat(300_000), &unlike, &unknown]
    {
        let before = cpu_seconds();
        ask(text);
        let spent = cpu_seconds() - before;
        assert!(spent < 5.0, "{spent:.1} s of CPU for {:?}…", text.chars().take(20).collect::<String>());
    }
}
