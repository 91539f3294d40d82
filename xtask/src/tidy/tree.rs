//! The source files that tidy looks at: the workspace's root in, paths and texts out, sorted.
//!
//! Read from the folder and not from git, so that a file is checked before it is committed and a
//! source archive can be checked as well. Build results, what npm fetched and hidden folders are
//! left out.

use std::path::Path;

pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

/// All `.rs` and `.ecl` files of the workspace.
pub struct Tree {
    pub files: Vec<SourceFile>,
}

impl Tree {
    pub fn read(root: &Path) -> Tree {
        let mut files = Vec::new();
        visit(root, "", &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Tree { files }
    }

    pub fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }
}

fn visit(folder: &Path, prefix: &str, files: &mut Vec<SourceFile>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let is_fetched = name == "node_modules" || path == "fuzz/corpus";
        if name.starts_with('.') || name == "target" || is_fetched {
            continue;
        }
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder {
            visit(&entry.path(), &format!("{path}/"), files);
        } else if (name.ends_with(".rs") || name.ends_with(".ecl"))
            && let Ok(text) = std::fs::read_to_string(entry.path())
        {
            files.push(SourceFile { path, text });
        }
    }
}

impl SourceFile {
    /// `compiler/diag` of `compiler/diag/src/render.rs`; the first folder for others.
    pub fn crate_folder(&self) -> &str {
        let depth = if self.is_in(&["compiler/", "runtime/", "lsp/"]) { 2 } else { 1 };
        let mut slashes = self.path.match_indices('/').map(|(at, _)| at);
        slashes.nth(depth - 1).map_or("", |at| &self.path[..at])
    }

    pub fn is_in(&self, folders: &[&str]) -> bool {
        folders.iter().any(|folder| self.path.starts_with(folder))
    }

    /// Code of the product: not a test, not a build script.
    pub fn is_product(&self) -> bool {
        let is_source = self.path.starts_with("cli/src/")
            || self.is_in(&["compiler/", "runtime/", "lsp/"]) && self.path.contains("/src/");
        is_source && !self.path.ends_with("/tests.rs") && !self.path.contains("/tests/")
    }

    /// The lines that ship, from 1: without comment lines, and without the test module that closes
    /// the file.
    pub fn shipped_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = test_module_line(&self.text).unwrap_or(usize::MAX);
        let lines = self.text.lines().enumerate().map(|(n, line)| (n + 1, line));
        lines
            .take_while(move |(n, _)| *n < tests)
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// The line of the `#[cfg(test)]` that opens an inline test module.
fn test_module_line(text: &str) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let marks = lines.iter().enumerate().filter(|(_, line)| **line == "#[cfg(test)]");
    for (n, _) in marks {
        let rest = &lines[n + 1..];
        let item = rest.iter().find(|line| !line.starts_with('#') && !line.starts_with(' '))?;
        if item.starts_with("mod ") && item.ends_with('{') {
            return Some(n + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_module_and_comments_do_not_ship() {
        let text = "//! x\nfn a() {}\n#[cfg(test)]\nuse b;\n#[cfg(test)]\nmod tests {\n}\n";
        let file = SourceFile { path: "compiler/base/src/a.rs".into(), text: text.into() };
        let shipped: Vec<usize> = file.shipped_lines().map(|(n, _)| n).collect();
        assert_eq!(shipped, [2, 3, 4]);
        assert_eq!(file.crate_folder(), "compiler/base");
        assert!(file.is_product());
    }
}
