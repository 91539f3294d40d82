//! The standard library documents itself: every function, constant and macro that a module exports
//! has a docstring with an example, which `compiler/interp` runs. Absent: the prelude's plumbing,
//! which programs do not call by name, and the modules of deployments, whose examples are pages.

use crate::bless::Failures;
use eclexia_db::{Session, docs, library};

const WITHOUT: [&str; 3] = ["std.core", "std.deploy", "std.adaptive"];

#[test]
fn every_function_of_the_library_has_an_example() {
    let mut failures = Failures::default();
    let modules = library::modules().filter(|m| m.starts_with("std.") && !WITHOUT.contains(m));
    for name in modules {
        let mut session = Session::new(Box::new(library::Embedded));
        session.load("<test>", format!("(import {name})").as_bytes());
        let found = session.program.modules.iter().find(|(_, m)| m.name == *name);
        let module = found.map(|(id, _)| id).expect("the module is loaded");
        for item in docs::items(&session, module) {
            let is_called = ["function", "constant", "macro"].contains(&item.kind);
            let has_example = item.doc.lines().any(|line| line.trim_start().starts_with("> "));
            if item.doc.is_empty() || (is_called && !has_example) {
                failures.push(name, 1, format!("`{}` has no example", item.name));
            }
        }
    }
    failures.finish();
}
