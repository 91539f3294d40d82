//! What belongs to a version and is not in its package: the values that were given to its settings,
//! and who asked for it. A file for each version, written whole before the version is recorded in
//! the registry, so that a version that is known has it.

use crate::folders::Folders;
use crate::rights::Asker;
use eclexia_deploy::package::Values;
use eclexia_deploy::window::Window;
use eclexia_whole::{Access, Existing, folder_of, write};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;

const FORMAT: &str = "eclexia-version/1";

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    format: String,
    /// Not those that are left to their defaults.
    pub settings: Values,
    /// None: the owner of the data folder.
    pub asker: Option<Asker>,
    /// When it may be brought about; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// Deployments that are changed with it, whose needs do not count until then.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub along: BTreeSet<String>,
}

impl Default for Record {
    fn default() -> Record {
        Record {
            format: FORMAT.to_owned(),
            settings: Values::new(),
            asker: None,
            window: None,
            along: BTreeSet::new(),
        }
    }
}

impl Record {
    pub fn new(
        settings: Values,
        asker: Option<Asker>,
        window: Option<Window>,
        along: BTreeSet<String>,
    ) -> Record {
        Record { settings, asker, window, along, ..Record::default() }
    }

    /// Of a version; one of an older eclexia has none, and was given nothing.
    pub fn read(folders: &Folders, deployment: &str, number: u32) -> Result<Record, String> {
        let path = folders.version(deployment, number);
        let shown = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| shown(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Record::default()),
            Err(error) => Err(shown(&error)),
        }
    }

    pub fn write(&self, folders: &Folders, deployment: &str, number: u32) -> io::Result<()> {
        let path = folders.version(deployment, number);
        std::fs::create_dir_all(folder_of(&path))?;
        write(&path, &serde_json::to_vec(self)?, Access::Owner, Existing::Replace)
    }
}
