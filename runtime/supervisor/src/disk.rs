//! Volumes, which may hold what they were declared with: measured while their services run.
//!
//! Looking works on every file system and needs no rights; between two looks a service can be
//! ahead. One that begins with a full volume may make room, but not let it grow.
//! Absent: quotas of the file system, in the way of which writing would fail instead.

use crate::control::VolumeStatus;
use crate::process;
use crate::supervisor::{Message, Supervisor};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// A volume that is written to. It is watched once, however many write to it, for as long as one
/// of them has it.
#[derive(Debug)]
pub struct Held {
    pub name: String,
    pub folder: PathBuf,
    /// What it may hold.
    pub bytes: u64,
    /// What it held when it was last looked, or [`UNKNOWN`].
    used: AtomicU64,
}

const UNKNOWN: u64 = u64::MAX;

/// Those that are watched, by their folder.
#[derive(Default)]
pub struct Watches(BTreeMap<PathBuf, Weak<Held>>);

impl Watches {
    /// The volume as it is watched already; else `begin` watches it from now on.
    fn of(&mut self, volume: Held, begin: impl FnOnce(Weak<Held>)) -> Arc<Held> {
        self.0.retain(|_, known| known.strong_count() > 0);
        let known = self.0.get(&volume.folder).and_then(Weak::upgrade);
        if let Some(known) = known.filter(|known| known.bytes == volume.bytes) {
            return known;
        }
        let volume = Arc::new(volume);
        self.0.insert(volume.folder.clone(), Arc::downgrade(&volume));
        begin(Arc::downgrade(&volume));
        volume
    }
}

/// From this part on it is told that a volume fills up.
pub const FILLING: f64 = 0.9;

/// How often it is looked, and what part of one core looking may take.
const PAUSE: Duration = Duration::from_secs(1);
const PART: u32 = 50;

/// Files and folders after which a look ends: what was seen by then counts.
const MOST_ENTRIES: usize = 1_000_000;

/// Looks at a volume until nobody has it, and tells what it holds when that changed.
async fn watch(volume: Weak<Held>, sender: Sender<Message>) {
    // What it may hold while they write to it: what it held before is no fault of theirs.
    let mut most: Option<u64> = None;
    loop {
        let Some(folder) = volume.upgrade().map(|volume| volume.folder.clone()) else { return };
        let (looked, bound) = (Instant::now(), most.unwrap_or(UNKNOWN));
        let measured = tokio::task::spawn_blocking(move || measure(&folder, bound)).await;
        let Ok(used) = measured else { return };
        let Some(held) = volume.upgrade() else { return };
        let most = *most.get_or_insert(used.max(held.bytes));
        let last = held.used.swap(used, Ordering::Relaxed);
        let is_over = used > most;
        if used != last && sender.send(Message::Held { volume: held, used, is_over }).is_err() {
            return;
        }
        tokio::time::sleep(PAUSE.max(looked.elapsed() * PART)).await;
    }
}

impl Supervisor {
    /// The volumes that an instance writes to are watched from now on, as long as it has a process.
    pub fn watch_volumes(&mut self, id: &str) {
        let volumes = self.volumes(id).into_iter();
        let begin = |volume| {
            self.runtime.spawn(watch(volume, self.sender.clone()));
        };
        let volumes: Vec<Arc<Held>> =
            volumes.map(|volume| self.watches.of(volume, begin)).collect();
        let Some(live) = self.live.get_mut(id) else { return };
        for volume in &volumes {
            let used_bytes = volume.used.load(Ordering::Relaxed);
            let status = VolumeStatus { used_bytes, bytes: volume.bytes };
            if used_bytes != UNKNOWN {
                live.volumes.insert(volume.name.clone(), status);
            }
        }
        live.held = volumes;
    }

    fn volumes(&self, id: &str) -> Vec<Held> {
        let Some(instance) = self.live.get(id).map(|live| &live.instance) else { return vec![] };
        let loaded = self.loaded(&instance.deployment, instance.version);
        let Some(service) = loaded.as_ref().and_then(|l| l.process(&instance.service)) else {
            return vec![];
        };
        let written = service.volumes.iter().filter(|volume| !volume.read_only);
        let held = written.map(|volume| Held {
            name: volume.name.clone(),
            folder: self.folders.volume(&instance.deployment, volume, instance.ordinal),
            bytes: volume.bytes,
            used: AtomicU64::new(UNKNOWN),
        });
        held.collect()
    }

    /// A volume holds something else than before; who made it grow beyond its size is ended: of
    /// several that write to it, all.
    pub fn held(&mut self, volume: &Arc<Held>, used: u64, is_over: bool) {
        let status = VolumeStatus { used_bytes: used, bytes: volume.bytes };
        let is_filling =
            |status: VolumeStatus| status.used_bytes as f64 >= FILLING * status.bytes as f64;
        let (name, bytes) = (&volume.name, volume.bytes);
        let mut was_filling = false;
        let mut writers = Vec::new();
        for live in self.live.values_mut() {
            let is_it = live.held.iter().any(|held| Arc::ptr_eq(held, volume));
            if !is_it || live.exceeded.is_some() {
                continue;
            }
            was_filling |= live.volumes.insert(name.clone(), status).is_some_and(is_filling);
            if is_over {
                let said = "it wrote more to its volume";
                live.exceeded = Some(format!("{said} `{name}` than the {bytes} bytes it may hold"));
            }
            writers.push((live.instance.id.clone(), live.instance.process.clone()));
        }
        for (id, process) in writers.iter().filter(|_| is_over) {
            process.iter().for_each(process::ask_to_end);
            self.end_all(id);
        }
        if let Some((id, _)) = writers.first()
            && !is_over
            && is_filling(status)
            && !was_filling
        {
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
    fn a_volume_is_watched_once_however_many_write_to_it_and_anew_when_nobody_had_it() {
        let held = |folder: &str, bytes| Held {
            name: "v".to_owned(),
            folder: PathBuf::from(folder),
            bytes,
            used: AtomicU64::new(UNKNOWN),
        };
        let begun = std::cell::RefCell::new(Vec::new());
        let begin = |volume: Weak<Held>| begun.borrow_mut().push(volume);
        let mut watches = Watches::default();
        let first = watches.of(held("/a", 1), begin);
        let second = watches.of(held("/a", 1), begin);
        assert!(Arc::ptr_eq(&first, &second));
        let other = watches.of(held("/b", 1), begin);
        assert_eq!(begun.borrow().len(), 2);
        // A new version gives it another size: what it may hold is judged by that.
        let larger = watches.of(held("/a", 2), begin);
        assert!(!Arc::ptr_eq(&first, &larger));
        assert!(Arc::ptr_eq(&larger, &watches.of(held("/a", 2), begin)));
        assert_eq!(begun.borrow().len(), 3);
        // Nobody writes to it any more: its watch ends, and the next one begins another.
        drop((first, second, larger));
        assert_eq!(begun.borrow().iter().filter(|watch| watch.strong_count() > 0).count(), 1);
        watches.of(held("/a", 2), begin);
        assert_eq!(begun.borrow().len(), 4);
        drop(other);
    }

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
