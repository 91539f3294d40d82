//! Whether an instance answers: one check, within its time.

use crate::http;
use crate::launch::Spec;
use eclexia_deploy::watched::Answer;
use eclexia_model::Check;
use http_body_util::Empty;
use hyper::body::Bytes;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// What a check needs to know of an instance.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Port of the service to the port of this process.
    pub ports: BTreeMap<u16, u16>,
    /// How the instance was started: a command runs under the same limits.
    pub spec: Spec,
    /// This program.
    pub launcher: PathBuf,
    pub mark: String,
}

impl Checked {
    fn port(&self, of_service: u16) -> u16 {
        self.ports.get(&of_service).copied().unwrap_or(of_service)
    }
}

pub async fn ask(check: &Check, timeout: Duration, of: &Checked) -> Answer {
    let late = || Answer::Bad(format!("no answer within {} s", timeout.as_secs_f64()));
    match check {
        Check::Tcp { port } => {
            let connected = TcpStream::connect(("127.0.0.1", of.port(*port)));
            match tokio::time::timeout(timeout, connected).await {
                Ok(Ok(_)) => Answer::Good,
                Ok(Err(error)) => Answer::Nobody(error.to_string()),
                Err(_) => late(),
            }
        }
        Check::Http { path, port } => {
            let asked = get(of.port(*port), path);
            tokio::time::timeout(timeout, asked).await.unwrap_or_else(|_| late())
        }
        Check::Exec(command) => {
            let spec = Spec { command: command.clone(), ..of.spec.clone() };
            let (launcher, mark) = (of.launcher.clone(), of.mark.clone());
            let run = move || execute(&launcher, &spec, &mark, timeout);
            match tokio::task::spawn_blocking(run).await {
                Ok(answer) => answer,
                Err(error) => Answer::Bad(error.to_string()),
            }
        }
    }
}

async fn get(port: u16, path: &str) -> Answer {
    let stream = match TcpStream::connect(("127.0.0.1", port)).await {
        Ok(stream) => stream,
        Err(error) => return Answer::Nobody(error.to_string()),
    };
    let path = format!("/{}", path.trim_start_matches('/'));
    let request = hyper::Request::get(path)
        .header("host", format!("127.0.0.1:{port}"))
        .header("user-agent", "eclexia-health")
        .header("connection", "close")
        .body(Empty::<Bytes>::new());
    let request = match request {
        Ok(request) => request,
        Err(error) => return Answer::Bad(error.to_string()),
    };
    match http::send(stream, request).await {
        Ok(response) if response.status().is_success() => Answer::Good,
        Ok(response) => Answer::Bad(format!("HTTP {}", response.status().as_u16())),
        Err(error) => Answer::Bad(error),
    }
}

fn execute(launcher: &std::path::Path, spec: &Spec, mark: &str, timeout: Duration) -> Answer {
    let nothing = || Stdio::null();
    let Ok(mut line) = serde_json::to_string(spec) else {
        return Answer::Bad("the command cannot be written down".to_owned());
    };
    line.push_str("\ngo\n");
    let child = Command::new(launcher)
        .arg("launch")
        .env_clear()
        .env(crate::process::MARK, mark)
        .stdin(Stdio::piped())
        .stdout(nothing())
        .stderr(nothing())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => return Answer::Bad(error.to_string()),
    };
    if let Some(mut stdin) = child.stdin.take() {
        // Who does not read it ends, and that is seen below.
        let _ = std::io::Write::write_all(&mut stdin, line.as_bytes());
    }
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Answer::Good,
            Ok(Some(status)) => return Answer::Bad(format!("the command ended with {status}")),
            Ok(None) if began.elapsed() < timeout => std::thread::sleep(Duration::from_millis(10)),
            Ok(None) => {
                let _ = child.kill();
                let _ = child.wait();
                return Answer::Bad(format!("no answer within {} s", timeout.as_secs_f64()));
            }
            Err(error) => return Answer::Bad(error.to_string()),
        }
    }
}
