//! The manifest: what a package is, holds, needs and does. Its BLAKE3 is the package's id.
//!
//! As bytes it is canonical: the JSON of [`Manifest`] with fields in order of declaration, without
//! white space. Reading refuses every other spelling, so that one manifest has one id, and unknown
//! or repeated fields do not exist. What has been read or made has been checked: names, versions,
//! paths, kinds, and the shape of configuration and hooks.
//!
//! Absent: compression, signatures and times, which do not change what a package is.

use super::configuration::{Hook, Setting};
use super::limits::Limits;
use super::{archive, path};
use crate::diagnostics as report;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

pub const FORMAT: &str = "eclexia-package/1";
/// Paths of the archive that have a meaning.
pub const MANIFEST: &str = "manifest.json";
pub const MODEL: &str = "model.json";
pub const PLAN: &str = "plan.json";
/// The folder of everything else that the manifest lists.
pub const FILES: &str = "files/";

const MOST_LISTED: usize = 256;
const MOST_NAME_BYTES: usize = 64;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub name: String,
    pub version: Version,
    /// The name of the deployment that model and plan are of.
    pub deployment: String,
    /// The plan's id.
    pub plan: String,
    /// BLAKE3 of the model, the one that the plan was made for.
    pub model: String,
    /// What whoever deploys it must be allowed to do, as `deploy:local`.
    pub requires: Vec<String>,
    pub dependencies: Vec<Dependency>,
    pub configuration: Vec<Setting>,
    pub hooks: Vec<Hook>,
    /// In the order of their paths.
    pub files: Vec<File>,
}

/// A package that must be deployed before.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    pub name: String,
    pub version: VersionReq,
}

impl Dependency {
    /// Whether a package is one that will do.
    pub fn is_met_by(&self, name: &str, version: &Version) -> bool {
        self.name == name && self.version.matches(version)
    }
}

impl std::fmt::Display for Dependency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.name, self.version)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A source of the program, its manifest or its lock.
    Program,
    Model,
    Plan,
    /// What an interpreter of the machine runs.
    Code,
    /// What the machine runs.
    Binary,
    Asset,
}

impl Kind {
    /// The kind of a file that a package includes, by what it is.
    pub fn of(is_executable: bool, bytes: &[u8]) -> Kind {
        match (is_executable, bytes.starts_with(b"#!")) {
            (true, true) => Kind::Code,
            (true, false) => Kind::Binary,
            (false, _) => Kind::Asset,
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub path: String,
    pub kind: Kind,
    pub size: u64,
    pub executable: bool,
    /// Of the contents, in hex.
    pub blake3: String,
}

impl Manifest {
    pub fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a manifest that is no JSON: {error}"),
        }
    }

    /// BLAKE3, in hex, of the canonical JSON.
    pub fn id(&self) -> String {
        blake3::hash(&self.to_json()).to_hex().to_string()
    }

    /// Reads what [`Manifest::to_json`] writes.
    pub fn from_json(bytes: &[u8], limits: &Limits) -> Result<Manifest, Diagnostic> {
        #[derive(Deserialize)]
        struct Header {
            format: String,
        }
        // The reader bounds how deep JSON nests.
        let malformed = |error: serde_json::Error| report::bad_manifest(&error.to_string());
        let header: Header = serde_json::from_slice(bytes).map_err(malformed)?;
        if header.format != FORMAT {
            let found = report::clip(&header.format);
            return Err(report::bad_form(&format!("its format is `{found}`, not `{FORMAT}`")));
        }
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(malformed)?;
        if manifest.to_json() != bytes {
            return Err(report::bad_manifest("it is not written as packages write it"));
        }
        manifest.check(limits)?;
        Ok(manifest)
    }

    pub(super) fn check(&self, limits: &Limits) -> Result<(), Diagnostic> {
        let why = self.shape().err();
        if let Some(why) = why {
            return Err(report::bad_manifest(&why));
        }
        if self.files.len() > limits.files {
            return Err(report::too_many("files", limits.files));
        }
        let sizes = self.files.iter().map(|file| archive::room(file.size));
        if sizes.fold(0, u64::saturating_add) > limits.unpacked {
            return Err(report::too_large("unpacked", limits.unpacked));
        }
        let mut taken = path::Taken::default();
        for file in &self.files {
            archive::check_path(&file.path)?;
            taken.take(&file.path)?;
        }
        if !self.files.is_sorted_by(|a, b| a.path < b.path) {
            return Err(report::bad_manifest("its files are not in the order of their paths"));
        }
        self.files.iter().try_for_each(kind_fits).map_err(|why| report::bad_manifest(&why))
    }

    fn shape(&self) -> Result<(), String> {
        if !is_name(&self.name) {
            return Err(format!("`{}` cannot name a package", report::clip(&self.name)));
        }
        let is_text = |text: &str| (1..=256).contains(&text.len()) && is_plain(text);
        if !is_text(&self.deployment) {
            return Err("the deployment has no name".to_owned());
        }
        for (what, id) in [("plan", &self.plan), ("model", &self.model)] {
            if !is_hash(id) {
                return Err(format!("the {what} has no id"));
            }
        }
        for (what, count) in [
            ("capabilities", self.requires.len()),
            ("dependencies", self.dependencies.len()),
            ("settings", self.configuration.len()),
            ("hooks", self.hooks.len()),
        ] {
            if count > MOST_LISTED {
                return Err(format!("it has more than {MOST_LISTED} {what}"));
            }
        }
        if let Some(odd) = self.requires.iter().find(|text| !is_capability(text)) {
            return Err(format!("`{}` is no capability", report::clip(odd)));
        }
        if let Some(odd) = self.dependencies.iter().find(|d| !is_name(&d.name)) {
            return Err(format!("`{}` cannot name a package", report::clip(&odd.name)));
        }
        once("capability", self.requires.iter())?;
        once("dependency", self.dependencies.iter().map(|d| &d.name))?;
        once("setting", self.configuration.iter().map(|s| &s.name))?;
        // Two settings whose names differ in `-` and `_` would be one entry of the environment.
        let variables: Vec<String> = self.configuration.iter().map(Setting::variable).collect();
        once("setting", variables.iter())?;
        self.configuration.iter().try_for_each(Setting::check)?;
        self.hooks.iter().try_for_each(Hook::check)
    }
}

fn once<'n>(what: &str, names: impl Iterator<Item = &'n String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("the {what} `{}` is there twice", report::clip(name)));
        }
    }
    Ok(())
}

/// Model and plan stand at their own paths, everything else below [`FILES`].
fn kind_fits(file: &File) -> Result<(), String> {
    let fits = match file.kind {
        Kind::Model => file.path == MODEL,
        Kind::Plan => file.path == PLAN,
        Kind::Program | Kind::Code | Kind::Binary | Kind::Asset => file.path.starts_with(FILES),
    };
    let shown = report::clip(&file.path);
    match (fits, is_hash(&file.blake3)) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("{shown} is no place for its kind")),
        (_, false) => Err(format!("the hash of {shown} is none")),
    }
}

/// Lower-case letters, digits, `-` and `_`, beginning with a letter: as in `eclexia.toml`.
pub fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_plain)
        && name.len() <= MOST_NAME_BYTES
}

/// `VERB:WHAT`, as `deploy:local`.
fn is_capability(text: &str) -> bool {
    let is_part = |part: &str| part == "*" || is_name(part);
    text.split_once(':').is_some_and(|(verb, what)| is_name(verb) && is_part(what))
}

pub(crate) fn is_plain(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

pub(crate) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
