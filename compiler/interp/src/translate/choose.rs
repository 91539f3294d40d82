//! How blocks end: comparisons become part of jumps, tests of constructors look at the value
//! itself.

use super::sel::{Form, Source};
use super::select::Selector;
use crate::bytecode::Op;
use eclexia_base::ids::Id;
use eclexia_ir::ir::{self, BlockId, End, Prim, VarId};
use eclexia_rt::layout::{FIRST_LAYOUT, Shape};

/// A test that a jump can make, and the one that holds when it does not.
pub(super) struct Test {
    ops: (Op, Op),
    args: Vec<VarId>,
    /// In place of a second operand.
    number: Option<u16>,
    /// Instructions that it stands for.
    fused: Vec<u32>,
}

impl Test {
    fn of(ops: (Op, Op), args: &[VarId], at: u32) -> Test {
        Test { ops, args: args.to_vec(), number: None, fused: vec![at] }
    }

    fn with_number(ops: (Op, Op), arg: VarId, number: i16, at: u32) -> Test {
        let number = Some(number.cast_unsigned());
        Test { ops, args: vec![arg], number, fused: vec![at] }
    }
}

impl Selector<'_> {
    /// Finds what the end of a block takes over from its instructions.
    pub(super) fn fuse_end(&mut self, id: BlockId) {
        let function = self.function;
        match &function.blocks[id].end {
            End::Branch { cond, .. } => {
                if let Some(test) = self.test(id, *cond) {
                    self.fused = test.fused;
                }
            }
            End::Switch { value, .. } => {
                if let Some((at, _)) = self.tag_of(id, *value) {
                    self.fused = vec![at];
                }
            }
            _ => {}
        }
    }

    pub(super) fn jump(&mut self, from: BlockId, to: BlockId, args: &[VarId], steps: Option<u8>) {
        let mut operands = Vec::new();
        let sources = args.iter().map(|arg| match (self.words[arg.index()], self.small(*arg)) {
            (_, Some(number)) => Source::Small(number),
            (Some(word), None) => Source::Wide(word),
            (None, None) => {
                operands.push(*arg);
                Source::Arg(operands.len() as u32 - 1)
            }
        });
        let sources: Vec<Source> = sources.collect();
        if !sources.is_empty() {
            self.push(Op::Move, Form::Moves(to, sources), None, &operands, None);
        }
        match steps {
            Some(steps) => {
                let at = self.function.blocks[from].insts.len() as u32 - 1;
                self.push(Op::Loop, Form::Loop(steps, to), None, &[], Some(at));
            }
            None => self.go(from, to),
        }
    }

    /// Goes to a block, which may be the next one.
    fn go(&mut self, from: BlockId, to: BlockId) {
        if self.out.position[to.index()] != self.out.position[from.index()] + 1 {
            self.push(Op::Jump, Form::Far(to), None, &[], None);
        }
    }

    pub(super) fn branch(&mut self, id: BlockId, cond: VarId, then: BlockId, other: BlockId) {
        let test = self.test(id, cond).unwrap_or_else(|| Test {
            ops: (Op::IfTrue, Op::IfFalse),
            args: vec![cond],
            number: None,
            fused: Vec::new(),
        });
        self.jump_on(id, &test, then, other);
    }

    fn jump_on(&mut self, id: BlockId, test: &Test, then: BlockId, other: BlockId) {
        let next = self.out.position[id.index()] + 1;
        let (op, to, rest) = if self.out.position[then.index()] == next {
            (test.ops.1, other, then)
        } else {
            (test.ops.0, then, other)
        };
        let form = match (op, test.number) {
            (Op::IfTrue | Op::IfFalse, _) => Form::Far(to),
            (_, Some(number)) => Form::IfNumber(number, to),
            (_, None) => Form::If(to),
        };
        self.push(op, form, None, &test.args, None);
        self.go(id, rest);
    }

    /// The test behind a condition that is used for nothing else.
    fn test(&self, id: BlockId, cond: VarId) -> Option<Test> {
        if self.is_far {
            return None;
        }
        let (at, inst) = self.only_use(id, cond)?;
        match &inst.op {
            ir::Op::Prim(Prim::BoolNot, args) => {
                let mut test = self.test(id, args[0]).unwrap_or_else(|| Test {
                    ops: (Op::IfTrue, Op::IfFalse),
                    args: vec![args[0]],
                    number: None,
                    fused: Vec::new(),
                });
                test.ops = (test.ops.1, test.ops.0);
                test.fused.push(at);
                Some(test)
            }
            ir::Op::Prim(prim, args) => match args[..] {
                [x, y] => self.comparison(id, *prim, x, y, at),
                _ => None,
            },
            ir::Op::IsUnique(of) if self.is_calm_after(id, at) => {
                Some(Test::of((Op::IfUnique, Op::IfShared), &[*of], at))
            }
            _ => None,
        }
    }

    fn comparison(&self, id: BlockId, prim: Prim, x: VarId, y: VarId, at: u32) -> Option<Test> {
        let number = |ops, arg, number| Some(Test::with_number(ops, arg, number, at));
        match (prim, self.short(x), self.short(y)) {
            (Prim::IntEq, _, Some(n)) => {
                self.tag_test(id, x, n, at).or_else(|| number((Op::IfEqSmall, Op::IfNeSmall), x, n))
            }
            (Prim::IntEq, Some(n), _) => number((Op::IfEqSmall, Op::IfNeSmall), y, n),
            (Prim::IntLt, _, Some(n)) => number((Op::IfLtSmall, Op::IfGeSmall), x, n),
            (Prim::IntLt, Some(n), _) => number((Op::IfGtSmall, Op::IfLeSmall), y, n),
            (Prim::IntLe, _, Some(n)) => number((Op::IfLeSmall, Op::IfGtSmall), x, n),
            (Prim::IntLe, Some(n), _) => number((Op::IfGeSmall, Op::IfLtSmall), y, n),
            (Prim::IntEq | Prim::BoolEq, ..) => Some(Test::of((Op::IfEq, Op::IfNe), &[x, y], at)),
            (Prim::IntLt, ..) => Some(Test::of((Op::IfLt, Op::IfGe), &[x, y], at)),
            (Prim::IntLe, ..) => Some(Test::of((Op::IfLe, Op::IfGt), &[x, y], at)),
            (Prim::FloatEq, ..) => Some(Test::of((Op::IfEqFloat, Op::IfNeFloat), &[x, y], at)),
            (Prim::FloatLt, ..) => Some(Test::of((Op::IfLtFloat, Op::IfNotLtFloat), &[x, y], at)),
            (Prim::FloatLe, ..) => Some(Test::of((Op::IfLeFloat, Op::IfNotLeFloat), &[x, y], at)),
            _ => None,
        }
    }

    /// A comparison of a tag that is used for nothing else.
    fn tag_test(&self, id: BlockId, tag: VarId, index: i16, at: u32) -> Option<Test> {
        let (tag_at, of) = self.tag_of(id, tag)?;
        let mut test = self.ctor_test(of, usize::try_from(index).ok()?)?;
        test.fused = vec![tag_at, at];
        Some(test)
    }

    /// The value whose constructor a variable is, if that is used only at the end of the block.
    fn tag_of(&self, id: BlockId, tag: VarId) -> Option<(u32, VarId)> {
        let (at, inst) = self.only_use(id, tag)?;
        match &inst.op {
            ir::Op::Tag(of) if matches!(self.shape(*of), Shape::Data(_)) => {
                self.is_calm_after(id, at).then_some((at, *of))
            }
            _ => None,
        }
    }

    /// A test whether a value is of one constructor.
    fn ctor_test(&self, of: VarId, index: usize) -> Option<Test> {
        let Shape::Data(ctors) = self.shape(of) else { return None };
        let cells = ctors.iter().filter(|ctor| ctor.layout.is_some()).count();
        let immediates = ctors.len() - cells;
        let test = |ops, number: Option<u32>| {
            let number = match number {
                Some(number) => Some(u16::try_from(number).ok()?),
                None => None,
            };
            Some(Test { ops, args: vec![of], number, fused: Vec::new() })
        };
        match ctors.get(index)?.layout {
            None if immediates == 1 => test((Op::IfImmediate, Op::IfCell), None),
            None => test((Op::IfWord, Op::IfNotWord), Some((index as u32) << 1 | 1)),
            Some(_) if cells == 1 => test((Op::IfCell, Op::IfImmediate), None),
            Some(layout) => test((Op::IfInfo, Op::IfNotInfo), Some(layout.0 + FIRST_LAYOUT)),
        }
    }

    pub(super) fn switch(
        &mut self,
        id: BlockId,
        value: VarId,
        cases: &[(i64, BlockId)],
        default: Option<BlockId>,
    ) {
        let mut cases = cases.to_vec();
        cases.sort_by_key(|(number, _)| *number);
        let default = match default.or_else(|| cases.pop().map(|(_, to)| to)) {
            Some(default) => default,
            None => return self.cold_end(crate::bytecode::ColdKind::Unreachable, &[], 0),
        };
        let tag = self.tag_of(id, value);
        match (&cases[..], tag) {
            ([], _) => self.go(id, default),
            ([(index, to)], Some((_, of))) if !self.is_far => {
                let test = usize::try_from(*index).ok().and_then(|i| self.ctor_test(of, i));
                match test {
                    Some(test) => self.jump_on(id, &test, *to, default),
                    None => self.switch_tag(of, &cases, default),
                }
            }
            (_, Some((_, of))) => self.switch_tag(of, &cases, default),
            ([(number, to)], None) if !self.is_far && i16::try_from(*number).is_ok() => {
                let ops = (Op::IfEqSmall, Op::IfNeSmall);
                let test = Test::with_number(ops, value, *number as i16, 0);
                self.jump_on(id, &test, *to, default);
            }
            _ => self.switch_int(value, &cases, default),
        }
    }

    fn switch_tag(&mut self, of: VarId, cases: &[(i64, BlockId)], default: BlockId) {
        let function = self.function;
        let Shape::Data(ctors) = self.program.shapes.get(function.vars[of]) else {
            return self.cold_end(crate::bytecode::ColdKind::Unreachable, &[], 0);
        };
        let target = |index: usize| {
            let case = cases.iter().find(|(number, _)| *number == index as i64);
            case.map_or(default, |(_, to)| *to)
        };
        let immediates = (0..ctors.len()).map(target).collect();
        let cells: Vec<(usize, u32)> = ctors
            .iter()
            .enumerate()
            .filter_map(|(i, ctor)| Some((i, ctor.layout?.0 + FIRST_LAYOUT)))
            .collect();
        let first_info = cells.iter().map(|(_, info)| *info).min().unwrap_or(FIRST_LAYOUT);
        let layouts = cells.iter().map(|(i, _)| target(*i)).collect();
        let form = Form::SwitchTag { first_info, immediates, layouts };
        self.push(Op::SwitchTag, form, None, &[of], None);
    }

    fn switch_int(&mut self, value: VarId, cases: &[(i64, BlockId)], default: BlockId) {
        let (least, most) = (cases[0].0, cases[cases.len() - 1].0);
        let width = most.abs_diff(least);
        if width > 4 * cases.len() as u64 + 8 {
            let form = Form::Search { cases: cases.to_vec(), default };
            return self.push(Op::Search, form, None, &[value], None);
        }
        let mut table = vec![default; width as usize + 1];
        for (number, to) in cases {
            table[number.abs_diff(least) as usize] = *to;
        }
        let form = Form::Switch { least, cases: table, default };
        self.push(Op::Switch, form, None, &[value], None);
    }
}
