//! Whether a provider signed what it is said to have signed: S/MIME with a detached signature (RFC 8551,
//! RFC 5652), checked against the authorities that the administration trusts for certified mail.

use std::sync::Arc;

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use jiff::Timestamp;
use ring::digest;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, TrustAnchor, UnixTime,
    alg_id,
};
use serde::{Deserialize, Serialize};
use webpki::{
    ALL_VERIFICATION_ALGS, CertRevocationList, EndEntityCert, KeyUsage, RevocationCheckDepth, RevocationOptions,
    RevocationOptionsBuilder, anchor_from_trusted_cert,
};
use x509_cert::Certificate;
use x509_cert::attr::AttributeValue;
use x509_cert::der::asn1::{Ia5StringRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{SubjectAltName, SubjectKeyIdentifier};
use x509_cert::time::Time;

use super::revocation::Revocations;
use crate::ber;
use crate::inbound::named;

/// Whether what a provider's mail says can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Signature {
    /// A provider's signature holds over the bytes as they came.
    Verified {
        /// Address in the signer's certificate.
        signer: String,
        /// When it was signed, by the signer's clock.
        at: Timestamp,
        /// Whether the certificate was looked up among the revoked.
        #[serde(default)]
        revocation: Revocation,
    },
    /// It does not, or nobody can tell.
    Unverified {
        /// Why.
        doubt: Doubt,
    },
}

impl Signature {
    /// Whether it holds, though nobody could say if its certificate was revoked.
    #[must_use]
    pub const fn is_revocation_unknown(&self) -> bool {
        matches!(self, Self::Verified { revocation: Revocation::NotChecked, .. })
    }

    /// Whether it holds.
    #[must_use]
    pub const fn is_verified(&self) -> bool {
        matches!(self, Self::Verified { .. })
    }
}

named! {
    /// Whether a certificate was looked up in lists of revoked ones.
    Revocation {
        /// No list is configured.
        NotAsked = "not_asked",
        /// It is in none.
        Good = "good",
        /// The list of its authority could not be had.
        NotChecked = "not_checked",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro of closed lists derives no default")]
impl Default for Revocation {
    fn default() -> Self {
        Self::NotAsked
    }
}

named! {
    /// Why a signature is not relied on.
    Doubt {
        /// There is none, or something stands beside what it covers.
        Missing = "missing",
        /// It cannot be read.
        Unreadable = "unreadable",
        /// The content is not what was signed.
        Altered = "altered",
        /// It was not made with the key of its certificate, or by an algorithm that is not trusted.
        Invalid = "invalid",
        /// Its certificate does not come from a trusted authority, was not valid when it signed, or is not for mail.
        Untrusted = "untrusted",
        /// Its certificate was revoked.
        Revoked = "revoked",
        /// The certificate belongs to another address than the one it writes from.
        OtherSigner = "other_signer",
        /// It holds, over content that certifies nothing.
        NoData = "no_data",
    }
}

/// The authorities whose signatures count.
#[derive(Debug, Clone)]
pub struct Roots {
    anchors: Vec<TrustAnchor<'static>>,
    revoked: Option<Arc<Revocations>>,
}

impl Roots {
    /// The certificates in a PEM bundle, at least one.
    ///
    /// # Errors
    /// A sentence when a certificate cannot be used or there is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, String> {
        let mut anchors = Vec::new();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| format!("not readable PEM: {e}"))?;
            let anchor = anchor_from_trusted_cert(&certificate).map_err(|e| format!("not a usable authority: {e}"))?;
            anchors.push(anchor.to_owned());
        }
        if anchors.is_empty() {
            Err("there is no certificate in it".to_owned())
        } else {
            Ok(Self { anchors, revoked: None })
        }
    }

    /// The same, with lists of what they revoked.
    #[must_use]
    pub fn with_revocations(self, revoked: Revocations) -> Self {
        Self { revoked: Some(Arc::new(revoked)), ..self }
    }
}

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");
const SUBJECT_ALT_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.17");
const SUBJECT_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");

/// 1.3.6.1.5.5.7.3.4, in DER without tag and length.
const FOR_MAIL: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x04];

/// Signers tried at most; a provider signs once.
const MAX_SIGNERS: usize = 4;

/// Checks a detached signature over `content` made by the owner of `from`.
pub(super) fn verify(content: &[u8], signature: &[u8], from: Option<&str>, roots: &Roots) -> Signature {
    match verified(content, signature, from, roots) {
        Ok(signature) => signature,
        Err(doubt) => Signature::Unverified { doubt },
    }
}

fn verified(content: &[u8], signature: &[u8], from: Option<&str>, roots: &Roots) -> Result<Signature, Doubt> {
    let der = ber::to_der(signature).ok_or(Doubt::Unreadable)?;
    let info = ContentInfo::from_der(&der).map_err(unreadable)?;
    if info.content_type != SIGNED_DATA {
        return Err(Doubt::Unreadable);
    }
    let data: SignedData = info.content.decode_as().map_err(unreadable)?;
    // A signature that brings its own content says nothing about ours.
    if data.encap_content_info.econtent.is_some() {
        return Err(Doubt::Unreadable);
    }
    let set = data.certificates.iter().flat_map(|set| set.0.iter());
    let certificates: Vec<&Certificate> = set
        .filter_map(|choice| match choice {
            CertificateChoices::Certificate(certificate) => Some(certificate),
            CertificateChoices::Other(_) => None,
        })
        .collect();
    let mut doubt = Doubt::Missing;
    for signer in data.signer_infos.0.iter().take(MAX_SIGNERS) {
        match signed_by(signer, &certificates, content, from, roots) {
            Ok(signature) => return Ok(signature),
            Err(why) => doubt = why,
        }
    }
    Err(doubt)
}

fn signed_by(
    signer: &SignerInfo,
    certificates: &[&Certificate],
    content: &[u8],
    from: Option<&str>,
    roots: &Roots,
) -> Result<Signature, Doubt> {
    let certificate = certificates.iter().find(|c| is_signer(&signer.sid, c)).ok_or(Doubt::Unreadable)?;
    // Without attributes the signature could be one over something else that reads as attributes.
    let attributes = signer.signed_attrs.as_ref().ok_or(Doubt::Unreadable)?;
    let one = |oid: ObjectIdentifier| -> Result<&AttributeValue, Doubt> {
        let mut values = attributes.iter().filter(|a| a.oid == oid).flat_map(|a| a.values.iter());
        values.next().filter(|_| values.next().is_none()).ok_or(Doubt::Unreadable)
    };
    if one(CONTENT_TYPE)?.decode_as::<ObjectIdentifier>().map_err(unreadable)? != DATA {
        return Err(Doubt::Unreadable);
    }
    let algorithm = Digest::by(signer.digest_alg.oid).ok_or(Doubt::Invalid)?;
    let expected = one(MESSAGE_DIGEST)?.decode_as::<OctetStringRef<'_>>().map_err(unreadable)?;
    if !is_digest(expected.as_bytes(), content, algorithm) {
        return Err(Doubt::Altered);
    }
    let at = one(SIGNING_TIME)?.to_der().and_then(|der| Time::from_der(&der)).map_err(unreadable)?;
    let at = moment(&at)?;

    let der = CertificateDer::from(certificate.to_der().map_err(unreadable)?);
    let end = EndEntityCert::try_from(&der).map_err(|_| Doubt::Untrusted)?;
    // The tag of a set, whatever tag they have in their place (RFC 5652, 5.4).
    let signed = attributes.to_der().map_err(unreadable)?;
    let identifier = signer.signature_algorithm.to_der().map_err(unreadable)?;
    let holds = algorithms(signer.signature_algorithm.oid, &identifier, algorithm)
        .iter()
        .any(|a| end.verify_signature(*a, &signed, signer.signature.as_bytes()).is_ok());
    if !holds {
        return Err(Doubt::Invalid);
    }
    let others: Result<Vec<_>, _> = certificates.iter().map(|c| c.to_der().map(CertificateDer::from)).collect();
    let others = others.map_err(unreadable)?;
    let seconds = u64::try_from(at.as_second()).map_err(|_| Doubt::Untrusted)?;
    let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    let usage = KeyUsage::required_if_present(FOR_MAIL);
    let path = |lists: Option<RevocationOptions<'_>>| {
        let verified = end.verify_for_usage(ALL_VERIFICATION_ALGS, &roots.anchors, &others, time, usage, lists, None);
        verified.map(drop)
    };
    path(None).map_err(|_| Doubt::Untrusted)?;
    let revocation = match &roots.revoked {
        None => Revocation::NotAsked,
        Some(revoked) => {
            let lists = revoked.lists();
            let lists: Vec<&CertRevocationList<'_>> = lists.iter().flat_map(|lists| lists.iter()).collect();
            let options = RevocationOptionsBuilder::new(&lists);
            let options = options.map(|o| o.with_depth(RevocationCheckDepth::EndEntity).build());
            match options.map(|options| path(Some(options))) {
                Ok(Ok(())) => Revocation::Good,
                Ok(Err(webpki::Error::CertRevoked)) => return Err(Doubt::Revoked),
                // There is no list, or none of its authority.
                Ok(Err(_)) | Err(_) => Revocation::NotChecked,
            }
        }
    };
    let owners = addresses(certificate);
    let signer = owners.into_iter().find(|a| from.is_some_and(|f| f.eq_ignore_ascii_case(a)));
    Ok(Signature::Verified { signer: signer.ok_or(Doubt::OtherSigner)?, at, revocation })
}

fn unreadable<E>(_: E) -> Doubt {
    Doubt::Unreadable
}

fn is_signer(id: &SignerIdentifier, certificate: &Certificate) -> bool {
    let certificate = &certificate.tbs_certificate;
    match id {
        SignerIdentifier::IssuerAndSerialNumber(named) => {
            named.issuer == certificate.issuer && named.serial_number == certificate.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(key) => certificate
            .extensions
            .iter()
            .flatten()
            .filter(|e| e.extn_id == SUBJECT_KEY_ID)
            .any(|e| SubjectKeyIdentifier::from_der(e.extn_value.as_bytes()).is_ok_and(|k| k == *key)),
    }
}

/// Mail addresses of the owner: alternative names, and the subject of old certificates.
fn addresses(certificate: &Certificate) -> Vec<String> {
    let certificate = &certificate.tbs_certificate;
    let mut found = Vec::new();
    for extension in certificate.extensions.iter().flatten().filter(|e| e.extn_id == SUBJECT_ALT_NAME) {
        let names = SubjectAltName::from_der(extension.extn_value.as_bytes());
        for name in names.iter().flat_map(|names| &names.0) {
            if let GeneralName::Rfc822Name(address) = name {
                found.push(address.to_string());
            }
        }
    }
    for attribute in certificate.subject.0.iter().flat_map(|set| set.0.iter()).filter(|a| a.oid == EMAIL_ADDRESS) {
        if let Ok(address) = attribute.value.decode_as::<Ia5StringRef<'_>>() {
            found.push(address.to_string());
        }
    }
    found
}

fn moment(time: &Time) -> Result<Timestamp, Doubt> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).map_err(unreadable)?;
    Timestamp::from_second(seconds).map_err(unreadable)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Digest {
    /// What the rules of 2005 prescribe, and some providers still use. The content is the provider's, with ids
    /// that nobody can foresee: finding a second one with the same digest is out of reach.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    fn by(oid: ObjectIdentifier) -> Option<Self> {
        const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
        const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
        const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
        const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
        match oid {
            SHA1 => Some(Self::Sha1),
            SHA256 => Some(Self::Sha256),
            SHA384 => Some(Self::Sha384),
            SHA512 => Some(Self::Sha512),
            _ => None,
        }
    }

    const fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

/// Signed are the bytes with the line ends of the wire; a store may have kept the lines with its own.
fn is_digest(expected: &[u8], content: &[u8], algorithm: Digest) -> bool {
    let matches = |bytes: &[u8]| digest::digest(algorithm.algorithm(), bytes).as_ref() == expected;
    matches(content) || {
        let mut wire = Vec::with_capacity(content.len() + content.len() / 40);
        for line in content.split_inclusive(|b| *b == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    wire.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                    wire.extend_from_slice(b"\r\n");
                }
                None => wire.extend_from_slice(line),
            }
        }
        wire.len() != content.len() && matches(&wire)
    }
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// The ways in which a signature of this kind is checked; empty when none is trusted.
fn algorithms(oid: ObjectIdentifier, identifier: &[u8], digest: Digest) -> Vec<Algorithm> {
    const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    const RSA_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
    const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
    const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
    const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
    let rsa = |digest| -> Algorithm {
        match digest {
            Digest::Sha1 => &RsaSha1,
            Digest::Sha256 => webpki::ring::RSA_PKCS1_2048_8192_SHA256,
            Digest::Sha384 => webpki::ring::RSA_PKCS1_2048_8192_SHA384,
            Digest::Sha512 => webpki::ring::RSA_PKCS1_2048_8192_SHA512,
        }
    };
    match oid {
        RSA => vec![rsa(digest)],
        RSA_SHA1 => vec![rsa(Digest::Sha1)],
        RSA_SHA256 => vec![rsa(Digest::Sha256)],
        RSA_SHA384 => vec![rsa(Digest::Sha384)],
        RSA_SHA512 => vec![rsa(Digest::Sha512)],
        // The others name all they need, parameters included: they must be known to the letter.
        _ => {
            // What follows the tag and the length of the whole.
            let named = identifier.get(2..).unwrap_or_default();
            let known = |a: &&Algorithm| named == a.signature_alg_id().as_ref();
            ALL_VERIFICATION_ALGS.iter().filter(known).copied().collect()
        }
    }
}

#[derive(Debug)]
struct RsaSha1;

impl SignatureVerificationAlgorithm for RsaSha1 {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let algorithm = &ring::signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
        let key = ring::signature::UnparsedPublicKey::new(algorithm, public_key);
        key.verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }
}
