//! What a file is, by its first bytes: the name and the type that a browser announces are only claims.

/// What a file's content looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Of this media type.
    Known(&'static str),
    /// A program, a script, or a document that carries one.
    Executable,
    /// None that we know.
    Unknown,
}

/// File names that start programs where people open files with a double click.
const PROGRAM_ENDINGS: [&str; 22] = [
    ".exe", ".com", ".scr", ".bat", ".cmd", ".msi", ".dll", ".js", ".jse", ".vbs", ".vbe", ".wsf", ".ps1", ".sh",
    ".jar", ".apk", ".lnk", ".hta", ".docm", ".xlsm", ".iso", ".reg",
];

/// Tells what `bytes` are; `name` can only make things worse.
pub fn content(name: &str, bytes: &[u8]) -> Content {
    let name = name.to_lowercase();
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |offset: usize, magic: &[u8]| bytes.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let program = PROGRAM_ENDINGS.iter().any(|end| name.ends_with(end))
        || starts(b"MZ")
        || starts(b"\x7fELF")
        || starts(b"#!")
        || starts(b"\xca\xfe\xba\xbe")
        || starts(b"\xcf\xfa\xed\xfe")
        || starts(b"\xfe\xed\xfa");
    if program {
        return Content::Executable;
    }
    if at(0, b"%PDF-") {
        Content::Known("application/pdf")
    } else if starts(b"\xff\xd8\xff") {
        Content::Known("image/jpeg")
    } else if starts(b"\x89PNG\r\n\x1a\n") {
        Content::Known("image/png")
    } else if starts(b"RIFF") && at(8, b"WEBP") {
        Content::Known("image/webp")
    } else if at(4, b"ftyp") && [b"heic", b"heix", b"hevc", b"mif1", b"msf1"].iter().any(|brand| at(8, *brand)) {
        Content::Known("image/heic")
    } else if starts(b"PK\x03\x04") {
        zipped(bytes)
    } else if starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        if contains(bytes, b"V\0B\0A\0") { Content::Executable } else { Content::Known("application/msword") }
    } else if name.ends_with(".p7m") && starts(b"\x30") {
        Content::Known("application/pkcs7-mime")
    } else {
        text(bytes)
    }
}

fn zipped(bytes: &[u8]) -> Content {
    if contains(bytes, b"vbaProject.bin") {
        Content::Executable
    } else if bytes.get(30..).is_some_and(|rest| rest.starts_with(b"mimetypeapplication/vnd.oasis.opendocument.text")) {
        Content::Known("application/vnd.oasis.opendocument.text")
    } else if contains(bytes, b"word/document.xml") {
        Content::Known("application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    } else {
        Content::Known("application/zip")
    }
}

fn text(bytes: &[u8]) -> Content {
    let control = |b: &u8| *b < 0x09 || (0x0e..0x20).contains(b) || *b == 0x7f;
    if bytes.is_empty() || bytes.iter().any(control) {
        return Content::Unknown;
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(512)])
        .trim_start_matches('\u{feff}')
        .trim_start()
        .to_lowercase();
    if ["<!doctype html", "<html", "<script", "<svg", "<?xml", "<?php"].iter().any(|tag| start.starts_with(tag)) {
        Content::Executable
    } else {
        Content::Known("text/plain")
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_content_decides_and_not_the_name() {
        assert_eq!(content("foto.jpg", b"MZ\x90\0"), Content::Executable);
        assert_eq!(content("modulo.exe", b"%PDF-1.7"), Content::Executable);
        assert_eq!(content("modulo.bin", b"%PDF-1.7"), Content::Known("application/pdf"));
        assert_eq!(content("nota.txt", "perché no".as_bytes()), Content::Known("text/plain"));
        assert_eq!(content("nota.txt", b"  <HTML><script>"), Content::Executable);
        assert_eq!(
            content("a.odt", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaamimetypeapplication/vnd.oasis.opendocument.text"),
            Content::Known("application/vnd.oasis.opendocument.text")
        );
        assert_eq!(content("a.docx", b"PK\x03\x04...word/document.xml...word/vbaProject.bin"), Content::Executable);
        assert_eq!(content("a.dat", b"\0\x01\x02"), Content::Unknown);
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(name: String, bytes: Vec<u8>) {
            let _: Content = content(&name, &bytes);
        }
    }
}
