//! Arguments of the commands around settings.

use clap::{Args, Subcommand};

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia config init, then `eclexia config show`")]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub verb: ConfigVerb,
}

#[derive(Subcommand, Debug)]
pub enum ConfigVerb {
    /// Show every setting that is in force, and where it comes from
    Show {
        /// Only what files and the environment set
        #[arg(long)]
        set: bool,
    },
    /// Check the configuration files, and change nothing
    Check,
    /// Write files to start from, in which every setting is a comment; none is overwritten
    Init,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia carbon aws/eu-west-1, or eclexia carbon DE")]
pub struct CarbonArgs {
    /// A region of a cloud, a zone of Electricity Maps or a region of WattTime; none: list those
    /// with an average of their own
    pub region: Option<String>,
}
