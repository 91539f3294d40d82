//! The files of a running program: at any path, or inside of a folder to which the program's
//! capability was attenuated. Inside of a folder every part of a path is opened below what was
//! opened before (`cap_std`), so that neither `..` nor a link leads outside, whenever it is made.
//! What is wrong comes back as text that begins with the path.

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use eclexia_rt::effects::{FileAction, FileAnswer, FileKind};
use eclexia_whole::{Access, Existing, folder_of, write_in};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The largest file that is read in one piece: 1 GiB.
const MOST_BYTES: u64 = 1 << 30;

/// The most names of a folder.
const MOST_NAMES: usize = 1_000_000;

pub fn act(
    within: &[String],
    path: &str,
    action: FileAction<'_>,
) -> std::result::Result<FileAnswer, String> {
    let answer = match within {
        [] => anywhere(Path::new(path), action),
        [first, rest @ ..] => inside(first, rest, Path::new(path), action),
    };
    answer.map_err(|error| why(within, path, &error))
}

fn why(within: &[String], path: &str, error: &Error) -> String {
    let path = if path.is_empty() { "\"\"" } else { path };
    // What `cap_std` says where a path would leave its folder; it has no kind of its own.
    if error.kind() == ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        return format!("{path}: leads outside of the folder {}", within.join("/"));
    }
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    match within {
        [] => format!("{path}: {text}"),
        _ => format!("{path} in {}: {text}", within.join("/")),
    }
}

fn anywhere(path: &Path, action: FileAction<'_>) -> Result<FileAnswer> {
    match action {
        FileAction::Read => text(std::fs::metadata(path)?.len(), std::fs::File::open(path)?),
        FileAction::Write(text) => done(eclexia_whole::replace(path, text.as_bytes())),
        FileAction::Append(text) => {
            let mut options = std::fs::OpenOptions::new();
            done(options.append(true).create(true).open(path)?.write_all(text.as_bytes()))
        }
        FileAction::List => {
            let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
            names(std::fs::read_dir(path)?.map(|e| e.map(|e| e.file_name())))
        }
        FileAction::Look => found(std::fs::metadata(path).and_then(|data| {
            let changed = data.modified()?;
            Ok(kind(data.is_dir(), data.len(), changed))
        })),
        FileAction::MakeFolder => done(std::fs::create_dir_all(path)),
        FileAction::Remove => done(match std::fs::symlink_metadata(path)?.is_dir() {
            true => std::fs::remove_dir(path),
            false => std::fs::remove_file(path),
        }),
        FileAction::Move(to) => done(std::fs::rename(path, to)),
    }
}

fn inside(first: &str, rest: &[String], path: &Path, action: FileAction<'_>) -> Result<FileAnswer> {
    let mut dir = Dir::open_ambient_dir(first, ambient_authority())?;
    for folder in rest {
        dir = dir.open_dir(folder)?;
    }
    let here = Path::new(".");
    let path = if path.as_os_str().is_empty() { here } else { path };
    match action {
        FileAction::Read => {
            let file = dir.open(path)?;
            text(file.metadata()?.len(), file)
        }
        FileAction::Write(text) => done(replace(&dir, path, text.as_bytes())),
        FileAction::Append(text) => {
            let mut options = cap_std::fs::OpenOptions::new();
            let mut file = dir.open_with(path, options.append(true).create(true))?;
            done(file.write_all(text.as_bytes()))
        }
        FileAction::List => names(dir.read_dir(path)?.map(|e| e.map(|e| e.file_name()))),
        FileAction::Look => found(
            dir.metadata(path)
                .and_then(|data| Ok(kind(data.is_dir(), data.len(), data.modified()?.into_std()))),
        ),
        FileAction::MakeFolder => done(dir.create_dir_all(path)),
        FileAction::Remove => done(match dir.symlink_metadata(path)?.is_dir() {
            true => dir.remove_dir(path),
            false => dir.remove_file(path),
        }),
        FileAction::Move(to) => done(dir.rename(path, &dir, to)),
    }
}

fn replace(dir: &Dir, path: &Path, bytes: &[u8]) -> Result<()> {
    let Some(name) = path.file_name() else {
        return Err(ErrorKind::IsADirectory.into());
    };
    let dir = dir.open_dir(folder_of(path))?;
    if dir.metadata(name).is_ok_and(|data| data.is_dir()) {
        return Err(ErrorKind::IsADirectory.into());
    }
    write_in(&dir, name, bytes, Access::AsBefore, Existing::Replace)
}

fn done(result: Result<()>) -> Result<FileAnswer> {
    result.map(|()| FileAnswer::Done)
}

fn text(size: u64, file: impl Read) -> Result<FileAnswer> {
    let too_large = || Error::other("larger than 1 GiB");
    if size > MOST_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large());
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::other("it is no text in UTF-8"))?;
    Ok(FileAnswer::Text(text))
}

fn names(entries: impl Iterator<Item = Result<std::ffi::OsString>>) -> Result<FileAnswer> {
    let mut names = Vec::new();
    for name in entries.take(MOST_NAMES + 1) {
        names.push(name?.to_string_lossy().into_owned());
    }
    if names.len() > MOST_NAMES {
        return Err(Error::other("more than a million names"));
    }
    names.sort();
    Ok(FileAnswer::Names(names))
}

fn kind(is_folder: bool, bytes: u64, changed: SystemTime) -> FileKind {
    let changed = changed.duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64());
    FileKind { is_folder, bytes, changed }
}

fn found(result: Result<FileKind>) -> Result<FileAnswer> {
    match result {
        Ok(kind) => Ok(FileAnswer::Found(Some(kind))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(FileAnswer::Found(None)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_outside_of_a_folder() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        std::fs::write(root.join("secret"), "s").expect("written");
        std::fs::create_dir_all(root.join("in/x")).expect("made");
        std::os::unix::fs::symlink("../secret", root.join("in/link")).expect("linked");
        std::os::unix::fs::symlink("..", root.join("in/up")).expect("linked");
        let within = [root.join("in").display().to_string()];
        let absolute = root.join("secret").display().to_string();
        for path in ["../secret", "link", "up/secret", "x/../../secret", &absolute] {
            for action in [
                FileAction::Read,
                FileAction::Append("x"),
                FileAction::Look,
                FileAction::Move("here"),
                FileAction::Write("x"),
            ] {
                let answer = act(&within, path, action);
                // A link itself lies inside: it may be moved or replaced, not followed.
                let is_own = path == "link" || path == "here";
                let follows = !matches!(action, FileAction::Move(_) | FileAction::Write(_));
                assert!(answer.is_err() || (is_own && !follows), "{path} {action:?} {answer:?}");
            }
        }
        assert_eq!(std::fs::read_to_string(root.join("secret")).expect("there"), "s");
    }

    #[test]
    fn a_file_inside_is_written_whole_and_read_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let within = [folder.path().display().to_string(), "a".to_owned()];
        act(&within[..1], "a/b", FileAction::MakeFolder).expect("made");
        act(&within, "b/c.txt", FileAction::Write("one")).expect("written");
        act(&within, "b/c.txt", FileAction::Append(" two")).expect("appended");
        let read = act(&within, "b/../b/c.txt", FileAction::Read);
        assert_eq!(read, Ok(FileAnswer::Text("one two".to_owned())));
        let listed = act(&within, "b", FileAction::List);
        assert_eq!(listed, Ok(FileAnswer::Names(vec!["c.txt".to_owned()])));
        assert_eq!(act(&within, "no", FileAction::Look), Ok(FileAnswer::Found(None)));
    }
}
