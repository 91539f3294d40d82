//! Limits of memory, cores and processes for each instance, in cgroups of version 1 or 2.
//!
//! In: the folder where the system keeps its cgroups, limits. Out: a group for an instance, the
//! files by which a process enters it, who is in it, what it used, whether it ran out of memory.
//! Always holds: a group is only ever made below the supervisor's own; where groups cannot be made
//! there are none, and the caller uses rlimits.

use eclexia_targets::local::Limits;
use std::path::{Path, PathBuf};

/// Processes and threads of one instance.
pub const MOST_PROCESSES: u64 = 512;

/// Microseconds over which shares of cores are measured; the kernel's own default.
const PERIOD: u64 = 100_000;

/// Where groups are made; each controller has a hierarchy of its own in version 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cgroups {
    /// Controller to the supervisor's folder.
    One(Vec<(String, PathBuf)>),
    /// The supervisor's folder and its controllers.
    Two(PathBuf, Vec<String>),
    /// Nothing can be limited by groups here.
    None,
}

const CONTROLLERS: [&str; 3] = ["memory", "cpu", "pids"];

/// In version 1 a hierarchy of its own counts what cores did.
const COUNTS: &str = "cpuacct";

impl Cgroups {
    /// The groups that can be made below `root` (`/sys/fs/cgroup`), under a name of our own.
    pub fn at(root: &Path, name: &str) -> Cgroups {
        if root.join("cgroup.controllers").is_file() {
            return Self::two(root, name);
        }
        let made = CONTROLLERS.iter().chain([&COUNTS]).filter_map(|controller| {
            // A controller that is not there has no folder, and is given none.
            let above = root.join(controller);
            let folder = above.is_dir().then(|| above.join(name))?;
            std::fs::create_dir_all(&folder).ok()?;
            Some(((*controller).to_owned(), folder))
        });
        let made: Vec<_> = made.filter(|(_, f)| f.join("cgroup.procs").is_file()).collect();
        if made.is_empty() { Cgroups::None } else { Cgroups::One(made) }
    }

    fn two(root: &Path, name: &str) -> Cgroups {
        let there = std::fs::read_to_string(root.join("cgroup.controllers")).unwrap_or_default();
        let wanted = CONTROLLERS.iter().filter(|c| there.split_whitespace().any(|t| t == **c));
        let folder = root.join(name);
        if std::fs::create_dir_all(&folder).is_err() {
            return Cgroups::None;
        }
        // Each level hands on what its children may use.
        let able = wanted.filter(|controller| {
            let on = format!("+{controller}");
            std::fs::write(root.join("cgroup.subtree_control"), &on).is_ok()
                && std::fs::write(folder.join("cgroup.subtree_control"), &on).is_ok()
        });
        let able: Vec<String> = able.map(|controller| (*controller).to_owned()).collect();
        if able.is_empty() { Cgroups::None } else { Cgroups::Two(folder, able) }
    }

    /// The controllers that limit here.
    pub fn controllers(&self) -> Vec<String> {
        match self {
            Cgroups::One(folders) => {
                let names = folders.iter().map(|(name, _)| name.clone());
                names.filter(|name| name != COUNTS).collect()
            }
            Cgroups::Two(_, names) => names.clone(),
            Cgroups::None => Vec::new(),
        }
    }

    pub fn limits_memory(&self) -> bool {
        self.controllers().iter().any(|name| name == "memory")
    }

    fn folders(&self, instance: &str) -> Vec<(String, PathBuf)> {
        match self {
            Cgroups::One(folders) => {
                folders.iter().map(|(name, f)| (name.clone(), f.join(instance))).collect()
            }
            Cgroups::Two(folder, names) => {
                names.iter().map(|name| (name.clone(), folder.join(instance))).collect()
            }
            Cgroups::None => Vec::new(),
        }
    }

    /// Makes the group of an instance and gives the files by which a process enters it.
    pub fn make(&self, instance: &str, limits: Limits) -> std::io::Result<Vec<PathBuf>> {
        let is_two = matches!(self, Cgroups::Two(..));
        let mut entries = Vec::new();
        for (controller, folder) in self.folders(instance) {
            std::fs::create_dir_all(&folder)?;
            let set = |file: &str, value: String| std::fs::write(folder.join(file), value);
            match (controller.as_str(), is_two) {
                ("memory", _) => {
                    if let Some(bytes) = limits.memory_bytes {
                        let file = if is_two { "memory.max" } else { "memory.limit_in_bytes" };
                        set(file, bytes.to_string())?;
                        // Without this what is over the limit would go to disk instead.
                        let _ = if is_two {
                            set("memory.swap.max", "0".to_owned())
                        } else {
                            set("memory.memsw.limit_in_bytes", bytes.to_string())
                        };
                    }
                }
                ("cpu", two) => {
                    if let Some(millis) = limits.cpu_millis {
                        let quota = (millis.max(10) * PERIOD / 1000).max(1000);
                        match two {
                            true => set("cpu.max", format!("{quota} {PERIOD}"))?,
                            false => {
                                set("cpu.cfs_period_us", PERIOD.to_string())?;
                                set("cpu.cfs_quota_us", quota.to_string())?;
                            }
                        }
                    }
                }
                ("pids", _) => set("pids.max", MOST_PROCESSES.to_string())?,
                _ => {}
            }
            let entry = folder.join("cgroup.procs");
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
        Ok(entries)
    }

    /// Who is in the group of an instance; `None`: there are no groups, or not this one.
    pub fn members(&self, instance: &str) -> Option<Vec<u32>> {
        let (_, folder) = self.folders(instance).into_iter().next()?;
        let list = std::fs::read_to_string(folder.join("cgroup.procs")).ok()?;
        Some(list.lines().filter_map(|line| line.trim().parse().ok()).collect())
    }

    /// How often the kernel ended a process of the group because its memory was used up.
    pub fn out_of_memory(&self, instance: &str) -> u64 {
        let folders = self.folders(instance);
        let Some((_, folder)) = folders.iter().find(|(name, _)| name == "memory") else { return 0 };
        let texts = ["memory.events", "memory.oom_control"].iter();
        let texts = texts.filter_map(|file| std::fs::read_to_string(folder.join(file)).ok());
        texts.filter_map(|text| field(&text, "oom_kill")).sum()
    }

    /// The limits that a group has now.
    pub fn limits(&self, instance: &str) -> Limits {
        let mut limits = Limits::default();
        for (controller, folder) in self.folders(instance) {
            let text = |file: &str| std::fs::read_to_string(folder.join(file)).ok();
            let number = |file: &str| text(file)?.trim().parse::<u64>().ok();
            match controller.as_str() {
                "memory" => {
                    limits.memory_bytes =
                        number("memory.max").or_else(|| number("memory.limit_in_bytes"));
                }
                "cpu" => {
                    let quota = text("cpu.max")
                        .and_then(|text| text.split_whitespace().next()?.parse().ok())
                        .or_else(|| number("cpu.cfs_quota_us"));
                    limits.cpu_millis = quota.map(|quota| quota * 1000 / PERIOD);
                }
                _ => {}
            }
        }
        limits
    }

    /// What the group has used so far.
    pub fn used(&self, instance: &str) -> Used {
        let mut used = Used::default();
        for (controller, folder) in self.folders(instance) {
            let number = |file: &str| -> Option<u64> {
                std::fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()
            };
            match controller.as_str() {
                "memory" => {
                    used.memory_bytes =
                        number("memory.current").or_else(|| number("memory.usage_in_bytes"));
                }
                "pids" => used.processes = number("pids.current"),
                COUNTS => used.cpu_micros = number("cpuacct.usage").map(|nanos| nanos / 1000),
                _ => {
                    let text = std::fs::read_to_string(folder.join("cpu.stat")).ok();
                    let micros = text.and_then(|text| field(&text, "usage_usec"));
                    used.cpu_micros = used.cpu_micros.or(micros);
                }
            }
        }
        used
    }

    /// Removes the group of an instance; a group with members stays, and is told of.
    pub fn remove(&self, instance: &str) -> bool {
        let folders = self.folders(instance).into_iter();
        folders.fold(true, |all, (_, folder)| match std::fs::remove_dir(&folder) {
            Ok(()) => all,
            Err(error) => all && error.kind() == std::io::ErrorKind::NotFound,
        })
    }

    /// Removes all that was made, the folder of our own name with it.
    pub fn remove_all(&self) {
        self.instances().iter().for_each(|instance| {
            self.remove(instance);
        });
        let folders: Vec<&PathBuf> = match self {
            Cgroups::One(folders) => folders.iter().map(|(_, folder)| folder).collect(),
            Cgroups::Two(folder, _) => vec![folder],
            Cgroups::None => Vec::new(),
        };
        for folder in folders {
            // One that somebody is in stays; it is empty of ours.
            let _ = std::fs::remove_dir(folder);
        }
    }

    /// Instances that have a group.
    pub fn instances(&self) -> Vec<String> {
        let folder = match self {
            Cgroups::One(folders) => folders.first().map(|(_, folder)| folder),
            Cgroups::Two(folder, _) => Some(folder),
            Cgroups::None => None,
        };
        let entries = folder.and_then(|folder| std::fs::read_dir(folder).ok());
        let folders = entries.into_iter().flatten().flatten().filter(|e| e.path().is_dir());
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line?.trim().parse().ok()
}

/// What is known of it; `None`: it is not counted here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Used {
    pub memory_bytes: Option<u64>,
    pub cpu_micros: Option<u64>,
    pub processes: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { cpu_millis: Some(250), memory_bytes: Some(64 << 20) };

    fn text(path: PathBuf) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    /// The kernel makes the files of a group; a made tree has them before.
    fn with_files(folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("cgroup.procs"), "").unwrap();
    }

    #[test]
    fn version_one_has_a_hierarchy_for_each_controller() {
        let root = tempfile::tempdir().unwrap();
        for controller in CONTROLLERS {
            with_files(&root.path().join(controller).join("ours"));
        }
        let cgroups = Cgroups::at(root.path(), "ours");
        assert_eq!(cgroups.controllers(), CONTROLLERS);
        let entries = cgroups.make("a", LIMITS).unwrap();
        assert_eq!(entries.len(), 3);
        let of = |file: &str| text(root.path().join(file));
        assert_eq!(of("memory/ours/a/memory.limit_in_bytes"), "67108864");
        assert_eq!(of("cpu/ours/a/cpu.cfs_quota_us"), "25000");
        assert_eq!(of("pids/ours/a/pids.max"), "512");
        assert_eq!(cgroups.limits("a"), LIMITS);
        assert_eq!(cgroups.instances(), ["a"]);
        let control = root.path().join("memory/ours/a/memory.oom_control");
        std::fs::write(control, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n").unwrap();
        assert_eq!(cgroups.out_of_memory("a"), 2);
    }

    #[test]
    fn version_two_has_one_folder_for_all_of_them() {
        let root = tempfile::tempdir().unwrap();
        with_files(&root.path().join("ours"));
        std::fs::write(root.path().join("cgroup.controllers"), "cpuset cpu memory pids").unwrap();
        let cgroups = Cgroups::at(root.path(), "ours");
        assert_eq!(cgroups.controllers(), CONTROLLERS);
        assert_eq!(cgroups.make("a", LIMITS).unwrap().len(), 1);
        let of = |file: &str| text(root.path().join("ours/a").join(file));
        assert_eq!(of("memory.max"), "67108864");
        assert_eq!(of("cpu.max"), "25000 100000");
        assert_eq!(cgroups.limits("a"), LIMITS);
        std::fs::write(root.path().join("ours/a/cgroup.procs"), "12\n13\n").unwrap();
        assert_eq!(cgroups.members("a"), Some(vec![12, 13]));
    }

    #[test]
    fn where_no_group_can_be_made_there_are_none() {
        let root = tempfile::tempdir().unwrap();
        let cgroups = Cgroups::at(&root.path().join("none"), "ours");
        assert!(cgroups.controllers().is_empty());
        assert!(cgroups.make("a", LIMITS).unwrap().is_empty());
        assert_eq!(cgroups.members("a"), None);
    }
}
