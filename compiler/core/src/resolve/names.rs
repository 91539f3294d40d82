//! What a name means. A user's name is looked up in this module's scope, a template's in the
//! scope of the module that defined the macro; a qualified one in the module its prefix names.

use super::{AliasState, ModuleCtx};
use crate::core::{CtorId, Entity, ModuleId, Place, Program, TypeExpr};
use crate::diagnostics as report;
use crate::expand::Macro;
use crate::forms::{Form, USER};
use crate::words::{Word, split_qualified};
use eclexia_base::{FxHashSet, Name, Span};

/// Names are of two spaces: values (with constructors, methods, macros) and types (with aliases
/// and interfaces).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Space {
    Value,
    Type,
}

/// A name that means nothing, kept until all modules are loaded: the message may then say where
/// it is defined.
pub(crate) struct UnknownName {
    pub name: Name,
    pub place: Place,
    pub space: Space,
    pub near: Option<String>,
}

/// What imports that failed would have given; names that may come from them are not reported.
#[derive(Default)]
pub(crate) struct Broken {
    pub aliases: FxHashSet<Name>,
    pub names: FxHashSet<Name>,
    pub all: bool,
}

impl Program {
    /// Whether this is `Unr` of the prelude, the mark of types whose values may be copied and
    /// dropped.
    pub fn is_unr(&self, id: crate::core::InterfaceId) -> bool {
        let interface = &self.interfaces[id];
        interface.name == "Unr" && self.modules[interface.module].name == "std.core"
    }

    /// Whether only unrestricted types may be used through an interface by value: it extends `Unr`,
    /// or what it extends does.
    pub fn only_reads(&self, id: crate::core::InterfaceId) -> bool {
        let mut seen = vec![id];
        let mut next = 0;
        while let Some(at) = seen.get(next).copied() {
            next += 1;
            let interface = &self.interfaces[at];
            if interface.is_unrestricted || self.is_unr(at) {
                return true;
            }
            for parent in &interface.supers {
                if !seen.contains(parent) {
                    seen.push(*parent);
                }
            }
        }
        false
    }

    /// Whether a definition was made by an input of the REPL, whose values the session owns.
    pub fn is_of_session(&self, def: crate::core::DefId) -> bool {
        let module = self.defs[def].module;
        self.by_name.get(&self.modules[module].name) != Some(&module)
    }

    /// Whether any module is an input of a session.
    pub fn has_sessions(&self) -> bool {
        self.by_name.len() < self.modules.len()
    }

    /// The macros of a module that have documentation: name, patterns as written, text, place.
    pub fn documented_macros(
        &self,
        module: ModuleId,
    ) -> impl Iterator<Item = (Name, String, &str, Span)> {
        let own = self.kept.macros.iter().filter(move |m| m.module == module && m.parent == 0);
        own.filter_map(|m| {
            let patterns: Vec<&str> = m.clauses.iter().map(|c| c.shown.as_str()).collect();
            Some((m.name, patterns.join("\n"), m.doc.as_deref()?, m.span))
        })
    }

    /// The macro of an [`Entity::Macro`].
    pub fn macro_at(&self, index: u32) -> Option<&Macro> {
        self.kept.macros.get(index as usize)
    }

    /// The alias of a type of an [`Entity::Alias`]: its name, parameters, documentation, module.
    pub fn alias_at(&self, index: u32) -> Option<(Name, &[Name], Option<&str>, ModuleId)> {
        let alias = self.kept.aliases.get(index as usize)?;
        Some((alias.name, &alias.params, alias.doc.as_deref(), alias.module))
    }

    /// The type that an alias stands for.
    pub fn alias_type(&self, index: u32) -> Option<&TypeExpr> {
        match &self.kept.aliases.get(index as usize)?.ty {
            AliasState::Done(ty) => Some(ty),
            AliasState::Pending(_) | AliasState::Active => None,
        }
    }

    /// The meaning of `name` as if written in `module`, `list/map` too; values before types.
    pub fn lookup(&self, module: ModuleId, name: &str) -> Option<Entity> {
        let full = Name::new(name);
        let this = &self.modules[module];
        if let Some((prefix, rest)) = split_qualified(full)
            && let Some(target) = self.module_named(module, prefix)
        {
            let other = &self.modules[target];
            let found = other.own.get(&rest).or_else(|| other.own_types.get(&rest)).copied()?;
            return (target == module || self.is_exported(target, rest, found)).then_some(found);
        }
        this.scope.get(&full).or_else(|| this.type_scope.get(&full)).copied()
    }

    /// How `module` writes a constructor: with an alias of its module where the name alone is not
    /// in scope, or means another.
    pub fn written_ctor(&self, module: ModuleId, ctor: CtorId) -> String {
        let name = self.ctors[ctor].name;
        let this = &self.modules[module];
        let home = self.types[self.ctors[ctor].ty].module;
        let aliases = this.aliases.iter().filter(|(_, target)| **target == home);
        match aliases.map(|(alias, _)| *alias).min() {
            Some(alias) if this.scope.get(&name) != Some(&Entity::Ctor(ctor)) => {
                format!("{alias}/{name}")
            }
            _ => name.to_string(),
        }
    }

    /// Every name usable in `module` without a qualifier, and its import aliases' exports as
    /// `alias/name`; sorted: for completion.
    pub fn names_in_scope(&self, module: ModuleId) -> Vec<(Name, Entity)> {
        let this = &self.modules[module];
        let mut out: Vec<(Name, Entity)> =
            this.scope.iter().chain(&this.type_scope).map(|(n, e)| (*n, *e)).collect();
        #[expect(clippy::iter_over_hash_type, reason = "the result is sorted")]
        for (alias, target) in &this.aliases {
            let other = &self.modules[*target];
            for (name, entity) in other.own.iter().chain(&other.own_types) {
                if self.is_exported(*target, *name, *entity) {
                    out.push((Name::new(&format!("{alias}/{name}")), *entity));
                }
            }
        }
        out.sort_by_cached_key(|(name, entity)| (*name, format!("{entity:?}")));
        out
    }

    /// The module that a qualifier means in `module`: an alias, or a loaded module's full name.
    pub fn module_named(&self, module: ModuleId, prefix: Name) -> Option<ModuleId> {
        let this = &self.modules[module];
        // By its whole name, one of the library or an imported one; not what others loaded.
        let is_near = |id: &&ModuleId| {
            self.modules[**id].is_std || this.aliases.values().any(|imported| imported == *id)
        };
        let named = || self.by_name.get(&prefix).filter(is_near);
        this.aliases.get(&prefix).or_else(named).copied()
    }

    /// Whether other modules may use a name that `module` gives `entity`.
    pub fn is_exported(&self, module: ModuleId, name: Name, entity: Entity) -> bool {
        let Some(exports) = &self.modules[module].exports else { return true };
        if exports.contains(&name) {
            return true;
        }
        match entity {
            Entity::Ctor(ctor) => exports.contains(&self.types[self.ctors[ctor].ty].name),
            Entity::Method(interface, _) => exports.contains(&self.interfaces[interface].name),
            _ => false,
        }
    }

    /// What other modules may name of a module, sorted.
    pub fn exported_names(&self, module: ModuleId) -> Vec<Name> {
        let this = &self.modules[module];
        let all = this.own.iter().chain(&this.own_types);
        let mut names: Vec<Name> =
            all.filter(|(n, e)| self.is_exported(module, **n, **e)).map(|(n, _)| *n).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Where an entity is defined.
    pub fn entity_span(&self, entity: Entity) -> Span {
        match entity {
            Entity::Def(def) => self.defs[def].span,
            Entity::Ctor(ctor) => self.ctors[ctor].span,
            Entity::Method(interface, i) => {
                let interface = &self.interfaces[interface];
                interface.methods.get(i as usize).map_or(interface.span, |m| m.span)
            }
            Entity::Type(ty) => self.types[ty].span,
            Entity::Interface(interface) => self.interfaces[interface].span,
            Entity::Macro(i) => self.kept.macros[i as usize].span,
            Entity::Alias(i) => self.kept.aliases[i as usize].span,
        }
    }
}

impl ModuleCtx<'_, '_> {
    /// The module whose scope a mark's free names are looked up in.
    pub(crate) fn home_of(&self, mark: u32) -> ModuleId {
        if mark == USER { self.module } else { self.program.kept.marks[mark as usize].module }
    }

    pub(crate) fn try_find(&self, name: Name, mark: u32, space: Space) -> Option<Entity> {
        let mut at = mark;
        let kept = &self.program.kept;
        while at != USER {
            let marked = match space {
                Space::Value => &kept.marked,
                Space::Type => &kept.marked_types,
            };
            if let Some(entity) = marked.get(&(name, at)) {
                return Some(*entity);
            }
            at = kept.marks[at as usize].parent;
        }
        let home = &self.program.modules[self.home_of(mark)];
        match space {
            Space::Value => home.scope.get(&name).copied(),
            Space::Type => home.type_scope.get(&name).copied(),
        }
    }

    /// The entity a symbol means; reports and gives `None` when there is none or it may not be
    /// used here.
    pub(crate) fn find(
        &mut self,
        form: Form,
        name: Name,
        space: Space,
        locals: &dyn Fn() -> Vec<Name>,
    ) -> Option<Entity> {
        let mark = self.forms.mark(form);
        let found = match self.words.of(name) {
            Word::Qualified => self.find_qualified(form, name, mark, space)?,
            _ => match self.try_find(name, mark, space) {
                Some(entity) => entity,
                None => {
                    self.unknown_name(form, name, space, locals);
                    return None;
                }
            },
        };
        if let Entity::Ctor(ctor) = found {
            return self.may_construct(form, ctor, mark).then_some(found);
        }
        Some(found)
    }

    fn may_construct(&mut self, form: Form, ctor: CtorId, mark: u32) -> bool {
        let ty = &self.program.types[self.program.ctors[ctor].ty];
        if !ty.is_private || ty.module == self.home_of(mark) {
            return true;
        }
        let name = self.program.ctors[ctor].name;
        let module = self.program.modules[ty.module].name;
        let span = self.program.ctors[ctor].span;
        let place = self.forms.place(form);
        self.diagnostics.push(report::private_constructor(place, name, ty.name, module, span));
        false
    }

    fn find_qualified(
        &mut self,
        form: Form,
        name: Name,
        mark: u32,
        space: Space,
    ) -> Option<Entity> {
        let (prefix, rest) = split_qualified(name)?;
        let home = self.home_of(mark);
        let place = self.forms.place(form);
        let Some(target) = self.program.module_named(home, prefix) else {
            if !self.broken.aliases.contains(&prefix) {
                let aliases = self.program.modules[home].aliases.keys().map(|n| n.as_str());
                let near = super::suggest::nearest(prefix.as_str(), aliases)
                    .or_else(|| super::synonyms::module(prefix.as_str()).map(str::to_owned));
                self.diagnostics.push(report::unknown_alias(place, prefix, near.as_deref()));
            }
            return None;
        };
        let other = &self.program.modules[target];
        let table = if space == Space::Value { &other.own } else { &other.own_types };
        let Some(found) = table.get(&rest).copied() else {
            let mut offered = self.program.exported_names(target);
            offered.retain(|name| table.contains_key(name));
            let names = || offered.iter().map(|n| n.as_str());
            let meant = super::synonyms::function(rest.as_str(), |n| names().any(|own| own == n));
            let near = match meant.filter(|_| space == Space::Value) {
                Some(meant) => Some(meant.to_owned()),
                None => super::suggest::nearest(rest.as_str(), names()),
            };
            let near = near.map(|n| format!("{prefix}/{n}"));
            let module = other.name;
            let near = near.as_deref();
            self.diagnostics.push(report::unknown_in_module(place, name, module, near, &offered));
            return None;
        };
        if target != home && !self.program.is_exported(target, rest, found) {
            let defined = self.program.entity_span(found);
            let module = self.program.modules[target].name;
            self.diagnostics.push(report::private_name(place, rest, module, defined));
            return None;
        }
        Some(found)
    }

    fn unknown_name(
        &mut self,
        form: Form,
        name: Name,
        space: Space,
        locals: &dyn Fn() -> Vec<Name>,
    ) {
        if self.broken.all || self.broken.names.contains(&name) {
            return;
        }
        let place = self.forms.place(form);
        let home = &self.program.modules[self.home_of(self.forms.mark(form))];
        let scope = if space == Space::Value { &home.scope } else { &home.type_scope };
        let locals = locals();
        let names = locals.iter().chain(scope.keys()).map(|n| n.as_str());
        let values = crate::words::special_names().filter(|_| space == Space::Value);
        // Types that are words of the language and stand in no scope.
        let types = ["Float", "Fn", "Fn1", "Q"].into_iter().filter(|_| space == Space::Type);
        let near = super::suggest::nearest(name.as_str(), names.chain(values).chain(types));
        self.unknown.push(UnknownName { name, place, space, near });
    }
}
