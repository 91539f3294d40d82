//! `run [FILE] [ARGS]`: calls `main`.

use super::program::load_checked;
use super::untrusted;
use super::{Ended, Stop};
use crate::args::{RunArgs, RunEngine};
use crate::console::{Console, Exit};
use crate::engine::Compiled;
use crate::world::{Choice, World};
use crate::{diagnostics, interrupt};
use eclexia_base::Name;
use eclexia_interp::Options;
use eclexia_rt::external;
use serde_json::json;
use std::time::Instant;

pub fn run(console: &Console, args: &RunArgs) -> Ended {
    if args.untrusted {
        return untrusted::run(console, args);
    }
    let path = crate::project::program(args.file.as_deref())?;
    let mut loaded = load_checked(console, &path)?;
    for library in &args.link {
        external::load(library).map_err(|why| diagnostics::load_failed(library, &why))?;
    }
    let interrupt = interrupt::flag();
    let standard = Options::default();
    let options = Options {
        max_steps: args.max_steps,
        max_memory: args.max_memory.unwrap_or(standard.max_memory),
        // What no clock counts to never comes.
        deadline: args.deadline.and_then(|time| Instant::now().checked_add(time)),
        interrupt: Some(interrupt.clone()),
        ..standard
    };
    let mut world = World::new(console).until(options.deadline);
    if args.explain_choices {
        world = world.explaining();
    }
    let mut engine = match args.engine {
        Some(RunEngine::Interpreter) => None,
        Some(RunEngine::Jit) | None => Compiled::new().map(|made| made.with_map(args.perf_map)),
    };
    let mut evaluator = loaded.session.evaluator(options, &mut world);
    if let Some(engine) = &mut engine {
        evaluator.set_engine(engine);
    }
    let result = evaluator.run_main(loaded.module, &args.args);
    let report = eclexia_native::start::reports().then(|| evaluator.report());
    drop(evaluator);
    world.flush();
    if let Some(report) = report {
        console.err(&format!("{report}\n"));
    }
    let choices = world.choices();
    drop(world);
    explain_choices(console, args.explain_choices, &choices);
    match result {
        None => Err(diagnostics::no_main(&loaded.name).into()),
        Some(Ok(value)) => {
            let program = &loaded.session.program;
            let failed = program.lang.ctors.get(&Name::new("Err")).map(|ctor| ctor.0);
            match value.as_data() {
                Some(data) if Some(data.ctor) == failed => {
                    Err(eclexia_native::start::main_failed(&loaded.session.show(&value)).into())
                }
                _ => Ok(Exit::Done),
            }
        }
        Some(Err(failure)) => {
            let was_interrupted = interrupt.load(std::sync::atomic::Ordering::Relaxed);
            if failure.code == "interrupted" && interrupt::is_terminated() {
                return Err(Stop::Reported(Exit::Interrupted));
            }
            let exit = console.report(&[*failure], &loaded.session.sources);
            Err(Stop::Reported(if was_interrupted { Exit::Interrupted } else { exit }))
        }
    }
}

/// A paragraph for each distinct choice: who chose what, and the verdict on every variant.
fn explain_choices(console: &Console, is_asked: bool, choices: &[(Choice, u64)]) {
    if !is_asked {
        return;
    }
    for (choice, count) in choices {
        let lines: Vec<(&str, &str)> =
            choice.candidates.lines().filter_map(|line| line.split_once(": ")).collect();
        let chosen = usize::try_from(choice.chosen).ok().and_then(|at| lines.get(at));
        let name = chosen.map(|(name, _)| *name);
        if console.global.json {
            let variants: Vec<_> = lines
                .iter()
                .map(|(name, verdict)| json!({"name": name, "verdict": verdict}))
                .collect();
            console.json(&json!({
                "format": "eclexia-choice/1", "function": choice.function, "chosen": name,
                "times": count, "variants": variants,
            }));
            continue;
        }
        let times = if *count == 1 { String::new() } else { format!(" ({count} times)") };
        let head = match name {
            Some(name) => format!("`{}` chose \"{name}\"{times}\n", choice.function),
            None => format!("`{}` has no variant within its limits\n", choice.function),
        };
        let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
        let mut text = head;
        for (at, (name, verdict)) in lines.iter().enumerate() {
            let is_chosen = usize::try_from(choice.chosen).is_ok_and(|chosen| chosen == at);
            let mark = if is_chosen { '→' } else { ' ' };
            text.push_str(&format!("  {mark} {name:width$}  {verdict}\n"));
        }
        console.out(&text);
    }
    if choices.is_empty() && !console.global.json {
        console.say("No adaptive function was called.\n");
    }
}
