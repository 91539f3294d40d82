//! What is known of a value before anything runs: numbers exactly, truth, records of them. A small
//! evaluator over core with its facts: literals, constants, arithmetic, comparison, records, `if`,
//! `let`, and calls of functions made of these. Everything else is unknown. It always ends: steps
//! and depth are counted, and numbers are bounded.

use crate::typed::{CallFact, Conversion, FieldValue, RecordFact, Typed};
use eclexia_base::number::{from_f64_rounded, int};
use eclexia_base::{Dim, FxHashMap, Rational};
use eclexia_core::core::{
    Body, CtorId, DefId, DefKind, Expr, ExprId, Literal, LocalId, Pat, PatId, Program,
};
use std::cell::Cell;

const MOST_STEPS: u32 = 20_000;
const MOST_DEPTH: u32 = 64;
/// Larger numbers are no amounts of anything.
const MOST_BITS: u64 = 2_048;

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Known {
    Bool(bool),
    /// In base units.
    Number(Rational, Dim),
    Text(eclexia_base::Name),
    Data(CtorId, Vec<Known>),
    Unknown,
}

impl Known {
    pub fn number(&self) -> Option<&Rational> {
        if let Known::Number(n, _) = self { Some(n) } else { None }
    }
}

pub(crate) struct Evaluator<'c> {
    pub program: &'c Program,
    pub typed: &'c Typed,
    steps: Cell<u32>,
    depth: Cell<u32>,
}

type Env = FxHashMap<LocalId, Known>;

impl<'c> Evaluator<'c> {
    pub fn new(program: &'c Program, typed: &'c Typed) -> Evaluator<'c> {
        Evaluator { program, typed, steps: Cell::new(0), depth: Cell::new(0) }
    }

    /// Begins anew with steps to take.
    pub fn value(&self, def: DefId, body: &Body, e: ExprId) -> Known {
        self.steps.set(0);
        self.expr(def, body, &Env::default(), e)
    }

    /// A function of the library applied to known values.
    pub fn apply(&self, def: DefId, args: Vec<Known>) -> Known {
        self.steps.set(0);
        self.call_def(def, args)
    }

    fn expr(&self, def: DefId, body: &Body, env: &Env, e: ExprId) -> Known {
        let (steps, depth) = (self.steps.get() + 1, self.depth.get() + 1);
        if steps > MOST_STEPS || depth > MOST_DEPTH {
            return Known::Unknown;
        }
        self.steps.set(steps);
        self.depth.set(depth);
        let known = self.step(def, body, env, e);
        self.depth.set(depth - 1);
        match known {
            Known::Number(n, _) if n.numer().bits().max(n.denom().bits()) > MOST_BITS => {
                Known::Unknown
            }
            known => known,
        }
    }

    fn step(&self, def: DefId, body: &Body, env: &Env, e: ExprId) -> Known {
        let go = |e: ExprId| self.expr(def, body, env, e);
        let facts = self.typed.facts.get(def);
        match &body.exprs[e] {
            Expr::Literal(literal) => self::literal(literal),
            Expr::Local(local) => env.get(local).cloned().unwrap_or(Known::Unknown),
            Expr::Global(global) => self.constant(*global),
            Expr::Ctor(ctor) if self.program.ctors[*ctor].fields.is_empty() => {
                Known::Data(*ctor, Vec::new())
            }
            Expr::Ascribe { value, .. } | Expr::Borrow(value) => go(*value),
            Expr::If { cond, then, other } => match go(*cond) {
                Known::Bool(true) => go(*then),
                Known::Bool(false) => go(*other),
                _ => Known::Unknown,
            },
            Expr::Let { pat, value, body: rest } => {
                let mut inner = env.clone();
                bind(body, *pat, go(*value), &mut inner);
                self.expr(def, body, &inner, *rest)
            }
            Expr::Match { value, arms } => {
                let value = go(*value);
                for arm in arms {
                    let mut inner = env.clone();
                    match bind(body, arm.pat, value.clone(), &mut inner) {
                        Some(true) if arm.guard.is_none() => {
                            return self.expr(def, body, &inner, arm.body);
                        }
                        Some(false) => {}
                        _ => return Known::Unknown,
                    }
                }
                Known::Unknown
            }
            Expr::Record { fields } => match facts.and_then(|facts| facts.records.get(&e)) {
                Some(fact) => {
                    let values: Vec<ExprId> = fields.iter().map(|(_, value)| *value).collect();
                    self.record(fact, &|pair| values.get(pair).map_or(Known::Unknown, |v| go(*v)))
                }
                None => Known::Unknown,
            },
            Expr::Field { value, .. } => {
                let index = facts.and_then(|f| f.fields.get(&e)).and_then(|f| f.first()).copied();
                match (go(*value), index) {
                    (Known::Data(_, fields), Some(index)) => {
                        fields.get(index as usize).cloned().unwrap_or(Known::Unknown)
                    }
                    _ => Known::Unknown,
                }
            }
            Expr::Call { callee, args } => {
                let fact = facts.and_then(|facts| facts.calls.get(&e));
                self.call(&body.exprs[*callee], args, fact, &go)
            }
            _ => Known::Unknown,
        }
    }

    fn call(
        &self,
        callee: &Expr,
        args: &[ExprId],
        fact: Option<&CallFact>,
        go: &dyn Fn(ExprId) -> Known,
    ) -> Known {
        let plain = fact.map_or(args.len(), |fact| fact.from_arg as usize);
        let mut values: Vec<Known> = args.iter().take(plain).map(|arg| go(*arg)).collect();
        if let Some(fact) = fact {
            // Of the trailing `:key value` pairs the values stand at every second place.
            let pair = |n: usize| args.get(plain + 2 * n + 1).map_or(Known::Unknown, |v| go(*v));
            values.push(self.record(&fact.record, &pair));
        }
        match callee {
            Expr::Ctor(ctor) => match (self.program.ctors[*ctor].is_record, values.pop()) {
                // A record's constructor takes the record itself.
                (true, Some(record)) => record,
                (false, last) => {
                    values.extend(last);
                    Known::Data(*ctor, values)
                }
                (true, None) => Known::Unknown,
            },
            Expr::Global(def) => self.call_def(*def, values),
            Expr::Method(interface, index) => {
                let name = self.program.interfaces[*interface].methods[*index as usize].name;
                arithmetic(name.as_str(), &values)
            }
            _ => Known::Unknown,
        }
    }

    fn call_def(&self, def: DefId, args: Vec<Known>) -> Known {
        let called = &self.program.defs[def];
        let is_std = self.program.modules[called.module].is_std;
        let is_word = ["*", "/", "not", "float"].contains(&called.name.as_str());
        if is_std && is_word {
            return arithmetic(called.name.as_str(), &args);
        }
        let Some(body) = called.body.as_ref().filter(|b| b.params.len() == args.len()) else {
            return Known::Unknown;
        };
        let mut env = Env::default();
        for (pat, value) in body.params.iter().zip(args) {
            if bind(body, *pat, value, &mut env) != Some(true) {
                return Known::Unknown;
            }
        }
        self.expr(def, body, &env, body.root)
    }

    fn constant(&self, def: DefId) -> Known {
        match &self.program.defs[def].body {
            Some(body) if !body.is_function && self.program.defs[def].kind != DefKind::Builtin => {
                self.expr(def, body, &Env::default(), body.root)
            }
            _ => Known::Unknown,
        }
    }

    fn record(&self, fact: &RecordFact, pair: &dyn Fn(usize) -> Known) -> Known {
        let field = |value: &FieldValue| match value {
            FieldValue::Given { pair: n, from } => self.converted(pair(*n as usize), from.as_ref()),
            FieldValue::Default(def) => self.constant(*def),
            FieldValue::Missing => Known::Unknown,
        };
        Known::Data(fact.ctor, fact.fields.iter().map(field).collect())
    }

    fn converted(&self, value: Known, from: Option<&Conversion>) -> Known {
        match from {
            None => value,
            Some(Conversion::Ctor(ctor)) => Known::Data(*ctor, vec![value]),
            Some(Conversion::Def(def, _)) => self.call_def(*def, vec![value]),
        }
    }
}

fn literal(literal: &Literal) -> Known {
    match literal {
        Literal::Bool(b) => Known::Bool(*b),
        Literal::Int(n) => Known::Number(int(*n), Dim::ONE),
        Literal::Float(x) => {
            from_f64_rounded(*x, 15).map_or(Known::Unknown, |n| Known::Number(n, Dim::ONE))
        }
        Literal::Quantity(n, dim) => Known::Number(n.clone(), *dim),
        Literal::Str(text) => Known::Text(*text),
        _ => Known::Unknown,
    }
}

/// Whether a pattern takes a value, as far as that is known; binds its names.
fn bind(body: &Body, pat: PatId, value: Known, env: &mut Env) -> Option<bool> {
    match &body.pats[pat] {
        Pat::Wildcard => Some(true),
        Pat::Bind(local) => {
            env.insert(*local, value);
            Some(true)
        }
        Pat::As { local, pat } => {
            env.insert(*local, value.clone());
            bind(body, *pat, value, env)
        }
        Pat::Literal(wanted) => match (literal(wanted), value) {
            (Known::Unknown, _) | (_, Known::Unknown) => None,
            (wanted, value) => Some(wanted == value),
        },
        Pat::Ctor { ctor, args } => match value {
            Known::Data(is, fields) if is == *ctor && fields.len() == args.len() => {
                let mut all = Some(true);
                for (pat, field) in args.iter().zip(fields) {
                    all = match (all, bind(body, *pat, field, env)) {
                        (Some(a), Some(b)) => Some(a && b),
                        _ => None,
                    };
                }
                all
            }
            Known::Data(is, _) if is != *ctor => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Operators of numbers and truth, by their names.
fn arithmetic(name: &str, args: &[Known]) -> Known {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let (a, b) = match args {
        [Known::Bool(b)] if name == "not" => return Known::Bool(!b),
        [Known::Number(n, dim)] => match name {
            "negate" => return Known::Number(-n, *dim),
            "float" => return Known::Number(n.clone(), *dim),
            _ => return Known::Unknown,
        },
        [Known::Number(a, of_a), Known::Number(b, of_b)] => ((a, *of_a), (b, *of_b)),
        _ => return Known::Unknown,
    };
    // `zero` has no dimension; a sum has that of the other.
    let dim = if a.1 == Dim::ONE { b.1 } else { a.1 };
    let order = a.0.cmp(b.0);
    match name {
        "+" => Known::Number(a.0 + b.0, dim),
        "-" => Known::Number(a.0 - b.0, dim),
        "*" => Known::Number(a.0 * b.0, a.1.times(b.1)),
        "/" if *b.0 != int(0) => Known::Number(a.0 / b.0, a.1.over(b.1)),
        "<" => Known::Bool(order == Less),
        "<=" => Known::Bool(order != Greater),
        ">" => Known::Bool(order == Greater),
        ">=" => Known::Bool(order != Less),
        "=" => Known::Bool(order == Equal),
        "not=" => Known::Bool(order != Equal),
        "min" => Known::Number(a.0.min(b.0).clone(), dim),
        "max" => Known::Number(a.0.max(b.0).clone(), dim),
        _ => Known::Unknown,
    }
}
