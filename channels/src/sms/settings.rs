//! What the accounts of all text message providers have in common.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::incoming::Numbers;
use super::number::{is_number, normal_form};
use super::segments::{Prepared, prepare};
use crate::{
    Context, DeliveryError, Field, FieldKind, Outgoing, OutgoingLimits, Refusal, Secret, Settings, WrongSetting,
};

pub(crate) const SENDER: Field = Field::optional("sender", FieldKind::Text, "");
pub(crate) const COUNTRY: Field = Field::optional("country_prefix", FieldKind::Text, "39");
pub(crate) const MAX_SEGMENTS: Field = Field::optional("max_segments", FieldKind::Number { least: 1, most: 20 }, "6");
pub(crate) const CA_FILE: Field = Field::optional("ca_file", FieldKind::Path, "");

/// What a field holds, its default when it was left empty.
pub(crate) fn text<'a>(settings: &'a Settings, field: &Field) -> &'a str {
    settings.given(field.name).unwrap_or(field.default)
}

/// The number in a field, its default when it was left empty, within its bounds.
pub(crate) fn number(settings: &Settings, field: &Field) -> Result<i64, WrongSetting> {
    let wrong = |why: &str| WrongSetting::new(field.name, why);
    let number = text(settings, field).parse().map_err(|_| wrong("not a number"))?;
    match field.kind {
        FieldKind::Number { least, most } if !(least..=most).contains(&number) => {
            Err(wrong(&format!("not between {least} and {most}")))
        }
        _ => Ok(number),
    }
}

/// A field that cannot be empty.
pub(crate) fn needed<'a>(settings: &'a Settings, field: &Field) -> Result<&'a str, WrongSetting> {
    settings.given(field.name).ok_or_else(|| WrongSetting::new(field.name, "missing"))
}

/// A secret that cannot be empty.
pub(crate) fn needed_secret(settings: &Settings, field: &Field) -> Result<Secret, WrongSetting> {
    let secret = settings.secret(field.name);
    if secret.is_empty() { Err(WrongSetting::new(field.name, "missing")) } else { Ok(secret) }
}

/// The certificate authority to trust beside the system's.
pub(crate) fn extra_ca(settings: &Settings) -> Result<Option<String>, WrongSetting> {
    let read =
        |path: &str| std::fs::read_to_string(path).map_err(|e| WrongSetting::new(CA_FILE.name, format!("{path}: {e}")));
    settings.given(CA_FILE.name).map(read).transpose()
}

/// How long a text may be.
pub(crate) fn limits(settings: &Settings) -> OutgoingLimits {
    let segments = number(settings, &MAX_SEGMENTS).ok().and_then(|n| usize::try_from(n).ok());
    OutgoingLimits { segments, ..OutgoingLimits::default() }
}

/// Sender, numbers and length, the same for every provider.
#[derive(Debug, Clone, Default)]
pub(crate) struct Common {
    /// A number in E.164, a short code or a name; empty where the provider puts its own.
    pub sender: String,
    pub numbers: Numbers,
    pub max_segments: usize,
}

impl Common {
    pub(crate) fn read(settings: &Settings, context: &Context) -> Result<Self, WrongSetting> {
        let country = text(settings, &COUNTRY).trim_start_matches('+').to_owned();
        if country.len() > 3 || !country.bytes().all(|b| b.is_ascii_digit()) {
            return Err(WrongSetting::new(COUNTRY.name, "not a prefix such as 39"));
        }
        let sender = normal_form(settings.text(SENDER.name), &country);
        if !sender.is_empty() && !is_number(&sender) && (sender.len() > 11 || !sender.chars().all(is_for_names)) {
            return Err(WrongSetting::new(SENDER.name, "neither a number nor a name of at most 11 plain characters"));
        }
        let own = context.own_addresses.iter().chain([&sender]).filter(|a| !a.is_empty());
        let own = own.map(|a| normal_form(a, &country)).collect();
        let max_segments = usize::try_from(number(settings, &MAX_SEGMENTS)?).unwrap_or(1);
        Ok(Self { sender, numbers: Numbers { country, own }, max_segments })
    }

    /// The number to send to and the text, cut.
    pub(crate) fn prepare(&self, message: &Outgoing) -> Result<(String, Prepared), DeliveryError> {
        let recipient = normal_form(&message.recipient, &self.numbers.country);
        if !is_number(&recipient) {
            return Err(permanent("the recipient is not a telephone number"));
        }
        let prepared = prepare(message.text.trim());
        match prepared.segments.len() {
            0 => Err(permanent("the text is empty")),
            n if n > self.max_segments => {
                Err(permanent(&format!("the text takes {n} messages, more than the {} allowed", self.max_segments)))
            }
            _ => Ok((recipient, prepared)),
        }
    }
}

/// What operators let stand in the name of a sender.
const fn is_for_names(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '&')
}

/// A message that no attempt will bring through.
pub(crate) fn permanent(text: &str) -> DeliveryError {
    DeliveryError::Permanent(Refusal { code: None, status: None, text: text.to_owned() })
}

/// A message that may go later.
pub(crate) fn transient(text: impl Into<String>) -> DeliveryError {
    DeliveryError::Transient(Refusal { code: None, status: None, text: text.into() })
}

/// Our own id of a message as it stands in an address that the provider calls.
pub(crate) fn encode_id(id: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(id.as_bytes())
}

/// The id again.
pub(crate) fn decode_id(encoded: &str) -> Option<String> {
    String::from_utf8(data_encoding::BASE64URL_NOPAD.decode(encoded.as_bytes()).ok()?).ok()
}

/// Proves that an address with this id in it was written by us.
pub(crate) fn seal(secret: &Secret, id: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        // HMAC takes keys of every length.
        return String::new();
    };
    mac.update(b"delivery report\0");
    mac.update(id.as_bytes());
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drivers;
    use crate::secret::same;

    fn wrong(driver: &str, values: &[(&str, &str)]) -> Option<&'static str> {
        let driver = drivers().iter().find(|d| d.name() == driver).unwrap();
        let secret = |f: &&Field| f.kind == FieldKind::Secret;
        let values = values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let secrets = driver.fields().iter().filter(secret).map(|f| (f.name.to_owned(), "segreta".into())).collect();
        driver.open(&Settings::new(values, secrets), &Context::default()).err().map(|e| e.field)
    }

    #[test]
    fn each_wrong_setting_is_named() {
        let smpp = [("host", "smsc.example"), ("system_id", "cc"), ("sender", "Comune"), ("security", "plain")];
        assert_eq!(wrong("smpp", &smpp), None);
        assert_eq!(wrong("smpp", &smpp[1..]), Some("host"));
        for (name, value) in [
            ("sender", "Un nome troppo lungo"),
            ("sender", "Città"),
            ("sender", ""),
            ("port", "0"),
            ("window", "molti"),
            ("max_segments", "21"),
            ("security", "ssl"),
            ("long_texts", "forse"),
            ("alphabet", "ebcdic"),
            ("country_prefix", "IT"),
            ("time_zone", "Europe/Atlantide"),
        ] {
            let mut values = smpp.to_vec();
            values.push((name, value));
            assert_eq!(wrong("smpp", &values), Some(name), "{value}");
        }
        let absent = [("security", "tls"), ("ca_file", "/nowhere/ca.pem")];
        assert_eq!(wrong("smpp", &[&smpp[..3], &absent].concat()), Some("ca_file"));
        let kannel = [("user", "cc"), ("url", "https://kannel.example/cgi-bin/sendsms")];
        assert_eq!(wrong("sms_kannel", &kannel), None);
        assert_eq!(wrong("sms_kannel", &[kannel[0], ("url", "kannel.example")]), Some("url"));
        assert_eq!(wrong("sms_kannel", &kannel[..1]), Some("url"));
        assert_eq!(wrong("sms_twilio", &[("account_sid", "AC1")]), Some("sender"));
        assert_eq!(wrong("sms_twilio", &[("account_sid", "AC1/../x"), ("sender", "800")]), Some("account_sid"));
        assert_eq!(wrong("sms_twilio", &[("account_sid", "AC1"), ("messaging_service", "MG1")]), None);
    }

    #[test]
    fn an_id_in_an_address_comes_back_and_cannot_be_made_up() {
        let secret = Secret::new("segreta");
        let id = encode_id("pratica/7 &%d");
        assert_eq!(decode_id(&id).as_deref(), Some("pratica/7 &%d"));
        assert!(same(&seal(&secret, &id), &seal(&secret, &id)));
        assert!(!same(&seal(&secret, &id), &seal(&Secret::new("altra"), &id)));
        assert_eq!(decode_id("à"), None);
    }
}
