//! Composition: what the server is made of. Each capability brings its routes and its background tasks; here
//! they are listed, wrapped in the middleware, and started and stopped together.
mod assets;
mod background;
mod health;
mod live;
mod problems;
mod security;
mod server;
mod session;
mod trace;

use std::sync::Arc;

use actix_web::web;

pub use background::Background;
pub use live::LiveFeed;
pub use server::{Server, serve};

use crate::identity;
use crate::identity::{SignInLimits, TokenCache};
use crate::kernel::Kernel;
use crate::tickets;
use crate::tickets::queues::Counter;

/// What handlers find as application data: one of each for the whole process.
#[derive(Clone)]
pub struct Services {
    pub kernel: Kernel,
    pub tokens: TokenCache,
    pub sign_in_limits: SignInLimits,
    pub live: LiveFeed,
}

impl Services {
    /// The services of a process on this kernel.
    pub fn new(kernel: Kernel) -> Self {
        Self {
            kernel,
            tokens: TokenCache::default(),
            sign_in_limits: SignInLimits::default(),
            live: LiveFeed::default(),
        }
    }

    /// Registers each service by its type.
    fn register(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.kernel.clone()))
            .app_data(web::Data::new(self.tokens.clone()))
            .app_data(web::Data::new(self.sign_in_limits.clone()))
            .app_data(web::Data::new(self.live.clone()));
    }

    /// Starts what works beside the requests; each task ends when `kernel.stop` is cancelled.
    pub fn start(&self, background: &mut Background) {
        live::start(self, background);
        background.read(&self.kernel, Arc::new(Counter));
    }
}

/// All routes. A capability registers its full paths: `/api/v1/…`, `/hooks/…` and pages.
pub fn configure(cfg: &mut web::ServiceConfig) {
    identity::routes(cfg);
    tickets::pages::routes(cfg);
    live::routes(cfg);
    health::routes(cfg);
    assets::routes(cfg);
}
