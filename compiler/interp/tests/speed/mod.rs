//! How long programs take, printed; run by hand: `cargo test --release -p eclexia-interp --test
//! run speed -- --ignored --nocapture`.

use crate::support::Session;
use eclexia_interp::{Evaluator, Globals, Options};
use eclexia_rt::Hermetic;

const PROGRAMS: [(&str, &str); 5] = [
    (
        "fib 30",
        "(defn fib [n] (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
         (defn main [_] (print (fib 30)))",
    ),
    (
        "loop of 10 million",
        "(defn main [_] (print (loop [i 0 s 0] (if (< i 10000000) (recur (+ i 1) (+ s i)) s))))",
    ),
    (
        "map and sum of a million in lists",
        "(defn main [_] (print (list/sum (list/map inc (list/range 0 1000000)))))",
    ),
    (
        "a vector of 200,000, sorted",
        "(defn main [_]
           (print (vector/length
             (vector/sort (vector/map (fn [n] (rem (* n 7919) 10007)) (vector/range 0 200000))))))",
    ),
    (
        "a map of 200,000 counts",
        "(defn main [_]
           (print (map/size
             (map/frequencies (vector/map (fn [n] (rem n 5000)) (vector/range 0 200000))))))",
    ),
];

#[test]
#[ignore = "measures; run by hand"]
fn programs_take_their_time() {
    for (name, text) in PROGRAMS {
        let mut session = Session::new();
        let module = session.module("main", text).expect("it checks");
        let (mut globals, mut effects) = (Globals::new(), Hermetic::default());
        let start = std::time::Instant::now();
        let (program, typed) = (&session.program, &session.typed);
        let options = Options::default();
        let mut evaluator = Evaluator::new(program, typed, &mut globals, options, &mut effects);
        let result = evaluator.run_main(module, &[]).expect("it has a main");
        let steps = evaluator.steps();
        let seconds = start.elapsed().as_secs_f64();
        assert!(result.is_ok(), "{name} failed");
        use std::io::Write;
        let line =
            format!("{name}: {seconds:.3} s, {steps} steps, printed {:?}\n", effects.printed);
        std::io::stdout().write_all(line.as_bytes()).expect("output");
    }
}
