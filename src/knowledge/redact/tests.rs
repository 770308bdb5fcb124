use proptest::prelude::*;

use super::text::compact;
use super::*;

fn person() -> Known {
    let mut known = Known::default();
    known.name("Maria Chiara De Luca");
    known.identifier("email", "m.deluca@example.org");
    known.identifier("phone", "+393331234567");
    known.identifier("fiscal_code", "DLCMCH80A41A944X");
    known.address("Maria Chiara De Luca\nvia dei Mille 12/A\n40121 Bologna");
    known
}

fn clean(text: &str) -> String {
    redact(text, &person(), Author::Office, Language::Italian)
}

#[test]
fn whatever_is_known_of_the_person_goes_in_any_spelling() {
    for text in [
        "La signora DE LUCA ha telefonato.",
        "maria chiara ha scritto",
        "tel. 333 123 45 67",
        "tel. 0039-333.1234567",
        "scrivo da M.DeLuca@Example.org",
        "dlcmch80a41a944x",
        "abito in Via dei Mille, 12/A",
        "Chiara84deluca",
    ] {
        let text = clean(text);
        let bare = compact(&text.replace("nome", "").replace("telefono", ""));
        for gone in ["luca", "chiara", "3331234567", "mdeluca", "dlcmch80a41a944x", "deimille12"] {
            assert!(!bare.contains(gone), "{gone} in {text}");
        }
        assert!(has_placeholder(&text), "{text}");
    }
}

#[test]
fn what_looks_personal_goes_although_nobody_is_known() {
    let none = Known::default();
    let check = |text: &str, expected: &str| {
        assert_eq!(redact(text, &none, Author::Citizen, Language::Italian), expected);
    };
    check("Scriva a ugo.b@example.it.", "Scriva a ⟦e-mail⟧.");
    check("IBAN IT60 X054 2811 1010 0000 0123 456 intestato", "IBAN ⟦IBAN⟧ intestato");
    check("l'auto AB 123 CD è mia", "l'auto ⟦targa⟧ è mia");
    check("prot. n. 12345/2026 del mese", "prot. n. ⟦codice⟧ del mese");
    check("mi chiamo Ada Bruni e scrivo", "mi chiamo ⟦nome⟧ e scrivo");
    check("nata a Bari il 3 maggio 1961", "nata a Bari il ⟦data di nascita⟧");
    check("abito in via Garibaldi 7, interno 3", "abito in ⟦indirizzo⟧, interno 3");
    check("il codice RSSMRA85T10A562S", "il codice ⟦codice fiscale⟧");
    check("Cordiali saluti\nAda Bruni", "Cordiali saluti\n⟦nome⟧");
    check("https://comune.example/sportello/pratica/ABC?k=1", "⟦codice⟧");
}

#[test]
fn days_hours_laws_and_sums_stay() {
    for text in [
        "Entro il 12/03/2026 o dal 2026-04-01.",
        "Aperto 8.30-12.30 e 8-12 15-18.",
        "D.P.R. 445/2000, anni 2025/2026.",
        "Costa 1.250.000 euro, o 22,21.",
        "Ufficio di piazza Maggiore 6, al piano 2.",
        "Il sito è https://www.comune.example/servizi.",
    ] {
        assert_eq!(redact(text, &Known::default(), Author::Office, Language::Italian), text);
    }
}

#[test]
fn the_number_of_an_office_stays_unless_it_is_the_persons() {
    let mut known = person();
    known.keep("051 123456");
    known.keep("333 1234567");
    let text = redact("051 123456 o 333 1234567", &known, Author::Office, Language::Italian);
    assert_eq!(text, "051 123456 o ⟦telefono⟧");
}

#[test]
fn a_street_that_the_citizen_named_goes_from_the_answer_too() {
    let mut known = Known::default();
    known.learn_streets("Il lampione davanti a via Verdi 3 è spento");
    let text =
        redact("In via Verdi 3 ripariamo; lo sportello è in via Roma 1.", &known, Author::Office, Language::Italian);
    assert_eq!(text, "In ⟦indirizzo⟧ ripariamo; lo sportello è in via Roma 1.");
    assert_eq!(count([text.as_str()], Language::Italian), BTreeMap::from([(What::Address, 1)]));
}

/// A value as people write it: letters in any case, something between some of its parts.
fn spelling(value: &str, seed: &[u8]) -> String {
    let mut written = String::new();
    for (place, c) in value.chars().enumerate() {
        let dice = seed.get(place % seed.len().max(1)).copied().unwrap_or(0);
        if place > 0 && c.is_ascii_digit() && dice % 5 == 0 {
            written.push_str([" ", "-", ".", "/", " - "][usize::from(dice / 5) % 5]);
        }
        if dice % 2 == 0 { written.extend(c.to_uppercase()) } else { written.push(c) }
    }
    written
}

proptest! {
    #[test]
    fn nothing_of_a_known_person_survives(
        first in "[A-Z][a-zàèìòù]{2,9}",
        last in "(D'|De |Di |)[A-Z][a-zàèìòù]{2,9}",
        phone in "3[0-9]{8,9}",
        mail in "[a-z]{3,8}\\.[a-z]{3,8}",
        code in "[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]",
        seed in proptest::collection::vec(any::<u8>(), 8..24),
        around in proptest::collection::vec("[a-z ,.;:\n]{0,20}", 8),
    ) {
        let is_particle = |name: &str| known::PARTICLES.contains(&compact(name).as_str());
        prop_assume!(!is_particle(&first) && !last.split([' ', '\'']).any(|n| n.len() > 2 && is_particle(n)));
        let mut known = Known::default();
        known.name(&format!("{first} {last}"));
        known.identifier("phone", &format!("+39{phone}"));
        known.identifier("email", &format!("{mail}@example.org"));
        known.identifier("fiscal_code", &code);
        let text = [
            around[0].clone(), format!(" {} ", spelling(&first, &seed)),
            around[1].clone(), format!(" {} ", spelling(&last, &seed)),
            around[2].clone(), format!(" {last} {first} "),
            around[3].clone(), format!(" +39 {} ", spelling(&phone, &seed)),
            around[4].clone(), format!(" {}@example.org ", spelling(&mail, &seed)),
            around[5].clone(), format!(" {} ", spelling(&code, &seed)),
            around[6].clone(), format!(" {}{} ", compact(&first), compact(&last)),
            around[7].clone(),
        ].concat();
        let clean = redact(&text, &known, Author::Office, Language::Italian);
        // Without the placeholders, whose words are ours.
        let mut left = String::new();
        let mut depth = 0;
        for c in clean.chars() {
            match c {
                OPEN => depth += 1,
                CLOSE => { depth -= 1; left.push('|'); }
                c if depth == 0 => left.push(c),
                _ => {}
            }
        }
        for gone in [&phone, &mail, &code] {
            prop_assert!(!left.split('|').any(|part| compact(part).contains(&compact(gone))), "{} in {}", gone, clean);
        }
        let words: Vec<String> = left.split(|c: char| !c.is_alphanumeric()).map(compact).collect();
        for name in first.split([' ', '\'']).chain(last.split([' ', '\''])).filter(|n| n.chars().count() > 2) {
            prop_assert!(!words.contains(&compact(name)), "{} in {}", name, clean);
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text: String, name: String) {
        let mut known = person();
        known.name(&name);
        known.learn_streets(&text);
        drop(redact(&text, &known, Author::Citizen, Language::English));
    }

    #[test]
    fn a_clean_text_is_left_as_it_is(text in "[a-z ]{0,80}") {
        let clean = redact(&text, &Known::default(), Author::Office, Language::Italian);
        prop_assert_eq!(clean, text);
    }
}

#[test]
fn a_comment_loses_what_names_somebody() {
    for (said, kept) in [
        ("Scrivetemi a anna.neri@example.it, grazie", "Scrivetemi a […], grazie"),
        ("il mio numero è 333 123 4567.", "il mio numero è […]."),
        ("chiamate lo +39 0862 1234567 o 0862/123456", "chiamate lo […] o […]"),
        ("RSSMRA80A01H501U non funziona", "[…] non funziona"),
        ("IBAN IT60X0542811101000000123456", "IBAN […]"),
        ("carta 5333 1710 2345 6789", "carta […]"),
        ("06 12 34 56 78", "[…]"),
        ("mi chiamo Anna Neri e abito qui", "mi chiamo […] e abito qui"),
    ] {
        assert_eq!(anonymous(said), kept);
    }
}

#[test]
fn what_a_comment_is_about_stays() {
    for said in [
        "Il 03/05/2026 lo sportello era chiuso",
        "orario 08.30-12.30 sbagliato",
        "22,21 euro e non 16,79",
        "art. 43 del DPR 445/2000",
        "a + b = 5+",
        "il modulo A38 non si apre",
        "in via Roma 12 non c'è nessuno",
    ] {
        assert_eq!(anonymous(said), said);
    }
}
