//! What goes wrong outside of programs: files, folders, streams, arguments.

use eclexia_base::Span;
use eclexia_base::unit::edit_distance;
use eclexia_diag::Diagnostic;
use eclexia_formats::mps::{Fault, What};
use eclexia_formats::{Named, components, integers, trace};
use eclexia_optimizer::arrivals;
use eclexia_optimizer::components::TooLarge;
use eclexia_optimizer::packing as bins;
use eclexia_optimizer::placement::Violation;
use eclexia_optimizer::reassign::Broken;
use std::io::{Error, ErrorKind};

/// A path that cannot be read, by the reason the system gives.
pub fn cannot_read(path: &str, error: &Error) -> Diagnostic {
    match error.kind() {
        ErrorKind::NotFound => missing_file(path),
        ErrorKind::IsADirectory => directory_for_file(path),
        _ => Diagnostic::without_place(
            "unreadable-file",
            format!("cannot read {path}: {}", reason(error)),
        )
        .help("Check its permissions, and that it is a regular file."),
    }
}

/// The folder of `--directory`.
pub fn cannot_enter(path: &str, error: &Error) -> Diagnostic {
    let text = format!("cannot work in {path}: {}", reason(error));
    Diagnostic::without_place("unreadable-file", text).help("Name a folder that is there.")
}

pub fn missing_file(path: &str) -> Diagnostic {
    Diagnostic::without_place("missing-file", format!("there is no file {path}")).help(
        "Check the spelling and the folder; `eclexia new NAME` makes a program to start from.",
    )
}

pub fn directory_for_file(path: &str) -> Diagnostic {
    Diagnostic::without_place("directory-for-file", format!("{path} is a folder, not a file"))
        .help(format!("Name a file in it, such as {}/main.ecl.", path.trim_end_matches('/')))
}

/// A file or stream that cannot be written; nothing half-written is left behind.
pub fn write_failed(path: &str, error: &Error) -> Diagnostic {
    Diagnostic::without_place("write-failed", format!("cannot write {path}: {}", reason(error)))
        .note("Nothing was changed: a file is written whole beside its place, then moved there.")
        .help("Make room or fix the permissions, or write to another place.")
}

pub fn output_failed(error: &Error) -> Diagnostic {
    let text = format!("cannot write standard output: {}", reason(error));
    Diagnostic::without_place("write-failed", text)
        .note("What was printed before may be incomplete.")
        .help("Make room, or send the output to another place.")
}

pub fn already_exists(path: &str) -> Diagnostic {
    Diagnostic::without_place("already-exists", format!("{path} exists already"))
        .help("Choose another name, or remove it first.")
}

/// Nothing in the environment leads to a folder.
pub fn no_configuration_folder() -> Diagnostic {
    Diagnostic::without_place("no-configuration-folder", "there is no folder for configuration")
        .note("None of ECLEXIA_CONFIG_DIR, XDG_CONFIG_HOME and HOME is set.")
        .help("Name one: `ECLEXIA_CONFIG_DIR=conf eclexia config init`.")
}

pub fn bad_project_name(name: &str) -> Diagnostic {
    Diagnostic::without_place("bad-project-name", format!("`{name}` cannot name a package"))
        .help("Use letters, digits and `-`, beginning with a letter: `eclexia new my-shop`.")
}

pub fn unknown_template(name: &str, known: &[&str]) -> Diagnostic {
    let short: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let found =
        Diagnostic::without_place("unknown-template", format!("no template is called `{short}`"))
            .note(format!("There are: {}.", known.join(", ")));
    let near = known.iter().min_by_key(|known| edit_distance(known, &short));
    match near.filter(|known| edit_distance(known, &short) <= 3) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found.help("`eclexia new --template` says what each of them is"),
    }
}

pub fn no_program_here() -> Diagnostic {
    Diagnostic::without_place("no-program", "no program is named, and this folder has no main.ecl")
        .help("Name a file: `eclexia plan FILE`, or go to a project or a folder with a main.ecl.")
}

pub fn no_deployment(file: &str) -> Diagnostic {
    Diagnostic::without_place("no-deployment", format!("{file} declares no deployment"))
        .help("Add one: `(defdeployment prod {:regions [aws/eu-west-1] :services [web]})`.")
}

pub fn unknown_deployment(name: &str, known: &[String]) -> Diagnostic {
    let help = match known {
        [] => "This program declares none.".to_owned(),
        known => format!("This program has: {}.", known.join(", ")),
    };
    Diagnostic::without_place("unknown-deployment", format!("no deployment is called `{name}`"))
        .help(help)
}

pub fn which_deployment(known: &[String]) -> Diagnostic {
    Diagnostic::without_place("which-deployment", "this program has several deployments")
        .help(format!("Name one with --deployment: {}.", known.join(", ")))
}

/// A placement instance for which no plan was found; `is_proved`: there is none.
pub fn no_placement(path: &str, is_proved: bool) -> Diagnostic {
    let message = if is_proved {
        format!("{path} has no plan: some service can be placed nowhere")
    } else {
        format!("no plan that keeps every rule was found for {path}")
    };
    Diagnostic::without_place("placement-not-found", message)
        .help("Give it more time with --limit, or loosen a budget or a limit of an offer.")
}

/// The running plan is not of the instance that is said to have been before.
pub fn unfit_running(path: &str, was: &str, broken: &Violation, named: &Named) -> Diagnostic {
    Diagnostic::without_place("running-plan-unfit", format!("{path} is no plan of {was}"))
        .note(format!("By it, {}.", broken_rule(broken, named)))
        .help("Give --was the instance that the running plan was made for.")
}

fn broken_rule(broken: &Violation, named: &Named) -> String {
    let service = |s: &u32| &named.services[*s as usize];
    match broken {
        Violation::Malformed => "services or machines are missing".to_owned(),
        Violation::OfferNotAllowed { service: s, offer } => {
            format!("{} runs on offer {offer}, where it may not", service(s))
        }
        Violation::OverCapacity { offer } => format!("a machine of offer {offer} is too full"),
        Violation::TooManyPerNode { service: s, .. } => {
            format!("too many pods of {} are on one machine", service(s))
        }
        Violation::Replicas { service: s, placed } => {
            format!("{} has {placed} pods, which is not its count", service(s))
        }
        Violation::ZoneOverfull { service: s } => {
            format!("too many pods of {} are in one zone", service(s))
        }
        Violation::Conflict { a, b } => format!("{} is beside {}", service(a), service(b)),
        Violation::Apart { a, b } => format!("{} is without {}", service(a), service(b)),
        Violation::Far { a, b, region } => {
            format!("{} in region {region} is far from {}", service(a), service(b))
        }
        Violation::OfferLimit { offer } => format!("offer {offer} is bought beyond its limit"),
        Violation::OverBudget { budget, used } => {
            format!("{} is {used}, above its limit", named.budgets[*budget as usize])
        }
    }
}

/// A service that `--disrupt` names is not in the instance.
pub fn unknown_disrupted(name: &str) -> Diagnostic {
    let text = format!("--disrupt names {name}, and no service is called so");
    Diagnostic::without_place("unknown-disrupted", text)
        .help("Write the name of a service of the new instance, or a count alone for all.")
}

/// Services that one message names.
const MOST_NAMED: usize = 5;

/// Services by name, with the moves that are allowed and those of a plan that was found.
pub fn too_disruptive(path: &str, beyond: &[(&str, u32, u64)]) -> Diagnostic {
    let text = format!("no plan of {path} within the disruption budgets was found");
    let mut made = Diagnostic::without_place("disruption-exceeded", text);
    for (name, most, moves) in beyond.iter().take(MOST_NAMED) {
        made = made.note(format!("Without them {moves} of the pods of {name} move; {most} may."));
    }
    let each = beyond.iter().map(|(name, _, moves)| format!("--disrupt {name}={moves}"));
    let options = if beyond.len() > MOST_NAMED {
        format!("--disrupt {}", beyond.iter().map(|(_, _, moves)| *moves).max().unwrap_or(0))
    } else {
        each.collect::<Vec<_>>().join(" ")
    };
    made.help(format!("Allow more moves: {options}."))
}

pub fn stale_plan(path: &str) -> Diagnostic {
    Diagnostic::without_place("stale-plan", format!("{path} is a plan of something else"))
        .note("The deployment has changed since it was planned, or it is another one.")
        .help("Plan again: `eclexia plan FILE -o PLAN`.")
}

pub fn why_not_arguments() -> Diagnostic {
    Diagnostic::without_place("why-not-arguments", "why-not asks about a service and a choice")
        .help("For instance `eclexia why-not api fast shop.ecl`.")
}

/// A picture of a single edit.
pub fn plot_of_one_edit() -> Diagnostic {
    Diagnostic::without_place("what-if-edit", "only a sweep can be drawn, and this is one edit")
        .help("Write a sweep, `team.cost in 100..400USD/month`, or leave out --plot.")
}

pub fn frontier_of_one_metric(name: &str) -> Diagnostic {
    let shown: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let text = format!("a frontier is between two metrics, and both are `{shown}`");
    Diagnostic::without_place("frontier-metrics", text)
        .help("For instance `eclexia frontier cost carbon shop.ecl`.")
}

pub fn no_main(file: &str) -> Diagnostic {
    Diagnostic::without_place("no-main", format!("{file} has no `main` to run"))
        .help("Define `(defn main [world] …)`, or use `eclexia plan` for a deployment.")
}

/// A library without a function that C can call.
pub fn nothing_for_c(name: &str) -> Diagnostic {
    Diagnostic::without_place("nothing-for-c", format!("{name} has no function that C can call"))
        .help("Define one whose parameters and result are numbers, truths or texts.")
}

/// A machine that there is no code for.
pub fn unsupported_target(triple: &str) -> Diagnostic {
    Diagnostic::without_place("unsupported-target", format!("there is no code for `{triple}`"))
        .help("Use x86_64-unknown-linux-gnu or aarch64-unknown-linux-gnu.")
}

/// The C compiler that links, or what it says.
pub fn link_failed(program: &str, said: &str) -> Diagnostic {
    Diagnostic::without_place("link-failed", format!("`{program}` made no executable"))
        .note(said.trim())
        .help("Install a C compiler, or name yours in CC.")
}

/// A shared library that `run --link` names.
pub fn load_failed(library: &str, said: &str) -> Diagnostic {
    Diagnostic::without_place("load-failed", format!("`{library}` cannot be loaded"))
        .note(said.trim())
        .help("Give the path of a shared library, with a `/` in it.")
}

pub fn unknown_code(code: &str, nearest: &[&str]) -> Diagnostic {
    let found = Diagnostic::without_place("unknown-code", format!("there is no message `{code}`"));
    match nearest {
        [] => found.help("`eclexia explain` lists all codes."),
        near => found.help(format!("Did you mean {}?", near.join(" or "))),
    }
}

pub fn unknown_documentation(what: &str) -> Diagnostic {
    Diagnostic::without_place("unknown-documentation", format!("nothing is documented as `{what}`"))
        .help("`eclexia doc` lists all modules; `eclexia doc std.list` shows one.")
}

pub fn no_such_test(filter: &str) -> Diagnostic {
    Diagnostic::without_place("no-such-test", format!("no test has `{filter}` in its name"))
        .help("`eclexia test` without `--filter` shows the names of all tests.")
}

pub fn unknown_function(name: &str) -> Diagnostic {
    Diagnostic::without_place("unknown-function", format!("there is no function `{name}`"))
        .help("`eclexia bounds FILE` without a name shows all functions of the file.")
}

pub fn example_failed(example: &eclexia_interp::DocExample, shown: Option<&str>) -> Diagnostic {
    let expected = &example.expected;
    let found =
        Diagnostic::error("example-failed", example.span, "an example in this docstring is wrong");
    let found = found.here("documented here").note(format!("Example: {}", example.expr));
    match shown {
        Some(shown) => found
            .note(format!("It says `{expected}`, and gives `{shown}`."))
            .help("Correct the function, or what its example says."),
        None => found.help(format!("It should give `{expected}`, and fails.")),
    }
}

/// `lines` are those of a difference.
pub fn plan_differs(
    deployment: &str,
    place: Option<Span>,
    lines: &[String],
    file: &str,
) -> Diagnostic {
    let name: String = deployment.chars().take(MOST_OF_NAME).collect();
    let message = format!("the plan of `{name}` is not the one expected");
    let found = match place {
        Some(place) => {
            Diagnostic::error("plan-differs", place, message).here("planned as it is now")
        }
        None => Diagnostic::without_place("plan-differs", message),
    };
    found.note(lines.join("\n")).help(format!(
        "Where it is right as it is, `eclexia test --bless {file}` expects it from now on."
    ))
}

/// A plan is expected of what is no deployment.
pub fn golden_without_deployment(deployment: &str, file: &str) -> Diagnostic {
    let name: String = deployment.chars().take(MOST_OF_NAME).collect();
    let message = format!("there is no deployment `{name}` to plan");
    Diagnostic::without_place("plan-differs", message)
        .note("A plan of it is expected.")
        .help(format!("`eclexia test --bless {file}` expects none from now on."))
}

/// A file of golden plans that holds something else.
pub fn golden_format(file: &str, error: &serde_json::Error) -> Diagnostic {
    Diagnostic::without_place("golden-format", format!("{file} holds no golden plans"))
        .note(format!("{error}."))
        .help("`eclexia test --bless FILE.ecl` writes it anew, once it is out of the way.")
}

/// Of a name within a message, which is one line.
const MOST_OF_NAME: usize = 40;

pub fn no_thread(error: &Error) -> Diagnostic {
    Diagnostic::without_place("no-thread", format!("no thread could be started: {}", reason(error)))
        .help("Allow this process more memory or threads.")
}

fn reason(error: &Error) -> String {
    match error.kind() {
        ErrorKind::PermissionDenied => "permission denied".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::NotFound => "its folder does not exist".to_owned(),
        ErrorKind::IsADirectory => "it is a folder".to_owned(),
        ErrorKind::NotADirectory => "it is no folder".to_owned(),
        _ => error.to_string(),
    }
}

pub fn unknown_problem(name: &str) -> Diagnostic {
    let text = format!("{name} ends like no kind of problem that can be solved");
    Diagnostic::without_place("unknown-problem", text)
        .help("Name a .json, .mps or .vbp, a .txt with --initial, or a .csv with --nodes.")
}

/// A compressed file that is damaged, or a file that cannot be read after all.
pub fn cannot_unpack(path: &str, error: &Error) -> Diagnostic {
    match error.kind() {
        ErrorKind::InvalidInput | ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            Diagnostic::without_place("damaged-archive", format!("{path} cannot be unpacked"))
                .help("Fetch or compress it again; a name in `.gz` promises a gzip file.")
        }
        _ => cannot_read(path, error),
    }
}

pub fn problem_too_large(path: &str, most_mib: u64) -> Diagnostic {
    let text = format!("{path} holds more than {most_mib}MiB of text");
    Diagnostic::without_place("problem-too-large", text)
        .help("Leave out what does not bind, or solve it in parts.")
}

/// A line of an MPS file that is refused.
pub fn bad_mps(line: Span, fault: &Fault) -> Diagnostic {
    let at = |code, text: String| Diagnostic::error(code, line, text);
    match &fault.what {
        What::UnknownSection(word) => at("mps-section", format!("`{word}` begins no section"))
            .help("Sections are NAME, OBJSENSE, ROWS, COLUMNS, RHS, RANGES, BOUNDS and ENDATA."),
        What::Missing(section) => at("mps-section", format!("{section} has to come before this"))
            .help("The order is ROWS, COLUMNS, RHS, RANGES, BOUNDS, ENDATA."),
        What::Fields(expected) => at("mps-line", format!("this line should hold {expected}"))
            .help("Separate the fields by blanks, and begin the line with one."),
        What::UnknownKind(word) => at("mps-line", format!("`{word}` is no type that stands here"))
            .help("Rows are N, L, G or E; bounds UP, LO, FX, FR, MI, PL, BV, LI or UI."),
        What::Number(text) => at("mps-number", format!("`{text}` is not a number"))
            .help("Write a decimal number, such as -12.5 or 3e4."),
        What::TooLarge(text) => at("mps-number", format!("`{text}` is too large"))
            .help("Use other units, so that magnitudes stay below 1e20."),
        What::UnknownName(name) => at("mps-name", format!("`{name}` is no row or column so far"))
            .help("Declare rows under ROWS and columns under COLUMNS before they are used."),
        What::Repeated(name) => at("mps-name", format!("`{name}` is given twice"))
            .help("Take one of them out; entries of a column stand together."),
        What::SecondSet(name) => at("mps-name", format!("`{name}` is a second set"))
            .help("Keep one set of right-hand sides, of ranges and of bounds."),
        What::Unsupported(what) => at("mps-unsupported", format!("{what} are not supported"))
            .help("Write them with a whole column of 0 or 1 that switches the bound."),
        What::TooMany(what, most) => at("problem-too-large", format!("more than {most} {what}"))
            .help("Leave out what does not bind, or solve it in parts."),
    }
}

/// A number of a reassignment's file that is refused.
pub fn bad_reassignment(file: &str, fault: &integers::Fault) -> Diagnostic {
    Diagnostic::without_place("bad-reassignment", wrong_number(file, fault))
        .note(expected_number(fault))
        .help("See the format of the ROADEF/EURO challenge 2012; all numbers are integers from 0.")
}

fn wrong_number(file: &str, fault: &integers::Fault) -> String {
    format!("{file}: number {} is not as it should be", fault.number)
}

fn expected_number(fault: &integers::Fault) -> String {
    use integers::What;
    let found = match &fault.what {
        What::Number(word) => format!("it is `{word}`"),
        What::Ends => "the file ends before it".to_owned(),
        What::GoesOn => "the file goes on".to_owned(),
        What::Unknown(index) => format!("{index} is too large an index"),
        What::Overflow => "they could be larger".to_owned(),
        What::TooBig { line } => format!("line {line} of the items does not"),
        What::TooMany => "there are more".to_owned(),
    };
    format!("Expected the {}; {found}.", fault.expected)
}

/// The assignment to begin with breaks a rule.
pub fn broken_assignment(file: &str, broken: Broken) -> Diagnostic {
    let rule = match broken {
        Broken::Length => "it does not have one machine for each process".to_owned(),
        Broken::UnknownMachine { process } => format!("process {process} is on no machine"),
        Broken::Capacity { machine, resource } => {
            format!("machine {machine} has too little of resource {resource}")
        }
        Broken::Conflict { service, machine } => {
            format!("two processes of service {service} are on machine {machine}")
        }
        Broken::Spread { service } => format!("service {service} is in too few locations"),
        Broken::Dependency { service, on } => {
            format!("service {service} is where service {on}, which it depends on, is not")
        }
    };
    Diagnostic::without_place("broken-assignment", format!("{file} breaks a rule: {rule}"))
        .help("Begin with an assignment that keeps the rules of the instance.")
}

/// A number of a bin packing's file that is refused.
pub fn bad_packing(file: &str, fault: &integers::Fault) -> Diagnostic {
    Diagnostic::without_place("bad-packing", wrong_number(file, fault))
        .note(expected_number(fault))
        .help("Write dimensions, capacities, lines; then sizes and a count on each line.")
}

/// A packing that its own judge refuses is not printed.
pub fn broken_packing(file: &str, broken: bins::Broken) -> Diagnostic {
    let rule = match broken {
        bins::Broken::UnknownKind { bin, .. } => format!("bin {bin} holds what is not there"),
        bins::Broken::Count { kind } => format!("items of line {} are missing", kind + 1),
        bins::Broken::Capacity { bin, .. } => format!("bin {bin} is too full"),
    };
    Diagnostic::without_place("broken-packing", format!("the packing of {file} is wrong: {rule}"))
        .help("Report it with the file: the search and its judge disagree.")
}

/// What is wrong with an application or its offers.
pub fn bad_components(file: &str, fault: &components::Fault) -> Diagnostic {
    use components::Fault;
    let bad = |text: String| {
        Diagnostic::without_place("bad-components", text)
            .help("`eclexia explain bad-components` shows what is read.")
    };
    match fault {
        Fault::Json(why) => bad(format!("{file} or its offers cannot be read")).note(why.clone()),
        Fault::Type(kind) => {
            let text = format!("no restriction `{kind}` is known");
            Diagnostic::without_place("unknown-restriction", text)
                .help("The types that are read stand in docs/language/solve.md.")
        }
        Fault::Field { kind, field } => bad(format!("a restriction `{kind}` lacks `{field}`")),
        Fault::Name(name) => bad(format!("there is no component `{name}`")),
        Fault::Twice(name) => bad(format!("there are two components `{name}`")),
        Fault::Number { what, least, most } => bad(format!("{what} is not as it should be"))
            .note(format!("Expected a whole number from {least} to {most}.")),
        Fault::TooMany(what, most) => {
            Diagnostic::without_place("problem-too-large", format!("more than {most} {what}"))
                .help("Leave out what does not bind, or solve it in parts.")
        }
    }
}

/// Too many sets of components may share a machine.
pub fn too_many_sets(file: &str, large: TooLarge) -> Diagnostic {
    let text = format!("{file} has more than {} {}", large.limit, large.what);
    Diagnostic::without_place("problem-too-large", text)
        .help("Leave out what does not bind, or solve it in parts.")
}

/// No machines run an application.
pub fn no_machines(file: &str, is_proved: bool) -> Diagnostic {
    let text = if is_proved {
        format!("no machines on offer run {file} by its restrictions")
    } else {
        format!("no deployment was found for {file}")
    };
    Diagnostic::without_place("no-machines", text)
        .help("Loosen a bound or a conflict, or offer larger machines.")
}

/// A line of a list of pods or of machines that is refused.
pub fn bad_trace(line: Span, fault: &trace::Fault) -> Diagnostic {
    use trace::What;
    let bad = |text: String| Diagnostic::error("bad-trace", line, text);
    let columns = match fault.table {
        trace::Table::Machines => trace::MACHINE_COLUMNS.join(", "),
        trace::Table::Pods => trace::POD_COLUMNS.join(", "),
    };
    match &fault.what {
        What::Column(name) => bad(format!("there is no column `{name}`"))
            .help(format!("Begin with a line that names {columns}, in any order.")),
        What::Fields { found, expected } => {
            bad(format!("this line has {found} fields, and the first one {expected}"))
                .help("Write a field for every column, if only an empty one.")
        }
        What::Number { column, found, least, most } => bad(format!("`{column}` is `{found}`"))
            .help(format!("Write a whole number from {least} to {most}.")),
        What::Part => bad("this pod asks for parts of several GPUs".to_owned())
            .help("Write 1000 as `gpu_milli` where `num_gpu` is more than 1."),
        What::Csv(why) => bad("this is no line of comma-separated values".to_owned())
            .note(why.clone())
            .help(format!("Write a field for each of {columns}, with commas between.")),
        What::TooMany(what, most) => {
            Diagnostic::error("problem-too-large", line, format!("more than {most} {what}"))
                .help("Leave out what does not bind, or solve it in parts.")
        }
    }
}

/// A replay that its own judge refuses is not printed.
pub fn broken_trace(file: &str, broken: arrivals::Broken) -> Diagnostic {
    use arrivals::Broken;
    let (arrival, rule) = match broken {
        Broken::Unknown { arrival } => (arrival, "is no pod of the list"),
        Broken::Nowhere { arrival } => (arrival, "is on a machine or GPU that is not there"),
        Broken::Devices { arrival } => (arrival, "has other GPUs than it asks for"),
        Broken::Full { arrival } => (arrival, "is on a machine that is too full"),
        Broken::Refused { arrival, .. } => (arrival, "would have fitted somewhere"),
    };
    let text = format!("the placement of {file} is wrong: arrival {} {rule}", arrival + 1);
    Diagnostic::without_place("broken-trace", text)
        .help("Report it with the file: the replay and its judge disagree.")
}

/// A command of the prompt that cannot be followed, and one that can.
pub fn repl_command(message: &str, instead: &str) -> Diagnostic {
    let message: String = message.chars().take(80).collect();
    Diagnostic::without_place("repl-command", message).help(format!("Try `{instead}`."))
}

/// An editor that could not be started, or ended badly.
pub fn editor_failed(editor: &str, error: &Error) -> Diagnostic {
    let editor: String = editor.chars().take(30).collect();
    Diagnostic::without_place("editor-failed", format!("the editor `{editor}` did not end well"))
        .note(reason(error))
        .help("Name another in $EDITOR: EDITOR=vi eclexia repl.")
}

/// The file by which Jupyter says where a kernel is to listen.
pub fn bad_connection_file(path: &str, why: &str) -> Diagnostic {
    Diagnostic::without_place("bad-connection-file", format!("{path} is no connection file"))
        .note(why)
        .help("Jupyter writes it and starts the kernel: `jupyter console --kernel eclexia`.")
}

/// `named`: the folder that was to have the page.
pub fn no_playground(named: Option<&str>) -> Diagnostic {
    let text = match named {
        Some(folder) => format!("{folder} does not hold the page of the playground"),
        None => "the page of the playground is not built".to_owned(),
    };
    Diagnostic::without_place("no-playground", text)
        .note("It holds the compiler as WebAssembly, which is built apart from this command.")
        .help(
            "In the source of Eclexia: `rustup target add wasm32-unknown-unknown && \
             cargo xtask playground`; elsewhere name its folder with `--site`.",
        )
}

/// A port that cannot be listened at.
pub fn cannot_listen(address: &str, error: &Error) -> Diagnostic {
    let text = format!("cannot listen at {address}: {}", reason(error));
    Diagnostic::without_place("cannot-listen", text)
        .help("Take another port, or none, so that a free one is found.")
}

/// What an observer said to an event that was made to try it out.
pub fn delivery_failed(name: &str, why: &str) -> Diagnostic {
    let name: String = name.chars().take(32).collect();
    Diagnostic::without_place("delivery-failed", format!("`{name}` did not accept a test"))
        .note(format!("What came back: {why}."))
        .help("see that it runs and takes CloudEvents; `eclexia observe list` shows its address")
}

pub fn already_delivered() -> Diagnostic {
    let text = "another process tells observers already";
    Diagnostic::without_place("already-delivered", text)
        .note("two would tell everything twice, and out of order")
        .help("leave it to that one (`eclexia serve`, or another `observe run`), or end it")
}

/// A program that was to run within bounds, and could not be begun.
pub fn cannot_run_untrusted(error: &Error) -> Diagnostic {
    let text = "the program cannot be run within bounds here";
    Diagnostic::without_place("cannot-run-untrusted", text)
        .note(format!("The reason: {}.", reason(error)))
        .help("`eclexia status` says which limits this machine has; see docs/deploying.md.")
}

/// A server that others reach, and whose words anybody on the way can read.
pub fn plain_to_all(address: &str) -> Diagnostic {
    let text = format!("{address} is reached by other machines, and there is no TLS");
    Diagnostic::without_place("unprotected-listener", text)
        .note("Whoever reads a token on its way may do what it allows.")
        .help("Give --tls-cert and --tls-key, or --plain where something before it has TLS.")
}

/// No service, job or replica of this name runs.
pub fn no_service(name: &str, known: &[String]) -> Diagnostic {
    let found = Diagnostic::without_place(
        "nothing-deployed",
        format!("no service or job `{name}` runs here"),
    );
    match known {
        [] => found.help("`eclexia apply FILE` deploys something."),
        known => found.help(format!("There are: {}.", known.join(", "))),
    }
}

pub fn no_job(name: &str, known: &[String]) -> Diagnostic {
    let found =
        Diagnostic::without_place("unknown-job", format!("no job `{name}` is deployed here"));
    match known {
        [] => found.help("`eclexia apply FILE` deploys something; a job is declared by `defjob`"),
        known => found.help(format!("there are: {}", known.join(", "))),
    }
}

pub fn never_deployed(name: Option<&str>, known: &[String]) -> Diagnostic {
    let text = match name {
        Some(name) => format!("nothing was ever deployed here under the name `{name}`"),
        None => "nothing was ever deployed here".to_owned(),
    };
    let found = Diagnostic::without_place("nothing-deployed", text);
    match known {
        [] => found.help("`eclexia apply FILE` deploys something."),
        known => found.help(format!("There are: {}.", known.join(", "))),
    }
}

/// A version that did not come about. `words`: services that were not ready, each with what it
/// wrote last; `kept`: the version that runs on.
pub fn not_deployed(
    (deployment, number): (&str, u32),
    why: &str,
    words: &[(String, Option<String>)],
    kept: Option<u32>,
) -> Diagnostic {
    let text = format!("version {number} of `{deployment}` did not come about");
    let mut found =
        Diagnostic::without_place("not-deployed", text).note(format!("The reason: {why}."));
    for (service, word) in words {
        if let Some(word) = word {
            found = found.note(format!("The last line that `{service}` wrote: {word}"));
        }
    }
    if let Some(kept) = kept {
        found = found.note(format!("Version {kept} runs on."));
    }
    let history = format!("`eclexia history {deployment} --events` shows all that happened");
    found.help(match words.iter().find(|(_, word)| word.is_some()) {
        Some((service, _)) => format!("`eclexia logs {service}` shows what it wrote, {history}"),
        None => history,
    })
}

pub fn no_logs(service: &str) -> Diagnostic {
    let text = format!("no service called `{service}` has written anything");
    Diagnostic::without_place("no-logs", text).help("`eclexia status` shows the services here")
}

/// `what`: a word or a file of values for settings.
pub fn bad_settings(what: &str, why: &str) -> Diagnostic {
    let text = "the values for settings cannot be read";
    Diagnostic::without_place("bad-settings", text)
        .note(format!("In {what}: {why}."))
        .help("Write `--set workers=4`, or lines as `workers = 4` into a file in TOML.")
}

pub fn no_hook_logs(deployment: &str) -> Diagnostic {
    let text = format!("no hook of `{deployment}` has written anything");
    Diagnostic::without_place("no-logs", text)
        .help(format!("`eclexia history {deployment} --events` shows whether any has run"))
}

pub fn bad_deployment_name(name: &str) -> Diagnostic {
    let short: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    let text = format!("`{short}` cannot name a deployment");
    Diagnostic::without_place("bad-deployment-name", text)
        .help("use lower-case letters, digits, `-` and `_`, beginning with a letter")
}

/// So many packages would be deployed first.
pub fn dependencies_first(count: usize) -> Diagnostic {
    let text = match count {
        1 => "a package that it needs must be deployed first, and its hours are not now".to_owned(),
        n => format!("{n} packages that it needs must be deployed first, and not now"),
    };
    Diagnostic::without_place("dependencies-first", text)
        .note("What is deployed in order is waited for, and nobody waits for hours.")
        .help("apply what it needs first, or apply it while the window is open")
}

/// `names`: of the keys that are here.
pub fn which_key(names: &[String]) -> Diagnostic {
    let text = match names {
        [] => "there is no key to sign with",
        _ => "there are several keys, and none is named",
    };
    let help = match names {
        [] => "Make one: `eclexia key new NAME`.".to_owned(),
        names => format!("Name one with --key: {}.", names.join(", ")),
    };
    Diagnostic::without_place("no-key", text).help(help)
}

/// What is to be shipped is a link, or no file at all.
pub fn cannot_ship(path: &str) -> Diagnostic {
    Diagnostic::without_place("package-link", format!("{path} is no plain file"))
        .note("A package holds plain files only: what a link points to is not in it.")
        .help("Copy what it points to in its place.")
}
