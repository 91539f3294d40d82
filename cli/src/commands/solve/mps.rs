//! Linear and mixed-integer programmes in the MPS format: read, solved, and printed with what
//! proves the answer. The last word of what is printed is the value, or why there is none.

use super::{clock, number};
use crate::args::SolveArgs;
#[cfg(feature = "highs")]
use crate::args::Solver;
use crate::commands::{Ended, Stop};
use crate::console::{Console, Exit, Spinner};
use crate::diagnostics;
#[cfg(feature = "highs")]
use crate::interrupt;
use eclexia_base::{FileId, Span};
use eclexia_diag::Sources;
use eclexia_formats::mps::{self, Mps};
use eclexia_model::display;
use eclexia_optimizer::certificate::{
    Certificate, certificate, proves_infeasible, proves_unbounded,
};
#[cfg(feature = "highs")]
use eclexia_optimizer::highs;
use eclexia_optimizer::mip::{self, End, Found};
use eclexia_optimizer::model::Model;
use eclexia_optimizer::simplex::tangent::{Side, Tangent};
use eclexia_optimizer::simplex::{Limits, Simplex, Status};
use serde_json::{Value, json};
#[cfg(feature = "highs")]
use std::sync::{atomic::Ordering, mpsc};

/// Entries the engines may look at: far more than any time limit allows.
const WORK: u64 = u64::MAX / 4;
/// Of HiGHS.
#[cfg(feature = "highs")]
const THREADS: u32 = 2;
/// Lines of a table that are printed; JSON has all.
const MOST_LINES: usize = 40;
/// Bytes of a faulty line that are pointed at.
const LONGEST_SHOWN: usize = 120;
/// A row whose side is so near, relative to its magnitude, is tight.
const TIGHT: f64 = 1e-9;

pub fn solve(console: &Console, args: &SolveArgs, text: &str) -> Ended {
    let name = args.file.display().to_string();
    let mps = mps::read(text).map_err(|fault| {
        let mut sources = Sources::new();
        let file = sources.add(name, text);
        let found = diagnostics::bad_mps(line_span(text, file, fault.line), &fault);
        Stop::Placed(found.into(), Box::new(sources))
    })?;
    let spent = clock(args.limit);
    let stop = || spent() >= 1.0;
    let spinner = Spinner::start(console, "solving", &mps.name);
    let answer = answer(&mps, args, &stop);
    drop(spinner);
    if console.global.json {
        console.json(&answer.json(&mps));
    } else {
        console.out(&answer.text(&mps));
    }
    let exit = if answer.value.is_some() { Exit::Done } else { Exit::Error };
    #[cfg(feature = "highs")]
    if args.engine == Solver::Both {
        leave(exit);
    }
    Ok(exit)
}

/// Ends the process as it is: HiGHS may still run on its thread, and what its library does at an
/// orderly exit takes away memory that it uses.
#[cfg(feature = "highs")]
#[expect(unsafe_code, reason = "the standard library ends a process in order only")]
fn leave(exit: Exit) -> ! {
    use std::io::Write;
    // Nobody is left who could be told.
    let _ = std::io::stdout().flush();
    // SAFETY: it ends the process, and touches nothing else.
    unsafe { libc::_exit(exit as i32) }
}

fn answer(mps: &Mps, args: &SolveArgs, stop: &dyn Fn() -> bool) -> Answer {
    #[cfg(feature = "highs")]
    match args.engine {
        Solver::Own => {}
        Solver::Highs => return found(mps, highs::solve(&mps.model, args.limit, THREADS)),
        Solver::Both => return found(mps, both(&mps.model, args.limit)),
    }
    if mps.model.is_real() {
        return linear(mps, args, stop);
    }
    found(mps, mip::solve(&mps.model, &mip::Stop { work: WORK, stop: Some(stop) }))
}

/// Both engines side by side. The first that comes to an end answers, and the other is left: it
/// ends with the process. Where neither does, the better point and the better bound.
#[cfg(feature = "highs")]
fn both(model: &Model, limit: Option<f64>) -> Found {
    let (ours, answers) = mpsc::channel();
    let theirs = ours.clone();
    let (mine, other) = (model.clone(), model.clone());
    std::thread::spawn(move || {
        let spent = clock(limit);
        let stop = || spent() >= 1.0;
        ours.send(mip::solve(&mine, &mip::Stop { work: WORK, stop: Some(&stop) }))
    });
    std::thread::spawn(move || theirs.send(highs::solve(&other, limit, 1)));
    let mut last: Option<Found> = None;
    for found in answers {
        // Whoever stops the command does not wait for HiGHS, which cannot be told.
        if found.end != End::Stopped || interrupt::flag().load(Ordering::Relaxed) {
            return found;
        }
        last = Some(match last.take() {
            Some(before) => better(before, found),
            None => found,
        });
    }
    last.unwrap_or_else(|| eclexia_base::bug!("no engine answered"))
}

#[cfg(feature = "highs")]
fn better(a: Found, b: Found) -> Found {
    let value = |found: &Found| found.best.as_ref().map_or(f64::INFINITY, |(_, value)| *value);
    let bound = a.bound.max(b.bound);
    let best = if value(&b) < value(&a) { b } else { a };
    Found { bound, ..best }
}

/// Of a line, counted from 1; of a very long one, its beginning.
pub(super) fn line_span(text: &str, file: FileId, line: usize) -> Span {
    let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let own = text.split_inclusive('\n').nth(line - 1).map_or(0, |l| l.trim_end().len());
    let own = text.floor_char_boundary(before + own.min(LONGEST_SHOWN)) - before;
    Span::new(file, before as u32, (before + own) as u32)
}

/// What was found, in the user's direction.
struct Answer {
    status: &'static str,
    value: Option<f64>,
    bound: f64,
    x: Vec<f64>,
    /// Of a linear programme only.
    proof: Option<Proof>,
    nodes: usize,
    pivots: usize,
}

struct Proof {
    duals: Vec<f64>,
    reduced: Vec<f64>,
    certificate: Certificate,
    ranging: Option<Ranging>,
}

struct Ranging {
    /// Between which costs of a column the point stays optimal.
    costs: Vec<(f64, f64)>,
    /// Of each tight row.
    rows: Vec<Option<Prices>>,
}

/// What one more unit of a row's side improves, what one less costs, and how far each holds;
/// without a price where nothing is feasible that way.
struct Prices {
    buy: Option<f64>,
    buy_reach: f64,
    sell: Option<f64>,
    sell_reach: f64,
}

fn linear(mps: &Mps, args: &SolveArgs, stop: &dyn Fn() -> bool) -> Answer {
    let model = &mps.model;
    let limits = Limits { work: WORK, stop: Some(stop), cutoff: f64::INFINITY };
    let mut simplex = model.relaxation();
    let status = simplex.solve(&limits);
    let sign = model.sign();
    let mut answer = Answer {
        status: "stopped",
        value: None,
        bound: -sign * f64::INFINITY,
        x: Vec::new(),
        proof: None,
        nodes: 0,
        pivots: simplex.pivots,
    };
    match status {
        Status::Infeasible if proves_infeasible(model, simplex.farkas()) => {
            (answer.status, answer.bound) = ("infeasible", sign * f64::INFINITY);
        }
        Status::Unbounded if proves_unbounded(model, simplex.direction()) => {
            answer.status = "unbounded";
        }
        Status::Optimal => {
            answer.x = simplex.values();
            let certificate = certificate(model, &answer.x, simplex.duals());
            answer.status = if certificate.holds() { "optimal" } else { "imprecise" };
            answer.value = Some(sign * model.objective(&answer.x));
            answer.bound = sign * certificate.dual_objective;
            answer.proof = Some(Proof {
                duals: simplex.duals().iter().map(|y| sign * y).collect(),
                reduced: (0..answer.x.len()).map(|j| sign * simplex.reduced_cost(j)).collect(),
                certificate,
                ranging: args.ranging.then(|| ranging(model, &mut simplex, &limits)),
            });
        }
        _ => {}
    }
    answer
}

fn ranging(model: &Model, simplex: &mut Simplex, limits: &Limits) -> Ranging {
    let mut costs = Vec::with_capacity(model.columns.len());
    for j in 0..model.columns.len() {
        let (lo, hi) = simplex.cost_range(j);
        costs.push(if model.sign() > 0.0 { (lo, hi) } else { (-hi, -lo) });
    }
    let mut tangent = Tangent::new(simplex);
    let rows = model.rows.iter().enumerate().map(|(row, &(lo, hi))| {
        let near = |side: f64| {
            let off = (simplex.activity(row) - side).abs();
            side.is_finite() && off <= TIGHT * (1.0 + side.abs())
        };
        let side = match (near(lo), near(hi)) {
            (true, true) => Side::Both,
            (true, false) => Side::Lower,
            (false, true) => Side::Upper,
            (false, false) => return None,
        };
        let more = tangent.slide(row, side, 1.0, limits);
        let less = tangent.slide(row, side, -1.0, limits);
        Some(Prices {
            buy: more.map(|more| 0.0 - more.slope),
            buy_reach: more.map_or(0.0, |more| more.reach),
            sell: less.map(|less| 0.0 - less.slope),
            sell_reach: less.map_or(0.0, |less| less.reach),
        })
    });
    Ranging { costs, rows: rows.collect() }
}

/// Of an engine that gives no duals.
fn found(mps: &Mps, found: Found) -> Answer {
    let sign = mps.model.sign();
    let value = found.best.as_ref().map(|(_, value)| sign * value);
    Answer {
        status: match found.end {
            End::Optimal => "optimal",
            End::Infeasible => "infeasible",
            End::Unbounded => "unbounded",
            End::Stopped if value.is_some() => "feasible",
            End::Stopped => "stopped",
        },
        value,
        bound: sign * found.bound,
        x: found.best.map_or(Vec::new(), |(x, _)| x),
        proof: None,
        nodes: found.nodes,
        pivots: found.pivots,
    }
}

impl Answer {
    fn json(&self, mps: &Mps) -> Value {
        let activities = mps.model.activities(&self.x);
        let ranging = self.proof.as_ref().and_then(|proof| proof.ranging.as_ref());
        let columns = mps.columns.iter().zip(&self.x).enumerate().map(|(j, (name, x))| {
            let mut column = json!({ "name": name, "value": x });
            if let Some(proof) = &self.proof {
                column["reduced_cost"] = json!(proof.reduced[j]);
            }
            if let Some(ranging) = ranging {
                let (lo, hi) = ranging.costs[j];
                column["cost_range"] = json!([number::json(lo), number::json(hi)]);
            }
            column
        });
        let rows = mps.rows.iter().enumerate().map(|(i, name)| {
            let mut row = json!({ "name": name, "activity": activities[i] });
            if let Some(proof) = &self.proof {
                row["dual"] = json!(proof.duals[i]);
            }
            if let Some(prices) = ranging.and_then(|ranging| ranging.rows[i].as_ref()) {
                row["buy"] = json!(prices.buy);
                row["buy_reach"] = number::json(prices.buy_reach);
                row["sell"] = json!(prices.sell);
                row["sell_reach"] = number::json(prices.sell_reach);
            }
            row
        });
        let has_point = !self.x.is_empty();
        let mut answer = json!({
            "format": "eclexia-solve/1",
            "name": mps.name,
            "status": self.status,
            "value": self.value,
            "bound": number::json(self.bound),
            "nodes": self.nodes,
            "pivots": self.pivots,
            "columns": if has_point { columns.collect::<Vec<_>>() } else { Vec::new() },
            "rows": if has_point { rows.collect::<Vec<_>>() } else { Vec::new() },
        });
        if let Some(Proof { certificate, .. }) = &self.proof {
            answer["certificate"] = json!({
                "primal": certificate.primal,
                "dual": certificate.dual,
                "slackness": certificate.slackness,
                "gap": certificate.gap,
                "holds": certificate.holds(),
            });
        }
        answer
    }

    fn text(&self, mps: &Mps) -> String {
        let mut text = String::new();
        if !self.x.is_empty() {
            text.push_str(&table(&self.column_lines(mps)));
        }
        if let Some(proof) = &self.proof {
            text.push_str(&table(&self.row_lines(mps, proof)));
            let c = &proof.certificate;
            text.push_str(&format!(
                "certificate {}: rows and bounds to {:.0e}, signs to {:.0e}, slackness to {:.0e}, \
                 gap {:.0e}\n",
                if c.holds() { "holds" } else { "does not hold" },
                c.primal,
                c.dual,
                c.slackness,
                c.gap
            ));
        }
        if self.nodes > 0 {
            text.push_str(&format!("{} nodes, {} pivots\n", self.nodes, self.pivots));
        }
        match self.value {
            Some(value) if self.status == "optimal" => {
                text.push_str(&format!("optimal {}\n", number::text(value)));
            }
            Some(value) => {
                let (bound, value) = (number::text(self.bound), number::text(value));
                text.push_str(&format!("bound {bound}\n{} {value}\n", self.status));
            }
            None => text.push_str(&format!("{}\n", self.status)),
        }
        text
    }

    /// Of the columns that are not zero.
    fn column_lines(&self, mps: &Mps) -> Vec<Vec<String>> {
        let mut head = vec!["column", "value"];
        if let Some(proof) = &self.proof {
            head.push("reduced cost");
            if proof.ranging.is_some() {
                head.extend(["cost from", "to"]);
            }
        }
        let mut lines = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
        for (j, x) in self.x.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            let mut line = vec![mps.columns[j].clone(), number::text(*x)];
            if let Some(proof) = &self.proof {
                line.push(number::text(proof.reduced[j]));
                if let Some(ranging) = &proof.ranging {
                    let (lo, hi) = ranging.costs[j];
                    line.extend([number::text(lo), number::text(hi)]);
                }
            }
            lines.push(line);
        }
        lines
    }

    /// Of the rows that are tight or have a price.
    fn row_lines(&self, mps: &Mps, proof: &Proof) -> Vec<Vec<String>> {
        let mut head = vec!["row", "activity", "dual"];
        if proof.ranging.is_some() {
            head.extend(["one more saves", "for", "one less costs", "for"]);
        }
        let mut lines = vec![head.into_iter().map(str::to_owned).collect::<Vec<_>>()];
        for (i, activity) in mps.model.activities(&self.x).into_iter().enumerate() {
            let prices = proof.ranging.as_ref().and_then(|ranging| ranging.rows[i].as_ref());
            if proof.duals[i] == 0.0 && prices.is_none() {
                continue;
            }
            let name = mps.rows[i].clone();
            let mut line = vec![name, number::text(activity), number::text(proof.duals[i])];
            if let Some(p) = prices {
                let price = |p: Option<f64>| p.map_or("infeasible".to_owned(), number::text);
                line.extend([price(p.buy), number::text(p.buy_reach)]);
                line.extend([price(p.sell), number::text(p.sell_reach)]);
            }
            lines.push(line);
        }
        lines
    }
}

/// Lines under their heads, the first ones of many.
fn table(lines: &[Vec<String>]) -> String {
    let shown = &lines[..lines.len().min(MOST_LINES + 1)];
    let mut text = display::table(shown);
    if shown.len() < lines.len() {
        text.push_str(&format!("and {} more; --json has all\n", lines.len() - shown.len()));
    }
    text.push('\n');
    text
}
