//! Editors without a screen, each through the same session.

use crate::tools;
use std::path::PathBuf;
use std::process::Command;

/// The editor's project: a module, and a program with a name that is wrong and a layout that is.
const FILES: [(&str, &str); 3] = [
    ("eclexia.toml", "[package]\nname = \"hello\"\nversion = \"0.1.0\"\n"),
    ("words.ecl", "(def kind \"dear\")\n"),
    (
        "main.ecl",
        "(import words)\n\n(defn greet \"A word — for whom.\" [who]\n\
         (str words/kind \" \" who))\n\n(defn main [world] (print (gret \"x\")))\n",
    ),
];

/// What a session said, or `None` where the editor is not installed.
fn session(editor: &str, package: &str, arguments: &[&str], script: &str) -> Option<String> {
    let program = tools::find(editor, &format!("apt-get install {package}"))?;
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("it is there");
    for (name, text) in FILES {
        std::fs::write(root.join(name), text).expect("written");
    }
    let script: PathBuf = xtask::root().join("tests/lsp/editors").join(script);
    let mut command = Command::new(program);
    command.args(
        arguments.iter().map(|argument| argument.replace("SCRIPT", &script.display().to_string())),
    );
    command.current_dir(&root).env("HOME", &root).env("ECLEXIA_DATA_DIR", root.join("data"));
    command.env("ECLEXIA_PROJECT", &root).env("ECLEXIA_COMMAND", tools::eclexia());
    let ran = tools::run(&mut command);
    assert_eq!(ran.code, Some(0), "{editor}: {}", ran.told());
    Some(ran.out)
}

/// What both sessions say, in the order of the work.
fn check(said: &str, first: &str) {
    let mut lines = said.lines().filter(|line| line.contains(": "));
    let mut line = |what: &str| {
        let line = lines.next().unwrap_or_default();
        let told = line.strip_prefix(what).and_then(|rest| rest.strip_prefix(": "));
        told.unwrap_or_else(|| panic!("`{what}` is not what comes next in:\n{said}")).to_owned()
    };
    line(first);
    let found = line("diagnostic");
    assert!(found.contains("unknown-name") || found.contains("gret"), "{found}");
    let hover = line("hover");
    assert!(hover.contains("(sig greet") && hover.contains("A word — for whom."), "{hover}");
    assert_eq!(line("definition"), "main.ecl:2");
    assert_eq!(line("completion"), "has greet");
    assert_eq!(line("renamed"), "(defn main [world] (print (hail \"x\")))");
    let formatted = line("formatted");
    assert!(formatted.contains("(defn hail \"A word — for whom.\" [who]|  (str words/kind"));
    assert_eq!(line("stopped"), "yes");
}

#[test]
fn neovim_edits_a_project() {
    let arguments = ["--headless", "-u", "NONE", "-n", "-c", "luafile SCRIPT"];
    if let Some(said) = session("nvim", "neovim", &arguments, "neovim.lua") {
        check(&said, "encoding");
    }
}

#[test]
fn emacs_edits_a_project_through_eglot() {
    let arguments = ["--batch", "-l", "SCRIPT"];
    if let Some(said) = session("emacs", "emacs-nox elpa-eglot", &arguments, "eglot.el") {
        check(&said, "mode");
    }
}
