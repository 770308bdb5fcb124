use super::PersonError;
use crate::kernel::Kernel;
use crate::kernel::permissions::{Permission, Principal};
use crate::outbox::{self, ConsentSource, NewConsent};
use crate::people;

/// Writes down what a person said to an agent about notices by text message to one of their numbers.
///
/// # Errors
/// When the number is not theirs.
pub async fn set_consent(
    kernel: &Kernel,
    who: &Principal,
    person: i64,
    number: &str,
    given: bool,
) -> Result<(), PersonError> {
    who.require(Permission::WorkTickets)?;
    let (now, actor, number) = (kernel.now(), who.actor.clone(), number.to_owned());
    let write = kernel.db.write(move |tx| {
        Box::pin(async move {
            let theirs = people::store::identifiers(tx, person).await?;
            if !theirs.iter().any(|i| i.kind == "phone" && i.value == number) {
                return Err(PersonError::NotFound);
            }
            let source = ConsentSource::Desk;
            let new = NewConsent { channel: outbox::SMS, address: &number, given, source, raw: None, actor };
            outbox::record_consent(tx, &new, now).await?;
            Ok(())
        })
    });
    write.await
}
