//! `sportello serve`.
use clap::Args;

use super::Place;
use crate::http::{self, Services};
use crate::kernel::time::Clock;
use crate::kernel::{Kernel, telemetry};

/// Start the server.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address to listen on, such as 127.0.0.1:8080.
    #[arg(long)]
    listen: Option<String>,
}

impl Serve {
    /// Serves until it is asked to stop.
    pub async fn run(self) -> anyhow::Result<()> {
        let mut config = self.place.load()?;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        telemetry::start(&config.log);
        let listen = config.server.listen.clone();
        let kernel = Kernel::open(config, Clock::system()).await?;
        http::serve(Services::new(kernel), &listen).await
    }
}
