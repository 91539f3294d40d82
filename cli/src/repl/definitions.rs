//! What inputs define, as it was typed. A definition that is made again takes along those that use
//! it: they are read and checked once more, in the scope of the new one, and have their value anew
//! when they are next used. Those that do not fit stay as they were, with the one before.
//!
//! Who uses whom is told by names: a form uses what any of its symbols may mean. A local of the
//! same name makes a form be checked for nothing, and no use is missed, in macros and types either.

use super::conversation::Conversation;
use eclexia_base::{FxHashSet, Name};
use eclexia_core::core::{DefKind, ModuleId, Program};
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// Names that one line tells.
const MOST_NAMED: usize = 12;

/// Results and the last error mean something else now.
const PASSING: [&str; 4] = ["*1", "*2", "*3", "*e"];

/// A form at the top level of an input or a file.
struct Defined {
    text: String,
    /// What it defines that nothing newer does, in the order of the text: a type comes before its
    /// constructors.
    names: Vec<Name>,
    /// Something newer defines part of it: made again it would hide that.
    is_split: bool,
    mentions: FxHashSet<Name>,
    /// `implement`: has no name, and goes with its types.
    is_instance: bool,
    /// It did not fit what it uses when that was defined again.
    is_stale: bool,
}

#[derive(Default)]
pub struct Definitions {
    /// In the order in which they were made.
    all: Vec<Defined>,
}

/// Names that were defined again.
type Changed = FxHashSet<Name>;

/// Types and constructors begin with a capital letter.
fn is_of_type(name: Name) -> bool {
    name.as_str().starts_with(char::is_uppercase)
}

impl Definitions {
    /// All in order, as a file; what does not fit the others any more is in a comment.
    pub fn text(&self) -> String {
        let before = |defined: &Defined| if defined.is_stale { "#_" } else { "" };
        let texts = self.all.iter().map(|defined| before(defined).to_owned() + &defined.text);
        texts.collect::<Vec<String>>().join("\n\n") + "\n"
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The forms that define a name: its signature too.
    pub fn text_of(&self, name: &str) -> Option<String> {
        let having = self.all.iter().filter(|d| d.names.iter().any(|n| *n == *name));
        let texts: Vec<&str> = having.map(|defined| defined.text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// Takes in what a module defines; gives the names that were defined before, and how many
    /// forms are older.
    fn take_in(&mut self, new: Vec<Defined>) -> (Changed, usize) {
        let mut changed = Changed::default();
        let names: FxHashSet<Name> = new.iter().flat_map(|d| &d.names).copied().collect();
        self.all.retain_mut(|old| {
            let replaced: Vec<Name> =
                old.names.iter().copied().filter(|name| names.contains(name)).collect();
            let is_kept = old.names.first().is_none_or(|first| !replaced.contains(first));
            old.is_split |= !replaced.is_empty();
            old.names.retain(|name| !replaced.contains(name));
            changed.extend(replaced);
            is_kept
        });
        let older = self.all.len();
        // An import or a unit that is said again is the same.
        for defined in new {
            if !defined.names.is_empty() || self.all.iter().all(|old| old.text != defined.text) {
                self.all.push(defined);
            }
        }
        (changed, older)
    }

    /// Of the older ones, those that use what has changed, or what uses that.
    fn following(&self, mut changed: Changed, older: usize) -> Vec<usize> {
        if changed.is_empty() {
            return Vec::new();
        }
        let mut follows = vec![false; older];
        loop {
            let before = follows.clone();
            for (follows, defined) in follows.iter_mut().zip(&self.all) {
                let uses = |name: &Name| {
                    let is_free = is_of_type(*name) || !defined.is_instance || defined.is_stale;
                    defined.mentions.contains(name) && is_free
                };
                let is_passing = PASSING.iter().any(|n| defined.mentions.contains(&Name::new(n)));
                let has_name = defined.is_instance || !defined.names.is_empty();
                let is_whole = has_name && !defined.is_split;
                if !*follows && !is_passing && is_whole && changed.iter().any(uses) {
                    *follows = true;
                    changed.extend(&defined.names);
                }
            }
            if follows == before {
                break;
            }
        }
        (0..follows.len()).filter(|i| follows[*i]).collect()
    }
}

impl Conversation {
    /// Takes in what a module defines, and takes along what uses it; what is to be said of that.
    pub(super) fn define(&mut self, module: ModuleId) -> String {
        let file = self.session.file_of(module);
        let (tree, _) = eclexia_syntax::read(file, self.session.sources.text(file));
        let new = self.defined_by(module, &tree);
        let (changed, older) = self.definitions.take_in(new);
        let following = self.definitions.following(changed.clone(), older);
        if following.is_empty() { String::new() } else { self.follow(&following, changed) }
    }

    /// Checks definitions again in the scope of now: together, else each that can be.
    fn follow(&mut self, following: &[usize], mut changed: Changed) -> String {
        let texts: Vec<String> =
            following.iter().map(|i| self.definitions.all[*i].text.clone()).collect();
        let (mut followed, mut kept) = (Vec::new(), Vec::new());
        match self.compile_quietly("<repl>", &texts.join("\n")) {
            (Some(module), _) => {
                self.scope = Some(module);
                followed.extend(following);
            }
            (None, _) => {
                for (i, text) in following.iter().zip(&texts) {
                    let it = &self.definitions.all[*i];
                    // What it uses has stayed as it was.
                    if it.mentions.is_disjoint(&changed) {
                        continue;
                    }
                    let names = it.names.clone();
                    match self.compile("<repl>", text) {
                        Some(module) => {
                            self.scope = Some(module);
                            followed.push(*i);
                            changed.extend(names);
                        }
                        None => kept.push(*i),
                    }
                }
            }
        }
        followed.iter().for_each(|i| self.definitions.all[*i].is_stale = false);
        kept.iter().for_each(|i| self.definitions.all[*i].is_stale = true);
        let names = |indices: &[usize]| {
            let firsts = indices.iter().map(|i| match self.definitions.all[*i].names.first() {
                Some(name) => name.to_string(),
                None => "an instance".to_owned(),
            });
            let mut names: Vec<String> = firsts.collect();
            names.dedup();
            if names.len() > MOST_NAMED {
                let more = names.len() - MOST_NAMED;
                names.truncate(MOST_NAMED);
                names.push(format!("and {more} more"));
            }
            names.join(", ")
        };
        let mut said = String::new();
        if !followed.is_empty() {
            said.push_str(&format!("checked again: {}\n", names(&followed)));
        }
        if !kept.is_empty() {
            said.push_str(&format!("kept with what was before: {}\n", names(&kept)));
        }
        said
    }

    /// The forms of a module that are no expressions, each with what it defines.
    fn defined_by(&self, module: ModuleId, tree: &Tree) -> Vec<Defined> {
        let program = &self.session.program;
        let text = self.session.sources.text(tree.file);
        let places = places(program, module);
        let passing = program.modules[module]
            .defs
            .iter()
            .filter(|def| program.defs[**def].kind == DefKind::Repl || self.is_owned(**def));
        let mut passing: Vec<u32> = passing.map(|def| program.defs[*def].form.start).collect();
        passing.sort_unstable();
        let mut all = Vec::new();
        for root in &tree.roots {
            let span = tree.span(*root);
            let from = passing.partition_point(|start| *start < span.start);
            if passing.get(from).is_some_and(|start| *start < span.end) {
                continue;
            }
            let from = places.partition_point(|(start, _)| *start < span.start);
            let within = places[from..].iter().take_while(|(start, _)| *start < span.end);
            let mut names: Vec<Name> = within.map(|(_, name)| *name).collect();
            names.dedup();
            let head = tree.children(*root).first().map(|head| tree.kind(*head));
            all.push(Defined {
                text: text.get(span.range()).unwrap_or_default().to_owned(),
                names,
                is_split: false,
                mentions: mentions(tree, *root),
                is_instance: head == Some(NodeKind::Symbol(Name::new("implement"))),
                is_stale: false,
            });
        }
        all
    }
}

/// Where in its file a module's names are defined, and where their signatures begin; in order.
fn places(program: &Program, module: ModuleId) -> Vec<(u32, Name)> {
    let it = &program.modules[module];
    let own = it.own.iter().chain(&it.own_types);
    let own = own.map(|(name, entity)| (program.entity_span(*entity), *name));
    let signed = it.defs.iter().filter_map(|def| {
        let def = &program.defs[*def];
        let named = it.own.contains_key(&def.name);
        Some((def.sig.as_ref().filter(|_| named)?.span, def.name))
    });
    let here = own.chain(signed).filter(|(span, _)| span.file == it.span.file);
    let mut places: Vec<(u32, Name)> = here.map(|(span, name)| (span.start, name)).collect();
    places.sort_by_key(|(start, name)| (*start, name.as_str()));
    places
}

/// Every symbol in a form.
fn mentions(tree: &Tree, root: NodeId) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    let mut work = vec![root];
    while let Some(node) = work.pop() {
        if let NodeKind::Symbol(name) = tree.kind(node) {
            found.insert(name);
        }
        work.extend(tree.children(node));
    }
    found
}
