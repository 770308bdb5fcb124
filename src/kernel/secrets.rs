//! The instance's secret key and what is derived from it: link tokens, address tokens, form stamps. The key
//! comes from the environment or from a file that only the owner may read; it is never in the database.
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The instance's secret; cheap to clone, never printed.
#[derive(Clone)]
pub struct Secrets {
    key: Arc<[u8]>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(…)")
    }
}

impl Secrets {
    /// From a text of at least 16 characters (the environment).
    pub fn from_text(text: &str) -> Self {
        Self { key: Sha256::digest(text.as_bytes()).as_slice().into() }
    }

    /// From `secret.key` in the data directory, created with mode 0600 when missing.
    ///
    /// # Errors
    /// When the file cannot be read or created.
    pub fn from_file(path: &Path) -> std::io::Result<Self> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let bytes: [u8; 32] = rand::rng().random();
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                file.write_all(data_encoding::HEXLOWER.encode(&bytes).as_bytes())?;
                file.sync_all()?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
        Ok(Self::from_text(std::fs::read_to_string(path)?.trim()))
    }

    /// A key for one purpose, so that a token of one kind never passes for another.
    pub fn derive(&self, purpose: &str) -> Vec<u8> {
        self.mac(&[purpose.as_bytes()]).to_vec()
    }

    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any key length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// A short signature (80 bits, lower-case base 32) of some parts under a purpose.
    pub fn sign(&self, purpose: &str, parts: &[&str]) -> String {
        let mut all = vec![purpose.as_bytes()];
        all.extend(parts.iter().map(|p| p.as_bytes()));
        data_encoding::BASE32_NOPAD.encode(&self.mac(&all)[..10]).to_ascii_lowercase()
    }

    /// Whether `signature` is ours for these parts; constant time.
    pub fn verify(&self, purpose: &str, parts: &[&str], signature: &str) -> bool {
        same(&self.sign(purpose, parts), &signature.to_ascii_lowercase())
    }
}

/// Constant-time comparison of two texts.
pub fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// How a secret token is kept in the database: its SHA-256 in hexadecimal.
pub fn token_hash(token: &str) -> String {
    super::blobs::digest(token.as_bytes())
}
