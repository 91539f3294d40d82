//! Where everything of this machine's deployments is, below the data folder.

use eclexia_deploy::keys::TRUST_FILE;
use eclexia_targets::local::Volume;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
    /// Absolute.
    pub data: PathBuf,
}

impl Folders {
    /// Makes what is not there; nobody else may look into it.
    pub fn make(data: &Path) -> io::Result<Folders> {
        let folders = Folders { data: std::path::absolute(data)? };
        for folder in [folders.data.clone(), folders.local(), folders.instances()] {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        }
        std::fs::set_permissions(folders.local(), std::fs::Permissions::from_mode(0o700))?;
        Ok(folders)
    }

    /// A name for this data folder that no other one has.
    pub fn mark(&self) -> String {
        let digest = blake3::hash(self.data.as_os_str().as_encoded_bytes()).to_hex();
        format!("eclexia-{}", &digest[..12])
    }

    /// What every process of an instance carries.
    pub fn mark_of(&self, instance: &str) -> String {
        format!("{}/{instance}", self.mark())
    }

    pub fn registry(&self) -> PathBuf {
        self.data.join("registry.sqlite")
    }

    pub fn packages(&self) -> PathBuf {
        self.data.join("deployed")
    }

    /// The contents of a package.
    pub fn package(&self, id: &str) -> PathBuf {
        self.packages().join(id)
    }

    /// A package as it was brought, before it is unpacked.
    pub fn packed(&self, id: &str) -> PathBuf {
        self.packages().join(format!("{id}.eclpkg"))
    }

    pub fn trust(&self) -> PathBuf {
        self.data.join(TRUST_FILE)
    }

    pub fn local(&self) -> PathBuf {
        self.data.join("local")
    }

    pub fn lock(&self) -> PathBuf {
        self.local().join("supervisor.lock")
    }

    pub fn socket(&self) -> PathBuf {
        self.local().join("control")
    }

    /// Where who copies what services write is told what to copy.
    pub fn logger(&self) -> PathBuf {
        self.local().join("logger")
    }

    pub fn log(&self) -> PathBuf {
        self.local().join("supervisor.log")
    }

    pub fn instances(&self) -> PathBuf {
        self.local().join("instances")
    }

    pub fn instance(&self, id: &str) -> PathBuf {
        self.instances().join(id)
    }

    /// How an instance was started.
    pub fn spec(&self, id: &str) -> PathBuf {
        self.instance(id).join("spec.json")
    }

    /// How the process of a job's instance ended.
    pub fn kept(&self, id: &str) -> PathBuf {
        self.instance(id).join("ended.json")
    }

    /// What belongs to a version besides its package.
    pub fn version(&self, deployment: &str, number: u32) -> PathBuf {
        self.local().join("versions").join(label(deployment)).join(format!("{number}.json"))
    }

    /// Of the replica with this number; one that is shared is the same for all.
    pub fn volume(&self, deployment: &str, volume: &Volume, ordinal: u32) -> PathBuf {
        let name = match volume.per_replica {
            true => format!("{}.{ordinal}", volume.name),
            false => volume.name.clone(),
        };
        self.local().join("volumes").join(label(deployment)).join(name)
    }

    /// Lines of all replicas of a service.
    pub fn logs(&self, deployment: &str, service: &str) -> PathBuf {
        self.local().join("logs").join(label(deployment)).join(format!("{}.jsonl", label(service)))
    }

    /// A value that a service asks for by the secret's name and key.
    pub fn secret(&self, secret: &str, key: &str) -> PathBuf {
        self.data.join("secrets").join(label(secret)).join(label(key))
    }
}

/// A name as a part of a path: what is no letter, digit, `-` or `_` becomes `-`; names that this
/// changes get a part of their digest, so that they stay different.
pub fn label(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(is_plain) {
        return name.to_owned();
    }
    let plain: String = name.chars().take(48).map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("{plain}-{}", &blake3::hash(name.as_bytes()).to_hex()[..8])
}

/// A number as a part of a path.
pub fn base36(mut n: u64) -> String {
    let mut digits = Vec::new();
    while n > 0 {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(n % 36) as usize]);
        n /= 36;
    }
    digits.reverse();
    String::from_utf8_lossy(&digits).into_owned()
}
