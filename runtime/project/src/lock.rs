//! `eclexia.lock`: which version of every package is meant, from where, and the hash of what it
//! holds. Written by `eclexia lock` in one order, so that equal locks are equal bytes.

use crate::diagnostics as report;
use crate::git::is_local;
use crate::manifest::read_file;
use crate::source::{Pick, Source, full, relative};
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Sources};
use semver::Version;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// The form of the file. A lock of another form is not read.
const FORMAT: u32 = 1;
/// The most packages of one project.
pub const MOST_PACKAGES: usize = 1_000;

#[derive(Clone, Debug, Default)]
pub struct Lock {
    pub packages: BTreeMap<String, Locked>,
}

#[derive(Clone, Debug)]
pub struct Locked {
    pub version: Version,
    pub source: Source,
    /// Of a git source: the commit that was taken.
    pub commit: Option<String>,
    /// BLAKE3 of the contents; 64 hexadecimal digits.
    pub hash: String,
    /// Names of the packages it needs.
    pub needs: Vec<String>,
    /// Its name in the lock's file; `None` in a lock that is not yet written.
    pub span: Option<Span>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    #[serde(default)]
    package: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Spanned<String>,
    version: Version,
    path: Option<String>,
    git: Option<String>,
    tag: Option<String>,
    branch: Option<String>,
    commit: Option<String>,
    /// Whether the manifest itself asks for the commit.
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    folder: String,
    hash: String,
    #[serde(default)]
    needs: Vec<String>,
}

/// Reads a lock; `None` where there is none.
pub fn read(path: &Path, sources: &mut Sources) -> Result<Option<Lock>, Box<Diagnostic>> {
    if path.symlink_metadata().is_err() {
        return Ok(None);
    }
    let text = read_file(path).map_err(|why| Box::new(report::unreadable_lock(None, &why)))?;
    let file = sources.add(path.display().to_string(), text.as_str());
    let root = full(path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    parse(file, &text, &root).map(Some)
}

fn parse(file: FileId, text: &str, root: &Path) -> Result<Lock, Box<Diagnostic>> {
    let whole = Span::new(file, 0, 0);
    let bad = |span, why: &str| Box::new(report::unreadable_lock(Some(span), why));
    let read: File = toml::from_str(text).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        let span = Span::new(file, at.start as u32, at.end as u32);
        bad(span, error.message().lines().next().unwrap_or_default())
    })?;
    if read.format != FORMAT {
        return Err(bad(whole, "it was written by another version of eclexia"));
    }
    if read.package.len() > MOST_PACKAGES {
        return Err(bad(whole, "it holds too many packages"));
    }
    let mut lock = Lock::default();
    for entry in read.package {
        let at = entry.name.span();
        let span = Span::new(file, at.start as u32, at.end as u32);
        let name = entry.name.get_ref().clone();
        let locked =
            locked(entry, root, span).ok_or_else(|| bad(span, "this entry is not whole"))?;
        if lock.packages.insert(name, locked).is_some() {
            return Err(bad(span, "this package stands in it twice"));
        }
    }
    Ok(lock)
}

fn locked(entry: Entry, root: &Path, span: Span) -> Option<Locked> {
    let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let is_name = crate::manifest::is_package_name(entry.name.get_ref());
    let source = match (&entry.path, &entry.git) {
        (Some(path), None) => Source::Path(full(&root.join(path))),
        (None, Some(url)) if crate::git::is_allowed(url) => {
            let commit = entry.commit.as_ref()?;
            let pick = match (entry.tag, entry.branch) {
                (Some(tag), None) => Pick::Tag(tag),
                (None, Some(branch)) => Pick::Branch(branch),
                (None, None) if entry.pinned => Pick::Commit(commit.clone()),
                _ => Pick::Version,
            };
            let names = match &pick {
                Pick::Tag(name) | Pick::Branch(name) => vec![name, commit],
                _ => vec![commit],
            };
            if names.into_iter().any(|name| !crate::git::is_reference(name)) {
                return None;
            }
            let folder = crate::source::inside("", &entry.folder)?;
            Source::Git { url: address(url, root), pick, folder }
        }
        _ => return None,
    };
    let locked = Locked {
        version: entry.version,
        source,
        commit: entry.commit,
        hash: entry.hash,
        needs: entry.needs,
        span: Some(span),
    };
    (is_name && is_hash(&locked.hash)).then_some(locked)
}

/// An address; that of this machine as a full path.
pub(crate) fn address(url: &str, folder: &Path) -> String {
    if is_local(url) { full(&folder.join(url)).display().to_string() } else { url.to_owned() }
}

impl Lock {
    /// The file's text. `root` is the project's full folder: paths are written from there.
    pub fn text(&self, root: &Path) -> String {
        let mut text = format!(
            "# What `eclexia lock` chose. It belongs to the project; it is not for hands.\n\
             format = {FORMAT}\n"
        );
        for (name, locked) in &self.packages {
            let mut line = |key: &str, value: String| text.push_str(&format!("{key} = {value}\n"));
            line("\n[[package]]\nname", quoted(name));
            line("version", quoted(&locked.version.to_string()));
            match &locked.source {
                Source::Path(path) => line("path", quoted(&relative(root, path))),
                Source::Git { url, pick, folder } => {
                    let local = is_local(url).then(|| relative(root, Path::new(url)));
                    line("git", quoted(&local.unwrap_or_else(|| url.clone())));
                    match pick {
                        Pick::Version => {}
                        Pick::Tag(name) => line("tag", quoted(name)),
                        Pick::Branch(name) => line("branch", quoted(name)),
                        Pick::Commit(_) => line("pinned", "true".to_owned()),
                    }
                    if !folder.is_empty() {
                        line("folder", quoted(folder));
                    }
                }
            }
            if let Some(commit) = &locked.commit {
                line("commit", quoted(commit));
            }
            line("hash", quoted(&locked.hash));
            if !locked.needs.is_empty() {
                let needs: Vec<String> = locked.needs.iter().map(|n| quoted(n)).collect();
                line("needs", format!("[{}]", needs.join(", ")));
            }
        }
        text
    }

    /// What differs from an older lock, a line each.
    pub fn changes(&self, old: &Lock) -> Vec<String> {
        let names = self.packages.keys().chain(old.packages.keys());
        let names: std::collections::BTreeSet<&String> = names.collect();
        let told = names.into_iter().filter_map(|name| {
            match (old.packages.get(name), self.packages.get(name)) {
                (None, Some(new)) => Some(format!("+ {name} {}", new.version)),
                (Some(old), None) => Some(format!("- {name} {}", old.version)),
                (Some(old), Some(new)) if old.version != new.version => {
                    Some(format!("~ {name} {} → {}", old.version, new.version))
                }
                (Some(old), Some(new)) if old.hash != new.hash || old.source != new.source => {
                    Some(format!("~ {name} {}: other contents", new.version))
                }
                _ => None,
            }
        });
        told.collect()
    }
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

#[test]
fn a_lock_prints_and_reads_back() {
    let root = full(Path::new("."));
    let git = Source::Git {
        url: "https://example.org/s.git".into(),
        pick: Pick::Tag("v1".into()),
        folder: "a/b".into(),
    };
    let mut lock = Lock::default();
    let one = |source, commit: Option<&str>| Locked {
        version: Version::new(1, 2, 3),
        source,
        commit: commit.map(str::to_owned),
        hash: "ab".repeat(32),
        needs: vec!["web".to_owned()],
        span: None,
    };
    lock.packages.insert("store".into(), one(git, Some("0123abcd")));
    lock.packages.insert("web".into(), one(Source::Path(root.join("web")), None));
    let text = lock.text(&root);
    let again = parse(FileId(0), &text, &root).expect("it reads back");
    assert_eq!(again.text(&root), text);
    assert!(again.changes(&lock).is_empty());
    assert!(parse(FileId(0), &text.replace("format = 1", "format = 2"), &root).is_err());
    assert!(parse(FileId(0), &text.replace("abab", "zz"), &root).is_err());
}
