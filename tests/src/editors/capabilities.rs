//! Sessions of editors with the capabilities that each has said it has, as pytest-lsp has captured
//! them: `tests/lsp-clients`. What the server answers beyond them is an error there.

use crate::tools::{self, run};
use std::process::Command;

fn session_of(editor: &str) {
    let Some(python) = tools::python_with("pytest_lsp", "pytest-lsp") else { return };
    let mut command = Command::new(python);
    command.args(["-m", "pytest", "--editor", editor, "."]);
    command.current_dir(xtask::root().join("tests/lsp-clients"));
    command.env("ECLEXIA", tools::eclexia()).env("PYTHONDONTWRITEBYTECODE", "1");
    let ran = run(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    assert!(ran.out.contains(" passed") && !ran.out.contains("skipped"), "{}", ran.told());
}

#[test]
fn a_session_with_what_vs_code_can() {
    session_of("visual-studio-code");
}

#[test]
fn a_session_with_what_neovim_can() {
    session_of("neovim");
}

#[test]
fn a_session_with_what_emacs_can() {
    session_of("emacs");
}
