//! Development: relaxation, then search.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::disallowed_methods)]
use eclexia_optimizer::placement::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limit: f64 = args.get(3).map_or(1.0, |a| a.parse().unwrap());
    let start = std::time::Instant::now();
    let named = eclexia_formats::read(&std::fs::read(&args[1]).unwrap()).unwrap();
    let tables = Tables::new(&named.instance);
    let markets = Markets::new(&tables);
    let stop = || start.elapsed().as_secs_f64() > (limit * 0.3).min(4.0);
    let limits = Limits { stop: &stop };
    let mut cg = Generation::new(&tables, &markets);
    cg.run(1e-3, &limits, &|_| {});
    eprintln!("{:.3} {}", start.elapsed().as_secs_f64(), cg.status());
    let stop = || start.elapsed().as_secs_f64() > limit;
    let limits = Limits { stop: &stop };
    let mut ann = Annealing::new(&tables, &cg.best.budgets, 1);
    if args.len() < 5 { ann.advise(cg.advice(0.02)); }
    ann.build();
    eprintln!("{:.3}s built {}", start.elapsed().as_secs_f64(), ann.show());
    let mut steps = 2000;
    while ann.round(steps, &limits) {
        eprintln!("{:.3}s {} best {:?} {}", start.elapsed().as_secs_f64(), steps, ann.best.as_ref().map(|b| b.objective), ann.show());
        ann.reprice();
        steps = (steps * 2).min(400000);
    }
    let b = ann.best.as_ref().unwrap();
    println!("{} gap {:.3}%", b.objective, 100.0 * (b.objective - cg.bound) / b.objective);
}
