//! What can be named in a conversation: for completion, look-up and `:apropos`.

use super::conversation::Conversation;
use crate::commands::doc::{self, Library};
use eclexia_base::{FxHashMap, Name};
use eclexia_core::core::{DefKind, Entity, ModuleId};
use eclexia_core::words::last_part;
use eclexia_db::{Session, docs};
use std::sync::Arc;

/// A name in scope.
#[derive(Clone)]
pub struct Known {
    pub name: String,
    /// `function`, `constant`, `constructor`, `type`, `macro`, `form` …
    pub kind: &'static str,
    /// As users write it; empty of what has none.
    pub ty: String,
}

/// A name with what editors show of it.
pub struct Indexed {
    pub known: Known,
    /// Where it is defined, and its documentation; empty of forms.
    pub module: String,
    pub doc: String,
    /// File as messages name it, line and column from 1.
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl Indexed {
    /// A form of the language, which is defined nowhere.
    fn form(name: &str) -> Indexed {
        let known = Known { name: name.to_owned(), kind: "form", ty: String::new() };
        let (module, doc, file) = (String::new(), String::new(), String::new());
        Indexed { known, module, doc, file, line: 1, column: 1 }
    }
}

/// A type in a list of completions is at most so wide.
const MOST_OF_TYPE: usize = 60;

impl Known {
    pub fn with_type(&self) -> String {
        if self.ty.is_empty() {
            return format!("{}  {}", self.name, self.kind);
        }
        let mut ty: String = self.ty.chars().take(MOST_OF_TYPE).collect();
        if ty.len() < self.ty.len() {
            ty.push('…');
        }
        format!("{} : {ty}", self.name)
    }
}

/// Kind and type of what a name means.
fn meaning(session: &Session, entity: Entity) -> (&'static str, String) {
    let (program, typed) = (&session.program, &session.typed);
    let show = |scheme| eclexia_check::show_scheme(program, &scheme);
    match entity {
        Entity::Def(def) => {
            let kind = match program.defs[def].kind {
                DefKind::Constant | DefKind::Repl => "constant",
                _ => "function",
            };
            (kind, session.show_type(def))
        }
        Entity::Ctor(ctor) => ("constructor", show(typed.ctor_scheme(ctor))),
        Entity::Method(interface, index) => ("method", show(typed.method_scheme(interface, index))),
        Entity::Type(_) | Entity::Alias(_) => ("type", String::new()),
        Entity::Interface(_) => ("interface", String::new()),
        Entity::Macro(_) => ("macro", String::new()),
    }
}

/// A name of the library behind its qualifier.
fn of_library(library: &Library, module: &str, item: docs::DocItem) -> Indexed {
    let last = last_part(module);
    let kind = if item.kind == "record" { "type" } else { item.kind };
    let is_value = matches!(kind, "function" | "constant");
    let ty = if is_value { item.signature } else { String::new() };
    let known = Known { name: format!("{last}/{}", item.name), kind, ty };
    let source = library.session.sources.get(item.span.file);
    let (line, column) = source.map_or((1, 1), |source| source.line_column(item.span.start));
    let file = source.map_or(String::new(), |source| source.name.clone());
    Indexed { known, module: module.to_owned(), doc: item.doc, file, line, column }
}

/// What is documented in modules, as far as it was asked for.
type Documented = FxHashMap<ModuleId, FxHashMap<String, docs::DocItem>>;

impl Conversation {
    /// All names that can be used now, sorted; values before types of the same name.
    pub fn names(&self) -> Vec<Known> {
        self.index().iter().map(|indexed| indexed.known.clone()).collect()
    }

    /// All that can be named now, with what editors show of it. What was said of the library is
    /// kept: it stays as it is, and is most of all.
    pub fn index(&self) -> Vec<Arc<Indexed>> {
        let Some(scope) = self.scope else { return Vec::new() };
        let mut kept = self.indexed.borrow_mut();
        let mut documented = Documented::default();
        let mut all: Vec<Arc<Indexed>> = Vec::new();
        for named in self.session.program.names_in_scope(scope) {
            if let Some(known) = kept.get(&named) {
                all.push(known.clone());
                continue;
            }
            let (name, entity) = named;
            let home = self.home(name.as_str(), entity);
            let made = Arc::new(self.indexed(name.as_str(), entity, home, &mut documented));
            if home.is_some_and(|(module, _)| self.session.program.modules[module].is_std) {
                kept.insert(named, made.clone());
            }
            all.push(made);
        }
        all.extend(self.unreached(scope));
        all.extend(eclexia_core::special_names().map(|name| Arc::new(Indexed::form(name))));
        let key = |it: &Indexed| it.known.kind == "type";
        all.sort_by(|a, b| (&a.known.name, key(a)).cmp(&(&b.known.name, key(b))));
        all.dedup_by(|a, b| a.known.name == b.known.name);
        all
    }

    /// Names of the library that a qualifier alone reaches, of modules that the scope does not
    /// have yet: that of a file has those which its text mentions.
    fn unreached(&self, scope: ModuleId) -> Vec<Arc<Indexed>> {
        let aliases = &self.session.program.modules[scope].aliases;
        let is_unreached = |module: &str| {
            module != "std.core" && !aliases.contains_key(&Name::new(last_part(module)))
        };
        if !eclexia_db::library::modules().any(is_unreached) {
            return Vec::new();
        }
        let all = self.of_library.get_or_init(|| {
            let library = self.library();
            library
                .items()
                .map(|(module, item)| Arc::new(of_library(library, module, item)))
                .collect()
        });
        all.iter().filter(|it| is_unreached(&it.module)).cloned().collect()
    }

    fn indexed(
        &self,
        name: &str,
        entity: Entity,
        home: Option<(ModuleId, Name)>,
        documented: &mut Documented,
    ) -> Indexed {
        let program = &self.session.program;
        let (kind, ty) = meaning(&self.session, entity);
        let known = Known { name: name.to_owned(), kind, ty };
        let Some((module, name)) = home else { return Indexed { known, ..Indexed::form("") } };
        let items = documented.entry(module).or_insert_with(|| {
            let all = docs::items(&self.session, module).into_iter();
            all.map(|item| (item.name.clone(), item)).collect()
        });
        let doc = items.get(name.as_str()).map_or(String::new(), |item| item.doc.clone());
        let span = program.entity_span(entity);
        let source = self.session.sources.get(span.file);
        let (line, column) = source.map_or((1, 1), |source| source.line_column(span.start));
        let file = source.map_or(String::new(), |source| source.name.clone());
        let module = program.modules[module].name.to_string();
        Indexed { known, module, doc, file, line, column }
    }

    /// The name of the scope: what editors call the namespace.
    pub fn namespace(&self) -> String {
        self.scope.map_or("repl".to_owned(), |m| self.session.program.modules[m].name.to_string())
    }

    /// The module in which something is defined, and the name of its documentation there: that of
    /// the type for a constructor.
    fn home(&self, name: &str, entity: Entity) -> Option<(ModuleId, Name)> {
        let program = &self.session.program;
        Some(match entity {
            Entity::Def(def) => (program.defs[def].module, program.defs[def].name),
            Entity::Type(ty) => (program.types[ty].module, program.types[ty].name),
            Entity::Ctor(ctor) => {
                let ty = &program.types[program.ctors[ctor].ty];
                (ty.module, ty.name)
            }
            Entity::Method(interface, _) | Entity::Interface(interface) => {
                (program.interfaces[interface].module, program.interfaces[interface].name)
            }
            Entity::Macro(_) | Entity::Alias(_) => {
                let file = program.entity_span(entity).file;
                let mut modules = program.modules.iter();
                let (module, _) = modules.find(|(_, module)| module.span.file == file)?;
                (module, Name::new(name.rsplit_once('/').map_or(name, |(_, name)| name)))
            }
        })
    }

    fn documented(&self, name: &str) -> Option<docs::DocItem> {
        let entity = self.session.program.lookup(self.scope?, name)?;
        let (module, name) = self.home(name, entity)?;
        let mut items = docs::items(&self.session, module).into_iter();
        items.find(|item| name == *item.name.as_str())
    }

    /// The whole library, whatever of it is in scope; loaded when it is first asked for.
    fn library(&self) -> &Library {
        self.library.get_or_init(|| Library::load().0)
    }

    /// `:doc NAME`
    pub(super) fn doc(&mut self, name: &str) {
        match self.documented(name) {
            Some(item) => {
                let doc = format!("{} : {}\n{}\n", item.name, item.signature, item.doc);
                self.to.answer(&doc);
            }
            // What is not in scope may be the library's: macros and `list/map` without an import.
            None => match doc::text_of(self.library(), name) {
                Some(text) => self.to.answer(&text),
                None => {
                    self.complain(&format!("nothing is documented as `{name}`"), ":doc inc");
                }
            },
        }
    }

    /// `:apropos TEXT`: in scope by name, then in the whole library by name or documentation.
    pub(super) fn apropos(&mut self, text: &str) {
        let has = |known: &Known| known.name.contains(text) && !known.name.contains('/');
        let mut found: Vec<Known> = self.names().into_iter().filter(has).collect();
        let wanted = text.to_lowercase();
        for (module, item) in self.library().items() {
            let name = match module {
                "std.core" => item.name.clone(),
                _ => format!("{}/{}", last_part(module), item.name),
            };
            let is_meant =
                name.to_lowercase().contains(&wanted) || item.doc.to_lowercase().contains(&wanted);
            if is_meant && !found.iter().any(|known| known.name == name) {
                let ty = item.signature.split_whitespace().collect::<Vec<_>>().join(" ");
                let ty = if item.kind == "macro" { String::new() } else { ty };
                found.push(Known { name, kind: item.kind, ty });
            }
        }
        if found.is_empty() {
            return self.complain(&format!("nothing is like `{text}`"), ":apropos fold");
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        for known in found {
            self.to.answer(&format!("{}\n", known.with_type()));
        }
    }
}
