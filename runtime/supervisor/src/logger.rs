//! Who copies what instances write to their logs: one process for all of a data folder, which
//! outlives the supervisor that started it.
//!
//! In: over a socket, from the one supervisor, an instance's folder with its pipes, and its log.
//! Out: lines in the log; to the supervisor, that both pipes are open, and who writes too fast.
//! Always holds: an instance begins after its pipes are open here, so that what it writes is read
//! whatever becomes of the supervisor; pipes are read to their end, and a process without pipes and
//! without a supervisor ends. A pipe that it has already is not read twice: a new supervisor, and
//! one that is not sure, asks for all that runs.
//! If this process dies, services go on, since they hold their pipes open themselves; the
//! supervisor starts another.

use crate::folders::Folders;
use crate::logs::{self, Log};
use crate::supervisor::{Message, Supervisor, now};
use eclexia_deploy::registry::{At, Instance};
use eclexia_diag::Diagnostic;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Of one message.
const MOST_MESSAGE: u64 = 64 << 10;

/// How long the other side may take: it does nothing else.
const MOST_ANSWER: Duration = Duration::from_secs(10);

/// How often one without a supervisor looks whether there is anything left to read.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// After how long another one is started where one could not be, milliseconds.
const ANOTHER: u64 = 1_000;

#[derive(Serialize, Deserialize)]
struct Copy {
    instance: String,
    folder: PathBuf,
    log: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Said {
    Open(Result<(), String>),
    Flooded(String),
}

/// The process as the supervisor knows it.
#[derive(Default)]
pub struct Logger {
    link: Option<Link>,
    /// When another one is to be started.
    again: Option<At>,
}

struct Link {
    stream: Arc<UnixStream>,
    opened: Receiver<Result<(), String>>,
}

impl Drop for Link {
    /// It serves one at a time: whoever comes next would wait for ever. Who listens has it open,
    /// too.
    fn drop(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

impl Logger {
    /// Whether it is to be started anew.
    pub fn is_due(&self, now: At) -> bool {
        self.again.is_some_and(|at| at <= now)
    }

    pub fn lost(&mut self) {
        self.link = None;
        self.again = Some(now());
    }

    fn copy(&mut self, copy: &Copy) -> io::Result<()> {
        let Some(link) = &mut self.link else { return Err(io::Error::other("no logger runs")) };
        let answer = say(&link.stream, copy).and_then(|()| {
            let ended = |_| io::Error::other("the logger does not answer");
            link.opened.recv_timeout(MOST_ANSWER).map_err(ended)
        });
        match answer {
            Ok(opened) => opened.map_err(io::Error::other),
            Err(error) => {
                // Its answer may still come, and would be taken for that of another.
                self.lost();
                Err(error)
            }
        }
    }
}

impl Supervisor {
    /// What an instance writes goes to its log from now on.
    pub fn log_output(&mut self, instance: &Instance) -> io::Result<()> {
        if self.logger.link.is_none() {
            self.begin_logger()?;
        }
        let copy = self.copy_of(instance);
        self.logger.copy(&copy)
    }

    /// What all write that run, after a supervisor or a logger has come anew.
    pub fn log_all(&mut self) {
        let is_any = self.live.values().any(|live| live.instance.process.is_some());
        self.logger.again = None;
        if is_any && self.begin_logger().is_err() {
            // Services that fill their pipes wait; those that start say why they cannot.
            self.logger.again = Some(now().after(ANOTHER));
        }
    }

    /// The one that runs, or one that is started, is asked for all that runs.
    fn begin_logger(&mut self) -> io::Result<()> {
        self.logger.link = Some(link(&self.folders, &self.launcher, &self.sender)?);
        self.logger.again = None;
        let runs = self.live.values().filter(|live| live.instance.process.is_some());
        let copies: Vec<Copy> = runs.map(|live| self.copy_of(&live.instance)).collect();
        for copy in copies {
            // Who has just ended has no pipes any more.
            let _ = self.logger.copy(&copy);
        }
        Ok(())
    }

    fn copy_of(&self, instance: &Instance) -> Copy {
        let Instance { id, deployment, service, .. } = instance;
        let (folder, log) = (self.folders.instance(id), self.folders.logs(deployment, service));
        Copy { instance: id.clone(), folder, log }
    }
}

/// The logger that runs, or one that is started.
fn link(folders: &Folders, launcher: &Path, sender: &Sender<Message>) -> io::Result<Link> {
    let path = folders.logger();
    let (stream, child) = match UnixStream::connect(&path) {
        Ok(stream) => (stream, None),
        Err(_) => {
            let _ = std::fs::remove_file(&path);
            // Who connects before it has begun waits in the queue.
            let listener = UnixListener::bind(&path)?;
            let child = start(launcher, folders, listener)?;
            (UnixStream::connect(&path)?, Some(child))
        }
    };
    stream.set_write_timeout(Some(MOST_ANSWER))?;
    let (told, opened) = channel();
    let (reader, sender, stream) = (stream.try_clone()?, sender.clone(), Arc::new(stream));
    let link = Arc::downgrade(&stream);
    std::thread::spawn(move || {
        listen(reader, &told, &sender);
        // Whoever let go of it knows.
        if link.strong_count() > 0 {
            let _ = sender.send(Message::LoggerEnded);
        }
        if let Some(mut child) = child {
            let _ = child.wait();
        }
    });
    Ok(Link { stream, opened })
}

fn start(launcher: &Path, folders: &Folders, listener: UnixListener) -> io::Result<Child> {
    Command::new(launcher)
        .arg("logger")
        .env_clear()
        .env("ECLEXIA_DATA_DIR", &folders.data)
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .stdout(Stdio::null())
        .stderr(File::options().create(true).append(true).open(folders.log())?)
        .spawn()
}

/// Hands on what it says, until it ends.
fn listen(stream: UnixStream, opened: &Sender<Result<(), String>>, sender: &Sender<Message>) {
    let mut reader = BufReader::new(stream);
    while let Some(said) = hear(&mut reader) {
        let is_heard = match said {
            Said::Open(result) => opened.send(result).is_ok(),
            Said::Flooded(id) => sender.send(Message::Flooded { id }).is_ok(),
        };
        if !is_heard {
            return;
        }
    }
}

fn say(mut stream: &UnixStream, said: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(said)?;
    line.push(b'\n');
    stream.write_all(&line)
}

/// The next message; none: the other side has ended, or says what is none.
fn hear<T: for<'a> Deserialize<'a>>(reader: &mut impl BufRead) -> Option<T> {
    let mut line = Vec::new();
    reader.by_ref().take(MOST_MESSAGE).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
}

/// The supervisor that is there, and what it is to be told when one is.
#[derive(Default)]
struct Listener {
    stream: Option<UnixStream>,
    flooded: BTreeSet<String>,
}

/// What is read: device and number of a pipe.
type Reads = Arc<Mutex<BTreeSet<(u64, u64)>>>;

struct Copies {
    runtime: Runtime,
    reads: Reads,
    logs: BTreeMap<PathBuf, Weak<Log>>,
    listener: Arc<Mutex<Listener>>,
}

fn locked<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies until there is neither a supervisor nor a pipe. Standard input is the socket.
pub fn copy(folders: &Folders) -> Result<(), Diagnostic> {
    copy_all().map_err(|error| crate::diagnostics::no_folder(&folders.local(), &error))
}

fn copy_all() -> io::Result<()> {
    let listener = UnixListener::from(io::stdin().as_fd().try_clone_to_owned()?);
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("eclexia-io")
        .enable_all()
        .build()?;
    let mut copies = Copies {
        runtime,
        reads: Reads::default(),
        logs: BTreeMap::new(),
        listener: Arc::default(),
    };
    loop {
        match poll(&mut [PollFd::new(&listener, PollFlags::IN)], Some(&LOOK)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        match listener.accept() {
            Ok((stream, _)) => copies.serve(stream)?,
            Err(_) if locked(&copies.reads).is_empty() => return Ok(()),
            Err(_) => {}
        }
    }
}

impl Copies {
    /// What a supervisor asks for, until it ends.
    fn serve(&mut self, stream: UnixStream) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(MOST_ANSWER))?;
        let mut reader = BufReader::new(stream.try_clone()?);
        {
            let mut listener = locked(&self.listener);
            listener.stream = Some(stream);
            for id in std::mem::take(&mut listener.flooded) {
                listener.tell(&Said::Flooded(id));
            }
        }
        while let Some(copy) = hear(&mut reader) {
            let opened = self.begin(&copy).map_err(|error| error.to_string());
            locked(&self.listener).tell(&Said::Open(opened));
        }
        locked(&self.listener).stream = None;
        self.logs.retain(|_, log| log.strong_count() > 0);
        Ok(())
    }

    fn begin(&mut self, copy: &Copy) -> io::Result<()> {
        let log = match self.logs.get(&copy.log).and_then(Weak::upgrade) {
            Some(log) => log,
            None => Log::at(copy.log.clone())?,
        };
        self.logs.insert(copy.log.clone(), Arc::downgrade(&log));
        for stream in ["out", "err"] {
            let pipe = logs::open_pipe(&copy.folder.join(stream))?;
            let metadata = pipe.metadata()?;
            let place = (metadata.dev(), metadata.ino());
            if !locked(&self.reads).insert(place) {
                continue;
            }
            let (id, reads) = (copy.instance.clone(), self.reads.clone());
            let listener = self.listener.clone();
            let flooded = {
                let id = id.clone();
                move || locked(&listener).flooded(&id)
            };
            let copied = logs::copy(pipe, (id, stream), log.clone(), flooded);
            self.runtime.spawn(async move {
                // What cannot be read is over.
                let _ = copied.await;
                locked(&reads).remove(&place);
            });
        }
        Ok(())
    }
}

impl Listener {
    /// Gives whether anybody was there.
    fn tell(&mut self, said: &Said) -> bool {
        self.stream.as_ref().is_some_and(|stream| say(stream, said).is_ok())
    }

    fn flooded(&mut self, id: &str) {
        if !self.tell(&Said::Flooded(id.to_owned())) {
            self.flooded.insert(id.to_owned());
        }
    }
}
