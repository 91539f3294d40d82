//! Core to typed: types, interfaces, units, amounts of budgets, coverage, linear values.
//!
//! Comes in: a resolved program. Goes out: [`typed::Typed`], facts beside core under core's ids,
//! and diagnostics. Always holds: a definition that was checked keeps its scheme; a later call
//! checks only what is new. Declared limits of costs are checked last, where there are any
//! (`bounds`). Absent: any change to core.

mod adaptive;
mod again;
mod arena;
pub mod bounds;
mod convert;
mod coverage;
mod declare;
mod diagnostics;
mod externs;
mod grades;
mod infer;
mod lang;
mod linear;
mod lint;
pub mod print;
mod show;
mod subst;
pub mod ty;
pub mod typed;
mod units;

pub use again::Before;
pub use lint::lint;
pub use print::print;
pub use show::{dim_word, show_scheme, show_ty, show_type_expr};
pub use ty::head_type;

use again::Again;
use eclexia_base::FileId;
use eclexia_core::core::{DefId, Program};
use eclexia_diag::{Diagnostic, Diagnostics, Outcome};
use typed::Typed;

/// Checks the groups of `program` that are not in `typed` yet, and adds their schemes and facts.
pub fn check(program: &Program, typed: &mut Typed) -> Diagnostics {
    check_after(None, program, typed).1
}

/// [`check`] where much was known before an edit: facts that still hold are taken from there. Gives
/// what was checked.
pub fn check_after(
    before: Option<Before<'_>>,
    program: &Program,
    typed: &mut Typed,
) -> Outcome<Vec<DefId>> {
    let mut diags = declare::declare(program, typed);
    let lang = lang::Lang::of(program);
    let mut scratch = infer::Scratch::new(program);
    for id in program.instances.ids().skip(typed.supers.len()) {
        let (dicts, found) = infer::super_dicts(program, typed, &lang, id, &mut scratch);
        typed.supers.push(dicts);
        diags.extend(found);
    }
    typed.facts.resize_with(program.defs.len(), Default::default);
    let (from, first_def) = (typed.checked_groups, typed.checked_defs);
    let mut again = Again::new(before, program, typed, first_def);
    for group in program.groups.iter().skip(from) {
        if !again.take(program, typed, group) {
            diags.extend(infer::check_group(program, typed, &lang, group, &mut scratch));
            again.checked(program, typed, group);
        }
    }
    diags.extend(externs::check(program, typed, first_def));
    typed.checked_groups = program.groups.len();
    typed.checked_defs = program.defs.len();
    diags.extend(linear::instances(program, typed, &program.groups[from..]));
    // Amounts of what is no amount say nothing.
    if !diags.has_errors() {
        diags.extend(adaptive::check(program, typed, first_def));
    }
    let has_limits = |def: &DefId| program.defs[*def].cost.is_some();
    let limited: Vec<DefId> =
        program.groups.iter().skip(from).flatten().copied().filter(has_limits).collect();
    if !limited.is_empty() && !diags.has_errors() {
        diags.extend(bounds::check(program, typed, &limited));
    }
    if !diags.has_errors() {
        let new: Vec<DefId> = program.groups.iter().skip(from).flatten().copied().collect();
        diags.extend(bounds::admits(program, typed, &new));
    }
    let diags = diags.into_iter().map(|diag| without_std_labels(program, diag)).collect();
    (again.checked, diags)
}

/// Places in the standard library say nothing to users about their own file.
fn without_std_labels(program: &Program, mut diag: Diagnostic) -> Diagnostic {
    let is_std = |file: FileId| {
        program.modules.values().any(|module| module.is_std && module.span.file == file)
    };
    if !diag.labels.is_empty() && diag.primary.as_ref().is_some_and(|p| !is_std(p.span.file)) {
        diag.labels.retain(|label| !is_std(label.span.file));
    }
    diag
}
