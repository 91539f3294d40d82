//! Moving a file: its module has another name, so imports, qualifiers and the `module` form change.

use crate::names::{Meaning, occurrences};
use crate::place::text_of;
use crate::rename::Refusal;
use crate::roles::word;
use eclexia_base::{FileId, Name};
use eclexia_core::core::ModuleId;
use eclexia_core::words::{Top, Word, classify, last_part};
use eclexia_db::Analysis;
use eclexia_diag::Edit;
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// The edits in all files of the project after which the module of `file` is called `new`.
///
/// A qualifier is the last part of the module's name unless the import says another with `:as`;
/// it changes with the name, and is refused where the file has another module under it.
pub fn rename_module(analysis: &Analysis, file: FileId, new: &str) -> Result<Vec<Edit>, Refusal> {
    let program = &analysis.program;
    let module = analysis.modules.get(&file).copied().ok_or(Refusal::NoName)?;
    let old = program.modules[module].name;
    let is_name = new.split('.').all(|part| classify(part) == Word::Plain);
    if !is_name || new.contains(|c: char| c.is_whitespace() || "()[]{}\"'`~;,&:".contains(c)) {
        return Err(Refusal::Unfit { name: new.to_owned(), why: "it is not a module's name" });
    }
    let (old_part, new_part) = (last_part(old.as_str()), last_part(new));
    let mut edits = Vec::new();
    for (file, other) in &analysis.modules {
        let Some(tree) = analysis.trees.get(file) else { continue };
        let text = analysis.sources.text(*file);
        let keeps = old_part == new_part || has_alias(tree, old);
        let mut own = Vec::new();
        for o in occurrences(analysis, *file) {
            if o.meaning != Meaning::Module(module) {
                continue;
            }
            match text_of(text, o.span) {
                written if written == old.as_str() => own.push(Edit::new(o.span, new)),
                written if written == old_part && !keeps => own.push(Edit::new(o.span, new_part)),
                _ => {}
            }
        }
        if !own.is_empty() && !keeps && is_taken(analysis, *other, new_part) {
            return Err(Refusal::Taken { name: new_part.to_owned() });
        }
        edits.append(&mut own);
    }
    edits.sort();
    Ok(edits)
}

/// Whether all imports of a module in the file give it a name.
fn has_alias(tree: &Tree, module: Name) -> bool {
    let is_of = |root: &&NodeId| {
        let second = tree.children(**root).get(1).map(|kid| tree.kind(*kid));
        word(tree, **root) == Some(Word::Top(Top::Import))
            && second == Some(NodeKind::Symbol(module))
    };
    let is_as = |kid: &NodeId| matches!(tree.kind(*kid), NodeKind::Keyword(k) if k == "as");
    let mut imports = tree.roots.iter().filter(is_of).peekable();
    imports.peek().is_some() && imports.all(|root| tree.children(*root).iter().any(is_as))
}

/// Whether a file knows another module by this qualifier.
fn is_taken(analysis: &Analysis, module: ModuleId, part: &str) -> bool {
    analysis.program.modules[module].aliases.contains_key(&Name::new(part))
}
