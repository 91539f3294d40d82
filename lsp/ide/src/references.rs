//! References: every place in the project that means the same.

use crate::at::at;
use crate::describe::{describe, place_of};
use crate::goto::form_around;
use crate::names::{self, Meaning, Occurrence, Use, occurrences, occurrences_of};
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;

/// The places of what is meant at an offset, its definition among them, in the order of files and
/// places. The library is looked at for definitions only.
pub fn references(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Occurrence> {
    match at(analysis, file, offset).and_then(|at| at.occurrence) {
        Some(found) => uses(analysis, found),
        None => Vec::new(),
    }
}

/// The places of what an occurrence means: of a variable of a type those in its form, of a word of
/// the language none.
pub(crate) fn uses(analysis: &Analysis, found: Occurrence) -> Vec<Occurrence> {
    match found.meaning {
        Meaning::Form(_) | Meaning::Option(_) => Vec::new(),
        Meaning::TypeVariable(_) => within(analysis, found.span, found.meaning),
        meaning => everywhere(analysis, meaning),
    }
}

/// The places of a meaning in the project's files.
pub fn everywhere(analysis: &Analysis, meaning: Meaning) -> Vec<Occurrence> {
    let name = describe(analysis, meaning).name;
    let place = place_of(analysis, meaning);
    if let (Meaning::Local(..), Some(place)) = (meaning, place) {
        return within(analysis, place, meaning);
    }
    let last = name.rsplit('.').next().unwrap_or(&name);
    let mut found = Vec::new();
    for file in analysis.modules.keys() {
        if analysis.sources.text(*file).contains(last) {
            let own = occurrences(analysis, *file);
            found.extend(own.into_iter().filter(|o| same(analysis, o.meaning, meaning)));
        }
    }
    if let Some(place) = place.filter(|place| !analysis.modules.contains_key(&place.file)) {
        let all = within(analysis, place, meaning);
        found.extend(all.into_iter().filter(|o| o.is == Use::Definition));
    }
    found.sort_by_key(|o| o.span);
    found
}

/// Those in the top-level form around a place.
fn within(analysis: &Analysis, place: Span, meaning: Meaning) -> Vec<Occurrence> {
    let Some(tree) = analysis.trees.get(&place.file) else { return Vec::new() };
    let form = form_around(analysis, place);
    let root = tree.roots.iter().find(|root| tree.span(**root) == form);
    let own = root.map(|root| occurrences_of(analysis, tree, std::slice::from_ref(root)));
    let mut own = own.unwrap_or_default();
    own.retain(|o| same(analysis, o.meaning, meaning));
    own
}

/// Whether two meanings are one: a local that a macro's template copied has several numbers, but
/// one place.
fn same(analysis: &Analysis, a: Meaning, b: Meaning) -> bool {
    let program = &analysis.program;
    if names::canonical(program, a) == names::canonical(program, b) {
        return true;
    }
    match (a, b) {
        (Meaning::Local(..), Meaning::Local(..)) => {
            let place = place_of(analysis, a);
            place.is_some() && place == place_of(analysis, b)
        }
        _ => false,
    }
}

/// The places in the file itself.
pub fn highlight(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Occurrence> {
    let Some(found) = at(analysis, file, offset).and_then(|at| at.occurrence) else {
        return Vec::new();
    };
    match found.meaning {
        Meaning::Form(_) | Meaning::Option(_) | Meaning::TypeVariable(_) => uses(analysis, found),
        _ => {
            let mut own = occurrences(analysis, file);
            own.retain(|o| same(analysis, o.meaning, found.meaning));
            own
        }
    }
}

/// A local's binder and uses, which change together; empty for all else.
pub fn linked(analysis: &Analysis, file: FileId, offset: u32) -> Vec<Span> {
    let found = at(analysis, file, offset).and_then(|at| at.occurrence);
    let Some(found) = found.filter(|o| matches!(o.meaning, Meaning::Local(..))) else {
        return Vec::new();
    };
    everywhere(analysis, found.meaning).into_iter().map(|o| o.span).collect()
}
