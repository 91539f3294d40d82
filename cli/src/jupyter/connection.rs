//! The file by which Jupyter says where a kernel is to listen, and with which key it signs.

use crate::{diagnostics, files};
use eclexia_diag::Diagnostic;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

#[derive(Deserialize)]
struct Written {
    transport: String,
    ip: String,
    shell_port: u16,
    control_port: u16,
    iopub_port: u16,
    stdin_port: u16,
    hb_port: u16,
    #[serde(default)]
    key: String,
    #[serde(default = "hmac_sha256")]
    signature_scheme: String,
}

fn hmac_sha256() -> String {
    "hmac-sha256".to_owned()
}

#[derive(Debug)]
pub struct Connection {
    pub shell: SocketAddr,
    pub control: SocketAddr,
    pub iopub: SocketAddr,
    pub stdin: SocketAddr,
    pub heartbeat: SocketAddr,
    pub key: String,
}

impl Connection {
    pub fn read(path: &Path) -> Result<Connection, Diagnostic> {
        let (name, bytes) = files::read(path)?;
        Connection::parse(&bytes).map_err(|why| diagnostics::bad_connection_file(&name, &why))
    }

    /// What is written in the file, or what is wrong with it.
    fn parse(bytes: &[u8]) -> Result<Connection, String> {
        let it: Written = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if it.transport != "tcp" {
            return Err(format!("the transport `{}` is not known here, only `tcp`", it.transport));
        }
        if it.signature_scheme != hmac_sha256() {
            let scheme = it.signature_scheme;
            return Err(format!("messages signed by `{scheme}` cannot be checked here"));
        }
        let ip = match it.ip.as_str() {
            "*" => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            other => other.parse().map_err(|_| format!("`{other}` is no address"))?,
        };
        let at = |port| SocketAddr::new(ip, port);
        Ok(Connection {
            shell: at(it.shell_port),
            control: at(it.control_port),
            iopub: at(it.iopub_port),
            stdin: at(it.stdin_port),
            heartbeat: at(it.hb_port),
            key: it.key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"transport": "tcp", "ip": "127.0.0.1", "shell_port": 1, "control_port":
        2, "iopub_port": 3, "stdin_port": 4, "hb_port": 5, "key": "k", "kernel_name": "eclexia"}"#;

    #[test]
    fn a_file_says_where_to_listen() {
        let read = Connection::parse(FILE.as_bytes());
        let port = read.map(|it| (it.shell.to_string(), it.heartbeat.port(), it.key));
        assert_eq!(port, Ok(("127.0.0.1:1".to_owned(), 5, "k".to_owned())));
    }

    #[test]
    fn what_is_wrong_with_it_is_told() {
        for (from, to, told) in [
            ("tcp", "ipc", "the transport `ipc`"),
            ("127.0.0.1", "nowhere", "`nowhere` is no address"),
            ("\"hb_port\": 5", "\"hb_port\": 70000", "70000"),
            ("\"hb_port\": 5, ", "", "hb_port"),
            ("\"kernel_name\": \"eclexia\"", "\"signature_scheme\": \"hmac-md5\"", "hmac-md5"),
        ] {
            let wrong = Connection::parse(FILE.replace(from, to).as_bytes());
            assert!(wrong.is_err_and(|why| why.contains(told)), "{told}");
        }
    }
}
