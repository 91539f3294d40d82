//! `eclexia.toml`: text in; names, version, entry points, strategies and dependencies out, each
//! with its place. Everything wrong is reported at once, at the key or value that is wrong.
//!
//! ```toml
//! [package]
//! name = "shop"
//! version = "0.1.0"
//!
//! [entry]                      # `main` is what verbs without a file use; main.ecl by default
//! main = "main.ecl"
//!
//! [strategies.green]           # named weights for `:strategy`
//! carbon_weight = 0.8
//!
//! [dependencies]
//! web = { path = "../web" }
//! store = { git = "https://example.org/store.git", version = "^1.2" }
//! ```

use crate::diagnostics as report;
use crate::source::Pick;
use eclexia_base::unit::edit_distance;
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Diagnostics, Outcome};
use semver::{Version, VersionReq};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The largest manifest or lock that is read.
pub const MOST_BYTES: u64 = 1 << 20;
/// The most dependencies of one package.
pub const MOST_DEPENDENCIES: usize = 256;

#[derive(Clone, Debug)]
pub struct Placed<T> {
    pub value: T,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Manifest {
    pub name: Placed<String>,
    pub version: Placed<Version>,
    /// Paths relative to the manifest.
    pub entries: BTreeMap<String, Placed<String>>,
    pub strategies: BTreeMap<String, Weights>,
    pub dependencies: BTreeMap<String, Dependency>,
}

/// The weights of a strategy; see docs/language/planning.md.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weights {
    pub cost: f64,
    pub carbon: f64,
    pub latency: f64,
    pub priority: f64,
}

#[derive(Clone, Debug)]
pub struct Dependency {
    pub name: Placed<String>,
    /// Its whole value.
    pub span: Span,
    pub requires: VersionReq,
    /// The requirement; the whole value where there is none.
    pub requires_span: Span,
    pub given: Given,
}

/// A source as the manifest writes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Given {
    Path(String),
    Git { url: String, pick: Pick, folder: String },
}

/// The text of a manifest, bounded.
pub fn read_file(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|f| f.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    text_of(bytes)
}

/// Bytes of a manifest as text, within the bound.
pub fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("it is larger than {} KiB", MOST_BYTES >> 10));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// What a manifest says; `None` where it says too little to go on.
pub fn parse(file: FileId, text: &str) -> Outcome<Option<Manifest>> {
    let mut ctx = ParseCtx { file, found: Diagnostics::new(), meant: BTreeSet::new() };
    let manifest = match DeTable::parse(text) {
        Ok(table) => ctx.manifest(&table),
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            let message = error.message().lines().next().unwrap_or_default();
            ctx.found.push(report::manifest_syntax(ctx.span(&at), message));
            None
        }
    };
    (manifest.filter(|_| !ctx.found.has_errors()), ctx.found)
}

/// The value of the `[deploy]` table; what is wrong with it is told at its place.
pub(crate) fn deploy<T>(file: FileId, text: &str) -> Result<T, Box<Diagnostic>>
where
    T: serde::de::DeserializeOwned + Default,
{
    #[derive(serde::Deserialize)]
    struct Tables<T> {
        deploy: Option<T>,
    }
    let read: Result<Tables<T>, toml::de::Error> = toml::from_str(text);
    match read {
        Ok(tables) => Ok(tables.deploy.unwrap_or_default()),
        Err(error) => {
            let at = error.span().unwrap_or(0..0);
            let why = error.message().lines().next().unwrap_or_default();
            let span = Span::new(file, at.start as u32, at.end as u32);
            let help = "docs/packages.md says what the table may hold";
            Err(Box::new(report::bad_manifest(span, "`deploy` cannot be used", help).here(why)))
        }
    }
}

struct ParseCtx {
    file: FileId,
    found: Diagnostics,
    /// Known keys that a misspelt one is near to: they are not missed as well.
    meant: BTreeSet<&'static str>,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl ParseCtx {
    fn span(&self, range: &std::ops::Range<usize>) -> Span {
        Span::new(self.file, range.start as u32, range.end as u32)
    }

    fn bad(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(report::bad_manifest(span, message, help));
    }

    /// The values of a table by key; keys that are not known are reported.
    fn keys<'v, 't>(
        &mut self,
        table: &'v DeTable<'t>,
        what: &str,
        known: &[&'static str],
    ) -> BTreeMap<&'v str, (Span, &'v Value<'t>)> {
        let mut keys = BTreeMap::new();
        for (key, value) in table.iter() {
            let name: &str = key.get_ref();
            let span = self.span(&key.span());
            if known.contains(&name) {
                keys.insert(name, (span, value));
                continue;
            }
            let near = known.iter().min_by_key(|k| edit_distance(k, name));
            let help = match near {
                Some(near) if edit_distance(near, name) <= 2 => {
                    self.meant.insert(near);
                    format!("did you mean `{near}`?")
                }
                _ => format!("{what} takes {}", list(known)),
            };
            self.bad(span, format!("{what} has no key `{}`", clip(name)), help);
        }
        keys
    }

    fn table<'v, 't>(&mut self, value: &'v Value<'t>, what: &str) -> Option<&'v DeTable<'t>> {
        let found = value.get_ref().as_table();
        if found.is_none() {
            let is = value.get_ref().type_str();
            let span = self.span(&value.span());
            self.bad(span, format!("{what} is a table, not {is}"), "write `key = value` lines");
        }
        found
    }

    fn text(&mut self, value: &Value, what: &str) -> Option<Placed<String>> {
        let span = self.span(&value.span());
        let Some(text) = value.get_ref().as_str() else {
            let is = value.get_ref().type_str();
            self.bad(span, format!("{what} is a text, not {is}"), "write it in quotes");
            return None;
        };
        Some(Placed { value: text.to_owned(), span })
    }

    fn manifest(&mut self, root: &Spanned<DeTable>) -> Option<Manifest> {
        let known = ["package", "entry", "strategies", "dependencies", "deploy"];
        let mut keys = self.keys(root.get_ref(), "a manifest", &known);
        let whole = Span::new(self.file, 0, 0);
        let Some((at, package)) = keys.remove("package") else {
            if self.meant.contains("package") {
                return None;
            }
            let help = "begin it with `[package]`, `name = \"…\"` and `version = \"0.1.0\"`";
            self.bad(whole, "the manifest does not say whose it is", help);
            return None;
        };
        let named = self.table(package, "`package`").map(|table| self.package(table, at));
        let mut of = |name: &str| keys.remove(name).map(|(_, value)| value);
        let (entry, strategies, dependencies) = (of("entry"), of("strategies"), of("dependencies"));
        let entries = self.entries(entry, at);
        let strategies = self.strategies(strategies);
        let dependencies = self.dependencies(dependencies);
        let (name, version) = named?;
        let (name, version) = (name?, version?);
        if let Some(own) = dependencies.get(&name.value) {
            let span = own.name.span;
            let text = format!("`{}` depends on itself", clip(&name.value));
            self.found.push(report::package_cycle(span, text, &[]));
        }
        Some(Manifest { name, version, entries, strategies, dependencies })
    }

    fn package(
        &mut self,
        table: &DeTable,
        at: Span,
    ) -> (Option<Placed<String>>, Option<Placed<Version>>) {
        let known = ["name", "version", "description", "license", "authors", "repository"];
        let keys = self.keys(table, "`package`", &known);
        for what in ["description", "license", "repository"] {
            keys.get(what).and_then(|(_, value)| self.text(value, &format!("`{what}`")));
        }
        let name = match keys.get("name") {
            Some((_, value)) => self.text(value, "`name`").filter(|n| self.is_name(n)),
            None if self.meant.contains("name") => None,
            None => {
                self.bad(at, "the package has no name", "write `name = \"…\"` under `[package]`");
                None
            }
        };
        let version = match keys.get("version") {
            Some((_, value)) => self.version(value),
            None if self.meant.contains("version") => None,
            None => {
                let help = "write `version = \"0.1.0\"` under `[package]`";
                self.bad(at, "the package has no version", help);
                None
            }
        };
        (name, version)
    }

    fn is_name(&mut self, name: &Placed<String>) -> bool {
        let is_name = is_package_name(&name.value);
        if !is_name {
            let text = format!("`{}` cannot name a package", clip(&name.value));
            let help = "use lower-case letters, digits and `-`, beginning with a letter; not \
                        `std` or `cloud`";
            self.bad(name.span, text, help);
        }
        is_name
    }

    fn version(&mut self, value: &Value) -> Option<Placed<Version>> {
        let text = self.text(value, "`version`")?;
        match Version::parse(&text.value) {
            Ok(value) => Some(Placed { value, span: text.span }),
            Err(error) => {
                let message = format!("`{}` is no version: {error}", clip(&text.value));
                self.bad(text.span, clip_message(message), "write three numbers: `0.1.0`");
                None
            }
        }
    }

    fn entries(&mut self, value: Option<&Value>, at: Span) -> BTreeMap<String, Placed<String>> {
        let mut entries = BTreeMap::new();
        let table = value.and_then(|value| self.table(value, "`entry`"));
        for (key, value) in table.into_iter().flat_map(|table| table.iter()) {
            let name: &str = key.get_ref();
            let Some(path) = self.text(value, "an entry point") else { continue };
            let is_inside = crate::content::is_part_path(&path.value);
            if !is_inside || !path.value.ends_with(".ecl") && !path.value.ends_with(".lisp") {
                let text = format!("`{}` is no source file of this project", clip(&path.value));
                self.bad(path.span, text, "write a path such as `main.ecl` or `jobs/night.ecl`");
                continue;
            }
            entries.insert(name.to_owned(), path);
        }
        entries
            .entry("main".to_owned())
            .or_insert_with(|| Placed { value: "main.ecl".to_owned(), span: at });
        entries
    }

    fn strategies(&mut self, value: Option<&Value>) -> BTreeMap<String, Weights> {
        let known = [
            "name",
            "description",
            "cost_weight",
            "carbon_weight",
            "latency_weight",
            "priority_weight",
        ];
        let mut strategies = BTreeMap::new();
        let table = value.and_then(|value| self.table(value, "`strategies`"));
        for (key, value) in table.into_iter().flat_map(|table| table.iter()) {
            let what = "a strategy";
            let Some(table) = self.table(value, what) else { continue };
            let keys = self.keys(table, what, &known);
            let mut weight = |name: &str, default: f64| match keys.get(name) {
                Some((_, value)) => self.weight(value),
                None => default,
            };
            let weights = Weights {
                cost: weight("cost_weight", 0.0),
                carbon: weight("carbon_weight", 0.0),
                latency: weight("latency_weight", 0.0),
                priority: weight("priority_weight", 1.0),
            };
            strategies.insert(key.get_ref().to_string(), weights);
        }
        strategies
    }

    fn weight(&mut self, value: &Value) -> f64 {
        let written = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let weight = written.filter(|w| w.is_finite() && *w >= 0.0);
        if weight.is_none() {
            let span = self.span(&value.span());
            self.bad(span, "a weight is a number of at least 0", "write one such as `0.7`");
        }
        weight.unwrap_or_default()
    }

    fn dependencies(&mut self, value: Option<&Value>) -> BTreeMap<String, Dependency> {
        let mut dependencies = BTreeMap::new();
        let Some(table) = value.and_then(|value| self.table(value, "`dependencies`")) else {
            return dependencies;
        };
        if table.len() > MOST_DEPENDENCIES {
            let span = value.map_or(Span::new(self.file, 0, 0), |v| self.span(&v.span()));
            let text = format!("a package has at most {MOST_DEPENDENCIES} dependencies");
            self.bad(span, text, "gather some of them in a package of their own");
            return dependencies;
        }
        for (key, value) in table.iter() {
            let name = Placed { value: key.get_ref().to_string(), span: self.span(&key.span()) };
            if !self.is_name(&name) {
                continue;
            }
            if let Some(dependency) = self.dependency(name, value) {
                dependencies.insert(dependency.name.value.clone(), dependency);
            }
        }
        dependencies
    }

    fn dependency(&mut self, name: Placed<String>, value: &Value) -> Option<Dependency> {
        let span = self.span(&value.span());
        let sources = "write `{ path = \"../x\" }` or `{ git = \"https://…\" }`";
        let Some(table) = value.get_ref().as_table() else {
            let text = format!("the dependency `{}` does not say where it is", clip(&name.value));
            self.bad(span, text, format!("{sources}: there is no registry to ask"));
            return None;
        };
        let known = ["path", "git", "version", "tag", "branch", "commit", "folder"];
        let keys = self.keys(table, "a dependency", &known);
        let mut text =
            |key: &str| keys.get(key).and_then(|(_, value)| self.text(value, &format!("`{key}`")));
        let (path, git, version) = (text("path"), text("git"), text("version"));
        let folder = text("folder");
        let picks = [
            text("tag").map(|t| (t.span, Pick::Tag(t.value))),
            text("branch").map(|t| (t.span, Pick::Branch(t.value))),
            text("commit").map(|t| (t.span, Pick::Commit(t.value))),
        ];
        let mut picks = picks.into_iter().flatten();
        let (pick, second) = (picks.next(), picks.next());
        if let Some((span, _)) = second {
            self.bad(span, "a dependency has one of `tag`, `branch`, `commit`", "keep one of them");
        }
        let requires = self.requirement(version.as_ref())?;
        let given = match (path, git) {
            (Some(path), None) => {
                if let Some(at) = pick.map(|(span, _)| span).or(folder.map(|f| f.span)) {
                    let help = "take it out: a folder is what it is";
                    self.bad(at, "this key belongs to a git dependency", help);
                }
                Given::Path(path.value)
            }
            (None, Some(url)) => {
                let pick = pick.map_or(Pick::Version, |(_, pick)| pick);
                self.git(&url, pick, folder)?
            }
            (Some(_), Some(git)) => {
                self.bad(git.span, "a dependency has one source", "keep `path` or `git`");
                return None;
            }
            (None, None) => {
                let text = format!("the dependency `{}` does not say where it is", name.value);
                self.bad(name.span, clip_message(text), sources);
                return None;
            }
        };
        let requires_span = version.map_or(span, |v| v.span);
        Some(Dependency { name, span, requires, requires_span, given })
    }

    fn requirement(&mut self, version: Option<&Placed<String>>) -> Option<VersionReq> {
        let Some(text) = version else { return Some(VersionReq::STAR) };
        match VersionReq::parse(&text.value) {
            Ok(requires) => Some(requires),
            Err(error) => {
                let message = format!("`{}` asks for no version: {error}", clip(&text.value));
                let help = "write `^1.2`, `~1.2`, `=1.2.3`, or `>=1.2, <2`";
                self.bad(text.span, clip_message(message), help);
                None
            }
        }
    }

    fn git(
        &mut self,
        url: &Placed<String>,
        pick: Pick,
        folder: Option<Placed<String>>,
    ) -> Option<Given> {
        if !crate::git::is_allowed(&url.value) {
            let text = format!("`{}` is no repository that may be asked", clip(&url.value));
            let help = "use `https://…`, `ssh://…`, `git@host:path`, or a path on this machine";
            self.bad(url.span, text, help);
            return None;
        }
        let name = match &pick {
            Pick::Version => None,
            Pick::Tag(name) | Pick::Branch(name) | Pick::Commit(name) => Some(name),
        };
        if let Some(name) = name.filter(|name| !crate::git::is_reference(name)) {
            let text = format!("`{}` names no tag, branch or commit", clip(name));
            self.bad(url.span, text, "use letters, digits, `.`, `-`, `_` and `/`");
            return None;
        }
        let given = folder.as_ref().map_or("", |f| f.value.as_str());
        let Some(inside) = crate::source::inside("", given) else {
            let at = folder.map_or(url.span, |f| f.span);
            self.bad(at, "this folder is not in the repository", "write it from the root on");
            return None;
        };
        Some(Given::Git { url: url.value.clone(), pick, folder: inside })
    }
}

/// Lower-case letters, digits and `-`, so that it is the head of module names as it is.
pub fn is_package_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_plain)
        && name.len() <= 64
        && !["std", "cloud"].contains(&name)
}

fn list(words: &[&str]) -> String {
    words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// A word of the user's, short enough for a message.
pub(crate) fn clip(text: &str) -> String {
    if text.chars().count() <= 24 {
        return text.to_owned();
    }
    text.chars().take(23).chain(['…']).collect()
}

fn clip_message(text: String) -> String {
    if text.chars().count() <= 80 { text } else { text.chars().take(79).chain(['…']).collect() }
}
