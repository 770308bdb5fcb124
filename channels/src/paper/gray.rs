//! A page as shades of grey: straightened, halved, turned, told from a blank one.

/// Most pixels of a page.
const PIXEL_LIMIT: usize = 40_000_000;
/// Darker is ink.
const INK: u8 = 128;
/// Widest picture in which the slope of lines is looked for.
const SLOPE_WIDTH: usize = 700;
/// Steepest slope looked for, in tenths of a degree.
const STEEPEST: i32 = 70;
/// A page with less ink than this part of its points is blank: dust and the shadow of an edge remain.
const BLANK: f32 = 0.0008;

/// A picture of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gray {
    /// Pixels in a line.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// From the top left, 0 black to 255 white.
    pub pixels: Vec<u8>,
}

impl Gray {
    /// A white page.
    #[must_use]
    pub fn white(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![255; width * height] }
    }

    /// Reads a binary PGM of eight bits.
    #[must_use]
    pub fn from_pgm(bytes: &[u8]) -> Option<Self> {
        let (mut at, mut words) = (0, Vec::new());
        while words.len() < 4 {
            match *bytes.get(at)? {
                b'#' => at += bytes.get(at..)?.iter().position(|b| *b == b'\n')?,
                b if b.is_ascii_whitespace() => at += 1,
                _ => {
                    let length = bytes.get(at..)?.iter().take(12).position(u8::is_ascii_whitespace)?;
                    words.push(std::str::from_utf8(bytes.get(at..at + length)?).ok()?);
                    at += length;
                }
            }
        }
        let [magic, width, height, most] = words.try_into().ok()?;
        let (width, height): (usize, usize) = (width.parse().ok()?, height.parse().ok()?);
        let size = width.checked_mul(height).filter(|size| (1..=PIXEL_LIMIT).contains(size))?;
        let pixels = bytes.get(at + 1..(at + 1).checked_add(size)?)?.to_vec();
        (magic == "P5" && most == "255").then_some(Self { width, height, pixels })
    }

    /// Writes a binary PGM.
    #[must_use]
    pub fn to_pgm(&self) -> Vec<u8> {
        let mut bytes = format!("P5\n{} {}\n255\n", self.width, self.height).into_bytes();
        bytes.extend_from_slice(&self.pixels);
        bytes
    }

    /// Half as wide and high, each point the mean of four: noise goes with it.
    #[must_use]
    pub fn halved(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        if self.width < 2 || self.height < 2 {
            return self.clone();
        }
        let mut pixels = Vec::with_capacity(width * height);
        for y in 0..height {
            let upper = &self.pixels[2 * y * self.width..][..self.width];
            let lower = &self.pixels[(2 * y + 1) * self.width..][..self.width];
            pixels.extend(
                upper.chunks_exact(2).zip(lower.chunks_exact(2)).map(|(a, b)| {
                    ((u16::from(a[0]) + u16::from(a[1]) + u16::from(b[0]) + u16::from(b[1]) + 2) / 4) as u8
                }),
            );
        }
        Self { width, height, pixels }
    }

    /// Only black and white.
    #[must_use]
    pub fn black_and_white(&self) -> Self {
        let pixels = self.pixels.iter().map(|p| if *p < INK { 0 } else { 255 }).collect();
        Self { pixels, ..*self }
    }

    /// Whether there is nothing on the page; what lies within a twentieth of its edges does not count.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        let small = self.small();
        let (across, down) = (small.width / 20, small.height / 20);
        let (mut ink, mut points) = (0_usize, 0_usize);
        for line in small.pixels.chunks_exact(small.width).skip(down).take(small.height.saturating_sub(2 * down)) {
            let inner = &line[across..small.width - across];
            ink += inner.iter().filter(|p| **p < INK).count();
            points += inner.len();
        }
        (ink as f32) < points as f32 * BLANK
    }

    /// A quarter of a turn clockwise, `times` times.
    #[must_use]
    pub fn turned(&self, times: usize) -> Self {
        let mut page = self.clone();
        for _ in 0..times % 4 {
            let mut pixels = Vec::with_capacity(page.pixels.len());
            for x in 0..page.width {
                pixels.extend((0..page.height).rev().map(|y| page.pixels[y * page.width + x]));
            }
            page = Self { width: page.height, height: page.width, pixels };
        }
        page
    }

    fn small(&self) -> Self {
        let mut small = self.halved();
        while small.width > SLOPE_WIDTH && small.height > 1 {
            small = small.halved();
        }
        small
    }

    /// How much the lines of text fall to the right, in degrees: the slope along which ink and gaps between
    /// lines part best.
    #[must_use]
    pub fn slope(&self) -> f32 {
        let small = self.small();
        let (half_width, height) = (small.width as f32 / 2.0, small.height);
        let ink: Vec<(f32, f32)> = small
            .pixels
            .iter()
            .enumerate()
            .filter(|(_, p)| **p < 160)
            .map(|(at, _)| ((at % small.width) as f32 - half_width, (at / small.width) as f32))
            .collect();
        if ink.len() < 50 || ink.len() > small.pixels.len() / 2 {
            return 0.0;
        }
        let some = ink.len().div_ceil(40_000);
        let margin = (half_width * 0.2) as usize + 2;
        let mut lines = vec![0_i64; height + 2 * margin];
        let mut clearness = |tenths: i32| {
            let slope = (tenths as f32 / 10.0).to_radians().tan();
            lines.fill(0);
            for (x, y) in ink.iter().step_by(some) {
                let line = (y - x * slope + margin as f32) as usize;
                if let Some(count) = lines.get_mut(line) {
                    *count += 1;
                }
            }
            lines.windows(2).map(|pair| (pair[1] - pair[0]).pow(2)).sum::<i64>()
        };
        let best = |found: i64, tenths: &i32| (found, -tenths.abs());
        let coarse = (-STEEPEST..=STEEPEST).step_by(5).max_by_key(|t| best(clearness(*t), t)).unwrap_or(0);
        let fine = (coarse - 4..=coarse + 4).max_by_key(|t| best(clearness(*t), t)).unwrap_or(0);
        fine as f32 / 10.0
    }

    /// The page with its lines level.
    #[must_use]
    pub fn straightened(self) -> Self {
        let slope = self.slope();
        if slope.abs() < 0.15 { self } else { self.rotated(-slope) }
    }

    /// Rotated clockwise by some degrees around its middle, white where nothing was.
    #[must_use]
    pub fn rotated(&self, degrees: f32) -> Self {
        /// One pixel, in the fixed point of positions.
        const ONE: i64 = 1 << 16;
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let fixed = |value: f32| (value * ONE as f32) as i64;
        let (middle_x, middle_y) = (self.width as f32 / 2.0, self.height as f32 / 2.0);
        let (step_x, step_y) = (fixed(cosine), fixed(-sine));
        let mut pixels = Vec::with_capacity(self.pixels.len());
        for y in 0..self.height {
            let (dx, dy) = (-middle_x, y as f32 - middle_y);
            let mut x_at = fixed(middle_x + dx * cosine + dy * sine);
            let mut y_at = fixed(middle_y - dx * sine + dy * cosine);
            for _ in 0..self.width {
                pixels.push(self.between(x_at, y_at));
                x_at += step_x;
                y_at += step_y;
            }
        }
        Self { pixels, ..*self }
    }

    /// The shade at a place between four points.
    fn between(&self, x_at: i64, y_at: i64) -> u8 {
        let (Ok(x), Ok(y)) = (usize::try_from(x_at >> 16), usize::try_from(y_at >> 16)) else {
            return 255;
        };
        if x + 1 >= self.width || y + 1 >= self.height {
            return 255;
        }
        let (right, below) = (((x_at & 0xffff) >> 8) as u32, ((y_at & 0xffff) >> 8) as u32);
        let at = y * self.width + x;
        let shade = |offset: usize| u32::from(self.pixels[at + offset]);
        let upper = shade(0) * (256 - right) + shade(1) * right;
        let lower = shade(self.width) * (256 - right) + shade(self.width + 1) * right;
        ((upper * (256 - below) + lower * below) >> 16) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of_text() -> Gray {
        let mut page = Gray::white(1240, 1754);
        for line in 0..40 {
            for y in 0..14 {
                for x in (120..1100).filter(|x| x % 23 < 15) {
                    page.pixels[(150 + line * 36 + y) * 1240 + x] = 20;
                }
            }
        }
        page
    }

    #[test]
    fn a_crooked_page_is_straightened() {
        let page = lines_of_text();
        assert_eq!(page.slope(), 0.0);
        for degrees in [-4.0, -0.8, 1.3, 5.0_f32] {
            let crooked = page.rotated(degrees);
            assert!((crooked.slope() - degrees).abs() < 0.25, "{degrees} read as {}", crooked.slope());
            assert!(crooked.straightened().slope().abs() < 0.25);
        }
    }

    #[test]
    fn blank_pages_are_told_from_written_ones() {
        let mut page = Gray::white(2480, 3508);
        assert!(page.is_blank());
        page.pixels[..40_000].fill(0);
        assert!(page.is_blank(), "the shadow of an edge is nothing");
        assert!(!lines_of_text().is_blank());
    }

    #[test]
    fn a_page_of_one_line_is_a_page() {
        for (width, height) in [(3508, 1), (1, 3508), (1, 1), (2, 2)] {
            let page = Gray::white(width, height).straightened();
            assert_eq!((page.slope(), page.turned(1).width), (0.0, height));
            let _either = page.is_blank();
        }
    }

    #[test]
    fn turning_four_times_changes_nothing() {
        let page = Gray { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(page.turned(1).pixels, [4, 1, 5, 2, 6, 3]);
        assert_eq!(page.turned(2).turned(2), page);
    }

    #[test]
    fn a_pgm_is_read_back_and_a_broken_one_is_not() {
        let page = Gray { width: 3, height: 2, pixels: vec![1, 2, 3, 4, 5, 6] };
        assert_eq!(Gray::from_pgm(&page.to_pgm()).unwrap(), page);
        assert_eq!(Gray::from_pgm(b"P5\n# made by hand\n3 2\n255\n123"), None);
        assert_eq!(Gray::from_pgm(b"P5\n99999999 99999999\n255\n"), None);
    }
}
