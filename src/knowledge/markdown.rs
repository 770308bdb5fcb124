//! Markdown of sheets as HTML that is safe on any page, with the headings for the page's index.
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A heading of the first level inside a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// What `#id` in an address leads to.
    pub id: String,
    pub text: String,
}

#[derive(Debug, Clone)]
pub(super) struct Rendered {
    /// Sanitised HTML.
    pub html: String,
    pub headings: Vec<Heading>,
}

/// Links and structure, no images (they would tell a third party who reads), no styles, no scripts.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder.rm_tags(["img", "map", "area", "figure", "figcaption"]);
    builder.add_tag_attributes("h2", ["id"]);
    builder.url_schemes(HashSet::from(["http", "https", "mailto", "tel"]));
    builder
});

/// Characters of a sheet that a voice reads out, nearly two minutes.
const MOST_SAID: usize = 1500;

/// What a voice reads of a sheet, whichever asks: what was written for the telephone, else its summary and its public
/// text without markup, cut at the end of a sentence when long.
pub fn spoken(sheet: &super::model::SheetText) -> String {
    let own = sheet.phone_text.trim();
    if own.is_empty() { shortened(&read_out(sheet), MOST_SAID) } else { shortened(own, MOST_SAID) }
}

fn read_out(sheet: &super::model::SheetText) -> String {
    let mut said = String::new();
    for event in Parser::new_ext(&sheet.public_text, Options::ENABLE_TABLES) {
        match event {
            Event::Text(text) | Event::Code(text) => said.push_str(&text),
            Event::SoftBreak | Event::HardBreak => said.push(' '),
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell | TagEnd::CodeBlock,
            ) => {
                // A voice rests where the eye sees a new line.
                said.push_str(if said.ends_with(['.', '!', '?', ':', ';', ',']) { " " } else { ". " });
            }
            _ => {}
        }
    }
    format!("{} {said}", sheet.summary)
}

fn shortened(text: &str, most: usize) -> String {
    let whole = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if whole.chars().count() <= most {
        return whole;
    }
    let cut: String = whole.chars().take(most).collect();
    let end = cut.rfind(['.', '!', '?']).map_or(cut.len(), |place| place + 1);
    cut[..end].to_owned()
}

/// A text as HTML that is safe on any page, its headings from the second level.
pub fn to_html(text: &str) -> String {
    render(text, "part-").html
}

/// The beginning of a text without its markup, on one line, at most `most` characters.
pub fn plain(text: &str, most: usize) -> String {
    let mut said = String::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Text(words) | Event::Code(words) => said.push_str(&words),
            Event::SoftBreak
            | Event::HardBreak
            | Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::TableCell | TagEnd::CodeBlock,
            ) => said.push(' '),
            _ => {}
        }
        // Enough was read; blanks are taken out below.
        if said.len() > most * 8 {
            break;
        }
    }
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(most) {
        None => words,
        Some((end, _)) => {
            let cut = words[..end].rfind(' ').unwrap_or(end);
            format!("{}…", &words[..cut])
        }
    }
}

/// Renders a text. Its headings become second level and below, because the page's title is the first;
/// `prefix` keeps their ids apart from others of the page.
pub(super) fn render(text: &str, prefix: &str) -> Rendered {
    let mut events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES).collect();
    let top = events.iter().filter_map(heading_level).min().unwrap_or(HeadingLevel::H1);
    let mut headings: Vec<Heading> = Vec::new();
    let mut inside = false;
    for event in &mut events {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                *level = lowered(*level, top);
                if *level == HeadingLevel::H2 {
                    inside = true;
                    let name = format!("{prefix}{}", headings.len() + 1);
                    *id = Some(CowStr::from(name.clone()));
                    headings.push(Heading { id: name, text: String::new() });
                }
            }
            Event::End(TagEnd::Heading(level)) => {
                *level = lowered(*level, top);
                inside = false;
            }
            Event::Text(words) | Event::Code(words) if inside => {
                if let Some(heading) = headings.last_mut() {
                    heading.text.push_str(words);
                }
            }
            _ => {}
        }
    }
    let mut raw = String::with_capacity(text.len() * 2);
    html::push_html(&mut raw, events.into_iter());
    Rendered { html: SANITISER.clean(&raw).to_string(), headings }
}

fn heading_level(event: &Event) -> Option<HeadingLevel> {
    match event {
        Event::Start(Tag::Heading { level, .. }) => Some(*level),
        _ => None,
    }
}

fn lowered(level: HeadingLevel, top: HeadingLevel) -> HeadingLevel {
    let depth = level as usize + 2 - top as usize;
    HeadingLevel::try_from(depth).unwrap_or(HeadingLevel::H6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_become_the_index_of_the_page() {
        let page = render("# Come si fa\n\nVieni.\n\n## Online\n\nCon SPID.\n\n# Quanto *costa*\n\nNulla.", "s");
        let texts: Vec<_> = page.headings.iter().map(|h| (h.id.as_str(), h.text.as_str())).collect();
        assert_eq!(texts, [("s1", "Come si fa"), ("s2", "Quanto costa")]);
        assert!(page.html.contains("<h2 id=\"s1\">Come si fa</h2>"), "{}", page.html);
        assert!(page.html.contains("<h3>Online</h3>"), "{}", page.html);
    }

    #[test]
    fn a_text_that_begins_at_the_third_level_begins_at_the_second_on_the_page() {
        assert!(render("### Dove\n\n#### Orari", "s").html.contains("<h3>Orari</h3>"));
    }

    #[test]
    fn nothing_active_survives() {
        let page = render(
            "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <b onclick=\"x()\">y</b> ![i](https://example.org/i.png)",
            "s",
        );
        for active in ["script", "javascript", "onclick", "<img"] {
            assert!(!page.html.contains(active), "{active}: {}", page.html);
        }
    }

    #[test]
    fn an_extract_has_no_markup_and_ends_with_a_whole_word() {
        assert_eq!(
            plain("## Chiuso\n\nFino a **lunedì**, vedi [qui](https://example.it).", 80),
            "Chiuso Fino a lunedì, vedi qui."
        );
        assert_eq!(plain("uno due tre", 9), "uno due…");
    }

    #[test]
    fn lists_tables_and_links_stay() {
        let page = render("- uno\n- due\n\n|a|b|\n|-|-|\n|1|2|\n\n[PagoPA](https://www.pagopa.gov.it)", "s");
        assert!(page.html.contains("<li>uno</li>") && page.html.contains("<table>"));
        assert!(page.html.contains("href=\"https://www.pagopa.gov.it\""));
    }
}
