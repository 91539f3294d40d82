//! Where a package comes from, as a value that two manifests can agree on.

use std::path::{Component, Path, PathBuf};

/// Which commit of a repository is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Pick {
    /// The newest tag `1.2.3` or `v1.2.3` that the requirements allow; without such tags, the head.
    Version,
    Tag(String),
    Branch(String),
    Commit(String),
}

/// A source of one package, in one version or several.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A folder: its full path where it exists.
    Path(PathBuf),
    /// A folder of a repository, empty for its root.
    Git { url: String, pick: Pick, folder: String },
}

/// Takes `.` and `..` away by the text alone.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

/// The full path of a folder, whether it is there or not.
pub fn full(path: &Path) -> PathBuf {
    std::fs::canonicalize(path)
        .or_else(|_| std::path::absolute(path).map(|p| normal(&p)))
        .unwrap_or_else(|_| normal(path))
}

/// How to get from the folder `from` to `to`, both full.
pub fn relative(from: &Path, to: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (from.components().collect(), to.components().collect());
    let same = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[same..].iter().map(|_| "..".to_owned());
    let down = to[same..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// A folder inside a repository; `None` where the path would leave it.
pub fn inside(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!path.starts_with('/')).then(|| parts.join("/"))
}

impl Source {
    /// As messages say it; a folder from the project's own on.
    pub fn shown(&self, root: &Path) -> String {
        match self {
            Source::Path(path) => relative(root, path),
            Source::Git { url, pick, folder } => {
                let local = crate::git::is_local(url).then(|| relative(root, Path::new(url)));
                let url = local.as_ref().unwrap_or(url);
                let at = match pick {
                    Pick::Version => String::new(),
                    Pick::Tag(name) => format!(", tag {name}"),
                    Pick::Branch(name) => format!(", branch {name}"),
                    Pick::Commit(id) => format!(", commit {id}"),
                };
                let folder =
                    if folder.is_empty() { String::new() } else { format!(", folder {folder}") };
                format!("{url}{at}{folder}")
            }
        }
    }
}

#[test]
fn paths_are_related_by_their_text() {
    let path = Path::new;
    assert_eq!(relative(path("/a/b"), path("/a/c/d")), "../c/d");
    assert_eq!(relative(path("/a"), path("/a")), ".");
    assert_eq!(normal(path("a/./b/../c")), path("a/c"));
    assert_eq!(normal(path("../a")), path("../a"));
    assert_eq!(inside("x/y", "../z"), Some("x/z".to_owned()));
    assert_eq!(inside("x", "../../z"), None);
    assert_eq!(inside("", "/z"), None);
}
