//! `solve APP.json --offers OFFERS.json`: components of an application on rented machines at the
//! least price. Machines are printed with what is on them; the last word is the price of all.

use super::clock;
use crate::args::SolveArgs;
use crate::commands::Ended;
use crate::console::{Console, Exit, Spinner};
use crate::{diagnostics, files};
use eclexia_formats::components::{Named, read};
use eclexia_model::display;
use eclexia_optimizer::components::{Deployed, End, Machines, solve as deploy};
use eclexia_optimizer::mip::Stop;
use serde_json::{Value, json};
use std::path::Path;

/// Entries that the programmes may look at, where no limit is given and where one is.
const WORK: u64 = 20_000_000_000;
const ENDLESS: u64 = u64::MAX / 4;

pub fn solve(console: &Console, args: &SolveArgs, offers: &Path) -> Ended {
    let name = args.file.display().to_string();
    let (application, sold) = (files::read_unpacked(&args.file)?, files::read_unpacked(offers)?);
    let named = read(&application, &sold, &args.at_least)
        .map_err(|fault| diagnostics::bad_components(&name, &fault))?;
    let spent = clock(args.limit);
    let over = || spent() >= 1.0;
    let work = if args.limit.is_some() { ENDLESS } else { WORK };
    let spinner = Spinner::start(console, "solving", &named.application);
    let found = deploy(&named.instance, &Stop { work, stop: Some(&over) })
        .map_err(|large| diagnostics::too_many_sets(&name, large))?;
    drop(spinner);
    let Some((machines, price)) = &found.best else {
        let is_proved = found.end == End::Infeasible;
        return Err(diagnostics::no_machines(&name, is_proved).into());
    };
    let status = if found.end == End::Optimal { "optimal" } else { "feasible" };
    if console.global.json {
        let machines: Vec<Value> = machines.iter().map(|m| machine(&named, m)).collect();
        console.json(&json!({
            "format": "eclexia-components/1",
            "application": named.application,
            "status": status,
            "value": price,
            "bound": found.bound,
            "machines": machines,
        }));
    } else {
        console.out(&shown(&named, machines, &found, &format!("{status} {price}")));
    }
    Ok(Exit::Done)
}

fn components<'n>(named: &'n Named, machines: &Machines) -> Vec<&'n str> {
    machines.components.iter().map(|c| named.components[*c].as_str()).collect()
}

fn machine(named: &Named, machines: &Machines) -> Value {
    json!({
        "offer": named.offers[machines.offer],
        "price": named.instance.offers[machines.offer].price,
        "count": machines.count,
        "components": components(named, machines),
    })
}

fn shown(named: &Named, machines: &[Machines], found: &Deployed, last: &str) -> String {
    let mut lines = vec![["count", "price", "offer", "components"].map(str::to_owned)];
    for m in machines {
        let price = named.instance.offers[m.offer].price.to_string();
        let on = components(named, m).join(", ");
        lines.push([m.count.to_string(), price, named.offers[m.offer].clone(), on]);
    }
    let mut text = display::table(&lines);
    text.push('\n');
    if let (Some(bound), false) = (found.bound, found.end == End::Optimal) {
        text.push_str(&format!("bound {bound}\n"));
    }
    text.push_str(&format!("{last}\n"));
    text
}
