//! Console sessions, `cli/*.md`: blocks of `$ eclexia …` with what it prints (standard output and
//! error as they come) and `? CODE` where it does not exit with 0. `...` stands for any lines and
//! `[..]` for any part of one. Files of a session are in `NAME.in/`; a session that writes has a
//! `NAME.out/` folder, and then runs in a copy. The reader is trycmd's.

use crate::{bless, readers, tools};
use std::path::Path;
use std::process::Command;

#[test]
fn sessions_print_what_their_pages_say() {
    if readers::files("tests/cli", ".md").is_empty() {
        return;
    }
    // trycmd has a switch of its own: one run of this test with it set answers to ours.
    if bless::updates() && std::env::var_os("TRYCMD").is_none() {
        let test = std::env::current_exe().expect("the test binary has a path");
        let name = "cli::sessions_print_what_their_pages_say";
        let status = Command::new(test).args(["--exact", name]).env("TRYCMD", "overwrite").status();
        assert!(status.is_ok_and(|status| status.success()), "the sessions cannot be written");
        return;
    }
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let (all, config) = ("tests/cli/*.md", "tests/cli/config.md");
    // Without it the settings of who runs the tests would hold.
    let settings = data.path().join("settings");
    cases(data.path())
        .env("ECLEXIA_CONFIG_DIR", settings.to_string_lossy())
        .case(xtask::root().join(all))
        .skip(xtask::root().join(config));
    // What is set for all sessions cannot be set by one: these say it themselves.
    cases(data.path()).case(xtask::root().join(config));
}

fn cases(data: &Path) -> trycmd::TestCases {
    let cases = trycmd::TestCases::new();
    cases.register_bin("eclexia", tools::eclexia());
    for quiet in ["CI", "NO_COLOR", "ECLEXIA_STDLIB_PATH", "ELECTRICITYMAPS_TOKEN", "WATTTIME_USER"]
    {
        cases.env(quiet, "");
    }
    cases.env("ECLEXIA_DATA_DIR", data.to_string_lossy());
    cases
}
