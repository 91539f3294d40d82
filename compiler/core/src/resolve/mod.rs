//! Resolve: trees in, a longer [`Program`] out. [`load`](self::load) finds the modules that the
//! entry reaches and orders them; each is then resolved whole before those that import it:
//!
//! 1. `header`: the scope from the prelude and the imports;
//! 2. `collect`: top-level forms, macro calls expanded, `do` opened;
//! 3. `declare`: every name gets its entity, so order in the file does not matter;
//! 4. `data`, `interfaces`, `units`, `types`: what types and signatures mean;
//! 5. `desugar`: bodies;
//! 6. `groups`: dependency order.
//!
//! Arenas only grow, so ids given out earlier stay valid.

mod amounts;
mod collect;
mod cost;
mod data;
mod declare;
mod groups;
mod header;
mod interfaces;
mod load;
pub(crate) mod names;
mod suggest;
mod synonyms;
pub(crate) mod types;
mod units;

pub(crate) use data::type_variables;
pub(crate) use declare::TypeDecl;
pub use header::{import_edit, imports};
pub use load::{Loader, is_library};
pub(crate) use suggest::nearest;
pub(crate) use types::TypeVars;

use crate::core::{
    BodyMap, Def, DefId, DefKind, Entity, Module, ModuleId, Program, Signature, TypeExpr,
};
use crate::expand::Macro;
use crate::forms::{Form, Forms};
use crate::words::Words;
use eclexia_base::unit::Unit;
use eclexia_base::{FxHashMap, Name, Span};
use eclexia_diag::{Diagnostics, Outcome};
use eclexia_syntax::Tree;
use names::UnknownName;

/// What later modules need of earlier ones and no later stage does.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub(crate) macros: Vec<Macro>,
    pub(crate) aliases: Vec<AliasDef>,
    /// The expansions made so far, by mark; mark 0 stands for the user.
    pub(crate) marks: Vec<Mark>,
    /// Top-level names written by templates.
    pub(crate) marked: FxHashMap<(Name, u32), Entity>,
    pub(crate) marked_types: FxHashMap<(Name, u32), Entity>,
}

impl Kept {
    /// Whether expansions that `whole` has behind `part` can come behind those made here: these are
    /// as many, or nothing there names one of them.
    fn may_extend_from(&self, part: &Kept, whole: &Kept) -> bool {
        let first = part.marks.len();
        let of_marks = whole.marks[first..].iter().map(|mark| mark.parent);
        let of_macros = whole.macros[part.macros.len()..].iter().map(|made| made.parent);
        let names_none = |parent: u32| parent == 0 || parent as usize >= first;
        self.marks.len() == first || of_marks.chain(of_macros).all(names_none)
    }

    /// See [`Program::extend_from`].
    fn extend_from(&mut self, part: &Kept, whole: &Kept) {
        let (first, own) = (part.marks.len() as u32, self.marks.len() as u32);
        let moved = |mark: u32| if mark < first { mark } else { mark - first + own };
        let marks = whole.marks[part.marks.len()..].iter();
        self.marks.extend(marks.map(|mark| Mark { parent: moved(mark.parent), ..*mark }));
        let macros = whole.macros[part.macros.len()..].iter().cloned();
        self.macros.extend(macros.map(|made| Macro { parent: moved(made.parent), ..made }));
        self.aliases.extend_from_slice(&whole.aliases[part.aliases.len()..]);
        let pairs = [
            (&mut self.marked, &part.marked, &whole.marked),
            (&mut self.marked_types, &part.marked_types, &whole.marked_types),
        ];
        for (own, part, whole) in pairs {
            let new = whole.iter().filter(|(name, _)| !part.contains_key(*name));
            own.extend(new.map(|((name, mark), entity)| ((*name, moved(*mark)), *entity)));
        }
    }
}

impl Program {
    /// How much there is of everything that has an id.
    pub fn extent(&self) -> [usize; 8] {
        [
            self.modules.len(),
            self.defs.len(),
            self.types.len(),
            self.ctors.len(),
            self.interfaces.len(),
            self.instances.len(),
            self.kept.macros.len(),
            self.kept.aliases.len(),
        ]
    }

    /// Whether [`Program::extend_from`] keeps the meaning of all ids.
    pub fn may_extend_from(&self, part: &Program, whole: &Program) -> bool {
        self.extent() == part.extent() && self.kept.may_extend_from(&part.kept, &whole.kept)
    }

    /// Behind what is here, the modules that `whole` has behind `part`, as they are.
    pub fn extend_from(&mut self, part: &Program, whole: &Program) {
        let first = part.modules.len();
        self.modules.extend_from(&whole.modules, first);
        self.defs.extend_from(&whole.defs, part.defs.len());
        self.maps.extend_from(&whole.maps, part.maps.len());
        self.types.extend_from(&whole.types, part.types.len());
        self.ctors.extend_from(&whole.ctors, part.ctors.len());
        self.interfaces.extend_from(&whole.interfaces, part.interfaces.len());
        self.instances.extend_from(&whole.instances, part.instances.len());
        self.groups.extend_from_slice(&whole.groups[part.groups.len()..]);
        self.by_name.extend(whole.by_name.iter().filter(|(_, id)| id.0 as usize >= first));
        self.kept.extend_from(&part.kept, &whole.kept);
    }
}

/// An expansion: where the names of its template are looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub module: ModuleId,
    pub parent: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct AliasDef {
    pub name: Name,
    pub module: ModuleId,
    pub params: Vec<Name>,
    pub ty: AliasState,
    pub doc: Option<String>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum AliasState {
    Pending(u32),
    Active,
    Done(TypeExpr),
}

/// A body to be desugared once all names are known.
pub(crate) struct Job {
    pub def: DefId,
    pub kind: JobKind,
}

pub(crate) enum JobKind {
    /// `[params] body…`, and the whole form.
    Function {
        params: Form,
        body: crate::forms::Kids,
        form: Form,
    },
    Constant(Form),
    Test {
        body: crate::forms::Kids,
        form: Form,
    },
    Adaptive(Form),
}

/// The state of resolving one module.
pub(crate) struct ModuleCtx<'c, 't> {
    pub program: &'c mut Program,
    pub words: &'c mut Words,
    pub diagnostics: &'c mut Diagnostics,
    pub unknown: &'c mut Vec<UnknownName>,
    pub forms: Forms<'t>,
    pub module: ModuleId,
    pub may_evaluate: bool,
    pub jobs: Vec<Job>,
    pub uses: FxHashMap<DefId, Vec<(DefId, Span)>>,
    /// Units read so far.
    pub units: FxHashMap<Name, Unit>,
    pub broken: names::Broken,
    /// The expression met last at the top level, and whether it is a call.
    pub last_expression: Option<(Span, bool)>,
    pub folds: FxHashMap<Entity, crate::desugar::Fold>,
    /// Forms of aliases, by index in `Kept::aliases`.
    pub alias_forms: Vec<Form>,
    pub costs: Vec<cost::CostForm>,
}

/// Resolves `entry` and every module that it reaches into `program`.
///
/// With `parent_scope` the module starts with that module's scope and may hold expressions (the
/// REPL); [`resolve_page`] allows expressions without one.
pub fn resolve(
    program: &mut Program,
    entry: &Tree,
    default_name: &str,
    parent_scope: Option<ModuleId>,
    loader: &mut dyn Loader,
) -> Outcome<ModuleId> {
    resolve_with(program, entry, default_name, parent_scope, parent_scope.is_some(), loader)
}

/// [`resolve`] of a module whose top level may hold expressions: pages of the manual, the first
/// input of a REPL.
pub fn resolve_page(
    program: &mut Program,
    entry: &Tree,
    default_name: &str,
    loader: &mut dyn Loader,
) -> Outcome<ModuleId> {
    resolve_with(program, entry, default_name, None, true, loader)
}

fn resolve_with(
    program: &mut Program,
    entry: &Tree,
    default_name: &str,
    parent_scope: Option<ModuleId>,
    may_evaluate: bool,
    loader: &mut dyn Loader,
) -> Outcome<ModuleId> {
    if program.kept.marks.is_empty() {
        program.kept.marks.push(Mark { module: ModuleId(0), parent: 0 });
    }
    let mut words = Words::default();
    let mut diagnostics = Diagnostics::new();
    let mut unknown = Vec::new();
    let first = ModuleId(program.modules.len() as u32);
    let start = load::Start { default_name, parent_scope };
    let loaded = load::load(program, entry, &start, &mut words, loader, &mut diagnostics);
    for (index, source) in loaded.modules.iter().enumerate() {
        let is_entry = index + 1 == loaded.modules.len();
        let tree = source.tree.as_ref().unwrap_or(entry);
        let module = ModuleId(program.modules.len() as u32);
        let shared =
            Shared { words: &mut words, diagnostics: &mut diagnostics, unknown: &mut unknown };
        let mut ctx = ModuleCtx::new(program, shared, tree, module);
        ctx.may_evaluate = may_evaluate && is_entry;
        ctx.run(tree, source, if is_entry { parent_scope } else { None });
    }
    suggest::report_unknown(program, first, unknown, loader, &mut diagnostics);
    let module = ModuleId((program.modules.len() - 1) as u32);
    (module, diagnostics)
}

/// Expands every macro call in the forms of `tree`, as they would be in `module`; one text per
/// form. Locals that shadow a macro are not considered.
pub fn expand_to_string(
    program: &mut Program,
    module: ModuleId,
    tree: &Tree,
) -> Outcome<Vec<String>> {
    let (mut words, mut diagnostics, mut unknown) =
        (Words::default(), Diagnostics::new(), Vec::new());
    let shared = Shared { words: &mut words, diagnostics: &mut diagnostics, unknown: &mut unknown };
    let mut ctx = ModuleCtx::new(program, shared, tree, module);
    let texts = tree
        .roots
        .iter()
        .map(|root| {
            let made = ctx.expand_all(Form::of_node(*root), 0);
            ctx.forms.show(made)
        })
        .collect();
    (texts, diagnostics)
}

/// What the modules of one run share.
struct Shared<'c> {
    words: &'c mut Words,
    diagnostics: &'c mut Diagnostics,
    unknown: &'c mut Vec<UnknownName>,
}

impl<'c, 't> ModuleCtx<'c, 't> {
    fn new(
        program: &'c mut Program,
        shared: Shared<'c>,
        tree: &'t Tree,
        module: ModuleId,
    ) -> ModuleCtx<'c, 't> {
        ModuleCtx {
            program,
            words: shared.words,
            diagnostics: shared.diagnostics,
            unknown: shared.unknown,
            forms: Forms::new(tree),
            module,
            may_evaluate: false,
            jobs: Vec::new(),
            uses: FxHashMap::default(),
            units: FxHashMap::default(),
            broken: names::Broken::default(),
            last_expression: None,
            folds: FxHashMap::default(),
            alias_forms: Vec::new(),
            costs: Vec::new(),
        }
    }
}

impl ModuleCtx<'_, '_> {
    fn run(mut self, tree: &Tree, source: &load::Source, parent: Option<ModuleId>) {
        let module = self.open_module(tree, source, parent);
        self.program.modules.push(module);
        if parent.is_none() {
            self.program.by_name.insert(source.name, self.module);
        }
        self.bind_imports(source);
        self.folds = crate::desugar::folds(self.program);
        let roots: Vec<Form> = tree.roots.iter().map(|n| Form::of_node(*n)).collect();
        let items = self.collect(&roots);
        let declared = self.declare(&items);
        self.define_units(&declared);
        self.define_aliases();
        self.define_types(&declared);
        self.define_interfaces(&declared);
        crate::derive::derive_instances(&mut self, &declared.types);
        self.define_signatures(&declared);
        self.define_externs(&declared);
        self.define_costs();
        self.check_exports(source);
        if source.name == "std.core" {
            self.fill_lang_items();
            self.folds = crate::desugar::folds(self.program);
        }
        let jobs = std::mem::take(&mut self.jobs);
        for job in &jobs {
            crate::desugar::body(&mut self, job);
        }
        let late = std::mem::take(&mut self.jobs);
        for job in &late {
            crate::desugar::body(&mut self, job);
        }
        self.group();
    }

    /// Everything that `std.core` defines is known by name to later stages.
    fn fill_lang_items(&mut self) {
        let module = &self.program.modules[self.module];
        let lang = &mut self.program.lang;
        for (name, entity) in module.own.iter().chain(&module.own_types) {
            match entity {
                Entity::Def(def) => drop(lang.defs.insert(*name, *def)),
                Entity::Ctor(ctor) => drop(lang.ctors.insert(*name, *ctor)),
                Entity::Type(ty) => drop(lang.types.insert(*name, *ty)),
                Entity::Interface(interface) => drop(lang.interfaces.insert(*name, *interface)),
                Entity::Method(..) | Entity::Macro(_) | Entity::Alias(_) => {}
            }
        }
    }

    /// A definition of this module, without body yet.
    pub(crate) fn new_def(&mut self, name: Name, kind: DefKind, at: Form, form: Form) -> DefId {
        let def = Def {
            name,
            module: self.module,
            kind,
            doc: None,
            exported: false,
            span: self.forms.span(at),
            form: self.forms.span(form),
            sig: None,
            cost: None,
            body: None,
            group: self.program.defs.next_id(),
        };
        let id = self.program.defs.push(def);
        self.program.maps.push(BodyMap::default());
        self.program.modules[self.module].defs.push(id);
        id
    }

    pub(crate) fn this(&mut self) -> &mut Module {
        &mut self.program.modules[self.module]
    }

    pub(crate) fn is_std(&self) -> bool {
        self.program.modules[self.module].is_std
    }

    pub(crate) fn set_sig(&mut self, def: DefId, sig: Signature) {
        self.program.defs[def].sig = Some(sig);
    }

    /// The docstring at position `at` of a form, and the position after it.
    pub(crate) fn doc_at(&self, kids: crate::forms::Kids, at: usize) -> (Option<String>, usize) {
        let text = self.forms.get(kids, at).and_then(|f| self.forms.string(f));
        match text {
            Some(text) => (Some(text.as_str().to_owned()), at + 1),
            None => (None, at),
        }
    }
}
