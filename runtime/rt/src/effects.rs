//! What a program can do to the world, implemented by whoever runs it. Nothing in this crate or in
//! the evaluator touches a file, a clock or the environment itself.

/// The generator for implementors of [`Effects::random`].
pub use eclexia_base::SplitMix64;

use std::collections::BTreeMap;
use std::time::Instant;

/// What a file operation does. What attenuation forbids was refused before it gets here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileAction<'a> {
    /// The text of a file.
    Read,
    /// Replaces a file whole: others see the old text or the new.
    Write(&'a str),
    Append(&'a str),
    /// The names in a folder, sorted.
    List,
    /// Whether it is there, and what it is.
    Look,
    /// Makes a folder and those that it is in.
    MakeFolder,
    /// Removes a file, or a folder that is empty.
    Remove,
    /// Moves a file or folder to another path.
    Move(&'a str),
}

/// What a file operation gives.
#[derive(Clone, PartialEq, Debug)]
pub enum FileAnswer {
    Done,
    Text(String),
    Names(Vec<String>),
    /// `None`: nothing is there.
    Found(Option<FileKind>),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct FileKind {
    pub is_folder: bool,
    pub bytes: u64,
    /// When it was changed, in seconds since 1970-01-01 UTC.
    pub changed: f64,
}

/// A request of HTTP, whole and decoded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Request {
    /// HEAD is asked as GET; whoever sends the answer leaves the body out.
    pub method: String,
    /// Without the query; `%20` is a space.
    pub path: String,
    /// Of a name that is there twice the last.
    pub query: BTreeMap<String, String>,
    /// By names in lower case; values of one name are joined.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// What a program answers; whether it can be sent is looked at by who sends it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Response {
    pub status: i64,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// The effects behind the capabilities of `World`, and `print`, which needs none. Each is refused
/// where it is not implemented.
pub trait Effects {
    /// One line, without its end.
    fn print(&mut self, line: &str);
    /// `within`: folders, each inside the one before, which the path must not leave, by `..`, links
    /// or a root of its own; with none, it is a path of the program's.
    fn file(
        &mut self,
        _within: &[String],
        path: &str,
        _action: FileAction<'_>,
    ) -> Result<FileAnswer, String> {
        Err(format!("{path}: there are no files here"))
    }
    /// Seconds since 1970-01-01 UTC.
    fn now(&mut self) -> f64 {
        0.0
    }
    /// Whether time passes here, so that a run can be given some of it.
    fn has_clock(&self) -> bool {
        false
    }
    /// Seconds since the program began; never less than before.
    fn elapsed(&mut self) -> f64 {
        0.0
    }
    /// Waits, unless the run is interrupted.
    fn sleep(&mut self, _seconds: f64) {}
    /// The next number of the run's seeded generator.
    fn random(&mut self) -> u64 {
        0
    }
    fn env(&mut self, _name: &str) -> Option<String> {
        None
    }
    /// Whether choices of adaptive functions are to be explained.
    fn explains_choices(&self) -> bool {
        false
    }
    /// A choice: who chose, the index that was chosen or -1, and a line for each candidate.
    fn explain_choice(&mut self, _function: &str, _chosen: i64, _candidates: &str) {}
    /// Sends a text to a host and port, and gives what comes back until the other side ends.
    fn exchange(&mut self, address: &str, _text: &str, _timeout: f64) -> Result<String, String> {
        Err(format!("{address}: there is no network here"))
    }
    /// Answers the request that came last at an address, where an answer is given, and waits for
    /// the next; listens from the first time on. A request without an answer is told that there
    /// will be none. `None`: the run is over, by an interrupt or by its deadline.
    fn serve(
        &mut self,
        address: &str,
        _answer: Option<Response>,
        _deadline: Option<Instant>,
    ) -> Result<Option<Request>, String> {
        Err(format!("{address}: there is no network here"))
    }
}

/// No world at all: printed lines are kept, everything else is refused or zero. What planning,
/// `check` and tests run with.
#[derive(Default, Debug)]
pub struct Hermetic {
    pub printed: Vec<String>,
}

impl Effects for Hermetic {
    fn print(&mut self, line: &str) {
        self.printed.push(line.to_owned());
    }
}
