//! Which variable is in which register: in the order of dominance, every variable gets the first
//! register that is free where it is defined, and gives it back after its last use. In single
//! assignment form this never runs out of registers that another order would have found (Hack,
//! Grund, Goos 2006). Before that: which variables a block needs from outside, from their uses
//! backwards.

use super::sel::{Form, Sel, Selected, Source};
use crate::bytecode::Op;
use eclexia_base::ids::Id;
use eclexia_ir::ir::{End, Function};

pub(crate) const NO_REGISTER: u16 = u16::MAX;

/// A function with too many variables alive at once.
#[derive(Debug)]
pub(crate) struct TooLarge;

pub(crate) struct Registers {
    /// By variable.
    pub of: Vec<u16>,
    pub count: u16,
}

struct Assign<'a> {
    function: &'a Function,
    selected: &'a Selected,
    live_in: Vec<Vec<u32>>,
    predecessors: Vec<Vec<u32>>,
    of: Vec<u16>,
    hints: Vec<u16>,
    /// Registers taken at the current place, one bit each.
    taken: Vec<u64>,
    count: u32,
}

pub(crate) fn assign(function: &Function, selected: &Selected) -> Result<Registers, TooLarge> {
    let vars = selected.vars as usize;
    let predecessors = predecessors(function, selected);
    let mut assign = Assign {
        function,
        selected,
        live_in: live_in(function, selected, &predecessors),
        predecessors,
        of: vec![NO_REGISTER; vars],
        hints: vec![NO_REGISTER; vars],
        taken: Vec::new(),
        count: function.params.len() as u32,
    };
    for (number, param) in function.params.iter().enumerate() {
        assign.of[param.var.index()] = u16::try_from(number).map_err(|_| TooLarge)?;
    }
    for position in 0..selected.order.len() {
        assign.block(position)?;
    }
    let count = u16::try_from(assign.count).map_err(|_| TooLarge)?;
    Ok(Registers { of: assign.of, count })
}

/// By position, in positions.
fn predecessors(function: &Function, selected: &Selected) -> Vec<Vec<u32>> {
    let mut predecessors = vec![Vec::new(); selected.order.len()];
    for (position, id) in selected.order.iter().enumerate() {
        for next in function.blocks[*id].end.successors() {
            predecessors[selected.position[next.index()] as usize].push(position as u32);
        }
    }
    predecessors
}

/// By position: the variables that a block uses, or leads to a use of, and does not define.
fn live_in(function: &Function, selected: &Selected, predecessors: &[Vec<u32>]) -> Vec<Vec<u32>> {
    const NOWHERE: u32 = u32::MAX;
    let mut defined = vec![NOWHERE; selected.vars as usize];
    for (position, id) in selected.order.iter().enumerate() {
        let block = &function.blocks[*id];
        for param in &block.params {
            defined[param.index()] = position as u32;
        }
        for sel in &selected.sels[selected.sels_of(position)] {
            if let Some(dest) = sel.dest {
                defined[dest as usize] = position as u32;
            }
        }
    }
    for param in &function.params {
        defined[param.var.index()] = 0;
    }
    let mut uses: Vec<(u32, u32)> = Vec::new();
    for position in 0..selected.order.len() {
        for sel in &selected.sels[selected.sels_of(position)] {
            let args = selected.args_of(sel).iter().copied();
            let outside = args.filter(|arg| defined[*arg as usize] != position as u32);
            uses.extend(outside.map(|arg| (arg, position as u32)));
        }
    }
    uses.sort_unstable();
    uses.dedup();
    let mut live = vec![Vec::new(); selected.order.len()];
    let mut work = Vec::new();
    for (var, position) in uses {
        work.push(position);
        while let Some(at) = work.pop() {
            if live[at as usize].last() == Some(&var) || at == defined[var as usize] {
                continue;
            }
            live[at as usize].push(var);
            work.extend_from_slice(&predecessors[at as usize]);
        }
    }
    live
}

impl Assign<'_> {
    fn block(&mut self, position: usize) -> Result<(), TooLarge> {
        let selected = self.selected;
        let sels = selected.sels_of(position);
        let deaths = self.deaths(position);
        self.taken.iter_mut().for_each(|bits| *bits = 0);
        for at in 0..self.live_in[position].len() {
            let register = self.of[self.live_in[position][at] as usize];
            self.take(register);
        }
        let id = selected.order[position];
        if position == 0 {
            self.params(&deaths);
        }
        self.block_params(position)?;
        let mut deaths = deaths.into_iter().rev().peekable();
        for (offset, sel) in selected.sels[sels].iter().enumerate() {
            let mut dead_result = None;
            while let Some((_, var)) = deaths.next_if(|(at, _)| *at as usize == offset) {
                match sel.dest == Some(var) {
                    true => dead_result = Some(var),
                    false => self.give_back(self.of[var as usize]),
                }
            }
            if let Some(dest) = sel.dest {
                self.define(dest, selected, sel)?;
            }
            if let Some(var) = dead_result {
                self.give_back(self.of[var as usize]);
            }
        }
        self.hint_next(id);
        Ok(())
    }

    /// Parameters that nobody uses leave their registers free.
    fn params(&mut self, deaths: &[(u32, u32)]) {
        for param in &self.function.params {
            let var = param.var.0;
            let is_used = deaths.iter().any(|(_, dead)| *dead == var) || self.is_live_out(0, var);
            if is_used {
                self.take(self.of[var as usize]);
            }
        }
    }

    fn is_live_out(&self, position: usize, var: u32) -> bool {
        let block = &self.function.blocks[self.selected.order[position]];
        let next = block.end.successors().into_iter();
        let mut positions = next.map(|next| self.selected.position[next.index()] as usize);
        positions.any(|next| self.live_in[next].binary_search(&var).is_ok())
    }

    /// Instruction (from the start of the block) and variable, for every variable that dies in a
    /// block; the last first.
    fn deaths(&self, position: usize) -> Vec<(u32, u32)> {
        let selected = self.selected;
        let mut live: eclexia_base::FxHashSet<u32> = eclexia_base::FxHashSet::default();
        let block = &self.function.blocks[selected.order[position]];
        for next in block.end.successors() {
            let next = selected.position[next.index()] as usize;
            live.extend(self.live_in[next].iter().copied());
        }
        let mut deaths = Vec::new();
        for (offset, sel) in selected.sels[selected.sels_of(position)].iter().enumerate().rev() {
            if let Some(dest) = sel.dest
                && !live.remove(&dest)
            {
                deaths.push((offset as u32, dest));
            }
            for arg in selected.args_of(sel) {
                if live.insert(*arg) {
                    deaths.push((offset as u32, *arg));
                }
            }
        }
        deaths
    }

    /// A parameter takes over the register of an argument where it can.
    fn block_params(&mut self, position: usize) -> Result<(), TooLarge> {
        let id = self.selected.order[position];
        for param in &self.function.blocks[id].params {
            let hint = self.hints[param.index()];
            self.assign(param.0, hint)?;
        }
        // What jumps back here defines its arguments where the parameters are, if it can.
        for from in &self.predecessors[position] {
            let from = self.selected.order[*from as usize];
            let End::Jump(_, args) = &self.function.blocks[from].end else { continue };
            for (arg, param) in args.iter().zip(&self.function.blocks[id].params) {
                if self.of[arg.index()] == NO_REGISTER {
                    self.hints[arg.index()] = self.of[param.index()];
                }
            }
        }
        Ok(())
    }

    /// A jump forwards tells the parameters where their arguments are.
    fn hint_next(&mut self, id: eclexia_ir::ir::BlockId) {
        let End::Jump(to, args) = &self.function.blocks[id].end else { return };
        for (arg, param) in args.iter().zip(&self.function.blocks[*to].params) {
            if self.of[param.index()] == NO_REGISTER && self.hints[param.index()] == NO_REGISTER {
                self.hints[param.index()] = self.of[arg.index()];
            }
        }
    }

    fn define(&mut self, var: u32, selected: &Selected, sel: &Sel) -> Result<(), TooLarge> {
        let hint = match (self.hints[var as usize], sel.op) {
            (NO_REGISTER, Op::Move) => {
                let from = selected.args_of(sel).first();
                from.map_or(NO_REGISTER, |from| self.of[*from as usize])
            }
            (hint, _) => hint,
        };
        self.assign(var, hint)
    }

    fn assign(&mut self, var: u32, hint: u16) -> Result<(), TooLarge> {
        let register =
            if hint != NO_REGISTER && !self.is_taken(hint) { hint } else { self.first_free()? };
        self.take(register);
        self.of[var as usize] = register;
        Ok(())
    }

    fn first_free(&self) -> Result<u16, TooLarge> {
        let word = self.taken.iter().position(|bits| *bits != u64::MAX);
        let free = match word {
            Some(word) => word as u32 * 64 + self.taken[word].trailing_ones(),
            None => self.taken.len() as u32 * 64,
        };
        // Two words behind the last register belong to the next frame.
        u16::try_from(free).ok().filter(|free| *free < u16::MAX - 512).ok_or(TooLarge)
    }

    fn is_taken(&self, register: u16) -> bool {
        let (word, bit) = (usize::from(register / 64), register % 64);
        self.taken.get(word).is_some_and(|bits| bits >> bit & 1 == 1)
    }

    fn take(&mut self, register: u16) {
        let (word, bit) = (usize::from(register / 64), register % 64);
        if self.taken.len() <= word {
            self.taken.resize(word + 1, 0);
        }
        self.taken[word] |= 1 << bit;
        self.count = self.count.max(u32::from(register) + 1);
    }

    fn give_back(&mut self, register: u16) {
        let (word, bit) = (usize::from(register / 64), register % 64);
        if let Some(bits) = self.taken.get_mut(word) {
            *bits &= !(1 << bit);
        }
    }
}

/// A move of a register, or of a number, into a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Move {
    Register { to: u16, from: u16 },
    Small { to: u16, number: i32 },
    Wide { to: u16, word: u64 },
}

/// Moves that do at once what these say together; `spare` is a register that nobody uses.
pub(crate) fn in_order(targets: &[(u16, Source)], args: &[u16], spare: u16) -> Vec<Move> {
    let mut moves = Vec::new();
    let mut open: Vec<(u16, u16)> = targets
        .iter()
        .filter_map(|(to, source)| match source {
            Source::Arg(number) => Some((*to, args[*number as usize])),
            _ => None,
        })
        .filter(|(to, from)| to != from)
        .collect();
    while !open.is_empty() {
        let is_free = |to: u16| !open.iter().any(|(_, from)| *from == to);
        match open.iter().position(|(to, _)| is_free(*to)) {
            Some(at) => {
                let (to, from) = open.swap_remove(at);
                moves.push(Move::Register { to, from });
            }
            // Circles only: one word steps aside.
            None => {
                let aside = open[0].1;
                moves.push(Move::Register { to: spare, from: aside });
                open.iter_mut().filter(|(_, from)| *from == aside).for_each(|(_, f)| *f = spare);
            }
        }
    }
    moves.extend(targets.iter().filter_map(|(to, source)| match source {
        Source::Arg(_) => None,
        Source::Small(number) => Some(Move::Small { to: *to, number: *number }),
        Source::Wide(word) => Some(Move::Wide { to: *to, word: *word }),
    }));
    moves
}

impl Selected {
    /// The first parameters' values of a jump.
    pub fn targets<'f>(function: &'f Function, sel: &'f Sel, of: &[u16]) -> Vec<(u16, Source)> {
        let Form::Moves(to, sources) = &sel.form else { return Vec::new() };
        let params = function.blocks[*to].params.iter();
        let registers = params.map(|param| of[param.index()]);
        registers.zip(sources.iter().copied()).filter(|(to, _)| *to != NO_REGISTER).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_in_a_circle_keep_every_word() {
        let targets: Vec<(u16, Source)> =
            [0, 1, 2, 3].into_iter().zip([1, 2, 0, 0].map(Source::Arg)).collect();
        let mut words = [10, 11, 12, 13, 0];
        for step in in_order(&targets, &[0, 1, 2], 4) {
            let Move::Register { to, from } = step else { panic!("no numbers here") };
            words[usize::from(to)] = words[usize::from(from)];
        }
        assert_eq!(words[..4], [11, 12, 10, 10]);
    }
}
