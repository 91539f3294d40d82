//! Core: the program with macros expanded, names resolved, sugar gone. Adjectives: *resolved* (no
//! unresolved names: a failed look-up is `Expr::Error`, already reported), *small* (what
//! `language.md` lists as sugar is absent), *spanless* (places live in [`BodyMap`] beside each
//! body), *untyped* (types are [`TypeExpr`]s as written; `check` adds facts under the same ids).
//!
//! Desugared away: `cond when unless and or -> ->> as-> some-> cond-> times`, n-ary `+ * min max`
//! and chained comparisons, `defn` with a docstring, `defadaptive`, `deriving`, user macros.
//! One arena of expressions, patterns and locals per definition.

use crate::cost::CostDecl;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, FxHashMap, FxHashSet, IdMap, Name, Rational, SharedMap, Span, define_id};

define_id!(ModuleId, "m");
define_id!(
    /// A function, constant, built-in, test, method of an instance, default of a field or method.
    DefId, "d"
);
define_id!(ExprId, "e");
define_id!(PatId, "p");
define_id!(LocalId, "l");
define_id!(
    /// A data type, record or built-in type.
    TypeId, "t"
);
define_id!(
    /// A constructor; a record has exactly one, of the record's name.
    CtorId, "c"
);
define_id!(InterfaceId, "i");
define_id!(InstanceId, "n");

/// All modules of a run: those of the user and those of the standard library that they reach.
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub modules: SharedMap<ModuleId, Module>,
    pub defs: SharedMap<DefId, Def>,
    /// Places of the expressions and patterns of each definition's body.
    pub maps: SharedMap<DefId, BodyMap>,
    pub types: SharedMap<TypeId, TypeDef>,
    pub ctors: SharedMap<CtorId, Ctor>,
    pub interfaces: SharedMap<InterfaceId, Interface>,
    pub instances: SharedMap<InstanceId, Instance>,
    /// Definitions with bodies in dependency order, mutually recursive ones together. An instance
    /// method stands for itself; uses through an interface make no edge. Checking goes in this
    /// order.
    pub groups: Vec<Vec<DefId>>,
    pub lang: LangItems,
    /// Modules by their names; inputs of the REPL are not among them.
    pub by_name: FxHashMap<Name, ModuleId>,
    /// What only expansion and resolution of later modules need.
    pub(crate) kept: crate::resolve::Kept,
}

#[derive(Clone, Debug)]
pub struct Module {
    /// `std.list`, `shop.web`; a user's file without a `module` form is named by its stem.
    pub name: Name,
    pub doc: Option<String>,
    /// From the standard library: diagnostics and origins prefer places outside of it.
    pub is_std: bool,
    /// Everything defined here, in source order.
    pub defs: Vec<DefId>,
    pub types: Vec<TypeId>,
    pub interfaces: Vec<InterfaceId>,
    /// Units in scope: the language's and those of `defunit`s in this module and its imports.
    pub units: UnitTable,
    /// Top-level names visible in this module without a qualifier (its own, imported, prelude):
    /// for completion and the REPL.
    pub scope: FxHashMap<Name, Entity>,
    /// The same for types, aliases of types and interfaces, which are named apart from values: a
    /// record and its constructor share a name.
    pub type_scope: FxHashMap<Name, Entity>,
    /// What this module itself defines, values and types.
    pub own: FxHashMap<Name, Entity>,
    pub own_types: FxHashMap<Name, Entity>,
    /// The names in `:exports`; `None`: everything is exported.
    pub exports: Option<FxHashSet<Name>>,
    /// Units of this module's `defdimension`s and `defunit`s.
    pub own_units: Vec<Name>,
    /// Import aliases: `aws` → module.
    pub aliases: FxHashMap<Name, ModuleId>,
    pub span: Span,
}

/// What a name can mean.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Entity {
    Def(DefId),
    Ctor(CtorId),
    /// Interface and index into its methods.
    Method(InterfaceId, u32),
    Type(TypeId),
    Interface(InterfaceId),
    /// A macro (index private to the expander).
    Macro(u32),
    /// A type alias (index private to the resolver).
    Alias(u32),
}

#[derive(Clone, Debug)]
pub struct Def {
    pub name: Name,
    pub module: ModuleId,
    pub kind: DefKind,
    pub doc: Option<String>,
    pub exported: bool,
    /// The name in its definition.
    pub span: Span,
    /// The whole form.
    pub form: Span,
    /// `(sig …)`, or the type of a built-in or extern.
    pub sig: Option<Signature>,
    /// What it may cost, or as an extern costs.
    pub cost: Option<Box<CostDecl>>,
    pub body: Option<Body>,
    /// The first of its group in [`Program::groups`], by which two of one group are known; itself
    /// where it has no body.
    pub group: DefId,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefKind {
    Function,
    /// Evaluated once, on first use.
    Constant,
    /// Implemented in `rt` under its name; declared with `(builtin name type)`, in the standard
    /// library only. Has no body.
    Builtin,
    /// `(extern name type :cost {…})`: known by type and cost only. Has no body.
    Extern,
    /// `deftest`; the name is the test's text. A function of no parameters.
    Test,
    /// Method `index` of an instance: a function (or constant) with the instance's context.
    InstanceMethod {
        instance: InstanceId,
        index: u32,
    },
    /// Default of method `index`, generic over the interface's own constraint.
    MethodDefault {
        interface: InterfaceId,
        index: u32,
    },
    /// Default of a record's field: a constant.
    FieldDefault {
        ctor: CtorId,
        index: u32,
    },
    /// An expression typed at the REPL or on a spec page: a constant.
    Repl,
}

/// A function has `params` and `root`; a constant has no params.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Body {
    pub params: Vec<PatId>,
    /// Whether it is a function (a function may have no parameters).
    pub is_function: bool,
    pub exprs: IdMap<ExprId, Expr>,
    pub pats: IdMap<PatId, Pat>,
    pub locals: IdMap<LocalId, Name>,
    pub root: ExprId,
}

impl Body {
    /// Calls `each` for every variable that a pattern binds, from left to right.
    pub fn each_binder(&self, pat: PatId, each: &mut impl FnMut(LocalId)) {
        match &self.pats[pat] {
            Pat::Wildcard | Pat::Literal(_) | Pat::Error => {}
            Pat::Bind(local) => each(*local),
            Pat::As { local, pat } => {
                each(*local);
                self.each_binder(*pat, each);
            }
            Pat::Ctor { args, .. } => args.iter().for_each(|arg| self.each_binder(*arg, each)),
            Pat::Vector { items, rest } => {
                items.iter().chain(rest).for_each(|part| self.each_binder(*part, each));
            }
            Pat::Record { fields } => {
                fields.iter().for_each(|(_, part)| self.each_binder(*part, each));
            }
        }
    }
}

#[expect(clippy::derivable_impls, reason = "the type comes from a macro")]
impl Default for ExprId {
    fn default() -> Self {
        ExprId(0)
    }
}

/// Where a body's parts come from.
#[derive(Clone, Debug, Default)]
pub struct BodyMap {
    pub exprs: IdMap<ExprId, Place>,
    pub pats: IdMap<PatId, Place>,
    /// The binding occurrence.
    pub locals: IdMap<LocalId, Place>,
    /// The name in `.x`, `{:x …}` parts: span of the i-th field keyword of a record expression,
    /// or of the field name of a field access.
    pub fields: FxHashMap<ExprId, Vec<Span>>,
    /// The same of a record pattern.
    pub pat_fields: FxHashMap<PatId, Vec<Span>>,
    /// What goes with each arm of a match that a user wrote, were the arm taken out.
    pub arms: FxHashMap<ExprId, Vec<Span>>,
}

/// A place names the use site first: for code made by a macro, `span` is the user's call of the
/// outermost macro (or the part of it that the user wrote), `inside` the line of the macro.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub span: Span,
    /// Set on code that a macro's template wrote: the place in the template and the macro's name.
    pub inside: Option<(Span, Name)>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Literal {
    Unit,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// Base units, exactly.
    Quantity(Rational, Dim),
    Str(Name),
    Keyword(Name),
}

#[derive(Clone, PartialEq, Debug)]
pub enum Expr {
    Literal(Literal),
    Local(LocalId),
    Global(DefId),
    /// A constructor as a value: a function of its fields, or the value itself without fields.
    Ctor(CtorId),
    Method(InterfaceId, u32),
    /// Arguments as written. When the callee's last parameter is a record, a trailing run of
    /// `:key value` arguments may stand for it (`check` decides by arity: `Facts::calls`).
    Call {
        callee: ExprId,
        args: Vec<ExprId>,
    },
    Fn {
        params: Vec<PatId>,
        body: ExprId,
    },
    /// One binding; the pattern is irrefutable (checked).
    Let {
        pat: PatId,
        value: ExprId,
        body: ExprId,
    },
    If {
        cond: ExprId,
        then: ExprId,
        other: ExprId,
    },
    Match {
        value: ExprId,
        arms: Vec<Arm>,
    },
    /// `recur` inside `body` (tail position, checked by core) re-enters with new values.
    Loop {
        params: Vec<PatId>,
        inits: Vec<ExprId>,
        body: ExprId,
    },
    /// Of the innermost `loop`, or of the enclosing function when there is none.
    Recur {
        args: Vec<ExprId>,
    },
    /// At least two; all but the last are discarded.
    Do(Vec<ExprId>),
    /// `{:x 1 …}`: a record where a record type is expected, else a map with keyword keys.
    Record {
        fields: Vec<(Name, ExprId)>,
    },
    /// `{k v …}` with a key that is no keyword literal; `{}` is an empty `Record`.
    Map {
        entries: Vec<(ExprId, ExprId)>,
    },
    Vector(Vec<ExprId>),
    /// `(.x e)`
    Field {
        value: ExprId,
        name: Name,
    },
    /// `(with-fields e {:x 3.0})`
    WithFields {
        value: ExprId,
        fields: Vec<(Name, ExprId)>,
    },
    /// `(the T e)`
    Ascribe {
        value: ExprId,
        ty: TypeExpr,
    },
    /// `&x`
    Borrow(ExprId),
    /// `(borrow [r x] body)`
    BorrowIn {
        local: LocalId,
        value: ExprId,
        body: ExprId,
    },
    /// `(with [x acquire :release f] body)`: `f` is applied to `x` on every exit edge.
    With {
        local: LocalId,
        acquire: ExprId,
        release: ExprId,
        body: ExprId,
    },
    /// `(for [p e] body)`: for effect, over a List or Vector; Unit.
    For {
        pat: PatId,
        iter: ExprId,
        body: ExprId,
    },
    /// `(try e)`: the value of `Ok`, or leaves the enclosing function with the `Err`.
    Try(ExprId),
    /// `(return e)` from the enclosing function.
    Return(ExprId),
    /// `(abort message)`: ends the program; type Never.
    Abort(ExprId),
    /// `(admit b (f x))`: the call, if the budget holds the bound of `f` at its arguments' sizes.
    Admit {
        budget: ExprId,
        /// A `Call` of a `Global`.
        call: ExprId,
    },
    /// Reported already; checks as anything.
    Error,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Arm {
    pub pat: PatId,
    pub guard: Option<ExprId>,
    pub body: ExprId,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Pat {
    Wildcard,
    Bind(LocalId),
    /// Int, Bool, Str, Keyword, Unit, Quantity, Float.
    Literal(Literal),
    /// A part for each field; for a record's constructor the one part is a `Record` pattern.
    Ctor {
        ctor: CtorId,
        args: Vec<PatId>,
    },
    /// `(as x p)`
    As {
        local: LocalId,
        pat: PatId,
    },
    /// `[a b & rest]` over vectors; `rest` binds the remaining vector.
    Vector {
        items: Vec<PatId>,
        rest: Option<PatId>,
    },
    /// `{:x p}` over records; names unlisted fields nothing.
    Record {
        fields: Vec<(Name, PatId)>,
    },
    Error,
}

#[derive(Clone, Debug)]
pub struct TypeExpr {
    pub kind: TypeKind,
    pub span: Span,
}

/// Wherever they are written.
impl PartialEq for TypeExpr {
    fn eq(&self, other: &TypeExpr) -> bool {
        self.kind == other.kind
    }
}

#[derive(Clone, PartialEq, Debug)]
pub enum TypeKind {
    /// Aliases are already replaced.
    Con(TypeId, Vec<TypeExpr>),
    Var(Name),
    Fn(Vec<TypeExpr>, Box<TypeExpr>),
    Fn1(Vec<TypeExpr>, Box<TypeExpr>),
    /// `(& T)`
    Ref(Box<TypeExpr>),
    /// `(Q J/s)`, `(Q u/v)`; `Float` is `(Q 1)`.
    Q(UnitExpr),
    /// `(Budget {:cpu 4cpu :memory n})`; `None`: `(Budget)`, amounts known at run time only.
    Budget(Option<Vec<AmountExpr>>),
    Error,
}

/// `:cpu (+ n 1cpu)`: a constant and grade variables with factors.
#[derive(Clone, Debug)]
pub struct AmountExpr {
    pub key: Name,
    pub constant: Rational,
    pub vars: Vec<(Name, Rational)>,
    /// `(at-least n 2cpu)`: the least that the one variable stands for.
    pub least: Option<Rational>,
    /// The dimensions of its literals but zero, each once.
    pub dims: Vec<Dim>,
    /// The amount, without its key.
    pub span: Span,
}

/// Wherever they are written.
impl PartialEq for AmountExpr {
    fn eq(&self, other: &AmountExpr) -> bool {
        let AmountExpr { key, constant, vars, least, dims, span: _ } = self;
        *key == other.key
            && *constant == other.constant
            && *vars == other.vars
            && *least == other.least
            && *dims == other.dims
    }
}

/// `J/s`, `u*v^2`: a constant dimension and unit variables with exponents.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitExpr {
    pub dim: Dim,
    pub vars: Vec<(Name, i32)>,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Signature {
    pub ty: TypeExpr,
    /// `:where [(Eq a) …]`
    pub constraints: Vec<(InterfaceId, TypeExpr)>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct TypeDef {
    pub name: Name,
    pub module: ModuleId,
    pub params: Vec<Name>,
    pub kind: TypeDefKind,
    pub is_linear: bool,
    /// `:private`: constructors may be named in the defining module only.
    pub is_private: bool,
    pub doc: Option<String>,
    pub exported: bool,
    pub span: Span,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TypeDefKind {
    /// `Int Bool String Keyword Unit Never Vector Map Set Json …`: values of `rt`. `Float` is not
    /// here: it is `(Q 1)`.
    Builtin,
    Data(Vec<CtorId>),
    Record(CtorId),
}

#[derive(Clone, Debug)]
pub struct Ctor {
    pub name: Name,
    pub ty: TypeId,
    /// Index among the type's constructors.
    pub index: u32,
    pub fields: Vec<Field>,
    pub is_record: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Field {
    /// `None` in a positional constructor.
    pub name: Option<Name>,
    pub ty: TypeExpr,
    /// `:= e`
    pub default: Option<DefId>,
    /// `:from f`: a literal's value whose type is not the field's is converted by `f` (a global
    /// function or constructor): `:replicas 3` becomes `(exactly 3)`, an Option field takes `Some`.
    pub from: Option<Entity>,
    pub doc: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Interface {
    pub name: Name,
    pub module: ModuleId,
    pub param: Name,
    /// `(definterface (Ord a) :extends [Eq] …)`
    pub supers: Vec<InterfaceId>,
    /// `:extends [Unr]`: only of types whose values may be copied and dropped. `Unr` itself is a
    /// mark without methods or dictionaries, so it is not among the supers.
    pub is_unrestricted: bool,
    pub methods: Vec<Method>,
    pub doc: Option<String>,
    pub exported: bool,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Method {
    pub name: Name,
    /// Mentions the interface's parameter; further variables are generic per call.
    pub sig: Signature,
    pub default: Option<DefId>,
    pub doc: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct Instance {
    pub interface: InterfaceId,
    pub module: ModuleId,
    /// The head type, variables distinct: `Point`, `(Vector a)`, `(Q u)`.
    pub head: TypeExpr,
    pub context: Vec<(InterfaceId, TypeExpr)>,
    /// By method index; `None`: the default (or, already reported, missing).
    pub methods: Vec<Option<DefId>>,
    pub derived: bool,
    pub span: Span,
}

/// Definitions that stages know by name. Found in `std.core`; `None` only when the standard library
/// on `ECLEXIA_STDLIB_PATH` lacks them, which core reports.
#[derive(Clone, Debug, Default)]
pub struct LangItems {
    pub types: FxHashMap<Name, TypeId>,
    pub ctors: FxHashMap<Name, CtorId>,
    pub defs: FxHashMap<Name, DefId>,
    pub interfaces: FxHashMap<Name, InterfaceId>,
}
