//! Bounds of calls that executables carry: how many steps a `:metered` function may take, and what
//! `admit` takes from a budget, both at the sizes of arguments.

use crate::bytes::{In, Out};
use crate::image::{Named, name, read_dim, write_dim};
use eclexia_base::measure::{Factors, Field, Measure, Part, Seen};
use eclexia_base::number::int;
use eclexia_base::{Amounts, Dim, Name, Rational};
use eclexia_rt::heap::Hooks;
use eclexia_rt::{Holding, Value};

#[derive(Clone, Default)]
pub struct Bounds {
    pub allowed: Vec<Allowed>,
    pub asked: Vec<Asked>,
    /// Constructors of types that contain themselves: which fields do, by their positions.
    pub cells: Vec<(u32, Vec<u32>)>,
}

/// The steps of a `:metered` function.
#[derive(Clone)]
pub struct Allowed {
    pub def: u32,
    pub name: Name,
    pub terms: Vec<(Vec<Power>, Rational)>,
}

/// A factor of a term.
#[derive(Clone)]
pub struct Power {
    /// The parameter itself, not its size.
    pub is_value: bool,
    pub param: u32,
    pub power: u32,
}

/// What an `admit` takes.
#[derive(Clone)]
pub struct Asked {
    pub def: u32,
    pub expr: u32,
    pub limits: Vec<Limit>,
}

#[derive(Clone)]
pub struct Limit {
    pub key: Name,
    pub dim: Dim,
    /// Whether it counts though the budget never had the key.
    pub always: bool,
    pub measure: Option<Measure>,
}

impl Hooks for Bounds {
    fn allowed(&self, def: u32, args: &[Value]) -> Option<(Name, u64)> {
        let allowed = self.allowed.iter().find(|allowed| allowed.def == def)?;
        let mut sum = Rational::default();
        for (powers, amount) in &allowed.terms {
            let mut product = amount.clone();
            for power in powers {
                let n = args.get(power.param as usize).map_or(0, |arg| match power.is_value {
                    true => arg.as_int().unwrap_or(0),
                    false => self.size(arg),
                });
                for _ in 0..power.power {
                    product *= int(n.max(1));
                }
            }
            sum += product;
        }
        let steps = u64::try_from(sum.floor().to_integer()).unwrap_or(0);
        Some((allowed.name, steps))
    }

    fn asked(&self, def: u32, expr: u32, budget: &Holding, args: &[Value]) -> Option<Amounts> {
        let asked = self.asked.iter().find(|asked| (asked.def, asked.expr) == (def, expr))?;
        let args: Vec<&Value> = args.iter().collect();
        let mut amounts = Amounts::default();
        for limit in &asked.limits {
            if limit.always || budget.limits(limit.key) {
                let amount = limit.measure.as_ref()?.at(&args, see);
                amounts.add(limit.key, &amount, limit.dim);
            }
        }
        Some(amounts)
    }
}

fn see(value: &Value) -> Seen<'_, Value> {
    match value {
        Value::Int(n) => Seen::Int(*n),
        Value::Tag { index, .. } => Seen::Data(*index, &[]),
        Value::Data(data) => Seen::Data(data.index, value.fields()),
        _ => match value.as_items() {
            Some(items) => Seen::Items(Box::new(items.iter())),
            None => Seen::Other,
        },
    }
}

impl Bounds {
    /// Elements of a vector, cells of data that contains itself.
    fn size(&self, value: &Value) -> i64 {
        let mut size = 0;
        let mut work = vec![value];
        while let Some(value) = work.pop() {
            match value {
                Value::Vector(items) => size += items.items.len() as i64,
                Value::Data(data) => {
                    let Ok(at) = self.cells.binary_search_by_key(&data.ctor, |(ctor, _)| *ctor)
                    else {
                        continue;
                    };
                    size += 1;
                    let fields = self.cells[at].1.iter();
                    work.extend(fields.filter_map(|at| value.fields().get(*at as usize)));
                }
                _ => {}
            }
        }
        size
    }

    pub(crate) fn write(&self, out: &mut Out, named: &mut Named) {
        out.list(&self.allowed, |out, allowed| {
            out.number(u64::from(allowed.def));
            out.number(named.id(allowed.name));
            out.list(&allowed.terms, |out, (powers, amount)| {
                out.list(powers, |out, power| {
                    out.flag(power.is_value);
                    out.number(u64::from(power.param));
                    out.number(u64::from(power.power));
                });
                out.text(&amount.to_string());
            });
        });
        out.list(&self.asked, |out, asked| {
            out.number(u64::from(asked.def));
            out.number(u64::from(asked.expr));
            out.list(&asked.limits, |out, limit| {
                out.number(named.id(limit.key));
                write_dim(out, named, limit.dim);
                out.flag(limit.always);
                out.flag(limit.measure.is_some());
                if let Some(measure) = &limit.measure {
                    out.text(&measure.constant.to_string());
                    out.list(&measure.params, write_part);
                }
            });
        });
        out.list(&self.cells, |out, (ctor, fields)| {
            out.number(u64::from(*ctor));
            out.list(fields, |out, field| out.number(u64::from(*field)));
        });
    }

    pub(crate) fn read(from: &mut In<'_>, names: &[Name]) -> Bounds {
        let allowed = from.list(|from| Allowed {
            def: from.small(),
            name: name(from, names),
            terms: from.list(|from| {
                let powers = from.list(|from| Power {
                    is_value: from.flag(),
                    param: from.small(),
                    power: from.small(),
                });
                (powers, rational(from))
            }),
        });
        let asked = from.list(|from| Asked {
            def: from.small(),
            expr: from.small(),
            limits: from.list(|from| Limit {
                key: name(from, names),
                dim: read_dim(from, names),
                always: from.flag(),
                measure: from
                    .flag()
                    .then(|| Measure { constant: rational(from), params: from.list(read_part) }),
            }),
        });
        let cells = from.list(|from| (from.small(), from.list(In::small)));
        Bounds { allowed, asked, cells }
    }
}

fn rational(from: &mut In<'_>) -> Rational {
    from.text().parse().unwrap_or_default()
}

fn write_factors(out: &mut Out, factors: &Factors) {
    factors.iter().for_each(|factor| out.text(&factor.to_string()));
}

fn read_factors(from: &mut In<'_>) -> Factors {
    [rational(from), rational(from)]
}

fn write_part(out: &mut Out, part: &Part) {
    match part {
        Part::Nothing => out.number(0),
        Part::Int(factors) => {
            out.number(1);
            write_factors(out, factors);
        }
        Part::Vector(factors, item) => {
            out.number(2);
            write_factors(out, factors);
            write_part(out, item);
        }
        Part::Data(factors, ctors) => {
            out.number(3);
            write_factors(out, factors);
            out.list(ctors, |out, fields| {
                out.list(fields, |out, field| match field {
                    Field::Same => out.number(4),
                    Field::Of(part) => write_part(out, part),
                });
            });
        }
    }
}

fn read_part(from: &mut In<'_>) -> Part {
    let kind = from.number();
    read_part_of(from, kind)
}

fn read_part_of(from: &mut In<'_>, kind: u64) -> Part {
    match kind {
        0 => Part::Nothing,
        1 => Part::Int(read_factors(from)),
        2 => Part::Vector(read_factors(from), Box::new(read_part(from))),
        _ => {
            let factors = read_factors(from);
            let field = |from: &mut In<'_>| match from.number() {
                4 => Field::Same,
                kind => Field::Of(read_part_of(from, kind)),
            };
            Part::Data(factors, from.list(|from| from.list(field)))
        }
    }
}
