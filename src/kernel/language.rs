//! Interface text: Fluent catalogues embedded in the program, one folder per language. Every key exists in
//! every language (a test holds that), so a lookup that fails is a bug and shows the key itself.
use std::collections::BTreeSet;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use unic_langid::LanguageIdentifier;

#[derive(RustEmbed)]
#[folder = "web/messages/"]
struct Files;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "it")]
    Italian,
    #[serde(rename = "en")]
    English,
}

static ITALIAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Italian));
static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::English));

fn sources(language: Language) -> impl Iterator<Item = (String, String)> {
    let folder = format!("{}/", language.as_str());
    Files::iter().filter(move |name| name.starts_with(&folder)).filter_map(|name| {
        let file = Files::get(&name)?;
        Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
    })
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.as_str().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The pages are written left to right; isolation marks would end up in mails and downloads.
    bundle.set_use_isolating(false);
    for (name, text) in sources(language) {
        let resource = FluentResource::try_new(text).unwrap_or_else(|(partial, errors)| {
            tracing::error!("message catalogue {name}: {errors:?}");
            partial
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!("message catalogue {name}: {errors:?}");
        }
    }
    bundle
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Italian, Self::English];

    /// `it` or `en`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Italian => "it",
            Self::English => "en",
        }
    }

    /// Reads a tag such as `en-GB`; `None` when it is none of ours.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|l| l.as_str() == primary)
    }

    /// The best of ours for an `Accept-Language` header, which lists tags by preference in practice.
    pub fn negotiate(header: &str) -> Option<Self> {
        header.split(',').filter_map(|part| part.split(';').next()).find_map(Self::from_tag)
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::Italian => &ITALIAN,
            Self::English => &ENGLISH,
        }
    }

    /// The text of a key.
    pub fn text(self, key: &str) -> String {
        self.text_with(key, &[])
    }

    /// The text of a key with named values; whole numbers select plural forms.
    pub fn text_with(self, key: &str, values: &[(&str, String)]) -> String {
        let Some(pattern) = self.bundle().get_message(key).and_then(|m| m.value()) else {
            tracing::warn!(message.key = key, "no message {key} in {}", self.as_str());
            return key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            // Only what a number prints as is one: «+39…» and «007» are texts.
            let number = value.parse::<i64>().ok().filter(|n| n.to_string() == *value);
            args.set((*name).to_owned(), number.map_or_else(|| FluentValue::from(value.clone()), FluentValue::from));
        }
        let mut errors = Vec::new();
        self.bundle().format_pattern(pattern, Some(&args), &mut errors).into_owned()
    }

    /// Whether a key exists.
    pub fn has(self, key: &str) -> bool {
        self.bundle().has_message(key)
    }

    /// All keys of this language's catalogues, for the completeness test.
    pub fn keys(self) -> BTreeSet<String> {
        self.defined().into_iter().collect()
    }

    /// The key of each message, as often as it is defined.
    fn defined(self) -> Vec<String> {
        let keys = |text: String| {
            let lines = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
            let keys = lines.filter_map(|line| line.split_once('=').map(|(key, _)| key.trim().to_owned()));
            keys.collect::<Vec<_>>()
        };
        sources(self).flat_map(|(_, text)| keys(text)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_the_same_keys() {
        let (it, en) = (Language::Italian.keys(), Language::English.keys());
        let only_it: Vec<_> = it.difference(&en).collect();
        let only_en: Vec<_> = en.difference(&it).collect();
        assert!(only_it.is_empty() && only_en.is_empty(), "only it: {only_it:?}; only en: {only_en:?}");
        assert!(it.iter().all(|key| Language::Italian.has(key)), "a key is defined twice or malformed");
    }

    #[test]
    fn every_message_is_defined_once() {
        for language in Language::ALL {
            let (mut seen, defined) = (BTreeSet::new(), language.defined());
            let twice: Vec<_> = defined.iter().filter(|key| !seen.insert(*key)).collect();
            assert!(twice.is_empty(), "{}: {twice:?}", language.as_str());
        }
    }

    #[test]
    fn a_phone_number_in_a_text_keeps_its_sign_and_zeros() {
        let text = Language::English.text_with("age-days", &[("n", "+390862".to_owned())]);
        assert!(text.contains("+390862"), "{text}");
    }

    #[test]
    fn the_first_known_language_of_the_browser_is_taken() {
        assert_eq!(Language::negotiate("de-DE,en-GB;q=0.8,it;q=0.5"), Some(Language::English));
        assert_eq!(Language::negotiate("fr"), None);
    }
}
