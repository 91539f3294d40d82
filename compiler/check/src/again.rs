//! Facts from before an edit that hold after it.
//!
//! Comes in: what was known before, of a program whose ids mean the same definitions. Goes out: the
//! facts of groups that would be found again. Always holds: facts are what a check from nothing
//! gives; what is found by looking at all definitions (bounds, adaptive functions) is not taken.
//!
//! A group is found again as it was where nothing that inference looks at has changed:
//!
//! 1. the bodies of its members are what they were, and so are the types that are given for them;
//! 2. no definition that they mention differs: has another type, or is a constant, whose amount
//!    budgets may know, and was itself checked again;
//! 3. nothing was found in it, nor noted of what an instance or an interface owes: messages tell of
//!    places, which move. The places of what a definition owes are those of the same parts now.
//!
//! Groups come after those that they mention, so one pass decides.

use crate::declare::is_given;
use crate::infer::constant_body;
use crate::typed::{Owed, Typed};
use eclexia_base::ids::Id;
use eclexia_base::{FxHashSet, IdMap};
use eclexia_core::core::{DefId, Expr, Place, Program};

/// What was known before an edit: every id is that of the definition of the same name now, and
/// types, interfaces and instances are the same.
#[derive(Clone, Copy)]
pub struct Before<'b> {
    pub program: &'b Program,
    pub typed: &'b Typed,
}

/// Goes over the groups in their order.
pub(crate) struct Again<'b> {
    before: Option<Before<'b>>,
    differing: FxHashSet<DefId>,
    /// What was checked, and not taken from before.
    pub checked: Vec<DefId>,
}

impl<'b> Again<'b> {
    /// Definitions from index `from` on are new, their given types declared.
    pub fn new(
        before: Option<Before<'b>>,
        program: &Program,
        typed: &Typed,
        from: usize,
    ) -> Again<'b> {
        let mut again = Again { before, differing: FxHashSet::default(), checked: Vec::new() };
        let without_body = program.defs.iter().skip(from).filter(|(_, def)| def.body.is_none());
        again.note(program, typed, without_body.map(|(id, _)| id));
        again
    }

    /// Takes the facts of a group from before, if they hold.
    pub fn take(&self, program: &Program, typed: &mut Typed, group: &[DefId]) -> bool {
        let Some(before) = self.before else { return false };
        let holds = |def: &DefId| self.holds(before, program, typed, *def, group);
        if !group.iter().all(holds) {
            return false;
        }
        for def in group {
            let owed = before.owed(*def, program);
            typed.owed.extend(owed.into_iter().map(|(var, owed)| ((*def, var), owed)));
            typed.schemes.share(*def, &before.typed.schemes);
            typed.facts.share(*def, &before.typed.facts);
            let facts = &typed.facts[*def];
            if !facts.inner_costs.is_empty() || !facts.admits.is_empty() {
                let facts = &mut typed.facts[*def];
                facts.inner_costs.clear();
                facts.admits.clear();
            }
        }
        true
    }

    /// A group was checked.
    pub fn checked(&mut self, program: &Program, typed: &Typed, group: &[DefId]) {
        self.note(program, typed, group.iter().copied());
        self.checked.extend(group);
    }

    fn note(&mut self, program: &Program, typed: &Typed, defs: impl Iterator<Item = DefId>) {
        let Some(before) = self.before else { return };
        let differs = |def: &DefId| {
            let scheme = before.typed.schemes.get(*def);
            scheme != typed.schemes.get(*def) || constant_body(program, *def).is_some()
        };
        self.differing.extend(defs.filter(differs));
    }

    fn holds(
        &self,
        before: Before<'_>,
        program: &Program,
        typed: &Typed,
        id: DefId,
        group: &[DefId],
    ) -> bool {
        let (Some(was), def) = (before.program.defs.get(id), &program.defs[id]) else {
            return false;
        };
        let is_silent = before.typed.facts.get(id).is_some_and(|facts| facts.is_silent);
        let same_type = !is_given(def) || before.typed.schemes.get(id) == typed.schemes.get(id);
        let same = was.name == def.name
            && was.kind == def.kind
            && is_given(was) == is_given(def)
            && was.body == def.body;
        let differs = |expr: &Expr| match expr {
            Expr::Global(d) => !group.contains(d) && self.differing.contains(d),
            _ => false,
        };
        is_silent
            && same_type
            && same
            && !def.body.iter().flat_map(|body| body.exprs.values()).any(differs)
    }
}

impl Before<'_> {
    /// What the variables of a definition owed, told of where its parts are now.
    fn owed(&self, id: DefId, program: &Program) -> Vec<(u32, Owed)> {
        let vars = self.typed.schemes[id].vars.len() as u32;
        let owed = (0..vars).filter_map(|var| Some((var, *self.typed.owed.get(&(id, var))?)));
        let moved = owed.map(|(var, mut owed)| {
            let fault = &mut owed.fault;
            let places = [Some(&mut fault.at), fault.acquired.as_mut(), fault.other.as_mut()];
            places.into_iter().flatten().for_each(|place| *place = self.now(*place, id, program));
            (var, owed)
        });
        moved.collect()
    }

    /// Where the part of a definition is that was at a place.
    fn now(&self, place: Place, id: DefId, program: &Program) -> Place {
        let (was, is) = (&self.program.maps[id], &program.maps[id]);
        found(&was.exprs, &is.exprs, place)
            .or_else(|| found(&was.locals, &is.locals, place))
            .or_else(|| found(&was.pats, &is.pats, place))
            .unwrap_or(Place { span: program.defs[id].span, inside: None })
    }
}

fn found<I: Id>(was: &IdMap<I, Place>, is: &IdMap<I, Place>, place: Place) -> Option<Place> {
    let (id, _) = was.iter().find(|(_, at)| **at == place)?;
    is.get(id).copied()
}
