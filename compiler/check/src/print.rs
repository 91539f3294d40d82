//! The typed program as text, for `--emit typed`: every definition with its scheme, under it the
//! names that its body binds, with their types.

use crate::show::{show_scheme, show_ty};
use crate::typed::Typed;
use eclexia_core::core::{DefId, ModuleId, Program};
use std::fmt::Write;

/// The definitions of `module`, in source order.
pub fn print(program: &Program, typed: &Typed, module: ModuleId) -> String {
    let mut out = format!("(module {})\n", program.modules[module].name);
    for def in &program.modules[module].defs {
        print_def(program, typed, *def, &mut out);
    }
    out
}

fn print_def(program: &Program, typed: &Typed, id: DefId, out: &mut String) {
    let def = &program.defs[id];
    let _ = writeln!(out, "\n{} : {}", def.name, show_scheme(program, &typed.scheme(id)));
    let (Some(body), Some(facts)) = (&def.body, typed.facts.get(id)) else { return };
    for (local, name) in body.locals.iter() {
        if let Some(ty) = facts.locals.get(local) {
            let _ = writeln!(out, "  {name} : {}", show_ty(program, *ty));
        }
    }
}
