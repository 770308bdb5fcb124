//! Statuses of SMPP 3.4 that decide something.

use super::pdu::Packet;
use crate::{DeliveryError, Refusal};

pub(crate) const OK: u32 = 0x00;
pub(crate) const INVALID_COMMAND: u32 = 0x03;
/// What an account does that it is not bound for.
pub(crate) const WRONG_BIND: u32 = 0x04;
pub(crate) const INVALID_PASSWORD: u32 = 0x0E;
pub(crate) const QUEUE_FULL: u32 = 0x14;
pub(crate) const THROTTLED: u32 = 0x58;
/// The receiver cannot take a message for now: the SMSC tries again.
pub(crate) const RECEIVER_BUSY: u32 = 0x64;

/// Statuses that concern the message itself: its length, its recipient, its content.
const PERMANENT: &[u32] = &[0x01, 0x0B, 0x40, 0x50, 0x51, 0x61, 0x62, 0x65, 0x66];

/// Whether the SMSC only asks for patience.
pub(crate) const fn is_busy(status: u32) -> bool {
    matches!(status, QUEUE_FULL | THROTTLED)
}

/// What a refusal means for the message. Whatever is not clearly its fault is tried again.
pub(crate) fn refused(answer: &Packet) -> DeliveryError {
    let refusal = Refusal {
        code: u16::try_from(answer.status).ok(),
        status: None,
        text: format!("the SMSC answers with status {:#04x} ({})", answer.status, name(answer.status)),
    };
    if PERMANENT.contains(&answer.status) {
        DeliveryError::Permanent(refusal)
    } else {
        DeliveryError::Transient(refusal)
    }
}

const fn name(status: u32) -> &'static str {
    match status {
        0x01 => "message length is invalid",
        0x02 => "command length is invalid",
        0x04 => "wrong bind for this command",
        0x08 => "system error",
        0x0A => "invalid source address",
        0x0B => "invalid destination address",
        0x0D => "bind failed",
        0x0E => "invalid password",
        0x0F => "invalid system id",
        0x14 => "message queue full",
        0x45 => "submit failed",
        0x50 | 0x51 => "invalid type of destination number",
        0x58 => "throttled",
        0x64 => "temporary error",
        0x65 => "permanent error",
        0x66 => "rejected",
        _ => "vendor's own",
    }
}
