//! HTML of citizens' mail: made safe once, when it arrives, and turned into readable text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ammonia::{Builder, UrlRelative};

use crate::Attachment;

/// HTML larger than this, in bytes, or nested deeper than [`MAX_DEPTH`], is not shown: it stays an attachment.
pub const MAX_BYTES: usize = 1 << 20;

/// The time an HTML parser takes grows with the depth of the markup; no letter needs more.
const MAX_DEPTH: i32 = 400;

/// HTML that can be shown inside a page of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml {
    /// No script, style, form, frame or remote picture is left in it.
    pub html: String,
    /// Whether pictures on other machines were taken out.
    pub remote_images: bool,
}

/// Makes HTML safe, or `None` when it is too large to be worth it.
#[must_use]
pub fn sanitise(html: &str) -> Option<SafeHtml> {
    if html.len() > MAX_BYTES || depth(html) > MAX_DEPTH {
        return None;
    }
    let remote = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&remote);
    let mut builder = Builder::default();
    builder
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_values(HashMap::from([("a", HashMap::from([("target", "_blank")]))]))
        .attribute_filter(move |element, attribute, value| {
            if element != "img" || attribute != "src" {
                return (element == "a" || !starts_with(value, "cid:")).then_some(Cow::Borrowed(value));
            }
            if starts_with(value, "cid:") {
                return Some(Cow::Borrowed(value));
            }
            seen.store(true, Ordering::Relaxed);
            None
        });
    let html = builder.clean(html).to_string();
    Some(SafeHtml { html, remote_images: remote.load(Ordering::Relaxed) })
}

/// Attributes of one tag at most: each is compared with all before it.
const MAX_ATTRIBUTES: usize = 500;

/// Whether a tag has more attributes than any letter needs; `after` is what follows its `<`.
fn is_overloaded(after: &str) -> bool {
    let mut quote = None;
    let mut gaps = 0;
    for b in after.bytes() {
        match (quote, b) {
            (None, b'>') => return false,
            (None, b'"' | b'\'') => quote = Some(b),
            (None, b' ' | b'\t' | b'\n' | b'\r' | b'/' | 0x0c) => {
                gaps += 1;
                if gaps > MAX_ATTRIBUTES {
                    return true;
                }
            }
            (Some(q), _) if q == b => quote = None,
            _ => {}
        }
    }
    false
}

/// The greatest number of elements open at once, counting tags as they come.
fn depth(html: &str) -> i32 {
    // Elements that are never closed, or often left open by right.
    const OPEN: &[&str] = &[
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p",
        "param", "source", "td", "th", "tr", "track", "wbr",
    ];
    let (mut now, mut most) = (0, 0);
    for after in html.split('<').skip(1) {
        let closing = after.starts_with('/');
        let name = after.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !name.is_empty() && is_overloaded(after) {
            return i32::MAX;
        }
        if name.is_empty() || OPEN.iter().any(|o| o.eq_ignore_ascii_case(name)) {
            continue;
        }
        now = if closing { (now - 1).max(0) } else { now + 1 };
        most = most.max(now);
    }
    most
}

/// The text of an HTML document, with its lines and lists.
#[must_use]
pub fn to_text(html: &str) -> String {
    mail_parser::decoders::html::html_to_text(html)
}

fn starts_with(value: &str, scheme: &str) -> bool {
    value.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme))
}

/// Points each `cid:` picture of safe HTML where `locate` says; one that has no attachment loses its address.
#[must_use]
pub fn rewrite_images(html: &str, attachments: &[Attachment], locate: impl Fn(usize) -> String) -> String {
    const SRC: &str = " src=\"";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find("<img ") {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let end = tag_end(tag);
        let (tag, after) = tag.split_at(end);
        rest = after;
        let Some((head, (value, tail))) = tag.split_once(SRC).and_then(|(head, v)| Some((head, v.split_once('"')?)))
        else {
            out.push_str(tag);
            continue;
        };
        out.push_str(head);
        let id = starts_with(value, "cid:").then(|| value[4..].replace("&amp;", "&"));
        let found = id.and_then(|id| attachments.iter().position(|a| a.content_id.as_deref() == Some(id.as_str())));
        if let Some(index) = found {
            out.push_str(SRC);
            out.push_str(&locate(index).replace('&', "&amp;").replace('"', "&quot;"));
            out.push('"');
        }
        out.push_str(tail);
    }
    out.push_str(rest);
    out
}

/// Length of the tag at the beginning of `tag`; a `>` between quotes does not end it.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (i, b) in tag.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return i + 1,
            _ => {}
        }
    }
    tag.len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::Placement;

    fn picture(id: &str) -> Attachment {
        Attachment {
            note: None,
            name: "foto.png".into(),
            media_type: "image/png".into(),
            bytes: Bytes::from_static(b"png"),
            content_id: Some(id.into()),
            placement: Placement::Inline,
        }
    }

    #[test]
    fn nothing_that_runs_or_reports_back_survives() {
        let safe = sanitise(
            r#"<style>p{}</style><script>x()</script><p onclick="x()">ciao <a href="javascript:x()">qui</a>
            <img src="https://spy.example/p.gif"><img src="data:image/png;base64,AA"><form action="/x"><input></form>
            <a href="cid:x">c</a><iframe src="http://x"></iframe></p>"#,
        )
        .unwrap();
        for bad in ["script", "onclick", "javascript", "spy.example", "data:", "<form", "<input", "<iframe", "p{}"] {
            assert!(!safe.html.contains(bad), "{bad} in {}", safe.html);
        }
        assert!(safe.remote_images && safe.html.contains("ciao"));
    }

    #[test]
    fn pictures_of_the_message_are_pointed_at_their_attachments() {
        let safe = sanitise(r#"<p>a</p><img alt="x > y" src="cid:a&amp;b@x"><img src="cid:gone">"#).unwrap();
        let out = rewrite_images(&safe.html, &[picture("a&b@x")], |i| format!("/files/{i}?a=1&b=2"));
        assert!(out.contains(r#"src="/files/0?a=1&amp;b=2""#), "{out}");
        assert!(!out.contains("cid:"), "{out}");
    }

    #[test]
    fn text_that_looks_like_a_picture_is_left_alone() {
        let safe = sanitise(r#"<p>scrivo src="cid:a" a mano</p>"#).unwrap();
        assert_eq!(rewrite_images(&safe.html, &[picture("a")], |_| "/x".into()), safe.html);
    }

    #[test]
    fn hostile_nesting_is_refused_at_once() {
        assert_eq!(sanitise(&"<b>".repeat(100_000)), None);
        assert_eq!(sanitise(&"<p><b>".repeat(1_000)), None);
        let attributes: String = (0..100_000).map(|i| format!("a{i}=1 ")).collect();
        assert_eq!(sanitise(&format!("<p {attributes}>")), None);
        let picture = format!("<p><img src=\"data:image/png;base64,{}\">ciao</p>", "iVBO/w0 KG".repeat(20_000));
        assert!(sanitise(&picture).is_some_and(|s| s.html.contains("ciao")));
        assert!(sanitise(&"<div><p>a<br></div>".repeat(5_000)).is_some());
    }
}
