//! How well the category of a text is guessed from texts that people classified, measured on files.
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::Path;

use knowledge_base::Lang;
use knowledge_base::precedents::{Precedents, guess};

use super::collections::CollectionError;

/// Texts that say what a new one is about, as for tickets.
const VOTERS: usize = 20;

/// How often guesses were right, from 0 to 1.
#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub texts: usize,
    pub first: f64,
    /// The right label is among the first three.
    pub among_three: f64,
    /// Mean over the labels of the harmonic mean of precision and recall.
    pub macro_f1: f64,
}

struct Labelled {
    id: String,
    label: String,
    text: String,
}

/// Learns the texts of one file and guesses the labels of another; lines are `id`, `label`, `text`, parted by tabs.
/// Writes `id`, guessed label and confidence of each.
///
/// # Errors
/// Names the line that is wrong.
pub fn run(learn: &Path, classify: &Path, lang: Lang, output: &mut dyn Write) -> Result<Figures, CollectionError> {
    let known = read(learn)?;
    let mut precedents = Precedents::new(known.len());
    for (id, one) in (0..).zip(&known) {
        precedents.learn(id, &one.text, lang);
    }
    let label_of = |id: i64| usize::try_from(id).ok().and_then(|id| known.get(id)).map(|one| one.label.as_str());
    let asked = read(classify)?;
    let mut pairs = Vec::new();
    let mut among_three = 0;
    for one in &asked {
        let like = precedents.similar(&one.text, lang, VOTERS);
        let guesses = guess(like.iter().filter_map(|s| Some((label_of(s.id)?, s.likeness))));
        let (first, confidence) = guesses.first().map_or(("", 0.0), |guess| (guess.label, guess.confidence));
        writeln!(output, "{}\t{first}\t{confidence:.3}", one.id).map_err(CollectionError::Output)?;
        among_three += usize::from(guesses.iter().take(3).any(|guess| guess.label == one.label));
        pairs.push((one.label.as_str(), first));
    }
    output.flush().map_err(CollectionError::Output)?;
    let all = pairs.len().max(1) as f64;
    Ok(Figures {
        texts: pairs.len(),
        first: pairs.iter().filter(|(label, guessed)| label == guessed).count() as f64 / all,
        among_three: among_three as f64 / all,
        macro_f1: macro_f1(&pairs),
    })
}

/// Over the labels that occur or are guessed.
fn macro_f1(pairs: &[(&str, &str)]) -> f64 {
    let labels: HashSet<&str> = pairs.iter().flat_map(|(label, guessed)| [*label, *guessed]).collect();
    let mut counts: HashMap<&str, (f64, f64)> = HashMap::new();
    for (label, guessed) in pairs {
        counts.entry(label).or_default().0 += 1.0;
        counts.entry(guessed).or_default().0 += 1.0;
        if label == guessed {
            counts.entry(label).or_default().1 += 2.0;
        }
    }
    let f1: BTreeMap<&str, f64> = counts.into_iter().map(|(label, (all, right))| (label, right / all)).collect();
    f1.values().sum::<f64>() / labels.len().max(1) as f64
}

fn read(file: &Path) -> Result<Vec<Labelled>, CollectionError> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|source| CollectionError::Read { file: name.clone(), source })?;
    let line = |(at, line): (usize, &str)| {
        let mut parts = line.splitn(3, '\t').map(str::to_owned);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(id), Some(label), Some(text)) => Ok(Labelled { id, label, text }),
            _ => Err(CollectionError::Line {
                file: name.clone(),
                line: at + 1,
                wrong: "there are not three parts, parted by tabs: id, label, text".to_owned(),
            }),
        }
    };
    text.lines().enumerate().filter(|(_, line)| !line.is_empty()).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_over_labels_and_not_over_texts() {
        let pairs = [("a", "a"), ("a", "a"), ("b", "a")];
        assert!((macro_f1(&pairs) - (0.8 + 0.0) / 2.0).abs() < 1e-9);
    }
}
