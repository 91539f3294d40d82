//! Where a run stopped: the calls that were under way, as places in source.

use eclexia_core::core::Program;
use eclexia_ir::ir::{self, LocId};
use eclexia_rt::diagnostics::Call;

/// The calls at these places, in the same order.
pub(crate) fn calls(program: &Program, ir: &ir::Program, locs: &[LocId]) -> Vec<Call> {
    locs.iter().filter_map(|loc| call_at(program, ir, *loc)).collect()
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
