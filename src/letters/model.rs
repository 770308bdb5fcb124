//! How letters stand, and their text with what is doubtful in it.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Below this sureness a letter has to be read by a person, in percent.
pub const DOUBTFUL: i64 = 75;

/// How a letter stands on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LetterState {
    /// Nobody looked at it yet.
    New,
    /// Somebody checked it.
    Worked,
    /// It came here by mistake.
    NotOurs,
    /// Its pages went to another letter.
    Joined,
}

impl LetterState {
    /// The stored name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Worked => "worked",
            Self::NotOurs => "not_ours",
            Self::Joined => "joined",
        }
    }

    /// Reads the stored name.
    pub fn from_text(text: &str) -> Option<Self> {
        [Self::New, Self::Worked, Self::NotOurs, Self::Joined].into_iter().find(|s| s.as_str() == text)
    }
}

/// A list of letters to be worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Worklist {
    /// Nobody looked at them.
    #[default]
    New,
    /// Nobody looked at them, and the program was not sure of what it read.
    Doubtful,
    /// Ours, and in no register.
    Unregistered,
    /// All, the newest first.
    All,
}

impl Worklist {
    /// Every list, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::New, Self::Doubtful, Self::Unregistered, Self::All];

    /// The name in addresses and message keys.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Doubtful => "doubtful",
            Self::Unregistered => "unregistered",
            Self::All => "all",
        }
    }
}

/// A piece of a text as the program read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub doubtful: bool,
}

/// A text cut where doubtful words begin and end. Places that do not fit the text are left out.
pub fn pieces(text: &str, doubtful: &[(usize, usize)]) -> Vec<Piece> {
    let mut all = Vec::new();
    let mut reached = 0;
    let mut push = |part: Option<&str>, doubtful| {
        if let Some(part) = part.filter(|p| !p.is_empty()) {
            all.push(Piece { text: part.to_owned(), doubtful });
        }
    };
    for &(start, end) in doubtful {
        if start < reached || end <= start || text.get(start..end).is_none() {
            continue;
        }
        push(text.get(reached..start), false);
        push(text.get(start..end), true);
        reached = end;
    }
    push(text.get(reached..), false);
    all
}

/// The text of a letter: its pages' texts, apart by an empty line.
pub fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.map(str::trim).filter(|t| !t.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn doubtful_words_are_cut_out_in_place() {
        let cut = pieces("Al Comune di Rorna", &[(13, 18)]);
        assert_eq!(
            cut.iter().map(|p| (p.text.as_str(), p.doubtful)).collect::<Vec<_>>(),
            [("Al Comune di ", false), ("Rorna", true)]
        );
    }

    proptest! {
        #[test]
        fn cutting_loses_no_letter(text in "[a-zè€ \n]{0,60}", places in prop::collection::vec((0_usize..80, 0_usize..80), 0..8)) {
            let whole: String = pieces(&text, &places).into_iter().map(|p| p.text).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
