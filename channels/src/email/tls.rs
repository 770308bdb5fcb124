//! TLS for every client: the system's authorities and, if configured, the administration's own.

use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A connector that trusts the system's authorities and those in `extra_ca_pem`.
pub(crate) fn connector(extra_ca_pem: Option<&str>) -> Result<TlsConnector, String> {
    config(extra_ca_pem).map(|config| TlsConnector::from(Arc::new(config)))
}

/// What [`connector`] is made of.
pub(crate) fn config(extra_ca_pem: Option<&str>) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    // Some systems have no store at all: then only the configured authority counts.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = extra_ca_pem {
        for cert in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let cert = cert.map_err(|e| format!("the configured certificate authority is not readable PEM: {e}"))?;
            roots.add(cert).map_err(|e| format!("the configured certificate authority is not usable: {e}"))?;
        }
    }
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// Whether `host` is this machine: the only place where mail and passwords may travel in clear.
pub(crate) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
