//! What can be wished of a line while somebody talks on it.

use async_trait::async_trait;

/// What shall become of the recording of a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// What is said from now on is not to be heard later: the number of a payment card.
    Pause,
    /// It goes on.
    Resume,
}

/// Who records the talks of an account, and who can interrupt that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorder {
    /// Nobody.
    None,
    /// The provider, which is told.
    Provider,
    /// The exchange that carries the sound, which nobody can tell: whoever talks pauses it at the telephone.
    Exchange,
}

/// Why a wish was not fulfilled: the recording goes on as before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The call is not being recorded.
    #[error("this call is not being recorded")]
    NotRecorded,
    /// The provider refuses or cannot be reached.
    #[error("the provider does not do it: {0}")]
    Refused(String),
}

/// Whoever carries the talks of an account.
#[async_trait]
pub trait Line: Send + Sync {
    /// Who records them.
    fn recorder(&self) -> Recorder;

    /// Tells the recorder of a call what is wished. Wished twice, it is done once.
    ///
    /// # Errors
    /// When nothing changed.
    async fn record(&self, call: &str, wish: Wish) -> Result<(), LineError>;
}
