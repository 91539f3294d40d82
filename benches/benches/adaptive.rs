//! What a choice among three variants takes in machine code: a loop that chooses each time, so the
//! loop and the call are in it.

mod native;

use criterion::{Criterion, criterion_group, criterion_main};
use native::{compile, load, lower, named};
use std::time::Instant;

const PROGRAM: &str = r#"
(import std.adaptive)
(defadaptive pick [n] {:minimize {:energy 1.0 :latency 2.0 :carbon 0.5}}
  (variant "large" :when (> n 1000) {:energy 5J :latency 3ms} 1)
  (variant "plain" {:energy 1J :latency 9ms} 2)
  (variant "small" :when (< n 10) {:energy 0.5J :latency 20ms :carbon 0.001gCO2e} 3))
(defn choose-often [n sum]
  (if (= n 0) sum (choose-often (- n 1) (+ sum (pick n)))))
"#;

fn bench(c: &mut Criterion) {
    let (session, module) = load(PROGRAM);
    let (ir, func) = lower(&session, named(&session, module, "choose-often"));
    let (mut jit, mut context) = compile(&session, &ir);
    c.bench_function("a choice among three variants", |b| {
        b.iter_custom(|rounds| {
            let begin = Instant::now();
            let ended = jit.call(&mut context, &ir, func, &[rounds, 0]);
            assert!(ended.is_ok(), "{ended:?}");
            begin.elapsed()
        });
    });
}

fn on_a_large_stack(_: &mut Criterion) {
    native::on_a_large_stack(|| bench(&mut Criterion::default().configure_from_args()));
}

criterion_group!(benches, on_a_large_stack);
criterion_main!(benches);
