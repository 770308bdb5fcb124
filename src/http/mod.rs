//! Composition: what the server is made of. Each capability brings its routes and its background tasks; here
//! they are listed, wrapped in the middleware, and started and stopped together.
mod assets;
mod background;
mod calls;
mod health;
mod idempotency;
mod live;
mod openapi;
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

use crate::accounts::Accounts;
use crate::automation::{rules, subscriptions};
use crate::identity::{SignInLimits, TokenCache};
use crate::intake::Intake;
use crate::intake::quarantine;
use crate::intake::reading::ReceivingStatus;
use crate::intake::web_form::{self, FormLimits};
use crate::kernel::Kernel;
use crate::knowledge::{KnowledgeIndex, RatingLimits};
use crate::lookups::Lookups;
use crate::telephony::{Lines, Telephony};
use crate::tickets::presence::Presence;
use crate::tickets::search::TicketIndex;
use crate::tickets::tracking::{self, TrackingLimits};
use crate::{
    accounts, bulletin, classification, clocks, emergency, identity, intake, knowledge, letters, lookups, network,
    organisation, outbox, protocols, registry, routing, supervision, telephony, tickets,
};

/// What handlers find as application data: one of each for the whole process.
#[derive(Clone)]
pub struct Services {
    pub kernel: Kernel,
    pub tokens: TokenCache,
    pub sign_in_limits: SignInLimits,
    pub live: LiveFeed,
    pub presence: Presence,
    pub intake: Intake,
    pub knowledge: Arc<KnowledgeIndex>,
    pub ticket_index: Arc<TicketIndex>,
    pub precedents: tickets::precedents::Memory,
    pub form_limits: FormLimits,
    pub tracking_limits: TrackingLimits,
    pub rating_limits: RatingLimits,
    pub directory: organisation::Directory,
    pub renewal_limits: network::RenewalLimits,
    /// How the accounts do that this node receives from.
    pub mail: ReceivingStatus,
    pub accounts: Accounts,
    pub telephony: Telephony,
    pub lookups: Lookups,
}

impl Services {
    /// The services of a process on this kernel.
    pub fn new(kernel: Kernel) -> Self {
        let (intake, mail) = (Intake::new(&kernel), ReceivingStatus::default());
        let telephony = Telephony::new(&intake);
        Self {
            accounts: Accounts::new(&intake, &mail, Arc::new(telephony.clone())),
            telephony,
            lookups: Lookups::default(),
            intake,
            knowledge: KnowledgeIndex::new(&kernel),
            ticket_index: TicketIndex::new(&kernel),
            precedents: tickets::precedents::Memory::default(),
            form_limits: FormLimits::new(&kernel.config),
            tracking_limits: TrackingLimits::new(&kernel.config),
            rating_limits: RatingLimits::new(&kernel.config),
            directory: organisation::Directory::default(),
            renewal_limits: network::RenewalLimits::default(),
            kernel,
            tokens: TokenCache::default(),
            sign_in_limits: SignInLimits::default(),
            live: LiveFeed::default(),
            mail,
            presence: Presence::default(),
        }
    }

    /// Registers each service by its type.
    fn register(&self, cfg: &mut web::ServiceConfig) {
        cfg.app_data(web::Data::new(self.kernel.clone()))
            .app_data(web::Data::new(self.tokens.clone()))
            .app_data(web::Data::new(self.sign_in_limits.clone()))
            .app_data(web::Data::new(self.live.clone()))
            .app_data(web::Data::new(self.presence.clone()))
            .app_data(web::Data::new(self.intake.clone()))
            .app_data(web::Data::new(self.intake.routing().clone()))
            .app_data(web::Data::from(self.knowledge.clone()))
            .app_data(web::Data::from(self.ticket_index.clone()))
            .app_data(web::Data::new(self.precedents.clone()))
            .app_data(web::Data::new(self.form_limits.clone()))
            .app_data(web::Data::new(self.tracking_limits.clone()))
            .app_data(web::Data::new(self.rating_limits.clone()))
            .app_data(web::Data::new(self.directory.clone()))
            .app_data(web::Data::new(self.renewal_limits.clone()))
            .app_data(web::Data::new(self.mail.clone()))
            .app_data(web::Data::new(self.accounts.clone()))
            .app_data(web::Data::new(self.telephony.clone()))
            .app_data(web::Data::new(self.lookups.clone()))
            .app_data(web::Data::from(Arc::new(self.accounts.clone()) as Arc<dyn Lines>));
    }

    /// Starts what works beside the requests; each task ends when `kernel.stop` is cancelled.
    pub fn start(&self, background: &mut Background) {
        live::start(self, background);
        background.spawn("knowledge index", knowledge::follow(self.kernel.clone(), self.knowledge.clone()));
        background.spawn("sheets seen", knowledge::gaps::follow(self.kernel.clone(), self.knowledge.clone()));
        background.spawn("knowledge due", knowledge::versions::due::follow(self.kernel.clone()));
        background.spawn("sheet links", knowledge::linkcheck::follow(self.kernel.clone()));
        background.spawn("taxonomies due", classification::follow(self.kernel.clone()));
        background.spawn("emergency", emergency::follow(self.kernel.clone()));
        background.spawn("hours of the desk", clocks::office::follow(self.kernel.clone()));
        background.spawn("bulletins due", bulletin::follow(self.kernel.clone()));
        background.spawn("ticket index", tickets::search::follow(self.kernel.clone(), self.ticket_index.clone()));
        background.spawn("shared-answers", tickets::incidents::follow(self.kernel.clone()));
        background.spawn("precedents", tickets::precedents::follow(self.kernel.clone(), self.precedents.clone()));
        background.spawn("stuck", supervision::stuck::follow(self.kernel.clone()));
        background.spawn("leg reminders", network::remind::follow(self.kernel.clone()));
        background.spawn("reorganisations", network::reorganise::follow(self.kernel.clone()));
        background.spawn("assignment", tickets::assignment::push::follow(self.kernel.clone()));
        background.spawn("close resolved", tickets::resolve::follow(self.kernel.clone()));
        let zone = self.kernel.config.zone();
        background.read(&self.kernel, Arc::new(tickets::queues::Counter));
        background.read(&self.kernel, Arc::new(tickets::assignment::Prioritiser));
        background.read(&self.kernel, Arc::new(network::late::Updates::new(&self.kernel)));
        background.read(&self.kernel, Arc::new(knowledge::gaps::Outcomes::new(zone.clone())));
        background.read(&self.kernel, Arc::new(protocols::Follower::new(zone.clone())));
        background.read(&self.kernel, Arc::new(supervision::Closures::new(zone)));
        background.spawn("terms due", protocols::follow(self.kernel.clone()));
        for (name, task) in intake::mail::tasks(&self.intake, &self.mail) {
            background.spawn(name, task);
        }
        for (name, task) in accounts::start(&self.accounts) {
            background.spawn(name, task);
        }
        background.spawn("accounts' standing", accounts::standing::follow(self.accounts.clone()));
        background.spawn("reconciliation", accounts::reconciliation::follow(self.accounts.clone()));
        background.spawn("gateway totals", accounts::reconciliation::follow_gateways(self.accounts.clone()));
        background.spawn("tallies", crate::kernel::tally::follow(self.kernel.clone()));
        background.read(&self.kernel, Arc::new(subscriptions::Follower::new(&self.kernel)));
        background.spawn("event deliveries", subscriptions::deliver(self.kernel.clone()));
        background.read(&self.kernel, Arc::new(rules::Follower::new(&self.kernel)));
        background.spawn("rules", rules::work(self.kernel.clone()));
        background.spawn("rules gauges", rules::measure(self.kernel.clone()));
        for (name, task) in network::ways::start(&self.kernel) {
            background.spawn(name, task);
        }
        for (name, task) in telephony::start(&self.telephony) {
            background.spawn(name, task);
        }
        background.spawn("intake gauges", quarantine::measure(self.kernel.clone(), self.mail.clone()));
        background.spawn("outbox gauges", outbox::measure(self.kernel.clone()));
        if let Some(lane) = outbox::EmailLane::new(&self.kernel) {
            background.spawn("outbox", outbox::work(self.kernel.clone(), Arc::new(lane)));
        }
    }
}

/// All routes: the JSON API, hooks of other systems, pages, and what belongs to the server itself. A
/// capability's `api_routes` are relative to `/api/v1`, its other routes are full paths.
pub fn configure(cfg: &mut web::ServiceConfig) {
    cfg.service(web::scope("/api/v1").configure(api));
    identity::page_routes(cfg);
    knowledge::routes(cfg);
    bulletin::routes(cfg);
    intake::desk::routes(cfg);
    intake::counter::pages::routes(cfg);
    tickets::pages::routes(cfg);
    tickets::takeovers::pages::routes(cfg);
    tickets::assignment::pages::routes(cfg);
    tickets::proposals::pages::routes(cfg);
    supervision::pages::routes(cfg);
    protocols::pages::routes(cfg);
    supervision::stuck::pages::routes(cfg);
    supervision::flows::pages::routes(cfg);
    web_form::routes(cfg);
    quarantine::pages::routes(cfg);
    outbox::pages::routes(cfg);
    outbox::wording::pages::routes(cfg);
    outbox::printing::pages::routes(cfg);
    tracking::routes(cfg);
    network::routes(cfg);
    classification::routes(cfg);
    routing::routes(cfg);
    emergency::routes(cfg);
    lookups::routes(cfg);
    subscriptions::routes(cfg);
    rules::routes(cfg);
    accounts::routes(cfg);
    telephony::routes(cfg);
    registry::pages::routes(cfg);
    letters::pages::routes(cfg);
    openapi::routes(cfg);
    live::routes(cfg);
    health::routes(cfg);
    assets::routes(cfg);
}

/// The JSON API.
fn api(cfg: &mut web::ServiceConfig) {
    identity::api_routes(cfg);
    intake::api::api_routes(cfg);
    intake::counter::api::api_routes(cfg);
    knowledge::api_routes(cfg);
    bulletin::api::api_routes(cfg);
    network::api_routes(cfg);
    organisation::api_routes(cfg);
    classification::api::routes(cfg);
    routing::api::routes(cfg);
    emergency::api::routes(cfg);
    lookups::api::routes(cfg);
    subscriptions::api_routes(cfg);
    rules::api_routes(cfg);
    accounts::api_routes(cfg);
    outbox::wording::api::api_routes(cfg);
    telephony::api_routes(cfg);
    registry::api::api_routes(cfg);
    letters::api::api_routes(cfg);
    outbox::printing::api::api_routes(cfg);
    web_form::api_routes(cfg);
    tracking::api_routes(cfg);
    tickets::takeovers::api::api_routes(cfg);
    tickets::assignment::api::api_routes(cfg);
    tickets::proposals::api::api_routes(cfg);
    tickets::api::api_routes(cfg);
    supervision::api::api_routes(cfg);
    protocols::api::api_routes(cfg);
    supervision::stuck::api::api_routes(cfg);
    supervision::flows::api::api_routes(cfg);
    openapi::api_routes(cfg);
}
