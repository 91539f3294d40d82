//! What services, jobs and hooks write, as JSON lines in files of bounded size.
//!
//! In: a named pipe for each of an instance's two streams. Out: lines `{"at", "instance",
//! "stream", "line"}` in the file of its service; when it is full it is moved aside and the oldest
//! is removed. Always holds: a pipe is read until nobody has it open for writing any more, so that
//! what was written last is there; who writes faster than [`MOST_BYTES_A_SECOND`] waits; a log that
//! cannot be written stops nobody. A line that is too long is cut into several.
//! Who copies is the `logger`, which outlives the supervisor; of hooks it is the supervisor.

use eclexia_deploy::registry::At;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tokio::net::unix::pipe;

/// Of one file; there are at most [`FILES`] of a service.
const MOST_BYTES: u64 = 8 << 20;
const FILES: usize = 4;

/// Of one line.
const MOST_LINE: usize = 16 << 10;

/// Read at once.
const CHUNK: usize = 16 << 10;

/// Of one stream; a service that writes more is slowed down.
pub const MOST_BYTES_A_SECOND: usize = 4 << 20;
const SECOND: Duration = Duration::from_secs(1);

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
    /// Makes its folder: once, so that a data folder that was taken away is not made again.
    pub fn at(path: PathBuf) -> io::Result<Arc<Log>> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        Ok(Arc::new(Log { path, open: Mutex::new(None) }))
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_some_and(|(_, size)| *size >= MOST_BYTES) {
            *open = None;
            self.rotate()?;
        }
        if open.is_none() {
            let file = File::options().create(true).append(true).open(&self.path)?;
            let size = file.metadata()?.len();
            *open = Some((file, size));
        }
        if let Some((file, size)) = &mut *open {
            if let Err(error) = file.write_all(bytes) {
                // A part of a line would be a part of the next one.
                file.set_len(*size)?;
                return Err(error);
            }
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

/// A pipe of nobody's yet, and its end for writing. It is open for reading, too, so that who
/// writes neither waits for a reader nor ends for lack of one.
pub fn make_pipe(path: &Path) -> io::Result<File> {
    use rustix::fs::{CWD, Mode};
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => rustix::fs::mkfifoat(CWD, path, Mode::RUSR | Mode::WUSR)?,
    }
    File::options().read(true).write(true).open(path)
}

/// The end of a pipe that is read: it comes to its end with the last who could write to it.
pub fn open_pipe(path: &Path) -> io::Result<File> {
    File::options().read(true).custom_flags(libc::O_NONBLOCK).open(path)
}

/// Copies what comes through a pipe to the log, to its end. What the log does not take is lost.
/// `flooded` is told once for each time that the stream is slowed down after it was not.
pub async fn copy(
    pipe: File,
    (instance, stream): (String, &'static str),
    log: Arc<Log>,
    flooded: impl Fn() + Send,
) -> io::Result<()> {
    let pipe = pipe::Receiver::from_file(pipe)?;
    let mut writer = Writer { log, instance, stream, line: Vec::new() };
    let mut pace = Pace::new(Instant::now());
    loop {
        pipe.readable().await?;
        let read = match writer.read(&pipe) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error),
        };
        if let Some(rest) = pace.spend(read, Instant::now()) {
            if pace.is_new {
                flooded();
            }
            tokio::time::sleep(rest).await;
        }
    }
    writer.finish();
    Ok(())
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
    /// Takes what is in the pipe now, at most [`CHUNK`]; nothing: its end. Nothing is kept for a
    /// stream that is silent: there are thousands of them.
    fn read(&mut self, pipe: &pipe::Receiver) -> io::Result<usize> {
        let mut chunk = [0; CHUNK];
        let read = pipe.try_read(&mut chunk)?;
        self.take(&chunk[..read]);
        Ok(read)
    }

    fn take(&mut self, bytes: &[u8]) {
        let mut text = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") || self.line.len() >= MOST_LINE {
                push(&mut text, &self.instance, self.stream, &std::mem::take(&mut self.line));
            }
        }
        self.write(&text);
    }

    fn finish(&mut self) {
        if !self.line.is_empty() {
            let mut text = Vec::new();
            push(&mut text, &self.instance, self.stream, &std::mem::take(&mut self.line));
            self.write(&text);
        }
    }

    /// On a full disk the choice is between losing lines and stopping services.
    fn write(&self, text: &[u8]) {
        if !text.is_empty() {
            let _ = self.log.write(text);
        }
    }
}

/// How much came within the present second.
struct Pace {
    began: Instant,
    spent: usize,
    is_slow: bool,
    /// Whether it was not slow the second before.
    is_new: bool,
}

impl Pace {
    fn new(began: Instant) -> Pace {
        Pace { began, spent: 0, is_slow: false, is_new: false }
    }

    /// How long to wait, if it was too much.
    fn spend(&mut self, bytes: usize, now: Instant) -> Option<Duration> {
        let mut passed = now.duration_since(self.began);
        if passed >= SECOND {
            // Who was silent since was not slowed down.
            let is_slow = self.spent >= MOST_BYTES_A_SECOND && passed < 2 * SECOND;
            *self = Pace { is_slow, ..Pace::new(now) };
            passed = Duration::ZERO;
        }
        self.spent += bytes;
        (self.spent >= MOST_BYTES_A_SECOND).then(|| {
            self.is_new = !self.is_slow;
            SECOND - passed
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
        let mut writer = writer(&Log::at(path.clone()).unwrap());
        for part in ["on", "e\ntw", "o\n", "\n", "no end"] {
            writer.take(part.as_bytes());
        }
        writer.take(&vec![b'x'; MOST_LINE]);
        writer.take(b"\xff\n");
        writer.take(b"rest");
        writer.finish();
        let lines = lines(&path);
        assert_eq!(lines[..3], ["one", "two", ""]);
        assert!(lines[3].starts_with("no end"));
        assert_eq!(lines[4..], ["\u{fffd}", "rest"]);
    }

    #[test]
    fn a_pipe_is_read_to_its_end_which_is_that_of_its_last_writer() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, path) = (folder.path().join("out"), folder.path().join("logs/b.jsonl"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for life in 0..2 {
            let mut out = make_pipe(&pipe).unwrap();
            let (read, log) = (open_pipe(&pipe).unwrap(), Log::at(path.clone()).unwrap());
            let writing = std::thread::spawn(move || {
                for n in 0..20_000 {
                    writeln!(out, "line {n}").unwrap();
                }
                let mut other = out.try_clone().unwrap();
                drop(out);
                write!(other, "the end of {life}").unwrap();
            });
            runtime.block_on(copy(read, ("a".to_owned(), "out"), log, || {})).unwrap();
            writing.join().unwrap();
        }
        let wanted = (0..2).flat_map(|life| {
            let lines = (0..20_000).map(|n| format!("line {n}"));
            lines.chain([format!("the end of {life}")])
        });
        assert!(lines(&path).into_iter().eq(wanted));
    }

    #[test]
    fn who_writes_more_than_it_may_waits_for_the_next_second_and_is_told_of_once() {
        let began = Instant::now();
        let mut pace = Pace::new(began);
        // Bytes at a time, the milliseconds to wait then, and whether it was well before.
        let mut spend = |bytes, milliseconds| {
            let rest = pace.spend(bytes, began + Duration::from_millis(milliseconds))?;
            Some((rest.as_millis(), pace.is_new))
        };
        assert_eq!(spend(MOST_BYTES_A_SECOND - 1, 0), None);
        assert_eq!(spend(1, 400), Some((600, true)));
        assert_eq!(spend(MOST_BYTES_A_SECOND, 1_000), Some((1_000, false)));
        assert_eq!(spend(1, 2_000), None);
        assert_eq!(spend(MOST_BYTES_A_SECOND, 3_000), Some((1_000, true)));
        assert_eq!(spend(MOST_BYTES_A_SECOND, 60_000), Some((1_000, true)));
    }

    #[test]
    fn a_log_that_cannot_be_written_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logs/b.jsonl");
        let mut writer = writer(&Log::at(path.clone()).unwrap());
        std::fs::remove_dir_all(folder.path().join("logs")).unwrap();
        writer.take(b"lost\n");
        std::fs::create_dir(folder.path().join("logs")).unwrap();
        writer.take(b"there\n");
        assert_eq!(lines(&path), ["there"]);
    }

    #[test]
    fn a_log_that_is_full_is_moved_aside_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let mut writer = writer(&Log::at(path.clone()).unwrap());
        let line = format!("{}\n", "y".repeat(MOST_LINE - 1));
        for _ in 0..(MOST_BYTES as usize / MOST_LINE) * (FILES + 2) {
            writer.take(line.as_bytes());
        }
        let files = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files, FILES);
        assert!(older(&path, FILES - 1).is_file() && !older(&path, FILES).exists());
    }
}
