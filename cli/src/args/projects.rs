//! Arguments of the verbs that begin projects and choose what they build on.

use clap::Args;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia new shop && cd shop && eclexia plan")]
pub struct NewArgs {
    /// Name of the folder and of the package
    #[arg(required_unless_present = "template")]
    pub name: Option<String>,
    /// Begin with this template; without a value: show which there are
    #[arg(long, value_name = "TEMPLATE", num_args = 0..=1)]
    pub template: Option<Option<String>>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia add ../web, or eclexia add https://example.org/web.git \
    --version ^1.2")]
pub struct AddArgs {
    /// The package's folder or repository; its name where --path or --git says where it is
    pub package: String,
    /// The package's folder
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    pub path: Option<PathBuf>,
    /// The package's repository: https, ssh, or a path
    #[arg(long, value_name = "URL")]
    pub git: Option<String>,
    /// The versions that will do, for instance `^1.2`
    #[arg(long, value_name = "REQ")]
    pub version: Option<String>,
    /// This tag of the repository
    #[arg(long, value_name = "NAME", conflicts_with_all = ["branch", "commit"])]
    pub tag: Option<String>,
    /// The head of this branch, as it is when locked
    #[arg(long, value_name = "NAME", conflicts_with = "commit")]
    pub branch: Option<String>,
    /// This commit of the repository
    #[arg(long, value_name = "ID")]
    pub commit: Option<String>,
    /// The package's folder in the repository
    #[arg(long, value_name = "DIR")]
    pub folder: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia lock, or eclexia lock --update")]
pub struct LockArgs {
    /// Keep others from changing this deployment, instead; `unlock` gives it back
    #[arg(conflicts_with_all = ["update", "check"])]
    pub deployment: Option<String>,
    /// Why it is held, for those whom that keeps out
    #[arg(long, value_name = "TEXT", requires = "deployment")]
    pub reason: Option<String>,
    /// Look for newer versions: of all packages, or of those named
    #[arg(long, short, value_name = "NAME", num_args = 0..)]
    pub update: Option<Vec<String>>,
    /// Write nothing; exit with 1 if the lock would change
    #[arg(long)]
    pub check: bool,
}
