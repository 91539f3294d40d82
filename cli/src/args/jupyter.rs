//! The arguments of `jupyter`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia jupyter install && jupyter console --kernel eclexia")]
pub struct JupyterArgs {
    #[command(subcommand)]
    pub verb: JupyterVerb,
}

#[derive(Subcommand, Debug)]
pub enum JupyterVerb {
    /// Tell Jupyter of the kernel, for this user
    Install {
        /// Tell the Jupyter that is installed in this folder instead: DIR/share/jupyter
        #[arg(long, value_name = "DIR")]
        prefix: Option<PathBuf>,
    },
    /// Be a kernel (started by Jupyter)
    #[command(hide = true)]
    Run {
        /// Where to listen, and the key of messages
        connection: PathBuf,
    },
}
