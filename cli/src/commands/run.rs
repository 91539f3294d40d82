//! `run [FILE] [ARGS]`: calls `main`.

use super::program::load_checked;
use super::{Ended, Stop};
use crate::args::RunArgs;
use crate::console::{Console, Exit};
use crate::world::World;
use crate::{diagnostics, interrupt};
use eclexia_base::Name;
use eclexia_interp::Options;

pub fn run(console: &Console, args: &RunArgs) -> Ended {
    let path = crate::project::program(args.file.as_deref())?;
    let mut loaded = load_checked(console, &path)?;
    let interrupt = interrupt::flag();
    let mut world = World::new(console);
    let options = Options {
        max_steps: args.max_steps,
        interrupt: Some(interrupt.clone()),
        ..Options::default()
    };
    let mut evaluator = loaded.session.evaluator(options, &mut world);
    let result = evaluator.run_main(loaded.module, &args.args);
    drop(evaluator);
    world.flush();
    match result {
        None => Err(diagnostics::no_main(&loaded.name).into()),
        Some(Ok(value)) => {
            let program = &loaded.session.program;
            let failed = program.lang.ctors.get(&Name::new("Err")).map(|ctor| ctor.0);
            match value.as_data() {
                Some(data) if Some(data.ctor) == failed => {
                    Err(diagnostics::main_failed(&loaded.session.show(&value)).into())
                }
                _ => Ok(Exit::Done),
            }
        }
        Some(Err(failure)) => {
            let exit = console.report(&[*failure], &loaded.session.sources);
            let was_interrupted = interrupt.load(std::sync::atomic::Ordering::Relaxed);
            Err(Stop::Reported(if was_interrupted { Exit::Interrupted } else { exit }))
        }
    }
}
