//! What words mean. A running program computes with words of 64 bits; no word says what it is. What
//! it is follows from the type, and a [`Shape`] is as much of a type as memory depends on: shapes
//! are monomorphic, closed and numbered. A cell of data names its [`Layout`], so that what a cell
//! holds can be found without its type.
//!
//! ```text
//! cell   [ count: u32 | info: u32 ] [ field 0: u64 ] [ field 1 ] ..
//! ```
//!
//! `count` is the number of references; `info` is below `FIRST_LAYOUT` one of the kinds of `heap`,
//! else the number of a layout plus `FIRST_LAYOUT`. A word of `Rep::Ptr` whose lowest bit is set is
//! no pointer but a constructor without fields, its index above that bit, or a String of at most
//! seven bytes (`heap::short`).

use crate::value::Site;
use eclexia_base::{Dim, FxHashMap, Name, define_id};

define_id!(
    /// Of a type's shape.
    ShapeId, "s"
);
define_id!(
    /// Of what a cell holds.
    LayoutId, "y"
);

/// `info` of the first layout.
pub const FIRST_LAYOUT: u32 = 16;

/// How a value is held in a register.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Rep {
    /// `i64`: Int, Unit (0), a keyword (its number), an enumeration (the constructor's index).
    Int,
    /// `f64`: a quantity of any dimension.
    Float,
    /// 0 or 1 in an `i8`.
    Bool,
    /// A counted reference to a cell, or odd: a constructor without fields, a short string.
    Ptr,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    Unit,
    Bool,
    Int,
    Keyword,
    /// In base units.
    Quantity(Dim),
    String,
    /// A data type none of whose constructors has fields.
    Enumeration(Vec<CtorShape>),
    /// A data type of one constructor with one field: held as the field is, whose rep is given. No
    /// cell has the constructor's layout.
    Wrapper(CtorShape, Rep),
    /// Any other data type or record.
    Data(Vec<CtorShape>),
    Vector(ShapeId),
    Map(ShapeId, ShapeId),
    Set(ShapeId),
    /// A closure.
    Function,
    /// A `Value` in a box: budgets, amounts, capabilities.
    Opaque,
    /// Memory of a dead cell that may be made into a new one, or 0. Only inside a function.
    Token,
}

/// A constructor of a data type at certain types of its parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CtorShape {
    /// `CtorId` of core.
    pub ctor: u32,
    pub name: Name,
    pub is_record: bool,
    /// Names of a record's fields; else empty.
    pub field_names: Vec<Name>,
    pub fields: Vec<ShapeId>,
    /// Of its cells when it has fields; records made at known places have layouts of their own.
    pub layout: Option<LayoutId>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// What each word of the cell is; of a closure, an Int first.
    pub fields: Vec<ShapeId>,
    pub kind: LayoutKind,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LayoutKind {
    /// Constructor `index` of data of a shape; of records, where it was made.
    Data { shape: ShapeId, index: u32, site: Option<Site> },
    /// A closure: the number of its function, then what it captured.
    Closure { name: Name },
}

/// All shapes and layouts of a program; append-only.
#[derive(Clone, Default, Debug)]
pub struct Shapes {
    shapes: Vec<Shape>,
    layouts: Vec<Layout>,
    at_sites: FxHashMap<(ShapeId, Site), LayoutId>,
}

impl Shape {
    pub fn rep(&self) -> Rep {
        match self {
            Shape::Unit | Shape::Int | Shape::Keyword | Shape::Enumeration(_) => Rep::Int,
            Shape::Quantity(_) => Rep::Float,
            Shape::Bool => Rep::Bool,
            Shape::Wrapper(_, rep) => *rep,
            _ => Rep::Ptr,
        }
    }

    /// The constructors of data.
    pub fn ctors(&self) -> &[CtorShape] {
        match self {
            Shape::Enumeration(ctors) | Shape::Data(ctors) => ctors,
            Shape::Wrapper(ctor, _) => std::slice::from_ref(ctor),
            _ => &[],
        }
    }

    /// Whether a word of this shape may be odd: a constructor without fields, or a short string.
    pub fn may_be_immediate(&self) -> bool {
        match self {
            Shape::String => true,
            Shape::Data(ctors) => ctors.iter().any(|c| c.layout.is_none()),
            Shape::Wrapper(_, rep) => *rep == Rep::Ptr,
            _ => false,
        }
    }
}

impl Shapes {
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    pub fn layout_count(&self) -> usize {
        self.layouts.len()
    }

    /// Whether `newer` has something beyond this.
    pub fn is_behind(&self, newer: &Shapes) -> bool {
        self.shapes.len() < newer.shapes.len()
            || self.layouts.len() < newer.layouts.len()
            || self.at_sites.len() < newer.at_sites.len()
    }

    /// What `newer` has beyond this.
    pub fn take_over(&mut self, newer: &Shapes) {
        self.shapes.extend_from_slice(&newer.shapes[self.shapes.len()..]);
        self.layouts.extend_from_slice(&newer.layouts[self.layouts.len()..]);
        if self.at_sites.len() < newer.at_sites.len() {
            self.at_sites.clone_from(&newer.at_sites);
        }
    }

    /// The layout of records of a shape that are made at `site`, if the program has one.
    pub fn known_layout_at(&self, shape: ShapeId, site: Site) -> Option<LayoutId> {
        self.at_sites.get(&(shape, site)).copied()
    }

    /// A number for a shape that is not known yet: recursive types need theirs first.
    pub fn reserve(&mut self) -> ShapeId {
        self.add(Shape::Unit)
    }

    pub fn set(&mut self, id: ShapeId, shape: Shape) {
        self.shapes[id.0 as usize] = shape;
    }

    pub fn add(&mut self, shape: Shape) -> ShapeId {
        self.shapes.push(shape);
        ShapeId(self.shapes.len() as u32 - 1)
    }

    pub fn get(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0 as usize]
    }

    pub fn rep(&self, id: ShapeId) -> Rep {
        self.get(id).rep()
    }

    /// What a value is behind its wrappers: the shape that says what its word refers to.
    pub fn inside(&self, mut id: ShapeId) -> ShapeId {
        while let Shape::Wrapper(ctor, _) = self.get(id) {
            id = ctor.fields[0];
        }
        id
    }

    /// Whether what a layout is made for is held as its field is.
    pub fn is_wrapper(&self, id: LayoutId) -> bool {
        match self.layout(id).kind {
            LayoutKind::Data { shape, .. } => matches!(self.get(shape), Shape::Wrapper(..)),
            LayoutKind::Closure { .. } => false,
        }
    }

    pub fn add_layout(&mut self, layout: Layout) -> LayoutId {
        self.layouts.push(layout);
        LayoutId(self.layouts.len() as u32 - 1)
    }

    pub fn layout(&self, id: LayoutId) -> &Layout {
        &self.layouts[id.0 as usize]
    }

    /// The layout of records of a shape that are made at `site`.
    pub fn layout_at(&mut self, shape: ShapeId, site: Site) -> LayoutId {
        if let Some(known) = self.at_sites.get(&(shape, site)) {
            return *known;
        }
        let fields = self.get(shape).ctors().first().map(|c| c.fields.clone()).unwrap_or_default();
        let kind = LayoutKind::Data { shape, index: 0, site: Some(site) };
        let id = self.add_layout(Layout { fields, kind });
        self.at_sites.insert((shape, site), id);
        id
    }
}
