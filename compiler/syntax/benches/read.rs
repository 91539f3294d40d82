//! How fast text becomes a tree: lex, and lex + balance + read, over 100,000 generated lines.
//! Also a broken text of the same size (one bracket missing in every hundredth definition), and
//! ten megabytes of opening brackets.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eclexia_base::FileId;
use std::fmt::Write;
use std::hint::black_box;

const LINES: usize = 100_000;
const FILE: FileId = FileId(0);

/// Plausible source of [`LINES`] lines: functions, matches, services and comments by turns.
fn source() -> String {
    let mut text = String::new();
    let mut lines = 0;
    let mut index = 0;
    while lines < LINES {
        let start = text.len();
        definition(index, &mut text);
        lines += text[start..].matches('\n').count();
        index += 1;
    }
    text
}

fn definition(n: usize, text: &mut String) {
    let _ = match n % 4 {
        0 => write!(
            text,
            "; Area number {n}, in square metres.\n\
             (sig area-{n} (Fn [Float Float] Float))\n\
             (defn area-{n} \"Area of a rectangle.\" [width height]\n  \
               (let [scaled (* width {n}.5) depth (+ height 1.0)]\n    \
                 (if (< scaled depth)\n      \
                   (* scaled depth 1e-3)\n      \
                   (- (* scaled scaled) (* depth {n}.0)))))\n\n"
        ),
        1 => write!(
            text,
            "(deftype (Tree-{n} a) Leaf (Node (Tree-{n} a) a (Tree-{n} a)))\n\
             (defn sum-{n} [tree]\n  \
               (match tree\n    \
                 [Leaf {n}]\n    \
                 [(Node left x right) :when (> x {n}) (+ x (sum-{n} left) (sum-{n} right))]\n    \
                 [(Node left _ right) (+ (sum-{n} left) (sum-{n} right))]))\n\n"
        ),
        2 => write!(
            text,
            "(defservice api-{n}\n  \
               {{:image    \"registry.example.org/api:{n}\"\n   \
                :replicas (between 2 6)\n   \
                :needs    [db-{n} cache-{n}]\n   \
                :requires {{:cpu 250mcpu :memory 512MiB}} ; per replica\n   \
                :demand   {n}req/s\n   \
                :health   (http \"/health\" :every 15s)}})\n\n"
        ),
        _ => write!(
            text,
            "(defn fold-{n} [xs]\n  \
               (loop [i 0 total 0 rest xs]\n    \
                 #_(print \"step\" i)\n    \
                 (if (< i (list/length &rest))\n      \
                   (recur (+ i 1) (+ total {n}) (list/tail rest))\n      \
                   total)))\n\n"
        ),
    };
}

fn broken(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for (index, form) in text.split_inclusive("\n\n").enumerate() {
        match form.rfind(')').filter(|_| index % 100 == 50) {
            Some(at) => result.extend([&form[..at], &form[at + 1..]]),
            None => result.push_str(form),
        }
    }
    result
}

fn benches(criterion: &mut Criterion) {
    let text = source();
    let wrong = broken(&text);
    let deep = "(".repeat(10_000_000);
    let mut group = criterion.benchmark_group("syntax");
    group.sample_size(10).throughput(Throughput::Elements(LINES as u64));
    group.bench_function("lex 100,000 lines", |b| {
        b.iter(|| eclexia_syntax::lex(FILE, black_box(&text)));
    });
    group.bench_function("lex+read 100,000 lines", |b| {
        b.iter(|| eclexia_syntax::read(FILE, black_box(&text)));
    });
    group.bench_function("lex+read 100,000 lines, every 100th form broken", |b| {
        b.iter(|| eclexia_syntax::read(FILE, black_box(&wrong)));
    });
    group.throughput(Throughput::Bytes(deep.len() as u64));
    group.bench_function("10 MB of opening brackets", |b| {
        b.iter(|| eclexia_syntax::read(FILE, black_box(&deep)));
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
