//! Whatever a scanner or a fax writes, as one PDF.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::Cursor;
use std::time::Duration;

use super::pdf::{self, Picture, Samples};
use super::program::{Bounds, ProgramError};
use super::{Programs, tiff};

/// Most pixels of a picture that has to be unpacked here.
const PIXEL_LIMIT: u64 = 80_000_000;
/// What a picture that does not say its density is taken to fill: the width of a sheet of A4, in inches.
const A4_WIDTH: f32 = 8.27;

/// Why a file is not made a PDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConvertError {
    /// It is of a kind that paper does not come in.
    #[error("neither PDF nor TIFF, JPEG or PNG")]
    Unknown,
    /// It is broken, or larger than is read.
    #[error("{0}")]
    Unreadable(String),
    /// A program that this kind of file needs is not installed.
    #[error("{0} is not installed")]
    Missing(&'static str),
}

/// Whether the bytes begin like a PDF; scanners may write some bytes before.
#[must_use]
pub fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(1024)).is_some_and(|head| head.windows(5).any(|w| w == b"%PDF-"))
}

/// The media type of a file that can be paper, by its first bytes.
#[must_use]
pub fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        _ if tiff::is_tiff(bytes) => Some("image/tiff"),
        _ if bytes.starts_with(&[0xff, 0xd8, 0xff]) => Some("image/jpeg"),
        _ if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some("image/png"),
        _ if is_pdf(bytes) => Some("application/pdf"),
        _ => None,
    }
}

/// The file as a PDF; one that is a PDF stays as it is.
///
/// # Errors
/// [`ConvertError`].
pub fn to_pdf<'a>(bytes: &'a [u8], programs: &Programs) -> Result<Cow<'a, [u8]>, ConvertError> {
    match media_type(bytes) {
        Some("application/pdf") => Ok(Cow::Borrowed(bytes)),
        Some("image/tiff") => from_tiff(bytes, programs).map(Cow::Owned),
        Some("image/jpeg") => from_jpeg(bytes, 0).map(Cow::Owned),
        Some("image/png") => from_png(bytes).map(Cow::Owned),
        _ => Err(ConvertError::Unknown),
    }
}

fn too_large() -> ConvertError {
    ConvertError::Unreadable("the picture has more pixels than are read".into())
}

fn from_tiff(bytes: &[u8], programs: &Programs) -> Result<Vec<u8>, ConvertError> {
    let pages = tiff::pages(bytes)?;
    if let Some(made) = pdf::from_fax(bytes, &pages) {
        return Ok(made);
    }
    // Scanners also write other codings; their own library knows them all.
    if pages.iter().any(|p| u64::from(p.width) * u64::from(p.height) > PIXEL_LIMIT) {
        return Err(too_large());
    }
    let bounds = Bounds { time: Duration::from_secs(120), output: 512 << 20 };
    let made = programs.file(bytes).and_then(|file| {
        let fixed_date = [OsStr::new("-e"), OsStr::new("20000101000000")];
        let words: Vec<&OsStr> = [OsStr::new("-z")].into_iter().chain(fixed_date).chain([file.as_os_str()]).collect();
        programs.run("tiff2pdf", &words, &[], bounds)
    });
    made.map_err(|e| match e {
        ProgramError::Missing(name) => ConvertError::Missing(name),
        other => ConvertError::Unreadable(other.to_string()),
    })
}

/// What the header of a JPEG says.
#[derive(Debug, Clone, Copy, Default)]
struct JpegHeader {
    width: u32,
    height: u32,
    channels: u8,
    /// Pixels in an inch.
    density: Option<(f32, f32)>,
    /// Written by Adobe, whose inks are inverted.
    adobe: bool,
}

fn jpeg_header(bytes: &[u8]) -> Option<JpegHeader> {
    let (mut at, mut header) = (2, JpegHeader::default());
    let word = |at: usize| Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
    loop {
        while *bytes.get(at)? == 0xff && *bytes.get(at + 1)? == 0xff {
            at += 1;
        }
        let (mark, kind) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        let length = usize::from(word(at + 2)?);
        if mark != 0xff || length < 2 {
            return None;
        }
        let body = at + 4;
        match kind {
            0xe0 if bytes.get(body..body + 5)? == b"JFIF\0" => {
                let (across, down) = (f32::from(word(body + 8)?), f32::from(word(body + 10)?));
                header.density = match *bytes.get(body + 7)? {
                    1 => Some((across, down)),
                    2 => Some((across * 2.54, down * 2.54)),
                    _ => None,
                };
            }
            0xee if bytes.get(body..body + 5)? == b"Adobe" => header.adobe = true,
            0xc0..=0xcf if !matches!(kind, 0xc4 | 0xc8 | 0xcc) => {
                (header.height, header.width) = (u32::from(word(body + 1)?), u32::from(word(body + 3)?));
                header.channels = *bytes.get(body + 5)?;
                return Some(header);
            }
            0xda | 0xd9 => return None,
            _ => {}
        }
        at += 2 + length;
    }
}

fn density(given: Option<(f32, f32)>, width: u32) -> (f32, f32) {
    let sane = |d: &(f32, f32)| (30.0..5000.0).contains(&d.0) && (30.0..5000.0).contains(&d.1);
    // Cameras write 72, which is nobody's paper.
    let otherwise = (width as f32 / A4_WIDTH).max(1.0);
    given.filter(sane).filter(|d| width as f32 / d.0 < 4.0 * A4_WIDTH).unwrap_or((otherwise, otherwise))
}

/// A JPEG as a page that is shown turned to the right by so many degrees.
pub(super) fn from_jpeg(bytes: &[u8], turned: i32) -> Result<Vec<u8>, ConvertError> {
    let unreadable = || ConvertError::Unreadable("the JPEG has no readable header".into());
    let JpegHeader { width, height, channels, density: given, adobe } = jpeg_header(bytes).ok_or_else(unreadable)?;
    if width == 0 || height == 0 || !matches!(channels, 1 | 3 | 4) {
        return Err(unreadable());
    }
    let samples = Samples::Jpeg { bytes, channels, inverted: adobe && channels == 4 };
    let picture = Picture { width, height, density: density(given, width), samples };
    pdf::turned(&[picture], turned).ok_or_else(too_large)
}

fn from_png(bytes: &[u8]) -> Result<Vec<u8>, ConvertError> {
    let unreadable = |e: png::DecodingError| ConvertError::Unreadable(format!("the PNG is broken: {e}"));
    let limits = png::Limits { bytes: 400 << 20 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().map_err(unreadable)?;
    let (width, height) = (reader.info().width, reader.info().height);
    if u64::from(width) * u64::from(height) > PIXEL_LIMIT {
        return Err(too_large());
    }
    let given = reader.info().pixel_dims.filter(|d| d.unit == png::Unit::Meter);
    let given = given.map(|d| (d.xppu as f32 * 0.0254, d.yppu as f32 * 0.0254));
    let mut pixels = vec![0; reader.output_buffer_size().ok_or_else(too_large)?];
    let kind = reader.next_frame(&mut pixels).map_err(unreadable)?.color_type;
    let (pixels, channels) = match kind {
        png::ColorType::GrayscaleAlpha => (on_white(&pixels, 1), 1),
        png::ColorType::Rgba => (on_white(&pixels, 3), 3),
        png::ColorType::Rgb => (pixels, 3),
        _ => (pixels, 1),
    };
    let samples = Samples::Plain { bytes: &pixels, channels };
    pdf::from_pictures(&[Picture { width, height, density: density(given, width), samples }]).ok_or_else(too_large)
}

/// Pixels with transparency laid on white paper.
fn on_white(pixels: &[u8], channels: usize) -> Vec<u8> {
    let mut laid = Vec::with_capacity(pixels.len());
    for pixel in pixels.chunks_exact(channels + 1) {
        let alpha = u32::from(pixel[channels]);
        let over = |sample: &u8| ((u32::from(*sample) * alpha + 255 * (255 - alpha)) / 255) as u8;
        laid.extend(pixel[..channels].iter().map(over));
    }
    laid
}
