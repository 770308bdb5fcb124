//! An authority that issues one certificate to a provider, and the provider's signatures (RFC 5652).

use std::str::FromStr;
use std::time::Duration;

use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{
    CertificateSet, EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos,
};
use jiff::Timestamp;
use ring::digest;
use x509_cert::attr::Attribute;
use x509_cert::der::asn1::{BitString, GeneralizedTime, Ia5String, ObjectIdentifier, OctetString, SetOfVec, UtcTime};
use x509_cert::der::{Any, DateTime, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::ext::{AsExtension, Extension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::{Time, Validity};
use x509_cert::{Certificate, TbsCertificate, Version};

use super::signer::{SHA256, Signer};

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const FOR_MAIL: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4");

/// A key with its certificate.
pub(super) struct Identity {
    pub signer: Signer,
    pub certificate: Certificate,
}

/// Whom a certificate is for.
pub(super) enum Subject<'a> {
    /// The authority itself.
    Authority,
    /// A provider that signs mail from this address.
    Provider(&'a str),
}

fn text(e: impl std::fmt::Display) -> String {
    e.to_string()
}

fn instant(at: Timestamp) -> Result<Time, String> {
    let seconds = u64::try_from(at.as_second()).map_err(text)?;
    let at = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(text)?;
    // Years before 2050 are written with two digits (RFC 5280, 4.1.2.5).
    Ok(match UtcTime::from_date_time(at) {
        Ok(short) => Time::UtcTime(short),
        Err(_) => Time::GeneralTime(GeneralizedTime::from_date_time(at)),
    })
}

fn extension(value: &impl AsExtension, subject: &Name) -> Result<Extension, String> {
    value.to_extension(subject, &[]).map_err(text)
}

/// A certificate for `key`, signed by `issuer`; without one, by itself. Good for ten years from a day before `now`.
pub(super) fn certify(
    key: &Signer,
    subject: &Subject<'_>,
    issuer: Option<&Identity>,
    now: Timestamp,
) -> Result<Certificate, String> {
    let day = jiff::SignedDuration::from_hours(24);
    let name = match subject {
        Subject::Authority => "CN=Certificatore simulato di gestori PEC",
        Subject::Provider(_) => "CN=Posta certificata,O=Gestore simulato",
    };
    let name = Name::from_str(name).map_err(text)?;
    let extensions = match subject {
        Subject::Authority => {
            vec![extension(&BasicConstraints { ca: true, path_len_constraint: None }, &name)?]
        }
        Subject::Provider(address) => {
            let address = Ia5String::new(address).map_err(text)?;
            vec![
                extension(&BasicConstraints { ca: false, path_len_constraint: None }, &name)?,
                extension(&ExtendedKeyUsage(vec![FOR_MAIL]), &name)?,
                extension(&SubjectAltName(vec![GeneralName::Rfc822Name(address)]), &name)?,
            ]
        }
    };
    let tbs_certificate = TbsCertificate {
        version: Version::V3,
        serial_number: SerialNumber::new(&[if issuer.is_some() { 2 } else { 1 }]).map_err(text)?,
        signature: Signer::algorithm(),
        issuer: issuer.map_or_else(|| name.clone(), |issuer| issuer.certificate.tbs_certificate.subject.clone()),
        validity: Validity { not_before: instant(now - day)?, not_after: instant(now + day * 3650)? },
        subject: name,
        subject_public_key_info: key.public_key()?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    let signature = issuer.map_or(key, |issuer| &issuer.signer).sign(&tbs_certificate.to_der().map_err(text)?)?;
    Ok(Certificate {
        tbs_certificate,
        signature_algorithm: Signer::algorithm(),
        signature: BitString::from_bytes(&signature).map_err(text)?,
    })
}

impl Identity {
    /// A detached signature over `content` in DER, as `application/pkcs7-signature` carries it.
    pub fn sign(&self, content: &[u8], at: Timestamp) -> Result<Vec<u8>, String> {
        let digest_alg = AlgorithmIdentifierOwned { oid: SHA256, parameters: None };
        let one = |oid, value: Result<Any, x509_cert::der::Error>| -> Result<Attribute, String> {
            Ok(Attribute { oid, values: SetOfVec::try_from(vec![value.map_err(text)?]).map_err(text)? })
        };
        let digest = digest::digest(&digest::SHA256, content);
        let digest = OctetString::new(digest.as_ref()).map_err(text)?;
        let signed = SetOfVec::try_from(vec![
            one(CONTENT_TYPE, Any::encode_from(&DATA))?,
            one(MESSAGE_DIGEST, Any::encode_from(&digest))?,
            one(SIGNING_TIME, Any::encode_from(&instant(at)?))?,
        ]);
        let signed = signed.map_err(text)?;
        let signature = self.signer.sign(&signed.to_der().map_err(text)?)?;
        let own = &self.certificate.tbs_certificate;
        let info = SignerInfo {
            version: CmsVersion::V1,
            sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
                issuer: own.issuer.clone(),
                serial_number: own.serial_number.clone(),
            }),
            digest_alg: digest_alg.clone(),
            signed_attrs: Some(signed),
            signature_algorithm: Signer::algorithm(),
            signature: OctetString::new(signature).map_err(text)?,
            unsigned_attrs: None,
        };
        let certificates = vec![CertificateChoices::Certificate(self.certificate.clone())];
        let data = SignedData {
            version: CmsVersion::V1,
            digest_algorithms: SetOfVec::try_from(vec![digest_alg]).map_err(text)?,
            encap_content_info: EncapsulatedContentInfo { econtent_type: DATA, econtent: None },
            certificates: Some(CertificateSet::try_from(certificates).map_err(text)?),
            crls: None,
            signer_infos: SignerInfos::try_from(vec![info]).map_err(text)?,
        };
        let content = Any::encode_from(&data).map_err(text)?;
        ContentInfo { content_type: SIGNED_DATA, content }.to_der().map_err(text)
    }
}
