//! Shapes: where in a value potential can lie. A shape is a type as the analysis sees it, with its
//! variables filled in from the arguments of the call at hand; a [`Pot`] is a value of some shape
//! with an amount of potential per place.
//!
//! ```text
//! shape                    coefficients of its potential, in order
//! Int                      p₁ p₂          p₁·n + p₂·n(n−1)/2, n its value (0 if negative)
//! Vector of S              p₁ p₂ then S   n its length
//! data, recursive          p₁ p₂ then the parts that are not the type itself, by constructor;
//!                                         n counts constructors with a part of the type
//! data, not recursive      its parts
//! functions, all others    none
//! ```
//!
//! Ints inside of data carry none. A type that contains itself otherwise than directly (a tree with
//! a list of trees) is opaque.

use super::lp::Lin;
use crate::ty::{Ty, TyKind};
use crate::typed::Typed;
use eclexia_core::core::{CtorId, Program, TypeDefKind, TypeId};
use std::rc::Rc;

/// Linear and quadratic.
pub(crate) const DEGREES: usize = 2;

/// Parts of one type that are looked at; a larger one is opaque.
const MAX_PARTS: usize = 64;

eclexia_base::define_id!(
    /// A function whose code is known.
    FnId, "f"
);

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Shape {
    Opaque,
    Int,
    Fn(FnId),
    Vector(Rc<Shape>),
    Data {
        ty: TypeId,
        is_recursive: bool,
        /// Per constructor, in order, its fields.
        ctors: Vec<Vec<Slot>>,
    },
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Slot {
    /// The type itself.
    Same,
    Of(Rc<Shape>),
}

impl Shape {
    /// How many coefficients it has.
    pub fn width(&self) -> usize {
        match self {
            Shape::Opaque | Shape::Fn(_) => 0,
            Shape::Int => DEGREES,
            Shape::Vector(item) => DEGREES + item.width(),
            Shape::Data { is_recursive, ctors, .. } => {
                let own = if *is_recursive { DEGREES } else { 0 };
                own + ctors.iter().flatten().map(Slot::width).sum::<usize>()
            }
        }
    }

    /// Where the coefficients of field `field` of constructor `index` begin.
    pub fn offset(&self, index: usize, field: usize) -> usize {
        let Shape::Data { is_recursive, ctors, .. } = self else { return 0 };
        let own = if *is_recursive { DEGREES } else { 0 };
        let before = ctors.iter().take(index).flatten();
        let within = ctors.get(index).into_iter().flatten().take(field);
        own + before.chain(within).map(Slot::width).sum::<usize>()
    }

    /// Whether each coefficient is of the first degree (0) or the second (1).
    pub fn degrees(&self, out: &mut Vec<usize>) {
        match self {
            Shape::Opaque | Shape::Fn(_) => {}
            Shape::Int => out.extend(0..DEGREES),
            Shape::Vector(item) => {
                out.extend(0..DEGREES);
                item.degrees(out);
            }
            Shape::Data { is_recursive, ctors, .. } => {
                if *is_recursive {
                    out.extend(0..DEGREES);
                }
                for slot in ctors.iter().flatten() {
                    if let Slot::Of(shape) = slot {
                        shape.degrees(out);
                    }
                }
            }
        }
    }
}

impl Slot {
    fn width(&self) -> usize {
        match self {
            Slot::Same => 0,
            Slot::Of(shape) => shape.width(),
        }
    }
}

/// Shapes of the type variables of a definition, by index.
pub(crate) type Vars = Rc<Vec<Rc<Shape>>>;

pub(crate) struct Shapes<'a> {
    pub program: &'a Program,
    pub typed: &'a Typed,
}

/// Where a type stands.
struct Place {
    /// Types whose fields it is inside of.
    inside: Vec<TypeId>,
    /// Types around it; an Int at depth 0 has potential.
    depth: usize,
    parts: usize,
}

impl Shapes<'_> {
    pub fn of(&self, ty: Ty, vars: &[Rc<Shape>]) -> Rc<Shape> {
        let mut place = Place { inside: Vec::new(), depth: 0, parts: 0 };
        let shape = self.shape(ty, vars, &mut place);
        if place.parts > MAX_PARTS { Rc::new(Shape::Opaque) } else { shape }
    }

    fn shape(&self, ty: Ty, vars: &[Rc<Shape>], place: &mut Place) -> Rc<Shape> {
        place.parts += 1;
        if place.parts > MAX_PARTS {
            return Rc::new(Shape::Opaque);
        }
        match ty.kind() {
            TyKind::Var(var) => match vars.get(var.index as usize) {
                Some(shape) if place.depth == 0 => shape.clone(),
                Some(shape) => inner(shape),
                None => Rc::new(Shape::Opaque),
            },
            TyKind::Ref(of) => self.shape(*of, vars, place),
            TyKind::Con(id, args) => {
                place.depth += 1;
                let shape = self.con(*id, args, vars, place);
                place.depth -= 1;
                shape
            }
            _ => Rc::new(Shape::Opaque),
        }
    }

    fn con(&self, id: TypeId, args: &[Ty], vars: &[Rc<Shape>], place: &mut Place) -> Rc<Shape> {
        let def = &self.program.types[id];
        let ctors: &[CtorId] = match &def.kind {
            TypeDefKind::Builtin if def.name == "Int" && place.depth == 1 => {
                return Rc::new(Shape::Int);
            }
            TypeDefKind::Builtin if def.name == "Vector" && args.len() == 1 => {
                return Rc::new(Shape::Vector(self.shape(args[0], vars, place)));
            }
            TypeDefKind::Builtin => return Rc::new(Shape::Opaque),
            TypeDefKind::Data(ctors) => ctors,
            TypeDefKind::Record(ctor) => std::slice::from_ref(ctor),
        };
        if place.inside.contains(&id) {
            return Rc::new(Shape::Opaque);
        }
        // Arguments are shaped in the scope around; fields in terms of the arguments.
        let given: Vec<Rc<Shape>> = args.iter().map(|arg| self.shape(*arg, vars, place)).collect();
        place.inside.push(id);
        let mut is_recursive = false;
        let mut made = Vec::with_capacity(ctors.len());
        for ctor in ctors {
            let fields = self.typed.field_types(*ctor);
            let mut slots = Vec::with_capacity(fields.len());
            for field in fields {
                if is_same(*field, id) {
                    is_recursive = true;
                    slots.push(Slot::Same);
                } else {
                    slots.push(Slot::Of(self.shape(*field, &given, place)));
                }
            }
            made.push(slots);
        }
        place.inside.pop();
        let shape = Shape::Data { ty: id, is_recursive, ctors: made };
        if shape.width() == 0 { Rc::new(Shape::Opaque) } else { Rc::new(shape) }
    }
}

/// Whether a field's type is the type it is a field of, with the same arguments.
fn is_same(field: Ty, of: TypeId) -> bool {
    let TyKind::Con(id, args) = field.kind() else { return false };
    let in_order = |(i, arg): (usize, &Ty)| match arg.kind() {
        TyKind::Var(var) => var.index as usize == i,
        TyKind::Q(unit) => unit.vars.len() == 1,
        _ => false,
    };
    *id == of && args.iter().enumerate().all(in_order)
}

/// What a shape is inside of data.
fn inner(shape: &Rc<Shape>) -> Rc<Shape> {
    match **shape {
        Shape::Int | Shape::Fn(_) => Rc::new(Shape::Opaque),
        _ => shape.clone(),
    }
}

/// A value's shape, and its potential.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Pot {
    pub shape: Rc<Shape>,
    pub amounts: Vec<Lin>,
}

impl Pot {
    pub fn none() -> Pot {
        Pot { shape: Rc::new(Shape::Opaque), amounts: Vec::new() }
    }

    pub fn zero(shape: Rc<Shape>) -> Pot {
        let amounts = vec![Lin::zero(); shape.width()];
        Pot { shape, amounts }
    }

    pub fn is_zero(&self) -> bool {
        self.amounts.iter().all(Lin::is_zero)
    }

    /// The coefficient of the given degree (0: linear) at the top.
    pub fn top(&self, degree: usize) -> Lin {
        let has_top = match &*self.shape {
            Shape::Int | Shape::Vector(_) => true,
            Shape::Data { is_recursive, .. } => *is_recursive,
            _ => false,
        };
        if has_top { self.amounts.get(degree).cloned().unwrap_or_default() } else { Lin::zero() }
    }

    pub fn slice(&self, from: usize, shape: &Rc<Shape>) -> Pot {
        let amounts = self.amounts.iter().skip(from).take(shape.width()).cloned().collect();
        Pot { shape: shape.clone(), amounts }
    }

    /// The potential of what is left when one cell is taken away; the cell's own is `top(0)`.
    pub fn rest(&self) -> Pot {
        let mut rest = self.clone();
        let next = rest.top(1);
        if let Some(first) = rest.amounts.first_mut() {
            first.add(&next, 1);
        }
        rest
    }

    /// As a value of another shape; what has no place there is dropped.
    pub fn coerced(&self, to: &Rc<Shape>) -> Pot {
        if self.shape == *to {
            return self.clone();
        }
        let mut made = Pot::zero(to.clone());
        coerce(&self.shape, &self.amounts, to, &mut made.amounts);
        made
    }
}

fn coerce(from: &Shape, amounts: &[Lin], to: &Shape, out: &mut [Lin]) {
    match (from, to) {
        (Shape::Int, Shape::Int) => out.clone_from_slice(amounts),
        (Shape::Vector(a), Shape::Vector(b)) => {
            out[..DEGREES].clone_from_slice(&amounts[..DEGREES]);
            coerce(a, &amounts[DEGREES..], b, &mut out[DEGREES..]);
        }
        (Shape::Data { ty, is_recursive, ctors }, Shape::Data { ty: other, ctors: wanted, .. })
            if ty == other =>
        {
            if *is_recursive {
                out[..DEGREES].clone_from_slice(&amounts[..DEGREES]);
            }
            for (index, (mine, theirs)) in ctors.iter().zip(wanted).enumerate() {
                for (field, (a, b)) in mine.iter().zip(theirs).enumerate() {
                    let (Slot::Of(a), Slot::Of(b)) = (a, b) else { continue };
                    let (x, y) = (from.offset(index, field), to.offset(index, field));
                    coerce(a, &amounts[x..x + a.width()], b, &mut out[y..y + b.width()]);
                }
            }
        }
        _ => {}
    }
}
