//! Writes selected instructions down as words.

use super::Entries;
use super::registers::{Move, Registers, TooLarge, in_order};
use super::sel::{Form, Sel, Selected};
use crate::bytecode::{Code, Cold, Inst, LINK, Op, Place};
use eclexia_base::ids::Id;
use eclexia_ir::ir::{BlockId, Function, LocId};

/// A distance that is not known yet.
struct Fixup {
    /// The word that it is part of.
    at: usize,
    /// The instruction that jumps.
    from: usize,
    to: BlockId,
    width: Width,
}

enum Width {
    /// `c` of an instruction.
    Short,
    /// `b` and `c` of an instruction.
    Small,
    /// A word.
    Wide,
}

struct Encoder<'a> {
    function: &'a Function,
    selected: &'a Selected,
    registers: Registers,
    entries: &'a mut dyn Entries,
    words: Vec<u64>,
    /// By position.
    starts: Vec<usize>,
    fixups: Vec<Fixup>,
    places: Vec<Place>,
    #[expect(clippy::vec_box, reason = "the addresses stay when the vector grows")]
    cold: Vec<Box<Cold>>,
    most_args: usize,
}

/// `None`: a jump is too far for its 16 bits.
pub(crate) fn encode(
    function: &Function,
    selected: &Selected,
    registers: Registers,
    entries: &mut dyn Entries,
) -> Result<Option<Code>, TooLarge> {
    let mut encoder = Encoder {
        function,
        selected,
        registers,
        entries,
        words: Vec::new(),
        starts: Vec::new(),
        fixups: Vec::new(),
        places: Vec::new(),
        cold: Vec::new(),
        most_args: 0,
    };
    for position in 0..selected.order.len() {
        encoder.starts.push(encoder.words.len());
        for at in selected.sels_of(position) {
            encoder.sel(&selected.sels[at], position)?;
        }
    }
    if !encoder.fix() {
        return Ok(None);
    }
    let frame = usize::from(encoder.registers.count) + LINK + encoder.most_args;
    Ok(Some(Code {
        words: encoder.words.into_boxed_slice(),
        frame: u32::try_from(frame).map_err(|_| TooLarge)?,
        steps: selected.entry_steps,
        looks: selected.entry_looks,
        entry_loc: entry_loc(function),
        places: encoder.places,
        registers: encoder.registers.of,
        cold: encoder.cold,
    }))
}

/// Place of the steps that a function begins with.
fn entry_loc(function: &Function) -> LocId {
    let first = function.blocks[Function::ENTRY].insts.first();
    first.and_then(|inst| inst.loc).unwrap_or(function.loc)
}

impl Encoder<'_> {
    fn register(&self, var: u32) -> u16 {
        self.registers.of[var as usize]
    }

    /// Where the next frame begins.
    fn window(&self) -> u16 {
        self.registers.count + LINK as u16
    }

    fn place(&mut self, sel: &Sel, position: usize) {
        let Some(inst) = sel.inst else { return };
        let id = self.selected.order[position];
        let block = &self.function.blocks[id];
        let loc = match block.insts.get(inst as usize) {
            Some(inst) => inst.loc,
            None => block.loc,
        };
        let loc = loc.unwrap_or(self.function.loc);
        // A loop has its next values already: what it owns is what the target begins with.
        let (block, inst, is_before) = match &sel.form {
            Form::Loop(_, to) => (*to, 0, true),
            Form::Step(_) => (id, inst, true),
            _ => (id, inst, false),
        };
        self.places.push(Place { at: self.words.len() as u32, loc, block, inst, is_before });
    }

    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    fn sel(&mut self, sel: &Sel, position: usize) -> Result<(), TooLarge> {
        self.place(sel, position);
        let selected = self.selected;
        let args: Vec<u16> = selected.args_of(sel).iter().map(|arg| self.register(*arg)).collect();
        let arg = |i: usize| args.get(i).copied().unwrap_or(0);
        let dest = sel.dest.map_or(0, |dest| self.register(dest));
        let here = self.words.len();
        match &sel.form {
            Form::Nothing => {}
            Form::Plain if sel.op == Op::Move && dest == arg(0) => {}
            Form::Plain => self.inst(Inst::new(sel.op, dest, arg(0), arg(1))),
            Form::Operands => self.inst(Inst::new(sel.op, arg(0), arg(1), arg(2))),
            Form::Number(number, n) => {
                let inst = Inst::new(sel.op, dest, arg(0), number.cast_unsigned());
                self.inst(Inst { n: *n, ..inst });
            }
            Form::Small(number) => self.inst(Inst::with_small(sel.op, dest, *number)),
            Form::Wide(word) => {
                self.inst(Inst::new(sel.op, dest, arg(0), 0));
                self.words.push(*word);
            }
            Form::Global(global) => {
                self.inst(Inst::new(sel.op, dest, self.window(), 0));
                self.words.push(u64::from(*global));
            }
            Form::WideArg(word) => {
                self.inst(Inst::new(sel.op, arg(0), 0, 0));
                self.words.push(*word);
            }
            Form::Index(index) => {
                let index = u16::try_from(*index).map_err(|_| TooLarge)?;
                self.inst(Inst::new(sel.op, dest, arg(0), index));
            }
            Form::If(to) => {
                self.fixup(here, *to, Width::Short);
                self.inst(Inst::new(sel.op, arg(0), arg(1), 0));
            }
            Form::IfNumber(number, to) => {
                self.fixup(here, *to, Width::Short);
                self.inst(Inst::new(sel.op, arg(0), *number, 0));
            }
            Form::Far(to) => {
                self.fixup(here, *to, Width::Small);
                self.inst(Inst::new(sel.op, arg(0), 0, 0));
            }
            Form::Loop(steps, to) => {
                self.fixup(here, *to, Width::Small);
                self.inst(Inst { n: *steps, ..Inst::new(sel.op, 0, 0, 0) });
            }
            Form::Step(steps) | Form::Count(steps) => self.inst(Inst::new(sel.op, 0, 0, *steps)),
            Form::Moves(..) => self.moves(sel, &args),
            Form::Switch { least, cases, default } => {
                self.inst(Inst::new(sel.op, arg(0), 0, 0));
                self.words.extend([least.cast_unsigned(), cases.len() as u64]);
                self.table(here, [*default].iter().chain(cases));
            }
            Form::Search { cases, default } => {
                self.inst(Inst::new(sel.op, arg(0), 0, 0));
                self.words.push(cases.len() as u64);
                self.table(here, [*default].iter());
                for (number, to) in cases {
                    self.words.push(number.cast_unsigned());
                    self.table(here, [*to].iter());
                }
            }
            Form::SwitchTag { first_info, immediates, layouts } => {
                self.inst(Inst::new(sel.op, arg(0), 0, 0));
                self.words.push(u64::from(*first_info) | (immediates.len() as u64) << 32);
                self.table(here, immediates.iter().chain(layouts));
            }
            Form::Tag { first_info, ctors } => {
                let count = u16::try_from(ctors.len()).map_err(|_| TooLarge)?;
                self.inst(Inst::new(sel.op, dest, arg(0), count));
                self.words.push(u64::from(*first_info));
                self.words.extend(ctors.iter().map(|ctor| u64::from(*ctor)));
            }
            _ => self.list_form(sel, dest, &args)?,
        }
        Ok(())
    }

    /// Instructions with lists behind them.
    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    fn list_form(&mut self, sel: &Sel, dest: u16, args: &[u16]) -> Result<(), TooLarge> {
        let arg = |i: usize| args.get(i).copied().unwrap_or(0);
        let count = |args: &[u16]| u8::try_from(args.len()).map_err(|_| TooLarge);
        match &sel.form {
            Form::Alloc { info } if sel.op == Op::Alloc2 => {
                self.inst(Inst::new(sel.op, dest, arg(0), arg(1)));
                self.words.push(u64::from(*info));
            }
            Form::Alloc { info } => {
                let fields = u16::try_from(args.len()).map_err(|_| TooLarge)?;
                self.inst(Inst::new(sel.op, dest, fields, 0));
                self.words.push(u64::from(*info));
                self.list(args);
            }
            Form::Reuse { info, unchanged } => {
                let fields = u16::try_from(args.len() - 1).map_err(|_| TooLarge)?;
                self.inst(Inst::new(sel.op, dest, arg(0), fields));
                self.words.extend([*unchanged, u64::from(*info)]);
                self.list(&args[1..]);
            }
            Form::Closure { info, func } => {
                let captures = u16::try_from(args.len()).map_err(|_| TooLarge)?;
                self.inst(Inst::new(sel.op, dest, captures, 0));
                self.words.push(u64::from(*info) | u64::from(func.0) << 32);
                self.list(args);
            }
            Form::Call(func) => {
                let entry = self.entries.entry(*func);
                let n = count(args)?;
                self.most_args = self.most_args.max(args.len());
                let window = self.window();
                self.inst(Inst { n, ..Inst::new(sel.op, dest, window, arg(0)) });
                self.words.push(entry as u64);
                self.list(args.get(1..).unwrap_or_default());
            }
            Form::CallClosure => {
                let n = count(args)?;
                self.most_args = self.most_args.max(args.len());
                let window = self.window();
                self.inst(Inst { n, ..Inst::new(sel.op, dest, window, arg(0)) });
                self.list(&args[1..]);
            }
            Form::TailCall(func) => {
                let entry = self.entries.entry(*func);
                let n = count(args)?;
                self.most_args = self.most_args.max(args.len());
                let window = self.window();
                self.inst(Inst { n, ..Inst::new(sel.op, 0, window, arg(0)) });
                self.words.push(entry as u64);
                self.list(args.get(1..).unwrap_or_default());
            }
            Form::TailCallClosure => {
                let n = count(args)?;
                self.most_args = self.most_args.max(args.len());
                let window = self.window();
                self.inst(Inst { n, ..Inst::new(sel.op, 0, window, arg(0)) });
                self.list(&args[1..]);
            }
            Form::Set => {
                self.inst(Inst::new(sel.op, dest, arg(0), arg(1)));
                self.words.push(u64::from(arg(2)));
            }
            Form::Native { address, shapes } => {
                let (n, shape_count) = (count(args)?, shapes.len() as u16);
                self.inst(Inst { n, ..Inst::new(sel.op, dest, shape_count, 0) });
                self.words.push(*address);
                self.list(args);
                for pair in shapes.chunks(2) {
                    let high = pair.get(1).map_or(0, |shape| u64::from(*shape) << 32);
                    self.words.push(u64::from(pair[0]) | high);
                }
            }
            Form::Cold(cold) => {
                let mut cold = cold.clone();
                cold.args = args.to_vec();
                cold.loc = self.places.last().map_or(self.function.loc, |place| place.loc);
                self.inst(Inst::new(sel.op, dest, u16::from(sel.dest.is_some()), 0));
                self.words.push(&raw const *cold as u64);
                self.cold.push(cold);
            }
            other => eclexia_base::bug!("{other:?} is no list"),
        }
        Ok(())
    }

    fn inst(&mut self, inst: Inst) {
        self.words.push(inst.word());
    }

    fn list(&mut self, registers: &[u16]) {
        for four in registers.chunks(4) {
            let word =
                four.iter().rev().fold(0, |word, register| word << 16 | u64::from(*register));
            self.words.push(word);
        }
    }

    fn moves(&mut self, sel: &Sel, args: &[u16]) {
        let targets = Selected::targets(self.function, sel, &self.registers.of);
        // The word behind the last register is the next frame's, and there is none now.
        for step in in_order(&targets, args, self.registers.count) {
            match step {
                Move::Register { to, from } => self.inst(Inst::new(Op::Move, to, from, 0)),
                Move::Small { to, number } => self.inst(Inst::with_small(Op::Small, to, number)),
                Move::Wide { to, word } => {
                    self.inst(Inst::new(Op::Wide, to, 0, 0));
                    self.words.push(word);
                }
            }
        }
    }

    fn fixup(&mut self, from: usize, to: BlockId, width: Width) {
        self.fixups.push(Fixup { at: from, from, to, width });
    }

    fn table<'b>(&mut self, from: usize, targets: impl Iterator<Item = &'b BlockId>) {
        for to in targets {
            self.fixups.push(Fixup { at: self.words.len(), from, to: *to, width: Width::Wide });
            self.words.push(0);
        }
    }

    /// Whether all distances fit.
    fn fix(&mut self) -> bool {
        for fixup in &self.fixups {
            let position = self.selected.position[fixup.to.index()] as usize;
            let distance = self.starts[position] as i64 - fixup.from as i64;
            let word = &mut self.words[fixup.at];
            match fixup.width {
                Width::Short => match i16::try_from(distance) {
                    Ok(short) => *word |= u64::from(short.cast_unsigned()) << 48,
                    Err(_) => return false,
                },
                Width::Small => match i32::try_from(distance) {
                    Ok(small) => *word |= u64::from(small.cast_unsigned()) << 32,
                    Err(_) => return false,
                },
                Width::Wide => *word = distance.cast_unsigned(),
            }
        }
        true
    }
}
