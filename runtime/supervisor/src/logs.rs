//! What services write, as JSON lines in files of bounded size.
//!
//! In: a named pipe for each of an instance's two streams. Out: lines `{"at", "instance",
//! "stream", "line"}` in the file of its service; when it is full it is moved aside and the oldest
//! is removed. Always holds: the pipe has a reader as long as there is anyone who has it open, so
//! that a service goes on writing while the supervisor is started anew; who writes faster than
//! [`MOST_BYTES_A_SECOND`] waits. A line that is too long is cut into several.
//! The supervisor copies what services write; who keeps a job copies what it writes ([`Copying`]),
//! so that nothing is lost, and nobody waits, while no supervisor runs.

use eclexia_deploy::registry::At;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};
use tokio::net::unix::pipe;
use tokio::sync::watch;

/// Of one file; there are at most [`FILES`] of a service.
const MOST_BYTES: u64 = 8 << 20;
const FILES: usize = 4;

/// Of one line.
const MOST_LINE: usize = 16 << 10;

/// Read at once.
const CHUNK: usize = 16 << 10;

/// Of what is in a pipe: as much as who has no privileges can make one hold.
const MOST_IN_PIPE: usize = 1 << 20;

/// Of one stream; a service that writes more is slowed down.
pub const MOST_BYTES_A_SECOND: usize = 4 << 20;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// Milliseconds since 1970-01-01 UTC.
    pub at: u64,
    pub instance: String,
    /// `out` or `err`
    pub stream: String,
    pub line: String,
}

/// The log of a service, written to by all its replicas.
pub struct Log {
    path: PathBuf,
    open: Mutex<Option<(File, u64)>>,
}

impl Log {
    pub fn at(path: PathBuf) -> Arc<Log> {
        Arc::new(Log { path, open: Mutex::new(None) })
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|(_, size)| *size >= MOST_BYTES) {
            *open = None;
            self.rotate()?;
        }
        if open.is_none() {
            if let Some(folder) = self.path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let file = File::options().create(true).append(true).open(&self.path)?;
            let size = file.metadata()?.len();
            *open = Some((file, size));
        }
        if let Some((file, size)) = &mut *open {
            file.write_all(bytes)?;
            *size += bytes.len() as u64;
        }
        Ok(())
    }

    fn rotate(&self) -> io::Result<()> {
        for n in (1..FILES).rev() {
            let from = if n == 1 { self.path.clone() } else { older(&self.path, n - 1) };
            if from.is_file() {
                std::fs::rename(&from, older(&self.path, n))?;
            }
        }
        Ok(())
    }
}

/// The `n`th file before the one that is written.
fn older(path: &Path, n: usize) -> PathBuf {
    PathBuf::from(format!("{}.{n}", path.display()))
}

/// Whole lines of a log, and where in its newest file the last of them ends.
#[derive(Default, Debug)]
pub struct Lines {
    pub lines: Vec<String>,
    pub end: u64,
}

/// The last `most` lines of a log; none where there is no log.
pub fn last(path: &Path, most: usize) -> io::Result<Lines> {
    let mut found = Lines::default();
    // Older files only where the newer ones have too few lines.
    for n in 0..FILES {
        let file = if n == 0 { path.to_owned() } else { older(path, n) };
        if found.lines.len() >= most || !file.is_file() {
            break;
        }
        let mut read = read(&file, 0)?;
        if n == 0 {
            found.end = read.end;
        }
        read.lines.append(&mut found.lines);
        found.lines = read.lines;
    }
    let skip = found.lines.len().saturating_sub(most);
    found.lines.drain(..skip);
    Ok(found)
}

/// What a file of a log has from a place on.
pub fn read(path: &Path, from: u64) -> io::Result<Lines> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from))?;
    let (mut reader, mut lines, mut end) = (BufReader::new(file), Vec::new(), from);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        end += line.len() as u64;
        lines.push(String::from_utf8_lossy(&line[..line.len() - 1]).into_owned());
        line.clear();
    }
    Ok(Lines { lines, end })
}

/// Makes a pipe, if it is not there, and opens it so that neither end ever waits for the other.
pub fn open_pipe(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode};
    match rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR) {
        Err(error) if error != rustix::io::Errno::EXIST => return Err(error.into()),
        _ => {}
    }
    File::options().read(true).write(true).open(path)
}

/// Copies what comes through a pipe to the log, until `ended` is told and nothing is left in it.
/// `flooded` is told once for each time that the stream is slowed down after it was not.
pub async fn copy(
    path: PathBuf,
    (instance, stream): (String, &'static str),
    log: Arc<Log>,
    mut ended: watch::Receiver<bool>,
    flooded: impl Fn() + Send,
) -> io::Result<()> {
    let pipe = pipe::OpenOptions::new().read_write(true).open_receiver(path)?;
    let mut writer = Writer { log, instance, stream, line: Vec::new() };
    let mut pace = Pace::default();
    while !*ended.borrow() {
        tokio::select! {
            readable = pipe.readable() => {
                readable?;
                let read = writer.read(&pipe)?;
                if let Some(rest) = pace.spend(read) {
                    if pace.is_new {
                        flooded();
                    }
                    tokio::time::sleep(rest).await;
                }
            }
            _ = ended.changed() => {}
        }
    }
    // What came last may not have been told to this task: the pipe itself is asked.
    writer.drain(&mut File::from(pipe.into_nonblocking_fd()?))?;
    writer.finish()
}

/// Both streams of an instance, copied in this process, whoever else comes and goes.
pub struct Copying {
    ended: watch::Sender<bool>,
    thread: JoinHandle<bool>,
}

impl Copying {
    /// Begins; `folder`: the instance's, with its pipes in it, named as the instance is.
    pub fn begin(folder: &Path, log: PathBuf) -> io::Result<Copying> {
        let (ended, end) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let instance = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (folder, log) = (folder.to_owned(), Log::at(log));
        let thread = std::thread::spawn(move || {
            let was_flooded = AtomicBool::new(false);
            let flooded = || was_flooded.store(true, Ordering::Relaxed);
            let copied = |stream| {
                let name = (instance.clone(), stream);
                copy_on(folder.join(stream), name, log.clone(), end.clone(), flooded)
            };
            runtime.block_on(async { tokio::join!(copied("out"), copied("err")) });
            was_flooded.into_inner()
        });
        Ok(Copying { ended, thread })
    }

    /// Nothing more comes: what is left is copied. Gives whether it was ever slowed down.
    pub fn end(self) -> bool {
        let _ = self.ended.send(true);
        self.thread.join().unwrap_or(false)
    }
}

/// Copies whatever happens to the log: what cannot be written is lost, and holds nobody up for
/// longer than a moment.
async fn copy_on(
    path: PathBuf,
    name: (String, &'static str),
    log: Arc<Log>,
    ended: watch::Receiver<bool>,
    flooded: impl Fn() + Send + Copy,
) {
    while copy(path.clone(), name.clone(), log.clone(), ended.clone(), flooded).await.is_err()
        && !*ended.borrow()
    {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// What is left in the pipes of an instance when who copied them is ended before they are empty:
/// it is there as long as somebody holds them.
pub struct Rest {
    instance: String,
    pipes: [(&'static str, File); 2],
}

impl Rest {
    pub fn of(folder: &Path, instance: &str) -> io::Result<Rest> {
        let flags = libc::O_NONBLOCK;
        let open = |stream| {
            let mut options = File::options();
            let file = options.read(true).write(true).custom_flags(flags).open(folder.join(stream));
            file.map(|file| (stream, file))
        };
        Ok(Rest { instance: instance.to_owned(), pipes: [open("out")?, open("err")?] })
    }

    pub fn copy(self, log: PathBuf) -> io::Result<()> {
        let log = Log::at(log);
        for (stream, mut pipe) in self.pipes {
            let (log, instance) = (log.clone(), self.instance.clone());
            let mut writer = Writer { log, instance, stream, line: Vec::new() };
            writer.drain(&mut pipe)?;
            writer.finish()?;
        }
        Ok(())
    }
}

/// One stream of an instance: bytes to lines of its log.
struct Writer {
    log: Arc<Log>,
    instance: String,
    stream: &'static str,
    /// What came of a line that has not ended.
    line: Vec<u8>,
}

impl Writer {
    /// Takes what is in the pipe now, at most [`CHUNK`]. Nothing is kept for a stream that is
    /// silent: there are thousands of them.
    fn read(&mut self, pipe: &pipe::Receiver) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        match pipe.try_read(&mut chunk) {
            Ok(read) => self.take(&chunk[..read]).map(|()| read),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Takes what is left in a pipe that does not wait: at most what one holds, so that it ends
    /// whoever still writes.
    fn drain(&mut self, pipe: &mut File) -> io::Result<()> {
        let (mut chunk, mut left) = ([0; CHUNK], MOST_IN_PIPE);
        while left > 0 {
            match pipe.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    self.take(&chunk[..read])?;
                    left = left.saturating_sub(read);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut text = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= MOST_LINE {
                push(&mut text, &self.instance, self.stream, &std::mem::take(&mut self.line));
            }
        }
        self.log.write(&text)
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.line.is_empty() {
            return Ok(());
        }
        let mut text = Vec::new();
        push(&mut text, &self.instance, self.stream, &std::mem::take(&mut self.line));
        self.log.write(&text)
    }
}

/// How much came within the present second.
struct Pace {
    began: tokio::time::Instant,
    spent: usize,
    is_slow: bool,
    /// Whether it was not slow the second before.
    is_new: bool,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { began: tokio::time::Instant::now(), spent: 0, is_slow: false, is_new: false }
    }
}

impl Pace {
    /// How long to wait, if it was too much.
    fn spend(&mut self, bytes: usize) -> Option<Duration> {
        let passed = self.began.elapsed();
        if passed >= Duration::from_secs(1) {
            let is_slow = self.spent >= MOST_BYTES_A_SECOND;
            *self = Pace { is_slow, ..Pace::default() };
        }
        self.spent += bytes;
        (self.spent >= MOST_BYTES_A_SECOND).then(|| {
            self.is_new = !self.is_slow;
            Duration::from_secs(1).saturating_sub(passed)
        })
    }
}

fn push(text: &mut Vec<u8>, instance: &str, stream: &str, line: &[u8]) {
    let line = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line)).into_owned();
    let At(at) = At::of(SystemTime::now());
    let line = Line { at, instance: instance.to_owned(), stream: stream.to_owned(), line };
    if serde_json::to_writer(&mut *text, &line).is_ok() {
        text.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(log: &Arc<Log>) -> Writer {
        Writer { log: log.clone(), instance: "i".to_owned(), stream: "out", line: Vec::new() }
    }

    fn lines(path: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(path).unwrap();
        let line = |line| serde_json::from_str::<Line>(line).unwrap().line;
        text.lines().map(line).collect()
    }

    #[test]
    fn lines_come_whole_however_they_are_cut_and_long_ones_in_parts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/a.jsonl");
        let mut writer = writer(&Log::at(path.clone()));
        for part in ["on", "e\ntw", "o\n", "\n", "no end"] {
            writer.take(part.as_bytes()).unwrap();
        }
        writer.take(&vec![b'x'; MOST_LINE]).unwrap();
        writer.take(b"\xff\n").unwrap();
        writer.take(b"rest").unwrap();
        writer.finish().unwrap();
        let lines = lines(&path);
        assert_eq!(lines[..3], ["one", "two", ""]);
        assert!(lines[3].starts_with("no end"));
        assert_eq!(lines[4..], ["\u{fffd}", "rest"]);
    }

    #[test]
    fn what_is_left_in_pipes_is_copied_whoever_wrote_it() {
        let folder = tempfile::tempdir().unwrap();
        let (own, path) = (folder.path().join("a.b.0.x"), folder.path().join("b.jsonl"));
        std::fs::create_dir(&own).unwrap();
        let mut out = open_pipe(&own.join("out")).unwrap();
        let mut err = open_pipe(&own.join("err")).unwrap();
        // Of nothing there is no log.
        Rest::of(&own, "a.b.0.x").unwrap().copy(path.clone()).unwrap();
        assert!(!path.exists());
        let copying = Copying::begin(&own, path.clone()).unwrap();
        for n in 0..2000 {
            writeln!(out, "line {n}").unwrap();
        }
        err.write_all(b"at the very end").unwrap();
        assert!(!copying.end());
        let rest = Rest::of(&own, "a.b.0.x").unwrap();
        out.write_all(b"later\n").unwrap();
        drop((out, err));
        rest.copy(path.clone()).unwrap();
        let lines = lines(&path);
        assert_eq!(lines.len(), 2002);
        assert!(lines.contains(&"line 1999".to_owned()));
        assert!(lines.contains(&"at the very end".to_owned()));
        assert_eq!(lines.last().unwrap(), "later");
        let text = std::fs::read_to_string(&path).unwrap();
        let first: Line = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!(first.instance, "a.b.0.x");
    }

    #[test]
    fn a_log_that_is_full_is_moved_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut writer = writer(&Log::at(path.clone()));
        let line = format!("{}\n", "y".repeat(MOST_LINE - 1));
        for _ in 0..(MOST_BYTES as usize / MOST_LINE) * (FILES + 2) {
            writer.take(line.as_bytes()).unwrap();
        }
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, FILES);
        assert!(older(&path, FILES - 1).is_file() && !older(&path, FILES).exists());
    }
}
