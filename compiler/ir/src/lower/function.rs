//! The function being built: blocks, variables, what a closure captures.
//!
//! The entry block holds nothing but the captures and the first step, then jumps to the block that
//! `recur` without a `loop` goes to.

use super::Lowerer;
use super::types::Vars;
use crate::ir::{
    Block, BlockId, Const, End, FuncId, Function, FunctionKind, Inst, Loc, LocId, Mode, Op, Param,
    VarId,
};
use eclexia_base::{FxHashMap, Name};
use eclexia_check::ty::{Ty, TyKind};
use eclexia_core::core::{DefId, ExprId, LocalId, PatId};
use eclexia_rt::layout::{Layout, LayoutKind, Rep, ShapeId};

/// A `with` around the current place: what is applied to the value.
#[derive(Clone, Copy)]
pub(super) struct Release {
    pub function: VarId,
    pub value: VarId,
    pub place: ExprId,
}

pub(super) struct Building {
    pub id: FuncId,
    pub func: Function,
    /// Where instructions go; `None` where control does not come.
    pub block: Option<BlockId>,
    pub env: FxHashMap<LocalId, VarId>,
    /// The closure, in a function that is one.
    closure: Option<VarId>,
    /// Locals that are captured, in order of their indices.
    pub captures: Vec<LocalId>,
    /// Where `recur` goes, the innermost last.
    pub loops: Vec<BlockId>,
    pub releases: Vec<Release>,
    /// Steps are counted at the entry.
    pub counts_entry: bool,
}

impl Lowerer<'_> {
    pub(super) fn top(&mut self) -> &mut Building {
        match self.stack.last_mut() {
            Some(top) => top,
            None => eclexia_base::bug!("code outside of any function"),
        }
    }

    pub(super) fn current(&self) -> &Building {
        match self.stack.last() {
            Some(top) => top,
            None => eclexia_base::bug!("code outside of any function"),
        }
    }

    /// A place for a function that is built later.
    pub(super) fn reserve(&mut self, name: Name, def: DefId, result: ShapeId) -> FuncId {
        let expr = self.program.defs[def].body.as_ref().map_or(ExprId(0), |body| body.root);
        let loc = self.loc_of(def, expr);
        let function = Function::new(name, def, result, FunctionKind::Plain, loc);
        self.ir.functions.push(function)
    }

    /// Opens a function with parameters of these shapes; the variables of the parameters.
    pub(super) fn open(
        &mut self,
        id: FuncId,
        kind: FunctionKind,
        result: ShapeId,
        params: &[ShapeId],
    ) -> Vec<VarId> {
        let placeholder = &self.ir.functions[id];
        let (name, def, loc) = (placeholder.name, placeholder.def, placeholder.loc);
        let mut func = Function::new(name, def, result, kind, loc);
        let closure = (kind == FunctionKind::Closure).then(|| func.vars.push(self.closure_shape));
        let mut vars: Vec<VarId> = params.iter().map(|shape| func.vars.push(*shape)).collect();
        let all = closure.into_iter().chain(vars.iter().copied());
        func.params = all.map(|var| Param { var, mode: Mode::Owned }).collect();
        func.blocks.push(Block::default());
        // The block that `recur` goes to.
        let inner: Vec<VarId> = params.iter().map(|shape| func.vars.push(*shape)).collect();
        let start = func.blocks.push(Block { params: inner.clone(), ..Block::default() });
        func.blocks[Function::ENTRY].end = End::Jump(start, std::mem::replace(&mut vars, inner));
        self.stack.push(Building {
            id,
            func,
            block: Some(start),
            env: FxHashMap::default(),
            closure,
            captures: Vec::new(),
            loops: vec![start],
            releases: Vec::new(),
            counts_entry: true,
        });
        vars
    }

    /// Closes the innermost function; the locals that it captures.
    pub(super) fn close_function(&mut self) -> (FuncId, Vec<LocalId>) {
        let Some(mut done) = self.stack.pop() else { eclexia_base::bug!("no function to close") };
        if done.counts_entry {
            let step = Inst { dest: None, op: Op::Step(1), loc: Some(done.func.loc) };
            done.func.blocks[Function::ENTRY].insts.insert(0, step);
        }
        self.ir.functions[done.id] = done.func;
        (done.id, done.captures)
    }

    pub(super) fn new_block(&mut self) -> BlockId {
        self.top().func.blocks.push(Block::default())
    }

    pub(super) fn new_var(&mut self, shape: ShapeId) -> VarId {
        self.top().func.vars.push(shape)
    }

    pub(super) fn new_param(&mut self, block: BlockId, shape: ShapeId) -> VarId {
        let var = self.new_var(shape);
        self.top().func.blocks[block].params.push(var);
        var
    }

    pub(super) fn go_on_in(&mut self, block: BlockId) {
        self.top().block = Some(block);
    }

    pub(super) fn shape(&self, var: VarId) -> ShapeId {
        self.current().func.vars[var]
    }

    pub(super) fn rep(&self, var: VarId) -> Rep {
        self.ir.shapes.rep(self.shape(var))
    }

    fn push(&mut self, inst: Inst) {
        let top = self.top();
        // Behind an end nothing is reached.
        if let Some(block) = top.block {
            top.func.blocks[block].insts.push(inst);
        }
    }

    pub(super) fn emit(&mut self, op: Op, shape: ShapeId) -> VarId {
        let dest = self.new_var(shape);
        self.push(Inst { dest: Some(dest), op, loc: None });
        dest
    }

    /// An instruction whose place a trace may name.
    pub(super) fn emit_at(&mut self, e: ExprId, op: Op, shape: ShapeId) -> VarId {
        let dest = self.new_var(shape);
        let loc = Some(self.loc(e));
        self.push(Inst { dest: Some(dest), op, loc });
        dest
    }

    pub(super) fn act(&mut self, e: ExprId, op: Op) {
        let loc = Some(self.loc(e));
        self.push(Inst { dest: None, op, loc });
    }

    /// Ends the current block.
    pub(super) fn end(&mut self, end: End) {
        let top = self.top();
        if let Some(block) = top.block.take() {
            top.func.blocks[block].end = end;
        }
    }

    pub(super) fn end_at(&mut self, e: ExprId, end: End) {
        let loc = self.loc(e);
        let top = self.top();
        if let Some(block) = top.block {
            top.func.blocks[block].loc = Some(loc);
        }
        self.end(end);
    }

    pub(super) fn is_reached(&self) -> bool {
        self.current().block.is_some()
    }

    fn loc(&mut self, e: ExprId) -> LocId {
        self.loc_of(self.def, e)
    }

    fn loc_of(&mut self, def: DefId, expr: ExprId) -> LocId {
        let loc = Loc { def, expr, caller: None };
        if let Some(known) = self.state.locs.get(&loc) {
            return *known;
        }
        let id = self.ir.locs.push(loc);
        self.state.locs.insert(loc, id);
        id
    }

    pub(super) fn constant(&mut self, value: Const, shape: ShapeId) -> VarId {
        self.emit(Op::Const(value), shape)
    }

    pub(super) fn unit(&mut self) -> VarId {
        let shape = self.unit_shape;
        self.constant(Const::Int(0), shape)
    }

    /// The variable of a local, captured where it belongs to a function around.
    pub(super) fn local_var(&mut self, local: LocalId) -> Option<VarId> {
        self.local_at(self.stack.len() - 1, local)
    }

    fn local_at(&mut self, level: usize, local: LocalId) -> Option<VarId> {
        if let Some(var) = self.stack[level].env.get(&local) {
            return Some(*var);
        }
        let outer = self.local_at(level.checked_sub(1)?, local)?;
        let shape = self.stack[level - 1].func.vars[outer];
        let building = &mut self.stack[level];
        let of = building.closure?;
        let index = building.captures.len() as u32;
        building.captures.push(local);
        let dest = building.func.vars.push(shape);
        let inst = Inst { dest: Some(dest), op: Op::Capture { of, index }, loc: None };
        building.func.blocks[Function::ENTRY].insts.push(inst);
        building.env.insert(local, dest);
        Some(dest)
    }

    /// A closure value of a function; its captures are looked up here.
    pub(super) fn closure_of(&mut self, func: FuncId, captures: &[LocalId], name: Name) -> VarId {
        let found: Option<Vec<VarId>> =
            captures.iter().map(|local| self.local_var(*local)).collect();
        let Some(vars) = found else {
            self.end(End::Unreachable);
            let shape = self.closure_shape;
            return self.new_var(shape);
        };
        let int = self.int_shape;
        let fields = [int].into_iter().chain(vars.iter().map(|var| self.shape(*var))).collect();
        let layout = match self.state.closure_layouts.get(&func) {
            Some(known) => *known,
            None => {
                let kind = LayoutKind::Closure { name };
                let layout = self.ir.shapes.add_layout(Layout { fields, kind });
                self.state.closure_layouts.insert(func, layout);
                layout
            }
        };
        let shape = self.closure_shape;
        self.emit(Op::Closure { func, layout, captures: vars }, shape)
    }

    /// `(fn …)`, at the variables as they stand now.
    pub(super) fn lambda(&mut self, e: ExprId, params: &[PatId], root: ExprId) -> VarId {
        let ty = self.type_of(e);
        let key = (e, ty, self.version);
        if let Some((func, captures)) = self.lambdas.get(&key).cloned() {
            return self.closure_of(func, &captures, Name::new(""));
        }
        let (args, result) = self.function_shapes(ty);
        let func = self.reserve(self.program.defs[self.def].name, self.def, result);
        self.ir.functions[func].loc = self.loc(e);
        let vars = self.open(func, FunctionKind::Closure, result, &args);
        self.bind_params(e, params, &vars);
        if self.is_reached() {
            self.expr(root, true);
        }
        let (func, captures) = self.close_function();
        self.lambdas.insert(key, (func, captures.clone()));
        self.closure_of(func, &captures, Name::new(""))
    }

    /// A function that a `let` made generic, at one of its types.
    pub(super) fn template(&mut self, use_expr: ExprId, local: LocalId, value: ExprId) -> VarId {
        let body = self.body;
        let eclexia_core::core::Expr::Fn { params, body: root } = &body.exprs[value] else {
            eclexia_base::bug!("a generic local is no function")
        };
        let pattern = self.facts.locals.get(local).copied().unwrap_or_default();
        let wanted = self.type_of(use_expr);
        let dicts = self.dict_args(use_expr);
        let (outer, version) = (self.vars.clone(), self.version);
        self.vars.bind(pattern, wanted);
        let key = (value, wanted, version);
        let next = self.versions.len() as u32 + 1;
        self.version = *self.versions.entry(key).or_insert(next);
        let ids = self.facts.fn_dict_params.get(&value).cloned().unwrap_or_default();
        self.dicts.extend(ids.into_iter().zip(dicts));
        let closure = self.lambda(value, params, *root);
        (self.vars, self.version) = (outer, version);
        closure
    }

    /// Whether a local's type has variables that are its own: those that nothing binds.
    pub(super) fn is_generic(&mut self, local: LocalId) -> bool {
        let ty = self.facts.locals.get(local).copied().unwrap_or_default();
        ty.has_vars() && self.vars.has_free(ty)
    }

    /// Shapes of the parameters and the result of a closed function type.
    pub(super) fn function_shapes(&mut self, ty: Ty) -> (Vec<ShapeId>, ShapeId) {
        match ty.kind() {
            TyKind::Fn(params, ret) => {
                let params = params.iter().map(|param| self.shape_of(*param)).collect();
                (params, self.shape_of(*ret))
            }
            _ => (Vec::new(), self.shape_of(ty)),
        }
    }

    pub(super) fn type_of(&mut self, e: ExprId) -> Ty {
        let ty = self.facts.types.get(e).copied().unwrap_or_default();
        self.vars.close(ty)
    }

    pub(super) fn shape_of_expr(&mut self, e: ExprId) -> ShapeId {
        let ty = self.type_of(e);
        self.shape_of(ty)
    }

    pub(super) fn shape_of_local(&mut self, local: LocalId) -> ShapeId {
        let ty = self.facts.locals.get(local).copied().unwrap_or_default();
        let ty = self.vars.close(ty);
        self.shape_of(ty)
    }

    pub(super) fn shape_of(&mut self, ty: Ty) -> ShapeId {
        self.state.shapes.of(self.program, self.typed, self.ir, ty)
    }
}

impl Vars {
    /// Whether a variable occurs that is bound to nothing, but for those that nothing decides.
    pub(super) fn has_free(&self, ty: Ty) -> bool {
        if !ty.has_vars() {
            return false;
        }
        match ty.kind() {
            TyKind::Var(var) => var.index != u32::MAX && !self.knows(var.index),
            TyKind::Con(_, args) => args.iter().any(|arg| self.has_free(*arg)),
            TyKind::Fn(params, ret) | TyKind::Fn1(params, ret) => {
                params.iter().chain([ret]).any(|part| self.has_free(*part))
            }
            TyKind::Ref(inner) => self.has_free(*inner),
            TyKind::Q(unit) => unit.vars.iter().any(|(var, _)| !self.knows_unit(var.index)),
            _ => false,
        }
    }
}
