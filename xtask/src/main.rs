//! `cargo xtask tidy | ci | new-diag SLUG | playground | chaos | bench`: reads the verb, runs the
//! chore, exits with 1 where it failed and 64 where it was not understood.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a chore talks to its caller")]

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask VERB
  tidy           check layers, file forms, diagnostics and their pages
  ci             exactly what CI runs
  new-diag SLUG  start the page of a new diagnostic
  playground     build the page of `eclexia playground` into target/playground
  chaos [N]      kill the supervisor of deployments at N random moments (500)
  bench          run the criterion benches and print where the results go
  bench --peers [BENCH ..] [OPTION ..]
                 run benches/peers beside the programs of other languages; options of their script
  bench --compare BASE
                 this commit and BASE by the instructions of some commands (needs valgrind)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = xtask::root();
    let done = match words.as_slice() {
        ["tidy"] => tidy(&root),
        ["ci"] => xtask::ci::run(&root),
        ["new-diag", slug] => xtask::new_diag::write(&root, slug).map(|path| {
            println!("wrote {}; now write its text, and `cargo test`", path.display());
        }),
        ["playground"] => xtask::playground::build(&root).map(|folder| {
            println!("the page is in {}; `eclexia playground` serves it", folder.display());
        }),
        ["chaos"] => xtask::ci::chaos(&root, "500"),
        ["chaos", moments] => xtask::ci::chaos(&root, moments),
        ["bench"] => xtask::bench::criterion(&root),
        ["bench", "--peers", rest @ ..] => xtask::bench::peers(&root, rest),
        ["bench", "--compare", base] => xtask::bench::compare(&root, base),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(64);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn tidy(root: &std::path::Path) -> Result<(), String> {
    let findings = xtask::tidy::check(root);
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err("tidy: 1 finding".to_string()),
        n => Err(format!("tidy: {n} findings")),
    }
}
