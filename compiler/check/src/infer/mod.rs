//! Inference of one binding group: Hindley–Milner with levels, bidirectional at signatures, `the`
//! and records.
//!
//! Comes in: the core of the group's bodies and the closed schemes of everything before. Goes out:
//! closed schemes and facts (`group`). While it runs, types are nodes of an arena; what cannot be
//! decided yet waits in `preds` (interfaces) and `deferred` (fields, `*`, `for`). A wrong part is
//! reported once and then has the error type, which fits everything.

mod account;
mod amounts;
mod blame;
mod budget;
mod call;
mod defer;
mod expr;
mod freeze;
mod group;
mod obligations;
mod overspent;
mod pattern;
mod record;
mod solve;
mod treasury;

pub(crate) use amounts::constant_body;
pub(crate) use blame::int_literal;
pub(crate) use budget::BudgetOp;
pub(crate) use group::{Scratch, check_group, super_dicts};

use crate::arena::{Arena, At, Clash, ERROR, Node, T};
use crate::declare::Tables;
use crate::lang::Lang;
use crate::linear::Need;
use crate::ty::{Scheme, Ty};
use crate::typed::{Dict, DictId, Facts};
use defer::Deferred;
use eclexia_base::{FxHashMap, FxHashSet, Name, SharedMap, Span};
use eclexia_core::core::{
    Body, CtorId, DefId, ExprId, InstanceId, InterfaceId, LocalId, ModuleId, PatId, Place, Program,
};
use eclexia_diag::Diagnostics;

pub(crate) struct Infer<'a> {
    program: &'a Program,
    schemes: &'a SharedMap<DefId, Scheme>,
    tables: &'a Tables,
    lang: &'a Lang,
    arena: Arena,
    level: u32,
    bodies: Vec<BodyCx<'a>>,
    /// The body being inferred.
    at: usize,
    preds: Vec<Pred>,
    holes: Vec<Option<Dict>>,
    deferred: Vec<Deferred>,
    /// Members of the group that are being inferred, and where they are used in it.
    mono: FxHashMap<DefId, T>,
    mono_uses: Vec<(usize, ExprId)>,
    givens: Vec<Given>,
    /// Grants of budgets that name no treasury.
    grants: Vec<At>,
    next_dict: u32,
    /// Uses of generic definitions that need an unrestricted type, and of reading interfaces.
    uses: Vec<obligations::Use>,
    /// Uses of functions that a `let` generalised: their variables and what stands for them.
    local_uses: Vec<LocalUse>,
    /// Rigid variables that the signature says `Unr` of.
    unrestricted: Vec<crate::ty::TyVar>,
    /// By interface: whether it only reads.
    reading: std::rc::Rc<Vec<bool>>,
    owed: &'a FxHashMap<(DefId, u32), crate::typed::Owed>,
    /// Instances found at types that may be linear.
    instance_uses: Vec<(usize, ExprId, InstanceId, T)>,
    noted: Noted,
    /// Variables of signatures, by body, that were told to need `Unr`.
    promises: FxHashSet<(usize, Name)>,
    /// A dictionary was missing while no body is there to tell it at.
    failed: bool,
    diags: Diagnostics,
}

/// The body and expression of a use, and what stands for each generic variable there.
type LocalUse = (usize, ExprId, Vec<(T, T)>);

/// What checking a group leaves behind for the end of checking.
#[derive(Default)]
pub(crate) struct Noted {
    pub owed: Vec<(DefId, u32, crate::typed::Owed)>,
    pub instances: Vec<(InstanceId, u32, crate::typed::Owed)>,
    pub defaults: Vec<(InterfaceId, u32, crate::typed::Owed)>,
}

impl Noted {
    /// Whether nothing is noted of what is not the definitions' own.
    fn is_of_definitions(&self) -> bool {
        self.instances.is_empty() && self.defaults.is_empty()
    }
}

/// What is known of one body while its group is inferred.
struct BodyCx<'a> {
    def: DefId,
    body: &'a Body,
    types: Vec<T>,
    pats: Vec<T>,
    locals: Vec<Local>,
    facts: Facts,
    /// Enclosing functions, innermost last.
    functions: Vec<FnCx>,
    /// Type variables of the signature or of `the`s.
    vars: Vec<(Name, T)>,
    units: Vec<(Name, u32)>,
    /// Patterns to check for coverage once types are known.
    matches: Vec<ExprId>,
    irrefutable: Vec<PatId>,
    dict_params: Vec<DictId>,
    /// Calls of functions that do not return.
    diverging: FxHashSet<ExprId>,
    /// The call that an expression is the callee of.
    callers: FxHashMap<ExprId, ExprId>,
}

/// An enclosing function.
struct FnCx {
    /// `None` in a constant: nothing to return from.
    ret: Option<T>,
    /// What `recur` re-enters: the parameters of the innermost `loop`, or of the function.
    recur: Vec<Vec<T>>,
}

#[derive(Clone)]
enum Local {
    Unset,
    Mono(T),
    /// A `fn` that a `let` generalised, with what it takes dictionaries of.
    Poly(T, Vec<(InterfaceId, T)>),
}

/// `ty` must implement `interface`; the dictionary goes into `hole`.
#[derive(Clone, Copy)]
struct Pred {
    interface: InterfaceId,
    ty: T,
    hole: u32,
    body: usize,
    expr: ExprId,
}

/// A dictionary that is there: of a signature, or of an enclosing generalised `fn`.
struct Given {
    interface: InterfaceId,
    ty: T,
    dict: Dict,
}

/// The type that the surroundings ask for, and why.
#[derive(Clone, Copy)]
struct Want {
    ty: T,
    why: Why,
}

#[derive(Clone, Copy)]
enum Why {
    Argument {
        callee: ExprId,
        index: u32,
    },
    Condition,
    Guard,
    /// The branch, arm or item that came first.
    Branch(ExprId),
    Arm(ExprId),
    Item(ExprId),
    Signature(Span),
    Ascription(Span),
    Field(CtorId, u32),
    MapKey(ExprId),
    MapValue(ExprId),
    Recur(u32),
    /// Of the enclosing function.
    Returned,
    Tried,
    Release,
    Message,
    /// The budget of `admit`.
    Admitted,
    Iterated,
    /// The result of the enclosing function, whose type is known from before.
    Result,
}

/// Dictionaries not known yet are written as parameters from here on.
const HOLES: u32 = 1 << 31;

impl<'a> Infer<'a> {
    fn cx(&mut self) -> &mut BodyCx<'a> {
        &mut self.bodies[self.at]
    }

    fn body(&self) -> &'a Body {
        self.bodies[self.at].body
    }

    /// Of the body.
    fn module(&self) -> ModuleId {
        self.program.defs[self.bodies[self.at].def].module
    }

    fn fresh(&mut self) -> T {
        self.arena.var(self.level)
    }

    fn fresh_many(&mut self, n: usize) -> Vec<T> {
        (0..n).map(|_| self.fresh()).collect()
    }

    /// A closed type without variables, in the arena.
    fn closed(&mut self, ty: Ty) -> T {
        self.arena.instantiate(ty, &[], &[])
    }

    fn place(&self, body: usize, expr: ExprId) -> Place {
        place_of(self.program, self.bodies[body].def, expr)
    }

    fn here(&self, expr: ExprId) -> Place {
        self.place(self.at, expr)
    }

    fn pat_place(&self, body: usize, pat: PatId) -> Place {
        let def = self.bodies[body].def;
        let known = self.program.maps.get(def).and_then(|map| map.pats.get(pat));
        known.copied().unwrap_or(Place { span: self.program.defs[def].span, inside: None })
    }

    /// A use of something generic: fresh variables, and a hole for each dictionary it takes.
    fn instantiate(&mut self, expr: ExprId, scheme: &Scheme) -> T {
        if scheme.vars.is_empty() && scheme.units.is_empty() {
            return self.closed(scheme.ty);
        }
        let vars = self.fresh_many(scheme.vars.len());
        let units: Vec<u32> = scheme.units.iter().map(|_| self.arena.units.fresh()).collect();
        if !scheme.constraints.is_empty() {
            let mut dicts = Vec::with_capacity(scheme.constraints.len());
            for (interface, ty) in &scheme.constraints {
                let ty = self.arena.instantiate(*ty, &vars, &units);
                dicts.push(self.require(*interface, ty, expr));
            }
            self.cx().facts.dict_args.insert(expr, dicts);
        }
        let body = self.at;
        for var in &scheme.unrestricted {
            let ty = vars[*var as usize];
            let need = Need::Unrestricted;
            self.uses.push(obligations::Use { need, body, expr, var: Some(*var), ty });
        }
        for var in &scheme.confined {
            let ty = vars[*var as usize];
            let need = Need::Confined;
            self.uses.push(obligations::Use { need, body, expr, var: Some(*var), ty });
        }
        self.arena.instantiate(scheme.ty, &vars, &units)
    }

    /// The dictionary, to be found later, of `interface` at `ty`.
    fn require(&mut self, interface: InterfaceId, ty: T, expr: ExprId) -> Dict {
        let hole = self.holes.len() as u32;
        self.holes.push(None);
        self.preds.push(Pred { interface, ty, hole, body: self.at, expr });
        if self.reading[interface.0 as usize] {
            let need = Need::Unrestricted;
            self.uses.push(obligations::Use { need, body: self.at, expr, var: None, ty });
        }
        Dict::Param(DictId(HOLES + hole))
    }

    /// Makes `found` fit `wanted`; a function that may be called often is one that may be called
    /// once.
    fn fit(&mut self, found: T, wanted: T) -> Result<(), Clash> {
        if let Some(fits) = self.fit_budgets(found, wanted) {
            return fits;
        }
        if let (Node::Fn(xs, x), Node::Fn1(ys, y)) =
            (self.arena.node(found), self.arena.node(wanted))
            && xs.len() == ys.len()
        {
            for i in 0..xs.len() {
                let (a, b) = (self.arena.item(xs, i), self.arena.item(ys, i));
                self.arena.unify(a, b)?;
            }
            return self.arena.unify(x, y);
        }
        self.arena.unify(found, wanted)
    }

    /// Like [`Self::fit`], for the type of an expression; reports what does not fit.
    fn expect(&mut self, expr: ExprId, found: T, want: Want) -> T {
        match self.fit(found, want.ty) {
            Ok(()) => found,
            Err(clash) => {
                self.blame_mismatch(expr, found, want, clash);
                ERROR
            }
        }
    }

    fn set_local(&mut self, local: LocalId, ty: T) {
        self.cx().locals[local.0 as usize] = Local::Mono(ty);
    }
}

/// Where an expression of a definition is.
pub(crate) fn place_of(program: &Program, def: DefId, expr: ExprId) -> Place {
    let known = program.maps.get(def).and_then(|map| map.exprs.get(expr));
    known.copied().unwrap_or(Place { span: program.defs[def].span, inside: None })
}
