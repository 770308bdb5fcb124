//! A PDF made of pictures of pages, one to a page, each in the size of its paper.

use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};

use super::tiff::{Coding, TiffPage};

/// Points in an inch.
const INCH: f32 = 72.0;
/// Longest side of a page that programs take, in points.
const SIDE_LIMIT: f32 = 14_400.0;

/// The samples of a picture as a PDF may hold them.
#[derive(Debug, Clone)]
pub enum Samples<'a> {
    /// A whole JPEG; `inverted` when it holds Adobe's inverted inks.
    Jpeg { bytes: &'a [u8], channels: u8, inverted: bool },
    /// Eight bits a sample, one or three samples a pixel.
    Plain { bytes: &'a [u8], channels: u8 },
}

/// One picture that fills one page.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// Pixels in a line.
    pub width: u32,
    /// Lines.
    pub height: u32,
    /// Pixels in an inch, across and down.
    pub density: (f32, f32),
    /// What it shows.
    pub samples: Samples<'a>,
}

/// A PDF under construction.
struct Album {
    pdf: Pdf,
    pages: Vec<Ref>,
    next: i32,
    /// Degrees to the right by which its pages are shown turned.
    turned: i32,
}

impl Album {
    fn new() -> Self {
        Self { pdf: Pdf::new(), pages: Vec::new(), next: 3, turned: 0 }
    }

    fn reference(&mut self) -> Ref {
        let reference = Ref::new(self.next);
        self.next += 1;
        reference
    }

    /// A page of this size in points, with pictures at these places.
    fn page(&mut self, (width, height): (f32, f32), pictures: &[(Ref, Rect)]) {
        let scale = (SIDE_LIMIT / width.max(height)).min(1.0);
        let mut content = Content::new();
        let names: Vec<String> = (0..pictures.len()).map(|n| format!("P{n}")).collect();
        for (name, (_, place)) in names.iter().zip(pictures) {
            content.save_state();
            content.transform([
                (place.x2 - place.x1) * scale,
                0.0,
                0.0,
                (place.y2 - place.y1) * scale,
                place.x1 * scale,
                place.y1 * scale,
            ]);
            content.x_object(Name(name.as_bytes()));
            content.restore_state();
        }
        let (page_id, content_id) = (self.reference(), self.reference());
        self.pdf.stream(content_id, &content.finish());
        let mut page = self.pdf.page(page_id);
        page.media_box(Rect::new(0.0, 0.0, width * scale, height * scale)).parent(Ref::new(2)).contents(content_id);
        if self.turned != 0 {
            page.rotate(self.turned);
        }
        let mut resources = page.resources();
        let mut objects = resources.x_objects();
        for (name, (reference, _)) in names.iter().zip(pictures) {
            objects.pair(Name(name.as_bytes()), *reference);
        }
        objects.finish();
        resources.finish();
        page.finish();
        self.pages.push(page_id);
    }

    fn finish(mut self) -> Vec<u8> {
        self.pdf.catalog(Ref::new(1)).pages(Ref::new(2));
        let count = i32::try_from(self.pages.len()).unwrap_or(i32::MAX);
        self.pdf.pages(Ref::new(2)).kids(self.pages).count(count);
        self.pdf.finish()
    }
}

/// A fax as a PDF, its coding untouched. Pages of another coding are `None`.
pub(super) fn from_fax(file: &[u8], pages: &[TiffPage]) -> Option<Vec<u8>> {
    let mut album = Album::new();
    for page in pages {
        let Coding::Ccitt { k } = page.coding else {
            return None;
        };
        let (width, height) = (page.width as f32 / page.density.0 * INCH, page.height as f32 / page.density.1 * INCH);
        let mut pictures = Vec::new();
        let mut top = 0;
        for strip in &page.strips {
            let rows = page.rows_per_strip.min(page.height.saturating_sub(top));
            if rows == 0 {
                break;
            }
            let coded = file.get(strip.clone())?;
            let turned: Vec<u8>;
            let coded = if page.low_bit_first {
                turned = coded.iter().map(|b| b.reverse_bits()).collect();
                &turned
            } else {
                coded
            };
            let reference = album.reference();
            let mut image = album.pdf.image_xobject(reference, coded);
            image.filter(Filter::CcittFaxDecode);
            let mut how = image.decode_parms();
            how.k(k).columns(page.width.try_into().ok()?).rows(rows.try_into().ok()?);
            how.black_is_1(page.inverted).end_of_block(false);
            how.finish();
            image.width(page.width.try_into().ok()?).height(rows.try_into().ok()?).bits_per_component(1);
            image.color_space().device_gray();
            image.finish();
            let line = height / page.height as f32;
            let (upper, lower) = (height - top as f32 * line, height - (top + rows) as f32 * line);
            pictures.push((reference, Rect::new(0.0, lower, width, upper)));
            top += rows;
        }
        album.page((width, height), &pictures);
    }
    Some(album.finish())
}

/// Pictures as a PDF.
pub(super) fn from_pictures(pictures: &[Picture<'_>]) -> Option<Vec<u8>> {
    turned(pictures, 0)
}

/// Pictures as a PDF whose pages are shown turned to the right by so many degrees.
pub(super) fn turned(pictures: &[Picture<'_>], degrees: i32) -> Option<Vec<u8>> {
    let mut album = Album::new();
    album.turned = degrees;
    for picture in pictures {
        let reference = album.reference();
        let (width, height) = (picture.width.try_into().ok()?, picture.height.try_into().ok()?);
        let packed: Vec<u8>;
        let (bytes, filter, channels, inverted) = match picture.samples {
            Samples::Jpeg { bytes, channels, inverted } => (bytes, Filter::DctDecode, channels, inverted),
            Samples::Plain { bytes, channels } => {
                packed = super::deflate(bytes);
                (packed.as_slice(), Filter::FlateDecode, channels, false)
            }
        };
        let mut image = album.pdf.image_xobject(reference, bytes);
        image.filter(filter).pair(Name(b"Type"), Name(b"XObject"));
        image.width(width).height(height).bits_per_component(8);
        match channels {
            1 => image.color_space().device_gray(),
            3 => image.color_space().device_rgb(),
            _ => image.color_space().device_cmyk(),
        }
        if inverted {
            image.decode([1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        }
        image.finish();
        let size = (picture.width as f32 / picture.density.0 * INCH, picture.height as f32 / picture.density.1 * INCH);
        album.page(size, &[(reference, Rect::new(0.0, 0.0, size.0, size.1))]);
    }
    Some(album.finish())
}
