//! The typeface of letters: Titillium Web (SIL Open Font License, `fonts/OFL.txt`), embedded in every PDF.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Filter, Finish, Name, Pdf, Rect, Ref, Str};
use ttf_parser::{Face, GlyphId};

/// Upright letters of two weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Regular,
    Bold,
}

pub(super) const WEIGHTS: [Weight; 2] = [Weight::Regular, Weight::Bold];

struct Typeface {
    face: Face<'static>,
    packed: Vec<u8>,
    size: usize,
}

static REGULAR: LazyLock<Typeface> = LazyLock::new(|| load(include_bytes!("../../fonts/titillium-regular.ttf")));
static BOLD: LazyLock<Typeface> = LazyLock::new(|| load(include_bytes!("../../fonts/titillium-bold.ttf")));

#[expect(clippy::expect_used, reason = "the file is part of the program")]
fn load(file: &'static [u8]) -> Typeface {
    let face = Face::parse(file, 0).expect("the embedded typeface is sound");
    Typeface { face, packed: super::deflate(file), size: file.len() }
}

impl Weight {
    fn typeface(self) -> &'static Typeface {
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        }
    }

    /// Name of the font in a page's resources.
    pub(super) const fn resource(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"R"),
            Self::Bold => Name(b"B"),
        }
    }

    const fn font_name(self) -> &'static [u8] {
        match self {
            Self::Regular => b"TitilliumWeb-Regular",
            Self::Bold => b"TitilliumWeb-Bold",
        }
    }

    /// The glyph of a character; what the typeface lacks is shown as a question mark.
    pub(super) fn glyph(self, c: char) -> u16 {
        let face = &self.typeface().face;
        let c = if c.is_whitespace() { ' ' } else { c };
        face.glyph_index(c).or_else(|| face.glyph_index('?')).map_or(0, |glyph| glyph.0)
    }

    /// Width of a text in thousandths of its size.
    pub(super) fn width(self, text: &str) -> f32 {
        let face = &self.typeface().face;
        let advance = |c| f32::from(face.glyph_hor_advance(GlyphId(self.glyph(c))).unwrap_or(0));
        text.chars().map(advance).sum::<f32>() * 1000.0 / f32::from(face.units_per_em())
    }

    /// Writes the font with the characters that were used, by glyph. Takes five references from `first`.
    pub(super) fn embed(self, pdf: &mut Pdf, first: i32, used: &BTreeMap<u16, char>) {
        let typeface = self.typeface();
        let face = &typeface.face;
        let scale = 1000.0 / f32::from(face.units_per_em());
        let [font, cid, descriptor, file, cmap] = [0, 1, 2, 3, 4].map(|n| Ref::new(first + n));
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };
        pdf.type0_font(font)
            .base_font(Name(self.font_name()))
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(cid)
            .to_unicode(cmap);
        let mut wide = pdf.cid_font(cid);
        wide.subtype(CidFontType::Type2).base_font(Name(self.font_name())).system_info(system);
        wide.font_descriptor(descriptor).default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = wide.widths();
        for glyph in used.keys() {
            let width = f32::from(face.glyph_hor_advance(GlyphId(*glyph)).unwrap_or(0)) * scale;
            widths.same(*glyph, *glyph, width);
        }
        widths.finish();
        wide.finish();
        let of = |value: i16| f32::from(value) * scale;
        let bounds = face.global_bounding_box();
        pdf.font_descriptor(descriptor)
            .name(Name(self.font_name()))
            .flags(FontFlags::NON_SYMBOLIC)
            .bbox(Rect::new(of(bounds.x_min), of(bounds.y_min), of(bounds.x_max), of(bounds.y_max)))
            .italic_angle(0.0)
            .ascent(of(face.ascender()))
            .descent(of(face.descender()))
            .cap_height(of(face.capital_height().unwrap_or(700)))
            .stem_v(if self == Self::Bold { 140.0 } else { 80.0 })
            .font_file2(file);
        let mut stream = pdf.stream(file, &typeface.packed);
        stream.filter(Filter::FlateDecode).pair(Name(b"Length1"), i32::try_from(typeface.size).unwrap_or(i32::MAX));
        stream.finish();
        let mut unicode = UnicodeCmap::new(Name(b"Sportello"), system);
        for (glyph, c) in used {
            unicode.pair(*glyph, *c);
        }
        pdf.cmap(cmap, &unicode.finish());
    }
}
