//! The HTTP server of a process, from its start to its orderly end.
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpServer};
use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

use super::{Background, Services, configure, idempotency, problems, security, session, trace};
use crate::kernel::Kernel;

/// Requests under way get this long to end, background tasks this long after them: together below the ten
/// seconds that process managers give.
const DRAIN: Duration = Duration::from_secs(5);
const FINISH: Duration = Duration::from_secs(3);
const CLOSE: Duration = Duration::from_secs(1);

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    handle: ServerHandle,
    task: JoinHandle<std::io::Result<()>>,
    kernel: Kernel,
}

impl Server {
    /// Starts answering on a bound listener.
    ///
    /// # Errors
    /// When the listener cannot be used.
    pub fn start(services: &Services, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let shared = services.clone();
        let mut server = HttpServer::new(move || {
            App::new()
                .configure(|cfg| shared.register(cfg))
                .configure(configure)
                // The last one wraps all others.
                .wrap(from_fn(idempotency::keep))
                .wrap(from_fn(security::guard))
                .wrap(from_fn(session::find))
                .wrap(from_fn(problems::render))
                .wrap(Compress::default())
                .wrap(from_fn(security::headers))
                .wrap(from_fn(trace::request))
        })
        .disable_signals()
        .shutdown_timeout(DRAIN.as_secs())
        .keep_alive(Duration::from_secs(75));
        let kernel = services.kernel.clone();
        if kernel.config.server.workers > 0 {
            server = server.workers(kernel.config.server.workers);
        }
        let running = server.listen(listener)?.run();
        let handle = running.handle();
        Ok(Self { address, handle, task: tokio::spawn(running), kernel })
    }

    /// Stops in order: no new requests, those under way end, background tasks end, the database closes.
    ///
    /// # Errors
    /// When the server had failed by itself.
    pub async fn stop(self, background: Background) -> anyhow::Result<()> {
        // First, so that live streams end by themselves and do not hold the drain up.
        self.kernel.stop.cancel();
        self.handle.stop(true).await;
        let ended = self.task.await;
        background.finish(FINISH).await;
        if tokio::time::timeout(CLOSE, self.kernel.db.close()).await.is_err() {
            tracing::warn!("a database connection was still in use at the end");
        }
        Ok(ended??)
    }

    /// Stops at once, as tests do: requests under way are cut off.
    pub async fn abort(self) {
        self.kernel.stop.cancel();
        self.handle.stop(false).await;
        // How it ended is nobody's concern any more.
        drop(self.task.await);
    }
}

/// Serves until SIGTERM or SIGINT, then stops in order.
///
/// # Errors
/// When the address cannot be bound.
pub async fn serve(services: Services, listen: &str) -> anyhow::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let listener = TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let mut background = Background::new();
    services.start(&mut background);
    let server = Server::start(&services, listener)?;
    tracing::info!(http.address = %server.address, "listening on http://{}", server.address);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    server.stop(background).await?;
    tracing::info!("stopped");
    Ok(())
}
