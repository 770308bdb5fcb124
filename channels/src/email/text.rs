//! The text of a mail: format=flowed, subject prefixes, quoted history, codes in the subject.

use crate::SubjectCode;

/// Prefixes that mail programs put before a subject, lower case, without colon.
const PREFIXES: &[&str] = &[
    "r", "re", "rif", "i", "fw", "fwd", "wg", "aw", "inoltro", "inoltra", "risposta", "antwort", "tr", "rv", "sv", "vs",
];

/// Joins the soft lines of `format=flowed` text (RFC 3676).
#[must_use]
pub fn unflow(text: &str, delsp: Delsp) -> String {
    let mut out = String::with_capacity(text.len());
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let content = &line[depth..];
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        if open.is_some_and(|d| d != depth || signature) {
            out.push('\n');
            open = None;
        }
        if open.is_none() && depth > 0 {
            out.push_str(&">".repeat(depth));
            out.push(' ');
        }
        if content.ends_with(' ') && !signature {
            out.push_str(if delsp == Delsp::Yes { &content[..content.len() - 1] } else { content });
            open = Some(depth);
        } else {
            out.push_str(content);
            out.push('\n');
            open = None;
        }
    }
    out
}

/// The `delsp` parameter of flowed text: whether the space that marks a soft line is not part of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delsp {
    /// The space only marks the line.
    Yes,
    /// The space belongs to the text.
    No,
}

/// The subject without the prefixes of replies and forwards, however often repeated (`R: RE: Rif: I: …`).
#[must_use]
pub fn topic(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((head, tail)) = rest.split_once(':') {
        // `RE[2]:` and `Re (3):` count repetitions.
        let word = head.trim().trim_end_matches(|c: char| matches!(c, '[' | ']' | '(' | ')') || c.is_ascii_digit());
        if !PREFIXES.iter().any(|p| word.trim().eq_ignore_ascii_case(p)) {
            break;
        }
        rest = tail.trim_start();
    }
    rest
}

/// What in a subject has the shape of a tracking code: nine Crockford symbols, in one word or in three groups
/// of three, at times followed by `/` and the number of a referral. One code in thirty has no digit, so a word of
/// nine letters is among them: who asks knows the check symbol and which codes exist.
#[must_use]
pub fn subject_codes(subject: &str) -> Vec<SubjectCode> {
    let mut words: Vec<(usize, &str)> = Vec::new();
    for word in subject.split(|c: char| !c.is_ascii_alphanumeric() && c != '/').filter(|w| !w.is_empty()) {
        words.push((word.as_ptr() as usize - subject.as_ptr() as usize, word));
    }
    let between = |a: (usize, &str), b: (usize, &str)| subject.get(a.0 + a.1.len()..b.0).unwrap_or_default();
    let joins = |a, b| matches!(between(a, b), "-" | " " | "." | "–");
    let mut found = Vec::new();
    for i in 0..words.len() {
        let joined = match words.get(i..i + 3) {
            Some(&[a, b, c]) if joins(a, b) && joins(b, c) && is_group(a.1) && is_group(b.1) => {
                c.1.split('/').next().filter(|x| is_group(x)).map(|_| format!("{}{}{}", a.1, b.1, c.1))
            }
            _ => None,
        };
        for candidate in [Some(words[i].1.to_owned()), joined].into_iter().flatten() {
            let (symbols, leg) = match candidate.split_once('/') {
                Some((s, n)) => (s, n.parse::<u32>().ok()),
                None => (candidate.as_str(), None),
            };
            if symbols.len() == 9
                && let Some(code) = symbols.chars().map(crockford).collect::<Option<String>>()
            {
                let code = SubjectCode { code, leg };
                if !found.contains(&code) {
                    found.push(code);
                }
            }
        }
    }
    found
}

fn is_group(word: &str) -> bool {
    word.len() == 3
}

fn crockford(c: char) -> Option<char> {
    match c.to_ascii_uppercase() {
        'O' => Some('0'),
        'I' | 'L' => Some('1'),
        'U' => None,
        c if c.is_ascii_alphanumeric() => Some(c),
        _ => None,
    }
}

/// Splits a text into what was written now and the quoted history below it.
///
/// Answers written between the lines of the history, and forwards without a word of their own, are not split.
#[must_use]
pub fn split_quoted(text: &str) -> (&str, &str) {
    let mut offset = 0;
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            let start = offset;
            offset += line.len();
            (start, line.trim())
        })
        .collect();
    for (i, (start, line)) in lines.iter().enumerate() {
        let cut = starts_history(line, || lines.get(i + 1..).unwrap_or_default());
        if cut == History::None {
            continue;
        }
        let below = lines.get(i + 1..).unwrap_or_default();
        if cut == History::Marked && answers_between(below) {
            return (text.trim_end(), "");
        }
        let (above, quoted) = text.split_at(*start);
        if above.trim().is_empty() {
            break;
        }
        return (above.trim_end(), quoted.trim_end());
    }
    (text.trim_end(), "")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum History {
    /// Not here.
    None,
    /// From here on each line is marked with `>`.
    Marked,
    /// From here on everything is history.
    Plain,
}

fn starts_history<'a>(line: &str, below: impl Fn() -> &'a [(usize, &'a str)]) -> History {
    if line.starts_with('>') {
        return History::Marked;
    }
    if is_separator(line) {
        return History::Plain;
    }
    let next = |n: usize| below().iter().map(|(_, l)| *l).filter(|l| !l.is_empty()).nth(n).unwrap_or_default();
    if is_field(line, &["da:", "from:", "von:", "de:"])
        && (0..3).any(|n| is_field(next(n), &["inviato:", "data:", "sent:", "date:", "gesendet:", "envoyé:"]))
    {
        return History::Plain;
    }
    if opens_attribution(line) {
        for n in 0..3 {
            let last = if n == 0 { line } else { next(n - 1) };
            if closes_attribution(last) {
                return if next(n).starts_with('>') { History::Marked } else { History::Plain };
            }
        }
    }
    History::None
}

fn is_separator(line: &str) -> bool {
    let words = line.trim_matches(|c: char| matches!(c, '-' | '_' | '*' | ' '));
    if words.len() + 4 > line.len() {
        return false;
    }
    const WORDS: &[&str] = &["messaggio originale", "original message", "ursprüngliche nachricht", "message d'origine"];
    WORDS.contains(&words.to_lowercase().as_str())
}

fn is_field(line: &str, names: &[&str]) -> bool {
    let lower = line.trim_matches('*').to_lowercase().replace("*", "");
    names.iter().any(|n| lower.starts_with(n))
}

fn opens_attribution(line: &str) -> bool {
    const OPENINGS: &[&str] = &["Il ", "In data ", "On ", "Am ", "Le "];
    line.len() < 300 && OPENINGS.iter().any(|o| line.starts_with(o)) && line.bytes().any(|b| b.is_ascii_digit())
}

fn closes_attribution(line: &str) -> bool {
    const CLOSINGS: &[&str] = &["ha scritto:", "wrote:", "schrieb:", "a écrit :", "a écrit:"];
    CLOSINGS.iter().any(|c| line.ends_with(c))
}

/// Whether somebody wrote below the first marked lines: then the history is part of the answer.
fn answers_between(below: &[(usize, &str)]) -> bool {
    let mut marked = false;
    for (_, line) in below {
        if line.starts_with('>') {
            marked = true;
        } else if *line == "--" {
            return false;
        } else if marked && !line.is_empty() {
            return true;
        }
    }
    false
}

/// Text of unknown charset: UTF-8 when it is, else windows-1252, which Italian programs mean.
#[must_use]
pub fn decode_unknown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Text as shown and searched: one kind of line end, no control characters, no blanks at the end of lines.
#[must_use]
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let start = out.len();
        out.extend(line.chars().filter(|c| *c == '\t' || (!c.is_control() && *c != '\u{feff}')));
        // The signature mark keeps its blank.
        if &out[start..] != "-- " {
            let kept = out[start..].trim_end().len();
            out.truncate(start + kept);
        }
        out.push('\n');
    }
    let kept = out.trim_end().len();
    out.truncate(kept);
    let skipped = out.len() - out.trim_start_matches('\n').len();
    out.drain(..skipped);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_every_program_are_stripped() {
        assert_eq!(topic("R: RE: Rif: I: FW: WG: Inoltro: AW: Buca in via Roma"), "Buca in via Roma");
        assert_eq!(topic("RE[2]: r:Re (3): Tari"), "Tari");
        assert_eq!(topic("Reclamo: strada"), "Reclamo: strada");
        assert_eq!(topic("R:"), "");
    }

    #[test]
    fn codes_are_found_in_one_word_or_in_groups() {
        let code = |c: &str, leg| SubjectCode { code: c.into(), leg };
        assert_eq!(subject_codes("R: [7K3-M9P-QR2] Buca"), [code("7K3M9PQR2", None)]);
        assert_eq!(subject_codes("pratica 7k3m9pqr2/4"), [code("7K3M9PQR2", Some(4))]);
        assert_eq!(subject_codes("pratica 7K3 M9P QR2/4 urgente"), [code("7K3M9PQR2", Some(4))]);
        assert_eq!(subject_codes("un sollecito"), [code("S011EC1T0", None)], "only the check symbol can tell");
        assert_eq!(subject_codes("Via del mare, ambulanza"), []);
        assert_eq!(subject_codes(""), []);
    }

    proptest::proptest! {
        #[test]
        fn a_code_of_any_symbols_is_found(symbols in "[0-9A-HJKMNP-TV-Z]{9}") {
            let grouped = format!("{}-{}-{}", &symbols[..3], &symbols[3..6], &symbols[6..]);
            let code = SubjectCode { code: symbols.clone(), leg: None };
            for subject in [format!("Re: Buca [{grouped}]"), format!("Ancora sulla pratica {grouped}"), format!("n. {}", symbols.to_lowercase())] {
                proptest::prop_assert!(subject_codes(&subject).contains(&code), "{}", subject);
            }
        }
    }

    #[test]
    fn the_history_below_an_answer_is_set_apart() {
        let text = "Grazie mille.\n\nIl giorno mar 3 feb 2026 alle ore 10:22 URP <urp@comune.example>\nha scritto:\n\n> Gentile,\n> risposta\n";
        let (new, old) = split_quoted(text);
        assert_eq!(new, "Grazie mille.");
        assert!(old.starts_with("Il giorno") && old.ends_with("> risposta"));

        let outlook = "Va bene\n\nDa: URP\nInviato: martedì 3 febbraio 2026\nA: Anna\nOggetto: x\n\nGentile";
        assert_eq!(split_quoted(outlook).0, "Va bene");
        let old_outlook = "Va bene\n\n-----Messaggio originale-----\nDa: URP";
        assert_eq!(split_quoted(old_outlook).0, "Va bene");
    }

    #[test]
    fn answers_between_the_lines_and_bare_forwards_stay_whole() {
        let between = "> prima domanda\nsì\n> seconda\nno\n";
        assert_eq!(split_quoted(between), (between.trim_end(), ""));
        let forward = "-----Messaggio originale-----\nDa: Anna\nInviato: ieri\n\nBuca in via Roma";
        assert_eq!(split_quoted(forward), (forward, ""));
        let plain = "On ne sait jamais\n10 idee";
        assert_eq!(split_quoted(plain), (plain, ""));
    }

    #[test]
    fn flowed_lines_are_joined() {
        let text = "Una riga \nlunga\n> citata \n> ancora\n-- \nAnna\n";
        assert_eq!(unflow(text, Delsp::No), "Una riga lunga\n> citata ancora\n-- \nAnna\n");
        assert_eq!(unflow("no \nme\n", Delsp::Yes), "nome\n");
    }
}
