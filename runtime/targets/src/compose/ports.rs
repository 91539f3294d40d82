//! Host ports for what is public.
//!
//! In: the public services in source order. Out: for each a published port or range per port.
//! A machine has each port once and compose balances nothing, so every replica gets a host port
//! of its own; the declared number is taken where it is free.

use crate::Report;
use crate::chosen::{Chosen, View, is_udp};
use crate::yaml::Map;
use std::collections::{BTreeMap, BTreeSet};

/// Service to its `ports` entries.
pub fn published(view: &View<'_>, report: &mut Report) -> BTreeMap<String, Vec<Map>> {
    let mut taken: BTreeSet<(bool, u32)> = BTreeSet::new();
    let mut all = BTreeMap::new();
    for chosen in view.services.iter().filter(|chosen| chosen.service.public) {
        let mut entries = Vec::new();
        for port in chosen.public_ports() {
            let width = chosen.replicas.max(1);
            let udp = is_udp(port);
            let Some(start) = free_range(&taken, udp, port.port.into(), width) else {
                let what = format!("public port {}", port.port);
                report.add(chosen.address(), what, "no host port is left for it");
                continue;
            };
            taken.extend((start..start + width).map(|number| (udp, number)));
            report_moved(chosen, port.port, start, width, report);
            let range = match width {
                1 => start.to_string(),
                _ => format!("{start}-{}", start + width - 1),
            };
            let entry = Map::new()
                .with("target", port.port)
                .with("published", range)
                .with("protocol", if udp { "udp" } else { "tcp" });
            entries.push(entry);
        }
        all.insert(chosen.name.clone(), entries);
    }
    all
}

fn report_moved(chosen: &Chosen<'_>, port: u16, start: u32, width: u32, report: &mut Report) {
    let what = format!("public port {port}");
    if width > 1 {
        let end = start + width - 1;
        let why = format!(
            "compose balances nothing between replicas; each has a host port of {start}-{end}"
        );
        report.add(chosen.address(), what, why);
    } else if start != u32::from(port) {
        let why = format!("an earlier service has that port of the host; published at {start}");
        report.add(chosen.address(), what, why);
    }
}

/// The first run of `width` free ports from `wanted` on.
fn free_range(taken: &BTreeSet<(bool, u32)>, udp: bool, wanted: u32, width: u32) -> Option<u32> {
    let mut start = wanted;
    while start.checked_add(width)? <= 65_536 {
        let clash = taken.range((udp, start)..(udp, start + width)).next_back();
        match clash {
            Some((_, number)) => start = number + 1,
            None => return Some(start),
        }
    }
    None
}
