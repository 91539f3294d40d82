//! What the run time asks of the checked program: how many steps a `:metered` function may take,
//! and what `admit` takes from a budget. Both are bounds at the sizes of arguments.
//!
//! `(admit b (f x))`: the bound of the call, exactly, is taken from the budget if that holds it.
//! One comparison stands for a meter: what the call really takes is at most what was taken here,
//! and the difference is not given back.

use eclexia_base::number::int;
use eclexia_base::{Amounts, Name, Rational};
use eclexia_check::bounds::Seen;
use eclexia_check::typed::Typed;
use eclexia_core::core::{CtorId, DefId, ExprId, Program, TypeKind};
use eclexia_core::cost::{CostPoly, Resource, SizeOf};
use eclexia_rt::heap::Hooks;
use eclexia_rt::{Holding, Value};
use num_traits::ToPrimitive;

pub(crate) struct Bounds<'a> {
    pub program: &'a Program,
    pub typed: &'a Typed,
}

impl Hooks for Bounds<'_> {
    fn allowed(&self, def: u32, args: &[Value]) -> Option<(Name, u64)> {
        let def = self.program.defs.get(DefId(def))?;
        let limit = def.cost.as_ref()?.limit(Resource::Steps)?;
        let allowed = at_sizes(self.program, &limit.bound, args);
        Some((def.name, allowed.floor().to_integer().to_u64().unwrap_or(0)))
    }

    fn asked(&self, def: u32, expr: u32, budget: &Holding, args: &[Value]) -> Option<Amounts> {
        let limits = self.typed.facts.get(DefId(def))?.admits.get(&ExprId(expr))?;
        let args: Vec<&Value> = args.iter().collect();
        let mut asked = Amounts::default();
        for limit in limits {
            let key = Name::new(limit.resource.name());
            if limit.always || budget.limits(key) {
                let amount = limit.bound.as_ref()?.at(&args, see);
                asked.add(key, &amount, limit.resource.dim());
            }
        }
        Some(asked)
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

/// A limit at the sizes of the given arguments; a size counts as at least one.
fn at_sizes(program: &Program, bound: &CostPoly, args: &[Value]) -> Rational {
    bound.eval(&|size| {
        let n = match size {
            SizeOf::Size(at) => args.get(at as usize).map_or(0, |value| size_of(program, value)),
            SizeOf::Value(at) => args.get(at as usize).and_then(Value::as_int).unwrap_or(0),
        };
        int(n.max(1))
    })
}

/// The size of a value as bounds count it: elements of a vector, cells of data that contains
/// itself.
fn size_of(program: &Program, value: &Value) -> i64 {
    let mut size = 0;
    let mut work = vec![value];
    while let Some(value) = work.pop() {
        match value {
            Value::Vector(items) => size += items.items.len() as i64,
            Value::Data(data) => {
                let ctor = &program.ctors[CtorId(data.ctor)];
                let mut is_cell = false;
                for (field, part) in ctor.fields.iter().zip(data.fields.iter()) {
                    if matches!(&field.ty.kind, TypeKind::Con(id, _) if *id == ctor.ty) {
                        is_cell = true;
                        work.push(part);
                    }
                }
                size += i64::from(is_cell);
            }
            _ => {}
        }
    }
    size
}
