//! What a fax server or a scanner says of a file, kept in the same bytes as the file: lines `Name: value`, an
//! empty line, the file. It makes one raw item readable by itself.

/// First line: tells an envelope from a bare file.
const MAGIC: &str = "Sportello-Paper: 1\n";
/// Largest head, in bytes.
const HEAD_LIMIT: usize = 16 << 10;
/// Longest value, in characters.
const VALUE_LIMIT: usize = 500;

/// A file and what was said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Envelope<'a> {
    values: Vec<(String, String)>,
    /// The file itself.
    pub file: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// An envelope around a file, with nothing said yet.
    #[must_use]
    pub const fn around(file: &'a [u8]) -> Self {
        Self { values: Vec::new(), file }
    }

    /// Says one thing; an empty value is not written.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(VALUE_LIMIT).collect();
        if !value.trim().is_empty() {
            self.values.push((name.to_owned(), value.trim().to_owned()));
        }
        self
    }

    /// The value of a name, empty when it was not said.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.values.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    /// The bytes of all.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head: String = self.values.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        [MAGIC.as_bytes(), head.as_bytes(), b"\n", self.file].concat()
    }

    /// Reads an envelope; bytes without one are a file of which nothing was said.
    #[must_use]
    pub fn open(bytes: &'a [u8]) -> Self {
        let head = &bytes[..bytes.len().min(HEAD_LIMIT)];
        let end = head.windows(2).position(|pair| pair == b"\n\n").filter(|_| head.starts_with(MAGIC.as_bytes()));
        let Some(end) = end else {
            return Self::around(bytes);
        };
        let said = String::from_utf8_lossy(&head[..end]).into_owned();
        let values = said.lines().skip(1).filter_map(|line| line.split_once(": "));
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { values, file: &bytes[end + 2..] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_comes_back_and_cannot_say_more() {
        let bytes = Envelope::around(b"II*\0\n\nx").with("caller", "0801\nname: Mario").with("name", "").to_bytes();
        let opened = Envelope::open(&bytes);
        assert_eq!((opened.get("caller"), opened.get("name")), ("0801 name: Mario", ""));
        assert_eq!(opened.file, b"II*\0\n\nx");
        assert_eq!(Envelope::open(b"%PDF-1.4\n\n").file, b"%PDF-1.4\n\n");
        assert_eq!(Envelope::open(&Envelope::default().to_bytes()).file, b"");
    }
}
