//! Whom to trust, and a connection that is secured by it.

use crate::Trouble;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The most authorities in a file of them: systems have some 150.
const MOST_AUTHORITIES: usize = 1000;

#[derive(Clone)]
pub struct Trust(TlsConnector);

impl Trust {
    /// The authorities that Mozilla trusts.
    pub fn of_mozilla() -> Trust {
        Trust::only(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect())
    }

    /// These authorities and no others.
    pub fn only(roots: RootCertStore) -> Trust {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ClientConfig::builder_with_provider(provider);
        let config = versions
            .with_safe_default_protocol_versions()
            .unwrap_or_else(|error| eclexia_base::bug!("TLS without versions: {error}"))
            .with_root_certificates(roots)
            .with_no_client_auth();
        Trust(TlsConnector::from(Arc::new(config)))
    }

    /// Shakes hands with `host`, a name or an address without brackets.
    pub async fn secured<S>(&self, host: &str, stream: S) -> Result<TlsStream<S>, Trouble>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Trouble::unaskable("its name is no host's"))?;
        self.0.connect(name, stream).await.map_err(|error| match error.kind() {
            // What rustls finds wrong comes as invalid data; the rest is the connection's.
            std::io::ErrorKind::InvalidData => Trouble::Tls(error.to_string()),
            _ => Trouble::Connection(error.to_string()),
        })
    }
}

/// The authorities in a text of PEM; the reason where there are none that can be used.
pub fn authorities(pem: &[u8]) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem).take(MOST_AUTHORITIES) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    match roots.is_empty() {
        true => Err("it has no certificate in it".to_owned()),
        false => Ok(roots),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_no_authority() {
        for text in ["", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
        {
            assert!(authorities(text.as_bytes()).is_err(), "{text}");
        }
    }
}
