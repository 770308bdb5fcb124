//! Stored names in the reader's words, and texts made safe for a page.
use crate::kernel::page::Page;
use crate::tickets::assignment::Priority;

/// The word for a state.
pub fn state(page: &Page, state: &str) -> String {
    page.t(&format!("desk-state-{}", state.replace('_', "-")))
}

/// The word for a channel.
pub fn channel(page: &Page, channel: &str) -> String {
    page.t(&format!("channel-{channel}"))
}

/// The word for a kind of request.
pub fn kind(page: &Page, kind: &str) -> String {
    page.t(&format!("desk-kind-{kind}"))
}

/// The word for an outcome.
pub fn outcome(page: &Page, outcome: &str) -> String {
    page.t(&format!("desk-outcome-{}", outcome.replace('_', "-")))
}

/// The word for a priority; empty for the usual one.
pub fn priority(page: &Page, priority: Priority) -> String {
    match priority {
        Priority::Normal => String::new(),
        Priority::Urgent | Priority::High | Priority::Low => page.t(&format!("priority-{}", priority.as_str())),
    }
}

/// The tone of a priority's tag.
pub const fn priority_tone(priority: Priority) -> &'static str {
    match priority {
        Priority::Urgent => "bad",
        Priority::High => "warn",
        Priority::Normal | Priority::Low => "plain",
    }
}

/// The icon of a channel, by its name in the sprites.
pub fn channel_icon(channel: &str) -> &'static str {
    match channel {
        "phone" => "telephone",
        "voicemail" => "hearing",
        "sms" => "comment",
        "email" => "mail",
        "pec" => "locked",
        "fax" => "print",
        "web" => "list",
        "letter" => "inbox",
        "counter" => "user",
        _ => "note",
    }
}

/// A size as people read it.
pub fn size(page: &Page, bytes: i64) -> String {
    let tenths = |n: i64, unit: i64| {
        let value = n * 10 / unit;
        if value >= 100 {
            format!("{}", value / 10)
        } else {
            format!("{}{}{}", value / 10, page.t("desk-decimal"), value % 10)
        }
    };
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", tenths(bytes, 1_000)),
        _ => format!("{} MB", tenths(bytes, 1_000_000)),
    }
}

/// Day and time without the year, for lists: `22 nov, 10:32`; with the year when it is another one.
pub fn moment(page: &Page, at: &crate::kernel::time::Instant) -> String {
    let local = at.zoned(&page.zone);
    let month: String = page.t(&format!("month-{}", local.month())).chars().take(3).collect();
    let year =
        if local.year() == page.now.zoned(&page.zone).year() { String::new() } else { format!(" {}", local.year()) };
    format!("{} {month}{year}, {}", local.day(), local.strftime("%H:%M"))
}

/// The time of an instant of today; with the day when it is another one.
pub fn clock(page: &Page, at: &crate::kernel::time::Instant) -> String {
    let local = at.zoned(&page.zone);
    if local.date() == page.now.zoned(&page.zone).date() {
        local.strftime("%H:%M").to_string()
    } else {
        moment(page, at)
    }
}

/// Plain text as paragraphs of lines; the template makes markup of them.
pub fn paragraphs(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\r\n", "\n");
    text.split("\n\n")
        .map(|part| part.trim_matches('\n'))
        .filter(|part| !part.trim().is_empty())
        .map(|part| part.lines().map(str::to_owned).collect())
        .collect()
}

/// The beginning of a text on one line; one that was cut at `limit` characters ends at a word, with dots.
pub fn beginning(text: &str, limit: usize) -> String {
    let cut = text.chars().count() >= limit;
    let whole = if cut { text.rsplit_once(char::is_whitespace).map_or(text, |(before, _)| before) } else { text };
    let line = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    if cut { format!("{line} …") } else { line }
}

/// The initials of a name.
pub fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|w| w.chars().find(|c| c.is_alphanumeric()))
        .take(2)
        .collect::<String>()
        .to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_part_paragraphs() {
        assert_eq!(paragraphs("a\r\nb\n\n\n\nc"), [vec!["a", "b"], vec!["c"]]);
        assert!(paragraphs(" \n\n ").is_empty());
    }

    #[test]
    fn initials_skip_what_is_no_letter() {
        assert_eq!(initials("maria «la rossa» bianchi"), "ML");
        assert_eq!(initials(""), "");
    }
}
