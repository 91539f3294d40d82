//! What is answered: from the registry, from packages on disk, and by the supervisor.
//!
//! In: a request whose sender may ask it. Out: an answer, or what is wrong with asking. Always
//! holds: what changes anything is done by the supervisor, as for commands.

use crate::auth::Who;
use crate::routes::{Call, value};
use crate::server::{Server, by};
use crate::{diagnostics, metrics, openapi};
use eclexia_deploy::grants::Verb;
use eclexia_deploy::keys::Trust;
use eclexia_deploy::package::{Limits, MODEL, PLAN, Package, Values};
use eclexia_deploy::registry::{At, Filter, Registry, Version};
use eclexia_deploy::window::Window;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};
use eclexia_observe::Store;
use eclexia_supervisor::client;
use eclexia_supervisor::control::{Refused, Reply, Request, Status};
use eclexia_supervisor::logs;
use hyper::StatusCode;
use hyper::body::Bytes;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::SystemTime;

const JSON: &str = "application/json";

/// Milliseconds: what is asked for where nothing is said.
const HOUR: u64 = 3_600_000;

/// Lines of a log at most.
const MOST_LINES: u64 = 5_000;

/// The page's files.
const FILES: [(&str, &str, &str); 4] = [
    ("index.html", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("page.js", "text/javascript; charset=utf-8", include_str!("page/page.js")),
    ("charts.js", "text/javascript; charset=utf-8", include_str!("page/charts.js")),
    ("style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
];

#[derive(Clone)]
pub struct Asked {
    pub call: Call,
    /// What stands in the path for the parts in braces.
    pub named: Vec<String>,
    pub query: Option<String>,
    pub body: Bytes,
    pub who: Option<Who>,
}

pub struct Answer {
    pub status: StatusCode,
    pub kind: &'static str,
    pub body: Vec<u8>,
    /// It tells of nothing, and may do so later.
    pub is_empty: bool,
}

impl Answer {
    fn of(kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status: StatusCode::OK, kind, body: body.into(), is_empty: false }
    }

    fn json(value: &impl Serialize) -> Answer {
        let body = serde_json::to_vec(value).unwrap_or_else(|_| b"{}".to_vec());
        Answer::of(JSON, body)
    }
}

impl Asked {
    /// A whole number of the query.
    pub fn number(&self, name: &str) -> Result<Option<u64>, Diagnostic> {
        let Some(text) = value(self.query.as_deref(), name) else { return Ok(None) };
        let number = text
            .parse()
            .map_err(|_| diagnostics::bad_request(&format!("`{name}` is no whole number")))?;
        Ok(Some(number))
    }

    fn name(&self) -> &str {
        self.named.first().map_or("", String::as_str)
    }

    fn since(&self) -> Result<(At, At), Diagnostic> {
        let now = At::of(SystemTime::now());
        let before = self.number("since")?.unwrap_or(HOUR);
        Ok((At(now.0.saturating_sub(before)), now))
    }
}

/// A refusal as it is told.
pub fn refused(found: &Diagnostic) -> Answer {
    let status = match found.code {
        code if code.starts_with("token-") => StatusCode::UNAUTHORIZED,
        "capability-missing" => StatusCode::FORBIDDEN,
        "not-served" | "nothing-deployed" | "unknown-version" => StatusCode::NOT_FOUND,
        "deployment-busy" | "deployment-locked" | "nothing-to-confirm" | "needed-by-others" => {
            StatusCode::CONFLICT
        }
        "supervisor-unreachable" | "server-busy" | "registry-unusable" => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        "bad-request" => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let error = Refused::from(found.clone());
    Answer { status, ..Answer::json(&json!({"error": error})) }
}

pub fn answer(server: &Server, asked: &Asked) -> Result<Answer, Diagnostic> {
    let name = asked.name();
    match asked.call {
        Call::File(file) => {
            let found = FILES.iter().find(|(name, ..)| *name == file);
            let (_, kind, text) = found.ok_or_else(|| diagnostics::not_found(file))?;
            Ok(Answer::of(kind, *text))
        }
        Call::Health => Ok(Answer::json(&json!({"status": "ok"}))),
        Call::Ready => Ok(ready(server)),
        Call::Description => Ok(Answer::json(&openapi::description())),
        Call::Metrics => {
            let (registry, told) = (registry(server)?, Store::new(&server.folders.data));
            let machine = (server.machine)(&registry)?;
            let text = metrics::text(&status(server)?, &registry, &machine, &told)?;
            Ok(Answer::of("text/plain; version=0.0.4; charset=utf-8", text))
        }
        Call::Status => Ok(Answer::json(&with_format("eclexia-status/1", &status(server)?))),
        Call::Versions => versions(server, name),
        Call::Plan => Ok(Answer::of(JSON, read(server, name, PLAN)?)),
        Call::Graph => graph(server, name),
        Call::Usage => {
            let (since, now) = asked.since()?;
            let (step, samples) = known(server, name)?.samples(name, since, now)?;
            Ok(Answer::json(
                &json!({"format": "eclexia-usage/1", "step": step, "samples": samples}),
            ))
        }
        Call::Prices => {
            let (since, _) = asked.since()?;
            let prices = known(server, name)?.prices(name, since)?;
            Ok(Answer::json(&json!({"format": "eclexia-prices/1", "prices": prices})))
        }
        Call::Intensities => {
            let (since, _) = asked.since()?;
            let found = known(server, name)?.intensities(name, since)?;
            Ok(Answer::json(&json!({"format": "eclexia-intensities/1", "intensities": found})))
        }
        Call::Machine => {
            let budgets = (server.machine)(&registry(server)?)?;
            Ok(Answer::json(&json!({"format": "eclexia-machine/1", "budgets": budgets})))
        }
        Call::Drift => {
            known(server, name)?;
            let request = Request::Drift { deployment: Some(name.to_owned()) };
            let Reply::Drift(drift) = ask(server, &request)? else { return Ok(done()) };
            Ok(Answer::json(&json!({"format": "eclexia-drift/1", "drift": drift})))
        }
        Call::Logs => lines(server, asked),
        Call::Events => events(server, asked),
        Call::Apply => apply(server, asked),
        Call::Rollback => {
            let version = asked.number("version")?.map(|n| u32::try_from(n).unwrap_or(u32::MAX));
            let (deployment, by) = (name.to_owned(), by(asked.who.as_ref()));
            change(server, asked, Request::Rollback { deployment, version, by })
        }
        Call::Confirm => {
            let (deployment, by) = (name.to_owned(), by(asked.who.as_ref()));
            change(server, asked, Request::Confirm { deployment, by })
        }
        Call::Destroy => {
            let (deployment, by) = (name.to_owned(), by(asked.who.as_ref()));
            change(server, asked, Request::Destroy { deployment, by })
        }
    }
}

fn with_format(format: &str, value: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(value).unwrap_or_default();
    value["format"] = format.into();
    value
}

fn done() -> Answer {
    let accepted = json!({"format": "eclexia-accepted/1"});
    Answer { status: StatusCode::ACCEPTED, ..Answer::json(&accepted) }
}

fn accepted(reply: Reply) -> Result<Answer, Diagnostic> {
    let Reply::Version { deployment, number } = reply else { return Ok(done()) };
    let accepted =
        json!({"format": "eclexia-accepted/1", "deployment": deployment, "version": number});
    Ok(Answer { status: StatusCode::ACCEPTED, ..Answer::json(&accepted) })
}

fn ask(server: &Server, request: &Request) -> Result<Reply, Diagnostic> {
    client::ask(&server.folders, &server.launcher, request)
}

/// Asks for a change, with the rights of who asks.
fn change(server: &Server, asked: &Asked, request: Request) -> Result<Answer, Diagnostic> {
    let request = match &asked.who {
        Some(who) => who.asks(request),
        None => request,
    };
    accepted(ask(server, &request)?)
}

/// The registry; made where there is none, so that what is asked of it has an answer.
fn registry(server: &Server) -> Result<Registry, Diagnostic> {
    let path = server.folders.registry();
    match Registry::open_to_read(&path)? {
        Some(registry) => Ok(registry),
        None => Registry::open(&path),
    }
}

/// The registry, which knows this deployment.
fn known(server: &Server, name: &str) -> Result<Registry, Diagnostic> {
    let registry = registry(server)?;
    match registry.deployment(name)? {
        Some(_) => Ok(registry),
        None => Err(diagnostics::not_there(&format!("deployment `{}`", clip(name)))),
    }
}

fn clip(name: &str) -> String {
    name.chars().take(40).collect()
}

/// What runs. A supervisor is begun where one is needed and none runs.
fn status(server: &Server) -> Result<Status, Diagnostic> {
    if !client::is_needed(&registry(server)?)? {
        return Ok(Status::of_nothing());
    }
    match ask(server, &Request::Status)? {
        Reply::Status(status) => Ok(*status),
        _ => Ok(Status::of_nothing()),
    }
}

fn ready(server: &Server) -> Answer {
    match status(server) {
        Ok(_) => Answer::json(&json!({"status": "ok"})),
        Err(found) => {
            let told = json!({"status": "unavailable", "reason": found.message});
            Answer { status: StatusCode::SERVICE_UNAVAILABLE, ..Answer::json(&told) }
        }
    }
}

fn versions(server: &Server, name: &str) -> Result<Answer, Diagnostic> {
    let registry = known(server, name)?;
    let deployment = registry.deployment(name)?;
    let (wanted, running) = deployment.map_or((None, None), |d| (d.wanted, d.running));
    Ok(Answer::json(&json!({
        "format": "eclexia-versions/1",
        "deployment": name,
        "wanted": wanted,
        "running": running,
        "versions": registry.versions(name)?,
        "lock": registry.lock_of(name)?,
    })))
}

/// The version that runs, or else the newest.
fn shown(registry: &Registry, name: &str) -> Result<Version, Diagnostic> {
    let running = registry.deployment(name)?.and_then(|deployment| deployment.running);
    let versions = registry.versions(name)?;
    let found = versions.iter().find(|version| Some(version.number) == running);
    found
        .or(versions.first())
        .cloned()
        .ok_or_else(|| diagnostics::not_there(&format!("version of `{}`", clip(name))))
}

/// A file of the package of the version that runs.
fn read(server: &Server, name: &str, file: &str) -> Result<Vec<u8>, Diagnostic> {
    let version = shown(&known(server, name)?, name)?;
    let path = server.folders.package(&version.package).join(file);
    std::fs::read(&path).map_err(|error| diagnostics::unreadable(&path, &error))
}

fn graph(server: &Server, name: &str) -> Result<Answer, Diagnostic> {
    let unusable = |why: &dyn std::fmt::Display| {
        diagnostics::unreadable(&PathBuf::from("the package's model and plan"), why)
    };
    let model: Deployment =
        serde_json::from_slice(&read(server, name, MODEL)?).map_err(|error| unusable(&error))?;
    let plan = Plan::from_json(&read(server, name, PLAN)?)
        .map_err(|_| unusable(&"the plan is of another form"))?;
    Ok(Answer::of("image/svg+xml", (server.picture)(&model, &plan)))
}

fn lines(server: &Server, asked: &Asked) -> Result<Answer, Diagnostic> {
    let (name, service) = (asked.name(), asked.named.get(1).map_or("", String::as_str));
    known(server, name)?;
    let most = asked.number("lines")?.unwrap_or(100).min(MOST_LINES);
    let path = server.folders.logs(name, service);
    let found = logs::last(&path, usize::try_from(most).unwrap_or(0))
        .map_err(|error| diagnostics::unreadable(&path, &error))?;
    let lines: Vec<Value> =
        found.lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Answer::json(&json!({"format": "eclexia-logs/1", "lines": lines})))
}

fn events(server: &Server, asked: &Asked) -> Result<Answer, Diagnostic> {
    let last = asked.number("last")?.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
    let filter = Filter {
        deployment: value(asked.query.as_deref(), "deployment"),
        after: asked.number("after")?,
        newest_first: last.is_some(),
        limit: Some(last.unwrap_or(1_000).min(1_000)),
        ..Filter::default()
    };
    let mut events = registry(server)?.events(&filter)?;
    if last.is_some() {
        events.reverse();
    }
    let is_empty = events.is_empty();
    let answer = Answer::json(&json!({"format": "eclexia-events/1", "events": events}));
    Ok(Answer { is_empty, ..answer })
}

/// When a version may be brought about.
fn window(asked: &Asked) -> Result<Option<Window>, Diagnostic> {
    let text = value(asked.query.as_deref(), "window");
    let window = text.map(|text| text.parse()).transpose();
    window.map_err(|why: String| diagnostics::bad_request(&format!("`window`: {why}")))
}

/// A package that came over the network: it is read whole, put into the store, and handed on.
fn apply(server: &Server, asked: &Asked) -> Result<Answer, Diagnostic> {
    let package = Package::read(&asked.body[..], &Limits::default())?;
    let deployment = package.manifest().deployment.clone();
    if let Some(who) = &asked.who {
        who.may(Verb::Deploy, Some(&deployment))?;
    }
    let path = server.folders.packed(&package.id());
    package.store(&path, &Trust::read(&server.folders.trust())?)?;
    let request = Request::Apply {
        deployment,
        package: package.id(),
        plan: package.plan().id.clone(),
        by: by(asked.who.as_ref()),
        confirm_within: asked.number("confirm-within")?,
        hold: asked.number("hold")?,
        settings: Values::new(),
        window: window(asked)?,
        user: None,
    };
    change(server, asked, request)
}
