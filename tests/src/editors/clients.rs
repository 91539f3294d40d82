//! What each editor's own tools test, and the queries that editors have copies of.

use super::write_laid_out;
use crate::bless::Failures;
use crate::tools::{self, Ran, run};
use std::process::Command;

/// What Helix's themes call what others call otherwise.
const HELIX_NAMES: [(&str, &str); 5] = [
    ("number", "constant.numeric"),
    ("string.escape", "constant.character.escape"),
    ("string.documentation", "string"),
    ("property", "variable.other.member"),
    ("function.call", "function"),
];

#[test]
fn emacs_passes_its_tests() {
    let Some(emacs) = tools::find("emacs", "apt-get install emacs-nox elpa-eglot") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_laid_out(folder.path());
    let mut command = Command::new(emacs);
    command.args(["--batch", "-L", "editors/emacs", "-l", "eclexia-mode-tests"]);
    command.args(["-f", "ert-run-tests-batch-and-exit"]).current_dir(xtask::root());
    command.env("ECLEXIA", tools::eclexia()).env("ECLEXIA_PROGRAMS", folder.path());
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(ran.err.contains(", 0 moved") || ran.out.contains(", 0 moved"), "{}", ran.told());
    let is_whole = !ran.told().contains("SKIPPED");
    let _ = tools::required(is_whole, "eglot for Emacs", "apt-get install elpa-eglot");
}

#[test]
fn neovim_passes_its_tests() {
    let Some(nvim) = tools::find("nvim", "apt-get install neovim") else { return };
    let Some(cc) = tools::find("cc", "apt-get install gcc") else { return };
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    write_laid_out(folder.path());
    let parser = folder.path().join("eclexia.so");
    let sources = xtask::root().join("editors/tree-sitter-eclexia/src");
    let mut compile = Command::new(cc);
    compile.args(["-shared", "-fPIC", "-Wall", "-Werror", "-I"]).arg(&sources).arg("-o");
    let ran = run(compile.arg(&parser).args(["parser.c", "scanner.c"].map(|c| sources.join(c))));
    assert_eq!(ran.code, Some(0), "{}", ran.told());

    let mut command = Command::new(nvim);
    command.args(["--headless", "-u", "NONE", "-i", "NONE", "--cmd"]);
    command.args(["set noswapfile rtp^=editors/neovim", "-S", "editors/neovim/test/run.lua"]);
    command.env("ECLEXIA_PROGRAMS", folder.path()).env("PARSER", parser);
    command.env("ECLEXIA", tools::eclexia());
    let ran = run(command.current_dir(xtask::root()));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(ran.out.contains("ok the checks run to their end"), "{}", ran.told());
}

#[test]
fn the_extension_of_vs_code_builds_and_passes_its_tests() {
    let folder = xtask::root().join("editors/vscode");
    let how = "npm ci, in editors/vscode";
    let is_there = folder.join("node_modules/.package-lock.json").is_file();
    let Some(npm) = tools::find("npm", "apt-get install nodejs npm") else { return };
    if tools::required(is_there, "what the extension needs", how).is_none() {
        return;
    }
    let npm_run = |script: &str| -> Ran {
        let mut command = Command::new(&npm);
        command.args(["run", "--silent", script]).current_dir(&folder);
        run(command.env("ECLEXIA", tools::eclexia()))
    };
    for script in ["typecheck", "grammar", "test", "package"] {
        let ran = npm_run(script);
        assert_eq!(ran.code, Some(0), "{script}: {}", ran.told());
    }
    assert!(folder.join("dist/eclexia.vsix").is_file());
}

#[test]
fn copies_of_queries_are_what_they_copy() {
    let mut failures = Failures::default();
    let text = |path: &str| std::fs::read_to_string(xtask::root().join(path)).unwrap_or_default();
    let query = |name: &str| text(&format!("editors/tree-sitter-eclexia/queries/{name}.scm"));
    let mut copy = |editor: &str, name: &str, actual: String| {
        assert!(!actual.is_empty(), "{name} is empty");
        let path = format!("editors/{editor}/queries/eclexia/{name}.scm");
        failures.expect_file(&path, &text(&path), &actual);
    };
    for name in ["highlights", "folds", "injections"] {
        copy("neovim", name, query(name));
    }
    copy("helix", "highlights", with_names_of_helix(&query("highlights")));
    for name in ["indents", "injections"] {
        copy("helix", name, query(name));
    }
    failures.finish();
}

fn with_names_of_helix(query: &str) -> String {
    let mut parts = query.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let (name, rest) = part.split_at(part.find(|c| !is_name(c)).unwrap_or(part.len()));
        let known = HELIX_NAMES.iter().find(|(usual, _)| *usual == name);
        out.push('@');
        out.push_str(known.map_or(name, |(_, helix)| helix));
        out.push_str(rest);
    }
    out
}
