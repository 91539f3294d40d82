//! Pages: `ecl` blocks are the files of a program, the blocks after them its answers, until the
//! next `ecl` block. The first word after the fence of an answer is what is asked, the rest are its
//! arguments.

use eclexia_base::FileId;
use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Workspace};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// The cursor.
pub const MARK: &str = "<|>";
/// A selection.
const OPEN: &str = "<[>";
const CLOSE: &str = "<]>";

/// A program and what is asked about it.
pub struct Asked {
    pub analysis: Arc<Analysis>,
    pub file: FileId,
    pub cursors: Vec<u32>,
    pub selection: Option<(u32, u32)>,
    /// Module, file name and text.
    pub files: Vec<(String, String, String)>,
}

pub fn analyse(files: &[(String, String, String)]) -> Arc<Analysis> {
    let mut workspace = Workspace::new(Box::new(Embedded));
    for (module, name, text) in files {
        workspace.set(module, name, Arc::from(text.as_str()));
    }
    workspace.analysis()
}

impl Asked {
    fn new(blocks: &[(String, String)]) -> Asked {
        let mut files = Vec::new();
        let (mut marked, mut cursors, mut selection) = (String::new(), Vec::new(), None);
        for (name, text) in blocks {
            let mut text = text.clone();
            while let Some(at) = text.find(MARK) {
                text.replace_range(at..at + MARK.len(), "");
                cursors.push(at as u32);
                marked.clone_from(name);
            }
            if let Some(from) = text.find(OPEN) {
                text.replace_range(from..from + OPEN.len(), "");
                let to = text.find(CLOSE).expect("a selection is closed");
                text.replace_range(to..to + CLOSE.len(), "");
                selection = Some((from as u32, to as u32));
                marked.clone_from(name);
            }
            let module = name.trim_end_matches(".ecl").replace('/', ".");
            files.push((module, name.clone(), text));
        }
        let analysis = analyse(&files);
        if marked.is_empty() {
            marked = files.last().map(|(_, name, _)| name.clone()).unwrap_or_default();
        }
        let file = analysis.file(&marked).expect("the file was read");
        Asked { analysis, file, cursors, selection, files }
    }
}

/// Compares every answer of a page with what is, or writes what is.
pub fn check(name: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let page = std::fs::read_to_string(&path).expect("the page can be read");
    let made = answered(&page);
    if made == page {
        return;
    }
    let updates = std::env::var_os("UPDATE_EXPECT");
    if updates.is_some_and(|value| !value.is_empty() && value != "0") {
        std::fs::write(&path, &made).expect("the page can be written");
        return;
    }
    let diff = similar::TextDiff::from_lines(&page, &made);
    let diff = diff.unified_diff().header("expected", "actual").to_string();
    panic!("{name} differs; UPDATE_EXPECT=1 writes what is\n{diff}");
}

fn answered(page: &str) -> String {
    let mut out = String::new();
    let mut program: Vec<(String, String)> = Vec::new();
    let mut asked: Option<Asked> = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(out, "{line}");
        let Some(info) = line.strip_prefix("```") else { continue };
        let mut text = String::new();
        for line in lines.by_ref().take_while(|line| *line != "```") {
            let _ = writeln!(text, "{line}");
        }
        let mut words = info.split_whitespace();
        match words.next() {
            Some("ecl") => {
                if asked.take().is_some() {
                    program.clear();
                }
                let file = words.find_map(|word| word.strip_prefix("file="));
                program.push((file.unwrap_or("main.ecl").to_owned(), text.clone()));
                out.push_str(&text);
            }
            Some(question) => {
                let asked = asked.get_or_insert_with(|| Asked::new(&program));
                let arguments: Vec<&str> = words.collect();
                let answer = crate::answers::answer(asked, question, &arguments);
                out.push_str(&answer);
                if !answer.is_empty() && !answer.ends_with('\n') {
                    out.push('\n');
                }
            }
            None => out.push_str(&text),
        }
        out.push_str("```\n");
    }
    out
}
