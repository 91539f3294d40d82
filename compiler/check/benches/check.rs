//! Read, resolve and check generated lines, linear code among them: 10,000, 100,000, 1,000,000.

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write;
use std::hint::black_box;
use support::{check, on_big_stack};

/// A program of `lines` lines: functions over lists, records, matches, units, and over linear ones
/// in branches, loops and borrows, that call earlier ones.
fn program(lines: usize) -> String {
    let mut out = String::from("(defrecord Point {:x Float :y Float := 0.0})\n");
    out.push_str("(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)))\n");
    out.push_str(
        "(deftype Lease :linear (Lease Int))
(sig port (Fn [(& Lease)] Int))
(defn port [l] (match l [(Lease n) n]))
(defn release [l] (match l [(Lease n) n]))\n",
    );
    for i in 0..lines / 20 {
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
(defn renew{i} [l n]
  (let [next (Lease (port &l))]
    (if (< n 3)
      (do (release l) next)
      (do (release next) l))))
(defn drain{i} [ls total]
  (match ls
    [Nil total]
    [(Cons l rest) (drain{i} rest (+ total (release l)))]))
"
        );
    }
    out
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    for size in [10_000, 100_000, 1_000_000] {
        let text = program(size);
        let lines = text.lines().count() as u64;
        group.sample_size(10).throughput(Throughput::Elements(lines));
        group.bench_function(format!("read, resolve and check {size} lines"), |b| {
            b.iter(|| {
                let text = text.clone();
                let errors = on_big_stack(move || {
                    let checked = check(&text);
                    checked.diagnostics.iter().filter(|d| d.is_error()).count()
                });
                assert_eq!(black_box(errors), 0);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
