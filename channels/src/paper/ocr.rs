//! Printed text read by Tesseract, with how sure it was.

use std::ffi::OsStr;
use std::time::Duration;

use super::program::{Bounds, ProgramError};
use super::{Gray, Programs};

/// Below this a page may lie on its side or upside down, in percent.
const DOUBTFUL: u8 = 45;
/// A word read with less is doubtful, in percent.
const DOUBTFUL_WORD: f32 = 60.0;
/// Surer than this, a turned page is read as it should be.
const SURE: u8 = 60;

/// The text of one page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recognised {
    /// Lines as they stand, paragraphs apart by an empty line.
    pub text: String,
    /// Letters in it.
    pub letters: u64,
    /// Sum of the confidence of each letter, in percent.
    pub weight: u64,
    /// Where in the text doubtful words are, in bytes.
    pub doubtful: Vec<(usize, usize)>,
}

impl Recognised {
    /// Mean confidence in percent, by letters; `None` when there are none.
    #[must_use]
    pub fn confidence(&self) -> Option<u8> {
        (self.letters > 0).then(|| (self.weight / self.letters).min(100) as u8)
    }
}

/// Reads a straight page. One that gives little is tried the other ways round.
///
/// # Errors
/// When the program is missing, fails or takes too long.
pub fn recognise(page: &Gray, languages: &str, programs: &Programs) -> Result<Recognised, ProgramError> {
    let mut best = once(page, languages, programs)?;
    if best.confidence().is_none_or(|sure| sure >= DOUBTFUL) && (best.letters > 0 || page.is_blank()) {
        return Ok(best);
    }
    // Handwriting gives little too: an upright page is only tried the other way up.
    let turns: &[usize] = if page.width > page.height { &[1, 3, 2] } else { &[2] };
    for turn in turns {
        let other = once(&page.turned(*turn), languages, programs)?;
        if other.weight > best.weight {
            best = other;
        }
        if best.confidence().is_some_and(|sure| sure >= SURE) {
            break;
        }
    }
    Ok(best)
}

fn once(page: &Gray, languages: &str, programs: &Programs) -> Result<Recognised, ProgramError> {
    let bounds = Bounds { time: Duration::from_secs(120), output: 16 << 20 };
    let words = ["stdin", "stdout", "-l", languages, "--psm", "4", "--dpi", "300", "tsv"].map(OsStr::new);
    programs.run("tesseract", &words, &page.to_pgm(), bounds).map(|tsv| from_tsv(&String::from_utf8_lossy(&tsv)))
}

/// The text in Tesseract's table of words.
#[must_use]
pub fn from_tsv(tsv: &str) -> Recognised {
    let mut page = Recognised::default();
    let mut last: Option<(&str, &str, &str)> = None;
    for row in tsv.lines() {
        let cells: Vec<&str> = row.splitn(12, '\t').collect();
        let [level, _, block, paragraph, line, _, _, _, _, sure, word] = match cells.as_slice() {
            [level, page, block, paragraph, line, rest @ ..] if rest.len() == 7 => {
                [level, page, block, paragraph, line, rest[0], rest[1], rest[2], rest[3], rest[5], rest[6]]
            }
            _ => continue,
        };
        let (word, place) = (word.trim(), (block, paragraph, line));
        if level != "5" || word.is_empty() {
            continue;
        }
        page.text.push_str(match last {
            None => "",
            Some(before) if before == place => " ",
            Some((b, p, _)) if (b, p) == (block, paragraph) => "\n",
            Some(_) => "\n\n",
        });
        let start = page.text.len();
        page.text.push_str(word);
        last = Some(place);
        let letters = word.chars().count() as u64;
        let sure = sure.parse::<f32>().unwrap_or(0.0).clamp(0.0, 100.0);
        if sure < DOUBTFUL_WORD && word.contains(char::is_alphanumeric) {
            page.doubtful.push((start, page.text.len()));
        }
        page.letters += letters;
        page.weight += (letters as f32 * sure).round() as u64;
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_lines_and_paragraphs() {
        let tsv = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n\
            4\t1\t1\t1\t1\t0\t1\t2\t3\t4\t-1\t\n\
            5\t1\t1\t1\t1\t1\t1\t2\t3\t4\t90.5\tGentile\n\
            5\t1\t1\t1\t1\t2\t1\t2\t3\t4\t80\tufficio,\n\
            5\t1\t1\t1\t2\t1\t1\t2\t3\t4\t50\tperché\n\
            5\t1\t2\t1\t1\t1\t1\t2\t3\t4\t96\tSaluti\n";
        let page = from_tsv(tsv);
        assert_eq!(page.text, "Gentile ufficio,\nperché\n\nSaluti");
        assert_eq!(page.confidence(), Some(79));
        assert_eq!(page.doubtful.iter().map(|(a, b)| &page.text[*a..*b]).collect::<Vec<_>>(), ["perché"]);
        assert_eq!(from_tsv("").confidence(), None);
    }
}
