//! `solve PODS.csv --nodes MACHINES.csv`: pods arrive one by one at machines with GPUs and never
//! move. How much is in use is printed as they come, then whether the whole list could run at
//! once, and as last word the part of all GPUs that is in use in the end. JSON has every pod.

use super::mps::line_span;
use super::{clock, number};
use crate::args::{PolicyName, SolveArgs};
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files, interrupt};
use eclexia_diag::Sources;
use eclexia_formats::trace::{Named, Table, read};
use eclexia_model::display;
use eclexia_optimizer::Effort;
use eclexia_optimizer::arrivals::{
    Bound, Instance, Order, Policy, Replay, Short, Spot, WHOLE, bound, check, replay,
};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;

/// Percent of arrivals from one line of the table to the next; JSON has all.
const STEP: u32 = 10;

pub fn solve(console: &Console, args: &SolveArgs, nodes: &Path) -> Ended {
    let name = args.file.display().to_string();
    let named = named(args, nodes)?;
    // Machines without GPUs could run pods of the list, and are no part of the published cluster.
    let limit = bound(&named.instance);
    let instance = named.instance.clone().with_devices();
    let order = match args.arrivals {
        Some(percent) => Order::shuffled(&instance, percent, args.seed),
        None => Order::listed(&instance),
    };
    let clock = clock(args.limit);
    let effort = if args.limit.is_some() { Effort::timed(&clock) } else { Effort::counted(&clock) };
    let spinner = Spinner::start(console, "placing", &name);
    let found = replay(&instance, &order, policy(args.policy), &effort);
    drop(spinner);
    let interrupted = interrupt::flag().swap(false, Ordering::Relaxed);
    check(&instance, &order.pods, &found.spots)
        .map_err(|broken| diagnostics::broken_trace(&name, broken))?;
    let answer = Answer { named: &named, instance: &instance, order: &order, found, limit };
    if console.global.json {
        console.json(&answer.json());
    } else {
        console.out(&answer.text());
    }
    Ok(if interrupted { Exit::Interrupted } else { Exit::Done })
}

fn named(args: &SolveArgs, nodes: &Path) -> Result<Named, Stop> {
    let pods = files::read_unpacked(&args.file)?;
    let machines = files::read_unpacked(nodes)?;
    read(&pods, &machines).map_err(|fault| {
        let (path, text) = match fault.table {
            Table::Pods => (args.file.as_path(), &pods),
            Table::Machines => (nodes, &machines),
        };
        let mut sources = Sources::new();
        let file = sources.add(path.display().to_string(), text.as_str());
        let found = diagnostics::bad_trace(line_span(text, file, fault.line), &fault);
        Stop::Placed(found.into(), Box::new(sources))
    })
}

fn policy(name: PolicyName) -> Policy {
    match name {
        PolicyName::Lookahead => Policy::Lookahead,
        PolicyName::Fgd => Policy::Fgd,
        PolicyName::BestFit => Policy::BestFit,
        PolicyName::DotProduct => Policy::DotProduct,
    }
}

struct Answer<'a> {
    named: &'a Named,
    /// Of the machines with GPUs.
    instance: &'a Instance,
    order: &'a Order,
    found: Replay,
    limit: Bound,
}

/// Thousandths, in GPUs.
fn gpus(milli: u64) -> String {
    number::text(milli as f64 / f64::from(WHOLE))
}

impl Answer<'_> {
    /// Of all GPUs; 0 where there are none.
    fn percent(&self, milli: u64) -> f64 {
        100.0 * milli as f64 / self.instance.capacity().max(1) as f64
    }

    fn text(&self) -> String {
        let steps = self.found.curve.iter().filter(|(at, _)| at % STEP == 0);
        let line = |(at, used): &(u32, f64)| [format!("{at} %"), format!("{used:.2} %")];
        let head = ["arrived", "in use"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(steps.map(line)).collect();
        let mut text = if rows.len() > 1 { display::table(&rows) + "\n" } else { String::new() };
        let seen = self.found.spots.len();
        let placed = self.found.spots.iter().flatten().count();
        let (machines, all) = (self.instance.machines.len(), self.named.instance.machines.len());
        text.push_str(&format!("{seen} pods came to {machines} machines with GPUs"));
        text.push_str(&match all - machines {
            0 => "; ".to_owned(),
            without => format!(" ({without} without are left out); "),
        });
        text.push_str(&match seen - placed {
            0 => "all were placed\n".to_owned(),
            gone => format!("{placed} were placed, {gone} fitted nowhere\n"),
        });
        text.push_str(&format!("whole list: {}\n", self.whole()));
        let (used, all) = (gpus(self.found.allocated), gpus(self.instance.capacity()));
        let percent = self.percent(self.found.allocated);
        text.push_str(&format!("in use {used} of {all} GPUs, {percent:.2}%\n"));
        text
    }

    /// What is proved of running all of the list at once.
    fn whole(&self) -> String {
        let (most, all) = (gpus(self.limit.most), gpus(self.named.instance.demand()));
        let why = match self.limit.short {
            None => return format!("nothing rules out that all its {all} GPUs run at once"),
            Some(Short::Request(request)) => {
                let is_its = |r: &u32| *r as usize == request;
                let pod = self.named.instance.pods.iter().position(is_its);
                let pod = pod.map_or("", |pod| &self.named.pods[pod]);
                format!("`{pod}` fits on no machine")
            }
            Some(Short::Cpu) => "there are too few cores".to_owned(),
            Some(Short::Memory) => "there is too little memory".to_owned(),
            Some(Short::Devices) => "there are too few GPUs".to_owned(),
        };
        format!("cannot run at once, {why}; at most {most} of its {all} GPUs can")
    }

    fn json(&self) -> Value {
        let with_devices = self.named.instance.machines.iter().zip(&self.named.machines);
        let with_devices = with_devices.filter(|(m, _)| m.devices > 0).map(|(_, name)| name);
        let machines: Vec<&String> = with_devices.collect();
        let pods = self.order.pods.iter().zip(&self.found.spots).map(|(pod, spot)| {
            let name = &self.named.pods[*pod as usize];
            let Some(Spot { machine, devices }) = *spot else { return json!({ "name": name }) };
            let gpus: Vec<u32> = (0..u16::BITS).filter(|d| devices >> d & 1 == 1).collect();
            json!({ "name": name, "machine": machines[machine as usize], "gpus": gpus })
        });
        let short = self.limit.short.map(|short| match short {
            Short::Request(_) => "request",
            Short::Cpu => "cpu",
            Short::Memory => "memory",
            Short::Devices => "gpu",
        });
        json!({
            "format": "eclexia-arrivals/1",
            "capacity_milli": self.instance.capacity(),
            "arrived_milli": self.found.arrived,
            "allocated_milli": self.found.allocated,
            "value": self.percent(self.found.allocated),
            "curve": self.found.curve,
            "list": {
                "demand_milli": self.named.instance.demand(),
                "most_milli": self.limit.most,
                "short": short,
            },
            "pods": pods.collect::<Vec<_>>(),
        })
    }
}
