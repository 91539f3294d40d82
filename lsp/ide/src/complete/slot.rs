//! What may stand at an offset, by the tree: the word typed so far, the brackets around it, and
//! what a form wants there.

use crate::names::module_of;
use crate::place;
use crate::roles::{Role, along, roles_of, word};
use eclexia_base::{FileId, Name, Span};
use eclexia_core::core::ModuleId;
use eclexia_core::words::{Special, Top, Word, split_qualified};
use eclexia_db::Analysis;
use eclexia_syntax::{CommentKind, NodeId, NodeKind, Tree};

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wants {
    /// After a number.
    Unit,
    /// `.x`
    Field,
    /// `:x`
    Key,
    Module,
    /// A name that the module exports.
    Imported(Option<ModuleId>),
    /// A name after `list/`.
    Qualified(Name),
    Type,
    Interface,
    /// In a pattern.
    Constructor,
    Value,
    /// The head of a form of the file.
    Definition,
    /// In what a function may cost.
    Cost,
    /// The name of a definition that a `sig` is for.
    Signed,
    /// The name of a method of the interface that is implemented.
    Method,
    /// A name that nothing has: what a form defines or binds.
    NewName,
}

pub(crate) struct Slot<'a> {
    pub tree: &'a Tree,
    pub text: &'a str,
    pub module: Option<ModuleId>,
    /// What has been typed of the word.
    pub typed: &'a str,
    pub span: Span,
    /// The brackets around the word, the innermost last.
    pub around: Vec<NodeId>,
    pub roles: Vec<Role>,
    /// How many children of the innermost bracket stand before the word.
    pub index: usize,
    pub wants: Wants,
}

impl Slot<'_> {
    /// The innermost bracket around the word.
    pub fn inner(&self) -> Option<NodeId> {
        self.around.last().copied()
    }

    /// Whether the word begins a list.
    pub fn is_head(&self) -> bool {
        let is_list = |node| self.tree.kind(node) == NodeKind::List;
        self.index == 0 && self.inner().is_some_and(is_list)
    }
}

pub(crate) fn slot(analysis: &Analysis, file: FileId, offset: u32) -> Option<Slot<'_>> {
    let tree = analysis.trees.get(&file)?;
    let text = analysis.sources.text(file);
    let before = text.get(..offset as usize)?;
    if is_hidden(tree, text, offset) {
        return None;
    }
    let is_end = |c: char| c.is_whitespace() || "()[]{}\"';,`~&".contains(c);
    let start = before
        .rfind(is_end)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let typed = &before[start..];
    let start = start as u32;
    let around: Vec<NodeId> = place::path(tree, text, start)
        .into_iter()
        .filter(|node| place::is_bracket(tree, *node) && tree.span(*node).start < start)
        .collect();
    let roles = along_brackets(tree, text, start, &around);
    let index = around.last().map_or(0, |node| {
        tree.children(*node).partition_point(|kid| tree.span(*kid).start < start)
    });
    let span = Span::new(file, start, offset);
    let module = module_of(analysis, file);
    let wants = Wants::Value;
    let mut slot = Slot { tree, text, module, typed, span, around, roles, index, wants };
    slot.wants = wants_of(analysis, &mut slot);
    Some(slot)
}

/// The roles of the brackets around an offset.
fn along_brackets(tree: &Tree, text: &str, start: u32, around: &[NodeId]) -> Vec<Role> {
    let path = place::path(tree, text, start);
    let roles = along(tree, &path);
    let pairs = path.iter().zip(roles).filter(|(node, _)| around.contains(node));
    pairs.map(|(_, role)| role).collect()
}

/// Whether the offset is in a comment or in a string.
fn is_hidden(tree: &Tree, text: &str, offset: u32) -> bool {
    let mut comments = tree.comments.iter();
    let in_comment = comments.any(|comment| {
        let is_after = comment.start < offset;
        match comment.kind {
            CommentKind::Line => is_after && offset <= comment.end,
            CommentKind::Block => is_after && offset < comment.end,
            CommentKind::Datum => false,
        }
    });
    let last = place::path(tree, text, offset).last().copied();
    let in_string = last.is_some_and(|node| {
        let span = tree.span(node);
        let is_inside = span.start < offset && offset < span.end;
        is_inside && matches!(tree.kind(node), NodeKind::Str(_))
    });
    in_comment || in_string
}

fn wants_of(analysis: &Analysis, slot: &mut Slot) -> Wants {
    let typed = slot.typed;
    let digits = typed.trim_start_matches(['+', '-']);
    if digits.starts_with(|c: char| c.is_ascii_digit()) {
        // What is replaced is the unit that is being typed.
        let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '+' | '-');
        let unit = typed.find(|c| !is_number(c)).unwrap_or(typed.len());
        let last = typed.rfind(['*', '/']).map_or(0, |at| at + 1).max(unit);
        slot.typed = &typed[last..];
        slot.span.start += last as u32;
        return Wants::Unit;
    }
    if typed.starts_with(':') {
        return Wants::Key;
    }
    if typed.starts_with('.') {
        return Wants::Field;
    }
    let Some(inner) = slot.inner() else { return Wants::Definition };
    let role = slot.roles.last().copied().unwrap_or(Role::Form);
    let wants = wants_in(slot, inner, role);
    match wants {
        Wants::Value | Wants::Type | Wants::Interface | Wants::Constructor => {
            // `list/` is no qualified name to the reader yet.
            let full = Name::new(&format!("{typed}x"));
            match split_qualified(full) {
                Some((prefix, _)) => Wants::Qualified(prefix),
                None => wants,
            }
        }
        Wants::Imported(_) => Wants::Imported(imported(analysis, slot)),
        other => other,
    }
}

/// What the form around the word wants at its position.
fn wants_in(slot: &Slot, inner: NodeId, role: Role) -> Wants {
    let tree = slot.tree;
    let kids = tree.children(inner);
    // The word itself, where the reader sees one.
    let own = kids.get(slot.index).filter(|kid| tree.span(**kid).start == slot.span.start);
    if let Some(at) = own.and(Some(slot.index)) {
        let here = roles_of(tree, inner, role).get(at).copied().unwrap_or(Role::Other);
        return of_name(slot, inner, here, role);
    }
    let here = match (role, word(tree, inner), slot.index) {
        (Role::Form, _, 0) => return Wants::Definition,
        (Role::Form, Some(Word::Top(Top::Import)), 1) => Role::Module,
        (Role::Form, Some(Word::Top(Top::Sig | Top::Defalias)), 2..) => Role::Type,
        (Role::Form, Some(Word::Top(Top::Implement | Top::Builtin | Top::Extern)), 1..) => {
            Role::Type
        }
        (Role::Form | Role::Member, Some(Word::Top(_)), 1) => Role::Name,
        (Role::Value, Some(Word::Special(Special::The)), 1) => Role::Type,
        (Role::Cost, ..) => Role::Cost,
        (Role::Type, _, 1..) if is_quantity(tree, inner) => Role::Unit,
        (Role::Type | Role::Ctor, ..) => Role::Type,
        (Role::Fields, _, at) if at % 2 == 1 => Role::Type,
        (Role::Imported, ..) => Role::Imported,
        (Role::Exported, ..) => Role::Exported,
        (Role::Pattern, ..) | (Role::Arm, _, 0) => Role::Pattern,
        (Role::Bindings, _, at) if at % 2 == 0 => Role::Pattern,
        (Role::TypeName, ..) => Role::TypeVariable,
        _ => Role::Value,
    };
    of_name(slot, inner, here, role)
}

/// The name in a `sig` or of a method is one that is there; all other names are new.
fn of_name(slot: &Slot, inner: NodeId, here: Role, around: Role) -> Wants {
    match (here, around, word(slot.tree, inner)) {
        (Role::Name, Role::Form, Some(Word::Top(Top::Sig))) => Wants::Signed,
        (Role::Name | Role::MemberName, Role::Member, _) => Wants::Method,
        (Role::Type | Role::Word, Role::Type, _) if wants_interface(slot) => Wants::Interface,
        (Role::Pattern, Role::Pattern, _)
            if slot.tree.kind(inner) == NodeKind::Map && slot.index.is_multiple_of(2) =>
        {
            Wants::Key
        }
        // What a function takes and what a vector holds most often gets a name.
        (Role::Pattern, Role::Pattern, _)
            if slot.typed.is_empty() && slot.tree.kind(inner) == NodeKind::Vector =>
        {
            Wants::NewName
        }
        _ => of_role(slot, here, around),
    }
}

fn of_role(slot: &Slot, here: Role, around: Role) -> Wants {
    match here {
        Role::Type => Wants::Type,
        Role::Word if around == Role::Type => Wants::Type,
        // A name in small letters is a new one.
        Role::Pattern if slot.typed.starts_with(char::is_lowercase) => Wants::NewName,
        Role::Pattern => Wants::Constructor,
        Role::Module => Wants::Module,
        Role::Cost => Wants::Cost,
        Role::Imported => Wants::Imported(None),
        Role::Exported => Wants::Imported(slot.module),
        Role::Unit => Wants::Unit,
        Role::Word | Role::Value | Role::Form if around == Role::Form && slot.index == 0 => {
            Wants::Definition
        }
        Role::Name
        | Role::TypeName
        | Role::TypeVariable
        | Role::Alias
        | Role::Method
        | Role::Fields
        | Role::Ctor
        | Role::Doc
        | Role::MacroPattern => Wants::NewName,
        _ => Wants::Value,
    }
}

/// `(implement (|`, `:deriving [|`, `:extends [|`, `:where [(|`
fn wants_interface(slot: &Slot) -> bool {
    let [form, rest @ ..] = &slot.around[..] else { return false };
    let Some(Word::Top(top)) = word(slot.tree, *form) else { return false };
    let kinds: Vec<NodeKind> = rest.iter().map(|node| slot.tree.kind(*node)).collect();
    match (top, &kinds[..]) {
        (Top::Implement, [NodeKind::List]) | (_, [NodeKind::Vector, NodeKind::List]) => {
            slot.index == 0
        }
        (Top::Deftype | Top::Defrecord | Top::Definterface, [NodeKind::Vector]) => true,
        _ => false,
    }
}

/// `(Q …)`
fn is_quantity(tree: &Tree, node: NodeId) -> bool {
    let head = tree.children(node).first().map(|head| tree.kind(*head));
    matches!(head, Some(NodeKind::Symbol(name)) if name == "Q")
}

/// The module of the import form around the word, or of its own exports.
fn imported(analysis: &Analysis, slot: &Slot) -> Option<ModuleId> {
    let root = *slot.around.first()?;
    let kids = slot.tree.children(root);
    match (word(slot.tree, root), kids.get(1).map(|kid| slot.tree.kind(*kid))) {
        (Some(Word::Top(Top::Import)), Some(NodeKind::Symbol(name))) => {
            analysis.program.by_name.get(&name).copied()
        }
        _ => slot.module,
    }
}
