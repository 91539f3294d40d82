//! The supervisor: one thread that knows everything and decides, and tasks around it that wait.
//!
//! In: requests of commands, ends of processes, answers of checks, the time. Out: processes, and
//! facts in the registry. Always holds: what is about to be done is on disk before it is done
//! (`flush`), each round is one transaction before its effects and one after; after a crash the
//! same rounds go on from what the registry and the system say. What should be is decided anew
//! each round (`eclexia_deploy::rollout`), never remembered as a list of things to do.

use crate::cgroup::Cgroups;
pub use crate::clock::now;
use crate::control::{self, Refused, Reply, Request};
use crate::disk::{Held, Watches};
use crate::folders::{self, Folders};
use crate::grid::Grid;
use crate::hooks::{Due, Outcome};
use crate::launch::Spec;
use crate::live::{Leaving, Live};
use crate::loaded::{Loaded, Place};
use crate::logger::Logger;
use crate::logs;
use crate::meter::Meter;
use crate::process;
use crate::proxy::Frontend;
use crate::rights::Asker;
use crate::sandbox::{self, Able};
use crate::stages::{Asked, Deployed};
use crate::status::Detail;
use eclexia_deploy::failpoint;
use eclexia_deploy::grants::{Verb, Who};
use eclexia_deploy::package::Signer;
use eclexia_deploy::registry::{At, Event, Fact, Instance, Phase, Process, Registry};
use eclexia_deploy::watched::{Answer, DRAIN, GRACE};
use eclexia_diag::Diagnostic;
use eclexia_model::ProbeKind;
use eclexia_whole::{Access, Existing, write};
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;
use tokio::runtime::Runtime;

/// How often it looks while something is under way, and while nothing is.
const BUSY: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_secs(1);

/// Processes started in one round: others are looked after in between.
const MOST_STARTS: usize = 32;

/// With nothing to look after it ends after so long, milliseconds.
const NOTHING_TO_DO: u64 = 3_000;

pub enum Message {
    Asked(Request, Sender<Reply>),
    /// A process has become its program.
    Began {
        id: String,
        process: Process,
    },
    Ended {
        id: String,
        process: Process,
    },
    Checked {
        id: String,
        process: Process,
        kind: ProbeKind,
        answer: Answer,
    },
    Flooded {
        id: String,
    },
    /// Who copies what instances write has ended.
    LoggerEnded,
    Held {
        volume: Arc<Held>,
        used: u64,
        is_over: bool,
    },
    Prepared {
        deployment: String,
        number: u32,
        found: Result<Vec<Signer>, Vec<Diagnostic>>,
    },
    Hooked {
        deployment: String,
        number: u32,
        place: usize,
        outcome: Outcome,
    },
}

pub struct Supervisor {
    pub folders: Folders,
    pub registry: Registry,
    pub cgroups: Cgroups,
    pub able: Able,
    pub since: At,
    /// This program.
    pub launcher: PathBuf,
    pub runtime: Runtime,
    pub sender: Sender<Message>,
    pub deployments: BTreeMap<String, Deployed>,
    pub live: BTreeMap<String, Live>,
    /// Deployment and port of a service to who listens there.
    pub frontends: BTreeMap<(String, u16), (String, Frontend)>,
    pub meter: Meter,
    pub grid: Grid,
    pub logger: Logger,
    pub watches: Watches,
    facts: Vec<Fact>,
    /// Instances to be started when the facts are recorded.
    starts: Vec<String>,
    /// Hooks that begin when the facts are recorded.
    pub due_hooks: Vec<Due>,
    /// Folders of instances of which it is recorded that they are no more.
    rests: Vec<PathBuf>,
    /// A number in the ids of instances, so that no two are alike.
    counter: u64,
    idle_since: Option<At>,
    is_leaving: bool,
    /// What was to be recorded last could not be.
    is_stuck: bool,
    /// Why somebody was told that nothing was done of what is done here already.
    broken: Option<Diagnostic>,
}

/// Supervises until there is nothing to do or it is asked to leave. `launcher` is this program. An
/// error: it could not begin. What was promised to somebody and could not be recorded is undone by
/// beginning anew from what is recorded.
pub fn supervise(folders: &Folders, launcher: &Path) -> Result<(), Diagnostic> {
    open_files();
    let mut registry = Registry::open(&folders.registry())?;
    let mut has_begun = false;
    loop {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("eclexia-io")
            .enable_all()
            .build()
            .map_err(|error| crate::diagnostics::no_folder(&folders.local(), &error))?;
        // It stays open: on a full disk it could be read, and not be opened anew.
        let (kept, ended) = once(folders, launcher, runtime, registry);
        match ended {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(_)) => has_begun = true,
            Err(found) if !has_begun => return Err(found),
            // Who has begun once does not give up: the disk may have room again.
            Err(_) => {}
        }
        registry = kept;
        std::thread::sleep(IDLE);
    }
}

/// One life: how it ended, or why it could not begin.
fn once(
    folders: &Folders,
    launcher: &Path,
    runtime: Runtime,
    registry: Registry,
) -> (Registry, Result<Result<(), Diagnostic>, Diagnostic>) {
    let (folders, launcher) = (folders.clone(), launcher.to_owned());
    let (sender, receiver) = channel();
    let cgroups = Cgroups::at(Path::new("/sys/fs/cgroup"), &folders.mark());
    let able = Able {
        landlock: sandbox::has_landlock(),
        cgroups: cgroups.controllers(),
        own_network: rustix::process::geteuid().is_root(),
    };
    let mut supervisor = Supervisor {
        registry,
        cgroups,
        able,
        since: now(),
        launcher,
        runtime,
        sender: sender.clone(),
        deployments: BTreeMap::new(),
        live: BTreeMap::new(),
        frontends: BTreeMap::new(),
        meter: Meter::begun(now()),
        grid: Grid::default(),
        logger: Logger::default(),
        watches: Watches::default(),
        facts: Vec::new(),
        starts: Vec::new(),
        due_hooks: Vec::new(),
        rests: Vec::new(),
        counter: now().0,
        idle_since: None,
        is_leaving: false,
        is_stuck: false,
        broken: None,
        folders,
    };
    let began = supervisor.recover().and_then(|()| {
        let failed = |error| crate::diagnostics::no_folder(&supervisor.folders.local(), &error);
        listen(&supervisor.folders, sender).map_err(failed)
    });
    let ended = began.map(|()| supervisor.run(&receiver));
    // Whoever comes from now on starts a new one.
    let _ = std::fs::remove_file(supervisor.folders.socket());
    match &ended {
        Ok(Ok(())) => supervisor.runtime.shutdown_background(),
        // Its ports are free before they are listened on again.
        _ => supervisor.runtime.shutdown_timeout(IDLE),
    }
    (supervisor.registry, ended)
}

/// As many open files as this process may have: each replica needs a few.
fn open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    // Without it there is room for fewer replicas, and those that find none say so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

fn listen(folders: &Folders, sender: Sender<Message>) -> std::io::Result<()> {
    let path = folders.socket();
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let Ok(request) = control::request(&stream) else { return };
                let (answer, reply) = channel();
                if sender.send(Message::Asked(request, answer)).is_ok()
                    && let Ok(reply) = reply.recv()
                {
                    // Who has gone does not need it.
                    let _ = control::reply(&stream, &reply);
                }
            });
        }
    });
    Ok(())
}

impl Supervisor {
    fn run(&mut self, receiver: &Receiver<Message>) -> Result<(), Diagnostic> {
        loop {
            let wait = if self.is_busy() && !self.is_stuck { BUSY } else { IDLE };
            match receiver.recv_timeout(wait) {
                Ok(message) => {
                    self.take(message);
                    while let Ok(message) = receiver.try_recv() {
                        self.take(message);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            // Its folder was taken away, and with it what it would go on from.
            let is_homeless = !self.folders.lock().exists();
            if is_homeless {
                return Ok(());
            }
            if let Some(found) = self.broken.take() {
                return Err(found);
            }
            // While nothing can be recorded nothing is begun; what runs is asked as before.
            self.is_stuck = self.round().is_err();
            if self.is_stuck && !self.is_leaving {
                continue;
            }
            if self.is_leaving || self.has_nothing_to_do() {
                self.sample_now();
                return self.flush();
            }
        }
    }

    /// Decides, records, acts, records.
    fn round(&mut self) -> Result<(), Diagnostic> {
        let recorded = self.flush();
        if self.logger.is_due(now()) {
            self.log_all();
        }
        // Nobody is asked to end of whom that is not recorded; ports lead to who runs in any case.
        if recorded.is_ok() {
            self.due();
        }
        self.advance();
        recorded?;
        self.sample();
        self.flush()?;
        self.act();
        self.flush()
    }

    /// Records what was decided or done so far. If that cannot be, nothing more is done until it
    /// can, or the next supervisor goes on from what is recorded.
    fn flush(&mut self) -> Result<(), Diagnostic> {
        if !self.facts.is_empty() {
            failpoint();
            self.registry.record(&self.facts)?;
            self.facts.clear();
            failpoint();
        }
        Ok(())
    }

    pub fn note(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    pub fn event(&mut self, event: Event) {
        self.facts.push(Fact::Event(event));
    }

    pub fn instance_event(&mut self, id: &str, kind: &str, detail: String) {
        let Some(live) = self.live.get(id) else { return };
        let instance = &live.instance;
        let event = Event {
            version: Some(instance.version),
            resource: Some(format!("{} {}", live.kind(), instance.service)),
            ..Event::new(&instance.deployment, kind, now(), detail)
        };
        self.event(event);
    }

    fn is_busy(&self) -> bool {
        let is_settled =
            |live: &Live| live.instance.phase == Phase::Running && live.leaving.is_none();
        self.deployments.values().any(Deployed::is_busy) || !self.live.values().all(is_settled)
    }

    fn has_nothing_to_do(&mut self) -> bool {
        let is_idle = self.live.is_empty() && self.deployments.values().all(|d| d.is_over());
        let since = *self.idle_since.get_or_insert(now());
        if !is_idle {
            self.idle_since = None;
        }
        is_idle && now().since(since) >= NOTHING_TO_DO
    }

    fn take(&mut self, message: Message) {
        match message {
            Message::Asked(request, reply) => {
                // Nothing more is promised before what was decided so far is recorded.
                let answer = if request.changes() { self.flush() } else { Ok(()) };
                let before = self.facts.len();
                let answer = answer.and_then(|()| self.asked(request, None, &BTreeSet::new()));
                // What was promised is recorded before it is promised.
                let is_promise = self.facts.len() > before;
                let answer = match self.flush() {
                    Err(found) if is_promise => {
                        self.broken = Some(found.clone());
                        Err(found)
                    }
                    _ => answer,
                };
                let answer = answer.unwrap_or_else(|found| Reply::Refused(Refused::from(found)));
                let _ = reply.send(answer);
            }
            Message::Began { id, process } => self.began(&id, &process),
            Message::Ended { id, process } => self.ended(&id, &process),
            Message::Checked { id, process, kind, answer } => {
                self.checked(&id, &process, kind, &answer);
            }
            Message::Flooded { id } => {
                let most = logs::MOST_BYTES_A_SECOND >> 20;
                let detail =
                    format!("{id} writes more than {most} MiB a second and is slowed down");
                self.instance_event(&id, "log-flood", detail);
            }
            Message::LoggerEnded => self.logger.lost(),
            Message::Held { volume, used, is_over } => self.held(&volume, used, is_over),
            Message::Prepared { deployment, number, found } => {
                self.prepared(&deployment, number, found);
            }
            Message::Hooked { deployment, number, place, outcome } => {
                self.hooked(&deployment, number, place, outcome);
            }
        }
    }

    /// `who`: whose token it came with; none: the owner's. `along`: whose needs do not count.
    fn asked(
        &mut self,
        request: Request,
        who: Option<&Who>,
        along: &BTreeSet<String>,
    ) -> Result<Reply, Diagnostic> {
        match request {
            Request::As { token, request } => {
                let who = self.let_in(&token, &request)?;
                self.asked(*request, Some(&who), along)
            }
            Request::Along { deployments, request } => {
                self.asked(*request, who, &deployments.into_iter().collect())
            }
            Request::Status => Ok(Reply::Status(Box::new(self.status(Detail::Replicas)))),
            Request::Outline => Ok(Reply::Status(Box::new(self.status(Detail::Services)))),
            Request::Drift { deployment } => Ok(Reply::Drift(self.drift(deployment.as_deref()))),
            Request::Leave => {
                self.is_leaving = true;
                Ok(Reply::Done)
            }
            Request::Apply {
                deployment,
                package,
                plan,
                by,
                confirm_within,
                hold,
                settings,
                window,
                user,
            } => {
                let asked = Asked {
                    by: named(who, by),
                    asker: who.map(|who| Asker { key: who.key.clone(), verb: Verb::Deploy }),
                    confirm: confirm_within,
                    hold,
                    settings,
                    window,
                    // Whoever has a token is known by its key alone.
                    user: user.filter(|_| who.is_none()),
                    along: along.clone(),
                };
                self.apply((&deployment, &package, &plan), asked)
            }
            Request::Repriced { deployment, kind, prices, reason } => {
                self.repriced(&deployment, kind, prices, reason)
            }
            Request::Intensities { deployment, numbers, without } => {
                self.intensities(&deployment, numbers, &without)
            }
            Request::Budget { resource, standing, detail } => {
                self.budget(&resource, standing, &detail)
            }
            Request::Rollback { deployment, version, by } => {
                let asker = who.map(|who| Asker { key: who.key.clone(), verb: Verb::Rollback });
                self.roll_back(&deployment, version, (named(who, by), asker), along)
            }
            Request::Start { deployment, job, by, again } => {
                self.start_job((&deployment, &job), again, &named(who, by))
            }
            Request::Confirm { deployment, by } => self.confirm(&deployment, &named(who, by)),
            Request::Destroy { deployment, by } => {
                self.destroy(&deployment, &named(who, by), along)
            }
        }
    }

    /// What has become due: restarts, and the next step of those that leave.
    fn due(&mut self) {
        let now = now();
        let again: Vec<String> = self
            .live
            .iter()
            .filter(|(_, live)| live.again.is_some_and(|at| at <= now))
            .map(|(id, _)| id.clone())
            .collect();
        for id in again {
            if let Some(live) = self.live.get_mut(&id) {
                live.again = None;
                self.enter(&id, Phase::Starting);
                self.starts.push(id);
            }
        }
        for live in self.live.values_mut() {
            let asked = live.asked();
            let Some(leaving) = &mut live.leaving else { continue };
            match (leaving.asked, &live.instance.process) {
                (None, Some(process)) if asked == 0 || now.since(leaving.since) > DRAIN => {
                    let id = &live.instance.id;
                    match live.is_job {
                        true => {
                            let mark = self.folders.mark_of(id);
                            process::ask_kept_to_end(&self.cgroups, id, &mark, process);
                        }
                        false => process::ask_to_end(process),
                    }
                    leaving.asked = Some(now);
                }
                (Some(at), process) if now.since(at) > GRACE && !leaving.ended => {
                    leaving.ended = true;
                    // Who keeps a job could still begin it.
                    process.as_ref().filter(|_| live.is_job).into_iter().for_each(process::end);
                    let id = &live.instance.id;
                    process::end_all(&self.cgroups, id, &self.folders.mark_of(id));
                }
                _ => {}
            }
        }
        // Who has no process has nothing to end.
        let gone: Vec<String> = self
            .live
            .values()
            .filter(|live| live.leaving.is_some() && live.instance.process.is_none())
            .map(|live| live.instance.id.clone())
            .collect();
        gone.iter().for_each(|id| self.remove(id));
    }

    /// A new instance, recorded before it is started.
    pub fn add(&mut self, deployment: &str, loaded: &Loaded, service: &str, ordinal: u32) {
        let Some(of) = loaded.process(service) else { return };
        let is_job = loaded.job(service).is_some();
        let (plain, unique) = (crate::folders::label(service), self.unique());
        let id = format!("{}.{plain}.{ordinal}.{unique}", crate::folders::label(deployment));
        let ports = of.ports.iter().filter_map(|port| Some((port.port, self.free_port()?)));
        let instance = Instance {
            id: id.clone(),
            deployment: deployment.to_owned(),
            version: loaded.number,
            service: service.to_owned(),
            ordinal,
            spec: loaded.specs.get(service).cloned().unwrap_or_default(),
            phase: Phase::Starting,
            process: None,
            ports: ports.collect(),
            restarts: 0,
            since: now(),
        };
        let probes = of.probes.clone();
        self.note(Fact::Instance(instance.clone()));
        self.live.insert(id.clone(), Live { is_job, ..Live::new(instance, probes) });
        self.starts.push(id);
    }

    /// A part of an id that no other has.
    pub fn unique(&mut self) -> String {
        self.counter += 1;
        folders::base36(self.counter)
    }

    /// A port that nobody listens on and that no instance was given.
    fn free_port(&self) -> Option<u16> {
        for _ in 0..100 {
            let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).ok()?;
            let port = listener.local_addr().ok()?.port();
            let mut given = self.live.values().flat_map(|live| live.instance.ports.values());
            if !given.any(|other| *other == port) {
                return Some(port);
            }
        }
        None
    }

    /// Lets an instance leave: recorded now, its requests end, then it is asked to.
    pub fn stop(&mut self, id: &str, why: &str) {
        let Some(live) = self.live.get_mut(id).filter(|live| live.leaving.is_none()) else {
            return;
        };
        live.again = None;
        live.leaving = Some(Leaving::new(now()));
        self.starts.retain(|start| start != id);
        self.enter(id, Phase::Stopping);
        self.instance_event(id, "stopping", format!("{id} is stopped: {why}"));
    }

    fn act(&mut self) {
        for rest in self.rests.drain(..) {
            let _ = std::fs::remove_dir_all(rest);
        }
        self.start_hooks();
        let many = self.starts.len().min(MOST_STARTS);
        let starts: Vec<String> = self.starts.drain(..many).collect();
        let mut gated = Vec::new();
        for id in starts {
            failpoint();
            match self.start(&id) {
                Ok(process) => gated.push((id, process)),
                Err(error) => self.not_started(&id, &error.to_string()),
            }
        }
        // Their numbers are recorded before they begin: a process that nobody knows never ran.
        if self.flush().is_err() {
            return;
        }
        for (id, process) in gated {
            failpoint();
            let Some(live) = self.live.get_mut(&id) else { continue };
            match process.go() {
                Ok((child, gate)) => {
                    live.child = Some(child);
                    self.watch_begin(&id, gate);
                }
                Err(error) => self.not_started(&id, &error.to_string()),
            }
        }
    }

    fn start(&mut self, id: &str) -> std::io::Result<process::Gated> {
        let gone = || std::io::Error::other("it is not wanted any more");
        let instance = self.live.get(id).map(|live| live.instance.clone()).ok_or_else(gone)?;
        let loaded = self.loaded(&instance.deployment, instance.version).ok_or_else(gone)?;
        let service = loaded.process(&instance.service).ok_or_else(gone)?;
        let cgroups = self.cgroups.make(id, service.limits)?;
        let place = Place {
            folders: &self.folders,
            deployment: &instance.deployment,
            instance: id,
            ordinal: instance.ordinal,
            ports: &instance.ports,
            eclexia: &self.launcher,
            cgroups,
            limits_memory: self.cgroups.limits_memory(),
        };
        let kept = loaded.job(&instance.service).map(|_| self.folders.kept(id));
        let spec = Spec { kept, ..loaded.prepare(service, &place)? };
        let folder = self.folders.instance(id);
        let output = (logs::make_pipe(&folder.join("out"))?, logs::make_pipe(&folder.join("err"))?);
        self.log_output(&instance)?;
        // A supervisor after this one asks its checks under the same limits.
        let kept = serde_json::to_vec(&spec).unwrap_or_default();
        write(&self.folders.spec(id), &kept, Access::Owner, Existing::Replace)?;
        let mark = self.folders.mark_of(id);
        let gated = process::start(&self.launcher, &spec, &mark, output)?;
        let process = gated.process.clone();
        if let Some(live) = self.live.get_mut(id) {
            (live.spec, live.begun) = (Some(spec), None);
            live.instance.process = Some(process.clone());
            self.enter(id, Phase::Running);
        }
        let detail = format!("{id} runs as process {}", process.pid);
        self.instance_event(id, "started", detail);
        self.watch(id);
        Ok(gated)
    }

    fn not_started(&mut self, id: &str, why: &str) {
        let Some(live) = self.live.get_mut(id) else { return };
        if live.is_job {
            return self.job_not_started(id, why);
        }
        live.let_go();
        self.wait(id, why);
        self.instance_event(id, "not-started", format!("{id} could not be started: {why}"));
    }

    /// Ends whatever belongs to an instance.
    pub fn end_all(&self, id: &str) {
        process::end_all(&self.cgroups, id, &self.folders.mark_of(id));
    }

    /// An instance is in another phase from now on.
    fn enter(&mut self, id: &str, phase: Phase) {
        let Some(live) = self.live.get_mut(id) else { return };
        (live.instance.phase, live.instance.since) = (phase, now());
        let instance = live.instance.clone();
        self.note(Fact::Instance(instance));
    }

    /// An instance has no process any more and is to get another, later. Gives after how many
    /// milliseconds.
    fn wait(&mut self, id: &str, said: &str) -> u64 {
        let now = now();
        let Some(live) = self.live.get_mut(id) else { return 0 };
        let wait = live.fell(now);
        live.said = Some(said.to_owned());
        live.instance.process = None;
        live.again = Some(now.after(wait));
        self.enter(id, Phase::Waiting);
        wait
    }

    /// The process of an instance has ended; what it left behind is ended, too.
    pub fn ended(&mut self, id: &str, process: &Process) {
        let Some(live) = self.live.get_mut(id) else { return };
        if live.instance.process.as_ref() != Some(process) {
            return;
        }
        let status = live.child.take().and_then(|mut child| child.wait().ok());
        if live.is_job {
            return self.job_ended(id, status);
        }
        let (is_leaving, exceeded) = (live.leaving.is_some(), live.exceeded.take());
        live.let_go();
        let instance = live.instance.clone();
        self.end_all(id);
        self.meter_last(&instance);
        let (how, said) = match exceeded {
            Some(said) => ("volume-exceeded", said),
            None => how(status, self.cgroups.out_of_memory(id) > 0),
        };
        if is_leaving {
            self.instance_event(id, "ended", format!("{id} ended: {said}"));
            self.remove(id);
            return;
        }
        let wait = self.wait(id, &said);
        let detail = format!("{id} ended: {said}; it is started again in {wait} ms");
        self.instance_event(id, how, detail);
        // A count of memory that was used up is of this life only.
        self.cgroups.remove(id);
    }

    /// Forgets an instance of which no process is left. Its folder goes when that is recorded: it
    /// may say how the instance ended.
    pub fn remove(&mut self, id: &str) {
        if let Some(mut live) = self.live.remove(id) {
            live.let_go();
        }
        self.starts.retain(|start| start != id);
        self.cgroups.remove(id);
        self.rests.push(self.folders.instance(id));
        self.note(Fact::Gone { id: id.to_owned() });
    }
}

/// Who asks, as it is recorded: a token's own name stands before what the request says.
fn named(who: Option<&Who>, by: String) -> String {
    who.map_or(by, |who| who.name.clone())
}

/// The kind of event that an end is, and what people are told.
pub fn how(status: Option<ExitStatus>, is_out_of_memory: bool) -> (&'static str, String) {
    use std::os::unix::process::ExitStatusExt;
    if is_out_of_memory {
        return ("memory-exceeded", "it used more memory than its limit".to_owned());
    }
    match status {
        // It was started by a supervisor before this one, and only who starts a process is told.
        None => ("ended", "how is not known".to_owned()),
        Some(status) if status.signal() == Some(libc::SIGSYS) => {
            ("security-violation", "it asked the system for what no service may do".to_owned())
        }
        Some(status) if status.code() == Some(crate::launch::NOT_STARTED) => {
            ("not-started", "it could not be set up; its log says why".to_owned())
        }
        Some(status) => ("ended", status.to_string()),
    }
}
