use actix_web::HttpRequest;
use jiff::SignedDuration;

use crate::kernel::Kernel;
use crate::kernel::config::Config;
use crate::kernel::limits::{Limiter, Rate};
use crate::tickets::tracking::address_key;

/// Limit of ratings from one address, of one node; one for the process.
#[derive(Debug, Clone)]
pub struct RatingLimits(Limiter);

impl RatingLimits {
    /// With the ratings that the configuration allows.
    pub fn new(config: &Config) -> Self {
        let burst = config.citizen.ratings_per_hour.max(1);
        Self(Limiter::new(Rate { burst, per: SignedDuration::from_hours(1) }))
    }

    /// Counts a rating of the caller's address; `false` when there were too many.
    pub(super) fn take(&self, kernel: &Kernel, req: &HttpRequest) -> bool {
        self.0.take(&address_key(kernel, req), kernel.now())
    }
}
