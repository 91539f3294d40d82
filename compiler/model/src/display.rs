//! Plans as text: steps in the grammar every operator can read, totals with their proof, and the
//! table of budgets with the next step first. What comes in is a plan, what goes out is plain
//! text, each line at most as long as its names make it; colours are the command's.

use crate::{Action, BudgetLine, Exact, JobChoice, Metric, Moves, Piece, Plan, Step, UnitText};
use eclexia_base::Rational;
use eclexia_base::number::{int, to_decimal};
use num_traits::{Signed, Zero};
use std::fmt::Write;

const HOUR: i64 = 3600;
/// Seconds of a month: 730 hours.
pub const MONTH: i64 = 2_628_000;
const DAY: i64 = 86_400;

/// `61.32USD/month (0.084USD/h)`, of US dollars per second.
pub fn money(rate: &Exact) -> String {
    let at = |seconds: i64, places: usize| to_decimal(&(&rate.0 * int(seconds)), places);
    format!("{}USD/month ({}USD/h)", at(MONTH, 2), at(HOUR, 4))
}

/// `12.3kgCO2e/month`, of grams per second.
pub fn carbon(rate: &Exact) -> String {
    format!("{}kgCO2e/month", to_decimal(&(&rate.0 * int(MONTH) / int(1000)), 3))
}

/// `61.32USD/month`.
pub fn monthly(rate: &Rational) -> String {
    let month = rate * int(MONTH);
    let places = if month.is_zero() || month.abs() >= int(1) { 2 } else { 5 };
    format!("{}USD/month", to_decimal(&month, places))
}

/// The whole plan: steps, their count, totals, budgets.
pub fn plan(plan: &Plan) -> String {
    let mut out = steps(plan);
    out.push('\n');
    out.push_str(&totals(plan));
    if !plan.budgets.is_empty() {
        out.push('\n');
        out.push_str(&budgets(&plan.budgets));
    }
    out
}

/// `+ ~ -` lines and their count.
pub fn steps(plan: &Plan) -> String {
    let mut out = String::new();
    if plan.steps.is_empty() {
        let _ = writeln!(out, "No changes: `{}` is already as planned.", plan.deployment);
        return out;
    }
    for step in &plan.steps {
        one_step(&mut out, step);
    }
    let count = |action: Action| plan.steps.iter().filter(|s| s.action == action).count();
    let (add, change, destroy) =
        (count(Action::Add), count(Action::Change), count(Action::Destroy));
    let _ = writeln!(out, "\nPlan: {add} to add, {change} to change, {destroy} to destroy.");
    out
}

fn one_step(out: &mut String, step: &Step) {
    let sign = match step.action {
        Action::Add => '+',
        Action::Change => '~',
        Action::Destroy => '-',
    };
    let _ = writeln!(out, "{sign} {}", step.address);
    for (name, change) in changes(step) {
        let _ = writeln!(out, "    {name:<10}  {change}");
    }
    let _ = writeln!(out, "    ; {}", step.reason);
}

/// What a step changes, each with what becomes of it.
pub fn changes(step: &Step) -> Vec<(&str, String)> {
    let change = |(name, (before, after)): (&'_ String, &(Option<String>, Option<String>))| {
        Some(match (before, after) {
            // A digest says nothing to a reader but that it differs.
            _ if name == "definition" && step.action == Action::Change => "changed".to_owned(),
            _ if name == "definition" => return None,
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(only)) | (Some(only), None) => only.clone(),
            (None, None) => return None,
        })
    };
    let each = step.changes.iter().map(|entry| (entry.0.as_str(), change(entry)));
    each.filter_map(|(name, change)| Some((name, change?))).collect()
}

/// Money, carbon, objective and how good it is proved to be.
pub fn totals(plan: &Plan) -> String {
    let totals = &plan.totals;
    let mut out = String::new();
    let machines: u32 = plan.nodes.iter().map(|n| n.count).sum();
    let pods: u32 = plan.services.iter().map(|s| s.replicas).sum();
    if machines > 0 || plan.jobs.is_empty() {
        let many = if pods == 1 { "pod" } else { "pods" };
        let _ = writeln!(out, "machines   {machines} with {pods} {many}, {}", money(&totals.cost));
        let _ = writeln!(out, "carbon     {}", carbon(&totals.carbon));
    }
    if let Some(moves) = &plan.moves {
        out.push_str(&self::moves(moves));
    }
    for job in &plan.jobs {
        let _ = writeln!(
            out,
            "job        {} at {} on {} in {}: {}USD, {}gCO2e a run",
            job.job,
            working_hours(job),
            job.node_type,
            job.region,
            to_decimal(&job.cost.0, 4),
            to_decimal(&job.carbon.0, 1),
        );
    }
    let _ = writeln!(out, "objective  {}", proof(plan));
    out
}

/// What becomes of the pods that run.
fn moves(moves: &Moves) -> String {
    let runs = moves.kept + moves.stopped;
    let cost = match moves.cost == Exact::int(0) {
        true => String::new(),
        false => format!(", {}USD once", to_decimal(&moves.cost.0, 2)),
    };
    let moved = if moves.moved == 0 { "none".to_owned() } else { moves.moved.to_string() };
    let mut out = format!("moves      {moved} of {runs} pods that run{cost}\n");
    if moves.forgone.0.is_positive() {
        let saves = monthly(&moves.forgone.0);
        let _ = writeln!(
            out,
            "           a plan that moves {} would save {saves}",
            moves.forgone_moves
        );
    }
    out
}

/// The sentence about bound and gap.
pub fn proof(plan: &Plan) -> String {
    let totals = &plan.totals;
    let (objective, bound) = (monthly(&totals.objective.0), monthly(&totals.bound.0));
    if totals.gap.0.is_zero() {
        return format!("{objective}; no plan costs less (proved to one part in a billion)");
    }
    let percent = to_decimal(&(&totals.gap.0 * int(100)), 3);
    format!("no plan costs less than {bound}; this one {objective}, a gap of {percent} %")
}

/// The table of budgets: used, limit, left, next step, price of one more unit.
pub fn budgets(lines: &[BudgetLine]) -> String {
    table(&budget_rows(lines))
}

/// The cells of that table, its head first.
pub fn budget_rows(lines: &[BudgetLine]) -> Vec<[String; 7]> {
    let head = ["budget", "used", "limit", "left", "next step", "one more", "one less"];
    let mut rows: Vec<[String; 7]> = vec![head.map(str::to_owned)];
    for line in lines {
        let left = Exact(&line.limit.0 - &line.used.0);
        let show = |amount: &Exact| line.unit.show(amount, 3);
        rows.push([
            line.metric.name().to_owned(),
            show(&line.used),
            show(&line.limit),
            show(&left),
            next_step(line),
            format!("saves {}", per_unit(line, &line.price.buy)),
            match &line.price.sell {
                Some(sell) => format!("costs {}", per_unit(line, sell)),
                None => "leaves no plan".to_owned(),
            },
        ]);
    }
    rows
}

fn next_step(line: &BudgetLine) -> String {
    match &line.price.next_step {
        Some(next) => {
            let increase = show_up(&line.unit, &next.increase.0);
            format!("+{increase} saves {}", monthly(&next.saves.0))
        }
        None => "none: more changes nothing".to_owned(),
    }
}

/// An amount that must be reached, so rounded up, at three decimals.
fn show_up(unit: &UnitText, amount: &Rational) -> String {
    let thousandths = (amount / &unit.scale.0 * int(1000)).ceil();
    format!("{}{}", to_decimal(&(thousandths / int(1000)), 3), unit.text)
}

/// `4.31USD/month`, of the objective, for one of the budget's units.
fn per_unit(line: &BudgetLine, price: &Exact) -> String {
    monthly(&(&price.0 * &line.unit.scale.0))
}

/// What `prices` prints: per budget the next step of the real plan, then the two prices of the
/// relaxation with the range in which they hold.
pub fn prices(plan: &Plan) -> String {
    prices_of(plan, &plan.budgets)
}

/// The same of one of the plan's budgets.
pub fn prices_of(plan: &Plan, budgets: &[BudgetLine]) -> String {
    let mut out = String::new();
    for line in budgets {
        price(&mut out, line);
    }
    if plan.budgets.is_empty() {
        let _ = writeln!(out, "`{}` has no budget, so nothing has a price.", plan.deployment);
    }
    let _ = writeln!(out, "{}", proof_of_prices(plan));
    out
}

fn price(out: &mut String, line: &BudgetLine) {
    let show = |amount: &Exact| line.unit.show(amount, 3);
    let unit = one(&line.unit);
    let _ =
        writeln!(out, "{}  {} of {} used", line.metric.name(), show(&line.used), show(&line.limit));
    match &line.price.next_step {
        Some(next) => {
            let limit = &line.limit.0 + &next.increase.0;
            let _ = writeln!(
                out,
                "  next step   raise to {} (+{}): saves {}; {}",
                show_up(&line.unit, &limit),
                show_up(&line.unit, &next.increase.0),
                monthly(&next.saves.0),
                next.change
            );
        }
        None => {
            let _ = writeln!(out, "  next step   none: no larger limit changes the plan");
        }
    }
    let _ = writeln!(
        out,
        "  buy price   {} saved by {unit} more, in the relaxation{}",
        per_unit(line, &line.price.buy),
        meaning(line)
    );
    match &line.price.sell {
        Some(sell) => {
            let paid = per_unit(line, sell);
            let _ = writeln!(out, "  sell price  {paid} paid for {unit} less, in the relaxation");
        }
        None => {
            let _ = writeln!(out, "  sell price  none: with any less there is no plan at all");
        }
    }
    if let Some((low, high)) = &line.price.range {
        let high = high.as_ref().map_or("any larger limit".to_owned(), &show);
        let _ = writeln!(out, "  holds for   {} to {high}", show(low));
    }
    let _ = writeln!(out);
}

/// What a zero price means.
fn meaning(line: &BudgetLine) -> &'static str {
    let price = &line.price;
    let free = price.buy.0.is_zero();
    let paid = price.sell.as_ref().is_none_or(|s| s.0.is_positive());
    match (free, paid) {
        (true, false) if line.used == line.limit => " (tight in the plan, slack in the relaxation)",
        (true, false) => " (the limit is slack)",
        (true, true) => " (tight, but more alone saves nothing)",
        _ => "",
    }
}

/// `1GiB`, `1kgCO2e/month`, `1` of what has no unit.
fn one(unit: &UnitText) -> String {
    format!("1{}", unit.text)
}

/// How much of the plan's cost the prices explain.
fn proof_of_prices(plan: &Plan) -> String {
    format!(
        "Prices are of the plan's relaxation, in which machines come in fractions; the next step \
         is of real plans. {}{}",
        if plan.totals.gap.0.is_zero() { "The plan is proved: " } else { "" },
        proof(plan)
    )
}

/// Left-aligned columns two spaces apart; no trailing space. A row may be short.
pub fn table<R: AsRef<[String]>>(rows: &[R]) -> String {
    let rows = || rows.iter().map(AsRef::as_ref);
    let columns = rows().map(<[String]>::len).max().unwrap_or(0);
    let width = |c: usize| rows().filter_map(|r| r.get(c)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in rows() {
        let cells = row.iter().zip(&widths).map(|(cell, w)| {
            let gap = w - cell.chars().count();
            format!("{cell}{}", " ".repeat(gap))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// What was declined, one line each.
pub fn declined(plan: &Plan) -> String {
    let rows: Vec<[String; 3]> = plan
        .declined
        .iter()
        .map(|d| [d.address.to_string(), d.what.clone(), d.why.clone()])
        .collect();
    table(&rows)
}

/// `hour 5 for 6h`, of a run in pieces `hours 2 to 5 and 9 to 12, 6h`; at most four of them.
pub fn working_hours(job: &JobChoice) -> String {
    if job.pieces.is_empty() {
        return format!("hour {} for {}h", job.start_hour, job.hours);
    }
    format!("{}, {}h", hours(&job.pieces), job.hours)
}

/// `hour 5 to 11`, `hours 2 to 5 and 9 to 12`; at most four pieces.
pub fn hours(pieces: &[Piece]) -> String {
    let each = pieces.iter().map(|p| format!("{} to {}", p.start_hour, p.end_hour()));
    let mut each: Vec<String> = each.take(if pieces.len() > 4 { 3 } else { 4 }).collect();
    if pieces.len() > each.len() {
        each.push(format!("{} more pieces", pieces.len() - each.len()));
    }
    match &each[..] {
        [] => String::new(),
        [one] => format!("hour {one}"),
        [most @ .., last] => format!("hours {} and {last}", most.join(", ")),
    }
}

/// A metric's total rate in a plan, jobs at one run a day, for summaries.
pub fn rate(plan: &Plan, metric: Metric) -> Option<Exact> {
    let totals = &plan.totals;
    let (rate, run) = match metric {
        Metric::Cost => (&totals.cost, &totals.job_cost),
        Metric::Carbon => (&totals.carbon, &totals.job_carbon),
        _ => return None,
    };
    Some(Exact(&rate.0 + &run.0 / int(DAY)))
}
