//! The tasks that work beside the requests: started together, and waited for when the process stops.
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::kernel::Kernel;
use crate::kernel::events::{self, Reader};

/// The running background tasks of this process.
pub struct Background {
    runtime: Handle,
    tasks: Vec<(&'static str, JoinHandle<()>)>,
}

impl Background {
    /// An empty registry; its tasks run on the runtime of the caller, which outlives the request workers.
    pub fn new() -> Self {
        Self { runtime: Handle::current(), tasks: Vec::new() }
    }

    /// Starts a task; it must end soon after `kernel.stop` is cancelled.
    pub fn spawn(&mut self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.push((name, self.runtime.spawn(task)));
    }

    /// Starts a reader of the event feed.
    pub fn read(&mut self, kernel: &Kernel, reader: Arc<dyn Reader>) {
        let name = reader.name();
        self.spawn(name, events::run(kernel.db.clone(), kernel.wake.clone(), reader, kernel.stop.clone()));
    }

    /// Waits for all tasks to end; those still running after `limit` are aborted.
    pub async fn finish(self, limit: Duration) {
        let deadline = Instant::now() + limit;
        for (name, mut task) in self.tasks {
            match timeout_at(deadline, &mut task).await {
                Ok(Ok(())) => {}
                Ok(Err(e)) => {
                    tracing::error!(task.name = name, "background task {name} failed: {e}")
                }
                Err(_) => {
                    tracing::warn!(task.name = name, "background task {name} did not stop in time");
                    task.abort();
                }
            }
        }
    }
}

impl Default for Background {
    fn default() -> Self {
        Self::new()
    }
}
