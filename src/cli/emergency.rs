//! `sportello emergency …`: a prepared plan comes into force and ends, also when no page can be reached. A running
//! server follows within seconds.
use std::path::PathBuf;

use anyhow::Context;
use clap::Subcommand;

use super::Place;
use crate::emergency::model::Changes;
use crate::emergency::{self, formats::Format, store};
use crate::kernel::Kernel;
use crate::kernel::events::Actor;
use crate::kernel::permissions::{Principal, Role};
use crate::routing::Routing;

/// Emergency mode.
#[derive(Debug, Subcommand)]
pub enum Emergency {
    /// Bring a plan into force.
    Start {
        #[command(flatten)]
        place: Place,
        /// The plan, as `status` lists it.
        plan: String,
        /// Why; it is kept.
        #[arg(long)]
        reason: String,
        /// Do everything and take it back at once.
        #[arg(long)]
        drill: bool,
    },
    /// End the emergency in force.
    End {
        #[command(flatten)]
        place: Place,
        /// Why; it is kept.
        #[arg(long)]
        reason: String,
    },
    /// Say what is in force, and list the plans.
    Status(Place),
    /// Say what a plan would change, and whether it fits what is there.
    Check {
        #[command(flatten)]
        place: Place,
        /// The plan, as `status` lists it.
        plan: String,
    },
    /// Save a plan from a TOML or JSON file, as its next version.
    Import {
        #[command(flatten)]
        place: Place,
        /// Its stable name.
        plan: String,
        file: PathBuf,
    },
    /// Write a plan as TOML.
    Export {
        #[command(flatten)]
        place: Place,
        plan: String,
    },
}

fn system() -> Principal {
    Principal {
        actor: Actor::System,
        role: Role::Admin,
        user_id: None,
        name: String::new(),
        language: "it".to_owned(),
        units: [].into(),
    }
}

impl Emergency {
    const fn place(&self) -> &Place {
        match self {
            Self::Status(place)
            | Self::Start { place, .. }
            | Self::End { place, .. }
            | Self::Check { place, .. }
            | Self::Import { place, .. }
            | Self::Export { place, .. } => place,
        }
    }

    /// Runs the command.
    ///
    /// # Errors
    /// Says why the plan is not in force, or not ended.
    pub async fn run(self) -> anyhow::Result<()> {
        let kernel = self.place().open().await?;
        let done = self.on(&kernel).await;
        kernel.db.close().await;
        done
    }

    async fn on(self, kernel: &Kernel) -> anyhow::Result<()> {
        let (who, routing) = (system(), Routing::default());
        match self {
            Self::Start { plan, reason, drill: true, .. } => {
                let tried = emergency::drill(kernel, &who, &plan, &reason).await?;
                tell(&tried.changes);
                println!("This was a drill: all of it was taken back.");
            }
            Self::Start { plan, reason, .. } => {
                let begun = emergency::start(kernel, &routing, &who, &plan, &reason).await?;
                tell(&begun.changes);
                println!("The plan {plan} is in force.");
            }
            Self::End { reason, .. } => {
                let (_, left) = emergency::end(kernel, &routing, &who, &reason).await?;
                for one in left {
                    println!("not taken back, because it was changed meanwhile: {} «{}»", one.what, one.name);
                }
                println!("The emergency is over.");
            }
            Self::Status(_) => status(kernel).await?,
            Self::Check { plan, .. } => {
                tell(&emergency::try_out(kernel, &who, &plan).await?);
                println!("The plan {plan} fits what is there.");
            }
            Self::Import { plan, file, .. } => {
                let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
                let number = emergency::save(kernel, &who, &plan, None, Format::read_any(&text)?).await?;
                println!("The plan {plan} is saved as version {number}.");
            }
            Self::Export { plan, .. } => {
                let row = store::plan(&mut kernel.db.read().await?, &plan).await?;
                let row = row.with_context(|| format!("there is no plan {plan}"))?;
                print!("{}", Format::Toml.write(&row.plan()?)?);
            }
        }
        Ok(())
    }
}

async fn status(kernel: &Kernel) -> anyhow::Result<()> {
    let mut conn = kernel.db.read().await?;
    match store::running(&mut conn).await? {
        Some(row) => {
            let version = store::version(&mut conn, row.version_id).await?.context("the plan in force is not there")?;
            println!("In force since {}: {} ({})", row.started_at.rfc3339(), version.slug, row.reason);
        }
        None => println!("No emergency is in force."),
    }
    for row in store::plans(&mut conn).await? {
        println!("{}\tversion {}\t{}", row.slug, row.number, row.plan()?.name);
    }
    Ok(())
}

fn tell(changes: &Changes) {
    for class in &changes.classes {
        println!("class\t{}\t{}", class.applied.slug, class.applied.name);
    }
    for rule in &changes.rules {
        println!("rule\t{}", rule.name);
    }
    for unit in &changes.units {
        println!("unit\t{}\t{}", unit.slug, unit.name);
    }
    for calendar in &changes.calendars {
        println!("calendar\t{}\t{}", calendar.slug, calendar.name);
    }
}
