//! Repositories, through the `git` program and a bare copy of our own. Nothing is checked out:
//! trees and files are read as objects, so no hook, filter or link of a repository ever acts.
//!
//! What always holds: arguments are fixed but for the address and names that were checked; hooks,
//! submodules, prompts and all protocols but https, ssh and files are off; time, size and output
//! are bounded, and a command that passes a bound is ended.

use crate::content::{Content, MOST_BYTES, MOST_FILES, Refused, is_part_path};
use crate::source::Pick;
use std::fmt;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// No command of ours runs longer.
const LONGEST: Duration = Duration::from_secs(120);
/// The most that a copy of a repository may take.
const MOST_COPIED: u64 = 512 << 20;
/// The most that one command may answer, contents aside.
const MOST_ANSWER: u64 = 16 << 20;
/// The most tags that are looked at, the newest versions first.
const MOST_TAGS: usize = 2_000;

const SETTINGS: [&str; 9] = [
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.allow=never",
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "submodule.recurse=false",
    "maintenance.auto=false",
    "gc.auto=0",
];

#[derive(Debug)]
pub enum GitError {
    NotThere(std::io::Error),
    Failed(String),
    TooSlow,
    TooLarge,
    Refused(Refused),
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GitError::NotThere(error) => write!(f, "the `git` program does not start: {error}"),
            GitError::Failed(text) => write!(f, "{text}"),
            GitError::TooSlow => write!(f, "it took longer than {} seconds", LONGEST.as_secs()),
            GitError::TooLarge => write!(f, "it is larger than {} MiB", MOST_COPIED >> 20),
            GitError::Refused(refused) => write!(f, "{refused}"),
        }
    }
}

/// Addresses that may be asked: https, ssh, and repositories on this machine.
pub fn is_allowed(url: &str) -> bool {
    let is_plain = !url.is_empty()
        && url.len() <= 1_000
        && !url.starts_with('-')
        && !url.chars().any(|c| c.is_control() || c.is_whitespace());
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let is_known = match scheme {
        Some(scheme) => ["https", "ssh", "file"].contains(&scheme),
        None => is_local(url) || is_at_host(url),
    };
    // `ext::…` and its like name helpers to run.
    is_plain && is_known && !url.contains("::")
}

/// `git@host:path`.
fn is_at_host(url: &str) -> bool {
    let word = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    let user_host = url.split_once(':').and_then(|(at, _)| at.split_once('@'));
    user_host.is_some_and(|(user, host)| word(user) && word(host))
}

/// A path, to be read from where the manifest lies.
pub fn is_local(url: &str) -> bool {
    !url.contains(':')
}

/// The name of a tag or branch, or a commit.
pub fn is_reference(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-/+".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= 200
        && name.chars().all(is_plain)
        && !name.contains("..")
}

/// A bare copy of a repository.
pub struct Repository {
    folder: PathBuf,
}

impl Repository {
    /// Brings what `pick` needs of `url` into the copy in `folder`.
    pub fn fetch(folder: PathBuf, url: &str, pick: &Pick) -> Result<Repository, GitError> {
        let repository = Repository { folder };
        if !repository.folder.join("HEAD").is_file() {
            std::fs::create_dir_all(&repository.folder).map_err(GitError::NotThere)?;
            repository.git(&["init", "--quiet", "--bare", "--template="], None, MOST_ANSWER)?;
        }
        let named = |kind: &str, name: &str| format!("+refs/{kind}/{name}:refs/{kind}/{name}");
        let wanted = match pick {
            Pick::Version => {
                vec!["+refs/tags/*:refs/tags/*".to_owned(), "+HEAD:refs/eclexia/head".to_owned()]
            }
            Pick::Tag(name) => vec![named("tags", name)],
            Pick::Branch(name) => vec![named("heads", name)],
            Pick::Commit(id) => vec![format!("+{id}:refs/eclexia/commits/{id}")],
        };
        let mut arguments = vec!["fetch", "--quiet", "--depth=1", "--no-tags", "--force"];
        arguments.extend(["--no-recurse-submodules", "--no-write-fetch-head", "--end-of-options"]);
        arguments.push(url);
        arguments.extend(wanted.iter().map(String::as_str));
        repository.git(&arguments, None, MOST_ANSWER)?;
        Ok(repository)
    }

    /// The copy as it is, without asking its source.
    pub fn open(folder: PathBuf) -> Repository {
        Repository { folder }
    }

    /// The commit that a name stands for in the copy.
    pub fn commit(&self, pick: &Pick) -> Result<String, GitError> {
        let name = match pick {
            Pick::Version => "refs/eclexia/head".to_owned(),
            Pick::Tag(name) => format!("refs/tags/{name}"),
            Pick::Branch(name) => format!("refs/heads/{name}"),
            Pick::Commit(id) => id.clone(),
        };
        let name = format!("{name}^{{commit}}");
        let out = self.git(&["rev-parse", "--verify", "--quiet", &name], None, MOST_ANSWER)?;
        Ok(String::from_utf8_lossy(&out).trim().to_owned())
    }

    /// Tags and their commits.
    pub fn tags(&self) -> Result<Vec<(String, String)>, GitError> {
        let format = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname) \
                      %(refname:strip=2)";
        let out = self.git(&["for-each-ref", format, "refs/tags"], None, MOST_ANSWER)?;
        let text = String::from_utf8_lossy(&out).into_owned();
        let tags = text.lines().filter_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["commit", id, name] | ["tag", _, "commit", id, name] => {
                    Some((name.to_owned(), id.to_owned()))
                }
                _ => None,
            }
        });
        Ok(tags.take(MOST_TAGS).collect())
    }

    /// The bytes of a file; `None` where there is none.
    pub fn file(&self, commit: &str, path: &str) -> Option<Vec<u8>> {
        let object = format!("{commit}:{path}");
        let most = crate::manifest::MOST_BYTES + 1;
        self.git(&["cat-file", "blob", &object], None, most).ok()
    }

    /// The files of a folder at a commit.
    pub fn content(&self, commit: &str, folder: &str) -> Result<Content, GitError> {
        let mut arguments =
            vec!["--literal-pathspecs", "ls-tree", "-r", "-z", "-l", "--full-tree", commit];
        if !folder.is_empty() {
            arguments.extend(["--", folder]);
        }
        let listing = self.git(&arguments, None, MOST_ANSWER)?;
        let entries = entries(&String::from_utf8_lossy(&listing), folder)?;
        let mut ids = tempfile::tempfile().map_err(GitError::NotThere)?;
        let lines: String = entries.iter().map(|e| format!("{}\n", e.object)).collect();
        ids.write_all(lines.as_bytes()).and_then(|()| ids.rewind()).map_err(GitError::NotThere)?;
        let most = MOST_BYTES + (MOST_FILES as u64) * 100;
        let bytes = self.git(&["cat-file", "--batch"], Some(ids), most)?;
        let mut content = Content::default();
        let mut rest = &bytes[..];
        let cut = || GitError::Failed("its answer was cut short".to_owned());
        for entry in entries {
            // `<object> blob <size>`, a line end, the bytes, a line end.
            let line = rest.iter().position(|b| *b == b'\n').ok_or_else(cut)?;
            let header = String::from_utf8_lossy(&rest[..line]);
            let size = header.rsplit(' ').next().and_then(|s| s.parse::<usize>().ok());
            let size = size.ok_or_else(cut)?;
            let body = rest.get(line + 1..).and_then(|b| b.get(..size)).ok_or_else(cut)?;
            content.add(entry.path, body.to_vec()).map_err(GitError::Refused)?;
            rest = rest.get(line + size + 2..).unwrap_or_default();
        }
        Ok(content)
    }

    fn git(&self, arguments: &[&str], input: Option<File>, most: u64) -> Result<Vec<u8>, GitError> {
        let mut command = Command::new("git");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command.arg(format!("--git-dir={}", self.folder.display())).args(arguments);
        // What the caller's git was told about its own repository is not for ours.
        for (name, _) in
            std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("GIT_"))
        {
            command.env_remove(name);
        }
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "true").env("LC_ALL", "C");
        command.env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes");
        command.stdin(input.map_or_else(Stdio::null, Stdio::from));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(GitError::NotThere)?;
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let out = std::thread::spawn(move || bounded(out, most));
        let err = std::thread::spawn(move || bounded(err, 1 << 16));
        let ended = self.wait(&mut child);
        let (out, err) = (out.join().unwrap_or_default(), err.join().unwrap_or_default());
        match ended? {
            _ if out.len() as u64 > most => Err(GitError::TooLarge),
            true => Ok(out),
            false => Err(GitError::Failed(reason(&String::from_utf8_lossy(&err)))),
        }
    }

    /// Whether the command ended well; it is ended where it passes a bound.
    fn wait(&self, child: &mut Child) -> Result<bool, GitError> {
        let started = Instant::now();
        let mut looked = started;
        loop {
            if let Some(status) = child.try_wait().map_err(GitError::NotThere)? {
                return Ok(status.success());
            }
            let passed = if started.elapsed() > LONGEST {
                Some(GitError::TooSlow)
            } else if looked.elapsed() > Duration::from_millis(500) {
                looked = Instant::now();
                (size_of(&self.folder, 0) > MOST_COPIED).then_some(GitError::TooLarge)
            } else {
                None
            };
            if let Some(passed) = passed {
                let _ = child.kill();
                let _ = child.wait();
                return Err(passed);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

struct Entry {
    object: String,
    path: String,
}

/// What `ls-tree -z -l` lists of a package: `<mode> <type> <object> <size>\t<path>`.
fn entries(listing: &str, folder: &str) -> Result<Vec<Entry>, GitError> {
    let refused = |refused| Err(GitError::Refused(refused));
    let mut entries = Vec::new();
    let mut bytes = 0u64;
    for line in listing.split('\0').filter(|line| !line.is_empty()) {
        let Some((about, path)) = line.split_once('\t') else { continue };
        let inside = path.strip_prefix(folder).map(|rest| rest.trim_start_matches('/'));
        let Some(path) = inside.filter(|path| is_part_path(path)) else { continue };
        let words: Vec<&str> = about.split_whitespace().collect();
        let [mode, "blob", object, size] = words[..] else {
            return refused(Refused::Link(path.to_owned()));
        };
        if mode == "120000" {
            return refused(Refused::Link(path.to_owned()));
        }
        bytes = bytes.saturating_add(size.parse().unwrap_or(u64::MAX));
        entries.push(Entry { object: object.to_owned(), path: path.to_owned() });
        if bytes > MOST_BYTES || entries.len() > MOST_FILES {
            let text = format!("it holds more than {MOST_FILES} files or {} MiB", MOST_BYTES >> 20);
            return refused(Refused::TooLarge(text));
        }
    }
    Ok(entries)
}

fn bounded(pipe: Option<impl Read>, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // One byte more tells that there was more; the pipe closes, which ends the writer.
        let _ = pipe.take(most + 1).read_to_end(&mut bytes);
    }
    bytes
}

fn size_of(folder: &Path, depth: usize) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(data) if data.is_dir() && depth < 8 => size_of(&entry.path(), depth + 1),
        Ok(data) => data.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

/// The line in which git says what is wrong.
fn reason(err: &str) -> String {
    let said = err.lines().find_map(|line| line.trim().strip_prefix("fatal: "));
    let line = said.or_else(|| err.lines().find(|line| !line.trim().is_empty()));
    line.unwrap_or("git does not say why").trim().chars().take(200).collect()
}

#[test]
fn only_plain_addresses_may_be_asked() {
    let good = [
        "https://example.org/a.git",
        "ssh://git@example.org/a.git",
        "git@example.org:a/b.git",
        "file:///srv/a.git",
        "../a.git",
        "/srv/a",
    ];
    let bad = [
        "",
        "-u",
        "--upload-pack=x",
        "ext::sh -c x",
        "ext::x",
        "http://example.org/a",
        "git://a",
        "-x@h:y",
        "a b",
        "a\nb",
        "https://a\u{1b}",
        "transport:x",
    ];
    assert!(good.iter().all(|url| is_allowed(url)));
    for url in bad {
        assert!(!is_allowed(url), "{url}");
    }
    assert!(is_reference("v1.2.3") && is_reference("feature/x") && is_reference("0123abcd"));
    assert!(!is_reference("-x") && !is_reference("a..b") && !is_reference("a b"));
    assert!(!is_reference("a:b") && !is_reference("") && !is_reference("a^b"));
}
