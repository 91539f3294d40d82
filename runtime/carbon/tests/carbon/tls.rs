//! TLS: a server is believed if its certificate is of an authority that is trusted and of its name.
//! The certificates are made by OpenSSL.

use crate::server::{Client, GERMANY, Server, json, nobody, patience};
use eclexia_carbon::{Http, State};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use std::process::Command;
use std::sync::Arc;

struct Made {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
}

/// A certificate that signs itself, for an address; `None` where OpenSSL is missing.
#[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
fn made(address: &str) -> Option<Made> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let name = format!("subjectAltName=IP:{address}");
    let ran = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=test", "-addext", &name])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &at("key.pem"), "-out", &at("certificate.pem")])
        .output();
    let Ok(ran) = ran else {
        let is_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!is_ci, "`openssl` is missing, and CI does not skip");
        println!("skipped: `openssl` is not installed");
        return None;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    Some(Made {
        certificate: CertificateDer::from_pem_file(at("certificate.pem")).expect("PEM"),
        key: PrivateKeyDer::from_pem_file(at("key.pem")).expect("PEM"),
    })
}

fn server(made: &Made) -> Server {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.certificate.clone()], made.key.clone_key())
        .expect("a certificate and its key");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    Server::over(Some(acceptor), |_, _| json(GERMANY))
}

fn trusting(made: &Made) -> Http {
    let mut roots = RootCertStore::empty();
    roots.add(made.certificate.clone()).expect("a certificate");
    Http::trusting(roots, patience())
}

#[test]
fn a_server_that_is_trusted_is_asked_over_tls() {
    let Some(made) = made("127.0.0.1") else { return };
    let server = server(&made);
    let client = Client::with(&server.address, &nobody(), trusting(&made));
    let answer = client.ask("DE", "01T12:00:00");
    assert_eq!((answer.state, answer.intensity.grams_per_kwh), (State::Fresh, 302.0));
}

#[test]
fn a_server_that_is_not_trusted_gets_no_key() {
    let Some(made) = made("127.0.0.1") else { return };
    let server = server(&made);
    let client = Client::new(&server.address, &nobody());
    let answer = client.ask("DE", "01T12:00:00");
    assert_eq!(answer.state, State::Yearly);
    assert!(answer.tried[0].why.contains("it is not trusted"), "{answer:?}");
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn a_certificate_of_another_name_is_none() {
    let Some(made) = made("127.0.0.2") else { return };
    let server = server(&made);
    let client = Client::with(&server.address, &nobody(), trusting(&made));
    let answer = client.ask("DE", "01T12:00:00");
    assert!(answer.tried[0].why.contains("it is not trusted"), "{answer:?}");
    assert_eq!(server.seen().len(), 0);
}

#[test]
fn a_server_without_tls_is_not_trusted_either() {
    let Some(made) = made("127.0.0.1") else { return };
    let server = Server::new(|_, _| json(GERMANY));
    let address = server.address.replace("http://", "https://");
    let client = Client::with(&address, &nobody(), trusting(&made));
    let answer = client.ask("DE", "01T12:00:00");
    assert_eq!(answer.state, State::Yearly);
    assert_eq!(server.seen().len(), 0);
}
