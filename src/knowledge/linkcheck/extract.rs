//! The links of a sheet's texts. No I/O.
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::knowledge::model::{Audience, SheetText};

/// A link as a text has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub url: String,
    /// Whether citizens follow it, who do not see the desk.
    pub public: bool,
}

/// The links of a sheet's texts, each once. Addresses of mail and telephones, and places of the page itself, are none.
pub fn of_sheet(audience: Audience, texts: &[SheetText]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let open = audience == Audience::Public;
    let mut add = |urls: Vec<String>, public: bool| {
        for url in urls {
            match links.iter_mut().find(|l| l.url == url) {
                Some(link) => link.public |= public,
                None => links.push(Link { url, public }),
            }
        }
    };
    for text in texts {
        add(of_markdown(&text.public_text), open);
        for section in text.sections.all() {
            add(of_markdown(section), open);
        }
        add(of_plain(&text.reply), open);
        add(of_markdown(&text.internal_text), false);
    }
    links
}

fn of_markdown(text: &str) -> Vec<String> {
    let mut urls = Vec::new();
    let mut inside = false;
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                inside = true;
                let url = dest_url.trim();
                if !url.is_empty() && !url.starts_with('#') && !is_other(url) {
                    urls.push(url.to_owned());
                }
            }
            Event::End(TagEnd::Link) => inside = false,
            Event::Text(words) if !inside => urls.extend(of_plain(&words)),
            _ => {}
        }
    }
    urls
}

/// Whether an address is of something that no server is asked for.
fn is_other(url: &str) -> bool {
    url.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.contains('/') && !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https")
    })
}

/// The web addresses in a text without markup.
fn of_plain(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '«' | '»' | '“' | '”');
    text.split(ends)
        .filter_map(|word| {
            let start = word.find("https://").or_else(|| word.find("http://"))?;
            let url = word[start..].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'', '’', '*', '_']);
            url.split_once("://").filter(|(_, rest)| !rest.is_empty()).map(|_| url.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::language::Language;

    #[test]
    fn links_come_from_markup_and_from_plain_words_and_each_once() {
        let text = SheetText {
            public_text: "Paga su [PagoPA](https://www.pagopa.gov.it/x?a=1), scrivi a [noi](mailto:a@example.it), \
                          vedi [sotto](#part-2) o (https://example.it/orari). Anche [qui](/sportello/schede/ANA-01)."
                .to_owned(),
            reply: "Il modulo è su https://example.it/orari: lo compili.".to_owned(),
            internal_text: "[tel](tel:+39) e [interna](/scrivania/schede/ANA-02)".to_owned(),
            ..SheetText::empty(Language::Italian)
        };
        let links = of_sheet(Audience::Public, std::slice::from_ref(&text));
        let found: Vec<_> = links.iter().map(|l| (l.url.as_str(), l.public)).collect();
        assert_eq!(
            found,
            [
                ("https://www.pagopa.gov.it/x?a=1", true),
                ("https://example.it/orari", true),
                ("/sportello/schede/ANA-01", true),
                ("/scrivania/schede/ANA-02", false),
            ]
        );
        assert!(of_sheet(Audience::Internal, &[text]).iter().all(|l| !l.public));
    }
}
