//! Short-lived news that the nodes tell each other and nobody stores, such as who looks at which page. What
//! is lost is said again soon by whoever said it, so nothing may depend on a single aside.
use std::sync::Arc;

use tokio::sync::broadcast;

/// Something said between nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Whom it concerns: one word.
    pub topic: String,
    pub body: String,
}

/// Says and hears asides; cheap to clone. On SQLite there is nobody to talk to.
#[derive(Debug, Clone)]
pub struct Asides {
    said: broadcast::Sender<Arc<Aside>>,
    heard: broadcast::Sender<Arc<Aside>>,
}

impl Default for Asides {
    fn default() -> Self {
        Self { said: broadcast::channel(1024).0, heard: broadcast::channel(1024).0 }
    }
}

impl Asides {
    /// Says something to the other nodes. A body is at most a few hundred bytes.
    pub fn say(&self, topic: &str, body: String) {
        // Without other nodes nobody carries it, which is no error.
        drop(self.said.send(Arc::new(Aside { topic: topic.to_owned(), body })));
    }

    /// What the other nodes say from now on.
    pub fn hear(&self) -> broadcast::Receiver<Arc<Aside>> {
        self.heard.subscribe()
    }

    /// What this node says from now on: for the task that carries it.
    pub(super) fn to_carry(&self) -> broadcast::Receiver<Arc<Aside>> {
        self.said.subscribe()
    }

    /// Hands over what another node said.
    pub(super) fn came(&self, topic: &str, body: &str) {
        drop(self.heard.send(Arc::new(Aside { topic: topic.to_owned(), body: body.to_owned() })));
    }
}
