//! When the desk answers: by the calendar that an administrator chose, else by the configured hours; at every hour
//! while an emergency says so. Each node keeps it in memory, because every call asks; `clocks` reads the calendars
//! and puts it here.
use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;

use super::config::Phone;
use super::hours::Hours;

/// Where the hours of the desk are found; cheap to clone.
#[derive(Debug, Clone)]
pub struct Office {
    configured: Arc<Hours>,
    chosen: Arc<RwLock<Option<Arc<Hours>>>>,
    always: Arc<Hours>,
}

impl Office {
    /// By the configuration, until a calendar is chosen. It was read at the start: without hours, nobody answers.
    pub fn new(phone: &Phone, zone: &TimeZone) -> Self {
        let configured = Hours::of(phone, zone.clone()).unwrap_or_else(|e| {
            tracing::error!("the desk is closed: {e}");
            Hours::never(zone.clone())
        });
        Self { configured: Arc::new(configured), chosen: Arc::default(), always: Arc::new(Hours::always(zone.clone())) }
    }

    /// The ordinary hours, whatever emergency is in force: terms and mornings of reminders go by them.
    pub fn ordinary(&self) -> Arc<Hours> {
        let chosen = self.chosen.read().unwrap_or_else(PoisonError::into_inner);
        chosen.as_ref().unwrap_or(&self.configured).clone()
    }

    /// Every hour, for as long as an emergency keeps the desk open.
    pub(super) fn always(&self) -> Arc<Hours> {
        self.always.clone()
    }

    /// Says by what the desk answers from now on; `None` for the configured hours.
    pub fn choose(&self, hours: Option<Arc<Hours>>) {
        *self.chosen.write().unwrap_or_else(PoisonError::into_inner) = hours;
    }
}
