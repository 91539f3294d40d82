//! Typed core to IR: what is reachable from a root and not there yet.
//!
//! 1. A definition is lowered once for each closed type that it is used at (an *instance*); its
//!    dictionaries are then known, so that a method is the function that implements it.
//! 2. A `fn` is a function of its own that captures what it uses from outside; one that a `let`
//!    made generic is lowered at each type that it is used at.
//! 3. Patterns become decision trees (`pattern`): no test is done twice on a path.
//! 4. A constant is a global with a function that gives its value. Definitions that only rename
//!    built-ins are those (`alias`).
//! 5. Steps stand at the entry of every function and before jumps backwards.
//!
//! What comes in is checked: an expression that was reported as wrong becomes `Unreachable`.

mod adaptive;
mod alias;
mod budget;
mod builtin;
mod call;
mod control;
mod dict;
mod expr;
mod function;
mod pattern;
mod record;
mod types;
mod values;

use crate::diagnostics;
use crate::ir::{
    Block, ExternId, FuncId, FunctionKind, Global, GlobalId, Loc, LocId, Op, Program as Ir, VarId,
};
use alias::{Alias, alias};
use dict::{Dicts, Known};
use eclexia_base::FxHashMap;
use eclexia_check::ty::Ty;
use eclexia_check::typed::{Facts, Typed};
use eclexia_core::core::{Body, DefId, DefKind, ExprId, LocalId, PatId, Program};
use eclexia_core::cost::CostMode;
use eclexia_diag::Diagnostic;
use eclexia_rt::layout::{LayoutId, Shape, ShapeId};
use function::Building;
use std::sync::LazyLock;
use types::{ShapeTable, Vars};

/// Facts of a definition that was not checked: none.
static NO_FACTS: LazyLock<Facts> = LazyLock::new(Facts::default);
static NO_BODY: LazyLock<Body> = LazyLock::new(Body::default);

fn facts(typed: &Typed, def: DefId) -> &Facts {
    typed.facts.get(def).unwrap_or(&NO_FACTS)
}

/// What lowering remembers between two calls, beside the IR.
#[derive(Clone, Default)]
pub struct LowerState {
    instances: FxHashMap<(DefId, Ty), FuncId>,
    globals: FxHashMap<(DefId, Ty), GlobalId>,
    wrappers: FxHashMap<(values::Wrapped, Ty), FuncId>,
    externs: FxHashMap<DefId, ExternId>,
    shapes: ShapeTable,
    locs: FxHashMap<Loc, LocId>,
    closure_layouts: FxHashMap<FuncId, LayoutId>,
}

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Root {
    /// A constant: the function that gives its value.
    Constant(DefId),
    /// A function that takes no dictionaries.
    Function(DefId),
}

/// An instance whose body is lowered later.
struct Pending {
    func: FuncId,
    def: DefId,
    ty: Ty,
    dicts: Vec<Known>,
    global: Option<GlobalId>,
}

struct Lowerer<'a> {
    program: &'a Program,
    typed: &'a Typed,
    ir: &'a mut Ir,
    state: &'a mut LowerState,
    pending: Vec<Pending>,
    /// Found wrong on the way: only types that grow without end.
    failure: Option<Box<Diagnostic>>,
    unit_shape: ShapeId,
    int_shape: ShapeId,
    bool_shape: ShapeId,
    closure_shape: ShapeId,
    // Of the instance being lowered:
    def: DefId,
    body: &'a Body,
    facts: &'a Facts,
    vars: Vars,
    dicts: Dicts,
    stack: Vec<Building>,
    /// Generic functions of `let`s.
    templates: FxHashMap<LocalId, ExprId>,
    /// Which generic functions around are at which types: a number for each combination.
    version: u32,
    versions: FxHashMap<(ExprId, Ty, u32), u32>,
    /// `fn`s that are lowered already, and what they capture.
    lambdas: FxHashMap<(ExprId, Ty, u32), (FuncId, Vec<LocalId>)>,
}

/// Lowers everything reachable from `root` that is not in `ir` yet, and optimises it. Gives the
/// function of the root.
///
/// # Errors
/// A function that calls itself at ever larger types.
pub fn lower(
    program: &Program,
    typed: &Typed,
    ir: &mut Ir,
    state: &mut LowerState,
    root: Root,
) -> Result<FuncId, Box<Diagnostic>> {
    let first = ir.functions.next_id();
    let (Root::Constant(def) | Root::Function(def)) = root;
    let [unit_shape, int_shape, bool_shape, closure_shape] =
        plain_shapes(program, typed, ir, state);
    let mut lowerer = Lowerer {
        program,
        typed,
        ir,
        state,
        pending: Vec::new(),
        failure: None,
        unit_shape,
        int_shape,
        bool_shape,
        closure_shape,
        def,
        body: &NO_BODY,
        facts: &NO_FACTS,
        vars: Vars::default(),
        dicts: Dicts::default(),
        stack: Vec::new(),
        templates: FxHashMap::default(),
        version: 0,
        versions: FxHashMap::default(),
        lambdas: FxHashMap::default(),
    };
    let ty = lowerer.vars.close(typed.scheme(def).ty);
    let func = match root {
        Root::Function(def) => lowerer.instance(def, ty, Vec::new()),
        Root::Constant(def) => {
            let global = lowerer.global_of(def, ty, Vec::new());
            lowerer.ir.globals[global].init
        }
    };
    lowerer.finish();
    match lowerer.failure.take() {
        Some(failure) => {
            lowerer.forget(first);
            Err(failure)
        }
        None => {
            let end = ir.functions.next_id();
            if cfg!(debug_assertions) {
                verify(ir, first, end);
            }
            let gone = crate::passes::optimise(ir, first..end, &[func]);
            state.forget(ir, &gone);
            Ok(func)
        }
    }
}

/// What lowering made is as IR has to be.
fn verify(ir: &Ir, first: FuncId, end: FuncId) {
    for id in (first.0..end.0).map(FuncId) {
        if let Err(found) = crate::verify::function(ir, id) {
            let text = crate::text::print::function(ir, id);
            eclexia_base::bug!("lowered wrongly: {found:?}\n{text}");
        }
    }
}

impl LowerState {
    /// Functions that are there no more are lowered anew when something needs them.
    fn forget(&mut self, ir: &Ir, gone: &[FuncId]) {
        if gone.is_empty() {
            return;
        }
        // They are in order.
        let is_gone = |func: &FuncId| gone.binary_search(func).is_ok();
        self.instances.retain(|_, func| !is_gone(func));
        self.wrappers.retain(|_, func| !is_gone(func));
        self.globals.retain(|_, global| !is_gone(&ir.globals[*global].init));
    }

    /// The global of a constant that was lowered as a root or used without dictionaries.
    pub fn global_of(&self, typed: &Typed, def: DefId) -> Option<GlobalId> {
        let ty = Vars::default().close(typed.scheme(def).ty);
        self.globals.get(&(def, ty)).copied()
    }

    /// The shape of a closed type, as values of it come in and go out.
    pub fn shape_of(&mut self, program: &Program, typed: &Typed, ir: &mut Ir, ty: Ty) -> ShapeId {
        let ty = Vars::default().close(ty);
        self.shapes.of(program, typed, ir, ty)
    }
}

fn plain_shapes(
    program: &Program,
    typed: &Typed,
    ir: &mut Ir,
    state: &mut LowerState,
) -> [ShapeId; 4] {
    let mut of = |ty: Ty| state.shapes.of(program, typed, ir, ty);
    let plain = |name: &str| {
        let id = program.lang.types.get(&eclexia_base::Name::new(name));
        id.map_or(Ty::ERROR, |id| Ty::con(*id, []))
    };
    let function = eclexia_check::ty::TyKind::Fn(Box::default(), Ty::ERROR);
    [of(Ty::ERROR), of(plain("Int")), of(plain("Bool")), of(Ty::new(function))]
}

impl<'a> Lowerer<'a> {
    /// Lowers what waits, and what that needs. Functions that a failure leaves without a body are
    /// never called.
    fn finish(&mut self) {
        self.state.shapes.is_endless = false;
        while let Some(next) = self.pending.pop() {
            if self.failure.is_none() {
                self.definition(next);
            }
        }
    }

    /// The function of a definition at a closed type.
    fn instance(&mut self, def: DefId, ty: Ty, dicts: Vec<Known>) -> FuncId {
        if let Some(known) = self.state.instances.get(&(def, ty)) {
            return *known;
        }
        let (_, result) = self.function_shapes(ty);
        let func = self.reserve(self.program.defs[def].name, def, result);
        self.state.instances.insert((def, ty), func);
        self.wait(Pending { func, def, ty, dicts, global: None });
        func
    }

    /// The global of a constant at a closed type.
    fn global_of(&mut self, def: DefId, ty: Ty, dicts: Vec<Known>) -> GlobalId {
        if let Some(known) = self.state.globals.get(&(def, ty)) {
            return *known;
        }
        let shape = self.shape_of(ty);
        let name = self.program.defs[def].name;
        let init = self.reserve(name, def, shape);
        let global = self.ir.globals.push(Global { name, def, shape, init });
        self.state.globals.insert((def, ty), global);
        self.wait(Pending { func: init, def, ty, dicts, global: Some(global) });
        global
    }

    /// Forgets functions from `first` on that a failure left without a body: the next call lowers
    /// them again.
    fn forget(&mut self, first: FuncId) {
        let is_lowered = |ir: &Ir, func: FuncId| !ir.functions[func].blocks.is_empty();
        let ir = &mut *self.ir;
        self.state.instances.retain(|_, func| is_lowered(ir, *func));
        self.state.globals.retain(|_, global| is_lowered(ir, ir.globals[*global].init));
        for id in (first.0..ir.functions.next_id().0).map(FuncId) {
            if ir.functions[id].blocks.is_empty() {
                ir.functions[id].blocks.push(Block::default());
            }
        }
    }

    fn wait(&mut self, pending: Pending) {
        self.shape_of(pending.ty);
        if self.state.shapes.is_endless && self.failure.is_none() {
            let def = &self.program.defs[pending.def];
            self.failure = Some(Box::new(diagnostics::endless_instances(def.span, def.name)));
        }
        self.pending.push(pending);
    }

    /// Lowers the body of an instance.
    fn definition(&mut self, pending: Pending) {
        let Pending { func, def, ty, dicts, global } = pending;
        self.def = def;
        self.body = self.program.defs[def].body.as_ref().unwrap_or(&NO_BODY);
        self.facts = facts(self.typed, def);
        self.vars = Vars::default();
        self.vars.bind(self.typed.scheme(def).ty, ty);
        self.dicts = self.facts.dict_params.iter().copied().zip(dicts).collect();
        self.templates.clear();
        self.versions.clear();
        self.lambdas.clear();
        self.version = 0;
        if self.program.defs[def].kind == DefKind::Extern {
            return self.extern_function(func, def, ty);
        }
        let (params, result) = match global {
            Some(_) => (Vec::new(), self.shape_of(ty)),
            None => self.function_shapes(ty),
        };
        let kind = global.map_or(FunctionKind::Plain, FunctionKind::Global);
        if global.is_none() && self.is_metered() {
            return self.metered(func, result, &params);
        }
        let vars = self.open(func, kind, result, &params);
        self.body_of(&vars);
        self.close_function();
    }

    fn body_of(&mut self, vars: &[VarId]) {
        let (body, root) = (self.body, self.body.root);
        if body.exprs.is_empty() {
            return self.end(crate::ir::End::Unreachable);
        }
        self.bind_params(root, &body.params, vars);
        if self.is_reached() {
            self.expr(root, true);
        }
    }

    /// A `:metered` function is a function around its body: the meter ends when that returns.
    fn metered(&mut self, func: FuncId, result: ShapeId, params: &[ShapeId]) {
        let root = self.body.root;
        let name = self.program.defs[self.def].name;
        let inner = self.reserve(name, self.def, result);
        let vars = self.open(func, FunctionKind::Plain, result, params);
        self.act(root, Op::MeterBegin { def: self.def, args: vars.clone() });
        let value = self.emit_at(root, Op::Call { func: inner, args: vars }, result);
        self.act(root, Op::MeterEnd);
        self.end(crate::ir::End::give(value));
        self.close_function();
        let vars = self.open(inner, FunctionKind::Plain, result, params);
        self.top().counts_entry = false;
        self.body_of(&vars);
        self.close_function();
    }

    fn is_metered(&self) -> bool {
        let cost = self.program.defs[self.def].cost.as_ref();
        cost.is_some_and(|cost| cost.mode == CostMode::Metered)
    }

    /// Parameters by their patterns.
    fn bind_params(&mut self, e: ExprId, pats: &[PatId], vars: &[VarId]) {
        for (pat, var) in pats.iter().zip(vars) {
            self.bind_irrefutable(e, *pat, *var);
        }
    }

    fn dict_args(&mut self, e: ExprId) -> Vec<Known> {
        let Some(dicts) = self.facts.dict_args.get(&e) else { return Vec::new() };
        dicts.iter().filter_map(|dict| dict::known(self.typed, dict, &self.dicts)).collect()
    }

    fn data_shape(&self, shape: ShapeId) -> &[eclexia_rt::layout::CtorShape] {
        self.ir.shapes.get(shape).ctors()
    }

    fn is_vector(&self, shape: ShapeId) -> Option<ShapeId> {
        match self.ir.shapes.get(shape) {
            Shape::Vector(item) => Some(*item),
            _ => None,
        }
    }
}
