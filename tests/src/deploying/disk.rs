//! Disks and folders of services: one that is full, and one that several replicas write to.
//!
//! The full disk is a real one, a file system of a few MB in memory that only this test has. Making
//! it needs root; who is not is told, and CI does not skip.

use super::{Machine, free_port, get, kill};
use crate::tools::required;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A file system of its own at a folder, until it goes out of scope.
pub(super) struct Disk(PathBuf);

impl Disk {
    /// `None` after a printed reason where none may be made, and a failure in CI.
    fn at(folder: &Path, size: &str) -> Option<Disk> {
        std::fs::create_dir_all(folder).expect("a folder");
        let options = format!("size={size},mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder);
        let is_there = mount.output().is_ok_and(|output| output.status.success());
        required(is_there, "a small file system", "mounting one needs root")?;
        Some(Disk(folder.to_owned()))
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Takes what room there is, to the last byte.
    fn fill(&self) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(self.filler());
        let mut file = file.expect("a file");
        for chunk in [64 << 10, 4 << 10, 1] {
            let chunk = vec![1; chunk];
            let full = std::iter::repeat_with(|| file.write_all(&chunk)).find_map(Result::err);
            let error = full.expect("a disk has an end");
            assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.filler()).expect("removed");
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // At once for everybody who looks, and in truth when nobody has a file of it open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A server that says its version, who writes without a pause, and who sleeps.
fn shop(port: u16, version: u32) -> String {
    format!(
        "(defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port)\n\
             (fn [_] (http/text 200 \"version {version}\")))))\n\
         (defservice web {{:image \"i\" :port {port} :env {{\"V\" \"{version}\"}}\n\
           :command [\"eclexia\" \"run\" \"shop.ecl\"] :health (http \"/\" :every 2s)}})\n\
         (defservice writer {{:image \"i\" :command [\"sh\" \"-c\"\n\
           \"n=0; while true; do n=$((n+1)); echo this is line $n of it; sleep 0.002; done\"]}})\n\
         (defservice sleeper {{:image \"i\" :command [\"sleep\" \"1000\"]}})"
    )
}

/// Ids of the replicas to their processes.
fn running(machine: &Machine) -> Vec<(String, u64)> {
    let one = |of: &serde_json::Value| {
        Some((of["id"].as_str().unwrap_or_default().to_owned(), of["pid"].as_u64()?))
    };
    machine.instances().iter().filter_map(one).collect()
}

/// Its processes that sleep long. All are not to be counted: the writer begins one for each line.
fn sleepers(machine: &Machine) -> usize {
    let command = |pid: &u32| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    machine.processes().iter().filter(|pid| command(pid) == b"sleep\x001000\0").count()
}

#[test]
fn on_a_full_disk_what_runs_goes_on_and_changes_wait_for_room() {
    let mut machine = Machine::new();
    machine.disk = Disk::at(&machine.data(), "16m");
    let Some(disk) = &machine.disk else { return };
    let port = free_port();
    let answers = || get(port, "/").map(|(_, body)| body);
    for version in [0, 1] {
        machine.write(&shop(port, version));
        machine.done(&["apply", "shop.ecl"]);
        assert_eq!(answers(), Some(format!("version {version}")));
    }
    let (supervisor, before) = (machine.supervisor(), running(&machine));
    assert_eq!(before.len(), 3);

    // Each refusal has a code and says that nothing was done.
    machine.write(&shop(port, 2));
    let refused = |arguments: &[&str], code: &str| {
        disk.fill();
        let ran = machine.run(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.told());
        assert!(ran.err.contains(&format!("error[{code}]")), "{arguments:?}: {}", ran.told());
    };
    refused(&["apply", "shop.ecl"], "write-failed");
    // What is recorded goes to room that the registry has already, until there is none.
    machine.until("nothing can be recorded", || {
        disk.fill();
        let ran = machine.run(&["lock", "shop", "--reason", "to write something"]);
        ran.code != Some(0)
    });
    refused(&["destroy", "shop"], "registry-unusable");
    refused(&["rollback", "shop"], "registry-unusable");
    machine.until("it answers", || answers().as_deref() == Some("version 1"));
    assert_eq!(running(&machine), before);
    assert_eq!(machine.supervisor(), supervisor);
    machine.done(&["logs", "writer", "-n", "5"]);

    // Who ends is started again when there is room, and who kills the supervisor kills nobody else.
    let sleeper = before.iter().find(|(id, _)| id.contains("sleeper")).expect("it runs").1;
    assert_eq!(sleepers(&machine), 1);
    kill(u32::try_from(sleeper).expect("a process"), "-KILL");
    std::thread::sleep(Duration::from_millis(1500));
    disk.fill();
    assert_eq!(sleepers(&machine), 0);
    assert_eq!(answers().as_deref(), Some("version 1"));

    disk.make_room();
    machine.until("it runs again", || running(&machine).len() == 3);
    let lines = machine.done(&["logs", "writer", "-n", "100000", "--json"]);
    for line in lines.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = line["line"].as_str().unwrap_or_default();
        assert!(text.starts_with("this is line ") && text.ends_with(" of it"), "{text:?}");
    }
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(answers().as_deref(), Some("version 2"));
    assert_eq!(machine.supervisor(), supervisor);
    machine.done(&["destroy", "shop"]);
    machine.until("nobody is left", || machine.loggers().is_empty());
    assert_eq!(machine.processes(), Vec::<u32>::new());
    let left = std::fs::read_dir(machine.data().join("local/instances")).expect("a folder");
    assert_eq!(left.count(), 0);
}
