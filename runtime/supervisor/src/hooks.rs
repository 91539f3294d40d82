//! Hooks of packages: commands that run at moments of a version's life.
//!
//! In: the hooks of a manifest, and the moment that a version has come to. Out: processes in the
//! sandbox of services, one after the other; what they write, in a log of the deployment; how each
//! ended. Always holds: that a hook begins is recorded before it does, that it ended after; one
//! whose end is not recorded is ended after a crash, and run again: so hooks must bear to be run
//! twice. None takes longer than its time, and nothing of it is left when it ends. Nobody waits
//! for one but the version that it is of.

use crate::cgroup::Cgroups;
use crate::folders::label;
use crate::launch::Spec;
use crate::loaded::Loaded;
use crate::logs::{self, Log};
use crate::process;
use crate::supervisor::{Message, Supervisor, now};
use eclexia_deploy::package::Moment;
use eclexia_deploy::registry::{Event, Filter, Registry};
use eclexia_diag::Diagnostic;
use eclexia_targets::local::Limits;
use std::collections::BTreeMap;
use std::io;
use std::process::Child;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What hooks write is the log of a service that no program can declare.
pub const LOG: &str = "@hooks";

/// What one hook may take.
const LIMITS: Limits = Limits { cpu_millis: Some(1000), memory_bytes: Some(512 << 20) };

/// How often it is looked whether one has ended.
const NAP: Duration = Duration::from_millis(10);

/// Of how a hook is told in events.
const BEGUN: &str = "hook-begun";
const ENDED: &str = "hook-ended";
const FAILED: &str = "hook-failed";

/// How far the hooks of the newest version are.
#[derive(Default)]
pub struct Hooks {
    /// By their places in the manifest: how they ended.
    ended: BTreeMap<usize, Outcome>,
    /// The one that runs, by its place and the id of its process.
    running: Option<(usize, String)>,
    /// Whether one had begun, under a supervisor before this one, and its end is not known.
    pub is_interrupted: bool,
}

/// A sentence either way: that it ended well, or what went wrong.
pub type Outcome = Result<String, String>;

/// How the hooks of a moment are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Passed {
    Waiting,
    Done,
    Failed(String),
}

/// A hook that is about to begin.
pub struct Due {
    deployment: String,
    loaded: Arc<Loaded>,
    place: usize,
    id: String,
}

impl Hooks {
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// As a supervisor before this one has recorded it.
    pub fn recorded(registry: &Registry, name: &str, loaded: &Loaded) -> Result<Hooks, Diagnostic> {
        let mut hooks = Hooks::default();
        for place in 0..loaded.manifest.hooks.len() {
            let filter = Filter {
                deployment: Some(name.to_owned()),
                resource: Some(resource(loaded.number, place)),
                newest_first: true,
                limit: Some(1),
                ..Filter::default()
            };
            let last = registry.events(&filter)?.into_iter().next();
            let Some(last) = last else { continue };
            match last.status.as_deref() {
                Some(ENDED) => drop(hooks.ended.insert(place, Ok(last.detail))),
                Some(FAILED) => drop(hooks.ended.insert(place, Err(last.detail))),
                _ => hooks.is_interrupted = true,
            }
        }
        Ok(hooks)
    }
}

fn resource(number: u32, place: usize) -> String {
    format!("hook {number}.{place}")
}

impl Supervisor {
    /// How the newest version's hooks of a moment are; the next of them begins where none runs. A
    /// failure before a moment stops those after it; after a moment, all of them run.
    pub fn hooks(&mut self, name: &str, loaded: &Arc<Loaded>, moment: Moment) -> Passed {
        let mut failed = None;
        for (place, hook) in loaded.manifest.hooks.iter().enumerate() {
            if hook.at != moment {
                continue;
            }
            let Some(deployed) = self.deployments.get(name) else { return Passed::Done };
            match deployed.hooks.ended.get(&place) {
                Some(Ok(_)) => {}
                Some(Err(why)) if is_before(moment) => return Passed::Failed(why.clone()),
                Some(Err(why)) => {
                    failed.get_or_insert(why.clone());
                }
                None => {
                    if !deployed.hooks.is_running() {
                        self.begin(name, loaded, place);
                    }
                    return Passed::Waiting;
                }
            }
        }
        failed.map_or(Passed::Done, Passed::Failed)
    }

    /// Recorded now; it begins when that is on disk.
    fn begin(&mut self, name: &str, loaded: &Arc<Loaded>, place: usize) {
        let id = format!("{}.hook.{}.{}", label(name), loaded.number, self.unique());
        if let Some(deployed) = self.deployments.get_mut(name) {
            deployed.hooks.running = Some((place, id.clone()));
        }
        let detail = format!("{} begins", told(loaded, place));
        self.hook_event(name, loaded.number, place, (BEGUN, detail));
        let (deployment, loaded) = (name.to_owned(), loaded.clone());
        self.due_hooks.push(Due { deployment, loaded, place, id });
    }

    fn hook_event(
        &mut self,
        name: &str,
        number: u32,
        place: usize,
        (status, detail): (&str, String),
    ) {
        self.event(Event {
            version: Some(number),
            resource: Some(resource(number, place)),
            status: Some(status.to_owned()),
            ..Event::new(name, "hook", now(), detail)
        });
    }

    /// Starts what is due and on disk.
    pub fn start_hooks(&mut self) {
        for due in std::mem::take(&mut self.due_hooks) {
            if let Err(error) = self.start_hook(&due) {
                let why = format!("{}: {error}", told(&due.loaded, due.place));
                self.hooked(&due.deployment, due.loaded.number, due.place, Err(why));
            }
        }
    }

    fn start_hook(&mut self, due: &Due) -> io::Result<()> {
        let Due { deployment, loaded, place, id } = due;
        let hook = &loaded.manifest.hooks[*place];
        let mark = self.folders.mark_of(id);
        let cgroups = self.cgroups.make(id, LIMITS)?;
        let has_memory = self.cgroups.limits_memory();
        let spec = Spec {
            cgroups,
            address_space: LIMITS.memory_bytes.filter(|_| !has_memory),
            ..loaded.hook(hook, (&self.folders, deployment, id), &self.launcher)?
        };
        let folder = self.folders.instance(id);
        let pipes = [folder.join("out"), folder.join("err")];
        let [out, err] = [logs::make_pipe(&pipes[0])?, logs::make_pipe(&pipes[1])?];
        let log = Log::at(self.folders.logs(deployment, LOG))?;
        let who = format!("{}.{place}", hook.at.name());
        let mut copies = Vec::new();
        for (pipe, stream) in pipes.iter().zip(["out", "err"]) {
            let (pipe, name) = (logs::open_pipe(pipe)?, (who.clone(), stream));
            copies.push(self.runtime.spawn(logs::copy(pipe, name, log.clone(), || {})));
        }
        let (child, _) = process::start(&self.launcher, &spec, &mark, (out, err))?.go()?;
        let running = Running {
            child,
            timeout: Duration::from_secs(u64::from(hook.timeout)),
            cgroups: self.cgroups.clone(),
            id: id.clone(),
            mark,
        };
        let (told, sender) = (told(loaded, *place), self.sender.clone());
        let (deployment, number, place) = (deployment.clone(), loaded.number, *place);
        let handle = self.runtime.handle().clone();
        self.runtime.spawn_blocking(move || {
            let outcome = match running.wait() {
                Ok(()) => Ok(format!("{told} ended well")),
                Err(why) => Err(format!("{told}: {why}")),
            };
            for copy in copies {
                // What cannot be read is not waited for.
                let _ = handle.block_on(copy);
            }
            let _ = std::fs::remove_dir_all(folder);
            let _ = sender.send(Message::Hooked { deployment, number, place, outcome });
        });
        Ok(())
    }

    /// A hook has ended, or could not begin.
    pub fn hooked(&mut self, name: &str, number: u32, place: usize, outcome: Outcome) {
        let (status, detail) = match &outcome {
            Ok(said) => (ENDED, said.clone()),
            Err(why) => (FAILED, why.clone()),
        };
        self.hook_event(name, number, place, (status, detail));
        let Some(deployed) = self.deployments.get_mut(name) else { return };
        if deployed.version.as_ref().is_some_and(|version| version.number == number) {
            deployed.hooks.running = None;
            deployed.hooks.ended.insert(place, outcome);
        }
    }

    /// Ends the hook that runs, if any: nobody waits for it any more.
    pub fn end_hook(&mut self, name: &str) {
        let running = self.deployments.get(name).and_then(|d| d.hooks.running.clone());
        if let Some((_, id)) = running {
            self.end_all(&id);
        }
    }
}

fn is_before(moment: Moment) -> bool {
    moment.name().starts_with("before")
}

/// A hook in words.
fn told(loaded: &Loaded, place: usize) -> String {
    let hook = &loaded.manifest.hooks[place];
    // What says which one it is: of our own command the program that it runs.
    let program = match &hook.command[..] {
        [eclexia, run, program, ..] if eclexia == "eclexia" && run == "run" => program,
        [program, ..] => program,
        [] => "",
    };
    format!("the hook `{program}` {}", hook.at.name().replace('-', " "))
}

/// A hook's process, and what ends it.
struct Running {
    child: Child,
    timeout: Duration,
    cgroups: Cgroups,
    id: String,
    mark: String,
}

impl Running {
    /// Until it ends, or its time does; whatever it started ends with it.
    fn wait(mut self) -> Result<(), String> {
        let began = Instant::now();
        let ended = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break Some(status),
                Ok(None) if began.elapsed() < self.timeout => std::thread::sleep(NAP),
                Ok(None) | Err(_) => break None,
            }
        };
        process::end_all(&self.cgroups, &self.id, &self.mark);
        let _ = self.child.kill();
        let _ = self.child.wait();
        let is_out_of_memory = self.cgroups.out_of_memory(&self.id) > 0;
        self.cgroups.remove(&self.id);
        match ended {
            None => Err(format!("it was ended after {} s", self.timeout.as_secs())),
            Some(_) if is_out_of_memory => {
                Err(format!("it used more than {} MiB", LIMITS.memory_bytes.unwrap_or(0) >> 20))
            }
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(format!("it ended with {status}")),
        }
    }
}
