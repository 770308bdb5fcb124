//! What an emergency in force says to everybody: banner, telephone, hours, classes that come first. Each node keeps it
//! in memory, because every page and every call asks; `emergency` reads it from the database and puts it here.
use std::sync::{Arc, PoisonError, RwLock};

use super::language::Language;
use super::time::Instant;

/// A text in both languages; Italian serves where there is no English.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    pub italian: String,
    pub english: String,
}

impl Said {
    /// In a language; `None` when nothing is said.
    pub fn text(&self, language: Language) -> Option<&str> {
        let english = language == Language::English && !self.english.is_empty();
        let text = if english { &self.english } else { &self.italian };
        Some(text.as_str()).filter(|text| !text.is_empty())
    }
}

/// A class that comes first, and the words by which it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrgentClass {
    /// Row id of the category.
    pub category: i64,
    /// Folded: lower case, without accents.
    pub words: Vec<String>,
}

/// An emergency in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Row id.
    pub id: i64,
    pub name: Said,
    pub since: Instant,
    /// For citizens.
    pub banner: Said,
    /// For who works at the desk.
    pub desk: Said,
    /// What callers hear first, and before they leave a message.
    pub welcome: Said,
    pub message: Said,
    /// Whether the office answers at every hour.
    pub always_open: bool,
    pub classes: Vec<UrgentClass>,
    /// Row id of the class of calls that say nothing else.
    pub calls: Option<i64>,
}

impl InForce {
    /// The class of a folded text: the first one of which a word begins a word of the text.
    pub fn class_of(&self, folded: &str) -> Option<i64> {
        let begins = |word: &String| {
            !word.is_empty()
                && folded.match_indices(word.as_str()).any(|(place, _)| {
                    folded[..place].chars().next_back().is_none_or(|before| !before.is_alphanumeric())
                })
        };
        self.classes.iter().find(|class| class.words.iter().any(begins)).map(|class| class.category)
    }
}

/// Where the emergency in force is found; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Emergency(Arc<RwLock<Option<Arc<InForce>>>>);

impl Emergency {
    /// The emergency in force, if there is one.
    pub fn get(&self) -> Option<Arc<InForce>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the office answers at every hour.
    pub fn is_always_open(&self) -> bool {
        self.get().is_some_and(|now| now.always_open)
    }

    /// Says what is in force.
    pub fn set(&self, now: Option<InForce>) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.as_deref() != now.as_ref() {
            *kept = now.map(Arc::new);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_force(classes: &[(i64, &[&str])]) -> InForce {
        let class = |(category, words): &(i64, &[&str])| UrgentClass {
            category: *category,
            words: words.iter().map(|w| (*w).to_owned()).collect(),
        };
        InForce {
            id: 1,
            name: Said::default(),
            since: Instant(0),
            banner: Said::default(),
            desk: Said::default(),
            welcome: Said::default(),
            message: Said::default(),
            always_open: true,
            classes: classes.iter().map(class).collect(),
            calls: None,
        }
    }

    #[test]
    fn a_class_is_known_by_the_beginning_of_a_word_and_the_first_one_counts() {
        let now = in_force(&[(1, &["crepa", "crepe"]), (2, &["senza acqua", "tend"])]);
        assert_eq!(now.class_of("ho una crepa nel muro e sono senza acqua"), Some(1));
        assert_eq!(now.class_of("siamo senza acqua da ieri"), Some(2));
        assert_eq!(now.class_of("servono tende al campo"), Some(2));
        assert_eq!(now.class_of("intendo chiedere un certificato"), None, "not within a word");
    }

    #[test]
    fn italian_serves_where_nothing_else_is_said() {
        let said = Said { italian: "Terremoto".into(), english: String::new() };
        assert_eq!(said.text(Language::English), Some("Terremoto"));
        assert_eq!(Said::default().text(Language::Italian), None);
    }
}
