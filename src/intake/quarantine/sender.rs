//! Who seems to have sent something that could not be read: for a person's eyes, nothing is decided by it.

/// Headers looked at, in bytes.
const HEAD: usize = 16 * 1024;

/// The text of the first `From:` line near the beginning, without what cannot be shown; empty when there is
/// none.
pub fn sender(raw: &[u8]) -> String {
    header(raw, "from:")
}

/// The text of the first `Subject:` line near the beginning, as [`sender`].
pub fn subject(raw: &[u8]) -> String {
    header(raw, "subject:")
}

fn header(raw: &[u8], name: &str) -> String {
    let head = String::from_utf8_lossy(raw.get(..HEAD.min(raw.len())).unwrap_or_default());
    let found = head.lines().find_map(|line| {
        let start = line.get(..name.len())?;
        start.eq_ignore_ascii_case(name).then(|| line[name.len()..].trim())
    });
    found.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The address in a `From:` text, if there is one.
pub fn address(from: &str) -> Option<String> {
    let inner = from.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(from, |(inner, _)| inner);
    let address = inner.trim();
    address.contains('@').then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sender_of_broken_bytes_is_shown_when_there_is_one() {
        assert_eq!(sender(b"X: y\r\nFROM:  Anna <anna@x.test>\r\n\xff\xfe"), "Anna <anna@x.test>");
        assert_eq!(sender(b"\x00\x01\x02"), "");
        assert_eq!(address("Anna <anna@x.test>").as_deref(), Some("anna@x.test"));
        assert_eq!(address("nobody"), None);
    }
}
