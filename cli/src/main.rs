//! The `eclexia` command: one file per verb in `commands/`. The only crate that prints or exits.
//!
//! Everything runs on one thread with a large stack (the compiler recurses over trees of bounded
//! depth); a panic is a bug of ours and is reported as one, once.

mod amount;
mod args;
mod commands;
mod console;
mod diagnostics;
mod engine;
mod files;
mod interrupt;
mod jupyter;
mod link;
mod listen;
mod manual;
mod nrepl;
mod project;
mod repl;
mod world;

use args::Cli;
use clap::Parser;
use clap::error::ErrorKind;
use console::{Console, Exit};

/// Room for trees nested as deep as the reader allows, through every stage.
const STACK_BYTES: usize = 512 << 20;

/// `EX_USAGE` of sysexits.h.
const EXIT_USAGE: i32 = 64;

fn main() {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe on `--help` is no failure.
            let _ = error.print();
            let is_help =
                matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            std::process::exit(if is_help { 0 } else { EXIT_USAGE });
        }
    };
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || run(cli));
    let code = match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(exit)) => exit as i32,
        // The panic hook has printed it.
        Ok(Err(_)) => Exit::Error as i32,
        Err(error) => {
            let found = diagnostics::no_thread(&error);
            let console = Console::new(args::Global::default());
            console.report(&[found], &eclexia_diag::Sources::new()) as i32
        }
    };
    std::process::exit(code);
}

fn run(cli: Cli) -> Exit {
    std::panic::set_hook(Box::new(|panic| {
        let console = Console::new(args::Global::default());
        console.err(&format!(
            "eclexia has a bug: {panic}\nPlease report it with the program that shows it.\n"
        ));
    }));
    let console = Console::new(cli.global);
    if let Some(folder) = &console.global.directory
        && let Err(error) = std::env::set_current_dir(folder)
    {
        let found = diagnostics::cannot_enter(&folder.display().to_string(), &error);
        return console.report(&[found], &eclexia_diag::Sources::new());
    }
    commands::run(&console, cli.command)
}
