//! Sheets of A4 with text, lines and codes, measured in millimetres from the top left corner.

use std::collections::BTreeMap;

use pdf_writer::{Content, Filter, Finish, Pdf, Rect, Ref, Str, TextStr};

use super::code::Symbol;
use super::font::{WEIGHTS, Weight};

/// Points in a millimetre.
const MM: f32 = 72.0 / 25.4;
/// Width of A4.
pub(super) const WIDTH: f32 = 210.0;
/// Height of A4.
pub(super) const HEIGHT: f32 = 297.0;

/// Sheets under construction, all of one size.
pub(super) struct Sheets {
    pages: Vec<Content>,
    used: [BTreeMap<u16, char>; 2],
    /// Width and height, in millimetres.
    size: (f32, f32),
}

impl Default for Sheets {
    fn default() -> Self {
        Self::of((WIDTH, HEIGHT))
    }
}

/// Width of a text in millimetres; `size` in points.
pub(super) fn width(weight: Weight, size: f32, text: &str) -> f32 {
    weight.width(text) * size / 1000.0 / MM
}

/// A text in lines no wider than `limit` millimetres. Lines as written stay; a word too long is cut.
pub(super) fn wrap(weight: Weight, size: f32, limit: f32, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for written in text.lines() {
        let mut line = String::new();
        let mut length = 0.0;
        for word in written.split_whitespace() {
            let gap = if line.is_empty() { "" } else { " " };
            let added = width(weight, size, gap) + width(weight, size, word);
            if length + added <= limit {
                line.push_str(gap);
                line.push_str(word);
                length += added;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            length = 0.0;
            for c in word.chars() {
                let letter = width(weight, size, c.encode_utf8(&mut [0; 4]));
                if length + letter > limit && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    length = 0.0;
                }
                line.push(c);
                length += letter;
            }
        }
        lines.push(line);
    }
    lines
}

impl Sheets {
    /// Sheets of another size than A4.
    pub(super) fn of(size: (f32, f32)) -> Self {
        Self { pages: Vec::new(), used: Default::default(), size }
    }

    /// Begins a sheet.
    pub(super) fn begin(&mut self) {
        self.pages.push(Content::new());
    }

    /// Sheets begun.
    pub(super) const fn count(&self) -> usize {
        self.pages.len()
    }

    /// One line of text on sheet `page`, its base line `y` below the top.
    pub(super) fn text(&mut self, page: usize, weight: Weight, size: f32, (x, y): (f32, f32), text: &str) {
        let mut glyphs = Vec::with_capacity(text.len() * 2);
        for c in text.chars().filter(|c| !c.is_control()) {
            let glyph = weight.glyph(c);
            self.used[weight as usize].entry(glyph).or_insert(c);
            glyphs.extend(glyph.to_be_bytes());
        }
        let height = self.size.1;
        if let Some(content) = self.pages.get_mut(page) {
            content.begin_text().set_font(weight.resource(), size);
            content.next_line(x * MM, (height - y) * MM).show(Str(&glyphs)).end_text();
        }
    }

    /// A code in a square of `side` millimetres.
    pub(super) fn symbol(&mut self, page: usize, symbol: &Symbol, (x, y): (f32, f32), side: f32) {
        let height = self.size.1;
        let Some(content) = self.pages.get_mut(page) else {
            return;
        };
        let field = side / symbol.side as f32;
        for (row, fields) in symbol.dark.chunks_exact(symbol.side).enumerate() {
            let mut column = 0;
            for run in fields.chunk_by(|a, b| a == b) {
                if run[0] {
                    let (left, top) = (x + column as f32 * field, y + (row + 1) as f32 * field);
                    content.rect(left * MM, (height - top) * MM, run.len() as f32 * field * MM, field * MM);
                }
                column += run.len();
            }
        }
        content.fill_nonzero();
    }

    /// A thin horizontal line.
    pub(super) fn line(&mut self, page: usize, (x, y): (f32, f32), length: f32) {
        let height = self.size.1;
        if let Some(content) = self.pages.get_mut(page) {
            content.rect(x * MM, (height - y) * MM, length * MM, 0.3);
            content.fill_nonzero();
        }
    }

    /// The PDF.
    pub(super) fn finish(self, title: &str, language: &str) -> Vec<u8> {
        let (width, height) = self.size;
        let mut pdf = Pdf::new();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let mut next = 4;
        let fonts = WEIGHTS.map(|weight| {
            let first = next;
            next += 5;
            weight.embed(&mut pdf, first, &self.used[weight as usize]);
            (weight, Ref::new(first))
        });
        pdf.catalog(catalog).pages(tree).lang(TextStr(language)).viewer_preferences().display_doc_title(true);
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("Sportello"));
        let mut pages = Vec::new();
        for content in self.pages {
            let (page_id, content_id) = (Ref::new(next), Ref::new(next + 1));
            next += 2;
            pdf.stream(content_id, &super::deflate(&content.finish())).filter(Filter::FlateDecode);
            let mut page = pdf.page(page_id);
            page.media_box(Rect::new(0.0, 0.0, width * MM, height * MM)).parent(tree).contents(content_id);
            let mut resources = page.resources();
            let mut named = resources.fonts();
            for (weight, reference) in fonts {
                named.pair(weight.resource(), reference);
            }
            named.finish();
            resources.finish();
            page.finish();
            pages.push(page_id);
        }
        let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
        pdf.pages(tree).kids(pages).count(count);
        pdf.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_keep_every_word() {
        let text = "Gentile signora,\n\nla sua richiesta è stata accolta: può ritirare il documento presso \
                    lo sportello dell'anagrafe. Precipitevolissimevolmenteprecipitevolissimevolmente";
        let lines = wrap(Weight::Regular, 11.0, 60.0, text);
        assert!(lines.iter().all(|line| width(Weight::Regular, 11.0, line) <= 60.0), "{lines:?}");
        assert_eq!(lines[1], "");
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(joined(&lines.concat()), joined(text));
    }

    #[test]
    fn the_typeface_has_the_letters_of_our_languages() {
        for c in "àèéìòùÀÈÉÌÒÙçâêîôûäöüßñ€«»–—’“”…°§".chars() {
            assert_ne!(Weight::Regular.glyph(c), Weight::Regular.glyph('?'), "{c}");
            assert_ne!(Weight::Bold.glyph(c), Weight::Bold.glyph('?'), "{c}");
        }
    }
}
