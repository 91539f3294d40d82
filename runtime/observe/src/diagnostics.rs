//! What is wrong with observers, destinations and secrets: one constructor per code.

use eclexia_diag::Diagnostic;
use std::fmt::Display;
use std::path::Path;

/// A word from outside, short and without control characters.
fn clip(text: &str) -> String {
    let mut plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let short: String = plain.by_ref().take(32).collect();
    if plain.next().is_some() { format!("{short}…") } else { short }
}

/// The name that is meant, if one is near.
fn near<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |known: &'n str| (strsim::damerau_levenshtein(known, word), known);
    let most = 1 + word.chars().count() / 4;
    let near = known.filter(|_| word.len() <= 64).map(distance).min()?;
    (near.0 <= most).then_some(near.1)
}

pub fn bad_destination(text: &str, why: &str) -> Diagnostic {
    // What is behind the host may be a secret of the receiver's.
    let shown = text.split(['?', '#']).next().unwrap_or_default();
    Diagnostic::without_place("bad-destination", format!("`{}` is no destination", clip(shown)))
        .note(format!("The reason: {why}."))
        .help(
            "write https://HOST/PATH, or nats://HOST:PORT/SUBJECT (tls:// where it speaks TLS \
             from the start)",
        )
}

pub fn secret_in_address() -> Diagnostic {
    Diagnostic::without_place("bad-destination", "an address with a user in it is no destination")
        .note("an address is shown wherever its observer is; a password must not be")
        .help("write `user:password` into a file of mode 0600 and name it by --secret")
}

pub fn plain_destination(scheme: &str) -> Diagnostic {
    let text = format!("{scheme}:// would send events unencrypted to another machine");
    let other = if scheme == "http" { "https" } else { "tls" };
    Diagnostic::without_place("plain-destination", text)
        .note("events name services, versions and signers; who is on the way could read them")
        .help(format!(
            "use {other}://, or --plain where the way there is secured by something else"
        ))
}

pub fn bad_filter(name: &str, why: &str) -> Diagnostic {
    let text = match name.is_empty() {
        true => "this is no filter of events".to_owned(),
        false => format!("`{}` cannot be in a filter of events", clip(name)),
    };
    Diagnostic::without_place("bad-filter", text)
        .note(format!("The reason: {why}."))
        .help("name deployments as programs do; without a name all are meant")
}

pub fn unknown_event(word: &str, known: &[&'static str]) -> Diagnostic {
    let help = match near(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}, and the codes of `eclexia explain`", known.join(", ")),
    };
    Diagnostic::without_place("unknown-event", format!("no event is called `{}`", clip(word)))
        .help(help)
}

pub fn unknown_observer(name: &str, known: &[String]) -> Diagnostic {
    let help = match near(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "`eclexia observe add DESTINATION` adds one".to_owned(),
        None => "`eclexia observe list` shows those that there are".to_owned(),
    };
    Diagnostic::without_place("unknown-observer", format!("there is no observer `{}`", clip(name)))
        .help(help)
}

pub fn observer_taken(name: &str) -> Diagnostic {
    Diagnostic::without_place("observer-taken", format!("there is an observer `{}`", clip(name)))
        .help(format!("take another --name, or `eclexia observe remove {}` first", clip(name)))
}

pub fn bad_observer_name(name: &str) -> Diagnostic {
    Diagnostic::without_place("bad-observer", format!("`{}` is no name", clip(name)))
        .note("a name is small letters, digits, - and _, at most 64, and begins with a letter")
        .help("write --name deploys, for instance")
}

/// `option` is how it is written.
pub fn bad_observer_setting(option: &str, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-observer", format!("{option} is out of its bounds"))
        .note(format!("The reason: {why}."))
        .help("leave it out, or take another value")
}

/// A file of ours that is not what was written.
pub fn bad_observer(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-observer", "what is kept of an observer cannot be used")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("`eclexia observe remove` it and add it again, with --from-start to miss nothing")
}

pub fn too_many_observers(most: usize) -> Diagnostic {
    let text = format!("there are {most} observers already");
    Diagnostic::without_place("too-many-observers", text)
        .note("each has a thread and a connection of the process that delivers")
        .help("let one of them pass events on, or use a subject of NATS, which many can hear")
}

/// A file of the observers that cannot be written.
pub fn not_kept(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::without_place("write-failed", "what is kept of observers cannot be written")
        .note(format!("The file: {}. The reason: {error}.", path.display()))
        .help("see that the folder can be written to and the disk has room")
}

pub fn bad_secret(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-secret", "the file of an observer's secret cannot be used")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help(
            "write `whsec_…` into it for a webhook; for NATS a token, or a user and a password \
             with `:` between them",
        )
}

pub fn exposed_secret(path: &Path, mode: u32) -> Diagnostic {
    Diagnostic::without_place("exposed-secret", "others can read an observer's secret")
        .note(format!("The file: {}. Its mode: {mode:o}.", path.display()))
        .help(format!("chmod 600 {}, and take another secret", path.display()))
}

pub fn bad_authorities(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-authorities", "no authority to trust can be read")
        .note(format!("The file: {}. The reason: {why}.", path.display()))
        .help("name a file of certificates in PEM: those who sign for the receiver")
}

pub fn no_randomness(why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-secret", "no secret can be made: the system has no randomness")
        .note(format!("The reason: {why}."))
        .help("try again on a system with /dev/urandom or getrandom")
}

pub fn no_thread(error: &std::io::Error) -> Diagnostic {
    Diagnostic::without_place("no-thread", "the system gives no thread for an observer")
        .note(format!("The reason: {error}."))
        .help("see how many threads and files this user may have")
}
