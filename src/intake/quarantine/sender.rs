//! Who seems to have sent something that could not be read: for a person's eyes, nothing is decided by it.

/// Headers looked at, in bytes.
const HEAD: usize = 16 * 1024;

/// The text of the first `From:` line near the beginning, without what cannot be shown; empty when there is
/// none.
pub fn sender(raw: &[u8]) -> String {
    header(raw, "from:")
}

/// Who sent an item of any channel, as far as its bytes say so: the address of a mail, the number of a fax, of a text
/// or of a call.
pub fn sender_on(channel: &str, raw: &[u8]) -> String {
    match channel {
        "email" | "pec" => sender(raw),
        "fax" => Some(header(raw, "caller:")).filter(|c| !c.is_empty()).unwrap_or_else(|| sender(raw)),
        _ => pair(raw),
    }
}

/// The number in `from=…` of a stored form or `"from":"…"` of JSON.
fn pair(raw: &[u8]) -> String {
    let head = String::from_utf8_lossy(raw.get(..HEAD.min(raw.len())).unwrap_or_default());
    let forms = head.split(['?', '\n']).flat_map(|line| url::form_urlencoded::parse(line.as_bytes()));
    let by_form = forms.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("from")).map(|(_, v)| v.into_owned());
    let by_json = || {
        let rest = head.split_once("\"from\"")?.1.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let found = by_form.or_else(by_json).unwrap_or_default();
    found.chars().filter(|c| !c.is_control()).take(200).collect()
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
        assert_eq!(sender_on("sms", b"in?x=1&from=%2B39333\ntext/plain\n\nciao"), "+39333");
        assert_eq!(sender_on("sms", b"in?\napplication/x-www-form-urlencoded\n\nFrom=%2B39334&Body=x"), "+39334");
        assert_eq!(sender_on("phone", br#"{"event":"?","from":"0862"}"#), "0862");
        assert_eq!(sender_on("fax", b"Sportello-Paper: 1\ncaller: 0801\n\nII*"), "0801");
        assert_eq!(sender_on("letter", b"\xff\xfe"), "");
    }
}
