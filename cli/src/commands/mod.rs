//! One file per verb. A command returns how it ends; it reports its own diagnostics.

mod about;
mod add;
pub mod bounds;
pub mod build;
mod carbon;
mod check;
mod compile;
mod config;
mod deploy;
pub mod doc;
mod explain;
mod fmt;
mod grant;
mod grants;
mod graph;
mod help;
mod jupyter;
mod key;
mod library;
mod lints;
mod lock;
mod lsp;
mod new;
mod package;
mod plan;
mod playground;
pub mod program;
mod render;
mod revoke;
mod run;
mod show;
mod sign;
mod simulate;
mod solve;
pub mod test;
mod untrusted;
mod vendor;
mod verify;

use crate::args::Command;
use crate::console::{Console, Exit};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};

/// What stops a command before it has a result.
pub enum Stop {
    /// Outside of any program: files, arguments.
    Outside(Box<Diagnostic>),
    /// About files that no program was made of: a project's manifest and its lock.
    Placed(Diagnostics, Box<Sources>),
    /// Reported already.
    Reported(Exit),
}

impl From<Diagnostic> for Stop {
    fn from(diagnostic: Diagnostic) -> Stop {
        Stop::Outside(Box::new(diagnostic))
    }
}

impl From<eclexia_files::Refused> for Stop {
    fn from(refused: eclexia_files::Refused) -> Stop {
        let (found, sources) = *refused;
        Stop::Placed(found, Box::new(sources))
    }
}

impl Stop {
    /// Tells what is not yet told.
    pub fn report(self, console: &Console) -> Exit {
        match self {
            Stop::Reported(exit) => exit,
            Stop::Outside(diagnostic) => console.report(&[*diagnostic], &Sources::new()),
            Stop::Placed(found, sources) => console.report(&found.sorted(), &sources),
        }
    }
}

pub type Ended = Result<Exit, Stop>;

pub fn run(console: &Console, command: Command) -> Exit {
    let ended = match command {
        Command::New(args) => new::new(console, &args),
        Command::Add(args) => add::add(console, &args),
        Command::Lock(args) => lock::lock(console, &args),
        Command::Vendor => vendor::vendor(console),
        Command::Check(args) => check::check(console, &args),
        Command::Bounds(args) => bounds::bounds(console, &args),
        Command::Fmt(args) => fmt::fmt(console, &args),
        Command::Run(args) => run::run(console, &args),
        Command::Build(args) => build::build(console, &args),
        Command::Lsp(_) => lsp::lsp(),
        Command::Repl(args) => crate::repl::repl(console, &args),
        Command::Nrepl(args) => crate::nrepl::nrepl(console, &args),
        Command::Jupyter(args) => jupyter::jupyter(console, &args.verb),
        Command::Playground(args) => playground::playground(console, &args),
        Command::Test(args) => test::test(console, &args),
        Command::Doc(args) => doc::doc(console, &args),
        Command::Compile(args) => compile::compile(console, &args),
        Command::Plan(args) => plan::plan(console, &args),
        Command::Solve(args) => solve::solve(console, &args),
        Command::Show(args) => show::show(console, &args),
        Command::Prices(args) => about::prices(console, &args),
        Command::Why(args) => about::why(console, &args),
        Command::WhyNot(args) => about::why_not(console, &args),
        Command::WhatIf(args) => about::what_if(console, &args),
        Command::Schedule(args) => about::schedule(console, &args),
        Command::Frontier(args) => about::frontier(console, &args),
        Command::Graph(args) => graph::graph(console, &args),
        Command::Render(args) => render::render(console, &args),
        Command::Simulate(args) => simulate::simulate(console, &args),
        Command::Apply(args) => deploy::apply::apply(console, &args),
        Command::Status(args) => deploy::status::status(console, &args),
        Command::Logs(args) => deploy::logs::logs(console, &args),
        Command::History(args) => deploy::history::history(console, &args),
        Command::Drift(args) => deploy::drift(console, &args),
        Command::Start(args) => deploy::start(console, &args),
        Command::Confirm(args) => deploy::confirm(console, &args.deployment),
        Command::Rollback(args) => deploy::apply::rollback(console, &args),
        Command::Destroy(args) => deploy::destroy::destroy(console, &args),
        Command::Unlock(args) => deploy::state::unlock(console, &args),
        Command::Debug(args) => deploy::examine::debug(console, &args),
        Command::VerifyInstance(args) => deploy::examine::verify_instance(console, &args),
        Command::Usage(args) => deploy::usage::usage(console, &args),
        Command::Serve(args) => deploy::serve::serve(console, &args),
        Command::Observe(args) => deploy::observe::observe(console, &args.verb),
        Command::State(args) => deploy::state::state(console, &args.verb),
        Command::Supervise => deploy::supervise(),
        Command::Logger => deploy::logger(),
        Command::Launch => deploy::launch(console),
        Command::Package(args) => package::package(console, &args),
        Command::Sign(args) => sign::sign(console, &args),
        Command::Verify(args) => verify::verify(console, &args),
        Command::Key(args) => key::key(console, &args.verb),
        Command::Grant(args) => grant::grant(console, &args),
        Command::Grants(args) => grants::grants(console, &args),
        Command::Revoke(args) => revoke::revoke(console, &args),
        Command::Token(args) => grant::token(console, &args),
        Command::Config(args) => config::config(console, &args.verb),
        Command::Carbon(args) => carbon::carbon(console, &args),
        Command::Explain(args) => explain::explain(console, &args),
        Command::Completions(args) => help::completions(console, &args),
        Command::Man(args) => help::man(console, &args),
    };
    match ended {
        Ok(exit) => exit,
        Err(stop) => stop.report(console),
    }
}
