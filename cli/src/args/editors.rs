//! Arguments of the prompt, and of what serves editors and browsers.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia repl examples/hello.ecl, then `:help`")]
pub struct ReplArgs {
    /// Source file to load first, or a module such as shop.web
    pub file: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia nrepl, then connect from CIDER, Calva or Conjure")]
pub struct NreplArgs {
    /// Listen here; without it on any port that is free. It is written into .nrepl-port
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,
    /// Listen at this address; anyone who reaches it can run programs
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: std::net::IpAddr,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia playground --open")]
pub struct PlaygroundArgs {
    /// Listen here, at this machine's own address; 0 finds a port that is free
    #[arg(long, value_name = "N", default_value_t = 4680)]
    pub port: u16,
    /// Show it in the browser
    #[arg(long)]
    pub open: bool,
    /// The folder of the page, as `cargo xtask playground` makes it
    #[arg(long, value_name = "DIR")]
    pub site: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "Editors start it: docs/editor.md says how.")]
pub struct LspArgs {
    /// Accepted for editors that say it; there is no other way
    #[arg(long)]
    pub stdio: bool,
}
