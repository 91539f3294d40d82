//! Arguments of the verbs around grants and tokens.

use clap::{Args, Subcommand};
use eclexia_deploy::dates::{Date, parse};
use eclexia_deploy::grants::Capability;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia grant ci deploy:local --deployment shop --memory 2GiB")]
pub struct GrantArgs {
    /// Whose key: a trusted name or id, a key that is here, or the file of a public key
    pub key: PathBuf,
    /// What it may do, as deploy:local, view:* or *:local
    #[arg(required = true, value_name = "CAPABILITY", value_parser = Capability::parse)]
    pub can: Vec<Capability>,
    /// Only to this deployment; may be given several times
    #[arg(long, value_name = "NAME")]
    pub deployment: Vec<String>,
    /// At most so much memory for all replicas of a deployment, as in 2GiB
    #[arg(long, value_name = "AMOUNT", value_parser = crate::amount::bytes)]
    pub memory: Option<u64>,
    /// At most so many cores for all replicas of a deployment, as in 4 or 0.5
    #[arg(long, value_name = "N", value_parser = crate::amount::thousandths)]
    pub cores: Option<u64>,
    /// At most so many replicas of all services of a deployment
    #[arg(long, value_name = "N")]
    pub replicas: Option<u64>,
    /// The last day, as in 2027-01-31
    #[arg(long, value_name = "DATE", value_parser = parse)]
    pub expires: Option<Date>,
    /// Who gets it may grant parts of it, and so on N times; without N, once
    #[arg(long, value_name = "N", num_args = 0..=1, default_value_t = 0,
        default_missing_value = "1", require_equals = true)]
    pub pass_on: u8,
    /// Grant with this key; none: the owner's, or the only one
    #[arg(long, value_name = "KEY")]
    pub from: Option<String>,
    /// Write the grant to this file, too, for `eclexia grants add` on another machine
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia grants")]
pub struct GrantsArgs {
    #[command(subcommand)]
    pub verb: Option<GrantsVerb>,
}

#[derive(Subcommand, Debug)]
pub enum GrantsVerb {
    /// Take in a grant that was made elsewhere
    Add { file: PathBuf },
    /// Write a grant with all that it came from, to be taken in elsewhere
    Show {
        /// Its id, or the first digits of it
        grant: String,
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia revoke 4f0c12ab34cd --reason 'left the team'")]
pub struct RevokeArgs {
    /// The id of a grant, or the first digits of it
    #[arg(required_unless_present = "key")]
    pub grant: Option<String>,
    /// Everything that this key holds or granted: a name, an id, or the file of a public key
    #[arg(long, value_name = "KEY", conflicts_with = "grant")]
    pub key: Option<PathBuf>,
    /// Why; it is shown wherever the grant is refused
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia token --key ci --expires 8h")]
pub struct TokenArgs {
    /// Whose; none: the only key that is here
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// For how long it is good, at most 31 days
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = crate::amount::time)]
    pub expires: Duration,
    /// Where it is good: the id of the owner's key there; none: here
    #[arg(long, value_name = "ID")]
    pub audience: Option<String>,
}
