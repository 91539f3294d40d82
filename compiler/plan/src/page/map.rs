//! The regions of a plan on a map of the world, equirectangular, two units to a degree. The land is
//! Natural Earth's at 1:110 million (public domain), simplified to about half a degree.

use crate::svg::{dot, open, text};
use eclexia_model::{Deployment, Plan};
use std::fmt::Write;

const LAND: &str = include_str!("land.path");
const WIDTH: f64 = 720.0;
/// From the 84th degree north to the 60th south.
const TOP: f64 = 12.0;
const HEIGHT: f64 = 288.0;

/// None where no region of the deployment says where it is.
pub fn draw(dep: &Deployment, plan: &Plan) -> Option<String> {
    if dep.regions.iter().all(|region| region.position.is_none()) {
        return None;
    }
    let mut out = open("Where it runs", (WIDTH, HEIGHT));
    let _ = writeln!(
        out,
        "<path class=\"land\" transform=\"translate(0 -{TOP})\" d=\"{}\"/>",
        LAND.trim()
    );
    let machines = |name: &str| -> u32 {
        plan.nodes.iter().filter(|node| node.region == name).map(|node| node.count).sum()
    };
    let jobs = |name: &str| plan.jobs.iter().filter(|job| job.region == name).count();
    let mut used = Vec::new();
    for region in &dep.regions {
        let Some(position) = &region.position else { continue };
        let x = (position.longitude.to_f64() + 180.0) * 2.0;
        let y = (90.0 - position.latitude.to_f64()) * 2.0 - TOP;
        let (machines, jobs) = (machines(&region.name), jobs(&region.name));
        if machines == 0 && jobs == 0 {
            dot(&mut out, "idle", (x, y), 3.0, &format!("{}: nothing", region.name));
            continue;
        }
        let mut words = Vec::new();
        if machines > 0 {
            words.push(format!("{machines} machine{}", if machines == 1 { "" } else { "s" }));
        }
        if jobs > 0 {
            words.push(format!("{jobs} job{}", if jobs == 1 { "" } else { "s" }));
        }
        used.push((x, y, machines, format!("{}: {}", region.name, words.join(", "))));
    }
    let mut labels: Vec<(f64, f64)> = Vec::new();
    for (x, y, machines, words) in used {
        dot(&mut out, "p0", (x, y), 5.0 + 2.0 * f64::from(machines).sqrt().min(8.0), &words);
        // A label that would cover another one stands below it.
        let mut at = y + 4.0;
        while labels.iter().any(|(lx, ly)| (lx - x).abs() < 220.0 && (ly - at).abs() < 14.0) {
            at += 14.0;
        }
        labels.push((x, at));
        match x > WIDTH * 0.62 {
            true => text(&mut out, (x - 14.0, at), "", "end", &words),
            false => text(&mut out, (x + 14.0, at), "", "start", &words),
        }
    }
    out.push_str("</svg>\n");
    Some(out)
}
