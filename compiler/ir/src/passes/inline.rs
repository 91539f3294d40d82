//! Calls of small functions become their bodies, calls of known closures too.
//!
//! 1. Functions are visited callees first. A function is put into its callers if it is small, if it
//!    is called from one place or two and is not large, or if it is not large and is given a
//!    closure that is made there, or data made there that it only takes apart. One that calls
//!    itself (or whose callees call it) is not, unless it is small and does so by tail calls only,
//!    as what `guard` leaves of a recursive function. Neither is that a hindrance where a small
//!    function does little else than to match the result, which is a constructor at most ends:
//!    then nobody makes it.
//! 2. Where the call is no tail call, tail calls of the body become calls.
//! 3. An instruction keeps its place and gets the place of the call as the caller of it, so that
//!    traces stay what they are. Steps are part of the body.
//! 4. Then the function is simplified, which may make more closures known: again, some times.

use crate::ir::{
    Block, BlockId, Const, End, FuncId, Function, FunctionKind, Inst, Loc, LocId, Op, Program,
    VarId,
};
use crate::passes::each::each_of;
use crate::passes::{calls, loops, simplify, tidy};
use eclexia_base::ids::Id;
use eclexia_base::{FxHashMap, IdMap};
use eclexia_rt::layout::ShapeId;
use std::ops::Range;

/// Operations of a small function.
const SMALL: usize = 14;
/// Of one that has a reason of its own to be put in.
const MEDIUM: usize = 80;
/// Places that call a function of which each gets a copy though it is not small.
const SELDOM: u32 = 2;
/// Of one whose result a small function takes apart.
const WRAPPED: usize = 120;
/// A function that has grown to this takes nothing in any more.
const LARGE: usize = 400;
/// Of one that is put into itself, afterwards.
const UNROLLED: usize = 90;
const ROUNDS: usize = 4;

pub fn run(program: &mut Program, new: &Range<usize>) {
    let graph = calls::Graph::new(program, new);
    let mut inliner = Inliner { graph: &graph, start: new.start, places: FxHashMap::default() };
    for level in graph.levels(program) {
        inliner.functions(program, level);
    }
}

/// Puts small functions that call themselves into themselves, once: half of the calls are then the
/// body. What is left of the calls keeps its worth.
pub fn unroll(program: &mut Program, new: &Range<usize>) {
    let graph = calls::Graph::new(program, new);
    let mut inliner = Inliner { graph: &graph, start: new.start, places: FxHashMap::default() };
    for index in new.clone() {
        let id = FuncId::from_index(index);
        let own = |site: &Site| site.callee == id && site.at.is_some();
        let sites: Vec<Site> = all_sites(&program.functions[id]).into_iter().filter(own).collect();
        let grown = size(&program.functions[id]) * (sites.len() + 1);
        if sites.is_empty() || sites.len() > 4 || grown > UNROLLED {
            continue;
        }
        let body = std::mem::replace(&mut program.functions[id], tidy::nothing());
        let mut function = body.clone();
        for site in sites.into_iter().rev() {
            inliner.put_in(program, &mut function, site, &body);
        }
        loops::function(&mut function, id);
        program.functions[id] = function;
        simplify::function(program, id);
    }
}

struct Inliner<'g> {
    graph: &'g calls::Graph,
    start: usize,
    /// Places with the place of a call behind them.
    places: FxHashMap<(LocId, LocId), LocId>,
}

/// A call that becomes a body.
struct Site {
    block: BlockId,
    /// The instruction; none if it is the end.
    at: Option<usize>,
    callee: FuncId,
    args: Vec<VarId>,
    dest: Option<VarId>,
    loc: Option<LocId>,
}

/// Operations of a function that cost something.
pub fn size(function: &Function) -> usize {
    let costs = |inst: &&Inst| !matches!(inst.op, Op::Const(_) | Op::Step(_));
    let of_block = |block: &Block| {
        block.insts.iter().filter(costs).count() + usize::from(!matches!(block.end, End::Jump(..)))
    };
    function.blocks.values().map(of_block).sum()
}

impl Inliner<'_> {
    /// Functions that nothing is put into another of.
    fn functions(&mut self, program: &mut Program, mut open: Vec<FuncId>) {
        for _ in 0..ROUNDS {
            open.retain(|id| self.takes_in(program, *id));
            if open.is_empty() {
                return;
            }
            each_of(program, open.iter().copied(), |program, id, function| {
                loops::function(function, id);
                simplify::body(program, function);
            });
        }
    }

    /// Whether there was anything to put into a function.
    fn takes_in(&mut self, program: &mut Program, id: FuncId) -> bool {
        let sites = self.sites(program, id);
        if sites.is_empty() {
            return false;
        }
        let mut function = std::mem::replace(&mut program.functions[id], tidy::nothing());
        // From the last to the first: a split moves only what stands behind it.
        for site in sites.into_iter().rev() {
            let callee = program.functions[site.callee].clone();
            self.put_in(program, &mut function, site, &callee);
        }
        program.functions[id] = function;
        true
    }

    fn sites(&self, program: &Program, id: FuncId) -> Vec<Site> {
        let function = &program.functions[id];
        let mut total = size(function);
        let closures = closures(function);
        let mut sites = all_sites(function);
        sites.retain(|site| {
            let good = self.pays(program, id, site, &closures) && total < LARGE;
            if good {
                total += size(&program.functions[site.callee]);
            }
            good
        });
        sites
    }

    /// Rule 1.
    fn pays(
        &self,
        program: &Program,
        id: FuncId,
        site: &Site,
        closures: &IdMap<VarId, Option<FuncId>>,
    ) -> bool {
        if site.callee == id || site.callee.index() < self.start {
            return false;
        }
        let callee = &program.functions[site.callee];
        if matches!(callee.kind, FunctionKind::Global(_)) {
            return false;
        }
        let size = size(callee);
        let caller = &program.functions[id];
        let unwraps = is_matched(caller, site) && self::size(caller) <= SMALL;
        if unwraps && size <= WRAPPED && makes_what_it_gives(callee) {
            return true;
        }
        if self.graph.are_together(id, site.callee) {
            return size <= SMALL && !self.graph.calls_back(callee, id);
        }
        if self.graph.is_recursive(callee, site.callee) {
            return size <= SMALL && !self.graph.calls_back(callee, site.callee);
        }
        let is_closure = callee.kind == FunctionKind::Closure;
        let known = site.args.iter().any(|arg| closures[*arg].is_some());
        let seldom = self.graph.uses(site.callee) <= SELDOM;
        let has_reason = || {
            is_closure || known || seldom || takes_apart(&program.functions[id], callee, &site.args)
        };
        size <= SMALL || size <= MEDIUM && has_reason()
    }

    fn put_in(
        &mut self,
        program: &mut Program,
        function: &mut Function,
        site: Site,
        callee: &Function,
    ) {
        let call = site.loc.unwrap_or(function.loc);
        let mut vars: IdMap<VarId, VarId> =
            callee.vars.values().map(|shape| function.vars.push(*shape)).collect::<Vec<_>>().into();
        for (param, arg) in callee.params.iter().zip(&site.args) {
            vars[param.var] = *arg;
        }
        let first = function.blocks.len();
        let moved = |id: BlockId| BlockId::from_index(first + id.index());
        let then = site.at.map(|_| BlockId::from_index(first + callee.blocks.len()));
        // Who was tail-called stood in the place of its caller.
        let place = |own: &mut Self, program: &mut Program, loc: Option<LocId>| {
            let place = loc.unwrap_or(callee.loc);
            if then.is_some() { own.place(program, place, call) } else { place }
        };
        for mut block in callee.blocks.values().cloned() {
            block.params.iter_mut().for_each(|param| *param = vars[*param]);
            for inst in &mut block.insts {
                inst.op.each_operand_mut(|var| *var = vars[*var]);
                inst.dest = inst.dest.map(|dest| vars[dest]);
                inst.loc = Some(place(self, program, inst.loc));
            }
            block.end.each_operand_mut(|var| *var = vars[*var]);
            block.end.each_target_mut(|to| *to = moved(*to));
            block.loc = Some(place(self, program, block.loc));
            if let Some(then) = then {
                goes_on(function, &mut block, (callee.result, call), then);
            }
            function.blocks.push(block);
        }
        let block = &mut function.blocks[site.block];
        let entry = End::Jump(moved(Function::ENTRY), Vec::new());
        let Some(at) = site.at else {
            block.end = entry;
            return;
        };
        let insts = block.insts.split_off(at + 1);
        block.insts.pop();
        let end = std::mem::replace(&mut block.end, entry);
        let params = site.dest.into_iter().collect();
        let rest = Block { params, insts, end, loc: block.loc };
        function.blocks.push(rest);
    }

    /// A place inside of what is put in at the place `call`.
    fn place(&mut self, program: &mut Program, place: LocId, call: LocId) -> LocId {
        if let Some(known) = self.places.get(&(place, call)) {
            return *known;
        }
        let Loc { def, expr, caller } = program.locs[place];
        let caller = match caller {
            Some(caller) => self.place(program, caller, call),
            None => call,
        };
        let new = program.locs.push(Loc { def, expr, caller: Some(caller) });
        self.places.insert((place, call), new);
        new
    }
}

/// Whether a result is taken apart as soon as it is there.
fn is_matched(caller: &Function, site: &Site) -> bool {
    let block = &caller.blocks[site.block];
    let next = site.at.and_then(|at| block.insts.get(at + 1));
    next.is_some_and(|inst| Some(&inst.op) == site.dest.map(Op::Tag).as_ref())
}

/// Whether at least half of a function's ends give a constructor that is made there.
fn makes_what_it_gives(function: &Function) -> bool {
    let (mut ends, mut made) = (0, 0);
    for block in function.blocks.values() {
        let End::Return(var, _) = block.end else { continue };
        let is_made = |inst: &Inst| {
            let makes = matches!(inst.op, Op::Alloc { .. } | Op::Const(Const::Immediate(_)));
            inst.dest == Some(var) && makes
        };
        ends += 1;
        made += usize::from(block.insts.iter().any(is_made));
    }
    made > 0 && 2 * made >= ends
}

/// All calls of known functions, from the first to the last of each block.
fn all_sites(function: &Function) -> Vec<Site> {
    let closures = closures(function);
    let mut sites = Vec::new();
    for (block, body) in function.blocks.iter() {
        for (at, inst) in body.insts.iter().enumerate() {
            let (callee, args) = match &inst.op {
                Op::Call { func, args } => (*func, args.clone()),
                Op::CallClosure { closure, args } => match closures[*closure] {
                    Some(func) => (func, [&[*closure], &args[..]].concat()),
                    None => continue,
                },
                _ => continue,
            };
            let (at, dest, loc) = (Some(at), inst.dest, inst.loc);
            sites.push(Site { block, at, callee, args, dest, loc });
        }
        let (callee, args) = match &body.end {
            End::TailCall { func, args } => (*func, args.clone()),
            End::TailCallClosure { closure, args } => match closures[*closure] {
                Some(func) => (func, [&[*closure], &args[..]].concat()),
                None => continue,
            },
            _ => continue,
        };
        sites.push(Site { block, at: None, callee, args, dest: None, loc: body.loc });
    }
    sites
}

/// Rule 2: what ends the body goes on behind the call. A tail call stood in the place of the body:
/// its place is that of the call.
fn goes_on(
    function: &mut Function,
    block: &mut Block,
    (result, call): (ShapeId, LocId),
    then: BlockId,
) {
    let op = match std::mem::take(&mut block.end) {
        End::Return(var, _) => {
            block.end = End::Jump(then, vec![var]);
            return;
        }
        End::TailCall { func, args } => Op::Call { func, args },
        End::TailCallClosure { closure, args } => Op::CallClosure { closure, args },
        end => {
            block.end = end;
            return;
        }
    };
    let dest = function.vars.push(result);
    block.insts.push(Inst { dest: Some(dest), op, loc: Some(call) });
    block.end = End::Jump(then, vec![dest]);
}

/// Whether one of the arguments is data that is made here, of which the callee only asks the parts:
/// put in, it need not be made.
fn takes_apart(function: &Function, callee: &Function, args: &[VarId]) -> bool {
    let mut insts = function.blocks.values().flat_map(|block| &block.insts);
    let given: Vec<VarId> = insts
        .by_ref()
        .filter(|inst| matches!(inst.op, Op::Alloc { .. }))
        .filter_map(|inst| inst.dest.filter(|dest| args.contains(dest)))
        .collect();
    let mut params = callee.params.iter().zip(args).filter(|(_, arg)| given.contains(arg));
    params.any(|(param, _)| is_only_asked(callee, param.var))
}

fn is_only_asked(function: &Function, var: VarId) -> bool {
    let (mut asked, mut used) = (0, 0);
    for block in function.blocks.values() {
        for inst in &block.insts {
            let asks = matches!(inst.op, Op::Field { .. } | Op::Tag(_));
            inst.op.each_operand(|operand| {
                used += u32::from(operand == var);
                asked += u32::from(asks && operand == var);
            });
        }
        block.end.each_operand(|operand| used += u32::from(operand == var));
    }
    used > 0 && asked == used
}

/// The function of every variable that is a closure made in this function.
fn closures(function: &Function) -> IdMap<VarId, Option<FuncId>> {
    let mut closures: IdMap<VarId, Option<FuncId>> = vec![None; function.vars.len()].into();
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let (Some(dest), Op::Closure { func, .. }) = (inst.dest, &inst.op) {
            closures[dest] = Some(*func);
        }
    }
    closures
}
