//! The citizen's web form and its JSON twin: a request becomes a contact like any other, with a code to follow
//! it. Nothing here needs JavaScript, and robots are held off without a puzzle: a field that people do not
//! see, a stamp that says when the form was made, and a limit for each address. Whatever is refused comes back
//! with everything that was typed and chosen, and says what to do.
mod add;
mod answers;
mod api;
mod assisted;
mod check;
mod class;
mod files;
mod form;
mod home;
mod kept;
mod pages;
mod sent;
mod sniff;
mod stamp;
mod store;
mod submit;
mod upload;

use actix_web::{HttpRequest, web};
use jiff::SignedDuration;

pub use api::Api;
pub use submit::{ASSISTED, SMS_ASKED};

use crate::kernel::Kernel;
use crate::kernel::config::Config;
use crate::kernel::limits::{Limiter, Rate};
use crate::tickets::tracking::address_key;

/// Uploads one address may begin for each form it may send: corrections cost an upload too.
const UPLOADS_PER_FORM: u32 = 10;

/// Limits of the forms, of one node; one for the process.
#[derive(Debug, Clone)]
pub struct FormLimits {
    forms: Limiter,
    uploads: Limiter,
    per_hour: u32,
}

impl FormLimits {
    /// With the forms that the configuration allows.
    pub fn new(config: &Config) -> Self {
        let per_hour = config.citizen.forms_per_hour.max(1);
        let per = SignedDuration::from_hours(1);
        Self {
            forms: Limiter::new(Rate { burst: per_hour, per }),
            uploads: Limiter::new(Rate { burst: per_hour.saturating_mul(UPLOADS_PER_FORM), per }),
            per_hour,
        }
    }

    /// Counts a form about to be taken in; `false` when its address sent too many.
    fn send(&self, kernel: &Kernel, req: &HttpRequest) -> bool {
        self.forms.take(&address_key(kernel, req), kernel.now())
    }

    /// Counts an upload about to be read.
    fn upload(&self, kernel: &Kernel, req: &HttpRequest) -> bool {
        self.uploads.take(&address_key(kernel, req), kernel.now())
    }

    /// Seconds until one more form is allowed.
    fn wait_seconds(&self) -> u64 {
        (3600 / u64::from(self.per_hour)).max(1)
    }
}

/// Pages of the citizen's side, with full paths.
pub fn routes(cfg: &mut web::ServiceConfig) {
    home::routes(cfg);
    pages::routes(cfg);
    answers::routes(cfg);
    sent::routes(cfg);
    add::routes(cfg);
    assisted::routes(cfg);
}

/// Routes below `/api/v1`.
pub fn api_routes(cfg: &mut web::ServiceConfig) {
    api::routes(cfg);
}
