//! Definitions that only rename: `(def + int-add)`, `(defn > [x y] (int-lt y x))`. Calling one is
//! calling what it names, which is how arithmetic on known types costs one instruction.

use super::facts;
use eclexia_check::typed::Typed;
use eclexia_core::core::{Body, DefId, DefKind, Expr, ExprId, Pat, Program};
use eclexia_core::words::last_part;
use eclexia_rt::{BuiltinId, lookup};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Alias {
    Builtin(BuiltinId),
    /// Of two arguments in the other order.
    Swapped(BuiltinId),
    /// A function without dictionaries.
    Function(DefId),
}

/// Longest chain of renamings that is followed; keeps `(def a b) (def b a)` from looping.
const MAX_CHAIN: usize = 8;

/// What `def` is another name for; a built-in is its own.
pub(super) fn alias(program: &Program, typed: &Typed, def: DefId) -> Option<Alias> {
    let mut found = None;
    let mut at = def;
    for _ in 0..MAX_CHAIN {
        match step(program, typed, at) {
            Some(Alias::Function(next)) => {
                at = next;
                let is_function = program.defs[at].body.as_ref().is_some_and(|b| b.is_function);
                found = is_function.then_some(Alias::Function(at)).or(found);
            }
            Some(end) => return Some(end),
            None => return found,
        }
    }
    found
}

fn step(program: &Program, typed: &Typed, at: DefId) -> Option<Alias> {
    let def = &program.defs[at];
    if def.kind == DefKind::Builtin {
        let module = program.modules[def.module].name.as_str();
        return lookup(last_part(module), def.name.as_str()).map(Alias::Builtin);
    }
    let body = def.body.as_ref().filter(|b| !b.exprs.is_empty())?;
    let facts = facts(typed, at);
    let is_plain = |e: ExprId| facts.dict_args.get(&e).is_none_or(Vec::is_empty);
    if !facts.dict_params.is_empty() {
        return None;
    }
    match &body.exprs[body.root] {
        Expr::Global(other) if !body.is_function && is_plain(body.root) => {
            Some(Alias::Function(*other))
        }
        Expr::Call { callee, args } if body.is_function => {
            let Expr::Global(other) = &body.exprs[*callee] else { return None };
            if program.defs[*other].kind != DefKind::Builtin {
                return None;
            }
            let order = parameter_order(body, args)?;
            match (step(program, typed, *other)?, order.as_slice()) {
                (Alias::Builtin(id), [1, 0]) => Some(Alias::Swapped(id)),
                (Alias::Builtin(id), order) if order.iter().enumerate().all(|(i, o)| i == *o) => {
                    Some(Alias::Builtin(id))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// Which parameter each argument is, if each is one and all are used.
fn parameter_order(body: &Body, args: &[ExprId]) -> Option<Vec<usize>> {
    if args.len() != body.params.len() {
        return None;
    }
    let position = |arg: &ExprId| {
        let Expr::Local(local) = &body.exprs[*arg] else { return None };
        body.params.iter().position(|p| body.pats[*p] == Pat::Bind(*local))
    };
    args.iter().map(position).collect()
}
