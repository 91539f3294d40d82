//! Volumes, which may hold what they were declared with: measured while their services run.
//!
//! Looking works on every file system and needs no rights; between two looks a service can be
//! ahead. One that begins with a full volume may make room, but not let it grow.
//! Absent: quotas of the file system, in the way of which writing would fail instead.

use crate::control::VolumeStatus;
use crate::process;
use crate::supervisor::{Message, Supervisor};
use eclexia_deploy::registry::Process;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

/// A volume that an instance writes to.
#[derive(Clone, Debug)]
pub struct Held {
    pub name: String,
    pub folder: PathBuf,
    /// What it may hold.
    pub bytes: u64,
}

/// From this part on it is told that a volume fills up.
pub const FILLING: f64 = 0.9;

/// How often it is looked, and what part of one core looking may take.
const PAUSE: Duration = Duration::from_secs(1);
const PART: u32 = 50;

/// Files and folders after which a look ends: what was seen by then counts.
const MOST_ENTRIES: usize = 1_000_000;

/// Looks at the volumes until its task is ended, and tells what they hold when that changed.
pub async fn watch(volumes: Vec<Held>, id: String, process: Process, sender: Sender<Message>) {
    // What a volume may hold while this process lives: what it held before is no fault of it.
    let mut most: Vec<Option<u64>> = vec![None; volumes.len()];
    let mut last = vec![0; volumes.len()];
    loop {
        let looked = Instant::now();
        for (place, volume) in volumes.iter().enumerate() {
            let (folder, bound) = (volume.folder.clone(), most[place].unwrap_or(u64::MAX));
            let measured = tokio::task::spawn_blocking(move || measure(&folder, bound)).await;
            let Ok(used) = measured else { return };
            let most = *most[place].get_or_insert(used.max(volume.bytes));
            if used == last[place] {
                continue;
            }
            last[place] = used;
            let (id, process, volume) = (id.clone(), process.clone(), volume.clone());
            let is_over = used > most;
            if sender.send(Message::Held { id, process, volume, used, is_over }).is_err() {
                return;
            }
        }
        tokio::time::sleep(PAUSE.max(looked.elapsed() * PART)).await;
    }
}

impl Supervisor {
    /// The volumes that an instance writes to.
    pub fn volumes(&self, id: &str) -> Vec<Held> {
        let Some(instance) = self.live.get(id).map(|live| &live.instance) else { return vec![] };
        let loaded = self.loaded(&instance.deployment, instance.version);
        let Some(service) = loaded.as_ref().and_then(|l| l.process(&instance.service)) else {
            return vec![];
        };
        let written = service.volumes.iter().filter(|volume| !volume.read_only);
        let held = written.map(|volume| {
            let folder = self.folders.volume(&instance.deployment, volume, instance.ordinal);
            Held { name: volume.name.clone(), folder, bytes: volume.bytes }
        });
        held.collect()
    }

    /// A volume holds something else than before; who made it grow beyond its size is ended.
    pub fn held(&mut self, id: &str, process: &Process, volume: &Held, used: u64, is_over: bool) {
        let Some(live) = self.live.get_mut(id) else { return };
        if live.instance.process.as_ref() != Some(process) || live.exceeded.is_some() {
            return;
        }
        let status = VolumeStatus { used_bytes: used, bytes: volume.bytes };
        let was = live.volumes.insert(volume.name.clone(), status);
        let is_filling =
            |status: VolumeStatus| status.used_bytes as f64 >= FILLING * status.bytes as f64;
        let (name, bytes) = (&volume.name, volume.bytes);
        if is_over {
            let said =
                format!("it wrote more to its volume `{name}` than the {bytes} bytes it may hold");
            live.exceeded = Some(said);
            process::ask_to_end(process);
            self.end_all(id);
        } else if is_filling(status) && !was.is_some_and(is_filling) {
            let part = used as f64 * 100.0 / bytes as f64;
            let detail = format!("the volume `{name}` of {id} is filled to {part:.0} %");
            self.instance_event(id, "volume-filling", detail);
        }
    }
}

/// Bytes that a folder takes on its disk; looking ends above `most`. What cannot be read, since it
/// goes while it is looked at, takes nothing.
fn measure(folder: &Path, most: u64) -> u64 {
    let (mut bytes, mut entries) = (0, 0);
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(found) = std::fs::read_dir(folder) else { continue };
        for entry in found.flatten() {
            entries += 1;
            // A link counts itself, not what it leads to.
            let Ok(metadata) = entry.metadata() else { continue };
            bytes += metadata.blocks() * 512;
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            if bytes > most || entries >= MOST_ENTRIES {
                return bytes;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_takes_what_its_files_take_and_no_link_leads_out_or_round() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("a/b")).unwrap();
        std::fs::write(at("a/b/c"), vec![1; 100_000]).unwrap();
        let one = measure(folder.path(), u64::MAX);
        assert!((100_000..200_000).contains(&one), "{one}");
        std::os::unix::fs::symlink("/", at("root")).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("round")).unwrap();
        assert!(measure(folder.path(), u64::MAX) < 200_000);
        // Nothing was written into most of it.
        std::fs::File::create(at("sparse")).unwrap().set_len(1 << 40).unwrap();
        assert!(measure(folder.path(), u64::MAX) < 200_000);
        std::fs::write(at("d"), vec![1; 300_000]).unwrap();
        assert!(measure(folder.path(), u64::MAX) >= 400_000);
        assert!(measure(folder.path(), 1_000) > 1_000);
        assert_eq!(measure(&at("gone"), 1), 0);
    }
}
