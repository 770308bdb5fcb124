//! Procedures of the law, prepared: an administrator chooses for which categories they hold, and enables them.
use crate::clocks::{NoticeEffect, PhaseKind, PhaseRule, ProtocolBody, Roll, Subject, TermUnit};
use crate::kernel::language::Language;

/// Names of the prepared protocols, in the order of the interface.
pub const PRESETS: [&str; 4] = ["agreement", "procedure", "civic-access", "document-access"];

/// The prepared protocols by name, counting by a calendar: not enabled, and for no category yet.
pub fn presets(calendar: i64, language: Language) -> Vec<(&'static str, ProtocolBody)> {
    PRESETS.into_iter().map(|name| (name, preset(name, calendar, language))).collect()
}

fn preset(name: &str, calendar: i64, language: Language) -> ProtocolBody {
    let rule = |subject, kind, amount, unit, roll| PhaseRule {
        subject,
        kind,
        amount,
        unit,
        roll,
        warn_percent: 80,
        waits: false,
        tells: true,
    };
    let (days, working) = (TermUnit::CalendarDays, TermUnit::WorkingDays);
    let phases = match name {
        // 004-21 to 004-24: the agreement between the entry point and who answers.
        "agreement" => vec![
            rule(Subject::Ticket, PhaseKind::Receipt, 1, working, Roll::Stays),
            rule(Subject::Ticket, PhaseKind::TakeCharge, 1, working, Roll::Stays),
            PhaseRule { waits: true, ..rule(Subject::Ticket, PhaseKind::Answer, 15, days, Roll::Festive) },
            rule(Subject::Leg, PhaseKind::Receipt, 1, working, Roll::Stays),
            rule(Subject::Leg, PhaseKind::NonAppropriateness, 2, working, Roll::Stays),
            PhaseRule { waits: true, ..rule(Subject::Leg, PhaseKind::Answer, 15, days, Roll::Festive) },
        ],
        // L. 241/1990 art. 2 c. 2; L. 241/1990 art. 25 c. 4; D.Lgs. 33/2013 art. 5 c. 6: thirty days each.
        _ => vec![
            rule(Subject::Ticket, PhaseKind::TakeCharge, 1, working, Roll::Stays),
            rule(Subject::Ticket, PhaseKind::Conclusion, 30, days, Roll::Festive),
        ],
    };
    let procedure = name == "procedure";
    ProtocolBody {
        name: language.text(&format!("protocol-preset-{name}")),
        enabled: false,
        source: language.text(&format!("protocol-preset-{name}-source")),
        calendar,
        categories: Vec::new(),
        units: Vec::new(),
        phases,
        documents_days: if procedure { 30 } else { 0 },
        documents_once: true,
        notice_days: if procedure { 10 } else { 0 },
        notice_effect: NoticeEffect::Suspends,
        silence: if name == "document-access" { language.text("protocol-silence-refusal") } else { String::new() },
    }
}
