//! The status page of Kannel (`status.xml`): what it counted since it was started, texts that wait to be handed over,
//! and connections that do not stand.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::{Standing, Totals};

/// Deepest element that the page has.
const DEPTH: usize = 16;

/// A connection to a network, as far as it was read.
#[derive(Default)]
struct Connection {
    id: String,
    status: String,
    received: u64,
    sent: u64,
    failed: u64,
    queued: u64,
}

/// What is read of the page.
#[derive(Default)]
struct Reading {
    standing: Standing,
    connection: Connection,
    boxes: usize,
    /// Seconds since it was started; `None` until they are read.
    uptime: Option<u64>,
    /// Of all connections, as the page itself sums them up.
    received: Option<u64>,
    sent: u64,
    queued: u64,
    /// Of the connections that are ours: received, sent, refused by the network, waiting for it.
    ours: [u64; 4],
}

/// Reads the page. With the name of an SMSC, others are left aside.
///
/// # Errors
/// In a sentence, when it is no status page: a wrong password is answered with a page, too.
pub(super) fn read(page: &str, smsc: &str) -> Result<Standing, String> {
    let mut reader = Reader::from_str(page);
    let (mut path, mut found) = (Vec::<String>::new(), Reading::default());
    loop {
        match reader.read_event().map_err(|e| format!("the status page cannot be read: {e}"))? {
            Event::Start(element) if path.len() < DEPTH => {
                path.push(String::from_utf8_lossy(element.name().as_ref()).into_owned());
            }
            Event::Start(_) => return Err("the status page is too deep".to_owned()),
            Event::End(_) => {
                match path.join("/").as_str() {
                    "gateway/smscs/smsc" => found.close(smsc),
                    "gateway/boxes/box" => found.boxes += 1,
                    _ => {}
                }
                path.pop();
            }
            Event::Text(text) => {
                let text = text.decode().unwrap_or_default();
                let place = path.join("/");
                if place == "gateway" && text.contains("Denied") {
                    return Err("the status page refuses the password".to_owned());
                }
                found.text(&place, text.trim());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    found.finish(smsc)
}

impl Reading {
    fn text(&mut self, place: &str, text: &str) {
        let (standing, connection) = (&mut self.standing, &mut self.connection);
        let number = || text.parse::<u64>().unwrap_or(0);
        match place {
            "gateway/status" => self.uptime = uptime(text),
            "gateway/sms/received/total" => self.received = Some(number()),
            "gateway/sms/sent/total" => self.sent = number(),
            "gateway/sms/sent/queued" => self.queued = number(),
            "gateway/sms/received/queued" | "gateway/boxes/box/queue" => {
                standing.waiting = standing.waiting.saturating_add(number());
            }
            "gateway/smscs/smsc/id" => text.clone_into(&mut connection.id),
            "gateway/smscs/smsc/status" => text.clone_into(&mut connection.status),
            "gateway/smscs/smsc/sms/received" => connection.received = number(),
            "gateway/smscs/smsc/sms/sent" => connection.sent = number(),
            "gateway/smscs/smsc/failed" => connection.failed = number(),
            "gateway/smscs/smsc/queued" => connection.queued = number(),
            _ => {}
        }
    }

    /// A connection was read wholly.
    fn close(&mut self, smsc: &str) {
        let Connection { id, status, received, sent, failed, queued } = std::mem::take(&mut self.connection);
        if !smsc.is_empty() && id != smsc {
            return;
        }
        if !status.starts_with("online") {
            self.standing.faults.push(format!("{id}: {status}"));
        }
        for (sum, number) in self.ours.iter_mut().zip([received, sent, failed, queued]) {
            *sum = sum.saturating_add(number);
        }
    }

    fn finish(self, smsc: &str) -> Result<Standing, String> {
        let Self { mut standing, boxes, uptime, received, sent: total_sent, queued: unrouted, ours, .. } = self;
        let received = received.ok_or_else(|| "this is no status page of Kannel".to_owned())?;
        if boxes == 0 {
            standing.faults.push("no smsbox is connected: nobody hands texts over".to_owned());
        }
        let [ours_received, ours_sent, failed, queued] = ours;
        let (received, sent) = if smsc.is_empty() { (received, total_sent) } else { (ours_received, ours_sent) };
        // What no connection was given yet may be ours.
        let taken = [sent, queued, unrouted, failed].into_iter().fold(0, u64::saturating_add);
        standing.totals = uptime.map(|uptime| Totals { uptime, received, taken, sent });
        Ok(standing)
    }
}

/// Seconds in `running, uptime 0d 2h 3m 4s`.
fn uptime(status: &str) -> Option<u64> {
    let (_, words) = status.split_once("uptime ")?;
    let mut seconds = 0_u64;
    for word in words.split_whitespace() {
        let unit = match word.chars().last()? {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let number: u64 = word.get(..word.len() - 1)?.parse().ok()?;
        seconds = seconds.checked_add(number.checked_mul(unit)?)?;
    }
    Some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = "<?xml version=\"1.0\"?><gateway><version>Kannel</version>\
        <status>running, uptime 1d 0h 2m 3s</status>\
        <wdp><received><total>9</total><queued>9</queued></received></wdp>\
        <sms><received><total>3</total><queued>2</queued></received><sent><total>13</total><queued>9</queued></sent>\
        <storesize>2</storesize></sms><dlr><queued>5</queued></dlr>\
        <boxes><box><type>smsbox</type><id></id><queue>1</queue><status>on-line 0d</status></box></boxes>\
        <smscs><count>2</count><smsc><name>A</name><id>A</id><status>online 12s</status><failed>1</failed><queued>4</queued>\
        <sms><received>2</received><sent>8</sent></sms><dlr><received>7</received><sent>0</sent></dlr></smsc>\
        <smsc><name>B</name><id>B</id><status>re-connecting</status><failed>2</failed><queued>3</queued>\
        <sms><received>1</received><sent>5</sent></sms></smsc></smscs></gateway>";

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
    fn totals_are_of_the_connections_that_are_ours() {
        let totals = |smsc: &str| read(PAGE, smsc).unwrap().totals.unwrap();
        assert_eq!(totals(""), Totals { uptime: 86_523, received: 3, taken: 32, sent: 13 });
        assert_eq!(totals("A"), Totals { uptime: 86_523, received: 2, taken: 22, sent: 8 });
        // A page that does not say since when tells nothing of what was counted.
        assert_eq!(read(&PAGE.replace("uptime 1d", "uptime soon"), "").unwrap().totals, None);
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
