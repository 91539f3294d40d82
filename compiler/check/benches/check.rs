//! Read, resolve and check 100,000 generated lines.

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write;
use std::hint::black_box;
use support::{check, on_big_stack};

/// A program of `lines` lines: functions over lists, records, matches, units, that call earlier
/// ones.
fn program(lines: usize) -> String {
    let mut out = String::from("(defrecord Point {:x Float :y Float := 0.0})\n");
    out.push_str("(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)))\n");
    for i in 0..lines / 10 {
        let before = i.saturating_sub(1);
        let _ = write!(
            out,
            "(defn sum{i} [t]
  (match t
    [Leaf 0]
    [(Node l x r) (+ x (sum{i} l) (sum{i} r))]))
(defn area{i} [p scale]
  (let [w (* (.x (the Point p)) scale)
        h (+ (.y p) 1.0)]
    (if (< w h) (* w h) (area{before} p 2.0))))
(defn count{i} [xs n]
  (match xs [Nil n] [(Cons _ rest) (count{i} rest (+ n 1))]))
"
        );
    }
    out
}

fn bench(c: &mut Criterion) {
    const LINES: usize = 100_000;
    let text = program(LINES);
    let lines = text.lines().count() as u64;
    let mut group = c.benchmark_group("check");
    group.sample_size(10).throughput(Throughput::Elements(lines));
    group.bench_function("read, resolve and check 100,000 lines", |b| {
        b.iter(|| {
            let text = text.clone();
            let errors = on_big_stack(move || {
                let checked = check(&text);
                checked.diagnostics.iter().filter(|d| d.is_error()).count()
            });
            assert_eq!(black_box(errors), 0);
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
