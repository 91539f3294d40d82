//! Metering: a `:metered` function may take so many steps as its `:requires` says for the arguments
//! it was called with. What it calls counts, tail calls too; of meters inside of each other the one
//! that runs out first stops the program.
//!
//! The machine looks at limits only when its fuel is used up, so a meter costs nothing per step.

use crate::evaluator::Evaluator;
use crate::machine::{Frame, Stop};
use eclexia_base::number::int;
use eclexia_base::{Name, Rational};
use eclexia_core::core::{CtorId, DefId, Program, TypeKind};
use eclexia_core::cost::{CostPoly, Resource, SizeOf};
use eclexia_rt::Value;
use num_traits::ToPrimitive;

/// A meter that runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    /// Callers when it began: it ends when there are fewer.
    depth: usize,
    /// The number of steps at which it has run out.
    until: u64,
    /// Whose limit that is.
    def: DefId,
    /// How many steps that was.
    allowed: u64,
}

impl Evaluator<'_> {
    /// Begins the meter of the frame's function, whose parameters lie in slots from `first` on.
    pub(crate) fn begin_meter(&mut self, frame: &Frame, first: u32) -> Result<(), Stop> {
        let def = frame.code.def;
        let Some(cost) = &self.program.defs[def].cost else { return Ok(()) };
        let Some(limit) = cost.limit(Resource::Steps) else { return Ok(()) };
        let start = (frame.base + first) as usize;
        let params = &self.stack[start..(frame.base + frame.code.params) as usize];
        let allowed = at_sizes(self.program, &limit.bound, params);
        let allowed = allowed.floor().to_integer().to_u64().unwrap_or(0);
        // The step that entered the function has been counted.
        let until = (self.steps() + allowed).saturating_sub(1);
        let depth = self.frames.len();
        let mut meter = Meter { depth, until, def, allowed };
        if let Some(outer) = self.meters.last().copied() {
            if outer.until <= until {
                meter = Meter { depth, ..outer };
            }
            // A tail call goes on with the meter of the frame it replaces.
            if outer.depth == depth {
                self.meters.pop();
            }
        }
        self.meters.push(meter);
        let left = meter.until.saturating_sub(self.steps());
        if u64::from(self.fuel) > left {
            let surplus = u64::from(self.fuel) - left;
            self.fuel -= u32::try_from(surplus).unwrap_or(self.fuel);
            self.steps -= surplus;
        }
        Ok(())
    }

    /// Ends the meters of frames that have returned.
    #[cold]
    pub(crate) fn end_meters(&mut self) {
        while self.meters.last().is_some_and(|meter| self.frames.len() <= meter.depth) {
            self.meters.pop();
        }
    }

    /// Steps until the tightest meter has run out; `Err` when it has.
    pub(crate) fn left_on_meter(&self) -> Result<u64, Stop> {
        let Some(meter) = self.meters.last() else { return Ok(u64::MAX) };
        match meter.until.saturating_sub(self.steps) {
            0 => Err(Stop::Metered(self.name_of(meter.def), meter.allowed)),
            left => Ok(left),
        }
    }

    fn name_of(&self, def: DefId) -> Name {
        self.program.defs[def].name
    }
}

/// A limit at the sizes of the given arguments; a size counts as at least one.
pub(crate) fn at_sizes(program: &Program, bound: &CostPoly, args: &[Value]) -> Rational {
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
pub(crate) fn size_of(program: &Program, value: &Value) -> i64 {
    let mut size = 0;
    let mut work = vec![value.clone()];
    while let Some(value) = work.pop() {
        match &value {
            Value::Vector(items) => size += items.items.len() as i64,
            Value::Data(data) => {
                let ctor = &program.ctors[CtorId(data.ctor)];
                let mut is_cell = false;
                for (field, part) in ctor.fields.iter().zip(data.fields.iter()) {
                    if matches!(&field.ty.kind, TypeKind::Con(id, _) if *id == ctor.ty) {
                        is_cell = true;
                        work.push(part.clone());
                    }
                }
                size += i64::from(is_cell);
            }
            _ => {}
        }
    }
    size
}
