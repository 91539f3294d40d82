//! What elaboration reports: one constructor per code, and per wording of it.

use super::Strategies;
use eclexia_base::Span;
use eclexia_base::unit::edit_distance;
use eclexia_diag::{Code, Diagnostic};

fn at(code: Code, span: Option<Span>, message: String) -> Diagnostic {
    match span {
        Some(span) => Diagnostic::error(code, span, message),
        None => Diagnostic::without_place(code, message),
    }
}

fn also(diagnostic: Diagnostic, span: Option<Span>, text: String) -> Diagnostic {
    match span {
        Some(span) => diagnostic.label(span, text),
        None => diagnostic,
    }
}

/// The spelling in `known` nearest to `name`, when near enough to be a slip.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> Option<&'a String> {
    let near = known.into_iter().map(|k| (edit_distance(name, k), k)).min()?;
    (near.0 <= 1 + name.chars().count() / 3).then_some(near.1)
}

fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a String>) -> String {
    nearest(name, known).map(|k| format!("Did you mean `{k}`? ")).unwrap_or_default()
}

pub fn duplicate_name(
    what: &str,
    name: &str,
    (here, first): (Option<Span>, Option<Span>),
) -> Diagnostic {
    let found = at("duplicate-entity", here, format!("two {what}s are called `{name}`"))
        .here(format!("a second `{name}`"))
        .help(format!("Give one of the {what}s another name."));
    also(found, first.filter(|f| Some(*f) != here), "the first is here".to_owned())
}

pub fn negative_amount(field: &str, span: Option<Span>) -> Diagnostic {
    at("amount-out-of-range", span, format!("`:{field}` must not be negative or nothing"))
        .here("this amount")
        .help(format!("Write an amount above zero, or leave `:{field}` out."))
}

/// Of what moving pods costs.
pub fn movement_out_of_range(field: &str, span: Option<Span>) -> Diagnostic {
    let (wrong, help) = match field {
        "cost" => ("must not be negative", "Write what moving one pod costs, or leave it out."),
        _ => ("must be more than no time", "Write for how long a plan is to run, like 30day."),
    };
    at("amount-out-of-range", span, format!("`:{field}` {wrong}")).here("this amount").help(help)
}

pub fn count_out_of_range(
    field: &str,
    n: i64,
    least: i64,
    most: i64,
    span: Option<Span>,
) -> Diagnostic {
    at("amount-out-of-range", span, format!("`:{field}` is {n}, outside {least} to {most}"))
        .here("this number")
        .help(format!("Write a number from {least} to {most}."))
}

pub fn replica_range(low: i64, high: i64, most: i64, span: Option<Span>) -> Diagnostic {
    let why = if low > high {
        format!("replicas between {low} and {high}: the least is above the most")
    } else {
        format!("replicas between {low} and {high} are outside 0 to {most}")
    };
    let (low, high) = (low.min(high).clamp(0, most), high.max(low).clamp(0, most));
    at("replica-range", span, why)
        .here("this range")
        .help(format!("Write `(between {low} {high})`."))
}

pub fn port_out_of_range(number: i64, span: Option<Span>) -> Diagnostic {
    at("port-out-of-range", span, format!("{number} is no port: ports are 1 to 65535"))
        .here("this port")
        .help("Write a number from 1 to 65535.")
}

pub fn duplicate_port(
    port: u16,
    service: &str,
    other: Option<&str>,
    (here, first): (Option<Span>, Option<Span>),
) -> Diagnostic {
    let message = match other {
        Some(other) => format!("`{service}` and `{other}` both publish port {port}"),
        None => format!("`{service}` uses port {port} twice"),
    };
    let found = at("duplicate-port", here, message)
        .here(format!("port {port} is taken already"))
        .note("A port has one owner: traffic to it could go to either.")
        .help(format!(
            "Use another port here, {} for instance.",
            port.checked_add(1).unwrap_or(8081)
        ));
    also(found, first.filter(|f| Some(*f) != here), format!("port {port} is first used here"))
}

pub fn volume_mounted_twice(
    volume: &str,
    (second, first): (&str, &str),
    (here, there): (Option<Span>, Option<Span>),
) -> Diagnostic {
    let message = if first == second {
        format!("`{second}` mounts the volume `{volume}` twice for writing")
    } else {
        format!("`{first}` and `{second}` both mount `{volume}` for writing")
    };
    let found = at("volume-mounted-twice", here, message)
        .here(format!("`{second}` would write to it too"))
        .note("A volume has one writer; two would overwrite each other's data.")
        .help(format!(
            "Mount it with `:read-only true` here, or give `{second}` a volume of its own."
        ));
    also(found, there.filter(|t| Some(*t) != here), format!("`{first}` mounts it here"))
}

pub fn missing_dependency(
    who: &str,
    name: &str,
    services: &[String],
    span: Option<Span>,
) -> Diagnostic {
    let hint = did_you_mean(name, services);
    at("missing-dependency", span, format!("{who} needs `{name}`, which is not deployed here"))
        .here(format!("no service of this deployment is called `{name}`"))
        .help(format!("{hint}Add `{name}` to `:services` of the deployment, or drop the need."))
}

pub fn endpoint_protocol(
    target: &str,
    asked: &str,
    offered: &[&str],
    (here, there): (Option<Span>, Option<Span>),
) -> Diagnostic {
    let offer = match offered {
        [] => "it has no port".to_owned(),
        all => format!("it offers {}", all.join(", ")),
    };
    let found =
        at("endpoint-protocol", here, format!("`{target}` does not speak {asked}: {offer}"))
            .here(format!("{asked} is asked for here"))
            .help(match offered.first() {
                Some(first) => {
                    format!("Ask for `:protocol \"{first}\"`, or add a port that speaks {asked}.")
                }
                None => format!("Give `{target}` a port with `:protocol \"{asked}\"`."),
            });
    also(found, there, format!("`{target}` is defined here"))
}

pub fn need_cycle(edges: &[(String, Option<Span>)]) -> Diagnostic {
    let names: Vec<&str> = edges.iter().map(|(n, _)| n.as_str()).collect();
    let first = names.first().copied().unwrap_or_default();
    let circle = format!("{} → {first}", names.join(" → "));
    let span = edges.first().and_then(|e| e.1);
    let mut found =
        at("dependency-cycle", span, format!("services need each other in a circle: {circle}"))
            .here(format!("`{first}` needs `{}`", names.get(1).unwrap_or(&first)))
            .note("None of them could start first.")
            .help("Drop one of these needs, or split the service that closes the circle.");
    for (i, (name, span)) in edges.iter().enumerate().skip(1) {
        let next = names.get(i + 1).unwrap_or(&first);
        found = also(found, *span, format!("`{name}` needs `{next}`"));
    }
    found
}

pub fn probe_without_port(span: Option<Span>) -> Diagnostic {
    at("probe-without-port", span, "this health check has no port to ask".to_owned())
        .here("which port?")
        .help("Give the service a `:port`, or the check one: `(http \"/health\" :port 8080)`.")
}

pub fn unknown_strategy(name: &str, span: Option<Span>, known: &Strategies) -> Diagnostic {
    let names: Vec<&str> = known.keys().map(String::as_str).collect();
    let hint = did_you_mean(name, known.keys());
    let found = at("unknown-strategy", span, format!("no strategy is called `{name}`"))
        .here("not in strategies.toml")
        .help(format!(
            "{hint}Write `(minimize {{:cost 0.7 :carbon 0.3}})`, or add it to strategies.toml."
        ));
    if names.is_empty() {
        found.note("No strategies.toml was found in the configuration folder.")
    } else {
        found.note(format!("Known strategies: {}.", names.join(", ")))
    }
}

pub fn strategy_weights(span: Option<Span>) -> Diagnostic {
    at(
        "strategy-weights",
        span,
        "weights must not be negative, and one must be above zero".to_owned(),
    )
    .here("nothing would be minimised")
    .help("Write for instance `(minimize {:cost 0.7 :carbon 0.3})`.")
}

pub fn unknown_node_type(name: &str, known: &[String], span: Option<Span>) -> Diagnostic {
    let hint = did_you_mean(name, known);
    let mut some: Vec<&str> = known.iter().map(String::as_str).collect();
    some.sort_unstable();
    some.dedup();
    some.truncate(8);
    at("unknown-node-type", span, format!("no region here offers the machine type `{name}`"))
        .here("not offered")
        .note(format!("Offered are for instance {}.", some.join(", ")))
        .help(format!("{hint}Name a type of the regions in `:regions`."))
}

pub fn curve_length(field: &str, hours: usize, span: Option<Span>) -> Diagnostic {
    at("curve-length", span, format!("`:{field}` has {hours} hours, not whole days"))
        .here(format!("{hours} values"))
        .help("Give one value for each hour of a day: 24, or a multiple of it.")
}

pub fn deadline_out_of_range(span: Option<Span>) -> Diagnostic {
    at("amount-out-of-range", span, "a job's deadline is 1 to 168 hours from the start".to_owned())
        .here("this deadline")
        .help("Write a deadline from `1h` to `168h`.")
}

pub fn earliest_out_of_range(deadline: u32, span: Option<Span>) -> Diagnostic {
    let message = format!("a job's earliest hour is from 0h to before its deadline, {deadline}h");
    at("amount-out-of-range", span, message)
        .here("this hour")
        .help(format!("Write an hour from `0h` to `{}h`.", deadline - 1))
}

pub fn not_deferrable(name: &str, [here, there]: [Option<Span>; 2]) -> Diagnostic {
    let message = format!("the job `{name}` may be interrupted, but may not wait");
    let found = at("not-deferrable", here, message)
        .here("it may stop here")
        .note("A run that is interrupted waits between its pieces.")
        .help("Leave out `:deferrable false`, or `:interruptible true`.");
    also(found, there.filter(|t| Some(*t) != here), "but it may not wait".to_owned())
}

pub fn job_without_work(name: &str, span: Option<Span>) -> Diagnostic {
    at(
        "amount-out-of-range",
        span,
        format!("the job `{name}` has no work, or no cpu to do it with"),
    )
    .here("this work")
    .help("Write `:work` above zero, such as `40cpu*h`, and `:requires {:cpu 8cpu}`.")
}
