//! A key that signs certificates and messages: ECDSA over P-256 with SHA-256.

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use x509_cert::der::Any;
use x509_cert::der::asn1::{BitString, ObjectIdentifier};
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

pub(super) const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

pub(super) struct Signer {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    pkcs8: Vec<u8>,
}

impl Signer {
    /// A new key.
    pub fn generate() -> Result<Self, String> {
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
        Self::read(pkcs8.map_err(|e| e.to_string())?.as_ref())
    }

    /// The key as it was kept.
    pub fn read(pkcs8: &[u8]) -> Result<Self, String> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random);
        Ok(Self { pair: pair.map_err(|e| e.to_string())?, random, pkcs8: pkcs8.to_vec() })
    }

    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        Ok(self.pair.sign(&self.random, bytes).map_err(|e| e.to_string())?.as_ref().to_vec())
    }

    pub const fn algorithm() -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA256, parameters: None }
    }

    pub fn public_key(&self) -> Result<SubjectPublicKeyInfoOwned, String> {
        let parameters = Any::encode_from(&P256).map_err(|e| e.to_string())?;
        let algorithm = AlgorithmIdentifierOwned { oid: EC_PUBLIC_KEY, parameters: Some(parameters) };
        let key = BitString::from_bytes(self.pair.public_key().as_ref()).map_err(|e| e.to_string())?;
        Ok(SubjectPublicKeyInfoOwned { algorithm, subject_public_key: key })
    }
}
