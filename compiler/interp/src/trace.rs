//! Where a run stopped: the calls that were under way, as places in source.

use eclexia_core::core::Program;
use eclexia_ir::ir::{self, LocId};
use eclexia_rt::diagnostics::Call;

/// The calls at these places and those they were inlined into, the innermost first.
pub(crate) fn calls(program: &Program, ir: &ir::Program, locs: &[LocId]) -> Vec<Call> {
    let mut calls = Vec::new();
    for loc in locs {
        let mut at = Some(*loc);
        while let Some(loc) = at {
            calls.extend(call_at(program, ir, loc));
            at = ir.locs[loc].caller;
        }
    }
    calls
}

/// The place itself.
pub(crate) fn call_at(program: &Program, ir: &ir::Program, loc: LocId) -> Option<Call> {
    let loc = ir.locs.get(loc)?;
    let def = program.defs.get(loc.def)?;
    let map = program.maps.get(loc.def);
    let place = map.and_then(|map| map.exprs.get(loc.expr));
    let is_std = program.modules[def.module].is_std;
    Some(Call { name: def.name, span: place.map_or(def.span, |place| place.span), is_std })
}
