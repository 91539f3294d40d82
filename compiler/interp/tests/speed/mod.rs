//! How long the programs of the peer benches take in the interpreter, printed; run by hand: `cargo
//! test --release -p eclexia-interp --test run speed -- --ignored --nocapture`.

use crate::support::Session;
use eclexia_interp::{Evaluator, Globals, Options};
use eclexia_rt::Hermetic;
use std::io::Write;
use std::path::Path;

/// Name, argument, and what is printed.
const PROGRAMS: [(&str, &str, &str); 13] = [
    ("fib", "34", "5702887"),
    ("tak", "8", "9"),
    ("nqueens", "10", "724"),
    ("bintrees", "12", ""),
    ("nbody", "200000", ""),
    ("spectral", "300", ""),
    ("mandelbrot", "256", ""),
    ("sieve", "500000", ""),
    ("wordcount", "200000", ""),
    ("rbmap", "100000", ""),
    ("msort", "200000", ""),
    ("deepsum", "200000", ""),
    ("interp", "22", ""),
];

#[test]
#[ignore = "measures; run by hand"]
fn programs_take_their_time() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/peers");
    let only = std::env::var("ONLY").unwrap_or_default();
    for (name, argument, expected) in PROGRAMS {
        if !name.contains(&only) {
            continue;
        }
        let text = std::fs::read_to_string(folder.join(format!("{name}.ecl"))).expect("a program");
        let mut session = Session::new();
        let module = session.module("main", &text).expect("it checks");
        let (mut globals, mut effects) = (Globals::new(), Hermetic::default());
        let start = std::time::Instant::now();
        let (program, typed) = (&session.program, &session.typed);
        let options = Options::default();
        let mut evaluator = Evaluator::new(program, typed, &mut globals, options, &mut effects);
        let result = evaluator.run_main(module, &[argument.to_owned()]).expect("it has a main");
        let steps = evaluator.steps();
        let seconds = start.elapsed().as_secs_f64();
        assert!(result.is_ok(), "{name} failed");
        assert!(expected.is_empty() || effects.printed == [expected], "{:?}", effects.printed);
        let line =
            format!("{name} {argument}: {seconds:.3} s, {steps} steps, {:?}\n", effects.printed);
        std::io::stdout().write_all(line.as_bytes()).expect("output");
    }
}
