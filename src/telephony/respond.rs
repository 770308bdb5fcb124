//! What an edge or a provider is answered.
use channels::HookAnswer;
use channels::phone::edge::{Plan, Question, Step};
use channels::phone::request::{Ask, CallRequest, Places};
use jiff::SignedDuration;

use super::route::{Asked, Decision, Goes, decide};
use super::{PhoneError, Reserved, Telephony, record, recordings, voice};
use crate::kernel::config::Phone;

/// Until its call is in the database, an agent whose telephone was told to ring is not rung by another call.
const RESERVED: SignedDuration = SignedDuration::from_secs(3);
/// Name by which another switchboard appears among those who answer.
const OVERFLOW: &str = "overflow";

impl Telephony {
    /// Stores what an account told, and answers what it asked.
    ///
    /// # Errors
    /// When the database refuses: nothing is answered then, and the teller tells again.
    pub async fn take(
        &self,
        account: &str,
        request: CallRequest,
        raw: &[u8],
    ) -> Result<Option<HookAnswer>, PhoneError> {
        let asked = request.ask.is_some().then(|| self.kernel().metrics.call_decision_seconds.start_timer());
        recordings::keep(self, request.sounds).await?;
        record::record(self.kernel(), account, request.events, raw).await?;
        let answer = match request.ask {
            None => None,
            Some(Ask::Edge(question, places)) => Some(self.plan(&question, &places).await?),
            Some(Ask::Voice(ask, places)) => Some(voice::answer(self, account, *ask, &places).await?),
        };
        drop(asked);
        Ok(answer)
    }

    async fn plan(&self, question: &Question, places: &Places) -> Result<HookAnswer, PhoneError> {
        let asked = Asked {
            call: &question.call,
            called: question.parties.to.as_deref().unwrap_or_default(),
            round: question.round,
            overflow: !places.overflow.is_empty(),
            voicemail: !places.voicemail.is_empty(),
            ..Asked::default()
        };
        let decision = self.decide(&asked).await?;
        let body = Plan::new(steps(&decision, places, &self.kernel().config.phone)).to_json();
        Ok(HookAnswer { media_type: "application/json", body })
    }

    /// Decides on what is known now, and keeps the agent who is rung first from other calls.
    pub(super) async fn decide(&self, asked: &Asked<'_>) -> Result<Decision, PhoneError> {
        let (board, now) = (self.board().await?, self.kernel().now());
        let (rules, open) = (&self.kernel().config.phone, self.hours().is_open(now));
        // Two calls that ask at the same time are not told to ring the same agent.
        Ok(self.reserving(now, |reserved| {
            let decision = decide(rules, &board.agents_now(asked.call, now, reserved), open, asked);
            if let Some(Goes::Ring { extension, .. }) = decision.goes.first() {
                let kept = Reserved { call: asked.call.to_owned(), until: now.plus(RESERVED) };
                reserved.insert(extension.clone(), kept);
            }
            decision
        }))
    }
}

fn steps(decision: &Decision, places: &Places, rules: &Phone) -> Vec<Step> {
    let ring = |uri: &str, agent: &str, seconds| Step::Ring {
        uri: uri.to_owned(),
        agent: agent.to_owned(),
        seconds,
        record: places.records,
    };
    let mut steps = Vec::new();
    for goes in &decision.goes {
        match goes {
            Goes::Ring { extension, address } => steps.push(ring(address, extension, rules.ring_seconds)),
            Goes::Wait => steps.push(Step::Queue {
                queue: decision.queue.name.clone(),
                uri: places.media.clone(),
                announcement: decision.queue.name.clone(),
                music: "attesa".to_owned(),
                seconds: rules.queue_seconds,
            }),
            // As long as all telephones of an office may ring.
            Goes::Overflow => steps.push(ring(&places.overflow, OVERFLOW, rules.ring_seconds.saturating_mul(3))),
            Goes::Voicemail => steps.push(Step::Voicemail { uri: places.voicemail.clone() }),
            Goes::Closed if places.closed.is_empty() => {
                steps.push(Step::Reject { code: 480, reason: "Temporarily Unavailable".to_owned() });
            }
            Goes::Closed => steps.push(Step::Closed { uri: places.closed.clone() }),
        }
    }
    steps
}
