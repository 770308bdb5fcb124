//! Reports about mail we sent: delivery status (RFC 3464), reading (RFC 8098), and bounces known only by the
//! address they came to.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::parts::decoded_bytes;
use crate::{Action, DeliveryReport, RecipientReport, ReportKind, StatusCode};

/// Recipients read from one report at most.
const MAX_RECIPIENTS: usize = 1000;

/// The report in a message, if it is one. `bounce_token` is what stood after `bounce+` in a recipient address.
pub(crate) fn read(
    message: &Message<'_>,
    bounce_token: Option<String>,
    from_robot: FromRobot,
) -> Option<DeliveryReport> {
    let declared = message.root_part().is_content_type("multipart", "report");
    let parts = || message.parts.iter().filter(|_| declared || from_robot == FromRobot::Yes);
    if let Some(part) = parts().find(|p| is_status(p)) {
        let text = super::text::decode_unknown(&decoded_bytes(message, part));
        let mut report = delivery(&text);
        report.original_message_id = original_id(message);
        report.bounce_token = bounce_token;
        return Some(report);
    }
    if let Some(part) = parts().find(|p| p.is_content_type("message", "disposition-notification")) {
        let text = super::text::decode_unknown(&decoded_bytes(message, part));
        let fields = fields(&text).into_iter().next().unwrap_or_default();
        return Some(DeliveryReport {
            original_message_id: value(&fields, "original-message-id")
                .map(unbracketed)
                .or_else(|| original_id(message)),
            reporting_mta: value(&fields, "reporting-ua").map(str::to_owned),
            bounce_token,
            ..DeliveryReport::new(ReportKind::Disposition)
        });
    }
    (declared || bounce_token.is_some()).then(|| DeliveryReport {
        original_message_id: original_id(message),
        bounce_token,
        ..DeliveryReport::new(ReportKind::Bounce)
    })
}

/// Whether the sender is a mail system, so that a report is believed even in an undeclared envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FromRobot {
    Yes,
    No,
}

fn is_status(part: &MessagePart<'_>) -> bool {
    part.is_content_type("message", "delivery-status") || part.is_content_type("message", "global-delivery-status")
}

type Fields = Vec<(String, String)>;

/// Groups of fields separated by blank lines, folded lines joined.
fn fields(text: &str) -> Vec<Fields> {
    let mut groups = vec![Fields::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            if groups.last().is_some_and(|g| !g.is_empty()) {
                groups.push(Fields::new());
            }
        } else if let Some(group) = groups.last_mut() {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = group.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            } else if let Some((name, value)) = line.split_once(':') {
                group.push((name.trim().to_lowercase(), value.trim().to_owned()));
            }
        }
    }
    groups.retain(|g| !g.is_empty());
    groups
}

fn value<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
}

/// `rfc822; anna@example.org` → `anna@example.org`.
fn typed(value: &str) -> String {
    let value = value.split_once(';').map_or(value, |(_, v)| v);
    value.trim().trim_matches(['<', '>']).to_owned()
}

fn unbracketed(id: &str) -> String {
    id.trim().trim_matches(['<', '>']).to_owned()
}

fn delivery(text: &str) -> DeliveryReport {
    let groups = fields(text);
    let reporting_mta = groups.iter().find_map(|g| value(g, "reporting-mta")).map(typed);
    let recipients = groups.iter().filter_map(recipient).take(MAX_RECIPIENTS).collect();
    DeliveryReport { reporting_mta, recipients, ..DeliveryReport::new(ReportKind::Delivery) }
}

fn recipient(fields: &Fields) -> Option<RecipientReport> {
    let final_recipient = value(fields, "final-recipient").map(typed);
    let original_recipient = value(fields, "original-recipient").map(typed);
    let recipient = final_recipient.or_else(|| original_recipient.clone())?;
    let status = value(fields, "status").and_then(StatusCode::parse);
    let word = value(fields, "action").map(|a| a.split([' ', '(', ';']).next().unwrap_or(a).to_lowercase());
    let action = word.and_then(|w| w.parse().ok()).or_else(|| status.map(implied))?;
    Some(RecipientReport {
        original_recipient: original_recipient.filter(|o| *o != recipient),
        recipient,
        action,
        status,
        diagnostic: value(fields, "diagnostic-code").map(|d| d.split_once(';').map_or(d, |(_, v)| v).trim().to_owned()),
        remote_mta: value(fields, "remote-mta").map(typed),
    })
}

const fn implied(status: StatusCode) -> Action {
    match status.class {
        2 => Action::Delivered,
        4 => Action::Delayed,
        _ => Action::Failed,
    }
}

/// Message-ID of the returned message or of its returned headers.
fn original_id(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => inner.message_id().map(str::to_owned),
        PartType::Multipart(_) => None,
        _ if is_headers(part) => {
            let bytes = decoded_bytes(message, part);
            MessageParser::default().parse_headers(&bytes[..])?.message_id().map(str::to_owned)
        }
        _ => None,
    })
}

fn is_headers(part: &MessagePart<'_>) -> bool {
    part.is_content_type("text", "rfc822-headers")
        || part.is_content_type("message", "rfc822-headers")
        || part.is_content_type("message", "global-headers")
        || part.is_content_type("xessage", "rfc822")
}
