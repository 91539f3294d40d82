//! Declared limits: whether they speak of sizes that there are, and whether they are kept. Where
//! one is not, what costs how much, call by call; where nothing bounds a function, the smallest
//! cycle of calls that has no solution.

use super::Why;
use super::analysis::Analysis;
use super::known::{method, renamed};
use super::poly::Bound;
use super::shape::{Shape, Shapes};
use crate::diagnostics as report;
use crate::ty::{Ty, TyKind};
use crate::typed::Typed;
use eclexia_base::number::int;
use eclexia_base::{FxHashMap, FxHashSet, Name, Rational, Span};
use eclexia_core::core::{Body, DefId, DefKind, Expr, ExprId, Literal, Pat, Program, TypeDefKind};
use eclexia_core::cost::{CostLimit, CostMode, Resource, SizeOf};
use eclexia_diag::{Diagnostic, Diagnostics};
use std::collections::hash_map::Entry;

/// Checks the limits of `defs`.
pub(crate) fn check(program: &Program, typed: &Typed, defs: &[DefId]) -> Diagnostics {
    let mut diags = Diagnostics::new();
    let mut analyses: FxHashMap<Resource, Analysis<'_>> = FxHashMap::default();
    for def in defs {
        let Some(cost) = &program.defs[*def].cost else { continue };
        if program.defs[*def].kind == DefKind::Extern {
            continue;
        }
        for limit in &cost.limits {
            if !has_sizes(program, typed, *def, limit, &mut diags) {
                continue;
            }
            if cost.mode != CostMode::Proved {
                continue;
            }
            let analysis = analyses
                .entry(limit.resource)
                .or_insert_with(|| Analysis::new(program, typed, limit.resource, true));
            match analysis.keeps(*def, &limit.bound) {
                Ok(true) => {}
                Ok(false) => match analysis.bound(*def) {
                    Ok(bound) => exceeded(analysis, *def, limit, &bound, &mut diags),
                    Err(why) => {
                        diags.push(unbounded(analysis, *def, (limit.span, HELD), &why));
                    }
                },
                Err(why) => {
                    diags.push(unbounded(analysis, *def, (limit.span, HELD), &why));
                }
            }
        }
    }
    diags
}

/// The names of parameters that are names.
pub(super) fn parameter_names(body: &Body) -> Vec<Option<Name>> {
    let name = |pat: &eclexia_core::core::PatId| match &body.pats[*pat] {
        Pat::Bind(local) => Some(body.locals[*local]),
        _ => None,
    };
    body.params.iter().map(name).collect()
}

/// Reports sizes of what has none.
fn has_sizes(
    program: &Program,
    typed: &Typed,
    def: DefId,
    limit: &CostLimit,
    diags: &mut Diagnostics,
) -> bool {
    let Some(body) = &program.defs[def].body else { return true };
    let (shapes, names) = (Shapes { program, typed }, parameter_names(body));
    for size in limit.bound.sizes() {
        let (SizeOf::Size(at) | SizeOf::Value(at)) = size;
        let pat = body.params.get(at as usize).map(|pat| &body.pats[*pat]);
        let Some(Pat::Bind(local)) = pat else { continue };
        let ty = typed.facts[def].locals.get(*local).copied().unwrap_or_default();
        let shape = shapes.of(ty, &[]);
        let fits = match (&*shape, size) {
            (Shape::Int, SizeOf::Value(_)) => true,
            (Shape::Vector(_), SizeOf::Size(_)) => true,
            (Shape::Data { is_recursive, .. }, SizeOf::Size(_)) => *is_recursive,
            // These have sizes, though no bound is found in them.
            (Shape::Opaque, SizeOf::Size(_)) => has_other_size(program, ty),
            _ => false,
        };
        if !fits {
            let name = names.get(at as usize).copied().flatten().unwrap_or(Name::new("_"));
            let is_sized = !matches!(*shape, Shape::Opaque | Shape::Int | Shape::Fn(_));
            let ty = crate::show::show_ty(program, ty);
            let shown = match (&*shape, is_sized) {
                (Shape::Int, _) => report::Size::IsInt,
                (_, true) => report::Size::IsSized,
                _ => report::Size::None,
            };
            diags.push(report::unknown_size(limit.span, name, &ty, shown));
            return false;
        }
    }
    true
}

fn has_other_size(program: &Program, ty: Ty) -> bool {
    match ty.kind() {
        TyKind::Var(_) => true,
        TyKind::Ref(inner) => has_other_size(program, *inner),
        TyKind::Con(id, _) => {
            let name = program.types[*id].name;
            let is_data = matches!(program.types[*id].kind, TypeDefKind::Data(_));
            is_data || ["String", "Map", "Set", "Json"].iter().any(|sized| name == **sized)
        }
        _ => false,
    }
}

/// A call in a body, and what it costs by itself.
struct Share {
    span: Span,
    text: String,
    /// With how often it happens, where both are numbers.
    amount: Option<(Rational, i64)>,
}

fn exceeded(
    analysis: &mut Analysis<'_>,
    def: DefId,
    limit: &CostLimit,
    bound: &Bound,
    diags: &mut Diagnostics,
) {
    let program = analysis.program;
    let name = program.defs[def].name;
    let Some(body) = &program.defs[def].body else { return };
    let names = parameter_names(body);
    let (found, legend) = bound.show(limit.resource, &names);
    let declared = declared_text(limit, &names);
    let shares = shares(analysis, def);
    let sum = sum(&shares, bound, limit.resource);
    let shares: Vec<(Span, String)> = shares.into_iter().map(|s| (s.span, s.text)).collect();
    let is_constant = bound.is_constant() && limit.bound.as_constant().is_some();
    let excess = report::CostExcess { found, declared, legend, is_constant, sum, shares };
    diags.push(report::cost_exceeded(name, limit.resource, limit.span, &excess));
}

/// `15J + 10·2J`, if that is what the bound comes from: of branches only one is taken.
fn sum(shares: &[Share], bound: &Bound, of: Resource) -> Option<String> {
    let mut total = bound.constant().clone() - bound.constant();
    let mut terms = Vec::with_capacity(shares.len());
    for share in shares {
        let (amount, times) = share.amount.as_ref()?;
        total += amount * int(*times);
        let text = super::poly::amount(amount, of);
        terms.push(if *times == 1 { text } else { format!("{times}·{text}") });
    }
    let is_all = bound.is_constant() && total == *bound.constant() && terms.len() > 1;
    (is_all && terms.len() <= 12).then(|| terms.join(" + "))
}

/// The limit as a sum, written the way bounds are.
pub(super) fn declared_text(limit: &CostLimit, names: &[Option<Name>]) -> String {
    if let Some(amount) = limit.bound.as_constant() {
        return super::poly::amount(&amount, limit.resource);
    }
    let mut terms: Vec<(u32, String)> = Vec::new();
    for (monomial, by) in &limit.bound.terms {
        let power = |(size, power): &(SizeOf, u32)| {
            let (SizeOf::Size(at) | SizeOf::Value(at)) = size;
            let name = names.get(*at as usize).copied().flatten().map_or("_", |n| n.as_str());
            let text = match size {
                SizeOf::Size(_) => format!("(size {name})"),
                SizeOf::Value(_) => name.to_owned(),
            };
            if *power == 1 { text } else { format!("{text}^{power}") }
        };
        let degree = monomial.iter().map(|(_, power)| power).sum();
        let mut factors: Vec<String> = monomial.iter().map(power).collect();
        let is_one = *by == int(1) && limit.resource.example() == "100";
        if !is_one || factors.is_empty() {
            factors.insert(0, super::poly::amount(by, limit.resource));
        }
        terms.push((degree, factors.join("·")));
    }
    terms.sort();
    terms.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" + ")
}

/// How often a place of a body is reached.
#[derive(Clone, Copy, PartialEq)]
enum Times {
    Number(i64),
    /// Of a `times` whose loop is inside.
    Counted(i64),
    Rounds,
    Elements,
}

/// The calls of a body that cost something, in order, with what each costs.
fn shares(analysis: &mut Analysis<'_>, def: DefId) -> Vec<Share> {
    let (program, typed) = (analysis.program, analysis.typed);
    let Some(body) = &program.defs[def].body else { return Vec::new() };
    let group = program.defs[def].group;
    let mut lax = Analysis::new(program, typed, analysis.resource, false);
    let mut found = Vec::new();
    let mut work: Vec<(ExprId, Times)> = vec![(body.root, Times::Number(1))];
    while let Some((e, times)) = work.pop() {
        let expr = &body.exprs[e];
        let inner = inside(body, expr, times);
        let children = eclexia_core::verify::children(expr);
        work.extend(children.into_iter().rev().map(|child| (child, inner)));
        let Expr::Call { callee, .. } = expr else { continue };
        let target = match &body.exprs[*callee] {
            Expr::Global(target) => Some(*target),
            Expr::Method(_, index) => {
                let dicts = typed.facts[def].dict_args.get(callee).map_or(&[][..], Vec::as_slice);
                let known = |d| super::known::known(typed, d, &[]);
                let dicts: Vec<_> = dicts.iter().map(known).collect();
                method(program, *index, &dicts).map(|m| m.def)
            }
            _ => None,
        };
        let Some(target) = target.map(|t| renamed(program, typed, t).0) else { continue };
        let span = program.maps[def].exprs[e].span;
        if program.defs[target].group == group {
            let name = program.defs[target].name;
            let text = match target == def {
                true => "calls itself here".to_owned(),
                false => format!("goes on in `{name}`"),
            };
            found.push(Share { span, text, amount: None });
        } else if let Some((text, amount)) = share_of(&mut lax, target) {
            let (text, times) = match times {
                Times::Number(1) | Times::Counted(_) => (text, Some(1)),
                Times::Number(n) => (format!("{text}, {n} times"), Some(n)),
                Times::Rounds => (format!("{text}, each round"), None),
                Times::Elements => (format!("{text}, for each element"), None),
            };
            found.push(Share { span, text, amount: amount.zip(times) });
        }
    }
    if analysis.resource == Resource::Steps {
        let own = Share {
            span: program.defs[def].span,
            text: "1, the call itself".into(),
            amount: Some((int(1), 1)),
        };
        found.push(own);
    }
    found.sort_by_key(|share| (share.span.start, share.span.end));
    found
}

/// How often what is inside of an expression is reached.
fn inside(body: &Body, expr: &Expr, times: Times) -> Times {
    let outer = match times {
        Times::Number(n) => n,
        Times::Counted(n) => n,
        Times::Rounds | Times::Elements => return times,
    };
    match expr {
        Expr::For { .. } => Times::Elements,
        // `(times n …)` holds its count in a local of its own, around its loop.
        Expr::Let { value, body: loop_, .. } => match (&body.exprs[*value], &body.exprs[*loop_]) {
            (Expr::Literal(Literal::Int(n)), Expr::Loop { .. }) => {
                Times::Counted(outer.saturating_mul(*n))
            }
            _ => times,
        },
        Expr::Loop { inits, body: round, .. } => match times {
            Times::Counted(n) => Times::Number(n),
            _ => match rounds(body, inits, *round) {
                Some(n) => Times::Number(outer.saturating_mul(n)),
                None => Times::Rounds,
            },
        },
        _ => times,
    }
}

/// The rounds of `(loop [i 2] (if (< i 10) …))`.
fn rounds(body: &Body, inits: &[ExprId], round: ExprId) -> Option<i64> {
    let number = |e: ExprId| match body.exprs[e] {
        Expr::Literal(Literal::Int(n)) => Some(n),
        _ => None,
    };
    let from = inits.iter().find_map(|e| number(*e))?;
    let Expr::If { cond, .. } = &body.exprs[round] else { return None };
    let Expr::Call { args, .. } = &body.exprs[*cond] else { return None };
    let to = number(*args.get(1)?)?;
    (to > from).then(|| to - from)
}

/// What a call of a function costs by itself.
fn share_of(lax: &mut Analysis<'_>, target: DefId) -> Option<(String, Option<Rational>)> {
    let program = lax.program;
    let found = &program.defs[target];
    match found.kind {
        DefKind::Builtin => return None,
        DefKind::Extern => {
            let cost = lax.extern_cost(target);
            let text = super::poly::amount(&cost, lax.resource);
            return (cost != int(0)).then_some((text, Some(cost)));
        }
        _ => {}
    }
    let names = parameter_names(found.body.as_ref()?);
    if let Some(cost) = &found.cost
        && cost.mode != CostMode::Proved
        && let Some(limit) = cost.limit(lax.resource)
    {
        return Some((declared_text(limit, &names), limit.bound.as_constant()));
    }
    let mut bound = lax.bound(target).ok()?;
    if lax.resource == Resource::Calls {
        bound.constant -= int(1);
    }
    if bound.is_zero() {
        return None;
    }
    let (text, legend) = bound.show(lax.resource, &names);
    let amount = bound.is_constant().then(|| bound.constant().clone());
    let text = if legend.is_empty() { text } else { format!("{text}, {}", legend.join(", ")) };
    Some((text, amount))
}

/// What the place of a limit says where there is no bound.
const HELD: &str = "to be held to this";

/// Nothing bounds `def`, which `at` asks for and says so.
pub(super) fn unbounded(
    analysis: &mut Analysis<'_>,
    def: DefId,
    at: (Span, &'static str),
    why: &Why,
) -> Diagnostic {
    let program = analysis.program;
    let name = program.defs[def].name;
    let cause = match why {
        Why::UnknownFunction(at, e) => {
            let span = program.maps[*at].exprs[*e].span;
            report::Cause::Unknown(span)
        }
        Why::TooLarge => report::Cause::TooLarge,
        Why::Product => report::Cause::Product,
        Why::Methods => report::Cause::Methods,
        Why::Functions | Why::Unsolvable => {
            let culprit = culprit(analysis, def).unwrap_or(def);
            let steps = smallest_cycle(program, culprit);
            if steps.is_empty() {
                report::Cause::Loop(first_loop(program, culprit))
            } else {
                report::Cause::Cycle(steps)
            }
        }
    };
    report::cost_unbounded(name, analysis.resource, at, &cause)
}

/// Among what a definition reaches, the one of the earliest group that has no bound by itself.
fn culprit(analysis: &mut Analysis<'_>, def: DefId) -> Option<DefId> {
    let (program, resource) = (analysis.program, analysis.resource);
    let mut reached: FxHashSet<DefId> = FxHashSet::default();
    let mut work = vec![def];
    while let Some(at) = work.pop() {
        if !reached.insert(at) {
            continue;
        }
        let Some(body) = &program.defs[at].body else { continue };
        for expr in body.exprs.values() {
            if let Expr::Global(other) = expr {
                work.push(*other);
            }
        }
    }
    let mut lax = Analysis::new(program, analysis.typed, resource, false);
    let mut in_order = program.groups.iter().flatten().filter(|d| reached.contains(*d));
    in_order.find(|d| lax.bound(**d).is_err()).copied()
}

/// The shortest cycle of calls through a definition: each step calls the next at its place.
fn smallest_cycle(program: &Program, def: DefId) -> Vec<(Name, Span)> {
    let first = program.defs[def].group;
    let group = program.groups.iter().find(|g| g[0] == first).map_or(&[][..], Vec::as_slice);
    let calls = |from: DefId| -> Vec<(DefId, Span)> {
        let Some(body) = &program.defs[from].body else { return Vec::new() };
        let mut found = Vec::new();
        for (e, expr) in body.exprs.iter() {
            match expr {
                Expr::Global(to) if program.defs[*to].group == first => {
                    found.push((*to, program.maps[from].exprs[e].span));
                }
                Expr::Recur { .. } => found.push((from, program.maps[from].exprs[e].span)),
                _ => {}
            }
        }
        found.sort_by_key(|(_, span)| span.start);
        found
    };
    let mut best: Vec<(Name, Span)> = Vec::new();
    for start in group {
        // Breadth first from `start` back to it.
        let mut parents: FxHashMap<DefId, (DefId, Span)> = FxHashMap::default();
        let mut layer = vec![*start];
        let mut closed: Option<(DefId, Span)> = None;
        while closed.is_none() && !layer.is_empty() {
            let mut next = Vec::new();
            for from in layer {
                for (to, span) in calls(from) {
                    if to == *start {
                        closed = closed.or(Some((from, span)));
                    } else if let Entry::Vacant(entry) = parents.entry(to) {
                        entry.insert((from, span));
                        next.push(to);
                    }
                }
            }
            layer = next;
        }
        let Some((mut at, span)) = closed else { continue };
        let mut steps = vec![(program.defs[at].name, span)];
        while at != *start {
            let Some((from, span)) = parents.get(&at).copied() else { break };
            steps.push((program.defs[from].name, span));
            at = from;
        }
        steps.reverse();
        if best.is_empty() || steps.len() < best.len() {
            best = steps;
        }
    }
    best
}

fn first_loop(program: &Program, def: DefId) -> Option<Span> {
    let body = program.defs[def].body.as_ref()?;
    let (e, _) =
        body.exprs.iter().find(|(_, expr)| matches!(expr, Expr::Loop { .. } | Expr::For { .. }))?;
    Some(program.maps[def].exprs[e].span)
}
