//! The command line as clap reads it. Help texts teach: every command says what it is for and shows
//! a line to try.

mod deploy;
mod editors;
mod grants;
mod jupyter;
mod observe;
mod packages;
mod projects;
mod settings;
mod simulate;

use clap::{Args, Parser, Subcommand, ValueEnum};
use eclexia_optimizer::arrivals::MOST_PERCENT;
use eclexia_optimizer::placement::{MOST_HOURS, MOST_USD};
use std::path::PathBuf;

pub use deploy::*;
pub use editors::{LspArgs, NreplArgs, PlaygroundArgs, ReplArgs};
pub use grants::{GrantArgs, GrantsArgs, GrantsVerb, RevokeArgs, TokenArgs};
pub use jupyter::{JupyterArgs, JupyterVerb};
pub use observe::{ObserveAddArgs, ObserveArgs, ObserveVerb};
pub use packages::{
    KeyArgs, KeyVerb, PackageArgs, PackageCompression, Ships, SignArgs, VerifyArgs,
};
pub use projects::{AddArgs, LockArgs, NewArgs};
pub use settings::*;
pub use simulate::SimulateArgs;

const AFTER_HELP: &str = "\
Start here:
  eclexia new shop                       a small project to look at
  cd shop && eclexia plan                check it, find the cheapest plan, and price its limits
  eclexia explain budget-overspent       what a message means, with an example and a fix

Exit codes: 0 done; 1 error; 2 changes (with --detailed-exitcode); 3 budget broken; 64 usage;
130 interrupted.";

/// Deployments and resource budgets as programs: checked, priced, planned with proof.
#[derive(Parser, Debug)]
#[command(name = "eclexia", version, after_help = AFTER_HELP, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Debug, Clone, Default)]
pub struct Global {
    /// Print newline-delimited JSON, for machines
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour the output
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Work as if started in this folder
    #[arg(long, short = 'C', global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Make a project: a folder with a manifest, a small program and a test
    New(NewArgs),
    /// Make a package a dependency of this project
    Add(AddArgs),
    /// Choose the versions of all dependencies and write eclexia.lock; or hold a deployment
    Lock(LockArgs),
    /// Copy the locked dependencies into vendor/, so that nothing needs to be fetched
    Vendor,
    /// Check programs, their deployments and their budgets, and run nothing
    Check(CheckArgs),
    /// Show what each function costs at most, as a polynomial in the sizes of its parameters
    Bounds(BoundsArgs),
    /// Lay out source files
    Fmt(FmtArgs),
    /// Run a program's `main`
    Run(RunArgs),
    /// Make an executable of a program's `main`, which needs no Eclexia to run
    Build(BuildArgs),
    /// Talk to the language: definitions, expressions, plans and prices
    Repl(ReplArgs),
    /// Serve an editor, by the Language Server Protocol on standard input and output
    Lsp(LspArgs),
    /// Serve the prompt to editors, by the nREPL protocol
    Nrepl(NreplArgs),
    /// Let notebooks talk to the language, as a kernel of Jupyter
    Jupyter(JupyterArgs),
    /// Serve a page that checks, runs and plans programs in a browser
    Playground(PlaygroundArgs),
    /// Run the tests of a program, and the examples in its docstrings
    Test(TestArgs),
    /// Show the documentation of a module, a name or a file
    Doc(DocArgs),
    /// Show what a stage of the compiler makes of a program
    Compile(CompileArgs),
    /// Find the best plan for a deployment, with its proof and the price of every limit
    Plan(PlanArgs),
    /// Solve a public problem: placement, programme, bin packing, components, reassignment
    Solve(SolveArgs),
    /// Show a saved plan
    Show(ShowArgs),
    /// Show what one more unit of each limit is worth
    Prices(AboutArgs),
    /// Say why something was chosen: a service, a job, a budget or a limit
    Why(WhyArgs),
    /// Say why something was not chosen: a machine type, a region or a variant
    WhyNot(WhyNotArgs),
    /// Plan again with one thing changed, or with an amount swept, and show the difference
    WhatIf(WhatIfArgs),
    /// Show when jobs run, beside running them at once and at their cheapest hours
    Schedule(ScheduleArgs),
    /// Show the plans of which none is better in two metrics, as cost and carbon
    Frontier(FrontierArgs),
    /// Draw a deployment: services, needs and, when planned, machines
    Graph(GraphArgs),
    /// Write a deployment's plan as files for a target
    Render(RenderArgs),
    /// Let a deployment live in a made world, through faults and updates
    Simulate(SimulateArgs),
    /// Deploy a program's plan to this machine: packed, signed, checked, started, watched
    Apply(ApplyArgs),
    /// Show what is deployed here, and how it is
    Status(StatusArgs),
    /// Show what a service or a job wrote
    Logs(LogsArgs),
    /// Show the versions of deployments, and what happened
    History(HistoryArgs),
    /// Show what is other than it was deployed; exits with 2 if anything is
    Drift(DriftArgs),
    /// Run a job now, whatever its hours
    Start(StartArgs),
    /// Keep a version that waits to be confirmed
    Confirm(NamedArgs),
    /// Deploy what an earlier version was
    Rollback(RollbackArgs),
    /// Stop all of a deployment; its volumes are kept
    Destroy(DestroyArgs),
    /// Let others change a deployment again
    Unlock(UnlockArgs),
    /// Look for what keeps a service or job from being well: what it reaches, has, may and needs
    Debug(DebugArgs),
    /// Check that what runs is what was signed, within the limits that it was given
    VerifyInstance(VerifyInstanceArgs),
    /// Show what services used over time: cores, memory, requests, energy and carbon
    Usage(UsageArgs),
    /// Serve deployments over HTTP: a page, an interface for programs, metrics
    Serve(ServeArgs),
    /// Tell others what happens: webhooks and subjects of NATS
    Observe(ObserveArgs),
    /// Look into the registry of deployments, copy it, put it back
    State(StateArgs),
    /// Keep this machine's deployments (started by `apply` where none runs)
    #[command(hide = true)]
    Supervise,
    /// Copy what services write to their logs (started by the supervisor)
    #[command(hide = true)]
    Logger,
    /// Become a service (started by the supervisor)
    #[command(hide = true)]
    Launch,
    /// Pack a program with its plan and files as one file, to be signed and deployed
    Package(PackageArgs),
    /// Sign a package: say that you stand for it
    Sign(SignArgs),
    /// Check a package and who signed it, and show what is in it
    Verify(VerifyArgs),
    /// Make keys, and say whose signatures count
    Key(KeyArgs),
    /// Allow a key to do something: deploy, roll back, destroy, look, within bounds
    Grant(GrantArgs),
    /// Show what is granted here, and whether it counts
    Grants(GrantsArgs),
    /// Take a grant back, or all that a key holds and granted
    Revoke(RevokeArgs),
    /// Print a token: a key's name and signature as text, for requests, for a time
    Token(TokenArgs),
    /// Show, check and begin the configuration
    Config(ConfigArgs),
    /// Show what electricity emits in a region, and who says so
    Carbon(CarbonArgs),
    /// Explain a message by its code
    Explain(ExplainArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands into a folder
    Man(ManArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia check examples/document-store.ecl")]
pub struct CheckArgs {
    /// Source files, `-` for standard input; none: all of this project, or the program here
    pub files: Vec<PathBuf>,
    /// Change the files as warnings suggest, where they suggest one change
    #[arg(long)]
    pub fix: bool,
    /// Exit with 1 if there are warnings
    #[arg(long)]
    pub deny_warnings: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia bounds examples/bounds.ecl, or eclexia bounds std.list")]
pub struct BoundsArgs {
    /// Source file, `-` for standard input, or a module of the library; none: the program of this
    /// folder
    pub file: Option<String>,
    /// Only this function
    pub name: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia fmt --diff examples/hello.ecl")]
pub struct FmtArgs {
    /// Source files or folders, `-` for standard input to standard output; none: this folder
    pub files: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a file is not laid out
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would change
    #[arg(long)]
    pub diff: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia run examples/hello.ecl")]
pub struct RunArgs {
    /// Source file, `-` for standard input, or an entry point; none: this project's `main`
    pub file: Option<PathBuf>,
    /// Arguments of the program
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// Stop after so many steps
    #[arg(long, value_name = "N")]
    pub max_steps: Option<u64>,
    /// Stop after so long, as in `2s` or `5min`
    #[arg(long, value_name = "TIME", value_parser = crate::amount::time)]
    pub deadline: Option<std::time::Duration>,
    /// Stop where more memory is needed, as in `512MiB`
    #[arg(long, value_name = "SIZE", value_parser = crate::amount::bytes)]
    pub max_memory: Option<u64>,
    /// What runs the program; without it, native code where there is any for this machine
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<RunEngine>,
    /// Load a shared library, for externs: its path, such as ./libshop.so
    #[arg(long, value_name = "LIBRARY")]
    pub link: Vec<String>,
    /// Tell perf the names of functions, in /tmp/perf-PID.map
    #[arg(long)]
    pub perf_map: bool,
    /// Say after the run which variants adaptive functions chose, and what the others would cost
    #[arg(long)]
    pub explain_choices: bool,
    /// Trust it with nothing: no network, no files but its own, and 10 s, 256 MiB, 1 MiB of output
    #[arg(long, conflicts_with_all = ["link", "perf_map", "explain_choices"])]
    pub untrusted: bool,
    /// Of each stream, at most so much; with --untrusted
    #[arg(long, value_name = "SIZE", value_parser = crate::amount::bytes, requires = "untrusted")]
    pub max_output: Option<u64>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildEmit {
    /// An object file, for your own linker
    Obj,
    /// Machine code as text
    Asm,
    /// What the code generator gets
    Clif,
    /// The program as both engines run it
    Ir,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia build examples/hello.ecl -o hello && ./hello")]
pub struct BuildArgs {
    /// Source file, or an entry point; none: this project's `main`
    pub file: Option<PathBuf>,
    /// Write here; none: in this folder, named as the program is
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Make it for another machine, such as aarch64-unknown-linux-gnu
    #[arg(long, value_name = "TRIPLE")]
    pub target: Option<String>,
    /// Show or write something on the way instead
    #[arg(long, value_enum)]
    pub emit: Option<BuildEmit>,
    /// Make a static library and its header instead, for C and what calls C
    #[arg(long, conflicts_with_all = ["emit", "link"])]
    pub library: bool,
    /// Link a library, for externs: its name, or the path of an object or an archive
    #[arg(long, short, value_name = "LIBRARY")]
    pub link: Vec<String>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunEngine {
    /// Native code, made before it runs
    Jit,
    /// Bytecode, which starts at once
    Interpreter,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia test examples/budgets.ecl")]
pub struct TestArgs {
    /// Source files, or modules such as std.list; none: all of this project, or the program here
    pub files: Vec<String>,
    /// Only tests whose name contains this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// How results are told
    #[arg(long, value_enum, default_value_t = TestFormat::Lines)]
    pub format: TestFormat,
    /// Run them again whenever a source changes, until Ctrl-C
    #[arg(long, conflicts_with = "bless")]
    pub watch: bool,
    /// Write plans as they are into NAME.golden.json, with which tests compare those that come
    #[arg(long)]
    pub bless: bool,
    /// Of how many values `for-all` checks a property, where the test does not say
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub cases: Option<u32>,
    /// What `for-all` makes its values from, where the test does not say; a failure tells its seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<i64>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestFormat {
    /// A line for each test
    Lines,
    /// The Test Anything Protocol, version 14
    Tap,
    /// JUnit's XML, as CI servers read it
    Junit,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia doc std.list, eclexia doc list/map, or eclexia doc --html")]
pub struct DocArgs {
    /// A file, a module (`std.list`), or a name (`list/map`); none: all modules of the library
    pub what: Option<String>,
    /// Write this project, or the one named, and all of the manual as HTML with a search
    #[arg(long)]
    pub html: bool,
    /// Write the reference manual as HTML: the language, the library, every message
    #[arg(long, conflicts_with_all = ["what", "html"])]
    pub manual: bool,
    /// Where to write: HTML, by itself to doc/ or manual/; without, one Markdown page per module
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Tokens,
    Tree,
    Core,
    Typed,
    Ir,
    Model,
    Plan,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia compile --emit core examples/hello.ecl")]
pub struct CompileArgs {
    /// Source file, `-` for standard input; none: the program of this folder
    pub file: Option<PathBuf>,
    /// The stage to show
    #[arg(long, value_enum)]
    pub emit: Stage,
}

/// A program with deployments, and which of them.
#[derive(Args, Debug, Clone)]
pub struct Which {
    /// The deployment, where a program has several
    #[arg(long, short, value_name = "NAME")]
    pub deployment: Option<String>,
}

/// What is asked about is saved already.
#[derive(Args, Debug, Clone)]
pub struct Saved {
    /// Take this saved plan, of the same deployment, instead of planning
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia plan examples/document-store.ecl -o plan.json")]
pub struct PlanArgs {
    /// Source file, `-` for standard input; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    /// Save the plan; a plan already there is the one this one is compared with
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Compare with this saved plan
    #[arg(long, value_name = "FILE")]
    pub after: Option<PathBuf>,
    /// Write a report of the plan here, one page of HTML
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Exit with 2 if the plan has changes
    #[arg(long)]
    pub detailed_exitcode: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia solve instance.json.gz --limit 10 > solution.json")]
pub struct SolveArgs {
    /// What is to be solved, by its ending: a placement `.json`, a programme `.mps`, bin packing
    /// `.vbp`, an application `.json` with --offers, `.txt` with --initial, or pods `.csv` with
    /// --nodes; each also in `.gz`
    pub file: PathBuf,
    /// Machines that can be rented for the components of an application
    #[arg(long, value_name = "FILE")]
    pub offers: Option<PathBuf>,
    /// So many instances of a component at least; may be repeated
    #[arg(long, value_name = "NAME=N", value_parser = at_least, requires = "offers")]
    pub at_least: Vec<(String, u32)>,
    /// Where the processes of a machine reassignment run now
    #[arg(long, value_name = "FILE")]
    pub initial: Option<PathBuf>,
    /// Machines that pods come to, one by one
    #[arg(long, value_name = "FILE")]
    pub nodes: Option<PathBuf>,
    /// Let pods of the list arrive at random until they ask for this part of all GPUs; without it
    /// they come as listed
    #[arg(long, value_name = "PERCENT", value_parser = percent, requires = "nodes")]
    pub arrivals: Option<f64>,
    /// Which random order; the same seed is the same order everywhere
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// How pods find their machine
    #[arg(long, value_enum, default_value_t = PolicyName::Lookahead, value_name = "POLICY")]
    pub policy: PolicyName,
    /// Stop after so many seconds with the best that is known; without it the work is counted, and
    /// the answer the same on every machine
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub limit: Option<f64>,
    /// What solves linear and integer programmes
    #[cfg(feature = "highs")]
    #[arg(long, value_enum, default_value_t = Solver::Own, value_name = "ENGINE")]
    pub engine: Solver,
    /// Show between which costs and sides the answer stays, and what a unit more or less is worth
    #[arg(long)]
    pub ranging: bool,
    /// The plan of a placement that runs now: it is continued, and stays unless moving pays
    #[arg(long, value_name = "PLAN")]
    pub running: Option<PathBuf>,
    /// The instance that the running plan is of; without it, what has the same index is the same
    #[arg(long, value_name = "FILE", requires = "running")]
    pub was: Option<PathBuf>,
    /// What it costs, once, to stop a pod that could stay and start another elsewhere
    #[arg(long, value_name = "USD", default_value = "1", requires = "running")]
    #[arg(value_parser = move_cost)]
    pub move_cost: f64,
    /// How long the plan is expected to run: what moves cost is spread over it
    #[arg(long, value_name = "HOURS", default_value = "24", requires = "running")]
    #[arg(value_parser = horizon)]
    pub horizon: f64,
    /// Most moves of every service, or of one; may be repeated
    #[arg(long, value_name = "N or NAME=N", value_parser = disrupt, requires = "running")]
    pub disrupt: Vec<Disrupt>,
}

/// What solves programmes; the command is built with HiGHS by its feature `highs`.
#[cfg(feature = "highs")]
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solver {
    Own,
    /// Without duals and ranging; seconds of the clock, on two threads
    Highs,
    /// Each on a thread of its own; the first that proves its answer gives it
    Both,
}

/// Most moves of one service, or of all.
#[derive(Clone, Debug)]
pub struct Disrupt {
    pub service: Option<String>,
    pub most: u32,
}

fn disrupt(text: &str) -> Result<Disrupt, String> {
    let (service, most) = match text.rsplit_once('=') {
        Some((name, most)) => (Some(name.to_owned()), most),
        None => (None, text),
    };
    let most = most.parse().map_err(|_| "a count is needed, as in 1 or web=1".to_owned())?;
    Ok(Disrupt { service, most })
}

fn move_cost(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(usd) if (0.0..=MOST_USD).contains(&usd) => Ok(usd),
        _ => Err(format!("US dollars from 0 to {MOST_USD} are needed")),
    }
}

fn horizon(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if (1e-3..=MOST_HOURS).contains(&hours) => Ok(hours),
        _ => Err(format!("a number of hours from 0.001 to {MOST_HOURS} is needed")),
    }
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyName {
    /// Where the pods that may come can still use most of the GPUs
    Lookahead,
    /// Where fragmentation grows least
    Fgd,
    /// Where the least is left
    BestFit,
    /// Where what is left is least like the request
    DotProduct,
}

/// A part of all GPUs that is to arrive, percent.
fn percent(text: &str) -> Result<f64, String> {
    match text.strip_suffix('%').unwrap_or(text).trim_end().parse::<f64>() {
        Ok(percent) if (0.0..=MOST_PERCENT).contains(&percent) => Ok(percent),
        _ => Err(format!("a number from 0 to {MOST_PERCENT} is needed, as in 110%")),
    }
}

/// A component's name and how many of it.
fn at_least(text: &str) -> Result<(String, u32), String> {
    let parts = text.rsplit_once('=');
    let asked = parts.and_then(|(name, n)| Some((name.to_owned(), n.parse().ok()?)));
    asked.ok_or_else(|| "a name and a whole number are needed, as in Wordpress=3".to_owned())
}

/// A number of seconds that can be waited for.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(limit) if (0.0..=1e9).contains(&limit) => Ok(limit),
        _ => Err("a number of seconds from 0 to 1e9 is needed".to_owned()),
    }
}

#[derive(Args, Debug)]
#[command(
    after_help = "Try: eclexia plan examples/hello.ecl -o plan.json && eclexia show plan.json"
)]
pub struct ShowArgs {
    /// A saved plan
    pub file: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia prices examples/document-store.ecl")]
pub struct AboutArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia why api examples/document-store.ecl")]
pub struct WhyArgs {
    /// A service, job, budget (`team`) or limit (`team.cost`)
    pub name: String,
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia why-not api fast examples/document-store.ecl")]
pub struct WhyNotArgs {
    /// A service or job
    pub name: String,
    /// A variant of it, a machine type or a region
    pub choice: String,
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia what-if 'team.memory += 4GiB' examples/document-store.ecl")]
pub struct WhatIfArgs {
    /// For instance `team.memory += 4GiB`, `api.replicas = 5`, `carbon-price = 100USD/tCO2e`,
    /// `remove region gcp/europe-north1`, or a sweep, `team.cost in 100..400USD/month`
    pub edit: String,
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
    /// Draw a sweep here, as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia schedule examples/carbon-aware-batch.ecl --plot jobs.svg")]
pub struct ScheduleArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
    /// Draw it here, as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia frontier cost carbon examples/document-store.ecl")]
pub struct FrontierArgs {
    /// `cost`, `carbon`, `nodes`, `cpu`, `memory`, `gpu`, `storage` ...
    pub first: String,
    /// Another one
    pub second: String,
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    /// Draw it here, as SVG
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    Dot,
    Mermaid,
    Svg,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia graph --format svg examples/document-store.ecl > graph.svg")]
pub struct GraphArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub format: GraphFormat,
    /// Services and needs only, without a plan
    #[arg(long)]
    pub unplanned: bool,
    /// Write here instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetName {
    Compose,
    Kubernetes,
    Local,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Try: eclexia render examples/document-store.ecl --target kubernetes -o out"
)]
pub struct RenderArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    #[command(flatten)]
    pub saved: Saved,
    #[arg(long, value_enum)]
    pub target: TargetName,
    /// Folder to write into; made when missing
    #[arg(long, short, value_name = "DIR")]
    pub output: PathBuf,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia explain unit-mismatch")]
pub struct ExplainArgs {
    /// A code such as `unit-mismatch`; none: list all codes
    pub code: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia completions bash > /etc/bash_completion.d/eclexia")]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia man | man -l -")]
pub struct ManArgs {
    /// Write eclexia.1, eclexia-plan.1 … into this folder
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
}
