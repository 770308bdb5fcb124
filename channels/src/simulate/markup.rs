//! Mail as telephones write it.

/// A text in HTML, a paragraph for each that an empty line ends.
#[must_use]
pub fn paragraphs(text: &str) -> String {
    let escape = |text: &str| quick_xml::escape::escape(text).replace('\n', "<br>");
    text.split("\n\n").map(|paragraph| format!("<p>{}</p>", escape(paragraph))).collect()
}
