//! The status page of Kannel (`status.xml`): texts that wait to be handed over, and connections that do not stand.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Standing;

/// Deepest element that the page has.
const DEPTH: usize = 16;

/// A connection to a network, as far as it was read.
#[derive(Default)]
struct Connection {
    id: String,
    status: String,
}

/// Reads the page. With the name of an SMSC, others are left aside.
///
/// # Errors
/// In a sentence, when it is no status page: a wrong password is answered with a page, too.
pub(super) fn read(page: &str, smsc: &str) -> Result<Standing, String> {
    let mut reader = Reader::from_str(page);
    let (mut path, mut standing, mut connection) = (Vec::<String>::new(), Standing::default(), Connection::default());
    let (mut boxes, mut counted) = (0, false);
    loop {
        match reader.read_event().map_err(|e| format!("the status page cannot be read: {e}"))? {
            Event::Start(element) if path.len() < DEPTH => {
                path.push(String::from_utf8_lossy(element.name().as_ref()).into_owned());
            }
            Event::Start(_) => return Err("the status page is too deep".to_owned()),
            Event::End(_) => {
                match path.join("/").as_str() {
                    "gateway/smscs/smsc" => {
                        let Connection { id, status } = std::mem::take(&mut connection);
                        if !status.starts_with("online") && (smsc.is_empty() || id == smsc) {
                            standing.faults.push(format!("{id}: {status}"));
                        }
                    }
                    "gateway/boxes/box" => boxes += 1,
                    _ => {}
                }
                path.pop();
            }
            Event::Text(text) => {
                let text = text.decode().unwrap_or_default();
                let (text, number) = (text.trim(), || text.trim().parse::<u64>().unwrap_or(0));
                match path.join("/").as_str() {
                    "gateway/sms/received/queued" => {
                        standing.waiting = standing.waiting.saturating_add(number());
                        counted = true;
                    }
                    "gateway/boxes/box/queue" => standing.waiting = standing.waiting.saturating_add(number()),
                    "gateway/smscs/smsc/id" => text.clone_into(&mut connection.id),
                    "gateway/smscs/smsc/status" => text.clone_into(&mut connection.status),
                    "gateway" if text.contains("Denied") => {
                        return Err("the status page refuses the password".to_owned());
                    }
                    _ => {}
                }
            }
            Event::Eof if counted => break,
            Event::Eof => return Err("this is no status page of Kannel".to_owned()),
            _ => {}
        }
    }
    if boxes == 0 {
        standing.faults.push("no smsbox is connected: nobody hands texts over".to_owned());
    }
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "<?xml version=\"1.0\"?><gateway><version>Kannel</version><status>running, uptime 0d</status>\
        <wdp><received><total>9</total><queued>9</queued></received></wdp>\
        <sms><received><total>3</total><queued>2</queued></received><sent><total>0</total><queued>7</queued></sent>\
        <storesize>2</storesize></sms><dlr><queued>5</queued></dlr>\
        <boxes><box><type>smsbox</type><id></id><queue>1</queue><status>on-line 0d</status></box></boxes>\
        <smscs><count>2</count><smsc><name>A</name><id>A</id><status>online 12s</status><queued>4</queued></smsc>\
        <smsc><name>B</name><id>B</id><status>re-connecting</status></smsc></smscs></gateway>";

    #[test]
    fn what_waits_for_us_is_counted_and_broken_connections_are_named() {
        let standing = read(PAGE, "").unwrap();
        assert_eq!((standing.waiting, standing.faults), (3, vec!["B: re-connecting".to_owned()]));
        assert_eq!(read(PAGE, "A").unwrap().faults, Vec::<String>::new(), "the other is not ours");
        let alone =
            PAGE.replace("<box><type>smsbox</type><id></id><queue>1</queue><status>on-line 0d</status></box>", "");
        let standing = read(&alone, "A").unwrap();
        assert!(standing.waiting == 2 && standing.faults[0].contains("no smsbox"), "{standing:?}");
    }

    #[test]
    fn a_wrong_password_and_other_pages_are_told_apart() {
        let denied = "<?xml version=\"1.0\"?>\n<gateway>\nDenied</gateway>";
        assert!(read(denied, "").unwrap_err().contains("password"));
        assert!(read("<html><body>hello</body></html>", "").unwrap_err().contains("no status page"));
    }

    proptest! {
        #[test]
        fn any_page_is_read_or_refused(page in "(<[a-z]{1,6}>|</[a-z]{1,6}>|gateway|[0-9]{1,30}|.{0,4}){0,40}") {
            let _either = read(&page, "");
            let _either = read(&format!("<gateway>{page}</gateway>"), "A");
        }
    }
}
