//! The town, its agencies and utilities, whom their units named, who is away or leaves, and how offices change.
use std::collections::HashMap;

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use sportello::cli::demo::data::DemoData;
use sportello::cli::demo::organisation::{self, Known};
use sportello::cli::demo::terms;
use sportello::clocks::{CalendarBody, PhaseKind, PhaseRule, ProtocolBody, Roll, Subject, TermUnit};
use sportello::kernel::Kernel;
use sportello::kernel::events::Actor;
use sportello::kernel::permissions::{Principal, Role};
use sportello::kernel::time::{Clock, Instant};
use sportello::organisation::chart::{Closing, Node, Plan, UnitChange};
use sportello::organisation::referents::{self, NewAbsence, NewReferent};
use sportello::organisation::{OrganisationError, Rank, UnitKind, reorganise};
use sportello::protocols::{Saving, save_calendar, save_protocol};

/// Referents of all bodies (002-16).
pub const REFERENTS: usize = 48;
/// A unit that another one goes on for, from this day: the offices of enterprises, the repairs of water, a counter.
pub const MERGED: [(&str, &str, Date); 5] = [
    ("suap", "imprese-edilizia", date(2026, 9, 14)),
    ("edilizia", "imprese-edilizia", date(2026, 9, 14)),
    ("acque-clienti", "acque-servizi", date(2026, 7, 6)),
    ("acque-guasti", "acque-servizi", date(2026, 7, 6)),
    ("sportello-borgo", "sportello-municipio", date(2026, 11, 2)),
];
/// A unit that has another name from this day on.
pub const RENAMED: [(&str, &str, Date); 2] = [
    ("arpc-sala-operativa", "Sala operativa unificata", date(2026, 8, 3)),
    ("servizi-sociali", "Servizi alla persona", date(2026, 10, 25)),
];

/// What stands when the year begins.
pub struct World {
    pub known: Known,
}

impl World {
    /// The unit that has the work of this one on a day.
    pub fn heir(unit: &str, today: Date) -> &str {
        MERGED.iter().find(|(old, _, from)| *old == unit && *from <= today).map_or(unit, |(_, new, _)| *new)
    }
}

/// The system, as an administrator.
pub fn administrator() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: [].into(),
    }
}

/// Writes it, on the first morning of the year.
pub async fn build(kernel: &Kernel, data: &DemoData) -> World {
    let today = kernel.now().zoned(&kernel.config.zone()).date();
    // Offices and sheets were there before.
    let mut before = kernel.clone();
    before.clock = Clock::manual(kernel.now().minus(SignedDuration::from_hours(24 * 120)));
    let known = organisation::write(&before, data, usize::MAX, today).await.unwrap();
    terms::write(kernel, data, &known).await.unwrap();
    protocols(kernel, &known, today).await;
    name_referents(kernel, data, &known).await;
    plan_changes(kernel, data).await;
    World { known }
}

/// Beside the town's agreements: earthquakes are answered by the hours of every day, their risk by working hours, and
/// volunteers by working days.
async fn protocols(kernel: &Kernel, known: &Known, today: Date) {
    let who = administrator();
    let saving = |slug: &str| Saving { slug: slug.to_owned(), expected: 0, valid_from: today };
    let rule = |kind, amount, unit, roll| PhaseRule {
        subject: Subject::Ticket,
        kind,
        amount,
        unit,
        roll,
        warn_percent: 75,
        waits: true,
        tells: false,
    };
    let office = CalendarBody {
        name: "Sala operativa".to_owned(),
        week: std::array::from_fn(|day| if day < 5 { "8:30-13:30, 14:30-17:30".to_owned() } else { String::new() }),
        holidays: true,
        patron: "06-01".to_owned(),
        closures: Vec::new(),
        desk: false,
    };
    let office = save_calendar(kernel, &who, saving("sala-operativa"), office).await.unwrap();
    let nights =
        save_calendar(kernel, &who, saving("giorno-e-notte"), CalendarBody::always("Giorno e notte")).await.unwrap();
    for (slug, category, calendar, phases) in [
        ("sisma", "dpc/eventi-sismici", nights, vec![rule(PhaseKind::Answer, 36, TermUnit::WorkingHours, Roll::Stays)]),
        (
            "rischio",
            "dpc/rischio-sismico",
            office,
            vec![rule(PhaseKind::Answer, 20, TermUnit::WorkingHours, Roll::Stays)],
        ),
        (
            "volontari",
            "dpc/volontariato",
            office,
            vec![rule(PhaseKind::Answer, 3, TermUnit::WorkingDays, Roll::Closed)],
        ),
    ] {
        let body = ProtocolBody {
            name: slug.to_owned(),
            enabled: true,
            source: "Convenzione".to_owned(),
            calendar,
            categories: vec![known.categories[category]],
            units: Vec::new(),
            phases,
            documents_days: 0,
            documents_once: true,
            notice_days: 0,
            notice_effect: sportello::clocks::NoticeEffect::Suspends,
            silence: String::new(),
        };
        save_protocol(kernel, &who, saving(slug), body).await.unwrap();
    }
}

/// Forty-eight people of nine bodies: operative ones first, then executives and directors; five are away for a while, three leave.
async fn name_referents(kernel: &Kernel, data: &DemoData, known: &Known) {
    let now = kernel.now();
    let offices: Vec<_> = data.organisation.units.iter().filter(|u| u.kind == "back_office").collect();
    let mut accounts: HashMap<&str, i64> = HashMap::new();
    for (user, principal) in data.organisation.users.iter().zip(&known.people) {
        if let (Some(id), "referent") = (principal.as_ref().and_then(|p| p.user_id), user.role.as_str()) {
            accounts.extend(user.units.iter().map(|unit| (unit.as_str(), id)));
        }
    }
    let people: Vec<NewReferent> = (0..REFERENTS)
        .map(|n| {
            let unit = offices[n % offices.len()];
            let rank = match n / offices.len() {
                0 => Rank::Operative,
                _ if n % 3 == 0 => Rank::Director,
                _ => Rank::Executive,
            };
            let leaves = [3, 11, 17].contains(&n);
            NewReferent {
                unit_id: known.units[&unit.slug],
                user_id: accounts.get(unit.slug.as_str()).copied().filter(|_| rank == Rank::Operative),
                name: format!("Referente {n}"),
                email: format!("referente{n}@{}", unit.email.rsplit('@').next().unwrap()),
                phone: String::new(),
                rank,
                valid_from: now,
                valid_to: leaves.then(|| Instant::parse("2026-09-30T22:00:00Z").unwrap()),
            }
        })
        .collect();
    let away = [
        (1, "2026-08-02T22:00:00Z", "2026-08-23T22:00:00Z"),
        (5, "2026-12-20T23:00:00Z", "2027-01-06T23:00:00Z"),
        (8, "2026-05-01T22:00:00Z", "2026-05-20T22:00:00Z"),
        (13, "2026-10-20T22:00:00Z", "2026-10-30T23:00:00Z"),
        (21, "2026-06-10T22:00:00Z", "2026-07-10T22:00:00Z"),
    ];
    let written = kernel.db.write(move |tx| {
        Box::pin(async move {
            let mut ids = Vec::new();
            for new in &people {
                ids.push(referents::save(tx, None, new, Actor::System, now).await?);
            }
            for (who, from, to) in away {
                let at = |text: &str| Instant::parse(text).unwrap_or_default();
                let new = NewAbsence {
                    referent_id: ids[who],
                    from_at: at(from),
                    to_at: at(to),
                    substitute_id: (who % 2 == 1).then_some(ids[who + 1]),
                    reason: "ferie".to_owned(),
                };
                referents::be_absent(tx, &new, Actor::System, now).await?;
            }
            Ok::<(), OrganisationError>(())
        })
    });
    written.await.unwrap();
}

/// What will become of offices, each on its day.
async fn plan_changes(kernel: &Kernel, data: &DemoData) {
    let (now, zone) = (kernel.now(), kernel.config.zone());
    let mut plans: Vec<(Date, Plan)> = Vec::new();
    for (unit, name, day) in RENAMED {
        let change = UnitChange { unit: unit.to_owned(), name: Some(name.to_owned()), ..UnitChange::default() };
        plans.push((day, Plan { changes: vec![change], ..Plan::default() }));
    }
    let mut heirs: Vec<(&str, Date)> = MERGED.iter().map(|(_, heir, day)| (*heir, *day)).collect();
    heirs.dedup();
    for (heir, day) in heirs {
        let closed: Vec<&str> = MERGED.iter().filter(|m| m.1 == heir).map(|m| m.0).collect();
        let closes = closed.iter().map(|unit| Closing { unit: (*unit).to_owned(), successor: heir.to_owned() });
        let opens = if data.organisation.unit(heir).is_some() {
            Vec::new()
        } else {
            let like = data.organisation.unit(closed[0]).unwrap();
            vec![Node {
                slug: heir.to_owned(),
                agency: like.agency.clone(),
                parent: like.parent.clone(),
                name: format!("Struttura unica {heir}"),
                name_en: String::new(),
                kind: UnitKind::from_text(&like.kind).unwrap(),
                email: like.email.clone(),
                scope: like.scope.clone(),
            }]
        };
        plans.push((day, Plan { opens, closes: closes.collect(), ..Plan::default() }));
    }
    for (day, plan) in plans {
        let at = reorganise::start_of(day, &zone).unwrap();
        let written = kernel.db.write(move |tx| {
            Box::pin(
                async move { reorganise::plan(tx, &plan, "Delibera di riordino", at, now, &Actor::System, now).await },
            )
        });
        written.await.unwrap();
    }
}
