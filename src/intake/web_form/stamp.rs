//! A form's stamp: a random name and the time it was made, signed. It tells a form that somebody filled from
//! one that a program sends, and names the request, so that sending it twice is one request.
use jiff::SignedDuration;

use crate::kernel::Kernel;
use crate::kernel::codes;
use crate::kernel::secrets::Secrets;
use crate::kernel::time::Instant;

/// Hours after which a form must be opened again.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// The stamp of one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    pub id: String,
    /// Seconds since 1970.
    made_at: i64,
}

/// Why a stamp does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Sent sooner than a person can write.
    TooFast,
    /// Open for too long, or not made by us.
    TooOld,
}

impl Stamp {
    /// A stamp for a form that is about to be shown.
    pub fn fresh(kernel: &Kernel) -> Self {
        Self { id: codes::random_token(), made_at: kernel.now().timestamp().as_second() }
    }

    /// As it travels in the form.
    pub fn seal(&self, secrets: &Secrets) -> String {
        let made_at = self.made_at.to_string();
        let signature = secrets.sign("form-stamp", &[&self.id, &made_at]);
        format!("{}.{made_at}.{signature}", self.id)
    }

    /// Reads a stamp that we made; `None` for anything else.
    pub fn read(secrets: &Secrets, text: &str) -> Option<Self> {
        let (id, rest) = text.split_once('.')?;
        let (made_at, signature) = rest.split_once('.')?;
        if !secrets.verify("form-stamp", &[id, made_at], signature) {
            return None;
        }
        Some(Self { id: id.to_owned(), made_at: made_at.parse().ok()? })
    }

    /// Passes when a person may have filled the form meanwhile.
    ///
    /// # Errors
    /// Says whether it came too early or too late.
    pub fn check(&self, now: Instant, least_seconds: u32) -> Result<(), Doubt> {
        let age = SignedDuration::from_secs(now.timestamp().as_second() - self.made_at);
        if age > MAX_AGE {
            Err(Doubt::TooOld)
        } else if age < SignedDuration::from_secs(i64::from(least_seconds)) {
            Err(Doubt::TooFast)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_back_only_with_its_signature() {
        let secrets = Secrets::from_text("0123456789abcdef");
        let stamp = Stamp { id: "abc".to_owned(), made_at: 1_000 };
        let sealed = stamp.seal(&secrets);
        assert_eq!(Stamp::read(&secrets, &sealed), Some(stamp));
        assert_eq!(Stamp::read(&secrets, &sealed.replace("1000", "0900")), None);
        assert_eq!(Stamp::read(&secrets, "x"), None);
    }

    #[test]
    fn a_form_is_neither_too_young_nor_too_old() {
        let stamp = Stamp { id: String::new(), made_at: 1_000 };
        let at = |seconds: i64| Instant(seconds * 1_000_000);
        assert_eq!(stamp.check(at(1_001), 2), Err(Doubt::TooFast));
        assert_eq!(stamp.check(at(1_002), 2), Ok(()));
        assert_eq!(stamp.check(at(1_000 + 86_401), 2), Err(Doubt::TooOld));
    }
}
