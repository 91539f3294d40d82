//! Connections that nobody else can read: TLS 1.2 and 1.3 by rustls.

use crate::diagnostics;
use eclexia_diag::Diagnostic;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key, ready to be used.
pub struct Tls(pub(crate) TlsAcceptor);

impl Tls {
    /// Of files in PEM: the chain, the server's own first, and the private key.
    pub fn read(chain: &Path, key: &Path) -> Result<Tls, Diagnostic> {
        let bad =
            |path: &Path, why: &dyn std::fmt::Display| diagnostics::bad_certificate(path, why);
        let certificates: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_file_iter(chain).and_then(Iterator::collect);
        let certificates = certificates.map_err(|error| bad(chain, &error))?;
        if certificates.is_empty() {
            return Err(bad(chain, &"it has no certificate"));
        }
        let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad(key, &error))?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| bad(chain, &error))?
            .with_no_client_auth()
            .with_single_cert(certificates, private)
            .map_err(|error| bad(chain, &error))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Tls(TlsAcceptor::from(Arc::new(config))))
    }
}
