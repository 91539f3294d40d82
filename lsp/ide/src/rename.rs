//! Renaming: the same program under another name, or a reason why not.
//!
//! 1. What is renamed is the project's own, and was written by a user: a name that a macro made or
//!    that the library gives is refused.
//! 2. The new name reads as one name of its kind.
//! 3. Where the new name would be seen it means nothing yet: no symbol of that spelling stands in a
//!    local's form, or in a file that sees a definition without a qualifier. This refuses a little
//!    more than what would be captured, and never less.
//! 4. A field's uses are known by types, so a program with mistakes keeps its fields.

use crate::at::at;
use crate::describe::{describe, place_of};
use crate::names::{Meaning, Occurrence, occurrences};
use crate::place::text_of;
use crate::references::uses;
use crate::roles::{Role, walk};
use eclexia_base::{FileId, Name, Span};
use eclexia_core::core::Entity;
use eclexia_core::words::{Word, classify};
use eclexia_db::Analysis;
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind, TokenKind, Tree, lex};
use std::fmt;

/// Why a name stays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// There is no name that could have another.
    NoName,
    /// The library gives it.
    Library(String),
    /// A module is called as its file.
    Module,
    /// It is of the language.
    Language(String),
    /// A macro made it: it is not written where it is defined.
    Made(String),
    /// No name, or none of this kind.
    Unfit { name: String, why: &'static str },
    /// The new name is taken where it would be seen.
    Taken { name: String },
    /// The uses of a field are not known while the program has mistakes.
    Mistakes(String),
    /// A template writes the field: whose it is is known where the macro is used only.
    Template { name: String },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoName => write!(f, "there is no name here that could be another"),
            Refusal::Library(name) => {
                write!(f, "`{name}` is of the library; define a name of your own for it")
            }
            Refusal::Module => {
                write!(f, "a module is named by its file: rename the file and its `module` form")
            }
            Refusal::Language(name) => write!(f, "`{name}` is of the language"),
            Refusal::Made(name) => {
                write!(f, "`{name}` was made by a macro: change the macro or its call")
            }
            Refusal::Unfit { name, why } => write!(f, "`{name}` is no name for this: {why}"),
            Refusal::Taken { name } => {
                write!(f, "`{name}` has a meaning where it would be seen; take another name")
            }
            Refusal::Mistakes(name) => {
                write!(f, "whose field `{name}` is follows from types: correct the mistakes first")
            }
            Refusal::Template { name } => {
                write!(f, "a macro's template writes `{name}`; rename it there and here by hand")
            }
        }
    }
}

/// The name at an offset that could have another, and its text.
pub fn prepare(analysis: &Analysis, file: FileId, offset: u32) -> Result<(Span, String), Refusal> {
    let found = at(analysis, file, offset).and_then(|at| at.occurrence).ok_or(Refusal::NoName)?;
    if let Some(alias) = alias_at(analysis, found) {
        return Ok((found.span, alias));
    }
    let name = may_change(analysis, found.meaning)?;
    Ok((found.span, name))
}

/// The edits that give what is meant at an offset another name.
pub fn rename(
    analysis: &Analysis,
    file: FileId,
    offset: u32,
    new: &str,
) -> Result<Vec<Edit>, Refusal> {
    let found = at(analysis, file, offset).and_then(|at| at.occurrence).ok_or(Refusal::NoName)?;
    if let Some(alias) = alias_at(analysis, found) {
        return rename_alias(analysis, found, &alias, new);
    }
    let old = may_change(analysis, found.meaning)?;
    if old == new {
        return Ok(Vec::new());
    }
    fits(found.meaning, new)?;
    if is_taken(analysis, found, Name::new(&old), Name::new(new)) {
        return Err(Refusal::Taken { name: new.to_owned() });
    }
    let is_written = |span: Span| text_of(analysis.sources.text(span.file), span) == old;
    let mut edits: Vec<Edit> = uses(analysis, found)
        .iter()
        .filter(|o| is_written(o.span))
        .map(|o| Edit::new(o.span, new))
        .collect();
    edits.sort();
    edits.dedup();
    Ok(edits)
}

/// The name that an import gives its module with `:as`, where the occurrence is it.
fn alias_at(analysis: &Analysis, found: Occurrence) -> Option<String> {
    let Meaning::Module(_) = found.meaning else { return None };
    let written = text_of(analysis.sources.text(found.span.file), found.span);
    let tree = analysis.trees.get(&found.span.file)?;
    let mut is_alias = false;
    walk(tree, &tree.roots, &mut |node, role, _| {
        is_alias |= role == Role::Alias && tree.kind(node) == NodeKind::Symbol(Name::new(written));
    });
    is_alias.then(|| written.to_owned())
}

/// An alias is of one file.
fn rename_alias(
    analysis: &Analysis,
    found: Occurrence,
    old: &str,
    new: &str,
) -> Result<Vec<Edit>, Refusal> {
    fits(found.meaning, new)?;
    let file = found.span.file;
    let module = crate::names::module_of(analysis, file).ok_or(Refusal::NoName)?;
    if analysis.program.modules[module].aliases.contains_key(&Name::new(new)) {
        return Err(Refusal::Taken { name: new.to_owned() });
    }
    let text = analysis.sources.text(file);
    let own = occurrences(analysis, file).into_iter();
    let own = own.filter(|o| o.meaning == found.meaning && text_of(text, o.span) == old);
    Ok(own.map(|o| Edit::new(o.span, new)).collect())
}

/// The name of what may be renamed.
fn may_change(analysis: &Analysis, meaning: Meaning) -> Result<String, Refusal> {
    let name = describe(analysis, meaning).name;
    match meaning {
        Meaning::Module(_) => return Err(Refusal::Module),
        Meaning::Form(_) | Meaning::Option(_) => return Err(Refusal::Language(name)),
        Meaning::TypeVariable(_) => return Ok(name),
        Meaning::Entity(Entity::Def(def))
            if matches!(analysis.program.defs[def].kind, eclexia_core::core::DefKind::Test) =>
        {
            return Err(Refusal::NoName);
        }
        _ => {}
    }
    let Some(place) = place_of(analysis, meaning) else {
        return Err(match meaning {
            Meaning::Local(..) => Refusal::Made(name),
            _ => Refusal::Language(name),
        });
    };
    if !analysis.modules.contains_key(&place.file) {
        return Err(Refusal::Library(name));
    }
    let written = text_of(analysis.sources.text(place.file), place);
    if written.trim_start_matches(':') != name {
        return Err(Refusal::Made(name));
    }
    if let Meaning::Field(..) = meaning {
        if analysis.found.has_errors() {
            return Err(Refusal::Mistakes(name));
        }
        if is_in_template(analysis, Name::new(&name)) {
            return Err(Refusal::Template { name });
        }
    }
    Ok(name)
}

/// Whether a template of the project writes a field's name.
fn is_in_template(analysis: &Analysis, name: Name) -> bool {
    let mut is_found = false;
    for tree in analysis.modules.keys().filter_map(|file| analysis.trees.get(file)) {
        walk(tree, &tree.roots, &mut |node, role, _| {
            let is_it = match tree.kind(node) {
                NodeKind::Keyword(own) => own == name,
                NodeKind::Symbol(own) => own.as_str().strip_prefix('.') == Some(name.as_str()),
                _ => false,
            };
            is_found |= is_it && role == Role::Template;
        });
    }
    is_found
}

/// Whether the new name is one name, of the right kind.
fn fits(meaning: Meaning, new: &str) -> Result<(), Refusal> {
    let unfit = |why| Err(Refusal::Unfit { name: new.to_owned(), why });
    let (tokens, _) = lex(FileId(0), new);
    let is_symbol = matches!(tokens.as_slice(),
        [only] if only.kind == TokenKind::Symbol && only.end as usize == new.len());
    if !is_symbol {
        return unfit("it is not one word");
    }
    match classify(new) {
        Word::Plain => {}
        Word::Qualified => return unfit("a slash stands after the name of a module"),
        _ => return unfit("it is a word of the language"),
    }
    let is_upper = new.starts_with(char::is_uppercase);
    match meaning {
        Meaning::Local(..) if is_upper => unfit("a local begins with a small letter"),
        Meaning::Entity(
            Entity::Type(_) | Entity::Interface(_) | Entity::Ctor(_) | Entity::Alias(_),
        ) if !is_upper => unfit("a type and a constructor begin with a capital letter"),
        Meaning::TypeVariable(_) if is_upper => unfit("a variable begins with a small letter"),
        Meaning::Unit(_) if !new.chars().all(char::is_alphanumeric) => {
            unfit("a unit is of letters and digits")
        }
        _ => Ok(()),
    }
}

/// Whether the new name has a meaning that would be lost, or take over.
fn is_taken(analysis: &Analysis, found: Occurrence, old: Name, new: Name) -> bool {
    let meaning = found.meaning;
    let program = &analysis.program;
    match meaning {
        Meaning::Local(..) => {
            let Some(place) = place_of(analysis, meaning) else { return false };
            let Some(tree) = analysis.trees.get(&place.file) else { return false };
            let form = binding_form(analysis, tree, place);
            form.is_some_and(|form| has_symbol(tree, &[form], new))
        }
        Meaning::Field(ctor, _) => {
            let fields = &program.ctors[ctor].fields;
            fields.iter().any(|field| field.name == Some(new))
        }
        Meaning::Unit(_) => program.modules.values().any(|module| module.units.get(new).is_some()),
        Meaning::Entity(_) => {
            let sees = |file: &FileId, module: eclexia_core::core::ModuleId| {
                let module = &program.modules[module];
                let own = module.scope.get(&old).into_iter().chain(module.type_scope.get(&old));
                let mut own = own.map(|entity| Meaning::Entity(*entity));
                own.any(|own| crate::names::canonical(program, own) == meaning)
                    || place_of(analysis, meaning).is_some_and(|place| place.file == *file)
            };
            let mut files = analysis.modules.iter().filter(|(file, module)| sees(file, **module));
            files.any(|(file, _)| {
                let tree = analysis.trees.get(file);
                tree.is_some_and(|tree| has_symbol(tree, &tree.roots, new))
            })
        }
        Meaning::TypeVariable(_) => {
            let own = uses(analysis, Occurrence { meaning: Meaning::TypeVariable(new), ..found });
            !own.is_empty()
        }
        Meaning::Module(_) | Meaning::Form(_) | Meaning::Option(_) => false,
    }
}

/// The form that a binder is bound for: the nearest list or arm around its pattern.
fn binding_form(analysis: &Analysis, tree: &Tree, binder: Span) -> Option<NodeId> {
    let text = analysis.sources.text(tree.file);
    let path = crate::place::path(tree, text, binder.start);
    let roles = crate::roles::along(tree, &path);
    let inner = path.iter().zip(&roles).rev();
    let mut outside = inner.skip_while(|(_, role)| matches!(role, Role::Pattern | Role::Bindings));
    outside.next().map(|(node, _)| *node)
}

/// Whether there is a symbol of this spelling.
fn has_symbol(tree: &Tree, roots: &[NodeId], name: Name) -> bool {
    let mut open: Vec<NodeId> = roots.iter().rev().copied().collect();
    while let Some(node) = open.pop() {
        if tree.kind(node) == NodeKind::Symbol(name) {
            return true;
        }
        open.extend(tree.children(node).iter().rev());
    }
    false
}
