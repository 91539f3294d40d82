//! One constructor per code of planning and of plans: `infeasible-placement`, `demand-unmet`,
//! `deployment-too-large`, `plan-not-found`, `disruption-exceeded`, `budget-overspent`,
//! `plan-format`, `plan-altered`, `what-if-edit`, `unknown-element`; of lints:
//! `never-binding-budget`, `dominated-variant`.

use crate::OriginSpans;
use crate::funding::Overspent;
use crate::infeasible::{Conflict, Member};
use crate::problem::{AMOUNTS_OF_JOBS, Rule};
use crate::words;
use eclexia_base::Rational;
use eclexia_diag::{Code, Diagnostic, Severity};
use eclexia_model::{
    Account, Deployment, Exact, Limit, Origin, PLAN_FORMAT, PlanError, Service, Variant,
};
use eclexia_optimizer::{Refused, TooLarge};

fn at(spans: &dyn OriginSpans, origin: Origin, code: Code, message: String) -> Diagnostic {
    match spans.span(origin) {
        Some(span) => Diagnostic::error(code, span, message),
        None => Diagnostic::without_place(code, message),
    }
}

fn warning_at(spans: &dyn OriginSpans, origin: Origin, code: Code, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..at(spans, origin, code, message) }
}

/// A label where there is a place, else a note.
fn also(diagnostic: Diagnostic, spans: &dyn OriginSpans, origin: Origin, text: &str) -> Diagnostic {
    match spans.span(origin) {
        Some(span) => diagnostic.label(span, text),
        None => diagnostic.note(text),
    }
}

/// The message within its one line.
fn one_line(text: String) -> String {
    if text.chars().count() <= 80 {
        return text;
    }
    let cut: String = text.chars().take(79).collect();
    format!("{cut}…")
}

/// The smallest conflicting set, at its places, with the cheapest repair.
pub fn infeasible(dep: &Deployment, conflict: &Conflict, spans: &dyn OriginSpans) -> Diagnostic {
    let demand = conflict.members.iter().find(|m| matches!(m.rule, Rule::Demand(_)));
    let limited = conflict.members.iter().any(|m| matches!(m.rule, Rule::Limit(_)));
    if let Some(demand) = demand.filter(|_| !limited && conflict.members.len() <= 3) {
        return demand_unmet(dep, demand, conflict, spans);
    }
    let message = match conflict.members.len() {
        0 => format!("no plan for `{}` was found", dep.name),
        1 => format!("no plan for `{}` can keep this rule", dep.name),
        n => format!("no plan for `{}` can keep these {n} rules together", dep.name),
    };
    let primary = conflict.members.last();
    let origin = primary.map_or(dep.origin, |m| m.origin);
    let mut made = at(spans, origin, "infeasible-placement", one_line(message));
    if let Some(primary) = primary {
        made = if spans.span(primary.origin).is_some() {
            made.here(primary.text.clone())
        } else {
            made.note(primary.text.clone())
        };
    }
    let rest = conflict.members.len().saturating_sub(1);
    for member in conflict.members.iter().take(rest) {
        made = also(made, spans, member.origin, &member.text);
    }
    if rest > 0 {
        made = made.note("without any one of these rules there would be a plan for the others");
    }
    with_repair(made, conflict, spans)
}

fn with_repair(made: Diagnostic, conflict: &Conflict, spans: &dyn OriginSpans) -> Diagnostic {
    let Some(repair) = &conflict.repair else { return made };
    let made = made.help(format!("{}.", repair.text));
    match repair.edit.as_ref().and_then(|(o, text)| Some((spans.span(*o)?, text))) {
        Some((span, text)) => made.fix(repair.text.clone(), span, text.clone()),
        None => made,
    }
}

fn demand_unmet(
    dep: &Deployment,
    demand: &Member,
    conflict: &Conflict,
    spans: &dyn OriginSpans,
) -> Diagnostic {
    let name = match demand.rule {
        Rule::Demand(s) => dep.services[s].name.as_str(),
        _ => "",
    };
    let message = one_line(format!("no variant of `{name}` covers its demand"));
    let made = at(spans, demand.origin, "demand-unmet", message);
    let made = if made.primary.is_some() {
        made.here(demand.text.clone())
    } else {
        made.note(demand.text.clone())
    };
    with_repair(made, conflict, spans)
}

pub fn deployment_too_large(
    dep: &Deployment,
    large: &TooLarge,
    spans: &dyn OriginSpans,
) -> Diagnostic {
    let message = one_line(format!("`{}` is too large to be planned with a proof", dep.name));
    let (note, help) = match large.what {
        AMOUNTS_OF_JOBS => (
            "this version lists every place and hour of every job with each limit on that hour",
            "Give jobs earlier deadlines or fewer regions, or the deployment fewer peaks.",
        ),
        _ => (
            "and more replica counts of one service, or other amounts, than a search takes",
            "Give services equal requirements, or narrower ranges of replicas.",
        ),
    };
    at(spans, dep.origin, "deployment-too-large", message)
        .here(format!("more than {} {}", large.limit, large.what))
        .note(note)
        .help(help)
}

/// Neither a plan nor a proof that there is none.
pub fn plan_not_found(dep: &Deployment, spans: &dyn OriginSpans) -> Diagnostic {
    let message = one_line(format!("no plan was found for `{}`, which may have one", dep.name));
    at(spans, dep.origin, "plan-not-found", message)
        .here("neither a plan nor a proof that there is none")
        .note("the search ended where its work does: limits just loose enough are the hardest")
        .help("Raise a limit a little, or narrow what the deployment leaves open.")
}

/// Why nothing that runs can be continued.
pub fn refused_moves(dep: &Deployment, refused: Refused, spans: &dyn OriginSpans) -> Diagnostic {
    let Refused::Disruption(beyond) = refused else { return plan_not_found(dep, spans) };
    let names =
        beyond.iter().filter_map(|(s, moves)| Some((dep.services.get(*s as usize)?, moves)));
    let over: Vec<_> = names.collect();
    let first = over.first().and_then(|(service, _)| service.disruption_budget);
    let origin = first.map_or(dep.origin, |budget| budget.origin);
    let message = one_line(format!("no plan for `{}` keeps its disruption budgets", dep.name));
    let mut made = at(spans, origin, "disruption-exceeded", message);
    for (i, (service, moves)) in over.iter().enumerate() {
        let Some(budget) = service.disruption_budget else { continue };
        let allowed = if budget.most == 0 { "none".to_owned() } else { budget.most.to_string() };
        let text = format!("`{}` may move {allowed}; {moves} would", service.name);
        made = match i {
            0 => made.here(text),
            _ => also(made, spans, budget.origin, &text),
        };
    }
    let raised = over
        .iter()
        .map(|(service, moves)| format!("`{}` with `:disruption-budget {moves}`", service.name));
    let raised = words::list(&raised.collect::<Vec<_>>());
    made.note("a move is a pod that could go on where it runs, and does not")
        .help(format!("There is a plan that moves so many: write {raised}."))
}

/// Who takes what from an account that has less.
pub fn budget_overspent(over: &Overspent, spans: &dyn OriginSpans) -> Diagnostic {
    let message = one_line(format!(
        "`{}` has {} of {}, {} take {}",
        over.account, over.granted, over.key, over.what, over.taken
    ));
    let mut made = at(spans, over.origin, "budget-overspent", message)
        .here(format!("granted here; short by {}", over.short));
    for taker in &over.takers {
        made = also(made, spans, taker.origin, &taker.text);
    }
    made = made.help(over.repair.clone());
    match spans.span(over.origin) {
        Some(span) => {
            made.fix(format!("Raise {} to {}", over.key, over.taken), span, over.taken.clone())
        }
        None => made,
    }
}

/// A limit above all that can be drawn on it; `fix`: the most, as it can be written.
pub fn never_binding(
    account: &Account,
    limit: &Limit,
    (key, most): (&str, &Rational),
    fix: Option<String>,
    spans: &dyn OriginSpans,
) -> Diagnostic {
    let shown = limit.unit.show(&Exact(most.clone()), 3);
    let message = one_line(format!("{key} of `{}` never limits a plan", account.name));
    let made = warning_at(spans, limit.origin, "never-binding-budget", message)
        .here(format!("all that draws on it takes {shown} at most"))
        .help(format!("Lower it to {shown}, or leave {key} out."));
    match spans.span(limit.origin).zip(fix) {
        Some((span, text)) => made.fix(format!("Lower {key} to {text}"), span, text),
        None => made,
    }
}

/// A variant that another is never worse than.
pub fn dominated(
    service: &Service,
    variant: &Variant,
    better: &Variant,
    spans: &dyn OriginSpans,
) -> Diagnostic {
    let message =
        one_line(format!("variant `{}` of `{}` is never chosen", variant.name, service.name));
    let made = warning_at(spans, variant.origin, "dominated-variant", message)
        .here(format!("`{}` is never worse, and better in something", better.name));
    let made = also(made, spans, better.origin, "this is the better one");
    made.help("Leave it out, or give it what makes it worth choosing.")
}

/// Why a saved plan is refused.
pub fn plan_error(error: &PlanError) -> Diagnostic {
    match error {
        PlanError::TooLarge { bytes, most } => {
            plan_format(&format!("{bytes} bytes, plans have at most {most}"))
        }
        PlanError::Malformed(what) => plan_format("it is not of a plan's shape").note(what.clone()),
        PlanError::Format { found } => {
            let found: String = found.chars().take(30).collect();
            plan_format(&format!("its format is `{found}`, not `{PLAN_FORMAT}`"))
        }
        PlanError::Altered { recorded, actual } => plan_altered(recorded, actual),
    }
}

fn plan_format(what: &str) -> Diagnostic {
    Diagnostic::without_place("plan-format", one_line(format!("the file is no plan: {what}")))
        .help("Give a file that `eclexia plan -o FILE` wrote with this version.")
}

fn plan_altered(recorded: &str, actual: &str) -> Diagnostic {
    let short = |id: &str| id.chars().take(12).collect::<String>();
    Diagnostic::without_place("plan-altered", "the plan was altered after it was made")
        .note(format!("it calls itself {}, its content is {}", short(recorded), short(actual)))
        .help("Plan again, and do not edit the file.")
}

/// An edit that cannot be read, or does not fit what it changes.
pub fn what_if_edit(text: &str, why: &str) -> Diagnostic {
    let shown: String = text.chars().take(40).collect();
    Diagnostic::without_place("what-if-edit", one_line(format!("`{shown}` is no edit: {why}")))
        .help("Write `team.memory += 4GiB`, `team.cost = 400USD/month` or `api.replicas = 5`.")
}

/// A sweep that cannot be read, or does not fit what it changes.
pub fn what_if_sweep(text: &str, why: &str) -> Diagnostic {
    let shown: String = text.chars().take(40).collect();
    Diagnostic::without_place("what-if-edit", one_line(format!("`{shown}` is no sweep: {why}")))
        .help("Write `team.cost in 100..400USD/month` or `api.replicas in 1..8`.")
}

/// A name that the deployment does not have, with the nearest it has.
pub fn unknown_element(what: &str, name: &str, known: &[&str]) -> Diagnostic {
    let shown: String = name.chars().take(40).collect();
    let made = Diagnostic::without_place(
        "unknown-element",
        one_line(format!("there is no {what} `{shown}`")),
    );
    let distance = |k: &&&str| eclexia_base::unit::edit_distance(k, &shown);
    match known.iter().min_by_key(distance) {
        Some(nearest) if distance(&nearest) <= 1 + shown.chars().count() / 3 => {
            made.help(format!("Did you mean `{nearest}`?"))
        }
        Some(_) => made.help(format!("There are: {}.", known.join(", "))),
        None => made.help("The deployment has none."),
    }
}
