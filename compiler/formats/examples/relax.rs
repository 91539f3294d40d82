//! Development: the relaxation alone.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::disallowed_methods)]
use eclexia_optimizer::placement::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limit: f64 = args.get(3).map_or(1.0, |a| a.parse().unwrap());
    let start = std::time::Instant::now();
    let named = eclexia_formats::read(&std::fs::read(&args[1]).unwrap()).unwrap();
    let tables = Tables::new(&named.instance);
    let markets = Markets::new(&tables);
    let stop = || start.elapsed().as_secs_f64() > limit;
    let limits = Limits { stop: &stop };
    let mut cg = Generation::new(&tables, &markets);
    let zero = vec![0.0; named.instance.budgets.len()];
    let mut ann = Annealing::new(&tables, &zero, 1);
    ann.build();
    ann.round(args.get(4).map_or(1000, |a| a.parse().unwrap()), &limits);
    cg.seed(&ann.plan());eprintln!("{:.3} {}", start.elapsed().as_secs_f64(), ann.show());
    cg.run(1e-4, &limits, &|cg| eprintln!("{:.3} {}", start.elapsed().as_secs_f64(), cg.status()));
    eprintln!("{:.3} {}", start.elapsed().as_secs_f64(), cg.status());
}
