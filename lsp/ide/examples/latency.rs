//! `latency LINES`: a made project of about so many lines in files of 500, and the time of each
//! question at 200 places: the median and the 95th percentile, in milliseconds. Each is asked five
//! times and the shortest counts, so that other work on the machine is left out.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an example stands for the command"
)]

use eclexia_base::{FileId, Span};
use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Workspace};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LINES_PER_FILE: usize = 500;
const PLACES: usize = 200;
const TIMES: usize = 5;

/// A question about a place.
type Ask = fn(&Analysis, FileId, u32);

const QUESTIONS: &[(&str, Ask)] = &[
    ("hover", |a, f, at| drop(eclexia_ide::hover(a, f, at))),
    ("definition", |a, f, at| drop(eclexia_ide::definition(a, f, at))),
    ("references", |a, f, at| drop(eclexia_ide::references(a, f, at))),
    ("highlight", |a, f, at| drop(eclexia_ide::highlight(a, f, at))),
    ("complete", |a, f, at| drop(eclexia_ide::complete(a, f, at))),
    ("signatures", |a, f, at| drop(eclexia_ide::signatures(a, f, at))),
    ("rename", |a, f, at| drop(eclexia_ide::rename(a, f, at, "another"))),
    ("actions", |a, f, at| {
        drop(eclexia_ide::actions(a, Span::new(f, at, at), &Default::default()))
    }),
    ("tokens", |a, f, _| drop(eclexia_ide::tokens(a, f))),
    ("document symbols", |a, f, _| drop(eclexia_ide::document_symbols(a, f))),
    ("workspace symbols", |a, _, _| drop(eclexia_ide::workspace_symbols(a, "point"))),
    ("hints of 100 lines", |a, f, at| {
        drop(eclexia_ide::type_hints(a, Span::new(f, at, at + 3000)))
    }),
    ("folds", |a, f, _| drop(eclexia_ide::folds(a, f))),
];

fn main() {
    let lines = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(10_000);
    let mut workspace = Workspace::new(Box::new(Embedded));
    for n in 0..usize::max(lines / LINES_PER_FILE, 1) {
        workspace.set(&format!("m{n}"), &format!("m{n}.ecl"), Arc::from(file(n)));
    }
    let analysis = workspace.analysis();
    println!("{lines} lines, mistakes {}", analysis.found.len());
    let places = places(&analysis);
    for (name, ask) in QUESTIONS {
        let shortest = |file: FileId, at: u32| {
            let times = (0..TIMES).map(|_| {
                let start = Instant::now();
                ask(&analysis, file, at);
                start.elapsed()
            });
            times.min().unwrap_or_default()
        };
        let mut times: Vec<Duration> = places.iter().map(|(f, at)| shortest(*f, *at)).collect();
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        println!("{name:20} {:8.3} {:8.3}", at(50), at(95));
    }
}

/// One file of the project, which uses the one before it.
fn file(n: usize) -> String {
    let mut text = format!("(module m{n})\n");
    if n > 0 {
        let _ = writeln!(text, "(import m{})", n - 1);
    }
    for k in 0..LINES_PER_FILE / 10 {
        let _ = write!(
            text,
            "\n(defrecord Point{k} {{:x Float := 0.0 :y Float :n Int}})\n\
             (sig walk{k} (Fn [Point{k} Int] Float))\n\
             (defn walk{k} \"So far.\" [p n]\n\
             \x20 (let [a (* (.x p) 2.0)\n\
             \x20       b (+ a (.y p))]\n\
             \x20   (if (> n 0)\n\
             \x20     (walk{k} (with-fields p {{:x b}}) (- n 1))\n\
             \x20     (+ a b))))\n"
        );
        let uses = if n > 0 { format!("m{}/walk{k}", n - 1) } else { format!("walk{k}") };
        let _ = writeln!(text, "(def used{k} (vector/length [{uses}]))");
    }
    text
}

/// Names spread over the project.
fn places(analysis: &Analysis) -> Vec<(FileId, u32)> {
    let files: Vec<FileId> = analysis.modules.keys().copied().collect();
    let mut places = Vec::new();
    for (i, file) in (0..PLACES).zip(files.iter().cycle()) {
        let names = eclexia_ide::occurrences(analysis, *file);
        if let Some(name) = names.get((i * 7919) % names.len().max(1)) {
            places.push((*file, name.span.end));
        }
    }
    places
}
