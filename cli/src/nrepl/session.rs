//! A session: a conversation on a thread of its own, which takes requests one after another. What
//! editors ask while they type is answered from an index that the thread made when it was last
//! idle, so that a long evaluation holds nothing up; and any evaluation can be interrupted.

use super::replies::{Relay, Replies};
use crate::commands::doc::imports;
use crate::console::Output;
use crate::repl::{Conversation, Indexed, Listener, is_command};
use eclexia_diag::{Diagnostic, Sources};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests that wait for a session.
const MOST_WAITING: usize = 256;

/// How long a question waits for an idle session to be indexed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a session is asked to do.
pub enum Work {
    /// Text of a file, with the line and the column, from 1, at which it begins.
    Eval {
        code: String,
        file: String,
        line: usize,
        column: usize,
    },
    LoadFile {
        file: String,
        text: String,
    },
}

enum Job {
    Do(Work, Replies),
    Index(SyncSender<()>),
}

/// What is known of a session without asking it.
#[derive(Default)]
pub struct Index {
    pub names: Vec<Arc<Indexed>>,
    /// All that is defined, as text.
    definitions: String,
}

#[derive(Default)]
struct State {
    /// The request that is being followed.
    running: Option<Replies>,
    /// Whether something was evaluated since the index was made.
    is_stale: bool,
    /// Nobody waits for answers any more.
    is_closed: bool,
    index: Arc<Index>,
}

pub struct Session {
    jobs: SyncSender<Job>,
    interrupt: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
}

/// What came of an interrupt.
pub enum Interrupted {
    Done,
    Idle,
    /// Another request is being followed.
    Mismatch,
}

/// Hears what nobody asked for.
struct Silent;

impl Output for Silent {
    fn print(&self, _: &str) {}

    fn is_live(&self) -> bool {
        false
    }
}

impl Listener for Silent {
    fn value(&self, _: &str, _: &str) {}
    fn defined(&self, _: &str, _: &str) {}
    fn answer(&self, _: &str) {}
    fn say(&self, _: &str) {}
    fn report(&self, _: &[Diagnostic], _: &Sources) {}
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    /// A session that begins with the definitions of another.
    pub fn start(from: Option<&Session>) -> std::io::Result<Session> {
        let definitions = from.map(|from| from.index().definitions.clone()).unwrap_or_default();
        let (jobs, todo) = sync_channel(MOST_WAITING);
        let interrupt = Arc::new(AtomicBool::new(false));
        let state = Arc::new(Mutex::new(State { is_stale: true, ..State::default() }));
        let worker = Worker { todo, interrupt: interrupt.clone(), state: state.clone() };
        std::thread::Builder::new()
            .stack_size(crate::STACK_BYTES)
            .spawn(move || worker.run(&definitions))?;
        Ok(Session { jobs, interrupt, state })
    }

    /// Whether there was room for it.
    pub fn ask(&self, work: Work, replies: Replies) -> bool {
        self.jobs.try_send(Job::Do(work, replies)).is_ok()
    }

    pub fn interrupt(&self, id: Option<&super::bencode::Value>) -> Interrupted {
        let state = locked(&self.state);
        match &state.running {
            None => Interrupted::Idle,
            Some(running) if id.is_some() && running.id.as_ref() != id => Interrupted::Mismatch,
            Some(_) => {
                self.interrupt.store(true, Ordering::Relaxed);
                Interrupted::Done
            }
        }
    }

    /// As of now where the session is idle, else as of when it last was.
    pub fn index(&self) -> Arc<Index> {
        let is_ready = {
            let state = locked(&self.state);
            state.running.is_none() && state.is_stale
        };
        if is_ready {
            let (made, wait) = sync_channel(1);
            if self.jobs.try_send(Job::Index(made)).is_ok() {
                // Something else came first: then what is known will do.
                let _ = wait.recv_timeout(PATIENCE);
            }
        }
        locked(&self.state).index.clone()
    }
}

impl Drop for Session {
    /// What is being evaluated stops; the thread ends with its requests.
    fn drop(&mut self) {
        locked(&self.state).is_closed = true;
        self.interrupt.store(true, Ordering::Relaxed);
    }
}

struct Worker {
    todo: Receiver<Job>,
    interrupt: Arc<AtomicBool>,
    state: Arc<Mutex<State>>,
}

impl Worker {
    fn run(self, definitions: &str) {
        let mut talk = self.conversation();
        talk.enter("<repl>", definitions);
        while let Ok(job) = self.todo.recv() {
            match job {
                Job::Index(made) => {
                    self.index(&talk);
                    // Whoever asked may have gone on.
                    let _ = made.try_send(());
                }
                Job::Do(work, replies) => {
                    {
                        let mut state = locked(&self.state);
                        if state.is_closed {
                            return;
                        }
                        self.interrupt.store(false, Ordering::Relaxed);
                        state.running = Some(replies.clone());
                    }
                    let relay = Rc::new(Relay::new(replies.clone(), talk.namespace()));
                    talk.listen(relay.clone());
                    let done = catch_unwind(AssertUnwindSafe(|| follow(&mut talk, &relay, work)));
                    {
                        let mut state = locked(&self.state);
                        state.running = None;
                        state.is_stale = true;
                    }
                    match done {
                        Ok(()) => relay.end(),
                        Err(_) => {
                            // The hook has said what; what the session knew may be half made.
                            talk = self.conversation();
                            let why = "eclexia has a bug, and this session begins anew";
                            replies.refuse("eval-error", why);
                        }
                    }
                }
            }
        }
    }

    fn conversation(&self) -> Conversation {
        let mut talk = Conversation::new(Rc::new(Silent), self.interrupt.clone(), &imports());
        talk.is_remote = true;
        talk
    }

    fn index(&self, talk: &Conversation) {
        let index = Index { names: talk.index(), definitions: talk.definitions_text() };
        let mut state = locked(&self.state);
        state.index = Arc::new(index);
        state.is_stale = false;
    }
}

fn follow(talk: &mut Conversation, relay: &Relay, work: Work) {
    match work {
        Work::Eval { code, .. } if is_command(&code) => talk.input(&code),
        Work::Eval { code, file, line, column } => {
            // So that places in messages are those of the file.
            let before = "\n".repeat(line - 1) + &" ".repeat(column - 1);
            talk.enter(&file, &(before + &code));
        }
        Work::LoadFile { file, text } => {
            talk.failed = false;
            talk.load_text(&file, text.as_bytes());
            *relay.namespace.borrow_mut() = talk.namespace();
            if !talk.failed {
                relay.value(&talk.namespace(), "Module");
            }
        }
    }
}
