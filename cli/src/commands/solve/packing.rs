//! `solve FILE.vbp`: vector bin packing. The bins are printed, one a line, each with the lines of
//! items that it holds; then the bound where it is not met, and as last word the number of bins.

use super::clock;
use crate::args::SolveArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files, interrupt};
use eclexia_formats::packing::read;
use eclexia_optimizer::Effort;
use eclexia_optimizer::packing::{Bin, Packed, Progress, check, solve as pack};
use serde_json::json;
use std::sync::atomic::Ordering;

pub fn solve(console: &Console, args: &SolveArgs) -> Ended {
    let name = args.file.display().to_string();
    let text = files::read_unpacked(&args.file)?;
    let instance = read(&text).map_err(|fault| diagnostics::bad_packing(&name, &fault))?;
    let clock = clock(args.limit);
    let effort = if args.limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&clock) };
    let spinner = Spinner::start(console, "packing", &name);
    let packed = pack(&instance, effort, &|progress| spinner.say(&line(progress)));
    drop(spinner);
    let interrupted = interrupt::flag().swap(false, Ordering::Relaxed);
    let count = check(&instance, &packed.bins)
        .map_err(|broken| diagnostics::broken_packing(&name, broken))?;
    let status = if packed.bound >= count { "optimal" } else { "feasible" };
    if console.global.json {
        console.json(&json!({
            "format": "eclexia-packing/1",
            "status": status,
            "value": count,
            "bound": packed.bound,
            "bins": packed.bins,
        }));
    } else {
        console.out(&shown(&packed, status, count));
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Done })
}

/// What is known so far, in one line.
fn line(progress: &Progress) -> String {
    format!("{} bins, bound {}", progress.bins, progress.bound)
}

fn shown(packed: &Packed, status: &str, count: u64) -> String {
    let mut text: String = packed.bins.iter().map(bin).collect();
    if packed.bound < count {
        text.push_str(&format!("bound {}\n", packed.bound));
    }
    text.push_str(&format!("{status} {count}\n"));
    text
}

/// Lines of the file are counted from 1; `3x7` is three items of line 7.
fn bin(bin: &Bin) -> String {
    let item = |(kind, n): &(u32, u32)| match n {
        1 => format!("{}", kind + 1),
        n => format!("{n}x{}", kind + 1),
    };
    let items: Vec<String> = bin.iter().map(item).collect();
    format!("{}\n", items.join(" "))
}
