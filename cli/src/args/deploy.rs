//! Arguments of the commands that deploy to this machine and look after what is deployed.

use super::Ships;
use clap::{Args, Subcommand};
use eclexia_deploy::window::Window;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia apply examples/hello-service.ecl, then `eclexia status`")]
pub struct ApplyArgs {
    /// Source file, or a package (`.eclpkg`); none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub ships: Ships,
    /// Deploy it under this name, beside what its package is deployed as otherwise
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Look in this folder for packages that it needs; may be given several times
    #[arg(long, value_name = "FOLDER")]
    pub from: Vec<PathBuf>,
    /// Show what would be deployed, in which order, and stop
    #[arg(long)]
    pub dry_run: bool,
    /// Sign with this key; none: the owner's, or the only one, which is made where there is none
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Give a setting a value; PACKAGE.NAME is one of a package that it needs
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Give settings the values of this TOML file; `--set` stands before it
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// Take it back unless `eclexia confirm` comes within this time, as in 5min
    #[arg(long, value_name = "TIME", value_parser = crate::amount::time)]
    pub confirm_within: Option<Duration>,
    /// How long each step of a canary is held, as in 30s
    #[arg(long, value_name = "TIME", value_parser = crate::amount::time)]
    pub hold: Option<Duration>,
    /// Bring it about in these hours only, in UTC, as in 'mon-fri 09:00-16:00'
    #[arg(long, value_name = "WINDOW")]
    pub window: Option<Window>,
    /// Return as soon as the version is created; it goes on by itself
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia status --watch")]
pub struct StatusArgs {
    /// Only this deployment
    pub deployment: Option<String>,
    /// Show it again every second, until Ctrl-C
    #[arg(long)]
    pub watch: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia logs -f hello")]
pub struct LogsArgs {
    /// The service or job; with --hooks, the deployment
    pub service: String,
    /// What the hooks of a deployment's packages wrote
    #[arg(long, conflicts_with = "deployment")]
    pub hooks: bool,
    /// The deployment, where several have a service of this name
    #[arg(long, short, value_name = "NAME")]
    pub deployment: Option<String>,
    /// So many of the last lines
    #[arg(long, short = 'n', value_name = "N", default_value_t = 100)]
    pub lines: usize,
    /// Go on with what comes, until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia history shop --events")]
pub struct HistoryArgs {
    /// The deployment; none: all
    pub deployment: Option<String>,
    /// Everything that happened, not only versions
    #[arg(long)]
    pub events: bool,
    /// Only of this service
    #[arg(long, value_name = "NAME", requires = "events")]
    pub service: Option<String>,
    /// Only of this job
    #[arg(long, value_name = "NAME", requires = "events", conflicts_with = "service")]
    pub job: Option<String>,
    /// Only changes to this state, as `completed`
    #[arg(long, value_name = "STATE", requires = "events")]
    pub status: Option<String>,
    /// Only of versions that this key signed
    #[arg(long, value_name = "NAME", requires = "events")]
    pub signer: Option<String>,
    /// So many of the last
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    pub lines: usize,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia drift shop")]
pub struct DriftArgs {
    /// The deployment; none: all
    pub deployment: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia rollback shop")]
pub struct RollbackArgs {
    pub deployment: String,
    /// The completed version to return to; none: what ran before
    pub version: Option<u32>,
    /// Return as soon as the version is created; it goes on by itself
    #[arg(long)]
    pub no_wait: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia start backup")]
pub struct StartArgs {
    pub job: String,
    /// The deployment, where several have a job of this name
    #[arg(long, short, value_name = "NAME")]
    pub deployment: Option<String>,
    /// Stop it first where it runs
    #[arg(long)]
    pub again: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia debug greeter")]
pub struct DebugArgs {
    /// The service or job
    #[arg(value_name = "NAME")]
    pub service: String,
    /// The deployment, where several have one of this name
    #[arg(long, short, value_name = "NAME")]
    pub deployment: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia verify-instance greeter")]
pub struct VerifyInstanceArgs {
    /// A service, or a replica by its id; none: all that run
    pub name: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia usage hello --since 1h")]
pub struct UsageArgs {
    /// The deployment; none: all
    pub deployment: Option<String>,
    /// As far back as this, as in 1h [default: a day]
    #[arg(long, value_name = "TIME", value_parser = crate::amount::time)]
    pub since: Option<Duration>,
    /// Write each interval as a line of comma-separated values into this file
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia serve --open")]
pub struct ServeArgs {
    /// Listen here; port 0 finds one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4681")]
    pub listen: SocketAddr,
    /// The certificate chain for TLS, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// Listen to other machines without TLS: tokens can then be read on the way
    #[arg(long)]
    pub plain: bool,
    /// Plan again this often for what is measured, and change what runs where that is worth it
    #[arg(long, value_name = "TIME", value_parser = crate::amount::time, num_args = 0..=1,
        default_missing_value = "30s")]
    pub adapt: Option<Duration>,
    /// Show it in the browser
    #[arg(long)]
    pub open: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia destroy shop")]
pub struct DestroyArgs {
    pub deployment: String,
    /// Destroy those that need it, too, before it
    #[arg(long, conflicts_with = "force")]
    pub with_dependants: bool,
    /// Destroy it though others need it
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Debug)]
pub struct NamedArgs {
    pub deployment: String,
}

#[derive(Args, Debug)]
pub struct UnlockArgs {
    pub deployment: String,
    /// The lock's id, as `lock` and `status` show it
    pub id: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia state list")]
pub struct StateArgs {
    #[command(subcommand)]
    pub verb: StateVerb,
}

#[derive(Subcommand, Debug)]
pub enum StateVerb {
    /// Show all deployments that the registry knows
    List,
    /// Show what the registry has of one
    Show { deployment: String },
    /// Write all of the registry as JSON lines, with a digest
    Export {
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Fill an empty registry with an export
    Import { file: PathBuf },
    /// Write a copy of the registry, while it is in use
    Backup {
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Put a backup in the registry's place, and keep what was there
    Restore { file: PathBuf },
}
