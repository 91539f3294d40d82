//! Programs of the other tests in all engines: those that run, those of the benches, and the
//! manual's values. Each kind is made into one program, with a module for each file or block, so
//! that it is compiled and linked once.

use super::batch::Batch;
use crate::program::{Form, Ran, compile, on_large_stack};
use crate::readers;
use crate::readers::blocks::{Program, programs};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// More than a stack of machine code has calls.
const STEPS: u64 = 500_000_000;

/// A module, and what is called in it with the world or without.
struct Part {
    name: String,
    text: String,
    call: &'static str,
}

/// A program with all parts, of which the argument names one.
fn together(parts: &[Part]) -> Batch {
    let mut main = String::new();
    for Part { name, .. } in parts {
        let _ = writeln!(main, "(import {name})");
    }
    main.push_str("(defn main [world]\n  (match (vector/at (.args world) 1)\n");
    for Part { name, call, .. } in parts {
        let _ = writeln!(main, "    [\"{name}\" (do ({name}/{call}) unit)]");
    }
    main.push_str("    [_ unit]))\n");
    let modules = parts.iter().map(|part| (part.name.clone(), part.text.clone()));
    Batch::with_modules(&main, modules.collect())
}

/// Runs every part in all engines, with this first argument.
fn agree(parts: &[Part], argument: impl Fn(&str) -> &'static str) {
    let mut batch = together(parts);
    let mut interpreted: Vec<Ran> = Vec::new();
    for Part { name, .. } in parts {
        let args = [argument(name), name];
        let ran = batch.interpreted(&args, STEPS);
        assert_eq!(ran.live, Some(0), "{name}: {}", ran.told);
        interpreted.push(ran);
    }
    let executable = batch.executable();
    for (Part { name, .. }, ran) in parts.iter().zip(interpreted) {
        let args = [argument(name), name];
        for (engine, other) in
            [("memory", batch.compiled(&args, STEPS)), ("executable", executable.run(&args))]
        {
            if ran.told.contains("[stack-exhausted]") {
                // How deep a stack is depends on what a frame takes.
                let begin = |ran: &Ran| ran.told.lines().take(2).collect::<Vec<_>>().join("\n");
                assert_eq!((&ran.printed, begin(&ran)), (&other.printed, begin(&other)), "{name}");
            } else {
                ran.assert_like(&other, &format!("{name}, {engine}"));
            }
        }
    }
}

fn stem(path: &str) -> &str {
    Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or(path)
}

/// The files of a folder, as modules `PREFIX-NAME`.
fn parts(folder: &str, prefix: &str) -> Vec<Part> {
    let texts = readers::texts(folder, ".ecl").into_iter();
    let part = |(path, text): (String, String)| {
        let call = if text.contains("(defn main []") { "main" } else { "main world" };
        Part { name: format!("{prefix}-{}", stem(&path)), text, call }
    };
    texts.map(part).collect()
}

#[test]
fn programs_that_run_are_the_same_in_all_engines() {
    on_large_stack(|| {
        let mut all = parts("tests/run", "run");
        // Time is no two times the same, and where a limit of memory is noticed differs.
        all.retain(|part| !part.text.contains(":time") && !part.text.contains(":memory"));
        agree(&all, |_| "");
    });
}

/// Small enough for a test.
fn size(bench: &str) -> &'static str {
    match bench.trim_start_matches("peer-") {
        "bintrees" => "6",
        "interp" => "1",
        "deepsum" => "20000",
        "fib" => "18",
        "mandelbrot" => "24",
        "nqueens" => "6",
        "tak" => "7",
        "spectral" | "nbody" => "30",
        _ => "500",
    }
}

#[test]
fn benches_are_the_same_in_all_engines() {
    on_large_stack(|| agree(&parts("benches/peers", "peer"), size));
}

/// A block as a module whose `values` prints the value of each of its expressions; `None` for one
/// that cannot be: it has other files, or an error, or what cannot be printed.
fn values(program: &Program, name: &str) -> Option<Part> {
    let [block] = program.as_slice() else { return None };
    let is_plain =
        !["; error", "; warning", "(module ", "defdeployment", "(defmacro print", ":memory"]
            .iter()
            .any(|word| block.text.contains(word));
    if !is_plain {
        return None;
    }
    let spans = compile(program, Form::Page).expressions();
    let (mut text, mut at, mut prints) = (String::new(), 0, String::new());
    for (n, span) in spans.iter().enumerate() {
        text.push_str(&block.text[at..span.start]);
        let _ = write!(text, "(def value-{n} {})", &block.text[span.clone()]);
        let _ = write!(prints, " (print value-{n})");
        at = span.end;
    }
    text.push_str(&block.text[at..]);
    let _ = writeln!(text, "(defn values [] (do{prints} unit))");
    let mut made = block.clone();
    made.text.clone_from(&text);
    let is_clean = !compile(&vec![made], Form::File).has_errors();
    let part = Part { name: name.to_owned(), text, call: "values" };
    (is_clean && !spans.is_empty()).then_some(part)
}

#[test]
fn values_of_the_manual_are_the_same_in_all_engines() {
    on_large_stack(|| {
        let mut all = Vec::new();
        for (path, page) in readers::texts("tests/spec", ".md") {
            for (n, program) in programs(&page).iter().enumerate() {
                all.extend(values(program, &format!("page-{}-{n}", stem(&path))));
            }
        }
        assert!(all.len() > 100, "only {} blocks have values that print", all.len());
        agree(&all, |_| "");
    });
}

/// The modules of a program by name.
pub type Modules = BTreeMap<String, String>;
