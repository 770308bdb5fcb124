//! The telephone's part of the configuration.
use serde::{Deserialize, Serialize};

/// `[phone]`: when calls are answered, and where they go.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Phone {
    /// When agents answer: `mon-fri 09:00-13:00`, several if need be.
    pub opening: Vec<String>,
    /// Whether the office is closed on national holidays.
    pub holidays: bool,
    /// Day of the patron saint, `MM-DD`; may be empty.
    pub patron: String,
    /// Other days without service, `YYYY-MM-DD`.
    pub closed: Vec<String>,
    /// How long one telephone rings.
    pub ring_seconds: u32,
    /// After how long a waiting call is looked at again.
    pub queue_seconds: u32,
    /// How long a call waits before it goes elsewhere.
    pub wait_seconds: u32,
    /// Hours of silence after which a call counts as over.
    pub lost_hours: u32,
    /// Attempts to call somebody back before it is given up, and the minutes between them.
    pub callback_attempts: u32,
    pub callback_minutes: u32,
    /// Whether the ticket of a call closes when its caller could not be reached.
    pub callback_closes: bool,
    /// Seconds after a call in which its agent is not rung: to write down what was said.
    pub wrap_seconds: u32,
    /// Why agents pause, as they choose it; empty: they give no reason.
    pub pause_reasons: Vec<String>,
    /// Whether every agent sees the calls of every queue, not only those they can answer.
    pub all_calls: bool,
    /// Days for which recordings of talks are kept; 0: for ever.
    pub recording_days: u32,
    /// Keys of the voice menu: for the answering machine, and for English. Empty: not offered.
    pub voicemail_key: String,
    pub english_key: String,
    /// `[[phone.information]]`: what the voice menu reads out.
    pub information: Vec<PhoneInformation>,
    /// `[[phone.queues]]`; without any there is one for everything.
    pub queues: Vec<PhoneQueue>,
}

/// A queue of calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhoneQueue {
    /// Stable name.
    pub name: String,
    /// Numbers whose calls go here.
    pub numbers: Vec<String>,
    /// Key of the voice menu; may be empty.
    pub key: String,
    /// What the menu calls it, and the same in English.
    pub label: String,
    pub label_en: String,
    /// What an agent must be able to answer; may be empty.
    pub skill: String,
    /// Language its callers hear and speak, `it` or `en`; empty for the desk's.
    pub language: String,
}

/// A public sheet that the voice menu reads out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhoneInformation {
    /// Key of the voice menu.
    pub key: String,
    /// Code of the sheet.
    pub sheet: String,
    /// What the menu calls it, and the same in English; empty: the title of the sheet.
    pub label: String,
    pub label_en: String,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            opening: vec!["mon-fri 09:00-18:00".to_owned()],
            holidays: true,
            patron: String::new(),
            closed: Vec::new(),
            ring_seconds: 20,
            queue_seconds: 10,
            wait_seconds: 300,
            lost_hours: 4,
            callback_attempts: 3,
            callback_minutes: 120,
            callback_closes: true,
            wrap_seconds: 0,
            pause_reasons: Vec::new(),
            all_calls: false,
            recording_days: 90,
            voicemail_key: String::new(),
            english_key: String::new(),
            information: Vec::new(),
            queues: Vec::new(),
        }
    }
}
