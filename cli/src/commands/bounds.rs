//! `bounds`: what each function of a program costs at most, as a polynomial in the sizes of its
//! parameters.

use super::Ended;
use super::program::{Loaded, load_checked};
use super::test::library_module;
use crate::args::BoundsArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files, project};
use eclexia_base::Name;
use eclexia_check::bounds::{self, Found, Function, Outcome, table};
use eclexia_core::core::{Body, DefId, Pat, Program};
use eclexia_db::library;
use serde_json::json;
use std::path::Path;

pub fn bounds(console: &Console, args: &BoundsArgs) -> Ended {
    let loaded = match &args.file {
        Some(name)
            if !files::is_source(Path::new(name)) && library::modules().any(|m| m == name) =>
        {
            library_module(console, name)?
        }
        file => load_checked(console, &project::program(file.as_deref().map(Path::new))?)?,
    };
    let Loaded { session, module, .. } = &loaded;
    let program = &session.program;
    let mut functions = bounds::of_module(program, &session.typed, *module);
    if let Some(name) = &args.name {
        functions.retain(|f| program.defs[f.def].name == **name);
        if functions.is_empty() {
            return Err(diagnostics::unknown_function(name).into());
        }
    }
    for function in &functions {
        if console.global.json {
            function.found.iter().for_each(|found| console.json(&line(program, function, found)));
        } else {
            console.out(&text(program, function));
        }
    }
    if !functions.is_empty() {
        console.say(&format!(
            "Cost table {}: a step takes about {} ns and {} nJ; energy and time above are those \
             declared.\n",
            table::VERSION,
            table::STEP_NANOSECONDS,
            table::STEP_NANOJOULES
        ));
    }
    Ok(Exit::Done)
}

/// `insert x xs`
pub fn head(program: &Program, def: DefId) -> String {
    let def = &program.defs[def];
    let mut head = def.name.to_string();
    for name in def.body.as_ref().map_or(Vec::new(), parameters) {
        head.push(' ');
        head.push_str(name.map_or("_", |n| n.as_str()));
    }
    head
}

fn parameters(body: &Body) -> Vec<Option<Name>> {
    let name = |pat: &eclexia_core::core::PatId| match &body.pats[*pat] {
        Pat::Bind(local) => Some(body.locals[*local]),
        _ => None,
    };
    body.params.iter().map(name).collect()
}

fn text(program: &Program, function: &Function) -> String {
    let head = head(program, function.def);
    told(function).map(|found| format!("{head}: {}\n", found.said(function.mode))).collect()
}

/// What is told of a function: a line per resource, but for one that repeats the line above it.
pub fn told(function: &Function) -> impl Iterator<Item = &Found> {
    function.found.iter().filter(|found| !is_repeated(function, found))
}

/// `memory` where it is `alloc` again.
fn is_repeated(function: &Function, found: &Found) -> bool {
    let bound = |name: &str| {
        let of = function.found.iter().find(|f| f.resource.name() == name)?;
        match &of.outcome {
            Outcome::Bounded { text, .. } => Some(text.as_str()),
            Outcome::Unbounded(why) => Some(*why),
        }
    };
    found.resource.name() == "memory" && bound("memory") == bound("alloc")
}

fn line(program: &Program, function: &Function, found: &Found) -> serde_json::Value {
    let def = &program.defs[function.def];
    let params = def.body.as_ref().map_or(Vec::new(), parameters);
    let params: Vec<&str> = params.into_iter().map(|n| n.map_or("_", |n| n.as_str())).collect();
    let mut line = json!({
        "format": "eclexia-bounds/1", "table": table::VERSION, "name": def.name.as_str(),
        "params": params, "resource": found.resource.name(),
    });
    match &found.outcome {
        Outcome::Bounded { text, legend, besides, .. } => {
            line["bound"] = json!(text);
            line["where"] = json!(legend);
            line["besides"] = json!(besides);
        }
        Outcome::Unbounded(why) => line["unbounded"] = json!(why),
    }
    line
}
