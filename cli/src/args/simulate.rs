//! Arguments of `simulate`.

use super::Which;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args, Debug)]
#[command(after_help = "Try: eclexia simulate examples/document-store.ecl --days 7 --faults harsh")]
pub struct SimulateArgs {
    /// Source file; none: the program of this folder
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub which: Which,
    /// How long it lives before it is destroyed
    #[arg(long, value_name = "N", default_value_t = 7)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: u32,
    /// What chance is made from: the same seed is the same life
    #[arg(long, value_name = "N", default_value_t = 42)]
    pub seed: u64,
    /// What goes wrong by chance: `none`, `usual`, `harsh`, or a list such as
    /// `crash=0.5/d,node=1/w for 2h,slow=10%,partition=1/w`
    #[arg(long, value_name = "RATES", default_value = "usual")]
    pub faults: String,
    /// What goes wrong exactly, as in `node n2 at 1d6h for 2h` or `crash api at 3h`; may be
    /// repeated
    #[arg(long, value_name = "FAULT")]
    pub fault: Vec<String>,
    /// Another program that is deployed later, as in `shop2.ecl@2d` or, with replicas that behave
    /// badly, `shop2.ecl@2d:errors=5%`, `:unready`, `:ends`; may be repeated
    #[arg(long, value_name = "FILE@TIME")]
    pub update: Vec<String>,
    /// Deploy again what ran before, at this time; may be repeated
    #[arg(long, value_name = "TIME")]
    pub rollback: Vec<String>,
    /// What part of the `:demand` comes in each hour: `flat`, `day`, or 24 percentages
    #[arg(long, value_name = "CURVE", default_value = "flat")]
    pub demand: String,
    /// How long a replica takes from its start until it answers, about
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = crate::amount::time)]
    pub start: Duration,
    /// How long each step of a canary is held
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = crate::amount::time)]
    pub hold: Duration,
    /// As if so many machines could be had of each offer with a limit
    #[arg(long, value_name = "N")]
    pub machines: Option<u32>,
    /// Draw it here, as SVG
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}
