//! Roles: what each node of a tree is for, by the form it stands in. Broken text has roles too, as
//! far as its brackets tell: nothing here needs a program.
//!
//! Comes in: a tree. Goes out: a [`Role`] per node. Always holds: the role of a node depends on the
//! nodes above it and on its position among its siblings, so that a path from the root is enough to
//! know one. The arguments of a macro call are told as expressions, whatever the macro makes of
//! them.

use eclexia_core::words::{Special, Top, Word, classify};
use eclexia_syntax::{NodeId, NodeKind, Tree};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A form of the file.
    Form,
    Value,
    /// What names are bound in, or values matched with.
    Pattern,
    /// A type, an interface, a constraint.
    Type,
    /// The word that a form begins with.
    Word,
    /// The name that a form defines, of a value.
    Name,
    /// The name that a form defines, of a type or interface; or with its parameters in a list.
    TypeName,
    /// A parameter of a type.
    TypeVariable,
    /// A constructor's declaration.
    Ctor,
    /// The fields of a record, or the name of one.
    Fields,
    /// A method's declaration.
    Method,
    /// A member of an `implement`, or a default in an interface.
    Member,
    /// A member's name.
    MemberName,
    /// `p e p e …`
    Bindings,
    /// `[p body …]` of a `match`.
    Arm,
    /// A variant of a `defadaptive`.
    Variant,
    /// The name of a module.
    Module,
    /// The name that an import gives.
    Alias,
    /// The names of `:only`, or one of them.
    Imported,
    /// The names of `:exports`, or one of them.
    Exported,
    /// A keyword that belongs to the form.
    Option,
    Doc,
    /// What a function may cost: sums in the sizes of its parameters.
    Cost,
    /// A unit expression, or the name of a unit.
    Unit,
    /// The pattern of a macro.
    MacroPattern,
    /// What a macro makes.
    Template,
    /// Nothing is known of it.
    Other,
}

/// Calls `visit` with every node of some of the file's forms, its role and the node above it;
/// parents before children, in source order.
pub fn walk(tree: &Tree, roots: &[NodeId], visit: &mut impl FnMut(NodeId, Role, Option<NodeId>)) {
    let mut open: Vec<(NodeId, Role, Option<NodeId>)> = Vec::new();
    for root in roots {
        open.push((*root, Role::Form, None));
        while let Some((node, role, parent)) = open.pop() {
            visit(node, role, parent);
            let kids = tree.children(node);
            let roles = roles_of(tree, node, role);
            open.extend(kids.iter().zip(roles).map(|(kid, role)| (*kid, role, Some(node))).rev());
        }
    }
}

/// The roles of the nodes of a path from a root downwards.
pub fn along(tree: &Tree, path: &[NodeId]) -> Vec<Role> {
    let mut roles = Vec::with_capacity(path.len());
    for (i, node) in path.iter().enumerate() {
        let role = match (i.checked_sub(1).and_then(|at| path.get(at)), roles.last()) {
            (Some(parent), Some(role)) => {
                let at = tree.children(*parent).iter().position(|kid| kid == node);
                let all = roles_of(tree, *parent, *role);
                at.and_then(|at| all.get(at).copied()).unwrap_or(Role::Other)
            }
            _ => Role::Form,
        };
        roles.push(role);
    }
    roles
}

/// The word that a list begins with, when it is one of the language's.
pub fn word(tree: &Tree, node: NodeId) -> Option<Word> {
    match (tree.kind(node), tree.children(node).first().map(|head| tree.kind(*head))) {
        (NodeKind::List, Some(NodeKind::Symbol(name))) => Some(classify(name.as_str())),
        _ => None,
    }
}

/// The roles of the children of a node, one for each.
pub fn roles_of(tree: &Tree, node: NodeId, role: Role) -> Vec<Role> {
    let kids = tree.children(node);
    let all = |role: Role| vec![role; kids.len()];
    match role {
        Role::Form => match word(tree, node) {
            Some(Word::Top(top)) => top_roles(tree, kids, top),
            _ => value_roles(tree, node, kids),
        },
        Role::Member => match word(tree, node) {
            Some(Word::Top(top @ (Top::Defn | Top::Def))) => {
                let mut roles = top_roles(tree, kids, top);
                replace(&mut roles, Role::Name, Role::MemberName);
                roles
            }
            _ => all(Role::Other),
        },
        Role::Value => value_roles(tree, node, kids),
        Role::Pattern => pattern_roles(tree, node, kids),
        Role::Type => type_roles(tree, node, kids),
        Role::TypeName => first(kids.len(), Role::TypeName, Role::TypeVariable),
        Role::Ctor => first(kids.len(), Role::Ctor, Role::Type),
        Role::Fields => field_roles(tree, kids),
        Role::Method => method_roles(tree, kids),
        Role::Bindings => alternate(kids.len(), Role::Pattern, Role::Value),
        Role::Arm => first(kids.len(), Role::Pattern, Role::Value),
        Role::Variant => variant_roles(tree, kids),
        Role::Imported => all(Role::Imported),
        Role::Exported => all(Role::Exported),
        Role::Cost => all(Role::Cost),
        Role::MacroPattern => all(Role::MacroPattern),
        Role::Template => all(Role::Template),
        _ => all(Role::Other),
    }
}

fn first(len: usize, head: Role, rest: Role) -> Vec<Role> {
    (0..len).map(|i| if i == 0 { head } else { rest }).collect()
}

fn alternate(len: usize, even: Role, odd: Role) -> Vec<Role> {
    (0..len).map(|i| if i % 2 == 0 { even } else { odd }).collect()
}

fn replace(roles: &mut [Role], from: Role, to: Role) {
    roles.iter_mut().filter(|role| **role == from).for_each(|role| *role = to);
}

fn is_keyword(tree: &Tree, node: NodeId, name: &str) -> bool {
    matches!(tree.kind(node), NodeKind::Keyword(found) if found == name)
}

fn is_string(tree: &Tree, node: Option<&NodeId>) -> bool {
    node.is_some_and(|node| matches!(tree.kind(*node), NodeKind::Str(_)))
}

fn value_roles(tree: &Tree, node: NodeId, kids: &[NodeId]) -> Vec<Role> {
    let Some(Word::Special(special)) = word(tree, node) else {
        return vec![Role::Value; kids.len()];
    };
    let mut roles = first(kids.len(), Role::Word, Role::Value);
    let mut set = |at: usize, role: Role| {
        if let Some(slot) = roles.get_mut(at) {
            *slot = role;
        }
    };
    match special {
        Special::Let | Special::Loop | Special::For | Special::Times | Special::Borrow => {
            let is_vector = kids.get(1).is_some_and(|kid| tree.kind(*kid) == NodeKind::Vector);
            set(1, if is_vector { Role::Bindings } else { Role::Value });
        }
        Special::With => set(1, Role::Bindings),
        Special::Fn => set(1, Role::Pattern),
        Special::Match => (2..kids.len()).for_each(|at| set(at, Role::Arm)),
        Special::The => set(1, Role::Type),
        Special::ThreadAs => set(2, Role::Pattern),
        _ => {}
    }
    roles
}

fn pattern_roles(tree: &Tree, node: NodeId, kids: &[NodeId]) -> Vec<Role> {
    match tree.kind(node) {
        NodeKind::List => {
            let is_as = matches!(kids.first().map(|head| tree.kind(*head)),
                Some(NodeKind::Symbol(name)) if name == "as")
                && kids.len() == 3;
            first(kids.len(), if is_as { Role::Word } else { Role::Pattern }, Role::Pattern)
        }
        _ => vec![Role::Pattern; kids.len()],
    }
}

fn type_roles(tree: &Tree, node: NodeId, kids: &[NodeId]) -> Vec<Role> {
    let head = match (tree.kind(node), kids.first().map(|head| tree.kind(*head))) {
        (NodeKind::List, Some(NodeKind::Symbol(name))) => name.as_str(),
        _ => "",
    };
    let rest = if head == "Q" { Role::Unit } else { Role::Type };
    let is_word = matches!(head, "Q" | "Fn" | "Fn1" | "&" | "Budget" | "at-least" | "+" | "-");
    first(kids.len(), if is_word { Role::Word } else { Role::Type }, rest)
}

/// `:x type := default :from f :doc "…"`
fn field_roles(tree: &Tree, kids: &[NodeId]) -> Vec<Role> {
    let mut roles = vec![Role::Other; kids.len()];
    let mut at = 0;
    while at < kids.len() {
        let option = match tree.kind(kids[at]) {
            NodeKind::Keyword(name) if name == "=" => Some(Role::Value),
            NodeKind::Keyword(name) if at > 0 && name == "from" => Some(Role::Value),
            NodeKind::Keyword(name) if at > 0 && name == "doc" => {
                is_string(tree, kids.get(at + 1)).then_some(Role::Doc)
            }
            _ => None,
        };
        roles[at] = if option.is_some() { Role::Option } else { Role::Fields };
        if let Some(next) = roles.get_mut(at + 1) {
            *next = option.unwrap_or(Role::Type);
        }
        at += 2;
    }
    roles
}

/// `(name "doc" type :where [...])`
fn method_roles(tree: &Tree, kids: &[NodeId]) -> Vec<Role> {
    let mut roles = first(kids.len(), Role::Method, Role::Type);
    for (role, kid) in roles.iter_mut().zip(kids).skip(1) {
        match tree.kind(*kid) {
            NodeKind::Str(_) => *role = Role::Doc,
            NodeKind::Keyword(_) => *role = Role::Option,
            _ => {}
        }
    }
    roles
}

/// `(variant "name" :when guard cost body …)`
fn variant_roles(tree: &Tree, kids: &[NodeId]) -> Vec<Role> {
    let mut roles = first(kids.len(), Role::Word, Role::Value);
    if kids.get(2).is_some_and(|kid| is_keyword(tree, *kid, "when")) {
        roles[2] = Role::Option;
    }
    roles
}

fn top_roles(tree: &Tree, kids: &[NodeId], top: Top) -> Vec<Role> {
    let role = |at: usize| match (at, top) {
        (0, _) => Role::Word,
        (_, Top::Module | Top::Import) => header_role(tree, kids, top, at),
        (2, _) if top != Top::Deftest && has_doc(tree, kids) => Role::Doc,
        (1, Top::Defmacro) => Role::MacroPattern,
        (_, Top::Defmacro) => Role::Template,
        (_, Top::Defdimension | Top::Defunit) => Role::Unit,
        (1, Top::Implement) => Role::Type,
        (
            1,
            Top::Deftype | Top::Defrecord | Top::Defalias | Top::Definterface | Top::BuiltinType,
        ) => Role::TypeName,
        (1, _) => Role::Name,
        (_, Top::Def | Top::Deftest | Top::Defn | Top::Defadaptive) => {
            value_role(tree, kids, top, at)
        }
        _ => declaration_role(tree, kids[at], top, at),
    };
    (0..kids.len()).map(role).collect()
}

/// Whether a documentation follows the name.
fn has_doc(tree: &Tree, kids: &[NodeId]) -> bool {
    is_string(tree, kids.get(2)) && kids.len() > 3
}

fn header_role(tree: &Tree, kids: &[NodeId], top: Top, at: usize) -> Role {
    let follows = |name| is_keyword(tree, kids[at - 1], name);
    match (at, tree.kind(kids[at])) {
        (1, _) => Role::Module,
        (_, NodeKind::Keyword(_)) => Role::Option,
        (_, NodeKind::Str(_)) => Role::Doc,
        _ if top == Top::Module => Role::Exported,
        _ if follows("as") => Role::Alias,
        _ => Role::Imported,
    }
}

/// After the name of a definition of a value.
fn value_role(tree: &Tree, kids: &[NodeId], top: Top, at: usize) -> Role {
    let params = if has_doc(tree, kids) { 3 } else { 2 };
    match top {
        Top::Defn | Top::Defadaptive if at == params => Role::Pattern,
        Top::Defadaptive if at > params + 1 => Role::Variant,
        Top::Defn if at > params && is_keyword(tree, kids[at - 1], "requires") => Role::Cost,
        Top::Defn if at > params && is_attribute(tree, kids[at]) => Role::Option,
        _ => Role::Value,
    }
}

/// What stands between the parameters of a function and its body.
fn is_attribute(tree: &Tree, node: NodeId) -> bool {
    ["requires", "metered", "trusted"].iter().any(|name| is_keyword(tree, node, name))
}

/// After the name in a declaration.
fn declaration_role(tree: &Tree, kid: NodeId, top: Top, at: usize) -> Role {
    match (top, tree.kind(kid)) {
        (_, NodeKind::Keyword(_)) => Role::Option,
        (Top::Builtin | Top::BuiltinType | Top::Extern, NodeKind::Str(_)) => Role::Doc,
        (Top::BuiltinType, _) => Role::TypeVariable,
        (Top::Extern, _) if at > 2 => Role::Cost,
        (Top::Defrecord, NodeKind::Map) => Role::Fields,
        (Top::Deftype | Top::Definterface | Top::Implement, NodeKind::Vector) => Role::Type,
        (Top::Deftype, _) => Role::Ctor,
        (Top::Implement, _) => Role::Member,
        (Top::Definterface, _) => match word(tree, kid) {
            Some(Word::Top(Top::Defn | Top::Def)) => Role::Member,
            _ => Role::Method,
        },
        _ => Role::Type,
    }
}
