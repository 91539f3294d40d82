//! `compile --emit STAGE`: what a stage makes of a program, as text.

use super::Ended;
use super::program::{elaborate, load, load_checked, report};
use crate::args::{CompileArgs, Stage};
use crate::console::{Console, Exit};
use crate::{files, project};
use eclexia_diag::Sources;
use std::path::Path;

pub fn compile(console: &Console, args: &CompileArgs) -> Ended {
    let path = project::program(args.file.as_deref())?;
    match args.emit {
        Stage::Tokens | Stage::Tree => syntax(console, args.emit, &path),
        Stage::Core | Stage::Typed => {
            let loaded = load(&path)?;
            let session = &loaded.session;
            console.out(&match args.emit {
                Stage::Core => eclexia_core::print::module(&session.program, loaded.module),
                _ => eclexia_check::print(&session.program, &session.typed, loaded.module),
            });
            report(console, loaded.found, &loaded.session.sources)?;
            Ok(Exit::Done)
        }
        Stage::Ir => {
            let loaded = load_checked(console, &path)?;
            let (ir, found) = loaded.session.lower(loaded.module);
            console.out(&eclexia_ir::text::print::program(&ir));
            report(console, found, &loaded.session.sources)?;
            Ok(Exit::Done)
        }
        Stage::Model => {
            let program = elaborate(console, Some(&path))?;
            let text = serde_json::to_string_pretty(&program.elaborated.model).unwrap_or_default();
            console.out(&format!("{text}\n"));
            Ok(Exit::Done)
        }
        Stage::Plan => {
            let program = elaborate(console, Some(&path))?;
            for deployment in &program.elaborated.model.deployments {
                let plan = program.plan(console, deployment, None)?;
                console.out(&String::from_utf8_lossy(&plan.to_json()));
            }
            Ok(Exit::Done)
        }
    }
}

/// Shown whatever is wrong with the text: that is when one wants to see it.
fn syntax(console: &Console, stage: Stage, path: &Path) -> Ended {
    let (name, bytes) = files::read(path)?;
    let mut sources = Sources::new();
    let file = sources.next_id();
    let (text, (tree, found)) = eclexia_syntax::read_bytes(file, &bytes);
    console.out(&match stage {
        Stage::Tokens => eclexia_syntax::print::tokens(&text, &eclexia_syntax::lex(file, &text).0),
        _ => eclexia_syntax::print::tree(&tree),
    });
    sources.add(name, text);
    report(console, found, &sources)?;
    Ok(Exit::Done)
}
