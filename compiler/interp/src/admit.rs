//! `(admit b (f x))` while it runs: the bound of the call, exactly, at the sizes of its arguments,
//! taken from the budget if that holds it. One comparison stands for a meter: what the call really
//! takes is at most what was taken here, and the difference is not given back.

use crate::evaluator::Evaluator;
use crate::machine::Frame;
use eclexia_base::{Amounts, Name, bug};
use eclexia_check::bounds::{Admitted, Seen};
use eclexia_core::core::ExprId;
use eclexia_rt::{Holding, Value};

impl Evaluator<'_> {
    /// Leaves the rest in the budget's slot, or the whole; and whether the call is admitted.
    pub(crate) fn admit(&mut self, frame: &Frame, argc: usize, slot: u32, place: u32) {
        let at = (frame.base + slot) as usize;
        let facts = self.typed.facts.get(frame.code.def);
        let Some(limits) = facts.and_then(|facts| facts.admits.get(&ExprId(place))) else {
            bug!("an `admit` without bounds")
        };
        let Some(holding) = self.stack[at].as_holding() else { bug!("`admit` without a budget") };
        let args: Vec<&Value> = self.stack[at + 1..=at + argc].iter().collect();
        let rest = asked(limits, holding, &args).and_then(|asked| {
            let fits = holding.total().clash(&asked).is_none();
            let parts = holding.split(&asked).ok().filter(|_| fits);
            parts.map(|(_, rest)| Value::holding(rest))
        });
        let is_admitted = rest.is_some();
        if let Some(rest) = rest {
            self.stack[at] = rest;
        }
        self.stack.push(Value::Bool(is_admitted));
    }
}

/// What is to be taken; `None`: more than anybody knows.
fn asked(limits: &[Admitted], holding: &Holding, args: &[&Value]) -> Option<Amounts> {
    let mut asked = Amounts::default();
    for limit in limits {
        let key = Name::new(limit.resource.name());
        if limit.always || holding.limits(key) {
            let amount = limit.bound.as_ref()?.at(args, see);
            asked.add(key, &amount, limit.resource.dim());
        }
    }
    Some(asked)
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
