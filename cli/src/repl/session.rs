//! A session: a conversation on a thread of its own, which takes tasks one after another. What
//! editors ask while they type is answered from an index that the thread made when it was last
//! idle, so that a long evaluation holds nothing up; and any evaluation can be interrupted.

use super::conversation::{Conversation, Listener};
use super::names::Indexed;
use crate::commands::doc::imports;
use crate::console::Output;
use eclexia_diag::{Diagnostic, Sources};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a question waits for an idle session to be indexed.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a session is asked to do.
pub trait Task: Send + 'static {
    /// Tasks that wait for a session.
    const MOST_WAITING: usize;

    /// What an interrupt may name it by.
    type Mark: Send;

    /// What was heard of it, by the session's own thread.
    type Heard;

    fn mark(&self) -> Self::Mark;

    fn follow(&self, talk: &mut Conversation) -> Self::Heard;

    /// It has been followed, and the session is idle again.
    fn end(&self, heard: Self::Heard);

    /// A bug of ours ended it, and the session begins anew.
    fn spoiled(&self);
}

enum Job<T> {
    Do(T),
    Index(SyncSender<()>),
}

/// What is known of a session without asking it.
#[derive(Default)]
pub struct Index {
    pub names: Vec<Arc<Indexed>>,
    /// All that is defined, as text.
    definitions: String,
}

struct State<M> {
    /// The task that is being followed.
    running: Option<M>,
    /// Whether something was evaluated since the index was made.
    is_stale: bool,
    /// Nobody waits for answers any more.
    is_closed: bool,
    index: Arc<Index>,
}

pub struct Session<T: Task> {
    jobs: SyncSender<Job<T>>,
    interrupt: Arc<AtomicBool>,
    state: Arc<Mutex<State<T::Mark>>>,
}

/// What came of an interrupt.
pub enum Interrupted {
    Done,
    Idle,
    /// Another task is being followed.
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

fn locked<M>(state: &Mutex<State<M>>) -> MutexGuard<'_, State<M>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T: Task> Session<T> {
    /// A session that begins with the definitions of another.
    pub fn start(from: Option<&Session<T>>) -> std::io::Result<Session<T>> {
        let definitions = from.map(|from| from.index().definitions.clone()).unwrap_or_default();
        let (jobs, todo) = sync_channel(T::MOST_WAITING);
        let interrupt = Arc::new(AtomicBool::new(false));
        let state = State {
            running: None,
            is_stale: true,
            is_closed: false,
            index: Arc::<Index>::default(),
        };
        let state = Arc::new(Mutex::new(state));
        let worker = Worker { todo, interrupt: interrupt.clone(), state: state.clone() };
        std::thread::Builder::new()
            .stack_size(crate::STACK_BYTES)
            .spawn(move || worker.run(&definitions))?;
        Ok(Session { jobs, interrupt, state })
    }

    /// Whether there was room for it.
    pub fn ask(&self, task: T) -> bool {
        self.jobs.try_send(Job::Do(task)).is_ok()
    }

    /// Waits until there is room for it.
    pub fn ask_in_turn(&self, task: T) {
        // A session takes tasks as long as somebody has it.
        let _ = self.jobs.send(Job::Do(task));
    }

    /// Stops what is being followed, if it is meant.
    pub fn interrupt(&self, is_meant: impl FnOnce(&T::Mark) -> bool) -> Interrupted {
        let state = locked(&self.state);
        match &state.running {
            None => Interrupted::Idle,
            Some(running) if !is_meant(running) => Interrupted::Mismatch,
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

impl<T: Task> Drop for Session<T> {
    /// What is being evaluated stops; the thread ends with its tasks.
    fn drop(&mut self) {
        locked(&self.state).is_closed = true;
        self.interrupt.store(true, Ordering::Relaxed);
    }
}

struct Worker<T: Task> {
    todo: Receiver<Job<T>>,
    interrupt: Arc<AtomicBool>,
    state: Arc<Mutex<State<T::Mark>>>,
}

impl<T: Task> Worker<T> {
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
                Job::Do(task) => {
                    {
                        let mut state = locked(&self.state);
                        if state.is_closed {
                            return;
                        }
                        self.interrupt.store(false, Ordering::Relaxed);
                        state.running = Some(task.mark());
                    }
                    let followed = catch_unwind(AssertUnwindSafe(|| task.follow(&mut talk)));
                    {
                        let mut state = locked(&self.state);
                        state.running = None;
                        state.is_stale = true;
                    }
                    match followed {
                        Ok(heard) => task.end(heard),
                        Err(_) => {
                            // The hook has said what; what the session knew may be half made.
                            talk = self.conversation();
                            task.spoiled();
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
