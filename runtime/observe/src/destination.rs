//! Where events go: the address of a webhook, or a server of NATS with what subjects begin with.
//!
//! An address is read once, when an observer is added, and again from disk, by the same rules. It
//! holds no secrets: those are printed and logged with it, and have a file of their own.

use crate::diagnostics as report;
use eclexia_diag::Diagnostic;
use hyper::Uri;
use std::fmt::{self, Display};
use std::net::IpAddr;

/// The longest address, bytes.
const MOST_BYTES: usize = 2048;
/// The longest beginning of subjects, bytes.
const MOST_SUBJECT: usize = 128;
/// What subjects begin with where the address does not say it.
const SUBJECT: &str = "eclexia";
/// Where NATS listens.
const NATS_PORT: u16 = 4222;

/// Whether events may leave this machine unencrypted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// Plain to this machine only.
    Secured,
    /// Plain to anywhere: somebody said so.
    Plain,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Destination {
    Webhook { text: String, uri: Uri },
    Nats { text: String, server: Server, subject: String },
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// A name or an address, without brackets.
    pub host: String,
    pub port: u16,
    /// TLS is spoken, whatever the server asks for.
    pub is_secured: bool,
}

impl Destination {
    pub fn parse(text: &str, reach: Reach) -> Result<Destination, Diagnostic> {
        let bad = |why: &str| report::bad_destination(text, why);
        if text.len() > MOST_BYTES {
            return Err(bad("it has more than 2048 bytes"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(bad("only letters, digits and signs of ASCII can be in an address"));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(bad("it does not begin with https://, http://, nats:// or tls://"));
        };
        let is_webhook = match scheme {
            "https" | "http" => true,
            "nats" | "tls" => false,
            _ => return Err(bad("it is neither https, http, nats nor tls")),
        };
        if rest.split(['/', '?']).next().is_some_and(|authority| authority.contains('@')) {
            return Err(report::secret_in_address());
        }
        if rest.contains('#') {
            return Err(bad("what is behind # is never sent"));
        }
        let uri: Uri = text.parse().map_err(|_| bad("it is no address of a server"))?;
        let host = uri.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_host = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
        if host.is_empty() || host.len() > 253 || !host.chars().all(is_host) {
            return Err(bad("it names no host"));
        }
        // A port that is none is left out by `port_u16`.
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let behind = authority.rsplit(']').next().and_then(|rest| rest.rsplit_once(':'));
        if behind.is_some_and(|(_, port)| !port.parse::<u16>().is_ok_and(|port| port != 0)) {
            return Err(bad("its port is none"));
        }
        let is_secured = matches!(scheme, "https" | "tls");
        if !is_secured && reach == Reach::Secured && !is_near(&host) {
            return Err(report::plain_destination(scheme));
        }
        if is_webhook {
            return Ok(Destination::Webhook { text: text.to_owned(), uri });
        }
        if uri.query().is_some() {
            return Err(bad("an address of NATS ends with a subject"));
        }
        let subject = subject(uri.path()).map_err(bad)?;
        let port = uri.port_u16().unwrap_or(NATS_PORT);
        let server = Server { host, port, is_secured };
        Ok(Destination::Nats { text: text.to_owned(), server, subject })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        match self {
            Destination::Webhook { text, .. } | Destination::Nats { text, .. } => text,
        }
    }

    /// A name for an observer that has been given none: that of the host.
    pub fn name(&self) -> String {
        let host = match self {
            Destination::Webhook { uri, .. } => uri.host().unwrap_or_default(),
            Destination::Nats { server, .. } => &server.host,
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = host.chars().map(plain).take(40).collect();
        let name = name.trim_matches('-');
        match name.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => name.to_owned(),
            false => "observer".to_owned(),
        }
    }
}

/// For people: a query may be a secret of the receiver's, and is left out.
impl Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text().split_once('?') {
            Some((before, _)) => write!(f, "{before}?…"),
            None => f.write_str(self.text()),
        }
    }
}

/// Whether only this machine is reached.
fn is_near(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What subjects begin with: tokens with dots between them.
fn subject(path: &str) -> Result<String, &'static str> {
    let text = path.trim_start_matches('/');
    if text.is_empty() {
        return Ok(SUBJECT.to_owned());
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_token = |token: &str| !token.is_empty() && token.chars().all(is_plain);
    match text.len() <= MOST_SUBJECT && text.split('.').all(is_token) {
        true => Ok(text.to_owned()),
        false => Err("a subject is letters, digits, - and _, with dots between them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str) -> &'static str {
        Destination::parse(text, Reach::Secured).map_or_else(|found| found.code, |_| "")
    }

    #[test]
    fn addresses_of_four_schemes_are_destinations() {
        for text in [
            "https://hooks.example.org/a?b=c",
            "https://hooks.example.org:8443",
            "http://127.0.0.1:9000/",
            "http://localhost/x",
            "http://[::1]:80/x",
            "nats://127.0.0.1:4222/eclexia",
            "nats://localhost",
            "tls://bus.example.org:4222/ops.prod",
        ] {
            assert_eq!(code(text), "", "{text}");
        }
        let bus = Destination::parse("tls://bus.example.org/ops.prod", Reach::Secured);
        let Ok(Destination::Nats { server, subject, .. }) = bus else { panic!("no NATS") };
        assert_eq!((server.host.as_str(), server.port), ("bus.example.org", 4222));
        assert!(server.is_secured);
        assert_eq!(subject, "ops.prod");
    }

    #[test]
    fn what_is_none_is_refused_with_its_code() {
        for text in [
            "",
            "hooks.example.org",
            "ftp://a/b",
            "https://",
            "https:///path",
            "https://a b/",
            "https://a/ü",
            "https://a:0/",
            "https://a:/",
            "https://a:99999/",
            "https://a/#part",
            "nats://127.0.0.1/a..b",
            "nats://127.0.0.1/a.>",
            "nats://127.0.0.1/$SYS.a",
            "nats://127.0.0.1/a?b",
            "tls://a/b c",
        ] {
            assert_eq!(code(text), "bad-destination", "{text}");
        }
        assert_eq!(code(&format!("https://a/{}", "x".repeat(3000))), "bad-destination");
        assert_eq!(code("nats://ada:hunter2@127.0.0.1"), "bad-destination");
        for text in ["http://example.org/", "nats://10.0.0.1", "http://localhost.example.org/"] {
            assert_eq!(code(text), "plain-destination", "{text}");
            assert!(Destination::parse(text, Reach::Plain).is_ok());
        }
    }

    #[test]
    fn a_secret_in_an_address_is_not_told_again() {
        let found = Destination::parse("https://ada:hunter2@a/", Reach::Secured).unwrap_err();
        assert!(!format!("{found:?}").contains("hunter2"));
        let shown = Destination::parse("https://a/b?token=hunter2", Reach::Secured).unwrap();
        assert_eq!(shown.to_string(), "https://a/b?…");
    }

    #[test]
    fn names_are_made_of_hosts() {
        let name = |text: &str| Destination::parse(text, Reach::Plain).unwrap().name();
        assert_eq!(name("https://Hooks.Example.org/a"), "hooks-example-org");
        assert_eq!(name("http://127.0.0.1:9000/"), "observer");
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            failure_persistence: None,
            rng_seed: proptest::test_runner::RngSeed::Fixed(7),
            ..ProptestConfig::default()
        })]

        #[test]
        fn any_text_is_read_or_refused(text in "(https|http|nats|tls)://.{0,60}|.{0,60}") {
            if let Ok(destination) = Destination::parse(&text, Reach::Plain) {
                prop_assert_eq!(destination.text(), text.as_str());
                let again = Destination::parse(destination.text(), Reach::Plain);
                prop_assert_eq!(again.ok(), Some(destination));
            }
        }
    }
}
