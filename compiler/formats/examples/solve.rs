//! Development: `solve FILE [--limit S]` without the command around it.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::disallowed_methods)]
use eclexia_optimizer::placement::*;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let limit: f64 = args.get(3).map_or(1.0, |a| a.parse().unwrap());
    let start = std::time::Instant::now();
    let named = eclexia_formats::read(&std::fs::read(&args[1]).unwrap()).unwrap();
    let tables = Tables::new(&named.instance);
    let stop = || start.elapsed().as_secs_f64() > limit;
    let limits = Limits { stop: &stop };
    let zero = vec![0.0; named.instance.budgets.len()];
    let mut ann = Annealing::new(&tables, &zero, 1);
    ann.build();
    eprintln!("{:.3}s built {}", start.elapsed().as_secs_f64(), ann.show());
    let mut steps = 2000;
    while ann.round(steps, &limits) {
        eprintln!("{:.3}s {} best {:?} {}", start.elapsed().as_secs_f64(), steps, ann.best.as_ref().map(|b| b.objective), ann.show());
        ann.reprice();
        steps = (steps * 3 / 2).min(40000);
    }
    if let Some(b) = &ann.best {
        let e = evaluate(&named.instance, &b.solution);
        eprintln!("{} checked {} {:?}", b.objective, e.figures.objective, e.violations);
        let out = eclexia_formats::Outcome { solution: &b.solution, bound: 0.0, seconds: start.elapsed().as_secs_f64(), prices: &zero };
        println!("{}", eclexia_formats::write(&named, &out));
    }
}
