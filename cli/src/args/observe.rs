//! Arguments of `observe`.

use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia observe add https://hooks.example.org/deploys \
    --event completed --event failed")]
pub struct ObserveArgs {
    #[command(subcommand)]
    pub verb: ObserveVerb,
}

#[derive(Subcommand, Debug)]
pub enum ObserveVerb {
    /// Tell somebody what happens from now on: a webhook, or a subject of NATS
    Add(ObserveAddArgs),
    /// Show who is told, how far they are and what they answered last
    List,
    /// Tell somebody no more; their secret goes, too
    Remove { name: String },
    /// Go on with an observer that was given up, from where it is
    Resume { name: String },
    /// Send one event that is made for it, and say what comes back
    Test { name: String },
    /// Tell all observers what happens, until Ctrl-C; `serve` does so while it runs
    Run,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia observe add nats://127.0.0.1:4222/eclexia --name bus")]
pub struct ObserveAddArgs {
    /// https://HOST/PATH, or nats://HOST:PORT/SUBJECT; tls:// for NATS over TLS
    pub destination: String,
    /// What it is called here; none: as the host
    #[arg(long)]
    pub name: Option<String>,
    /// Only events of this deployment; may be given several times
    #[arg(long, value_name = "NAME")]
    pub deployment: Vec<String>,
    /// Only events of this kind, as completed, failed or rolled-back; may be given several times
    #[arg(long, value_name = "KIND")]
    pub event: Vec<String>,
    /// Begin with the first event that was ever recorded
    #[arg(long)]
    pub from_start: bool,
    /// The file of its secret, mode 0600: keys of signatures (whsec_…) for a webhook, where one is
    /// made otherwise; a token or user:password for NATS
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Trust these authorities (PEM) instead of those that Mozilla trusts
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Let events go unencrypted to another machine
    #[arg(long)]
    pub plain: bool,
    /// When it is behind, send at most so many events at once
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub batch: usize,
    /// Wait for an answer at most so long
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = crate::amount::time)]
    pub timeout: Duration,
    /// Give up when nothing was accepted for so long
    #[arg(long, value_name = "TIME", default_value = "1week", value_parser = crate::amount::time)]
    pub patience: Duration,
}
