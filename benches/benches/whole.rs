//! Whole processes, start to exit: `check` and `plan` on every example, with the release binary.

use criterion::{Criterion, criterion_group, criterion_main};
use eclexia_benches::{eclexia, examples, run};

fn whole_processes(c: &mut Criterion) {
    let program = eclexia();
    for verb in ["check", "plan"] {
        let mut group = c.benchmark_group(verb);
        group.sample_size(30);
        for (name, deploys) in examples() {
            if verb == "plan" && !deploys {
                continue;
            }
            let path = format!("examples/{name}");
            group.bench_function(&name, |b| b.iter(|| run(&program, &[verb, &path])));
        }
        group.finish();
    }
}

criterion_group!(benches, whole_processes);
criterion_main!(benches);
