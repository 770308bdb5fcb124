use actix_web::HttpRequest;
use jiff::SignedDuration;

use crate::kernel::Kernel;
use crate::kernel::config::Config;
use crate::kernel::limits::{Limiter, Rate};
use crate::kernel::request::peer;

/// Time in which the look-ups of one address are counted.
pub const WINDOW: SignedDuration = SignedDuration::from_mins(10);
/// Second facts that may be tried on one code in an hour, whoever tries them.
const PROOFS_PER_HOUR: u32 = 10;

/// Limits against guessing, of one node; one for the process.
#[derive(Debug, Clone)]
pub struct TrackingLimits {
    lookups: Limiter,
    proofs: Limiter,
    quota: u32,
}

impl TrackingLimits {
    /// With the look-ups that the configuration allows.
    pub fn new(config: &Config) -> Self {
        let quota = config.citizen.lookups.max(1);
        Self {
            lookups: Limiter::new(Rate { burst: quota, per: WINDOW }),
            proofs: Limiter::new(Rate { burst: PROOFS_PER_HOUR, per: SignedDuration::from_hours(1) }),
            quota,
        }
    }

    /// Counts a look-up of the caller's address; `false` when there were too many.
    pub fn look_up(&self, kernel: &Kernel, req: &HttpRequest) -> bool {
        self.lookups.take(&address_key(kernel, req), kernel.now())
    }

    /// Counts a second fact tried on a code; `false` when there were too many.
    pub fn try_proof(&self, kernel: &Kernel, code: &str) -> bool {
        self.proofs.take(code, kernel.now())
    }

    /// Look-ups allowed in [`WINDOW`].
    pub const fn quota(&self) -> u32 {
        self.quota
    }

    /// Seconds until one more look-up is allowed.
    pub fn wait_seconds(&self) -> u64 {
        (WINDOW.as_secs().unsigned_abs() / u64::from(self.quota)).max(1)
    }
}

/// The caller's address as a key of a limiter: signed, so that memory holds no addresses.
pub fn address_key(kernel: &Kernel, req: &HttpRequest) -> String {
    kernel.secrets.sign("peer", &[&peer(req)])
}
