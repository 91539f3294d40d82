//! What is wrong with manifests, locks and packages: one constructor per code.

use crate::manifest::clip;
use eclexia_base::Span;
use eclexia_diag::Diagnostic;
use std::fmt::Display;

pub fn bad_manifest(span: Span, text: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error("bad-manifest", span, text).help(help)
}

/// No TOML at all.
pub fn manifest_syntax(span: Span, why: &str) -> Diagnostic {
    bad_manifest(span, "this is not TOML", "write `key = value` lines under `[table]` headings")
        .here(why)
}

pub fn unreadable_manifest(path: &str, why: &dyn Display) -> Diagnostic {
    Diagnostic::without_place("bad-manifest", format!("{} cannot be read", clip_path(path)))
        .note(format!("The reason: {why}."))
        .help("make it a readable text file of at most 1 MiB")
}

/// Where a dependency leads to no package. `why` is a clause: "there is no such folder".
pub fn missing_package(span: Span, name: &str, place: &str, why: &dyn Display) -> Diagnostic {
    Diagnostic::error("missing-package", span, format!("the package `{}` is not there", clip(name)))
        .here(format!("{why}"))
        .note(format!("The place: {place}."))
        .help("correct the dependency, or bring the package to where it says")
}

/// A package that is locked, and whose contents are nowhere on this machine.
pub fn not_fetched(span: Span, name: &str) -> Diagnostic {
    let text = format!("the package `{}` is not on this machine", clip(name));
    Diagnostic::error("missing-package", span, text)
        .here("locked, but neither vendored nor fetched")
        .help("run `eclexia lock`, which fetches what is locked")
}

pub fn other_package(span: Span, name: &str, found: &str) -> Diagnostic {
    let text = format!("the package here is called `{}`", clip(found));
    Diagnostic::error("missing-package", span, text)
        .here(format!("but is asked for as `{}`", clip(name)))
        .help(format!("write `{} = …`, the name in its manifest", clip(found)))
}

pub fn fetch_failed(span: Span, url: &str, why: &dyn Display) -> Diagnostic {
    Diagnostic::error("fetch-failed", span, "this repository could not be fetched")
        .here(format!("{why}"))
        .note(format!("The address: {url}."))
        .help("check the address and the connection; a vendored project needs neither")
}

/// Contents that no package may have: links, too much of it, a version against its tag.
pub fn bad_package(span: Span, name: &str, why: &dyn Display) -> Diagnostic {
    let text = format!("the package `{}` cannot be used", clip(name));
    Diagnostic::error("bad-package", span, text)
        .here(format!("{why}"))
        .note("a package is at most 10,000 files, 64 MiB and 32 folders deep, without links")
        .help("have the package changed, or choose another version of it")
}

/// `steps`: who needs whom, with the place in a manifest.
pub fn package_cycle(span: Span, text: String, steps: &[(String, String, Span)]) -> Diagnostic {
    let mut found = Diagnostic::error("package-cycle", span, text);
    for (from, to, at) in steps.iter().take(8) {
        let words = format!("`{}` needs `{}`", clip(from), clip(to));
        found = if *at == span { found.here(words) } else { found.label(*at, words) };
    }
    if steps.len() > 1 {
        let mut path: Vec<String> = steps.iter().take(8).map(|(from, ..)| clip(from)).collect();
        path.extend(steps.first().map(|(from, ..)| clip(from)));
        found = found.note(format!("the cycle: {}", path.join(" → ")));
    }
    found.help("move what both need into a package of its own")
}

/// `needs`: who asks for which versions, and where; `known`: the versions there are.
pub fn version_conflict(
    name: &str,
    needs: &[(String, String, Option<Span>)],
    known: &[String],
    why: Vec<String>,
) -> Diagnostic {
    let text = format!("no version of `{}` suits all who need it", clip(name));
    let mut placed = needs.iter().filter_map(|(who, what, at)| Some((who, what, (*at)?)));
    let words = |who: &str, what: &str| format!("`{}` needs {what}", clip(who));
    let mut found = match placed.next() {
        Some((who, what, at)) => {
            Diagnostic::error("version-conflict", at, text).here(words(who, what))
        }
        None => Diagnostic::without_place("version-conflict", text),
    };
    for (who, what, at) in placed.take(8) {
        found = found.label(at, words(who, what));
    }
    for note in why {
        found = found.note(note);
    }
    let there = match known {
        [] => "there is none".to_owned(),
        known => {
            let shown: Vec<&str> = known.iter().rev().take(8).rev().map(String::as_str).collect();
            let more = if known.len() > shown.len() { "…, " } else { "" };
            format!("there are: {more}{}", shown.join(", "))
        }
    };
    found
        .note(format!("of `{}` {there}", clip(name)))
        .help("loosen one of the requirements, or choose another version of who asks for it")
}

pub fn source_conflict(name: &str, first: (Span, &str), second: (Span, &str)) -> Diagnostic {
    let text = format!("two packages are called `{}`", clip(name));
    Diagnostic::error("source-conflict", second.0, text)
        .here(format!("from {}", second.1))
        .label(first.0, format!("from {}", first.1))
        .help("let both manifests name the same source: modules are found by the package's name")
}

/// A graph of dependencies that is too large, or a search that does not end.
pub fn too_many_packages(span: Span, most: usize) -> Diagnostic {
    let text = format!("this needs more than {most} packages or choices");
    Diagnostic::error("too-many-packages", span, text)
        .help("require exact versions, or gather small packages into larger ones")
}

pub fn missing_lock(span: Span) -> Diagnostic {
    Diagnostic::error("stale-lock", span, "there is no eclexia.lock for these dependencies")
        .here("asked for, and locked nowhere")
        .help("run `eclexia lock`, and keep the lock with the project")
}

/// `why` says what the lock does not agree with.
pub fn stale_lock(span: Span, why: String) -> Diagnostic {
    Diagnostic::error("stale-lock", span, "eclexia.lock does not fit the manifest")
        .here(why)
        .help("run `eclexia lock`")
}

pub fn unreadable_lock(span: Option<Span>, why: &str) -> Diagnostic {
    let text = "eclexia.lock cannot be read";
    let found = match span {
        Some(span) => Diagnostic::error("stale-lock", span, text).here(why),
        None => Diagnostic::without_place("stale-lock", text).note(format!("The reason: {why}.")),
    };
    found.help("remove it, and run `eclexia lock` to write it anew")
}

/// Where contents differ from their hash in the lock.
pub struct Altered<'a> {
    pub name: &'a str,
    pub folder: &'a str,
    pub locked: &'a str,
    pub found: &'a str,
    pub help: &'a str,
}

pub fn package_altered(span: Span, altered: &Altered) -> Diagnostic {
    let Altered { name, folder, locked, found, help } = altered;
    let text = format!("the package `{}` is not what was locked", clip(name));
    Diagnostic::error("package-altered", span, text)
        .here(format!("its contents in {folder} have changed"))
        .note(format!("locked: {:.16}…, found: {:.16}… (BLAKE3)", locked, found))
        .help(*help)
}

/// A folder that has no manifest at or above it.
pub fn no_project(place: &str) -> Diagnostic {
    let text = format!("there is no eclexia.toml in {} or above", clip_path(place));
    Diagnostic::without_place("no-project", text)
        .help("go to the project's folder, or begin one: `eclexia new NAME`")
}

/// An edit of the manifest that cannot be made.
pub fn cannot_add(why: &str, help: &str) -> Diagnostic {
    Diagnostic::without_place("cannot-add", why).help(help)
}

/// The end of a long path.
fn clip_path(path: &str) -> String {
    let count = path.chars().count();
    if count <= 40 {
        return path.to_owned();
    }
    std::iter::once('…').chain(path.chars().skip(count - 39)).collect()
}
