//! What can be asked for: one table, from which requests are found and the description is made.

use eclexia_deploy::grants::Verb;
use std::borrow::Cow;

/// What is done for a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Call {
    Health,
    Ready,
    Metrics,
    Description,
    File(&'static str),
    Status,
    Versions,
    Plan,
    Graph,
    Usage,
    Prices,
    Intensities,
    Machine,
    Drift,
    Logs,
    Events,
    Apply,
    Rollback,
    Confirm,
    Destroy,
}

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// Everybody.
    Nothing,
    /// Everybody where only this machine can ask, else as for [`Need::To`] `view`.
    Near,
    /// Who may do this.
    To(Verb),
}

/// A part of the query, or of the body.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub name: &'static str,
    /// `string` or `integer`
    pub kind: &'static str,
    pub says: &'static str,
}

#[derive(Debug)]
pub struct Route {
    /// `GET`, `POST` or `DELETE`
    pub method: &'static str,
    /// Parts in braces are any one segment.
    pub path: &'static str,
    pub call: Call,
    pub need: Need,
    pub says: &'static str,
    pub query: &'static [Part],
    /// Media type of the body, and what it is.
    pub body: Option<(&'static str, &'static str)>,
    /// Media type of the answer, and its schema where it is JSON.
    pub answer: (&'static str, &'static str),
}

const JSON: &str = "application/json";

const fn part(name: &'static str, kind: &'static str, says: &'static str) -> Part {
    Part { name, kind, says }
}

const SINCE: Part =
    part("since", "integer", "Milliseconds before now from which on; an hour where it is missing");

const fn get(
    path: &'static str,
    call: Call,
    need: Need,
    says: &'static str,
    answer: (&'static str, &'static str),
) -> Route {
    Route { method: "GET", path, call, need, says, query: &[], body: None, answer }
}

const fn view(path: &'static str, call: Call, says: &'static str, schema: &'static str) -> Route {
    get(path, call, Need::To(Verb::View), says, (JSON, schema))
}

const fn with(route: Route, query: &'static [Part]) -> Route {
    Route { query, ..route }
}

const fn post(path: &'static str, call: Call, verb: Verb, says: &'static str) -> Route {
    let (need, answer) = (Need::To(verb), (JSON, "Accepted"));
    Route { method: "POST", path, call, need, says, query: &[], body: None, answer }
}

pub static ROUTES: &[Route] = &[
    get("/", Call::File("index.html"), Need::Nothing, "The page for people", ("text/html", "")),
    get(
        "/page.js",
        Call::File("page.js"),
        Need::Nothing,
        "What the page runs",
        ("text/javascript", ""),
    ),
    get(
        "/charts.js",
        Call::File("charts.js"),
        Need::Nothing,
        "What the page draws with",
        ("text/javascript", ""),
    ),
    get(
        "/style.css",
        Call::File("style.css"),
        Need::Nothing,
        "How the page looks",
        ("text/css", ""),
    ),
    get("/health", Call::Health, Need::Nothing, "Whether this server runs", (JSON, "Health")),
    get(
        "/ready",
        Call::Ready,
        Need::Nothing,
        "Whether registry and supervisor answer; 503 with the reason if not",
        (JSON, "Health"),
    ),
    get(
        "/metrics",
        Call::Metrics,
        Need::Near,
        "Consumption, limits, prices and choices for Prometheus",
        ("text/plain; version=0.0.4", ""),
    ),
    get("/openapi.json", Call::Description, Need::Nothing, "This description", (JSON, "Anything")),
    view("/api/v1/status", Call::Status, "All deployments, services and replicas", "Status"),
    view(
        "/api/v1/deployments/{deployment}/versions",
        Call::Versions,
        "Its versions, newest first, and who holds it",
        "Versions",
    ),
    view(
        "/api/v1/deployments/{deployment}/plan",
        Call::Plan,
        "The plan of the version that runs: choices, budgets, prices, what was declined",
        "Anything",
    ),
    get(
        "/api/v1/deployments/{deployment}/graph",
        Call::Graph,
        Need::To(Verb::View),
        "A picture of the version that runs",
        ("image/svg+xml", ""),
    ),
    with(
        view(
            "/api/v1/deployments/{deployment}/usage",
            Call::Usage,
            "What its services used, in intervals",
            "Usage",
        ),
        &[SINCE],
    ),
    with(
        view(
            "/api/v1/deployments/{deployment}/prices",
            Call::Prices,
            "What its limits were worth, each time that it was computed",
            "Prices",
        ),
        &[SINCE],
    ),
    with(
        view(
            "/api/v1/deployments/{deployment}/intensities",
            Call::Intensities,
            "What services said that electricity emits in its regions, with whose number it is",
            "Intensities",
        ),
        &[SINCE],
    ),
    view(
        "/api/v1/machine",
        Call::Machine,
        "What this machine may use, what all deployments use of it, and prices by use",
        "Machine",
    ),
    view(
        "/api/v1/deployments/{deployment}/drift",
        Call::Drift,
        "What is other than it was deployed",
        "Drift",
    ),
    with(
        view(
            "/api/v1/deployments/{deployment}/logs/{service}",
            Call::Logs,
            "The last lines that a service wrote",
            "Logs",
        ),
        &[part("lines", "integer", "At most so many, 100 where it is missing")],
    ),
    with(
        view("/api/v1/events", Call::Events, "What happened, in order", "Events"),
        &[
            part("deployment", "string", "Only of this one"),
            part("after", "integer", "Only what came after this event's `seq`"),
            part("wait", "integer", "Seconds to wait for one where there is none, at most 20"),
            part("last", "integer", "Instead of the first, so many of the last"),
        ],
    ),
    Route {
        query: &[
            part("confirm-within", "integer", "Milliseconds; taken back unless confirmed by then"),
            part("hold", "integer", "Milliseconds for which a canary's step is held"),
            part("window", "string", "When it may be brought about, as `mon-fri 09:00-16:00` UTC"),
        ],
        body: Some(("application/vnd.eclexia.package", "A signed package")),
        ..post("/api/v1/packages", Call::Apply, Verb::Deploy, "Deploys a package")
    },
    Route {
        query: &[part("version", "integer", "The completed version; missing: what ran before")],
        ..post(
            "/api/v1/deployments/{deployment}/rollback",
            Call::Rollback,
            Verb::Rollback,
            "Deploys what an earlier version was",
        )
    },
    post(
        "/api/v1/deployments/{deployment}/confirm",
        Call::Confirm,
        Verb::Confirm,
        "Keeps a version that waits to be confirmed",
    ),
    Route {
        method: "DELETE",
        ..post("/api/v1/deployments/{deployment}", Call::Destroy, Verb::Destroy, "Stops all of it")
    },
];

/// A route with the segments that its braces stand for.
pub struct Found<'r> {
    pub route: &'static Route,
    pub named: Vec<Cow<'r, str>>,
}

pub enum Lost {
    /// There is nothing at this path.
    Unknown,
    /// There is, for these methods.
    Other(Vec<&'static str>),
}

pub fn find<'r>(method: &str, path: &'r str) -> Result<Found<'r>, Lost> {
    // What is asked without a body is found as what has one.
    let method = if method == "HEAD" { "GET" } else { method };
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(named) = fits(route.path, path) else { continue };
        if route.method == method {
            return Ok(Found { route, named });
        }
        others.push(route.method);
    }
    Err(if others.is_empty() { Lost::Unknown } else { Lost::Other(others) })
}

fn fits<'r>(pattern: &str, path: &'r str) -> Option<Vec<Cow<'r, str>>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut named = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(named),
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {
                let decoded = percent_encoding::percent_decode_str(given);
                named.push(decoded.decode_utf8().ok()?);
            }
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

/// The value of a part of a query.
pub fn value(query: Option<&str>, name: &str) -> Option<String> {
    let parts = query.unwrap_or_default().split('&');
    let found = parts.filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name)?.1;
    let plain = found.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&plain).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, path: &str) -> Option<(Call, Vec<String>)> {
        let found = find(method, path).ok()?;
        Some((found.route.call, found.named.iter().map(|name| name.to_string()).collect()))
    }

    #[test]
    fn each_route_is_found_by_its_own_path() {
        for route in ROUTES {
            let path = route.path.replace("{deployment}", "a%20b").replace("{service}", "web");
            let (call, named) = asked(route.method, &path).unwrap();
            assert_eq!(call, route.call, "{path}");
            assert!(named.first().is_none_or(|name| name == "a b"), "{named:?}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_apart_from_what_cannot_be_done() {
        assert!(matches!(find("GET", "/api/v1/deployments//plan"), Err(Lost::Unknown)));
        assert!(matches!(find("GET", "/api/v1/status/"), Err(Lost::Unknown)));
        assert!(matches!(find("GET", "/api/v1/deployments/%ff/plan"), Err(Lost::Unknown)));
        let Err(Lost::Other(methods)) = find("PUT", "/api/v1/status") else { panic!() };
        assert_eq!(methods, ["GET"]);
        assert!(asked("HEAD", "/health").is_some());
    }

    #[test]
    fn parts_of_a_query_are_decoded() {
        assert_eq!(value(Some("a=1&b=x%26+y"), "b").as_deref(), Some("x& y"));
        assert_eq!(value(Some("ab=1"), "a"), None);
        assert_eq!(value(None, "a"), None);
    }
}
