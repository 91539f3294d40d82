//! A package in the making: what is to be in it is gathered, then packed and checked as a package
//! that is read is.

use super::archive;
use super::configuration::{Hook, Setting};
use super::container::Compression;
use super::limits::{Limits, MOST_SIGNATURE_BYTES};
use super::manifest::{Dependency, FILES, FORMAT, File, Kind, MODEL, Manifest, PLAN};
use super::{Package, path};
use crate::diagnostics as report;
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use eclexia_model::{Deployment, Plan};
use semver::Version;
use std::collections::BTreeMap;

pub struct Contents {
    pub name: String,
    pub version: Version,
    pub requires: Vec<String>,
    pub dependencies: Vec<Dependency>,
    pub configuration: Vec<Setting>,
    pub hooks: Vec<Hook>,
    deployment: String,
    plan: String,
    model: String,
    files: BTreeMap<String, (File, Vec<u8>)>,
    /// What the files take in the archive, and everything beside them at most.
    room: u64,
}

impl Contents {
    /// Begins with a model and the plan made for it.
    pub fn new(name: &str, version: Version, model: &Deployment, plan: &Plan) -> Contents {
        let bytes = match serde_json::to_vec(model) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a model that is no JSON: {error}"),
        };
        let mut contents = Contents {
            name: name.to_owned(),
            version,
            requires: Vec::new(),
            dependencies: Vec::new(),
            configuration: Vec::new(),
            hooks: Vec::new(),
            deployment: model.name.clone(),
            plan: plan.id.clone(),
            model: eclexia_model::saved::digest(model),
            files: BTreeMap::new(),
            room: Contents::most_beside(&Limits::default()),
        };
        contents.insert(MODEL.to_owned(), Kind::Model, false, bytes);
        contents.insert(PLAN.to_owned(), Kind::Plan, false, plan.to_json());
        contents
    }

    /// The manifest, all signatures that may come, and the end of the archive.
    fn most_beside(limits: &Limits) -> u64 {
        let signatures = limits.signatures as u64 * archive::room(MOST_SIGNATURE_BYTES);
        archive::room(limits.manifest) + signatures + archive::room(0) * 2
    }

    /// Adds a file, by its path below `files/`.
    pub fn add(
        &mut self,
        path: &str,
        kind: Kind,
        is_executable: bool,
        bytes: Vec<u8>,
    ) -> Result<(), Diagnostic> {
        path::check(path)?;
        let limits = Limits::default();
        let path = format!("{FILES}{path}");
        archive::check_path(&path)?;
        if self.files.contains_key(&path) {
            return Err(report::duplicate(&path, &path));
        }
        if self.room + archive::room(bytes.len() as u64) > limits.unpacked {
            return Err(report::too_large("unpacked", limits.unpacked));
        }
        if self.files.len() >= limits.files {
            return Err(report::too_many("files", limits.files));
        }
        self.insert(path, kind, is_executable, bytes);
        Ok(())
    }

    fn insert(&mut self, path: String, kind: Kind, executable: bool, bytes: Vec<u8>) {
        let (size, blake3) = (bytes.len() as u64, blake3::hash(&bytes).to_hex().to_string());
        self.room += archive::room(size);
        let file = File { path: path.clone(), kind, size, executable, blake3 };
        self.files.insert(path, (file, bytes));
    }

    /// The package, unsigned; whatever can be packed can be read.
    pub fn pack(self) -> Result<Package, Diagnostic> {
        let limits = Limits::default();
        let (mut files, mut bytes) = (Vec::new(), BTreeMap::new());
        for (path, (file, content)) in self.files {
            files.push(file);
            bytes.insert(path, content);
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            name: self.name,
            version: self.version,
            deployment: self.deployment,
            plan: self.plan,
            model: self.model,
            requires: self.requires,
            dependencies: self.dependencies,
            configuration: self.configuration,
            hooks: self.hooks,
            files,
        };
        // Reads it back, so that what has two spellings is found here and not by who receives it.
        let json = manifest.to_json();
        if json.len() as u64 > limits.manifest {
            return Err(report::too_large("manifest", limits.manifest));
        }
        let manifest = Manifest::from_json(&json, &limits)?;
        Package::new(manifest, BTreeMap::new(), bytes, Compression::default())
    }
}
