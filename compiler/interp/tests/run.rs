//! Programs as data: each `run/NAME.ecl` is resolved, checked and run; what it prints, the results
//! of its tests and the error that ended it must be `run/NAME.out`. `UPDATE_EXPECT=1` writes it.
//! The standard library's own examples run here too, and the machine's limits.

#![expect(clippy::disallowed_methods, reason = "tests read files and settings")]

mod speed;
mod support;

use eclexia_interp::{Evaluator, Globals, Options, doc_examples, show_value};
use eclexia_rt::Hermetic;
use std::path::Path;
use support::Session;

/// Output, test results and the error of one program.
fn transcript(name: &str, text: &str, options: Options) -> String {
    let mut session = Session::new();
    let module = match session.module(name, text) {
        Ok(module) => module,
        Err(problems) => return problems,
    };
    let mut effects = Hermetic::default();
    let mut globals = Globals::new();
    let mut out = String::new();
    let (program, typed) = (&session.program, &session.typed);
    let mut evaluator = Evaluator::new(program, typed, &mut globals, options, &mut effects);
    for def in &program.modules[module].defs {
        if program.defs[*def].kind == eclexia_core::core::DefKind::Test {
            let result = evaluator.run_test(*def);
            let verdict = if result.is_passed() { "passed" } else { "FAILED" };
            out.push_str(&format!("test {}: {verdict}\n", result.name));
            result.failures.iter().for_each(|f| out.push_str(&session.line(f)));
        }
    }
    match evaluator.run_main(module, &["one".to_owned()]) {
        Some(Err(failure)) => out.push_str(&session.line(&failure)),
        Some(Ok(value)) => out.push_str(&format!("=> {}\n", show_value(&value, program))),
        None => {}
    }
    let printed: String = effects.printed.iter().map(|line| format!("{line}\n")).collect();
    printed + &out
}

#[test]
fn programs_do_what_is_written_beside_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/run");
    let mut wrong = Vec::new();
    for path in support::sorted_files(&folder, "ecl") {
        let name = path.file_stem().expect("a stem").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        let found = transcript(&name, &text, Options::default());
        let expected_path = path.with_extension("out");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected_path, &found).expect("writable");
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if found != expected {
            wrong.push(format!("--- {name}: expected\n{expected}--- found\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_in_the_standard_library_holds() {
    let mut session = Session::new();
    let mut globals = Globals::new();
    let mut wrong = Vec::new();
    let mut count = 0;
    for module in support::std_modules() {
        let parent = match session.library(&module) {
            Ok(parent) => parent,
            Err(problems) => {
                wrong.push(format!("{module}:\n{problems}"));
                continue;
            }
        };
        for example in doc_examples(&session.program, parent) {
            count += 1;
            let values = [&example.expr, &example.expected].map(|text| {
                if text.is_empty() {
                    Ok(String::new())
                } else {
                    session.eval(text, parent, &mut globals)
                }
            });
            let is_equal = values[0] == values[1]
                || session
                    .eval(
                        &format!("(= {} {})", example.expr, example.expected),
                        parent,
                        &mut globals,
                    )
                    .is_ok_and(|value| value == "true");
            if values[0].is_err() || (!is_equal && !example.expected.is_empty()) {
                let [found, expected] = values.map(|v| v.unwrap_or_else(|e| e));
                let (name, expr) = (example.name, &example.expr);
                wrong.push(format!("{module}/{name}: {expr}\n  is {found}\n  not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_built_in_is_declared_and_every_declaration_is_built_in() {
    let mut session = Session::new();
    let mut declared = Vec::new();
    let others = ["std.adaptive", "std.deploy"].map(str::to_owned);
    for name in support::std_modules().into_iter().chain(others) {
        let Ok(module) = session.library(&name) else { continue };
        let short = name.rsplit('.').next().expect("a segment").to_owned();
        for def in &session.program.modules[module].defs {
            let def = &session.program.defs[*def];
            if def.kind == eclexia_core::core::DefKind::Builtin {
                let id = eclexia_rt::lookup(&short, def.name.as_str());
                let found = id.map(|id| id.get().name);
                assert!(found.is_some(), "{name} declares `{}`, which is not in rt", def.name);
                declared.extend(found);
            }
        }
    }
    let missing: Vec<_> =
        eclexia_rt::builtin::names().filter(|name| !declared.contains(name)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "built-ins that no module declares");
}

#[test]
fn a_step_limit_ends_a_loop() {
    let options = Options { max_steps: Some(10_000), ..Options::default() };
    let found = transcript("limit", "(defn main [_] (loop [i 0] (recur (+ i 1))))", options);
    assert!(found.contains("step-limit"), "{found}");
}

#[test]
fn an_interrupt_ends_a_loop() {
    let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
    let options = Options { interrupt: Some(flag), ..Options::default() };
    let found = transcript("stop", "(defn main [_] (loop [i 0] (recur (+ i 1))))", options);
    assert!(found.contains("interrupted"), "{found}");
}

#[test]
fn the_depth_limit_is_configurable() {
    let options = Options { max_depth: 1000, ..Options::default() };
    let text = "(defn f [n] (if (= n 0) 0 (+ 1 (f (- n 1)))))\n(defn main [_] (f 10000))";
    let found = transcript("deep", text, options);
    assert!(found.contains("stack-exhausted"), "{found}");
}

/// The values of a session survive later inputs; a failed constant may be tried again.
#[test]
fn globals_survive_a_growing_program() {
    let mut session = Session::new();
    let mut globals = Globals::new();
    let base = session.module("base", "(def one (do (print \"once\") 1))").expect("a module");
    for _ in 0..2 {
        assert_eq!(session.eval("(+ one 1)", base, &mut globals), Ok("2".to_owned()));
    }
    assert!(session.eval("(quot one 0)", base, &mut globals).is_err());
    assert_eq!(session.eval("one", base, &mut globals), Ok("1".to_owned()));
    assert_eq!(session.printed, ["once"]);
}

/// Elaboration gives every element of a deployment its place in source through these.
#[test]
fn a_record_knows_the_expression_that_made_it() {
    let mut session = Session::new();
    let text = "(import std.adaptive :only [Cost])\n(defn make [x] (Cost {:energy x}))\n\
                (def a (make 1J))\n(def b (with-fields a {:energy 3J}))\n\
                (sig take (Fn [Int Cost] Cost))\n(defn take [_ p] p)\n\
                (def c (take 1 :energy 5J))";
    let module = session.module("origins", text).expect("it checks");
    let (mut globals, mut effects) = (Globals::new(), Hermetic::default());
    let (program, typed) = (&session.program, &session.typed);
    let options = Options::default();
    let mut evaluator = Evaluator::new(program, typed, &mut globals, options, &mut effects);
    for (name, expected) in
        [("a", "{:energy x}"), ("b", "{:energy x}"), ("c", "(take 1 :energy 5J)")]
    {
        let is_it = |def: &&_| program.defs[**def].name == name;
        let def = program.modules[module].defs.iter().find(is_it).copied().expect("a constant");
        let value = evaluator.constant(def).expect("a value");
        let site = value.as_data().and_then(|data| data.site).expect("a site");
        let map = &program.maps[eclexia_core::core::DefId(site.def)];
        let span = map.exprs[eclexia_core::core::ExprId(site.expr)].span;
        assert_eq!(&text[span.range()], expected, "of {name}");
    }
}
