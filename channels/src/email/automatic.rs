//! Whether a message was written by a machine: the rules of RFC 3834 and what real responders send.
//! Such a message is stored and shown, never answered, and changes nothing.

use crate::AutomaticReason;

/// What the rules look at. Header names are matched without regard to case.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// Header names and values, unfolded, in order.
    pub headers: &'a [(String, String)],
    /// The sender's address in lower case.
    pub from: Option<&'a str>,
    /// Addresses in To and Cc, without their `+token`, in lower case.
    pub addressed_to: &'a [String],
    /// Our own addresses, without `+token`, in lower case.
    pub own_addresses: &'a [String],
    /// The id of this installation in its loop header.
    pub loop_id: &'a str,
    /// It is a delivery or disposition report.
    pub report: Report,
}

/// Whether the message is a report (RFC 6522).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It is one.
    Yes,
    /// It is not.
    No,
}

/// Name of the header by which we recognise what we sent ourselves.
pub const LOOP_HEADER: &str = "X-Sportello-Loop";

/// Local parts that never belong to a person.
const ROBOTS: &[&str] = &[
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "non-rispondere",
    "nonrispondere",
    "bounce",
    "bounces",
];

/// The first rule that holds, or `None` for a message that a person wrote to us.
#[must_use]
pub fn reason(e: &Evidence<'_>) -> Option<AutomaticReason> {
    use AutomaticReason as R;
    let values =
        |name: &'static str| e.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim());
    let present = |name: &'static str| values(name).next().is_some();
    let any_word = |name: &'static str, words: &[&str]| {
        values(name).any(|v| v.split([',', ';', ' ']).any(|w| words.iter().any(|x| w.trim().eq_ignore_ascii_case(x))))
    };

    if !e.loop_id.is_empty() && values(LOOP_HEADER).any(|v| v == e.loop_id) {
        return Some(R::OwnLoop);
    }
    if e.from.is_some_and(|f| e.own_addresses.contains(&super::address::base_of(f))) {
        return Some(R::FromOurselves);
    }
    if e.report == Report::Yes {
        return Some(R::Report);
    }
    if present("X-Ricevuta") {
        return Some(R::PecReceipt);
    }
    if values("Return-Path").any(|v| v.trim_matches(['<', '>', ' ']).is_empty()) {
        return Some(R::NullReturnPath);
    }
    // RFC 3834, 5: the value may be followed by parameters and comments.
    let says_no = |v: &str| v.split([';', '(', ' ']).next().is_some_and(|w| w.eq_ignore_ascii_case("no"));
    if values("Auto-Submitted").any(|v| !says_no(v)) {
        return Some(R::AutoSubmitted);
    }
    if present("List-Id") || present("List-Unsubscribe") || present("List-Post") {
        return Some(R::MailingList);
    }
    if any_word("Precedence", &["bulk", "list", "junk", "auto_reply"]) {
        return Some(R::Precedence);
    }
    if any_word("X-Auto-Response-Suppress", &["All", "AutoReply", "OOF"]) {
        return Some(R::SuppressedByExchange);
    }
    if present("X-Autoreply") || present("X-Autorespond") {
        return Some(R::Autoresponder);
    }
    if present("X-Loop") || present(LOOP_HEADER) {
        return Some(R::ForeignLoop);
    }
    if e.from.is_some_and(is_robot) {
        return Some(R::RobotSender);
    }
    if !e.own_addresses.is_empty() && !e.addressed_to.iter().any(|a| e.own_addresses.contains(a)) {
        return Some(R::NotAddressedToUs);
    }
    None
}

/// Whether an address belongs to a program by its name.
#[must_use]
pub fn is_robot(address: &str) -> bool {
    let lower = address.to_lowercase();
    let local = lower.split('@').next().unwrap_or_default();
    let local = local.split('+').next().unwrap_or_default();
    ROBOTS.contains(&local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(headers: &[(&str, &str)], from: &str, to: &str) -> Option<AutomaticReason> {
        let headers: Vec<_> = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        reason(&Evidence {
            headers: &headers,
            from: Some(from),
            addressed_to: &[to.to_owned()],
            own_addresses: &["urp@comune.example".to_owned()],
            loop_id: "node-1",
            report: Report::No,
        })
    }

    #[test]
    fn a_citizens_message_is_not_automatic() {
        assert_eq!(judge(&[("Return-Path", "<anna@example.org>")], "anna@example.org", "urp@comune.example"), None);
        assert_eq!(judge(&[("Auto-Submitted", "no")], "anna@example.org", "urp@comune.example"), None);
        assert_eq!(judge(&[("X-Auto-Response-Suppress", "DR")], "a@example.org", "urp@comune.example"), None);
        assert_eq!(judge(&[("Precedence", "first-class")], "a@example.org", "urp@comune.example"), None);
    }

    #[test]
    fn each_rule_is_named() {
        use AutomaticReason as R;
        let cases: &[(&str, &str, R)] = &[
            ("Auto-Submitted", "auto-replied (vacation)", R::AutoSubmitted),
            ("auto-submitted", "auto-generated; owner-email=x", R::AutoSubmitted),
            ("X-Ricevuta", "accettazione", R::PecReceipt),
            ("Return-Path", "<>", R::NullReturnPath),
            ("List-Id", "<news.example.org>", R::MailingList),
            ("List-Unsubscribe", "<mailto:u@example.org>", R::MailingList),
            ("List-Post", "NO", R::MailingList),
            ("Precedence", "Bulk", R::Precedence),
            ("Precedence", "auto_reply", R::Precedence),
            ("X-Auto-Response-Suppress", "DR, OOF, AutoReply", R::SuppressedByExchange),
            ("X-Autoreply", "yes", R::Autoresponder),
            ("X-Autorespond", "ferie", R::Autoresponder),
            ("X-Loop", "altro@example.org", R::ForeignLoop),
            ("X-Sportello-Loop", "node-1", R::OwnLoop),
            ("X-Sportello-Loop", "node-of-others", R::ForeignLoop),
        ];
        for (name, value, expected) in cases {
            let got = judge(&[(name, value)], "anna@example.org", "urp@comune.example");
            assert_eq!(got, Some(*expected), "{name}: {value}");
        }
    }

    #[test]
    fn senders_and_recipients_count() {
        use AutomaticReason as R;
        assert_eq!(judge(&[], "MAILER-DAEMON@example.org", "urp@comune.example"), Some(R::RobotSender));
        assert_eq!(judge(&[], "postmaster@example.org", "urp@comune.example"), Some(R::RobotSender));
        assert_eq!(judge(&[], "no-reply@example.org", "urp@comune.example"), Some(R::RobotSender));
        assert_eq!(judge(&[], "urp+x@comune.example", "urp@comune.example"), Some(R::FromOurselves));
        assert_eq!(judge(&[], "anna@example.org", "altri@example.org"), Some(R::NotAddressedToUs));
    }
}
