//! Lists of revoked certificates: read from files, or fetched and kept for a while. A list that cannot be had stops
//! nothing: what it would say is marked as not checked.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls_pki_types::CertificateRevocationListDer;
use rustls_pki_types::pem::PemObject;
use webpki::{CertRevocationList, OwnedCertRevocationList};

use crate::http;

/// How long lists are good for, and after how long those are tried again that could not be had.
const FRESH: Duration = Duration::from_secs(60 * 60);
const RETRY: Duration = Duration::from_secs(5 * 60);
/// A list that could not be renewed says nothing after this time.
const STALE: Duration = Duration::from_secs(24 * 60 * 60);
/// Largest list, in bytes: those of large authorities have some megabytes.
const MAX_BYTES: usize = 32 << 20;
/// How long all of them together are waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Lists at most.
const MOST: usize = 16;

type Lists = Vec<CertRevocationList<'static>>;

/// Where revocation lists come from, and what came last.
#[derive(Debug)]
pub struct Revocations {
    sources: Vec<Source>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Clone)]
enum Source {
    File(PathBuf),
    Address(String),
}

#[derive(Debug, Default)]
struct Kept {
    /// By source, each with when it came.
    lists: Vec<Option<(Arc<Lists>, Instant)>>,
    /// When all were looked at last, and whether all came.
    looked: Option<(Instant, bool)>,
}

impl Revocations {
    /// Files and addresses (`http:`, `https:`), separated by blanks, commas or semicolons.
    ///
    /// # Errors
    /// A sentence when there are too many, or none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|w| !w.is_empty());
        let sources: Vec<Source> = words
            .map(|word| match word.split_once("://") {
                Some(("http" | "https", _)) => Source::Address(word.to_owned()),
                _ => Source::File(PathBuf::from(word)),
            })
            .collect();
        match sources.len() {
            0 => Err("there is no file and no address in it".to_owned()),
            n if n > MOST => Err(format!("at most {MOST} lists")),
            n => {
                let kept = Kept { lists: vec![None; n], looked: None };
                Ok(Self { sources, kept: Mutex::new(kept) })
            }
        }
    }

    /// The lists that are good now. Blocks for some seconds when they have to be fetched.
    pub(super) fn lists(&self) -> Vec<Arc<Lists>> {
        // Held while fetching: whoever comes meanwhile needs the same lists.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let due = kept.looked.is_none_or(|(at, all)| at.elapsed() > if all { FRESH } else { RETRY });
        if due {
            let came = self.look();
            let now = Instant::now();
            let all = came.iter().all(Option::is_some);
            for (place, lists) in kept.lists.iter_mut().zip(came) {
                if let Some(lists) = lists {
                    *place = Some((Arc::new(lists), now));
                }
            }
            kept.looked = Some((now, all));
        }
        let good = kept.lists.iter().flatten().filter(|(_, at)| at.elapsed() < STALE);
        good.map(|(lists, _)| lists.clone()).collect()
    }

    /// All lists anew, on a thread of its own: the caller may be inside a runtime, or outside of any.
    fn look(&self) -> Vec<Option<Lists>> {
        let sources = self.sources.clone();
        let worker = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            let bounded = async { tokio::time::timeout(PATIENCE, all(&sources)).await };
            runtime.block_on(bounded).ok()
        });
        worker.join().ok().flatten().unwrap_or_else(|| self.sources.iter().map(|_| None).collect())
    }
}

async fn all(sources: &[Source]) -> Vec<Option<Lists>> {
    let one = |source: &Source| {
        let source = source.clone();
        async move {
            let read = match &source {
                Source::File(path) => std::fs::read(path).map_err(|e| e.to_string()),
                Source::Address(address) => fetch(address).await,
            };
            match read.and_then(|bytes| parse(&bytes)) {
                Ok(lists) => Some(lists),
                Err(problem) => {
                    tracing::warn!(%problem, "a list of revoked certificates cannot be had");
                    None
                }
            }
        }
    };
    futures_util::future::join_all(sources.iter().map(one)).await
}

async fn fetch(address: &str) -> Result<Vec<u8>, String> {
    let client = http::client(None)?;
    let mut answer = client.get(address).send().await.map_err(http::explain)?;
    if !answer.status().is_success() {
        return Err(format!("status {}", answer.status().as_u16()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(http::explain)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(format!("more than {MAX_BYTES} bytes"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The lists in a file: one as DER, or several as PEM.
fn parse(bytes: &[u8]) -> Result<Lists, String> {
    let wrong = |e: webpki::Error| format!("not a usable list: {e}");
    if bytes.first() == Some(&0x30) {
        return Ok(vec![OwnedCertRevocationList::from_der(bytes).map_err(wrong)?.into()]);
    }
    let mut lists = Vec::new();
    for der in CertificateRevocationListDer::pem_slice_iter(bytes) {
        let der = der.map_err(|e| format!("not readable PEM: {e}"))?;
        lists.push(OwnedCertRevocationList::from_der(der.as_ref()).map_err(wrong)?.into());
    }
    if lists.is_empty() { Err("there is no list in it".to_owned()) } else { Ok(lists) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_files_and_addresses() {
        let of = |text: &str| Revocations::parse(text).map(|r| r.sources.len());
        assert_eq!(of("/etc/a.crl, https://crl.example/b.crl"), Ok(2));
        assert!(of(" ").is_err());
        assert!(of(&"a ".repeat(17)).is_err());
    }

    #[test]
    fn a_list_that_cannot_be_had_is_left_out_and_not_asked_for_at_once_again() {
        let none = Revocations::parse("/does/not/exist").unwrap();
        assert!(none.lists().is_empty());
        assert_eq!(none.kept.lock().unwrap().looked.map(|(_, all)| all), Some(false));
        assert!(parse(b"x").is_err() && parse(&[0x30, 3, 2, 1, 5]).is_err());
    }
}
