//! What is wrong with packages, signatures and keys: one constructor per code.

use crate::keys::Revoked;
use crate::package::{Setting, Signature, Value};
use eclexia_diag::Diagnostic;
use eclexia_model::PlanError;
use jiff::civil::Date;
use std::fmt::Display;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// A word from outside, short enough for a message and without control characters.
pub fn clip(text: &str) -> String {
    let mut plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    let short: String = plain.by_ref().take(32).collect();
    if plain.next().is_some() { format!("{short}…") } else { short }
}

/// A longer one, for a note.
pub fn whole(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    plain.take(300).collect()
}

fn path_of(path: &Path) -> String {
    clip_front(&path.display().to_string())
}

/// The end of a path says more than its beginning.
fn clip_front(text: &str) -> String {
    let count = text.chars().count();
    if count <= 48 { text.to_owned() } else { format!("…{}", tail(text, count - 47)) }
}

fn tail(text: &str, skip: usize) -> String {
    text.chars().skip(skip).collect()
}

const AGAIN: &str = "Get the package again from who made it.";
const MADE_BADLY: &str = "Have the package made again, by `eclexia package`.";

pub fn damaged() -> Diagnostic {
    Diagnostic::without_place("package-damaged", "the package is damaged or was cut off")
        .note("The digest at the end of the file is not that of the bytes before it.")
        .help(AGAIN)
}

/// `why` is a clause.
pub fn bad_form(why: &str) -> Diagnostic {
    Diagnostic::without_place("package-format", "this is no package of a form that is known")
        .note(format!("The reason: {}.", whole(why)))
        .help("Check that it is the right file, and that this eclexia is not older than it.")
}

/// `what`: packed, unpacked, manifest.
pub fn too_large(what: &str, most: u64) -> Diagnostic {
    let most = match most >> 20 {
        0 => format!("{most} bytes"),
        mebibytes => format!("{mebibytes} MiB"),
    };
    let text = match what {
        "manifest" => format!("the package's manifest is larger than {most}"),
        what => format!("the package is larger than {most} {what}"),
    };
    Diagnostic::without_place("package-too-large", text)
        .help("Keep large data where it is served from, and ship its address.")
}

pub fn too_many(what: &str, most: usize) -> Diagnostic {
    let text = format!("the package has more than {most} {what}");
    Diagnostic::without_place("package-too-large", text)
        .help("Put many small files into an archive of their own.")
}

pub fn path_outside(path: &str) -> Diagnostic {
    let text = format!("`{}` leads out of the package", clip(path));
    Diagnostic::without_place("package-path-outside", text)
        .note("Paths in a package lie below the folder of its program.")
        .help("Move the file there; do not use a package of others that has such a path.")
}

pub fn bad_path(path: &str, why: &str) -> Diagnostic {
    let text = format!("`{}` cannot be a path in a package", clip(path));
    Diagnostic::without_place("package-path", text)
        .note(format!("The reason: {why}."))
        .help("Use short names, with `/` between them.")
}

pub fn no_file(path: &str, kind: tar::EntryType) -> Diagnostic {
    use tar::EntryType as Kind;
    let what = match kind {
        Kind::Symlink => "a symbolic link",
        Kind::Link => "a hard link",
        Kind::Char | Kind::Block | Kind::Fifo => "a device",
        Kind::Directory => "a folder",
        _ => "no plain file",
    };
    let text = format!("`{}` in the package is {what}", clip(path));
    Diagnostic::without_place("package-link", text)
        .note("A package holds plain files only; folders follow from their paths.")
        .help(MADE_BADLY)
}

pub fn duplicate(path: &str, other: &str) -> Diagnostic {
    let text = match path == other {
        true => format!("`{}` is in the package twice", clip(path)),
        false => format!("`{}` and `{}` are one file on some machines", clip(path), clip(other)),
    };
    Diagnostic::without_place("package-duplicate", clip_message(text))
        .help("Name files so that they differ in more than the case of letters.")
}

pub(crate) fn clip_message(text: String) -> String {
    if text.chars().count() <= 80 { text } else { text.chars().take(79).chain(['…']).collect() }
}

pub fn bad_manifest(why: &str) -> Diagnostic {
    Diagnostic::without_place("package-manifest", "the package's manifest cannot be used")
        .note(format!("The reason: {}.", whole(why)))
        .help(MADE_BADLY)
}

pub fn other_contents(why: &str) -> Diagnostic {
    let text = "the package's contents are not those of its manifest";
    Diagnostic::without_place("package-contents", text)
        .note(format!("The reason: {}.", whole(why)))
        .help(AGAIN)
}

pub fn no_plan(error: &PlanError) -> Diagnostic {
    let why = match error {
        PlanError::TooLarge { .. } => "it is too large".to_owned(),
        PlanError::Malformed(why) => why.clone(),
        PlanError::Format { found } => format!("its format is `{}`", clip(found)),
        PlanError::Altered { .. } => "its content is not what its id says".to_owned(),
    };
    other_contents(&format!("the plan is none: {why}"))
}

pub fn unlisted(path: &str) -> Diagnostic {
    other_contents(&format!("{} is not in the manifest", clip(path)))
}

pub fn bad_layout(why: &str) -> Diagnostic {
    Diagnostic::without_place("oci-layout", "this folder is no image layout with a package in it")
        .note(format!("The reason: {}.", whole(why)))
        .help("Write one with `eclexia package --oci DIR`; copy it with tools that keep digests.")
}

pub fn bad_blob(path: &Path) -> Diagnostic {
    bad_layout(&format!("{} has another digest or size than its name", path.display()))
}

pub fn bad_signature_entry(path: &str, why: &str) -> Diagnostic {
    let text = format!("the signature `{}` cannot be read", clip(path));
    Diagnostic::without_place("false-signature", clip_message(text))
        .note(format!("The reason: {}.", whole(why)))
        .help("Have the package signed again.")
}

pub fn false_signature(signature: &Signature, name: &str) -> Diagnostic {
    let text = format!("the signature of {} is not of this package", clip(name));
    Diagnostic::without_place("false-signature", text)
        .note(format!("The key is {}.", signature.key))
        .help("Do not use the package; have it signed again by who is named.")
}

pub fn unknown_signer(signature: &Signature) -> Diagnostic {
    let text = format!("nobody trusted has the key of `{}`", clip(&signature.signer));
    Diagnostic::without_place("unknown-signer", text)
        .note(format!("The key is {}; the name is what the signer wrote.", signature.key))
        .help("Get the public key from the signer, then `eclexia key trust FILE.pub`.")
}

pub fn revoked_signer(name: &str, revoked: &Revoked) -> Diagnostic {
    let text = format!("the key of {} is revoked since {}", clip(name), revoked.at);
    let found = Diagnostic::without_place("revoked-signer", text)
        .help("Have it signed with another key; a revoked key stays revoked.");
    match &revoked.reason[..] {
        "" => found,
        reason => found.note(format!("The reason: {}.", whole(reason))),
    }
}

pub fn expired_signer(name: &str, day: Date) -> Diagnostic {
    let text = format!("the key of {} was trusted until {day}", clip(name));
    Diagnostic::without_place("expired-signer", text)
        .help("Trust it anew: `eclexia key trust FILE.pub --until DATE`.")
}

pub fn expired_signature(name: &str, day: Date) -> Diagnostic {
    let text = format!("the signature of {} was good until {day}", clip(name));
    Diagnostic::without_place("expired-signature", text)
        .help("Have the package signed again, or take a newer one.")
}

pub fn too_few_signers(count: usize, needed: usize) -> Diagnostic {
    let text = match (count, needed) {
        (0, 1) => "the package has no signature of a trusted signer".to_owned(),
        (count, needed) => format!("of {needed} trusted signers the package has {count}"),
    };
    Diagnostic::without_place("package-unsigned", text)
        .help("Have it signed: `eclexia sign PACKAGE`; see who is trusted: `eclexia key list`.")
}

pub fn exposed_key(path: &str, mode: u32) -> Diagnostic {
    let text = format!("others can read the key {}", clip_front(path));
    Diagnostic::without_place("exposed-key", text)
        .note(format!("Its mode is {mode:o}."))
        .help("If nobody has read it, `chmod 600` it; else revoke it and make a new one.")
}

pub fn bad_key(path: &str, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-key", format!("{} holds no Ed25519 key", clip_front(path)))
        .note(format!("The reason: {}.", whole(why)))
        .help("Keys are PEM: `eclexia key new NAME` makes a pair, NAME.key and NAME.pub.")
}

pub fn no_randomness(error: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-key", "the system gives no random numbers to make a key of")
        .note(format!("The reason: {error}."))
        .help("Make the key on another machine.")
}

pub fn no_key(name: &str, folder: &Path) -> Diagnostic {
    Diagnostic::without_place("no-key", format!("there is no key `{}`", clip(name)))
        .note(format!("Keys are in {}.", folder.display()))
        .help(format!("Make one: `eclexia key new {}`.", clip(name)))
}

pub fn key_taken(name: &str) -> Diagnostic {
    Diagnostic::without_place("key-taken", format!("there is a key `{}` already", clip(name)))
        .note("A key is never written over.")
        .help("Choose another name, or move the old key away first.")
}

pub fn signer_taken(name: &str) -> Diagnostic {
    let text = format!("another key is trusted as `{}` already", clip(name));
    Diagnostic::without_place("key-taken", text)
        .help("Trust it under another name with --as, or revoke the other key first.")
}

pub fn bad_key_name(name: &str) -> Diagnostic {
    Diagnostic::without_place("bad-key-name", format!("`{}` cannot name a key", clip(name)))
        .help("Use lower-case letters, digits, `-` and `_`, beginning with a letter.")
}

pub fn bad_signer_name(name: &str) -> Diagnostic {
    Diagnostic::without_place("bad-key-name", format!("`{}` cannot name a signer", clip(name)))
        .help("Use 1 to 64 characters on one line.")
}

pub fn no_such_signer(which: &str) -> Diagnostic {
    let text = format!("no key is trusted as `{}`", clip(which));
    Diagnostic::without_place("no-key", text).help("See names and ids with `eclexia key list`.")
}

pub fn bad_trust(path: &Path, why: &str) -> Diagnostic {
    let text = format!("the trust store {} cannot be used", path_of(path));
    Diagnostic::without_place("bad-trust-store", clip_message(text))
        .note(format!("The reason: {}.", whole(why)))
        .help("Correct it, or move it away and trust keys anew.")
}

pub fn folder_taken(path: &Path) -> Diagnostic {
    let text = format!("{} is there already", path_of(path));
    Diagnostic::without_place("already-exists", text)
        .help("Choose another place, or remove it first.")
}

/// The input of a package ended with an error of the system.
pub fn unreadable(error: &Error) -> Diagnostic {
    Diagnostic::without_place("unreadable-file", "the package cannot be read to its end")
        .note(format!("The reason: {error}."))
        .help("Check the disk or the connection that it comes from.")
}

pub fn not_read(path: &Path, error: &Error) -> Diagnostic {
    let (code, text) = match error.kind() {
        ErrorKind::NotFound => ("missing-file", format!("there is no file {}", path_of(path))),
        _ => ("unreadable-file", format!("cannot read {}", path_of(path))),
    };
    Diagnostic::without_place(code, text)
        .note(format!("The reason: {error}."))
        .help("Check the spelling, its permissions, and that it is a regular file.")
}

pub fn not_written(path: &Path, error: &Error) -> Diagnostic {
    Diagnostic::without_place("write-failed", format!("cannot write {}", path_of(path)))
        .note(format!("The reason: {error}."))
        .help("Make room or fix the permissions, or write to another place.")
}

/// The command's way to give a setting a value.
fn set(name: &str) -> String {
    format!("give it one: `--set {name}=VALUE`, or a line `{name} = VALUE` of `--settings FILE`")
}

fn rules(setting: &Setting) -> String {
    let mut rules = vec![format!("It is {}", setting.of.name())];
    rules.extend(setting.at_least.map(|least| format!("at least {least}")));
    rules.extend(setting.at_most.map(|most| format!("at most {most}")));
    if !setting.one_of.is_empty() {
        let choices: Vec<String> = setting.one_of.iter().map(ToString::to_string).collect();
        rules.push(format!("one of {}", choices.join(", ")));
    }
    whole(&format!("{}.", rules.join(", ")))
}

pub fn setting_missing(setting: &Setting) -> Diagnostic {
    let text = format!("the setting `{}` has no value", setting.name);
    Diagnostic::without_place("setting-missing", clip_message(text))
        .note(rules(setting))
        .help(set(&setting.name))
}

pub fn setting_type(setting: &Setting, value: &Value) -> Diagnostic {
    let value = clip(&value.to_string());
    let text = format!("`{value}` for the setting `{}` is not {}", setting.name, setting.of.name());
    Diagnostic::without_place("setting-type", clip_message(text))
        .note(rules(setting))
        .help(set(&setting.name))
}

/// `why` is a clause.
pub fn setting_refused(setting: &Setting, value: &Value, why: &str) -> Diagnostic {
    let value = clip(&value.to_string());
    let text = format!("`{value}` is refused for the setting `{}`: {why}", setting.name);
    Diagnostic::without_place("setting-refused", clip_message(text))
        .note(rules(setting))
        .help(set(&setting.name))
}

pub fn setting_unknown(name: &str, asked: &[Setting]) -> Diagnostic {
    let text = format!("the package has no setting `{}`", clip(name));
    let found = Diagnostic::without_place("setting-unknown", text);
    let near = |setting: &&Setting| strsim::damerau_levenshtein(&clip(name), &setting.name);
    match asked.iter().min_by_key(near).filter(|setting| near(setting) <= 3) {
        Some(nearest) => found.help(format!("did you mean `{}`?", nearest.name)),
        None if asked.is_empty() => found.help("it has none at all; leave it out"),
        None => {
            let names: Vec<&str> = asked.iter().map(|s| s.name.as_str()).take(12).collect();
            found.help(format!("it has {}", names.join(", ")))
        }
    }
}
