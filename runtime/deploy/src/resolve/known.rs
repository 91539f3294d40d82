//! What is known of packages: what runs here, the packages of folders, and those of the store.
//!
//! In: the registry, folders, and whom to trust. Out: what runs, and the packages in the order in
//! which those that are alike are taken: folders as they were named, each by the names of files,
//! then the store, the last brought first. Only heads are read: a package that is chosen is read
//! whole before it is deployed. What is not signed by enough trusted signers is known as what
//! cannot be taken.

use super::{Known, Offer, Running, diagnostics as report};
use crate::keys::Trust;
use crate::package::{Head, Limits, MANIFEST, Manifest, Package};
use crate::registry::Registry;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The most packages in one folder.
const MOST_PACKAGES: usize = 4_096;

/// Where packages are looked for, and whose signatures count.
pub struct Places<'p> {
    /// None: nothing was ever deployed here.
    pub registry: Option<&'p Registry>,
    /// The folder of packages that were deployed, packed and unpacked.
    pub store: &'p Path,
    pub folders: &'p [PathBuf],
    pub trust: &'p Trust,
    pub today: Date,
}

/// Looks everywhere.
pub fn known(places: &Places<'_>) -> Result<Known, Diagnostic> {
    let mut known = Known { running: running(places)?, ..Known::default() };
    let mut seen = BTreeSet::new();
    for folder in places.folders {
        let files = packages(folder).map_err(|why| report::bad_folder(folder, &why))?;
        for path in files {
            match offer(&path, places) {
                Ok(offer) if seen.insert(offer.id.clone()) => known.offers.push(offer),
                Ok(_) => {}
                Err(found) => known.unread.push((path, found.message)),
            }
        }
    }
    if places.store.is_dir() {
        let store = places.store;
        let mut files = packages(store).map_err(|why| report::bad_folder(store, &why))?;
        let age = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
        files.sort_by_cached_key(|path| std::cmp::Reverse((age(path), path.clone())));
        let offers = files.iter().filter_map(|path| offer(path, places).ok());
        known.offers.extend(offers.filter(|offer| seen.insert(offer.id.clone())));
    }
    Ok(known)
}

/// The packages in a folder, by name.
fn packages(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.extension().is_some_and(|e| e == "eclpkg") && path.is_file() {
            if files.len() == MOST_PACKAGES {
                return Err(format!("it has more than {MOST_PACKAGES} packages"));
            }
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn offer(path: &Path, places: &Places<'_>) -> Result<Offer, Diagnostic> {
    let file = File::open(path).map_err(|error| crate::diagnostics::not_read(path, &error))?;
    let head = Head::read(file, &Limits::default())?;
    let lacks = head.verify(places.trust, places.today).err().map(|faults| {
        let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
        faults.join("; ")
    });
    Ok(Offer { lacks, ..Offer::of(&head.manifest, path) })
}

impl Offer {
    /// The whole package, which is still the one that was looked at.
    pub fn read(&self) -> Result<Package, Diagnostic> {
        let path = &self.place;
        let file = File::open(path).map_err(|error| crate::diagnostics::not_read(path, &error))?;
        let package = Package::read(file, &Limits::default())?;
        match package.id() == self.id {
            true => Ok(package),
            false => Err(crate::diagnostics::other_contents("the file was changed just now")),
        }
    }

    /// A package by its manifest.
    pub fn of(manifest: &Manifest, place: &Path) -> Offer {
        Offer {
            name: manifest.name.clone(),
            version: manifest.version.clone(),
            id: manifest.id(),
            deployment: manifest.deployment.clone(),
            needs: manifest.dependencies.clone(),
            place: place.to_owned(),
            lacks: None,
        }
    }
}

/// What was completed last of each deployment. One whose package is not there any more meets no
/// need: the supervisor could not bring it about either.
fn running(places: &Places<'_>) -> Result<Vec<Running>, Diagnostic> {
    let Some(registry) = places.registry else { return Ok(Vec::new()) };
    let mut running = Vec::new();
    for deployment in registry.deployments()? {
        let Some(number) = deployment.running else { continue };
        let Some(version) = registry.version(&deployment.name, number)? else { continue };
        let folder = places.store.join(&version.package);
        let Ok(bytes) = std::fs::read(folder.join(MANIFEST)) else { continue };
        let Ok(manifest) = Manifest::from_json(&bytes, &Limits::default()) else { continue };
        let place = places.store.join(format!("{}.eclpkg", version.package));
        let offer = Offer::of(&manifest, &place);
        running.push(Running { deployment: deployment.name, number, offer });
    }
    Ok(running)
}
