//! What is wrong with a request, or with serving: one constructor per code.

use eclexia_diag::Diagnostic;
use std::fmt::Display;
use std::path::Path;

pub fn no_token() -> Diagnostic {
    Diagnostic::without_place("token-missing", "this is answered to who shows that they may ask")
        .note("A request carries `Authorization: Bearer TOKEN`.")
        .help("open the address that `eclexia serve` printed: it has the key of its session")
}

pub fn unknown_token() -> Diagnostic {
    Diagnostic::without_place("token-unknown", "this token is neither of this session nor signed")
        .note("Each `eclexia serve` has a key of its own, and forgets it when it ends.")
        .help("open the address that `eclexia serve` printed last")
}

pub fn no_session(why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-key", "the system gives no random numbers to make a key of")
        .note(format!("The reason: {why}."))
        .help("try again; if it stays so, the machine's kernel lacks a source of randomness")
}

pub fn bad_request(why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-request", "this request cannot be understood")
        .note(format!("The reason: {why}."))
        .help("`/openapi.json` describes what can be asked for")
}

pub fn not_found(path: &str) -> Diagnostic {
    let path: String = path.chars().take(60).collect();
    Diagnostic::without_place("not-served", format!("there is nothing at {path}"))
        .help("`/openapi.json` describes what there is")
}

pub fn other_method(path: &str, methods: &[&str]) -> Diagnostic {
    let path: String = path.chars().take(60).collect();
    Diagnostic::without_place("not-served", format!("that cannot be done to {path}"))
        .help(format!("use {}", methods.join(" or ")))
}

pub fn not_there(what: &str) -> Diagnostic {
    Diagnostic::without_place("nothing-deployed", format!("there is no {what}"))
        .help("`/api/v1/status` has what there is")
}

pub fn unreadable(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("unreadable-file", format!("cannot read {}", path.display()))
        .note(format!("The reason: {why}."))
        .help("check the name and whether you may read it")
}

pub fn bad_certificate(path: &Path, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-certificate", "the certificate or its key cannot be used")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("give a chain and its private key, both in PEM")
}

pub fn overloaded() -> Diagnostic {
    Diagnostic::without_place("server-busy", "more is asked for at once than is answered")
        .help("ask again in a second")
}
