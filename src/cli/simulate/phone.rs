//! `sportello simulate phone`: citizens call, through whichever kind of line the account is for.
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use rand::RngExt;
use rand::rngs::StdRng;

use super::drive::{drive, finish};
use super::options::{Hooks, Traffic};
use super::tally::Tally;
use super::wire::Wire;
use super::words::Town;
use super::{edge, exchange, gateway, voice};

/// Citizens call.
#[derive(Debug, Clone, Args)]
pub struct Phone {
    #[command(flatten)]
    pub hooks: Hooks,
    #[command(flatten)]
    traffic: Traffic,
    /// What holds the line.
    #[arg(long = "as", value_enum, default_value_t = Line::Sip)]
    line: Line,
    /// Numbers of ours that are called, divided by commas; the demo's toll-free number otherwise.
    #[arg(long, value_delimiter = ',')]
    to: Vec<String>,
    /// Share of ringing telephones that somebody answers.
    #[arg(long, default_value_t = 0.85)]
    answered: f64,
    /// Share of callers who wait when they must, and leave a message when they can.
    #[arg(long, default_value_t = 0.7)]
    patient: f64,
    /// How many times faster than real calls these are.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Name of the exchange's agents, for a line that rings them itself.
    #[arg(long, value_delimiter = ',', default_value = "Giada,Nicolò,Samira")]
    agents: Vec<String>,
    /// As Twilio, give out recordings at this address of this machine (`url` of the account); without it callers
    /// leave no messages.
    #[arg(long)]
    pub listen: Option<String>,
}

/// What holds the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Line {
    /// A SIP edge that asks where each call goes (`phone_sip`).
    Sip,
    /// An exchange that tells of calls as it tells a Zammad (`phone_cti`).
    Cti,
    /// Twilio, whose forms are answered with what a call does next (`phone_twilio`).
    Twilio,
}

/// A citizen on the telephone.
pub struct Caller {
    pub call: String,
    pub from: String,
    pub name: String,
    pub to: String,
    pub chance: StdRng,
    pub seed: u64,
}

/// What all calls of a run share.
pub struct Switch {
    pub wire: Wire,
    pub phone: Phone,
    pub town: Town,
}

impl Phone {
    /// Calls until there are no more.
    ///
    /// # Errors
    /// When the embedded files cannot be read.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let tally = Arc::new(Tally::default());
        let town = Town::new(&self.traffic)?;
        if let Some(address) = &self.listen {
            gateway::play(address)?;
        }
        let traffic = self.traffic.clone();
        let switch = Arc::new(Switch { wire: Wire::new(&tally)?, phone: self, town });
        // Two runs with one seed are two days: their calls have other names.
        let run = switch.wire.now();
        drive(&traffic, &tally, |number| {
            let switch = Arc::clone(&switch);
            async move {
                let caller = switch.caller(run, number);
                match switch.phone.line {
                    Line::Sip => edge::call(&switch, caller).await,
                    Line::Cti => exchange::call(&switch, caller).await,
                    Line::Twilio => voice::call(&switch, caller).await,
                }
            }
        })
        .await;
        finish(&traffic, &tally)
    }
}

impl Switch {
    fn caller(&self, run: i64, number: u64) -> Caller {
        let citizen = self.town.citizen(number);
        let numbers = &self.phone.to;
        let to = usize::try_from(number).ok().and_then(|n| numbers.get(n % numbers.len().max(1)).cloned());
        Caller {
            call: format!("sim-{run}-{number}"),
            from: citizen.phone,
            name: citizen.name,
            to: to.unwrap_or_else(|| self.town.toll_free()),
            chance: self.town.chance(number ^ 0x7e1e),
            seed: number,
        }
    }

    /// Lets some seconds of a call pass, less when the run is sped up; answers how many real ones they were.
    pub async fn pass(&self, caller: &mut Caller, seconds: std::ops::Range<u64>) -> Duration {
        let seconds = caller.chance.random_range(seconds) as f64 / self.phone.speed.max(0.001);
        let time = Duration::from_secs_f64(seconds);
        tokio::time::sleep(time).await;
        time
    }

    /// Whether the agent whose telephone rings answers.
    pub fn answers(&self, caller: &mut Caller) -> bool {
        caller.chance.random_bool(self.phone.answered.clamp(0.0, 1.0))
    }

    /// Whether the caller waits, or speaks to a machine.
    pub fn is_patient(&self, caller: &mut Caller) -> bool {
        caller.chance.random_bool(self.phone.patient.clamp(0.0, 1.0))
    }

    /// An agent of an exchange that rings its own.
    pub fn agent(&self, caller: &mut Caller) -> String {
        let agents = &self.phone.agents;
        let place = caller.chance.random_range(0..agents.len().max(1));
        agents.get(place).cloned().unwrap_or_default()
    }
}
