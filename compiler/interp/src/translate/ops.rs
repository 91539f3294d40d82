//! Which instructions of bytecode an instruction of the IR becomes.

use super::sel::Form;
use super::select::{Selector, plain};
use crate::bytecode::{Cold, ColdKind, Op};
use crate::natives;
use eclexia_base::bug;
use eclexia_base::ids::Id;
use eclexia_ir::ir::{self, ExternId, Inst, Prim, VarId};
use eclexia_rt::external::{self, External};
use eclexia_rt::layout::{FIRST_LAYOUT, LayoutId, Rep, Shape};

impl Selector<'_> {
    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    pub(super) fn inst(&mut self, inst: &Inst, at: u32) {
        let dest = match inst.op {
            ir::Op::Call { .. }
            | ir::Op::CallClosure { .. }
            | ir::Op::Native { .. }
            | ir::Op::Global(_) => Some(inst.dest.unwrap_or_else(|| self.fresh())),
            _ => inst.dest,
        };
        match &inst.op {
            ir::Op::Const(_) | ir::Op::NoToken => self.constant(dest),
            ir::Op::Prim(prim, args) => self.prim(*prim, args, dest, at),
            ir::Op::Call { func, args } => {
                self.push(Op::Call, Form::Call(*func), dest, args, Some(at));
            }
            ir::Op::More(index) => {
                self.push(Op::Take, Form::Index(*index), dest, &[], None);
            }
            ir::Op::CallClosure { closure, args } => {
                let all: Vec<VarId> =
                    std::iter::once(*closure).chain(args.iter().copied()).collect();
                self.push(Op::CallClosure, Form::CallClosure, dest, &all, Some(at));
            }
            ir::Op::Native { native, args, shapes } => {
                let shapes: Vec<u32> = shapes.iter().map(|s| s.0).collect();
                let item = args.first().and_then(|first| match self.shape(*first) {
                    Shape::Vector(item) => Some(self.program.shapes.rep(*item)),
                    _ => None,
                });
                let (op, form) = natives::form(*native, item, &shapes);
                self.push(op, form, dest, args, Some(at));
            }
            ir::Op::Builtin { builtin, args } => {
                self.cold(ColdKind::Builtin(*builtin), args, dest, at);
            }
            ir::Op::Extern { ext, args } => {
                self.external(*ext, args, dest, at);
            }
            ir::Op::Alloc { layout, fields, token, unchanged } => {
                self.alloc(*layout, fields, *token, unchanged, dest);
            }
            ir::Op::Vector(items) => self.cold(ColdKind::Vector, items, dest, at),
            ir::Op::Update { of, index, value } => {
                let kind = ColdKind::Update { index: *index };
                self.cold(kind, &[*of, *value], dest, at);
            }
            ir::Op::Closure { func, layout, captures } => {
                let form = Form::Closure { info: layout.0 + FIRST_LAYOUT, func: *func };
                self.push(Op::Closure, form, dest, captures, None);
            }
            ir::Op::Field { of, .. } if self.is_wrapper(*of) => {
                self.push(Op::Move, Form::Plain, dest, &[*of], None);
            }
            ir::Op::Field { of, index } => {
                self.push(Op::Field, Form::Index(index + 1), dest, &[*of], None);
            }
            ir::Op::Capture { of, index } => {
                self.push(Op::Field, Form::Index(index + 2), dest, &[*of], None);
            }
            ir::Op::Tag(of) => self.tag(*of, dest),
            ir::Op::Global(id) => {
                self.push(Op::Global, Form::Global(id.0), dest, &[], Some(at));
            }
            ir::Op::Step(steps) => {
                let last = self.count(*steps);
                self.push(Op::Step, Form::Step(last), None, &[], Some(at));
            }
            ir::Op::Count(steps) => {
                let last = self.count(*steps);
                self.push(Op::Count, Form::Count(last), None, &[], None);
            }
            ir::Op::Hole { of, index } => {
                self.push(Op::Hole, Form::Index(index + 1), dest, &[*of], None);
            }
            ir::Op::Fill { hole, value } => {
                self.push(Op::Fill, Form::Operands, None, &[*hole, *value], None);
            }
            ir::Op::Dup(var) => self.dup(*var),
            ir::Op::Drop(var) => self.push(Op::Drop, Form::Operands, None, &[*var], None),
            // What is there needs no register: its drop comes behind.
            ir::Op::Keep(_) => {}
            ir::Op::Pack(of) | ir::Op::Unpack(of) => {
                self.push(Op::Move, Form::Plain, dest, &[*of], None)
            }
            ir::Op::IsUnique(of) => self.push(Op::Unique, Form::Plain, dest, &[*of], None),
            ir::Op::Release(of) => self.push(Op::Move, Form::Plain, dest, &[*of], None),
            ir::Op::Decrement(of) => {
                self.push(Op::Decrement, Form::Operands, None, &[*of], None);
            }
            ir::Op::Copy { of, .. } => self.push(Op::Copy, Form::Plain, dest, &[*of], None),
            ir::Op::Reset(_) => bug!("`specialise` writes out every `reset`"),
            ir::Op::FreeToken { token, .. } => {
                self.push(Op::FreeToken, Form::Operands, None, &[*token], None);
            }
            ir::Op::Check { cond, text, sides } => {
                let mut args = vec![*cond, *text];
                args.extend(sides.iter().flat_map(|(left, right)| [*left, *right]));
                self.cold(ColdKind::Check, &args, dest, at);
            }
            ir::Op::Admits { def, expr, budget, args } => {
                let all: Vec<VarId> =
                    std::iter::once(*budget).chain(args.iter().copied()).collect();
                self.cold(ColdKind::Admits { def: *def, expr: *expr }, &all, dest, at);
            }
            ir::Op::AdmitRest { def, expr, budget, args } => {
                let all: Vec<VarId> =
                    std::iter::once(*budget).chain(args.iter().copied()).collect();
                self.cold(ColdKind::AdmitRest { def: *def, expr: *expr }, &all, dest, at);
            }
            ir::Op::MeterBegin { def, args } => {
                self.cold(ColdKind::MeterBegin(*def), args, dest, at);
            }
            ir::Op::MeterEnd => self.cold(ColdKind::MeterEnd, &[], dest, at),
        }
    }

    fn constant(&mut self, dest: Option<VarId>) {
        let Some(word) = dest.and_then(|dest| self.words[dest.index()]) else { return };
        match i32::try_from(word.cast_signed()) {
            Ok(number) => self.push(Op::Small, Form::Small(number), dest, &[], None),
            Err(_) => self.push(Op::Wide, Form::Wide(word), dest, &[], None),
        }
    }

    fn prim(&mut self, prim: Prim, args: &[VarId], dest: Option<VarId>, at: u32) {
        let place = prim.is_checked().then_some(at);
        if let [x, y] = *args
            && let Some((op, arg, number, n)) = self.with_constant(prim, x, y)
        {
            return self.push(op, Form::Number(number, n), dest, &[arg], place);
        }
        self.push(plain(prim), Form::Plain, dest, args, place);
    }

    /// A primitive with a small constant on one side: the operation, the other side, the number,
    /// and for the text of a fault how it was written (see `Op::AddSmall`).
    fn with_constant(&self, prim: Prim, x: VarId, y: VarId) -> Option<(Op, VarId, i16, u8)> {
        let positive = |n: &i16| *n > 0;
        match (prim, self.short(x), self.short(y)) {
            (Prim::IntAdd | Prim::IntAddSure, _, Some(n)) => Some((Op::AddSmall, x, n, 0)),
            (Prim::IntAdd | Prim::IntAddSure, Some(n), _) => Some((Op::AddSmall, y, n, 1)),
            (Prim::IntSub | Prim::IntSubSure, _, Some(n)) => {
                Some((Op::AddSmall, x, n.checked_neg()?, 2))
            }
            (Prim::IntMul | Prim::IntMulSure, _, Some(n)) => Some((Op::MulSmall, x, n, 0)),
            (Prim::IntMul | Prim::IntMulSure, Some(n), _) => Some((Op::MulSmall, y, n, 1)),
            (Prim::Quot | Prim::QuotNat, _, Some(n)) => {
                Some((Op::QuotSmall, x, Some(n).filter(positive)?, 0))
            }
            (Prim::Rem | Prim::RemNat, _, Some(n)) => {
                Some((Op::RemSmall, x, Some(n).filter(positive)?, 0))
            }
            (Prim::Mod, _, Some(n)) => Some((Op::ModSmall, x, Some(n).filter(positive)?, 0)),
            (Prim::IntEq, _, Some(n)) => Some((Op::EqSmall, x, n, 0)),
            (Prim::IntEq, Some(n), _) => Some((Op::EqSmall, y, n, 0)),
            (Prim::IntLt, _, Some(n)) => Some((Op::LtSmall, x, n, 0)),
            (Prim::IntLt, Some(n), _) => Some((Op::GtSmall, y, n, 0)),
            (Prim::IntLe, _, Some(n)) => Some((Op::LtSmall, x, n.checked_add(1)?, 0)),
            (Prim::IntLe, Some(n), _) => Some((Op::GtSmall, y, n.checked_sub(1)?, 0)),
            (Prim::BitAnd, _, Some(n)) => Some((Op::AndSmall, x, n, 0)),
            (Prim::BitAnd, Some(n), _) => Some((Op::AndSmall, y, n, 0)),
            _ => None,
        }
    }

    fn alloc(
        &mut self,
        layout: LayoutId,
        fields: &[VarId],
        token: Option<VarId>,
        unchanged: &[bool],
        dest: Option<VarId>,
    ) {
        if self.program.shapes.is_wrapper(layout) {
            return self.push(Op::Move, Form::Plain, dest, fields, None);
        }
        let info = layout.0 + FIRST_LAYOUT;
        let token = token.filter(|token| self.words[token.index()].is_none());
        if let Some(token) = token {
            let bits = unchanged.iter().enumerate().take(64);
            let bits = bits.fold(0u64, |bits, (i, same)| bits | u64::from(*same) << i);
            let all: Vec<VarId> = std::iter::once(token).chain(fields.iter().copied()).collect();
            let form = Form::Reuse { info, unchanged: bits };
            return self.push(Op::Reuse, form, dest, &all, None);
        }
        let op = if fields.len() == 2 { Op::Alloc2 } else { Op::Alloc };
        self.push(op, Form::Alloc { info }, dest, fields, None);
    }

    fn is_wrapper(&self, of: VarId) -> bool {
        let shape = self.function.vars[of];
        matches!(self.program.shapes.get(shape), Shape::Wrapper(..))
    }

    /// The constructor of data of one kind only is known; that of an enumeration is its word.
    fn tag(&mut self, of: VarId, dest: Option<VarId>) {
        let function = self.function;
        match self.program.shapes.get(function.vars[of]) {
            Shape::Data(ctors) => {
                let cells = ctors.iter().enumerate();
                let cells = cells.filter_map(|(i, c)| Some((i as u32, c.layout?.0 + FIRST_LAYOUT)));
                let (indices, infos): (Vec<u32>, Vec<u32>) = cells.unzip();
                if ctors.len() == 1 {
                    return self.push(Op::Small, Form::Small(0), dest, &[], None);
                }
                let first_info = infos.into_iter().min().unwrap_or(FIRST_LAYOUT);
                let form = Form::Tag { first_info, ctors: indices };
                self.push(Op::Tag, form, dest, &[of], None);
            }
            Shape::Wrapper(..) => self.push(Op::Small, Form::Small(0), dest, &[], None),
            _ => self.push(Op::Move, Form::Plain, dest, &[of], None),
        }
    }

    /// A copy of a reference that was just loaded is part of the load.
    fn dup(&mut self, var: VarId) {
        let start = self.block_start;
        for sel in self.out.sels[start..].iter_mut().rev() {
            match sel.op {
                Op::Field if sel.dest == Some(var.0) => {
                    sel.op = Op::FieldDup;
                    return;
                }
                Op::Field | Op::FieldDup | Op::Small | Op::Wide if sel.inst.is_none() => {}
                _ => break,
            }
        }
        self.push(Op::Dup, Form::Operands, None, &[var], None);
    }

    fn external(&mut self, ext: ExternId, args: &[VarId], dest: Option<VarId>, at: u32) {
        let ir::Extern { symbol, def, params, result } = &self.program.externs[ext];
        let mut shapes = params.iter().chain([result]);
        let is_of_c = shapes.all(|shape| external::is_of_c(self.program.shapes.get(*shape)));
        let found = External::find(symbol.as_str()).filter(|_| is_of_c);
        let kind = match found {
            Some(found) => ColdKind::Extern(found, *result),
            None => ColdKind::NotLinked(self.name_of(*def)),
        };
        self.cold(kind, args, dest, at);
    }

    pub(super) fn cold(&mut self, kind: ColdKind, args: &[VarId], dest: Option<VarId>, at: u32) {
        let function = self.function;
        let shapes: Vec<u32> = args.iter().map(|arg| function.vars[*arg].0).collect();
        let result = dest.map(|dest| function.vars[dest]);
        let is_bool = result.is_some_and(|shape| self.program.shapes.rep(shape) == Rep::Bool);
        let (result, loc) = (result.map_or(0, |shape| shape.0), function.loc);
        let cold = Cold { kind, args: Vec::new(), shapes, result, loc, is_bool };
        self.push(Op::Cold, Form::Cold(Box::new(cold)), dest, args, Some(at));
    }

    pub(super) fn cold_end(&mut self, kind: ColdKind, args: &[VarId], at: u32) {
        self.cold(kind, args, None, at);
    }
}
