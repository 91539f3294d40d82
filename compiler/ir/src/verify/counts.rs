//! Counting after the pass `count`: on every way through a function every reference is given up
//! once, and nothing is looked at that is not there.
//!
//! A variable's balance is the number of references that it holds. What is loaded from a cell holds
//! none and is there as long as something that it was loaded from is; what is static or borrowed by
//! the function always is. Ways that meet bring the same balances; at the end of a way all are 0.

use super::{Checked, rule};
use crate::ir::{Block, End, FuncId, Function, Mode, Op, Program, VarId};
use crate::passes::borrow::borrowed_params;
use crate::passes::flow::{Bits, Flow, Liveness};
use crate::passes::own::{Kind, borrowed_at_entry, each_end_use, each_use, kinds, part_params};
use eclexia_base::IdMap;
use eclexia_base::ids::Id;
use eclexia_rt::layout::Shape;
use std::collections::BTreeMap;

type Balances = BTreeMap<VarId, i32>;

struct Checker<'a> {
    program: &'a Program,
    function: &'a Function,
    borrowed: Bits,
    kinds: IdMap<VarId, Kind>,
}

/// The parameters that are borrowed, and what every variable is to counting.
pub fn ownership(program: &Program, function: &Function) -> (Bits, IdMap<VarId, Kind>) {
    let (borrowed, _) = borrowed_params(program, function, &[]);
    let mut kinds = kinds(program, function, &borrowed);
    let flow = Flow::new(function);
    part_params(function, &flow, &mut kinds);
    let live = Liveness::new(function, &flow, |var, _, add| add(var));
    let borrowed = borrowed_at_entry(function, &kinds, &live, &borrowed);
    for (var, shape) in function.vars.iter() {
        if *program.shapes.get(*shape) == Shape::Token {
            kinds[var] = Kind::Owned;
        }
    }
    (borrowed, kinds)
}

/// The first mistake in the counting of a function, if any.
pub fn function(program: &Program, id: FuncId) -> Checked {
    let function = &program.functions[id];
    let (borrowed, kinds) = ownership(program, function);
    let checker = Checker { program, function, borrowed, kinds };
    checker.check().map_err(|why| {
        format!("{id:?} {}: {why}\n{}", function.name, crate::text::print::function(program, id))
    })
}

impl Checker<'_> {
    fn check(&self) -> Checked {
        let flow = Flow::new(self.function);
        let mut entry: IdMap<_, Option<Balances>> = vec![None; self.function.blocks.len()].into();
        let mut first = Balances::new();
        for param in &self.function.params {
            self.gain(&mut first, param.var);
        }
        entry[Function::ENTRY] = Some(first);
        for id in &flow.order {
            let Some(mut now) = entry[*id].clone() else { continue };
            let block = &self.function.blocks[*id];
            self.block(block, &mut now).map_err(|why| format!("{id:?}: {why}"))?;
            let mut clash = None;
            block.end.each_target(|to| {
                let mut there = now.clone();
                for param in &self.function.blocks[to].params {
                    let is_reference = matches!(self.kinds[*param], Kind::Owned | Kind::Part(_));
                    if is_reference && !self.borrowed.has(param.index()) {
                        *there.entry(*param).or_insert(0) += 1;
                    }
                }
                match &entry[to] {
                    Some(known) if *known != there => clash = Some(to),
                    _ => entry[to] = Some(there),
                }
            });
            rule(clash.is_none(), || format!("{id:?}: other balances come to {clash:?}"))?;
            if block.end.successors().is_empty() && !matches!(block.end, End::Unreachable) {
                rule(now.is_empty(), || format!("{id:?} ends with {now:?}"))?;
            }
        }
        Ok(())
    }

    fn block(&self, block: &Block, now: &mut Balances) -> Checked {
        for inst in &block.insts {
            let mut uses = Vec::new();
            each_use(self.program, &inst.op, |var, mode| uses.push((var, mode)));
            self.uses(&uses, now)?;
            if let Op::Dup(var) = inst.op {
                *now.entry(var).or_insert(0) += 1;
            }
            if let Some(dest) = inst.dest {
                self.gain(now, dest);
            }
        }
        let mut uses = Vec::new();
        each_end_use(self.program, self.function, &self.borrowed, &block.end, |var, mode| {
            uses.push((var, mode));
        });
        self.uses(&uses, now)
    }

    fn gain(&self, now: &mut Balances, var: VarId) {
        if self.kinds[var] == Kind::Owned {
            *now.entry(var).or_insert(0) += 1;
        }
    }

    fn uses(&self, uses: &[(VarId, Mode)], now: &mut Balances) -> Checked {
        for (var, mode) in uses {
            if *mode == Mode::Borrowed || self.kinds[*var] == Kind::Plain {
                continue;
            }
            let balance = now.get(var).copied().unwrap_or(0);
            rule(balance > 0, || format!("{var:?} is given up, but not held"))?;
            match balance {
                1 => drop(now.remove(var)),
                _ => drop(now.insert(*var, balance - 1)),
            }
        }
        for (var, mode) in uses {
            if *mode == Mode::Borrowed {
                rule(self.is_there(*var, now), || format!("{var:?} is not there any more"))?;
            }
        }
        Ok(())
    }

    fn is_there(&self, mut var: VarId, now: &Balances) -> bool {
        loop {
            match self.kinds[var] {
                Kind::Plain | Kind::Static => return true,
                _ if now.contains_key(&var) => return true,
                Kind::Owned => return false,
                Kind::Part(of) => var = of,
            }
        }
    }
}
