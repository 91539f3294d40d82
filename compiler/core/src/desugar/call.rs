//! Calls. The arithmetic of the prelude takes any number of arguments, which folds into calls of
//! two: `(+ a b c)` from the left, `(< a b c)` as a chain, `(- x)` as `(negate x)`.

use super::{BodyCtx, Tail};
use crate::core::{DefId, Entity, Expr, ExprId, Place, Program};
use crate::forms::{Form, Kids};
use crate::resolve::names::Space;
use crate::words::Word;
use eclexia_base::{FxHashMap, Name};

/// How a name of the prelude takes other than two arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fold {
    /// One argument is itself.
    Left,
    /// One argument is negated.
    Minus,
    /// One argument is a call as written.
    Divide,
    /// Every neighbouring pair must hold.
    Chain,
}

/// The folding names of the prelude, by entity, so that shadowed names do not fold.
pub(crate) fn folds(program: &Program) -> FxHashMap<Entity, Fold> {
    let mut out = FxHashMap::default();
    let Some(core) = program.by_name.get(&Name::new("std.core")) else { return out };
    let own = &program.modules[*core].own;
    let names: [(&str, Fold); 11] = [
        ("+", Fold::Left),
        ("*", Fold::Left),
        ("min", Fold::Left),
        ("max", Fold::Left),
        ("-", Fold::Minus),
        ("/", Fold::Divide),
        ("=", Fold::Chain),
        ("<", Fold::Chain),
        ("<=", Fold::Chain),
        (">", Fold::Chain),
        (">=", Fold::Chain),
    ];
    for (name, fold) in names {
        if let Some(entity) = own.get(&Name::new(name)) {
            out.insert(*entity, fold);
        }
    }
    out
}

/// Operations on budgets whose last argument is amounts.
const TAKES_AMOUNTS: [&str; 7] =
    ["budget", "draw", "split", "split?", "spend", "leave", "at-least"];

/// Forms that bind names, of other languages and of modules that are not imported: what they would
/// bind is not unknown too.
const BINDERS: [&str; 17] = [
    "lambda", "function", "func", "fun", "let*", "letrec", "define", "defun", "case", "if-let",
    "when-let", "dolist", "dotimes", "doseq", "foreach", "for-each", "for-all",
];

impl BodyCtx<'_, '_, '_> {
    /// A call whose callee is a local or any expression.
    pub(crate) fn call(&mut self, form: Form, head: Form, args: Kids) -> ExprId {
        let callee = self.expr(head, Tail::No);
        let args = self.exprs(args);
        let place = self.place(form);
        self.add(Expr::Call { callee, args }, place)
    }

    /// A call whose callee is a name that is no local, no form and no macro.
    pub(crate) fn named_call(&mut self, form: Form, head: Form, name: Name, args: Kids) -> ExprId {
        let mark = self.cx.forms.mark(head);
        let place = self.place(form);
        let found = match self.cx.words.of(name) {
            Word::Plain => self.cx.try_find(name, mark, Space::Value),
            _ => None,
        };
        if found.is_none() && name == *"admit" {
            return self.admit(form, args);
        }
        if found.is_none() && self.may_bind(name) {
            return self.expr(head, Tail::No);
        }
        if let Some(Entity::Def(def)) = found
            && let Some(first) = self.amount_pairs(def, args)
        {
            return self.call_with_amounts(form, head, args, first);
        }
        let fold = found.and_then(|entity| Some((entity, *self.cx.folds.get(&entity)?)));
        match fold {
            Some((entity, fold)) if args.len() != 2 && !args.is_empty() => {
                self.fold(place, head, entity, fold, args)
            }
            _ => self.call(form, head, args),
        }
    }

    /// Whether an unknown name may be that of a form that binds names: a macro of a module that
    /// this one does not import may be, too.
    fn may_bind(&self, name: Name) -> bool {
        let is_macro = || self.cx.program.kept.macros.iter().any(|known| known.name == name);
        BINDERS.contains(&name.as_str()) || is_macro()
    }

    /// `(admit b (f x))`: a form unless a definition has the name.
    #[inline(never)]
    fn admit(&mut self, form: Form, args: Kids) -> ExprId {
        const SHAPE: &str = "(admit budget (function argument ...))";
        let parts = (self.cx.forms.get(args, 0), self.cx.forms.get(args, 1));
        let (Some(budget), Some(call), 2) = (parts.0, parts.1, args.len()) else {
            return self.malformed(form, "admit", SHAPE, "it takes a budget and a call");
        };
        let budget = self.expr(budget, Tail::No);
        let at = call;
        let call = self.expr(call, Tail::No);
        let callee = match &self.body.exprs[call] {
            Expr::Call { callee, .. } => &self.body.exprs[*callee],
            other => other,
        };
        let is_call = matches!(self.body.exprs[call], Expr::Call { .. });
        match callee {
            Expr::Error => call,
            Expr::Global(_) if is_call => {
                let place = self.place(form);
                self.add(Expr::Admit { budget, call }, place)
            }
            _ => {
                let why = "only a call of a function with a name of its own is admitted";
                self.malformed(at, "admit", SHAPE, why)
            }
        }
    }

    /// Where the amounts of an operation on budgets begin that are written without braces:
    /// `(split b :cpu 1cpu)`.
    fn amount_pairs(&self, def: DefId, args: Kids) -> Option<usize> {
        let def = &self.cx.program.defs[def];
        let first = args.len() % 2;
        let is_key =
            |i| self.cx.forms.get(args, i).and_then(|f| self.cx.forms.keyword(f)).is_some();
        let is_pairs = args.len() > 1 && (first..args.len()).step_by(2).all(is_key);
        let is_operation = || TAKES_AMOUNTS.contains(&def.name.as_str());
        let is_core = || self.cx.program.modules[def.module].name == "std.core";
        (is_pairs && is_operation() && is_core()).then_some(first)
    }

    #[inline(never)]
    fn call_with_amounts(&mut self, form: Form, head: Form, args: Kids, first: usize) -> ExprId {
        let callee = self.expr(head, Tail::No);
        let place = self.place(form);
        let forms = self.cx.forms.to_vec(args);
        let mut values: Vec<ExprId> = Vec::with_capacity(2);
        for form in &forms[..first] {
            values.push(self.expr(*form, Tail::No));
        }
        let (mut fields, mut spans) = (Vec::new(), Vec::new());
        for pair in forms[first..].chunks_exact(2) {
            let Some(name) = self.cx.forms.keyword(pair[0]) else { continue };
            let value = self.expr(pair[1], Tail::No);
            fields.push((name, value));
            spans.push(self.cx.forms.span(pair[0]));
        }
        let amounts = self.add(Expr::Record { fields }, place);
        self.map.fields.insert(amounts, spans);
        values.push(amounts);
        self.add(Expr::Call { callee, args: values }, place)
    }

    #[inline(never)]
    fn fold(&mut self, place: Place, head: Form, entity: Entity, fold: Fold, args: Kids) -> ExprId {
        let head_place = self.place(head);
        let name = self.cx.forms.symbol(head).unwrap_or(Name::new("+"));
        // A fold nests one level per argument.
        let saved = self.depth;
        self.depth += args.len() as u32 - 1;
        if !self.enter(place) {
            self.depth = saved;
            return self.error(place);
        }
        let values = self.exprs(args);
        self.depth = saved;
        if let [only] = values.as_slice() {
            return match fold {
                Fold::Left => *only,
                Fold::Minus => {
                    let callee = self.prelude("negate", head_place);
                    self.add(Expr::Call { callee, args: values }, place)
                }
                Fold::Divide | Fold::Chain => {
                    let callee = self.entity(entity, head_place, name);
                    self.add(Expr::Call { callee, args: values }, place)
                }
            };
        }
        if fold == Fold::Chain {
            return self.chain(place, head_place, entity, name, &values);
        }
        let mut rest = values.into_iter();
        let Some(first) = rest.next() else { return self.error(place) };
        rest.fold(first, |left, right| {
            let callee = self.entity(entity, head_place, name);
            self.add(Expr::Call { callee, args: vec![left, right] }, place)
        })
    }

    /// `(< a b c)`: every operand is computed once, from left to right, then compared.
    #[inline(never)]
    fn chain(
        &mut self,
        place: Place,
        head: Place,
        entity: Entity,
        name: Name,
        values: &[ExprId],
    ) -> ExprId {
        let mut bound = Vec::new();
        let simple: Vec<(Expr, Place)> = values
            .iter()
            .map(|value| (self.once(*value, &mut bound), self.map.exprs[*value]))
            .collect();
        let mut result = None;
        for pair in simple.windows(2).rev() {
            let args = pair.iter().map(|(e, p)| self.add(e.clone(), *p)).collect();
            let callee = self.entity(entity, head, name);
            let cond = self.add(Expr::Call { callee, args }, place);
            result = Some(match result {
                None => cond,
                Some(then) => {
                    let other = self.bool(false, place);
                    self.add(Expr::If { cond, then, other }, place)
                }
            });
        }
        let body = result.unwrap_or_else(|| self.error(place));
        self.wrap(bound, body, place)
    }
}
