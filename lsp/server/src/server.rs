//! The loop: takes messages and what the other threads have done, in turn, and never computes.
//!
//! A request that needs the checked program waits for the snapshot of all edits before it; a change
//! of its document meanwhile ends it. What only needs a text goes to the pool at once.

use crate::analyser;
use crate::client::{Client, Settings};
use crate::context::{Answer, Context, Failure};
use crate::diagnostics::Found;
use crate::documents::{Document, Documents};
use crate::features::tokens::Sent;
use crate::features::{self, Needs};
use crate::planner::{self, Lints, Lives, ProjectLive, Told, Wanted};
use crate::progress::Progress;
use crate::projects::Edit;
use crate::snapshot::{Snapshot, library_folder};
use crate::transport::{self, Outgoing, Refused};
use crate::uri::to_path;
use crossbeam_channel::{Receiver, Sender, bounded, select, unbounded};
use gen_lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, PublishDiagnosticsParams,
};
use lsp_server::{ErrorCode, Message, Notification, ReqQueue, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How a conversation ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// `exit` after `shutdown`.
    Orderly,
    /// `exit`, or the end of the input, without `shutdown`.
    Abrupt,
}

/// Messages that are read ahead.
const READ_AHEAD: usize = 64;

/// Requests that run at once.
const POOL: usize = 3;

/// How long a quiet server sleeps, at most.
const LONG: Duration = Duration::from_secs(3600);

pub enum Event {
    Snapshot(Arc<Snapshot>),
    Live(Arc<ProjectLive>),
    Lints(Arc<Told>),
    /// Of so many projects so many are checked, and the one in this folder is next.
    Checking(PathBuf, usize, usize),
    Answer(RequestId, Answer<Value>),
}

/// What the client was asked.
enum Asked {
    Settings,
    /// The answer says nothing that is needed.
    Nothing,
}

struct Waiting {
    request: Request,
    /// Whether it has been taken back.
    flag: Arc<AtomicBool>,
    /// Edits that its snapshot must know of.
    revision: u64,
}

#[derive(PartialEq, Eq)]
enum Stage {
    Fresh,
    Running,
    ShutDown,
}

struct Server {
    stage: Stage,
    client: Arc<Client>,
    settings: Settings,
    documents: Documents,
    tokens: Sent,
    revision: u64,
    snapshot: Arc<Snapshot>,
    lives: Lives,
    lints: Lints,
    queue: ReqQueue<Arc<AtomicBool>, Asked>,
    waiting: Vec<Waiting>,
    /// As the client has them.
    published: Found,
    publish_at: Option<Instant>,
    /// What the client shows as being worked on.
    progress: Progress,
    out: Sender<Outgoing>,
    events: Sender<Event>,
    edits: Option<Sender<(u64, Edit)>>,
    planner: Option<(Sender<Wanted>, Receiver<Wanted>)>,
    pool: rayon::ThreadPool,
    stack_bytes: usize,
}

/// Speaks until the client says `exit` or the input ends. Threads get a stack of so many bytes: the
/// compiler recurses over trees of bounded depth.
pub fn serve(
    input: impl Read + Send + 'static,
    mut output: impl Write + Send + 'static,
    stack_bytes: usize,
) -> std::io::Result<Ended> {
    let (send_message, messages) = bounded(READ_AHEAD);
    let (out, outgoing) = unbounded::<Outgoing>();
    let (events, happened) = unbounded();
    spawn("reader", 1 << 20, move || {
        let mut input = BufReader::new(input);
        while let Ok(Some(message)) = transport::read(&mut input) {
            if send_message.send(message).is_err() {
                return;
            }
        }
    })?;
    let writer = spawn("writer", 1 << 20, move || {
        for message in outgoing {
            if transport::write(&mut output, &message).is_err() {
                return;
            }
        }
    })?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(POOL).stack_size(stack_bytes);
    let pool = pool.build().map_err(std::io::Error::other)?;
    let mut server = Server {
        stage: Stage::Fresh,
        client: Arc::new(Client::new(&Value::Null)),
        settings: Settings::default(),
        documents: Documents::default(),
        tokens: Sent::default(),
        revision: 0,
        snapshot: Arc::default(),
        lives: Lives::default(),
        lints: Lints::default(),
        queue: ReqQueue::default(),
        waiting: Vec::new(),
        published: Found::new(),
        publish_at: None,
        progress: Progress::default(),
        out,
        events,
        edits: None,
        planner: None,
        pool,
        stack_bytes,
    };
    let ended = server.run(&messages, &happened);
    drop(server);
    // A client that does not read any more is not waited for.
    if ended == Ended::Orderly {
        let _ = writer.join();
    }
    Ok(ended)
}

fn spawn(
    name: &str,
    stack_bytes: usize,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).stack_size(stack_bytes).spawn(work)
}

type Incoming = Result<Message, Refused>;

impl Server {
    fn run(&mut self, messages: &Receiver<Incoming>, happened: &Receiver<Event>) -> Ended {
        loop {
            let now = Instant::now();
            let quiet = self.publish_at.map_or(LONG, |at| at.saturating_duration_since(now));
            select! {
                recv(messages) -> message => match message {
                    Ok(Ok(Message::Notification(exit))) if exit.method == "exit" => break,
                    Ok(Ok(message)) => self.message(message),
                    Ok(Err(refused)) => self.send(Outgoing::Refused(refused)),
                    Err(_) => break,
                },
                recv(happened) -> event => event.into_iter().for_each(|event| self.event(event)),
                default(quiet) => {}
            }
            if self.publish_at.is_some_and(|at| at <= Instant::now()) {
                self.publish_at = None;
                self.publish();
            }
        }
        match self.stage {
            Stage::ShutDown => Ended::Orderly,
            _ => Ended::Abrupt,
        }
    }

    fn send(&self, outgoing: Outgoing) {
        // Nobody listens any more: the input will end too.
        let _ = self.out.send(outgoing);
    }

    fn notify(&self, method: &str, params: impl serde::Serialize) {
        let params = serde_json::to_value(params).unwrap_or_default();
        let notification = Notification { method: method.to_owned(), params };
        self.send(Outgoing::Message(notification.into()));
    }

    fn ask(&mut self, method: &str, params: Value, asked: Asked) {
        let request = self.queue.outgoing.register(method.to_owned(), params, asked);
        self.send(Outgoing::Message(request.into()));
    }

    fn answer(&mut self, id: RequestId, answer: Answer<Value>) {
        // One that was cancelled has its answer.
        if self.queue.incoming.complete(&id).is_none() {
            return;
        }
        let end = self.progress.end_request(&id);
        self.show(end);
        let response = match answer {
            Ok(value) => Response::new_ok(id, value),
            Err(failure) => Response::new_err(id, failure.code, failure.why),
        };
        self.send(Outgoing::Message(response.into()));
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => self.notification(notification),
            Message::Response(response) => {
                let asked = self.queue.outgoing.complete(response.id);
                if let (Some(Asked::Settings), Ok(values)) = (asked, response.response_result) {
                    self.set(Settings::new(values.get(0).unwrap_or(&Value::Null)));
                }
            }
        }
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Answer(id, answer) => self.answer(id, answer),
            Event::Snapshot(snapshot) => self.snapshot(snapshot),
            Event::Live(live) => {
                let lives = Arc::make_mut(&mut self.lives);
                lives.insert(live.told.project.folder.clone(), live);
                self.live_changed();
            }
            Event::Checking(folder, done, all) => {
                let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
                let report = self.progress.checking((done, all), &name);
                self.show(report);
            }
            Event::Lints(told) => {
                let lints = Arc::make_mut(&mut self.lints);
                lints.insert(told.project.folder.clone(), told);
                self.publish_soon();
            }
        }
    }

    fn live_changed(&mut self) {
        self.publish_soon();
        self.refresh(self.client.refreshes_hints, "workspace/inlayHint/refresh");
        self.refresh(self.client.refreshes_lenses, "workspace/codeLens/refresh");
    }

    fn refresh(&mut self, can: bool, method: &str) {
        if can {
            self.ask(method, Value::Null, Asked::Nothing);
        }
    }

    fn request(&mut self, request: Request) {
        let Request { id, method, params } = &request;
        let refuse = |code, why: &str| Err(Failure::new(code, why));
        let flag = Arc::new(AtomicBool::new(false));
        self.queue.incoming.register(id.clone(), Arc::clone(&flag));
        let id = id.clone();
        match (&self.stage, method.as_str()) {
            (Stage::Fresh, "initialize") => {
                let started = self.initialize(params);
                self.answer(id, started);
            }
            (Stage::Fresh, _) => {
                let why = "the first request must be `initialize`";
                self.answer(id, refuse(ErrorCode::ServerNotInitialized, why));
            }
            (Stage::ShutDown, _) => {
                let why = "after `shutdown` comes `exit`";
                self.answer(id, refuse(ErrorCode::InvalidRequest, why));
            }
            (_, "initialize") => {
                self.answer(id, refuse(ErrorCode::InvalidRequest, "initialized already"));
            }
            (_, "shutdown") => {
                self.stage = Stage::ShutDown;
                self.answer(id, Ok(Value::Null));
            }
            (_, method) => match features::needs(method) {
                None => {
                    let why = format!("there is no method `{method}`");
                    self.answer(id, refuse(ErrorCode::MethodNotFound, &why));
                }
                Some(Needs::Snapshot) if self.snapshot.revision < self.revision => {
                    self.show_command(&request);
                    let revision = self.revision;
                    self.waiting.push(Waiting { request, flag, revision });
                }
                Some(_) => {
                    self.show_command(&request);
                    self.start(request, flag);
                }
            },
        }
    }

    /// None where the user wants none.
    fn lives(&self) -> Lives {
        if self.settings.live { Arc::clone(&self.lives) } else { Lives::default() }
    }

    /// On the pool.
    fn start(&self, request: Request, is_cancelled: Arc<AtomicBool>) {
        let context = Context {
            snapshot: Arc::clone(&self.snapshot),
            documents: self.documents.clone(),
            lives: self.lives(),
            lints: Arc::clone(&self.lints),
            client: Arc::clone(&self.client),
            settings: self.settings.clone(),
            tokens: self.tokens.clone(),
            is_cancelled,
        };
        let events = self.events.clone();
        self.pool.spawn(move || {
            let Request { id, method, params } = request;
            let answer =
                catch_unwind(AssertUnwindSafe(|| features::answer(&context, &method, params)));
            let answer = answer.unwrap_or_else(|_| {
                let why = format!("a bug in `{method}`; standard error has more");
                Err(Failure::new(ErrorCode::InternalError, why))
            });
            let _ = events.send(Event::Answer(id, answer));
        });
    }

    fn initialize(&mut self, params: &Value) -> Answer<Value> {
        let client = Arc::new(Client::new(params));
        let options = &params["initializationOptions"];
        self.settings = Settings::new(options.get("eclexia").unwrap_or(options));
        let (edits, to_analyse) = unbounded();
        let (to_planner, to_plan) = bounded(1);
        let planner = (to_planner, to_plan.clone());
        let (events, more) = (self.events.clone(), self.events.clone());
        let (of_analyser, of_planner) = (Arc::clone(&client), Arc::clone(&client));
        let threads = spawn("analyser", self.stack_bytes, move || {
            analyser::run(&to_analyse, &events, &of_analyser);
        })
        .and_then(|_| {
            spawn("planner", self.stack_bytes, move || planner::run(&to_plan, &more, &of_planner))
        });
        if let Err(error) = threads {
            return Err(Failure::new(ErrorCode::InternalError, format!("no thread: {error}")));
        }
        (self.edits, self.planner) = (Some(edits), Some(planner));
        self.stage = Stage::Running;
        let capabilities = features::capabilities(&client);
        self.client = client;
        folders(params).into_iter().for_each(|folder| self.edit(Edit::Folder(folder)));
        let version = env!("CARGO_PKG_VERSION");
        Ok(json!({
            "capabilities": capabilities,
            "serverInfo": {"name": "eclexia", "version": version},
        }))
    }

    fn edit(&mut self, edit: Edit) {
        self.revision += 1;
        if let Some(edits) = &self.edits {
            // The analyser ends with its channel only.
            let _ = edits.send((self.revision, edit));
        }
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let cancelled = match method.as_str() {
            "$/cancelRequest" => read::<RequestId>(params["id"].clone()),
            "window/workDoneProgress/cancel" => self.progress.request(&params["token"]),
            _ => None,
        };
        if let Some(id) = cancelled {
            return self.cancel(id);
        }
        if self.stage != Stage::Running {
            return;
        }
        // One that cannot be read changes nothing.
        let done = match method.as_str() {
            "initialized" => {
                self.initialized();
                Some(())
            }
            "textDocument/didOpen" => read(params).map(|params| self.did_open(params)),
            "textDocument/didChange" => read(params).map(|params| self.did_change(params)),
            "textDocument/didClose" => read(params).map(|params| self.did_close(params)),
            "workspace/didChangeWatchedFiles" => read(params).map(|params| self.on_disk(params)),
            "workspace/didChangeWorkspaceFolders" => {
                read(params).map(|params| self.folders_changed(params))
            }
            "workspace/didChangeConfiguration" => {
                self.settings_changed(&params);
                Some(())
            }
            _ => Some(()),
        };
        if done.is_none() {
            let message = format!("`{method}` has parameters that cannot be read");
            self.notify("window/logMessage", json!({"type": 2, "message": message}));
        }
    }

    fn cancel(&mut self, id: RequestId) {
        self.waiting.retain(|waiting| waiting.request.id != id);
        // Whoever works on it looks at its flag.
        if let Some(flag) = self.queue.incoming.complete(&id) {
            let end = self.progress.end_request(&id);
            self.show(end);
            flag.store(true, Ordering::Relaxed);
            let Failure { code, why } = Failure::cancelled();
            self.send(Outgoing::Message(Response::new_err(id, code, why).into()));
        }
    }

    fn initialized(&mut self) {
        if self.client.watches {
            let watchers: Vec<Value> = ["**/*.{ecl,lisp}", "**/eclexia.{toml,lock}"]
                .iter()
                .map(|glob| json!({"globPattern": glob}))
                .collect();
            let params = json!({"registrations": [{
                "id": "files", "method": "workspace/didChangeWatchedFiles",
                "registerOptions": {"watchers": watchers},
            }]});
            self.ask("client/registerCapability", params, Asked::Nothing);
        }
        self.ask_settings();
        self.show_checking();
    }

    /// Until all edits so far are checked.
    fn show_checking(&mut self) {
        let is_due = self.snapshot.revision < self.revision && !self.progress.is_checking();
        if let Some(token) = self.token().filter(|_| is_due) {
            let begin = self.progress.begin_checking(&token);
            self.show(Some(begin));
        }
    }

    /// One of ours, where the client takes such.
    fn token(&mut self) -> Option<Value> {
        let token = self.client.progress.then(|| self.progress.fresh())?;
        self.ask("window/workDoneProgress/create", json!({"token": token}), Asked::Nothing);
        Some(token)
    }

    /// A command is shown until it has its answer.
    fn show_command(&mut self, request: &Request) {
        let title = features::commands::title_of(&request.params["command"]);
        let Some(title) = title.filter(|_| request.method == "workspace/executeCommand") else {
            return;
        };
        let given = Some(request.params["workDoneToken"].clone()).filter(|token| !token.is_null());
        if let Some(token) = given.or_else(|| self.token()) {
            let begin = self.progress.begin(&token, &request.id, title);
            self.show(Some(begin));
        }
    }

    fn show(&self, progress: Option<Value>) {
        if let Some(params) = progress {
            self.notify("$/progress", params);
        }
    }

    fn ask_settings(&mut self) {
        if self.client.configuration {
            let params = json!({"items": [{"section": "eclexia"}]});
            self.ask("workspace/configuration", params, Asked::Settings);
        }
    }

    fn settings_changed(&mut self, params: &Value) {
        match params["settings"].get("eclexia") {
            Some(settings) => self.set(Settings::new(settings)),
            None => self.ask_settings(),
        }
    }

    /// From now on: what is known is planned, or is not told any more.
    fn set(&mut self, settings: Settings) {
        if settings == self.settings {
            return;
        }
        self.settings = settings;
        self.plan();
        self.live_changed();
    }

    fn plan(&self) {
        let Settings { live, lints, .. } = self.settings;
        if let Some(planner) = self.planner.as_ref().filter(|_| live || lints) {
            planner::want(planner, Wanted { snapshot: Arc::clone(&self.snapshot), live, lints });
        }
    }

    fn did_open(&mut self, params: DidOpenTextDocumentParams) {
        let item = params.text_document;
        let path = to_path(&item.uri.0);
        let text: Arc<str> = item.text.into();
        let document = Document { uri: item.uri, version: item.version, text: Arc::clone(&text) };
        self.documents.open(path.clone(), document);
        // The library is read from where it is embedded.
        if !is_library(&path) {
            self.edit(Edit::Text(path, text));
        }
    }

    fn did_change(&mut self, params: DidChangeTextDocumentParams) {
        let (version, document) =
            (params.text_document.version, params.text_document.text_document_identifier);
        let path = to_path(&document.uri.0);
        let (changes, encoding) = (params.content_changes, self.client.encoding);
        let Some(text) = self.documents.change(&path, version, changes, encoding) else {
            let message = format!("{} is changed, but not open", document.uri);
            return self.notify("window/logMessage", json!({"type": 2, "message": message}));
        };
        self.end_waiting(&document.uri.0);
        if !is_library(&path) {
            self.edit(Edit::Text(path, text));
        }
    }

    /// Requests about a document that has changed would be answered about another text.
    fn end_waiting(&mut self, uri: &str) {
        let is_of = |waiting: &Waiting| waiting.request.params["textDocument"]["uri"] == uri;
        let (ended, rest) = std::mem::take(&mut self.waiting).into_iter().partition(is_of);
        self.waiting = rest;
        for Waiting { request, .. } in ended {
            self.answer(request.id, Err(Failure::modified()));
        }
    }

    fn did_close(&mut self, params: DidCloseTextDocumentParams) {
        let path = to_path(&params.text_document.uri.0);
        self.documents.close(&path);
        self.tokens.forget(&params.text_document.uri);
        if !is_library(&path) {
            self.edit(Edit::Closed(path));
        }
    }

    fn on_disk(&mut self, params: DidChangeWatchedFilesParams) {
        let paths = params.changes.iter().map(|change| to_path(&change.uri.0));
        self.edit(Edit::Disk(paths.collect()));
    }

    fn folders_changed(&mut self, params: DidChangeWorkspaceFoldersParams) {
        for folder in params.event.removed {
            self.edit(Edit::NoFolder(to_path(&folder.uri.0)));
        }
        for folder in params.event.added {
            self.edit(Edit::Folder(to_path(&folder.uri.0)));
        }
        self.show_checking();
    }

    fn snapshot(&mut self, snapshot: Arc<Snapshot>) {
        self.snapshot = snapshot;
        let projects = &self.snapshot.projects;
        let is_there = |folder: &PathBuf| projects.iter().any(|p| p.folder == *folder);
        Arc::make_mut(&mut self.lives).retain(|folder, _| is_there(folder));
        Arc::make_mut(&mut self.lints).retain(|folder, _| is_there(folder));
        if self.snapshot.revision == self.revision {
            let end = self.progress.end_checking();
            self.show(end);
        }
        self.plan();
        let revision = self.snapshot.revision;
        let (ready, rest) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting: &Waiting| waiting.revision <= revision);
        self.waiting = rest;
        for Waiting { request, flag, .. } in ready {
            self.start(request, flag);
        }
        self.publish_soon();
    }

    fn publish_soon(&mut self) {
        self.publish_at = Some(Instant::now() + self.settings.debounce);
    }

    /// Sends the diagnostics that have changed; a client that asks for them is told to ask where
    /// it would not by itself.
    fn publish(&mut self) {
        let (snapshot, lives, lints) = (&*self.snapshot, &self.lives, &self.lints);
        let (client, settings) = (&*self.client, &self.settings);
        let known = features::diagnostics::Known { snapshot, lives, lints, client, settings };
        let mut found = known.all();
        if self.client.pulls {
            if found != self.published {
                self.published = found;
                let can = self.client.refreshes_diagnostics;
                self.refresh(can, "workspace/diagnostic/refresh");
            }
            return;
        }
        let open = self.documents.iter().map(|(path, _)| path);
        let files: BTreeSet<PathBuf> =
            found.keys().chain(self.published.keys()).chain(open).cloned().collect();
        for path in files {
            let now = found.remove(&path).unwrap_or_default();
            if self.published.get(&path) == Some(&now) || !self.is_as_seen(&path) {
                continue;
            }
            let version = self.documents.get(&path).map(|document| document.version);
            let uri = self.documents.uri(&path);
            let diagnostics = now.clone();
            let params = PublishDiagnosticsParams { uri, version, diagnostics };
            self.notify("textDocument/publishDiagnostics", params);
            // What is open is told even that there is nothing.
            if now.is_empty() && self.documents.get(&path).is_none() {
                self.published.remove(&path);
            } else {
                self.published.insert(path, now);
            }
        }
    }

    /// Whether a file was checked as the client has it; if not, a newer snapshot is on its way.
    fn is_as_seen(&self, path: &Path) -> bool {
        let Some(document) = self.documents.get(path) else { return true };
        let Some((project, file)) = self.snapshot.find(path) else {
            return self.snapshot.revision == self.revision;
        };
        let text = document.text.strip_prefix('\u{feff}').unwrap_or(&document.text);
        project.analysis.sources.text(file) == text
    }
}

fn read<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

fn is_library(path: &Path) -> bool {
    library_folder().is_some_and(|folder| path.starts_with(folder))
}

/// The folders of the workspace: several, or one as older clients say it.
fn folders(params: &Value) -> Vec<PathBuf> {
    let listed = params["workspaceFolders"].as_array().into_iter().flatten();
    let mut uris: Vec<&str> = listed.filter_map(|folder| folder["uri"].as_str()).collect();
    if uris.is_empty() {
        uris.extend(params["rootUri"].as_str());
    }
    let paths = uris.into_iter().map(to_path).collect::<Vec<PathBuf>>();
    match params["rootPath"].as_str().filter(|_| paths.is_empty()) {
        Some(path) => vec![PathBuf::from(path)],
        None => paths,
    }
}
