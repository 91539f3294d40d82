//! The header of a module: its `module` form and its imports; and the scope they give. Read once
//! before anything is resolved, to know what to load.

use super::{ModuleCtx, load::Source};
use crate::core::{Entity, Module, ModuleId, Place};
use crate::diagnostics as report;
use crate::forms::{Form, Forms};
use crate::words::last_part;
use eclexia_base::unit::UnitTable;
use eclexia_base::{FxHashMap, FxHashSet, Name, Span};
use eclexia_diag::{Diagnostics, Edit};
use eclexia_syntax::{NodeId, Tree};

#[derive(Default)]
pub(crate) struct Header {
    pub name: Option<(Name, Span)>,
    pub doc: Option<String>,
    pub exports: Option<Vec<(Name, Span)>>,
    pub imports: Vec<Import>,
}

pub(crate) struct Import {
    pub module: Name,
    pub alias: Name,
    pub only: Vec<(Name, Span)>,
    pub all: bool,
    pub span: Span,
}

pub(crate) fn read(forms: &Forms, roots: &[Form], diagnostics: &mut Diagnostics) -> Header {
    let mut header = Header::default();
    for (i, root) in roots.iter().enumerate() {
        match forms.head(*root) {
            Some(head) if head == "module" => {
                let result = if i == 0 { read_module(forms, *root, &mut header) } else { None };
                if result.is_none() {
                    diagnostics.push(report::malformed(
                        forms.place(*root),
                        "module",
                        "(module name :exports [a b])",
                        if i == 0 { "" } else { "it stands first in its file" },
                    ));
                }
            }
            Some(head) if head == "import" => match read_import(forms, *root) {
                Some(import) => header.imports.push(import),
                None => diagnostics.push(report::malformed(
                    forms.place(*root),
                    "import",
                    "(import std.list :as l :only [map])",
                    "`:all` in place of `:only` takes every name",
                )),
            },
            _ => {}
        }
    }
    header
}

/// The modules that a file imports, in the order written.
pub fn imports(tree: &Tree) -> Vec<Name> {
    let forms = Forms::new(tree);
    let roots: Vec<Form> = tree.roots.iter().map(|n| Form::of_node(*n)).collect();
    let header = read(&forms, &roots, &mut Diagnostics::new());
    header.imports.into_iter().map(|import| import.module).collect()
}

/// The edit that puts an import below the last one, below the `module` form, or first.
pub fn import_edit(tree: &Tree, import: &str) -> Edit {
    let forms = Forms::new(tree);
    let head = |root: &NodeId| forms.head(Form::of_node(*root));
    let is_header = |root: &&NodeId| head(root).is_some_and(|h| h == "module" || h == "import");
    match tree.roots.iter().rfind(is_header) {
        Some(last) => Edit::insert(tree.span(*last).after(), format!("\n{import}")),
        None => {
            let first = tree.roots.first().map_or(0, |root| tree.span(*root).start);
            Edit::insert(Span::new(tree.file, first, first), format!("{import}\n"))
        }
    }
}

fn read_module(forms: &Forms, form: Form, header: &mut Header) -> Option<()> {
    let kids = forms.kids(form);
    let name = forms.get(kids, 1)?;
    header.name = Some((forms.symbol(name)?, forms.span(name)));
    let mut at = 2;
    if let Some(doc) = forms.get(kids, at).and_then(|f| forms.string(f)) {
        header.doc = Some(doc.as_str().to_owned());
        at += 1;
    }
    if at < kids.len() {
        if forms.keyword(forms.get(kids, at)?)? != "exports" {
            return None;
        }
        header.exports = Some(name_list(forms, forms.get(kids, at + 1)?)?);
        at += 2;
    }
    (at == kids.len()).then_some(())
}

fn read_import(forms: &Forms, form: Form) -> Option<Import> {
    let kids = forms.kids(form);
    let target = forms.get(kids, 1)?;
    let module = forms.symbol(target)?;
    let last = last_part(module.as_str());
    let span = forms.span(target);
    let alias = Name::new(last);
    let mut import = Import { module, alias, only: Vec::new(), all: false, span };
    let mut at = 2;
    let mut seen: Vec<Name> = Vec::new();
    while let Some(option) = forms.get(kids, at) {
        let option = forms.keyword(option)?;
        if seen.contains(&option) {
            return None;
        }
        seen.push(option);
        match option.as_str() {
            "all" => {
                import.all = true;
                at += 1;
            }
            "as" => {
                import.alias = forms.symbol(forms.get(kids, at + 1)?)?;
                at += 2;
            }
            "only" => {
                import.only = name_list(forms, forms.get(kids, at + 1)?)?;
                at += 2;
            }
            _ => return None,
        }
    }
    Some(import)
}

fn name_list(forms: &Forms, form: Form) -> Option<Vec<(Name, Span)>> {
    if !forms.is_vector(form) {
        return None;
    }
    let items = forms.to_vec(forms.kids(form));
    items.into_iter().map(|f| Some((forms.symbol(f)?, forms.span(f)))).collect()
}

impl ModuleCtx<'_, '_> {
    /// The module with the scope it starts from, before its imports.
    pub(super) fn open_module(
        &self,
        tree: &Tree,
        source: &Source,
        parent: Option<ModuleId>,
    ) -> Module {
        let text = source.name.as_str();
        let end = tree.roots.last().map_or(0, |n| tree.span(*n).end);
        let is_std = super::is_library(text);
        let mut module = Module {
            name: source.name,
            doc: source.header.doc.clone(),
            is_std,
            defs: Vec::new(),
            types: Vec::new(),
            interfaces: Vec::new(),
            units: UnitTable::language().clone(),
            scope: FxHashMap::default(),
            type_scope: FxHashMap::default(),
            own: FxHashMap::default(),
            own_types: FxHashMap::default(),
            exports: None,
            own_units: Vec::new(),
            aliases: FxHashMap::default(),
            span: Span::new(tree.file, 0, end),
        };
        if let Some(names) = &source.header.exports {
            module.exports = Some(names.iter().map(|(n, _)| *n).collect::<FxHashSet<Name>>());
        }
        if let Some(parent) = parent.map(|p| &self.program.modules[p]) {
            module.units = parent.units.clone();
            module.scope = parent.scope.clone();
            module.type_scope = parent.type_scope.clone();
            module.aliases = parent.aliases.clone();
        }
        module
    }

    pub(super) fn bind_imports(&mut self, source: &Source) {
        let core = self.program.by_name.get(&Name::new("std.core")).copied();
        let has_scope = !self.program.modules[self.module].scope.is_empty();
        if let Some(core) = core.filter(|c| *c != self.module && !has_scope) {
            self.import_all(core);
        }
        for (prefix, module) in &source.implicit {
            match self.program.by_name.get(module).copied() {
                Some(id) => drop(self.this().aliases.insert(*prefix, id)),
                None => drop(self.broken.aliases.insert(*prefix)),
            }
        }
        for import in &source.header.imports {
            let id = self.program.by_name.get(&import.module).copied();
            let Some(id) = id.filter(|id| *id != self.module) else {
                self.broken.aliases.insert(import.alias);
                self.broken.names.extend(import.only.iter().map(|(name, _)| *name));
                self.broken.all |= import.all;
                continue;
            };
            self.this().aliases.insert(import.alias, id);
            self.import_units(id);
            if import.all {
                self.import_all(id);
            }
            for (name, span) in &import.only {
                self.import_one(id, *name, *span);
            }
        }
        self.bind_adaptive();
    }

    /// A file with a `defadaptive` has `at-most` for its bounds, unless the name means something.
    fn bind_adaptive(&mut self) {
        let name = Name::new("at-most");
        let module = self.program.by_name.get(&Name::new("std.adaptive")).copied();
        let found = module.and_then(|m| self.program.modules[m].own.get(&name).copied());
        let adaptive = Name::new("adaptive");
        let this = self.this();
        if let Some(entity) = found.filter(|_| this.aliases.contains_key(&adaptive)) {
            this.scope.entry(name).or_insert(entity);
        }
    }

    fn import_units(&mut self, from: ModuleId) {
        let source = &self.program.modules[from];
        let units: Vec<_> = source
            .own_units
            .iter()
            .filter_map(|name| Some((*name, source.units.get(*name)?.clone())))
            .collect();
        for (name, unit) in units {
            self.this().units.define(name, unit);
        }
    }

    fn import_all(&mut self, from: ModuleId) {
        let source = &self.program.modules[from];
        let exported = |(name, entity): (&Name, &Entity)| {
            self.program.is_exported(from, *name, *entity).then_some((*name, *entity))
        };
        let values: Vec<_> = source.own.iter().filter_map(exported).collect();
        let types: Vec<_> = source.own_types.iter().filter_map(exported).collect();
        let this = self.this();
        this.scope.extend(values);
        this.type_scope.extend(types);
    }

    fn import_one(&mut self, from: ModuleId, name: Name, span: Span) {
        let source = &self.program.modules[from];
        let value = source.own.get(&name).copied();
        let ty = source.own_types.get(&name).copied();
        let place = Place { span, inside: None };
        let Some(any) = value.or(ty) else {
            let names = self.program.exported_names(from);
            let near = super::suggest::nearest(name.as_str(), names.iter().map(|n| n.as_str()));
            let module = source.name;
            let near = near.as_deref();
            self.diagnostics.push(report::unknown_in_module(place, name, module, near, &names));
            return;
        };
        if !self.program.is_exported(from, name, any) {
            let defined = self.program.entity_span(any);
            self.diagnostics.push(report::private_name(place, name, source.name, defined));
            return;
        }
        if let Some(value) = value {
            self.this().scope.insert(name, value);
        }
        if let Some(ty) = ty {
            self.this().type_scope.insert(name, ty);
        }
    }

    /// Every name of `:exports` is one of this module's.
    pub(super) fn check_exports(&mut self, source: &Source) {
        let Some(names) = &source.header.exports else { return };
        for (name, span) in names {
            let this = &self.program.modules[self.module];
            if this.own.contains_key(name) || this.own_types.contains_key(name) {
                continue;
            }
            let own = this.own.keys().chain(this.own_types.keys()).map(|n| n.as_str());
            let near = super::suggest::nearest(name.as_str(), own);
            let place = Place { span: *span, inside: None };
            let module = this.name;
            let found = report::unknown_in_module(place, *name, module, near.as_deref(), &[]);
            self.diagnostics.push(found);
        }
    }
}
