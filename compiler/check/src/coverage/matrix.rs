//! The matrix of patterns: one row per arm, one column per part of the value.
//!
//! 1. The constructors that the first column names, and `Other` for the values of none of them,
//!    split the values into classes.
//! 2. Restricted to a class, a row either drops out or has the parts of the value as columns.
//! 3. Without columns: with a row left every value of the class matches, without one none does.
//!
//! A vector's classes are its lengths up to the longest that any pattern tells apart, and all
//! longer ones. Deciding coverage is exponential in the worst case, so steps are counted.

use eclexia_base::Name;
use eclexia_core::core::{CtorId, Literal, ModuleId, Program, TypeDefKind};

/// Steps after which a match is too large to be checked; ordinary ones need hundreds.
const MAX_STEPS: usize = 2_000_000;

/// A pattern without names.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum P {
    Any,
    Literal(Literal),
    Ctor(CtorId, Vec<P>),
    /// `open`: any number of further items.
    Vector {
        items: Vec<P>,
        open: bool,
    },
    /// By index; fields not named are not looked at.
    Record(Vec<(u32, Name, P)>),
}

/// A value that no row matches, as a pattern.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum W {
    Any,
    Literal(Literal),
    Ctor(CtorId, Vec<W>),
    Vector(Vec<W>, bool),
    Record(Vec<(u32, Name, W)>),
}

/// A class of values.
#[derive(Clone, PartialEq, Debug)]
enum Class {
    Ctor(CtorId, usize),
    Literal(Literal),
    Length(usize),
    AtLeast(usize),
    Record(Vec<(u32, Name)>),
    Other,
}

type Row<'p> = Vec<&'p P>;

pub(crate) struct Matrix<'p> {
    program: &'p Program,
    rows: Vec<Row<'p>>,
    steps: usize,
}

static ANY: P = P::Any;

impl<'p> Matrix<'p> {
    pub fn new(program: &'p Program) -> Matrix<'p> {
        Matrix { program, rows: Vec::new(), steps: 0 }
    }

    pub fn add(&mut self, pattern: &'p P) {
        self.rows.push(vec![pattern]);
    }

    pub fn gave_up(&self) -> bool {
        self.steps > MAX_STEPS
    }

    /// A value that no row matches.
    pub fn missing(&mut self) -> Option<W> {
        let rows = self.rows.clone();
        self.missing_in(&rows, 1)?.pop()
    }

    /// The first `most` kinds of values that no row matches: one of each.
    pub fn all_missing(&mut self, most: usize) -> Vec<W> {
        let mut found: Vec<W> = Vec::new();
        let mut kinds: Vec<P> = Vec::new();
        while found.len() < most {
            let rows = self.rows.iter().cloned().chain(kinds.iter().map(|kind| vec![kind]));
            let mut with =
                Matrix { program: self.program, rows: rows.collect(), steps: self.steps };
            let missing = with.missing();
            self.steps = with.steps;
            let Some(missing) = missing else { break };
            kinds.push(missing.clone().widened().pattern());
            found.push(missing);
        }
        found
    }

    /// Whether some value matches `pattern` and no row; `None` when it is too large to tell.
    pub fn is_useful(&mut self, pattern: &'p P) -> Option<bool> {
        let rows = self.rows.clone();
        let useful = self.useful_in(&rows, &[pattern]);
        (!self.gave_up()).then_some(useful)
    }

    fn missing_in(&mut self, rows: &[Row<'p>], width: usize) -> Option<Vec<W>> {
        if width == 0 {
            return rows.is_empty().then(Vec::new);
        }
        if rows.is_empty() {
            return Some(vec![W::Any; width]);
        }
        if has_catch_all(rows) {
            return None;
        }
        for class in self.classes(rows, None) {
            let arity = class.arity();
            let inside = self.restrict(rows, &class);
            if self.gave_up() {
                return None;
            }
            if let Some(mut witness) = self.missing_in(&inside, arity + width - 1) {
                let rest = witness.split_off(arity);
                let mut result = vec![self.witness(class, witness, rows)];
                result.extend(rest);
                return Some(result);
            }
        }
        None
    }

    fn useful_in(&mut self, rows: &[Row<'p>], pattern: &[&'p P]) -> bool {
        if pattern.is_empty() {
            return rows.is_empty();
        }
        if rows.is_empty() || self.gave_up() {
            return true;
        }
        if has_catch_all(rows) {
            return false;
        }
        let classes = match Class::only(pattern[0]) {
            Some(class) => vec![class],
            None => self.classes(rows, Some(pattern[0])),
        };
        for class in classes {
            let Some(inside) = class.parts(pattern) else { continue };
            let rows = self.restrict(rows, &class);
            if self.useful_in(&rows, &inside) {
                return true;
            }
        }
        false
    }

    fn restrict(&mut self, rows: &[Row<'p>], class: &Class) -> Vec<Row<'p>> {
        self.steps += rows.len() + 1;
        rows.iter().filter_map(|row| class.parts(row)).collect()
    }

    /// The classes that the first column tells apart; `Other` first, it gives the better witness.
    fn classes(&self, rows: &[Row<'p>], extra: Option<&'p P>) -> Vec<Class> {
        let column = || rows.iter().map(|row| row[0]).chain(extra);
        let Some(head) = column().find(|p| **p != P::Any) else { return vec![Class::Other] };
        match head {
            P::Any => vec![Class::Other],
            P::Record(_) => {
                let mut fields: Vec<(u32, Name)> = Vec::new();
                for p in column() {
                    if let P::Record(parts) = p {
                        fields.extend(parts.iter().map(|(index, name, _)| (*index, *name)));
                    }
                }
                fields.sort();
                fields.dedup();
                vec![Class::Record(fields)]
            }
            P::Vector { .. } => {
                let longest = column().map(|p| match p {
                    P::Vector { items, open } => items.len() + usize::from(!open),
                    _ => 0,
                });
                let longest = longest.max().unwrap_or(0);
                (0..longest).map(Class::Length).chain([Class::AtLeast(longest)]).collect()
            }
            P::Ctor(ctor, _) => self.ctor_classes(*ctor, column()),
            P::Literal(Literal::Unit) => vec![Class::Literal(Literal::Unit)],
            P::Literal(Literal::Bool(_)) => {
                [true, false].map(|b| Class::Literal(Literal::Bool(b))).into()
            }
            P::Literal(_) => {
                let mut classes = vec![Class::Other];
                for p in column() {
                    if let P::Literal(literal) = p {
                        let class = Class::Literal(literal.clone());
                        if !classes.contains(&class) {
                            classes.push(class);
                        }
                    }
                }
                classes
            }
        }
    }

    fn ctor_classes(&self, ctor: CtorId, column: impl Iterator<Item = &'p P>) -> Vec<Class> {
        let program = self.program;
        let named: Vec<CtorId> = column
            .filter_map(|p| match p {
                P::Ctor(ctor, _) => Some(*ctor),
                _ => None,
            })
            .collect();
        let TypeDefKind::Data(all) = &program.types[program.ctors[ctor].ty].kind else {
            return vec![Class::Other];
        };
        let absent = all.iter().filter(|c| !named.contains(c));
        let present = all.iter().filter(|c| named.contains(c));
        // One absent constructor stands for all: no row tells them apart.
        let chosen = absent.take(1).chain(present);
        chosen.map(|c| Class::Ctor(*c, program.ctors[*c].fields.len())).collect()
    }

    fn witness(&self, class: Class, parts: Vec<W>, rows: &[Row<'p>]) -> W {
        match class {
            Class::Ctor(ctor, _) => W::Ctor(ctor, parts),
            Class::Literal(literal) => W::Literal(literal),
            Class::Length(_) => W::Vector(parts, false),
            Class::AtLeast(_) => W::Vector(parts, true),
            Class::Record(fields) => {
                let named = fields.into_iter().zip(parts);
                let named = named.map(|((index, name), part)| (index, name, part));
                W::Record(named.filter(|(.., part)| *part != W::Any).collect())
            }
            Class::Other => other_literal(rows).map_or(W::Any, W::Literal),
        }
    }
}

/// Whether some row matches everything.
fn has_catch_all(rows: &[Row<'_>]) -> bool {
    rows.iter().any(|row| row.iter().all(|p| **p == P::Any))
}

/// A literal that no row of the first column names: what `_` would have to catch.
fn other_literal(rows: &[Row<'_>]) -> Option<Literal> {
    let ints = rows.iter().filter_map(|row| match row[0] {
        P::Literal(Literal::Int(n)) => Some(*n),
        _ => None,
    });
    let named: Vec<i64> = ints.collect();
    if named.is_empty() {
        return None;
    }
    (0..).find(|n| !named.contains(n)).map(Literal::Int)
}

impl Class {
    fn arity(&self) -> usize {
        match self {
            Class::Ctor(_, n) | Class::Length(n) | Class::AtLeast(n) => *n,
            Class::Record(fields) => fields.len(),
            Class::Literal(_) | Class::Other => 0,
        }
    }

    /// The class of a pattern that is of one class whatever the other rows are.
    fn only(pattern: &P) -> Option<Class> {
        match pattern {
            P::Literal(literal) => Some(Class::Literal(literal.clone())),
            P::Ctor(ctor, parts) => Some(Class::Ctor(*ctor, parts.len())),
            P::Vector { items, open: false } => Some(Class::Length(items.len())),
            _ => None,
        }
    }

    /// The row for values of this class: the parts of the first column before the others.
    fn parts<'p>(&self, row: &[&'p P]) -> Option<Row<'p>> {
        let arity = self.arity();
        let mut parts: Row<'p> = Vec::with_capacity(arity + row.len() - 1);
        match (self, row[0]) {
            (_, P::Any) => parts.resize(arity, &ANY),
            (Class::Ctor(a, _), P::Ctor(b, items)) if a == b => parts.extend(items),
            (Class::Literal(a), P::Literal(b)) if a == b => {}
            (Class::Length(n), P::Vector { items, open }) if fits(items.len(), *open, *n) => {
                parts.extend(items);
                parts.resize(arity, &ANY);
            }
            (Class::AtLeast(_), P::Vector { items, open: true }) => {
                parts.extend(items);
                parts.resize(arity, &ANY);
            }
            (Class::Record(fields), P::Record(own)) => {
                let part = |(index, _): &(u32, Name)| {
                    own.iter().find(|(i, ..)| i == index).map_or(&ANY, |(.., p)| p)
                };
                parts.extend(fields.iter().map(part));
            }
            _ => return None,
        }
        parts.extend(&row[1..]);
        Some(parts)
    }
}

fn fits(items: usize, open: bool, length: usize) -> bool {
    items == length || (open && items < length)
}

impl W {
    /// As a user would write the arm in the module.
    pub fn text(&self, program: &Program, module: ModuleId) -> String {
        let text = |part: &W| part.text(program, module);
        let all = |parts: &[W]| parts.iter().map(text).collect::<Vec<_>>().join(" ");
        match self {
            W::Any => "_".to_owned(),
            W::Literal(literal) => literal_text(literal),
            W::Ctor(ctor, parts) => {
                let name = program.written_ctor(module, *ctor);
                if parts.is_empty() { name } else { format!("({name} {})", all(parts)) }
            }
            W::Vector(parts, false) => format!("[{}]", all(parts)),
            W::Vector(parts, true) if parts.is_empty() => "_".to_owned(),
            W::Vector(parts, true) => format!("[{} & _]", all(parts)),
            W::Record(parts) if parts.is_empty() => "_".to_owned(),
            W::Record(parts) => {
                let field = |(_, name, part): &(u32, Name, W)| format!(":{name} {}", text(part));
                format!("{{{}}}", parts.iter().map(field).collect::<Vec<_>>().join(" "))
            }
        }
    }

    /// With all numbers and keywords, where it has one: an arm for one would leave the next.
    pub fn widened(self) -> W {
        let all = |parts: Vec<W>| parts.into_iter().map(W::widened).collect();
        match self {
            W::Literal(Literal::Int(_) | Literal::Keyword(_)) => W::Any,
            W::Any | W::Literal(_) => self,
            W::Ctor(ctor, parts) => W::Ctor(ctor, all(parts)),
            W::Vector(parts, open) => W::Vector(all(parts), open),
            W::Record(parts) => {
                let field = |(index, name, part): (u32, Name, W)| (index, name, part.widened());
                W::Record(parts.into_iter().map(field).collect())
            }
        }
    }

    /// What an arm of it matches.
    pub fn pattern(self) -> P {
        let all = |parts: Vec<W>| parts.into_iter().map(W::pattern).collect();
        match self {
            W::Any => P::Any,
            W::Literal(literal) => P::Literal(literal),
            W::Ctor(ctor, parts) => P::Ctor(ctor, all(parts)),
            W::Vector(parts, open) => P::Vector { items: all(parts), open },
            W::Record(parts) => {
                let field = |(index, name, part): (u32, Name, W)| (index, name, part.pattern());
                P::Record(parts.into_iter().map(field).collect())
            }
        }
    }
}

fn literal_text(literal: &Literal) -> String {
    match literal {
        Literal::Unit => "unit".to_owned(),
        Literal::Bool(b) => b.to_string(),
        Literal::Int(n) => n.to_string(),
        Literal::Keyword(name) => format!(":{name}"),
        Literal::Float(_) | Literal::Quantity(..) | Literal::Str(_) => "_".to_owned(),
    }
}
