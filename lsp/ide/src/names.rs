//! Names: every occurrence of a name in a file, with what it means. The one index that hover,
//! definitions, references, renaming and colours are read from.
//!
//! Comes in: an analysis and a file. Goes out: [`Occurrence`]s in source order, none overlapping;
//! each spans exactly the text that a new name would replace: `length` of `list/length`, `x` of
//! `.x` and of `:x`, `GiB` of `4GiB`.
//!
//! 1. What core knows of the bodies is put under the places of the names (`known`); what a macro
//!    wrote has no place of its own and is left out.
//! 2. A walk over the tree gives every name its meaning: by its role where that decides (types,
//!    fields that are declared, imports), else by what core knows of its place.
//! 3. A name that core does not know of (a macro's, one in a template, one in a form that is
//!    broken) is looked up in the scope of the module, unless a local around it has the name.

use crate::known::{self, Forms, Known};
use crate::place::part;
use crate::roles::{Role, walk};
use crate::scope;
use eclexia_base::{FileId, FxHashSet, Name, Span};
use eclexia_core::core::{CtorId, DefId, DefKind, Entity, LocalId, ModuleId, Program};
use eclexia_core::words::{Word, classify, split_qualified};
use eclexia_db::Analysis;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// What a name means.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Meaning {
    /// A variable of a definition's body.
    Local(DefId, LocalId),
    Entity(Entity),
    /// Field `index` of a record's constructor.
    Field(CtorId, u32),
    Module(ModuleId),
    /// A unit, by its spelling.
    Unit(Name),
    /// A form of the language: `let`, `defn`.
    Form(Name),
    /// A keyword that belongs to a form: `:where`, `:as`.
    Option(Name),
    /// A variable of a type or unit.
    TypeVariable(Name),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Use {
    /// Here it gets its meaning.
    Definition,
    Reference,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occurrence {
    pub span: Span,
    pub meaning: Meaning,
    pub is: Use,
}

/// The module that was read from a file.
pub fn module_of(analysis: &Analysis, file: FileId) -> Option<ModuleId> {
    let own = analysis.modules.get(&file).copied();
    own.or_else(|| {
        let modules = &analysis.program.modules;
        modules.iter().find(|(_, module)| module.span.file == file).map(|(id, _)| id)
    })
}

/// One meaning for what is the same to a reader: a record and its constructor, a method and its
/// implementations.
pub fn canonical(program: &Program, meaning: Meaning) -> Meaning {
    match meaning {
        Meaning::Entity(Entity::Ctor(ctor)) if program.ctors[ctor].is_record => {
            Meaning::Entity(Entity::Type(program.ctors[ctor].ty))
        }
        Meaning::Entity(Entity::Def(def)) => match program.defs[def].kind {
            DefKind::InstanceMethod { instance, index } => {
                let interface = program.instances[instance].interface;
                Meaning::Entity(Entity::Method(interface, index))
            }
            DefKind::MethodDefault { interface, index } => {
                Meaning::Entity(Entity::Method(interface, index))
            }
            _ => meaning,
        },
        _ => meaning,
    }
}

/// The occurrences of a file, in source order.
pub fn occurrences(analysis: &Analysis, file: FileId) -> Vec<Occurrence> {
    let Some(tree) = analysis.trees.get(&file) else { return Vec::new() };
    occurrences_of(analysis, tree, &tree.roots)
}

/// The occurrences of some neighbouring forms of a file.
pub fn occurrences_of(analysis: &Analysis, tree: &Tree, roots: &[NodeId]) -> Vec<Occurrence> {
    let (Some(first), Some(last)) = (roots.first(), roots.last()) else { return Vec::new() };
    let file = tree.file;
    let module = module_of(analysis, file);
    let forms = Forms { tree, roots, span: tree.span(*first).to(tree.span(*last)) };
    let known = module.map(|module| known::known(analysis, module, &forms)).unwrap_or_default();
    let mut names = Names {
        analysis,
        tree,
        text: analysis.sources.text(file),
        module,
        known,
        template: FxHashSet::default(),
        found: Vec::new(),
    };
    walk(tree, roots, &mut |node, role, parent| names.node(node, role, parent));
    let mut found = names.found;
    found.sort_by_key(|occurrence| (occurrence.span.start, occurrence.span.end));
    found.dedup_by_key(|occurrence| occurrence.span.start);
    found
}

/// The occurrence at an offset, its end included.
pub fn at(occurrences: &[Occurrence], offset: u32) -> Option<Occurrence> {
    let after = occurrences.partition_point(|o| o.span.start <= offset);
    let before = |n: usize| after.checked_sub(n).and_then(|at| occurrences.get(at)).copied();
    let holds = |o: &Occurrence| offset <= o.span.end;
    before(1).filter(holds).or_else(|| before(2).filter(holds))
}

/// What the head of a list means.
pub fn of_head(occurrences: &[Occurrence], tree: &Tree, list: NodeId) -> Option<Meaning> {
    let end = tree.span(*tree.children(list).first()?).end;
    occurrences.iter().rfind(|o| o.span.end == end).map(|o| o.meaning)
}

struct Names<'a> {
    analysis: &'a Analysis,
    tree: &'a Tree,
    text: &'a str,
    module: Option<ModuleId>,
    known: Known,
    /// The variables of the macro clause that is being walked.
    template: FxHashSet<Name>,
    found: Vec<Occurrence>,
}

impl Names<'_> {
    fn node(&mut self, node: NodeId, role: Role, parent: Option<NodeId>) {
        match self.tree.kind(node) {
            NodeKind::Symbol(name) => self.symbol(node, name, role, parent),
            NodeKind::Keyword(name) => self.keyword(node, name, role),
            NodeKind::Quantity { unit, .. } => {
                let span = self.tree.span(node);
                let written = span.range().len().saturating_sub(unit.as_str().len());
                self.units(part(span, written, span.range().len()), unit, Use::Reference);
            }
            NodeKind::Str(_) if role == Role::Name => {
                let span = self.tree.span(node);
                if let Some(meaning) = self.known.defined.get(&(span.start, span.end)) {
                    self.add(span, *meaning, Use::Definition);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, span: Span, meaning: Meaning, is: Use) {
        let meaning = canonical(&self.analysis.program, meaning);
        self.found.push(Occurrence { span, meaning, is });
    }

    fn symbol(&mut self, node: NodeId, name: Name, role: Role, parent: Option<NodeId>) {
        let span = self.tree.span(node);
        let at = (span.start, span.end);
        // What is derived is defined where its interface is named.
        let defined = self.known.defined.get(&at).copied().filter(|_| role != Role::Type);
        if let Some(meaning) = defined {
            return self.add(span, meaning, Use::Definition);
        }
        match role {
            Role::Word | Role::Option => {
                return self.add(span, Meaning::Form(name), Use::Reference);
            }
            Role::TypeVariable => {
                return self.add(span, Meaning::TypeVariable(name), Use::Reference);
            }
            Role::Type | Role::TypeName | Role::Ctor => return self.type_name(span, name),
            Role::Cost => return self.cost_name(span, name),
            Role::Unit => return self.unit_name(node, span, name, parent),
            Role::Module => return self.module_name(span, name),
            Role::Alias => {
                let aliases = self.module.map(|m| &self.analysis.program.modules[m].aliases);
                if let Some(target) = aliases.and_then(|aliases| aliases.get(&name)).copied() {
                    self.add(span, Meaning::Module(target), Use::Reference);
                }
                return;
            }
            Role::Imported | Role::Exported => return self.listed(span, name, role),
            Role::MacroPattern => {
                self.template.insert(name);
                return;
            }
            Role::Name | Role::MemberName | Role::Method => return self.defined_name(span, name),
            Role::Pattern | Role::Value | Role::Template | Role::Form | Role::Arm => {}
            _ => {}
        }
        self.value(node, span, name, role, parent);
    }

    /// A name of an expression or pattern.
    fn value(&mut self, node: NodeId, span: Span, name: Name, role: Role, parent: Option<NodeId>) {
        let at = (span.start, span.end);
        let text_len = span.range().len();
        match classify(name.as_str()) {
            Word::Field => {
                if let Some((ctor, index)) = self.known.fields.get(&at).copied() {
                    let span = part(span, 1, text_len);
                    self.add(span, Meaning::Field(ctor, index), Use::Reference);
                }
                return;
            }
            Word::Special(_) | Word::Top(_) => {
                return self.add(span, Meaning::Form(name), Use::Reference);
            }
            Word::True | Word::False | Word::Unit => return,
            Word::Wildcard | Word::Ellipsis | Word::Ampersand => return,
            Word::Plain | Word::Qualified => {}
        }
        let head = parent.filter(|parent| self.tree.children(*parent).first() == Some(&node));
        let of_pattern = head.filter(|_| role == Role::Pattern).and_then(|list| {
            let span = self.tree.span(list);
            self.known.patterns.get(&(span.start, span.end)).copied()
        });
        let plain = split_qualified(name).map_or(name, |(_, rest)| rest);
        let known = self.known.values.get(&at).copied();
        let program = &self.analysis.program;
        let known = known.filter(|meaning| known::is_called(program, *meaning, plain));
        let known = known.or_else(|| self.known.patterns.get(&at).copied()).or(of_pattern);
        match known {
            Some(meaning @ Meaning::Local(..)) => self.add(span, meaning, Use::Reference),
            Some(meaning) => self.qualified(span, name, Some(meaning)),
            None if self.is_hidden(span, name, role) => {}
            None => {
                let program = &self.analysis.program;
                let found = self.module.and_then(|m| program.lookup(m, name.as_str()));
                self.qualified(span, name, found.map(Meaning::Entity));
            }
        }
    }

    /// Whether a name that core does not know of is a local's, or a variable of the template.
    fn is_hidden(&self, span: Span, name: Name, role: Role) -> bool {
        match role {
            Role::Template => self.template.contains(&name),
            Role::Pattern => !name.as_str().starts_with(char::is_uppercase),
            _ => {
                let locals = scope::locals(self.tree, self.text, span.start);
                locals.iter().any(|local| local.name == name)
            }
        }
    }

    /// `list/map`: the module before the slash, and what is meant behind it.
    fn qualified(&mut self, span: Span, name: Name, meaning: Option<Meaning>) {
        let mut span = span;
        if let Some((prefix, _)) = split_qualified(name) {
            let slash = prefix.as_str().len();
            let program = &self.analysis.program;
            if let Some(module) = self.module.and_then(|m| program.module_named(m, prefix)) {
                self.add(part(span, 0, slash), Meaning::Module(module), Use::Reference);
            }
            span = part(span, slash + 1, span.range().len());
        }
        if let Some(meaning) = meaning {
            self.add(span, meaning, Use::Reference);
        }
    }

    fn type_name(&mut self, span: Span, name: Name) {
        if matches!(name.as_str(), "Float" | "Fn" | "Fn1" | "Q" | "&" | "Budget") {
            return self.add(span, Meaning::Form(name), Use::Reference);
        }
        let program = &self.analysis.program;
        let found = self.module.and_then(|m| match split_qualified(name) {
            Some((prefix, rest)) => {
                let target = program.module_named(m, prefix)?;
                program.modules[target].own_types.get(&rest).copied()
            }
            None => program.modules[m].type_scope.get(&name).copied(),
        });
        match found {
            Some(entity) => self.qualified(span, name, Some(Meaning::Entity(entity))),
            None if name.as_str().starts_with(|c: char| c.is_lowercase()) => {
                self.add(span, Meaning::TypeVariable(name), Use::Reference);
            }
            None => {}
        }
    }

    /// A parameter in a declared cost, or a word of costs.
    fn cost_name(&mut self, span: Span, name: Name) {
        let locals = scope::locals(self.tree, self.text, span.start);
        let bound = locals.iter().find(|local| local.name == name).map(|local| local.span);
        let known = bound.and_then(|at| self.known.defined.get(&(at.start, at.end)).copied());
        self.add(span, known.unwrap_or(Meaning::Form(name)), Use::Reference);
    }

    fn unit_name(&mut self, node: NodeId, span: Span, name: Name, parent: Option<NodeId>) {
        // `(defunit rack = 12 seats)`: the second is what is defined.
        let kids = parent.map_or(&[][..], |parent| self.tree.children(parent));
        let head = kids.first().map(|head| self.tree.kind(*head));
        let defines = matches!(head, Some(NodeKind::Symbol(name))
            if name == "defunit" || name == "defdimension");
        let is = match defines && kids.get(1) == Some(&node) {
            true => Use::Definition,
            false => Use::Reference,
        };
        self.units(span, name, is);
    }

    /// The units of a unit expression.
    fn units(&mut self, span: Span, expression: Name, is: Use) {
        let Some(module) = self.module else { return };
        let table = &self.analysis.program.modules[module].units;
        let mut at = 0;
        let mut factors = Vec::new();
        for factor in expression.as_str().split_inclusive(['*', '/']) {
            let bare = factor.trim_end_matches(['*', '/']);
            let bare = bare.split_once('^').map_or(bare, |(name, _)| name);
            let name = Name::new(bare);
            let here = part(span, at, at + bare.len());
            at += factor.len();
            if table.get(name).is_some() {
                factors.push((here, Meaning::Unit(name)));
            } else if bare.starts_with(|c: char| c.is_lowercase()) {
                factors.push((here, Meaning::TypeVariable(name)));
            }
        }
        for (span, meaning) in factors {
            self.add(span, meaning, is);
        }
    }

    fn module_name(&mut self, span: Span, name: Name) {
        let program = &self.analysis.program;
        let own = self.module.filter(|m| program.modules[*m].name == name);
        // An import that is broken means nothing, whether or not others have read its module.
        let is_imported = |target: &ModuleId| {
            let this = self.module.map(|m| &program.modules[m]);
            this.is_some_and(|this| this.aliases.values().any(|imported| imported == target))
        };
        let named = || program.by_name.get(&name).copied().filter(is_imported);
        let target = own.or_else(named);
        let is = if own.is_some() { Use::Definition } else { Use::Reference };
        if let Some(target) = target {
            self.add(span, Meaning::Module(target), is);
        }
    }

    /// A name of `:only` or `:exports`.
    fn listed(&mut self, span: Span, name: Name, role: Role) {
        let Some(module) = self.module.map(|m| &self.analysis.program.modules[m]) else { return };
        let (values, types) = match role {
            Role::Exported => (&module.own, &module.own_types),
            _ => (&module.scope, &module.type_scope),
        };
        if let Some(entity) = values.get(&name).or_else(|| types.get(&name)) {
            self.add(span, Meaning::Entity(*entity), Use::Reference);
        }
    }

    /// The name in a `sig`, a method's in an `implement`, and one that is declared twice.
    fn defined_name(&mut self, span: Span, name: Name) {
        let Some(module) = self.module else { return };
        if let Some(entity) = self.analysis.program.modules[module].own.get(&name) {
            self.add(span, Meaning::Entity(*entity), Use::Reference);
        }
    }

    fn keyword(&mut self, node: NodeId, name: Name, role: Role) {
        let span = self.tree.span(node);
        let inner = part(span, 1, span.range().len());
        if role == Role::Option {
            return self.add(inner, Meaning::Option(name), Use::Reference);
        }
        let is = if role == Role::Fields { Use::Definition } else { Use::Reference };
        if let Some((ctor, index)) = self.known.fields.get(&(span.start, span.end)).copied() {
            self.add(inner, Meaning::Field(ctor, index), is);
        }
    }
}
