use std::ops::Range;
use std::sync::Arc;

use knowledge_base::analysis::fold;

use super::batch::{self, Rules};
use super::{Incoming, Intake, IntakeError, Receipt, plain};
use crate::kernel::Kernel;
use crate::kernel::database::StoreError;
use crate::outbox::MailAddresses;
use crate::routing::{Book, Routing};
use crate::tickets::Channel;

/// What became of a contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenIn {
    /// A new ticket was opened for it.
    Opened { code: String, contact_id: i64 },
    /// It was added to a ticket that exists.
    Added { code: String, contact_id: i64 },
    /// The very same thing was taken in before.
    Seen { code: String, contact_id: i64, opened: bool },
    /// It answers a leg, and is kept with it.
    ForLeg { code: String, leg_id: i64 },
}

impl TakenIn {
    /// Stored tracking code of the ticket.
    pub fn code(&self) -> &str {
        match self {
            Self::Opened { code, .. }
            | Self::Added { code, .. }
            | Self::Seen { code, .. }
            | Self::ForLeg { code, .. } => code,
        }
    }

    /// Row id of its contact; `None` when it answers a leg.
    pub const fn contact(&self) -> Option<i64> {
        match self {
            Self::Opened { contact_id, .. } | Self::Added { contact_id, .. } | Self::Seen { contact_id, .. } => {
                Some(*contact_id)
            }
            Self::ForLeg { .. } => None,
        }
    }

    /// Name of the result, for metrics.
    pub const fn result(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Added { .. } => "added",
            Self::Seen { .. } => "seen",
            Self::ForLeg { .. } => "leg",
        }
    }
}

impl Intake {
    /// Takes one contact in, durably, in one transaction: raw bytes, person, ticket, contact, event and
    /// acknowledgement exist together or not at all. Handing over the same thing again changes nothing.
    ///
    /// # Errors
    /// When the database refuses; nothing was stored then.
    pub async fn take_in(&self, mut incoming: Incoming) -> Result<TakenIn, IntakeError> {
        self.class_in_emergency(&mut incoming);
        let channel = incoming.channel;
        let taken = if incoming.is_plain() {
            self.inner.plain.run(incoming).await
        } else {
            together(self.kernel().clone(), self.addresses().clone(), self.routing().clone(), vec![incoming])
                .await
                .pop()
        };
        let taken = taken.unwrap_or_else(|| Err(StoreError::Interrupted.into()))?;
        self.kernel().metrics.intake.with_label_values(&[channel.as_str(), taken.result()]).inc();
        Ok(taken)
    }
}

impl Intake {
    /// Gives what nobody classed the class of the emergency in force that its words name; a call that names none gets
    /// the plan's class of calls.
    fn class_in_emergency(&self, incoming: &mut Incoming) {
        let Some(now) = self.kernel().emergency.get() else { return };
        if incoming.category_id.is_some() || incoming.automatic.is_some() {
            return;
        }
        let named = now.class_of(&fold(&format!("{}\n{}", incoming.subject, incoming.text)));
        let calls = now.calls.filter(|_| incoming.channel == Channel::Phone);
        incoming.category_id = named.or(calls);
    }
}

/// Takes contacts in that share a transaction, and answers for each in order. When one cannot be taken in,
/// nothing of the others is lost: each is then taken in by itself.
pub(super) async fn together(
    kernel: Kernel,
    addresses: Arc<MailAddresses>,
    routing: Routing,
    batch: Vec<Incoming>,
) -> Vec<Result<TakenIn, IntakeError>> {
    let batch: Arc<[Incoming]> = batch.into();
    let book = match routing.book(&kernel).await {
        Ok(book) => book,
        Err(e) => {
            tracing::warn!("the rules of routing cannot be read: {e}");
            return batch.iter().map(|_| Err(StoreError::Interrupted.into())).collect();
        }
    };
    match plain::store(&kernel, &addresses, &book, &batch).await {
        Ok(Some(taken)) => return taken.into_iter().map(Ok).collect(),
        Ok(None) => {}
        Err(e) => tracing::debug!("{} contacts are taken in with a transaction: {e}", batch.len()),
    }
    match write(&kernel, &addresses, &book, &batch, 0..batch.len()).await {
        Ok(taken) => taken.into_iter().map(Ok).collect(),
        Err(e) if batch.len() == 1 => vec![Err(e)],
        Err(e) => {
            tracing::debug!("{} contacts are taken in one by one: {e}", batch.len());
            let mut taken = Vec::with_capacity(batch.len());
            for place in 0..batch.len() {
                let one = write(&kernel, &addresses, &book, &batch, place..place + 1).await;
                taken.push(one.and_then(|mut t| t.pop().ok_or_else(|| StoreError::Interrupted.into())));
            }
            taken
        }
    }
}

async fn write(
    kernel: &Kernel,
    addresses: &Arc<MailAddresses>,
    book: &Arc<Book>,
    batch: &Arc<[Incoming]>,
    places: Range<usize>,
) -> Result<Vec<TakenIn>, IntakeError> {
    let now = kernel.now();
    let receipt = Receipt::prepare(kernel);
    let (batch, addresses, book, own) = (batch.clone(), addresses.clone(), book.clone(), kernel.clone());
    kernel
        .db
        .write(move |tx| {
            Box::pin(async move {
                let rules = Rules { kernel: &own, addresses: &addresses, receipt: &receipt, book: &book };
                batch::take_in(tx, &batch[places], &rules, now).await
            })
        })
        .await
}
