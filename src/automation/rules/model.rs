//! What a rule is: when something happens, if conditions hold, then steps follow. No I/O.
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clocks::PhaseKind;
use crate::kernel::events::Event;
use crate::kernel::names::stored_enum;
use crate::network::LegKind;
use crate::tickets::Channel;

stored_enum! {
    /// Where a version of the rules stands.
    RulesState {
        Draft = "draft",
        /// In force: one of all.
        Active = "active",
        Replaced = "replaced",
        /// Taken out of force, with nothing in its place.
        Retired = "retired",
    }
}

stored_enum! {
    /// What a rule waits for in the feed.
    #[derive(Default)]
    Trigger {
        #[default]
        Opened = "ticket.opened",
        /// A message of the citizen on a ticket in being.
        Received = "contact.received",
        Taken = "ticket.taken",
        Classified = "ticket.classified",
        FieldsSet = "ticket.fields_set",
        HandedOver = "ticket.handed_over",
        Waiting = "ticket.waiting",
        Answered = "contact.sent",
        Resolved = "ticket.resolved",
        Closed = "ticket.closed",
        Reopened = "ticket.reopened",
        LegSent = "leg.sent",
        LegAnswered = "leg.answered",
        LegRefused = "leg.refused",
        LegAsked = "leg.asked",
        ClockWarned = "clock.warned",
        ClockMissed = "clock.missed",
    }
}

impl Trigger {
    /// What an event is for rules; `None` for kinds that start none. Works that answer a leg are an answer.
    pub fn of(event: &Event) -> Option<Self> {
        if event.kind == "leg.works_done" && event.data()["answers"] == true {
            return Some(Self::LegAnswered);
        }
        Self::from_text(&event.kind)
    }

    /// The stored name with dashes, as keys of the catalogues have it.
    pub fn key(self) -> String {
        self.as_str().replace(['.', '_'], "-")
    }
}

stored_enum! {
    /// Whether all conditions must hold, or one is enough.
    #[derive(Default)]
    Join {
        #[default]
        All = "all",
        Any = "any",
    }
}

stored_enum! {
    /// What a condition looks at.
    On {
        /// Slugs of categories; those below them are meant too.
        Category = "category",
        Channel = "channel",
        /// Kind of request.
        Kind = "kind",
        /// `it`, `en` and so on.
        Language = "language",
        /// Slug of the unit that owns the ticket.
        Unit = "unit",
        /// Slug of the unit of the leg that the event is about.
        LegUnit = "leg_unit",
        /// Slug of an area that the request speaks of.
        Area = "area",
        /// What kind of user the person is.
        Segment = "segment",
        State = "state",
        /// The answer to what the category asks; `name` says which field.
        Field = "field",
        /// One of these words stands in the message or in the subject.
        Text = "text",
        /// The ticket was opened at least so many hours ago.
        Age = "age",
        /// `yes` or `no`: whether an agent has it.
        Assigned = "assigned",
    }
}

/// A condition: what it looks at is one of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AutomationCondition)]
pub struct Condition {
    pub on: On,
    /// Name of a field of the category.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default)]
    pub is: Vec<String>,
    /// It holds where it otherwise would not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not: bool,
}

stored_enum! {
    /// Who is told.
    #[derive(Default)]
    Whom {
        #[default]
        Citizen = "citizen",
        /// The agent who has the ticket, else its unit.
        Agent = "agent",
        /// The unit that owns the ticket.
        Unit = "unit",
        Administrators = "administrators",
    }
}

stored_enum! {
    /// What a duration is counted in.
    #[derive(Default)]
    WaitUnit {
        Minutes = "minutes",
        Hours = "hours",
        #[default]
        Days = "days",
        /// By a calendar: the wait ends with the last of them.
        WorkingDays = "working_days",
    }
}

stored_enum! {
    /// What follows when an event did not come in time.
    #[derive(Default)]
    Otherwise {
        #[default]
        Stop = "stop",
        GoOn = "go_on",
    }
}

/// What a rule does, one step after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = AutomationStep)]
pub enum Step {
    /// Tells somebody; texts may name values of the ticket in braces.
    Notify {
        to: Whom,
        /// Only by this channel; whichever leads to the citizen without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Channel>,
        subject: String,
        text: String,
        /// Name and address on a letter, a line each; those of earlier letters when empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        postal: String,
        /// Names of fields that the citizen does not see otherwise and that this text may tell them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        releases: Vec<String>,
    },
    /// Gives the ticket to a unit, an agent, or both.
    Assign {
        /// Slug.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// Login.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<String>,
    },
    /// Sends a leg.
    Leg {
        /// Slug.
        unit: String,
        kind: LegKind,
        text: String,
    },
    /// Answers what the category asks.
    SetField { name: String, value: String },
    /// Starts a term of a protocol in force.
    StartClock {
        /// Slug.
        protocol: String,
        phase: PhaseKind,
    },
    /// Opens a ticket below this one.
    OpenChild {
        subject: String,
        text: String,
        /// Slug; that of the ticket above without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<String>,
        /// Slug; the unit of the ticket above without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// Writes an internal note.
    Note { text: String },
    /// Tells another system, by the subscription of this name.
    Webhook { subscription: String },
    /// Waits some time.
    Wait {
        amount: i64,
        unit: WaitUnit,
        /// Slug of the calendar that working days are counted by.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        calendar: String,
    },
    /// Waits until the day that a field names, moved by some days.
    WaitDate {
        field: String,
        #[serde(default)]
        days: i64,
    },
    /// Waits for an event of the same ticket, at most some days.
    WaitEvent {
        event: Trigger,
        days: i64,
        #[serde(default)]
        otherwise: Otherwise,
    },
    /// Goes on only if conditions hold now.
    Only {
        #[serde(default)]
        join: Join,
        #[serde(default, rename = "if")]
        when: Vec<Condition>,
    },
}

stored_enum! {
    /// Kinds of steps, for choices.
    StepKind {
        Notify = "notify",
        Assign = "assign",
        Leg = "leg",
        SetField = "set_field",
        StartClock = "start_clock",
        OpenChild = "open_child",
        Note = "note",
        Webhook = "webhook",
        Wait = "wait",
        WaitDate = "wait_date",
        WaitEvent = "wait_event",
        Only = "only",
    }
}

impl StepKind {
    /// The stored name with dashes, as keys of the catalogues have it.
    pub fn key(self) -> String {
        self.as_str().replace('_', "-")
    }
}

impl Step {
    /// Its kind.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Notify { .. } => StepKind::Notify,
            Self::Assign { .. } => StepKind::Assign,
            Self::Leg { .. } => StepKind::Leg,
            Self::SetField { .. } => StepKind::SetField,
            Self::StartClock { .. } => StepKind::StartClock,
            Self::OpenChild { .. } => StepKind::OpenChild,
            Self::Note { .. } => StepKind::Note,
            Self::Webhook { .. } => StepKind::Webhook,
            Self::Wait { .. } => StepKind::Wait,
            Self::WaitDate { .. } => StepKind::WaitDate,
            Self::WaitEvent { .. } => StepKind::WaitEvent,
            Self::Only { .. } => StepKind::Only,
        }
    }

    /// A step of a kind that says nothing yet.
    pub fn empty(kind: StepKind) -> Self {
        let text = String::new;
        match kind {
            StepKind::Notify => Self::Notify {
                to: Whom::Citizen,
                by: None,
                subject: text(),
                text: text(),
                postal: text(),
                releases: Vec::new(),
            },
            StepKind::Assign => Self::Assign { unit: None, agent: None },
            StepKind::Leg => Self::Leg { unit: text(), kind: LegKind::Inquiry, text: text() },
            StepKind::SetField => Self::SetField { name: text(), value: text() },
            StepKind::StartClock => Self::StartClock { protocol: text(), phase: PhaseKind::Conclusion },
            StepKind::OpenChild => Self::OpenChild { subject: text(), text: text(), category: None, unit: None },
            StepKind::Note => Self::Note { text: text() },
            StepKind::Webhook => Self::Webhook { subscription: text() },
            StepKind::Wait => Self::Wait { amount: 1, unit: WaitUnit::Days, calendar: text() },
            StepKind::WaitDate => Self::WaitDate { field: text(), days: 0 },
            StepKind::WaitEvent => {
                Self::WaitEvent { event: Trigger::LegAnswered, days: 30, otherwise: Otherwise::Stop }
            }
            StepKind::Only => Self::Only { join: Join::All, when: Vec::new() },
        }
    }
}

/// How often a rule may start in an hour when it says nothing of that.
pub const USUAL_RATE: i64 = 300;

/// A rule: event, conditions, steps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AutomationRule)]
pub struct Rule {
    /// Unique in its version; pauses and the log know it by that.
    pub name: String,
    pub when: Trigger,
    #[serde(default, skip_serializing_if = "Join::is_all")]
    pub join: Join,
    /// Starts in an hour beyond which it is paused; the usual number without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub most_per_hour: Option<i64>,
    #[serde(default, rename = "if", skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    #[serde(default)]
    pub then: Vec<Step>,
}

impl Join {
    /// Whether it is the usual one.
    pub const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

impl Rule {
    /// How often it may start in an hour.
    pub fn rate(&self) -> i64 {
        self.most_per_hour.unwrap_or(USUAL_RATE)
    }
}
