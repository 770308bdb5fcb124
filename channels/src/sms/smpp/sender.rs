//! Sending through an SMSC, over a connection of this process that is opened when it is first needed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::Instant;

use super::pdu::{
    MESSAGE_PAYLOAD, Number, Packet, SAR_REFERENCE, SAR_SEQUENCE, SAR_TOTAL, SUBMIT_SM, ShortMessage, leading_text,
};
use super::session::{Role, Session, SmppError};
use super::status::{OK, is_busy, refused};
use super::{Alphabet, Config, LongTexts};
use crate::sms::segments::{Encoding, Prepared, in_ucs2};
use crate::sms::settings::transient;
use crate::sms::{gsm, udh};
use crate::waiting::Pause;
use crate::{ChannelKind, Deliver, DeliveryError, Outgoing, Sent};

/// Times that a busy SMSC is asked again before the outbox takes over.
const TRIES: u32 = 3;

/// Between them.
const BREATH: Duration = Duration::from_secs(1);

/// Sends texts through one SMSC.
pub(crate) struct SmppSender {
    config: Arc<Config>,
    link: Mutex<Link>,
    window: Semaphore,
}

/// The connection, or when to try again to have one.
#[derive(Default)]
struct Link {
    session: Option<Arc<Session>>,
    failed: Option<(Instant, SmppError)>,
    pause: Pause,
}

impl SmppSender {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        let window = Semaphore::new(config.window);
        Self { config, link: Mutex::default(), window }
    }

    async fn session(&self) -> Result<Arc<Session>, DeliveryError> {
        let mut link = self.link.lock().await;
        if let Some(session) = link.session.as_ref().filter(|s| !s.is_over()) {
            return Ok(session.clone());
        }
        if let Some((until, why)) = link.failed.as_ref().filter(|(until, _)| *until > Instant::now()) {
            let seconds = until.saturating_duration_since(Instant::now()).as_secs() + 1;
            return Err(transient(format!("{why}; next attempt in {seconds} s")));
        }
        match Session::open(&self.config, Role::Transmitter).await {
            Ok((session, _nothing_comes_to_a_transmitter)) => {
                let session = Arc::new(session);
                *link = Link { session: Some(session.clone()), ..Link::default() };
                Ok(session)
            }
            Err(why) => {
                link.session = None;
                link.failed = Some((Instant::now() + link.pause.next(), why.clone()));
                Err(transient(why.to_string()))
            }
        }
    }

    /// Sends one part, with patience for a busy SMSC.
    async fn submit(&self, session: &Session, part: &ShortMessage) -> Result<Packet, DeliveryError> {
        let mut tries = 1;
        loop {
            let answer = {
                let _place = self.window.acquire().await.map_err(|e| transient(e.to_string()))?;
                session.request(SUBMIT_SM, part.to_body()).await.map_err(|e| transient(e.to_string()))?
            };
            match answer.status {
                OK => return Ok(answer),
                status if is_busy(status) && tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(BREATH).await;
                }
                _ => return Err(refused(&answer)),
            }
        }
    }
}

#[async_trait]
impl Deliver<Outgoing> for SmppSender {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn at_once(&self) -> usize {
        self.config.window
    }

    async fn deliver(&self, message: &Outgoing) -> Result<Sent, DeliveryError> {
        let (recipient, prepared) = self.config.common.prepare(message)?;
        let parts = parts(&self.config, &recipient, &message.id, prepared);
        let session = self.session().await?;
        let mut id = String::new();
        for part in &parts {
            id = leading_text(&self.submit(&session, part).await?.body);
        }
        let response = format!("{} of {} accepted as {id}", parts.len(), parts.len());
        Ok(Sent { provider_id: Some(id).filter(|id| !id.is_empty()), response, printable: None })
    }

    async fn check(&self) -> Result<String, String> {
        super::check(&self.config, Role::Transmitter).await
    }
}

/// The packets of one text. Their reference comes from our own id: should an attempt break off half-way, the next
/// one sends the same parts again, and the telephone joins what it has of both.
fn parts(config: &Config, recipient: &str, own_id: &str, prepared: Prepared) -> Vec<ShortMessage> {
    let (data_coding, segments) = coded(config.alphabet, prepared);
    let total = segments.len();
    let reference = Sha256::digest(own_id.as_bytes())[0];
    let base = ShortMessage {
        source: Number::of(&config.common.sender),
        destination: Number::of(recipient),
        data_coding,
        ..ShortMessage::default()
    };
    // The receipt of the last part stands for the whole.
    if total > 1 && config.long_texts == LongTexts::Payload {
        let tlvs = vec![(MESSAGE_PAYLOAD, segments.concat())];
        return vec![ShortMessage { tlvs, registered_delivery: 1, ..base }];
    }
    let count = u8::try_from(total).unwrap_or(u8::MAX);
    let part = |(sequence, text): (u8, Vec<u8>)| {
        let registered_delivery = u8::from(sequence == count);
        let base = ShortMessage { registered_delivery, ..base.clone() };
        match config.long_texts {
            _ if count == 1 => ShortMessage { text, ..base },
            LongTexts::Sar => {
                let tlvs =
                    vec![(SAR_REFERENCE, vec![0, reference]), (SAR_TOTAL, vec![count]), (SAR_SEQUENCE, vec![sequence])];
                ShortMessage { text, tlvs, ..base }
            }
            LongTexts::Udh | LongTexts::Payload => {
                let text = [&udh::header(reference, count, sequence)[..], &text].concat();
                ShortMessage { text, esm_class: 0x40, ..base }
            }
        }
    };
    (1..=count).zip(segments).map(part).collect()
}

/// The bytes of each part and how they are to be read.
fn coded(alphabet: Alphabet, prepared: Prepared) -> (u8, Vec<Vec<u8>>) {
    const UCS2: u8 = 8;
    match (prepared.encoding, alphabet) {
        (Encoding::Ucs2, _) => (UCS2, prepared.segments),
        (Encoding::Gsm7, Alphabet::Gsm) => (0, prepared.segments),
        (Encoding::Gsm7, Alphabet::Latin1) => {
            let latin1 = |segment: &Vec<u8>| gsm::decode(segment).chars().map(|c| u8::try_from(c).ok()).collect();
            match prepared.segments.iter().map(latin1).collect::<Option<Vec<Vec<u8>>>>() {
                Some(segments) => (0, segments),
                None => (UCS2, in_ucs2(prepared.text).segments),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::segments::prepare;
    use crate::sms::smpp::tests::config;

    #[test]
    fn a_long_text_goes_in_parts_in_each_way() {
        let text = "à".repeat(200);
        let sent = |long_texts| parts(&config(Alphabet::Gsm, long_texts), "+393331234567", "7", prepare(&text));
        let udh = sent(LongTexts::Udh);
        assert_eq!(
            udh.iter().map(|p| (p.text.len(), p.esm_class, p.registered_delivery)).collect::<Vec<_>>(),
            [(159, 0x40, 0), (53, 0x40, 1)]
        );
        assert_eq!((udh[1].text[..3].to_vec(), udh[1].text[4..6].to_vec()), (vec![5, 0, 3], vec![2, 2]));
        let sar = sent(LongTexts::Sar);
        assert_eq!((sar[1].number(SAR_TOTAL), sar[1].number(SAR_SEQUENCE), sar[1].text.len()), (Some(2), Some(2), 47));
        assert_eq!(sar[0].number(SAR_REFERENCE), Some(u16::from(udh[0].text[3])), "the same at every attempt");
        let payload = sent(LongTexts::Payload);
        assert_eq!((payload.len(), payload[0].tlv(MESSAGE_PAYLOAD).map(<[u8]>::len)), (1, Some(200)));
    }

    #[test]
    fn an_smsc_that_speaks_latin_1_gets_it_or_ucs_2() {
        let sent = |text: &str| {
            let config = config(Alphabet::Latin1, LongTexts::Udh);
            let part = parts(&config, "+393331234567", "7", prepare(text)).remove(0);
            (part.data_coding, part.text)
        };
        assert_eq!(sent("è[@]"), (0, vec![0xE8, b'[', b'@', b']']));
        assert_eq!(sent("5 €"), (8, vec![0, b'5', 0, b' ', 0x20, 0xAC]));
    }
}
