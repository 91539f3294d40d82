//! What the server can do, as `describe` tells editors: operations with what they take and give.

use super::bencode::Value;
use std::collections::BTreeMap;

/// An operation: name, what it does, what it needs, what it may be given, what it answers.
struct Op(&'static str, &'static str, &'static [&'static str], &'static [&'static str], Returns);

type Returns = &'static [&'static str];

const OPS: &[Op] = &[
    Op(
        "clone",
        "A new session, with the definitions of another.",
        &[],
        &["session"],
        &["new-session"],
    ),
    Op("close", "Ends a session.", &["session"], &[], &[]),
    Op(
        "completions",
        "Names that begin so.",
        &["prefix"],
        &["session", "options"],
        &["completions"],
    ),
    Op("describe", "This.", &[], &["verbose?"], &["ops", "versions", "aux"]),
    Op(
        "eval",
        "Evaluates code, or follows a command of the prompt such as `:plan`.",
        &["code"],
        &["session", "id", "file", "line", "column"],
        &["value", "type", "ns", "out", "err", "ex"],
    ),
    Op("interrupt", "Stops an evaluation.", &["session"], &["interrupt-id"], &[]),
    Op(
        "load-file",
        "Starts the session afresh with the text of a file.",
        &["file"],
        &["session", "file-path", "file-name"],
        &["value", "ns", "out", "err", "ex"],
    ),
    Op("lookup", "Documentation, type and place of a name.", &["sym"], &["session"], &["info"]),
    Op("ls-sessions", "The sessions of the server.", &[], &[], &["sessions"]),
    Op("stdin", "Taken and dropped: no program reads it.", &["stdin"], &["session"], &[]),
];

/// The texts that a request for an operation must have; `None`: there is no such operation.
pub fn required(name: &str) -> Option<&'static [&'static str]> {
    OPS.iter().find(|op| op.0 == name).map(|op| op.2)
}

pub fn dict<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dict(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

pub fn ops(is_verbose: bool) -> Value {
    let words = |words: &[&str]| {
        let each = words.iter().map(|word| ((*word).to_owned(), Value::text("")));
        Value::Dict(each.collect())
    };
    let all: BTreeMap<String, Value> = OPS
        .iter()
        .map(|Op(name, doc, requires, optional, returns)| {
            let told = match is_verbose {
                false => dict([]),
                true => dict([
                    ("doc", Value::text(*doc)),
                    ("requires", words(requires)),
                    ("optional", words(optional)),
                    ("returns", words(returns)),
                ]),
            };
            ((*name).to_owned(), told)
        })
        .collect();
    Value::Dict(all)
}

/// Ours, and the version of the protocol whose operations these are.
pub fn versions() -> Value {
    let version = |text: &str| {
        let mut numbers = text.split('.').map(|n| n.parse().unwrap_or(0));
        let mut next = || Value::Int(numbers.next().unwrap_or(0));
        dict([
            ("major", next()),
            ("minor", next()),
            ("incremental", next()),
            ("version-string", Value::text(text)),
        ])
    };
    dict([("eclexia", version(env!("CARGO_PKG_VERSION"))), ("nrepl", version("1.0.0"))])
}
