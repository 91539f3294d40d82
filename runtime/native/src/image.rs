//! What an executable knows of its program besides code: written by the code generator, read when
//! the executable starts ([`Head`]) or only when it has something to say about places ([`Places`]).
//!
//! Names are numbered anew: those that code asks for come first, in the order of its table.

use crate::bounds::Bounds;
use crate::bytes::{In, Out};
use eclexia_base::{Amounts, Dim, FxHashMap, Name, Rational};
use eclexia_rt::Ctors;
use eclexia_rt::layout::{CtorShape, Layout, LayoutId, LayoutKind, Rep, Shape, ShapeId, Shapes};
use eclexia_rt::value::Site;

/// What the program cannot begin without.
#[derive(Default)]
pub struct Head {
    /// What code asks for by number.
    pub names: Vec<Name>,
    pub shapes: Shapes,
    pub globals: Vec<(Name, Rep)>,
    pub strings: Vec<String>,
    pub amounts: Vec<Amounts>,
    pub ctors: Ctors,
    /// The shape of the record that `main` receives; `None`: it takes nothing.
    pub world: Option<(ShapeId, u32)>,
    /// Whether `main` drops what it receives.
    pub owns_world: bool,
    /// What `main` gives.
    pub result: Option<ShapeId>,
    pub bounds: Bounds,
}

/// Where code comes from.
#[derive(Default)]
pub struct Places {
    /// By `FuncId`.
    pub functions: Vec<Sites>,
    pub locs: Vec<Loc>,
    pub places: Vec<Place>,
    /// Name and text.
    pub sources: Vec<(String, String)>,
}

/// Of a function: how long its code is, and where calls return to with their place.
#[derive(Clone, Default, Debug)]
pub struct Sites {
    pub size: u32,
    pub calls: Vec<(u32, u32)>,
}

#[derive(Clone, Copy, Default, Debug)]
pub struct Loc {
    pub place: u32,
    /// Of the call that was inlined.
    pub caller: Option<u32>,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    pub name: Name,
    pub file: u32,
    pub start: u32,
    pub end: u32,
    pub is_std: bool,
}

/// Names by their number in the image.
#[derive(Default)]
pub(crate) struct Named {
    ids: FxHashMap<Name, u32>,
    all: Vec<Name>,
}

impl Named {
    fn of(names: &[Name]) -> Named {
        let mut named = Named::default();
        names.iter().for_each(|name| {
            named.id(*name);
        });
        named
    }

    pub fn id(&mut self, name: Name) -> u64 {
        let next = self.all.len() as u32;
        let id = *self.ids.entry(name).or_insert(next);
        if id == next {
            self.all.push(name);
        }
        u64::from(id)
    }

    /// In front of what refers to them.
    fn before(self, rest: Out) -> Vec<u8> {
        let mut out = Out::default();
        out.list(&self.all, |out, name| out.text(name.as_str()));
        out.bytes.extend(rest.bytes);
        out.bytes
    }
}

impl Head {
    pub fn write(&self) -> Vec<u8> {
        let mut named = Named::of(&self.names);
        let mut out = Out::default();
        out.number(self.names.len() as u64);
        out.number(self.shapes.len() as u64);
        for i in 0..self.shapes.len() {
            shape(&mut out, &mut named, self.shapes.get(ShapeId(i as u32)));
        }
        out.number(self.shapes.layout_count() as u64);
        for i in 0..self.shapes.layout_count() {
            layout(&mut out, &mut named, self.shapes.layout(LayoutId(i as u32)));
        }
        out.list(&self.globals, |out, (name, rep)| {
            out.number(named.id(*name));
            out.number(*rep as u64);
        });
        out.list(&self.strings, |out, text| out.text(text));
        out.list(&self.amounts, |out, all| amounts(out, &mut named, all));
        for (id, index) in ctors(&mut self.ctors.clone()) {
            out.number(u64::from(*id));
            out.number(u64::from(*index));
        }
        out.option(self.world.map(|(shape, _)| shape.0));
        out.number(self.world.map_or(0, |(_, ctor)| u64::from(ctor)));
        out.flag(self.owns_world);
        out.option(self.result.map(|shape| shape.0));
        self.bounds.write(&mut out, &mut named);
        named.before(out)
    }

    pub fn read(bytes: &[u8]) -> Head {
        let mut from = In { bytes };
        let names = from.list(|from| Name::new(from.text()));
        let own = names[..from.number() as usize].to_vec();
        let mut head = Head { names: own, ..Head::default() };
        for _ in 0..from.number() {
            let shape = read_shape(&mut from, &names);
            head.shapes.add(shape);
        }
        for _ in 0..from.number() {
            read_layout(&mut from, &names, &mut head.shapes);
        }
        head.globals = from.list(|from| (name(from, &names), rep(from.number())));
        head.strings = from.list(|from| from.text().to_owned());
        head.amounts = from.list(|from| read_amounts(from, &names));
        for (id, index) in ctors(&mut head.ctors) {
            (*id, *index) = (from.small(), from.small());
        }
        let (world, ctor) = (from.option(), from.small());
        head.world = world.map(|shape| (ShapeId(shape), ctor));
        head.owns_world = from.flag();
        head.result = from.option().map(ShapeId);
        head.bounds = Bounds::read(&mut from, &names);
        head
    }
}

impl Places {
    pub fn write(&self) -> Vec<u8> {
        let mut named = Named::default();
        let mut out = Out::default();
        out.list(&self.functions, |out, sites| {
            out.number(u64::from(sites.size));
            let mut last = 0;
            out.list(&sites.calls, |out, (at, loc)| {
                out.number(u64::from(at - last));
                out.number(u64::from(*loc));
                last = *at;
            });
        });
        out.list(&self.locs, |out, loc| {
            out.number(u64::from(loc.place));
            out.option(loc.caller);
        });
        out.list(&self.places, |out, place| {
            out.number(named.id(place.name));
            out.number(u64::from(place.file));
            out.number(u64::from(place.start));
            out.number(u64::from(place.end - place.start));
            out.flag(place.is_std);
        });
        out.list(&self.sources, |out, (name, text)| {
            out.text(name);
            out.text(text);
        });
        named.before(out)
    }

    pub fn read(bytes: &[u8]) -> Places {
        let mut from = In { bytes };
        let names = from.list(|from| Name::new(from.text()));
        let functions = from.list(|from| {
            let size = from.small();
            let mut last = 0;
            let calls = from.list(|from| {
                last += from.small();
                (last, from.small())
            });
            Sites { size, calls }
        });
        let locs = from.list(|from| Loc { place: from.small(), caller: from.option() });
        let places = from.list(|from| {
            let (name, file, start) = (name(from, &names), from.small(), from.small());
            Place { name, file, start, end: start + from.small(), is_std: from.flag() }
        });
        let sources = from.list(|from| (from.text().to_owned(), from.text().to_owned()));
        Places { functions, locs, places, sources }
    }
}

/// All of them, in one order.
fn ctors(ctors: &mut Ctors) -> [&mut (u32, u32); 16] {
    [
        &mut ctors.none,
        &mut ctors.some,
        &mut ctors.ok,
        &mut ctors.err,
        &mut ctors.nil,
        &mut ctors.cons,
        &mut ctors.pair,
        &mut ctors.less,
        &mut ctors.equal,
        &mut ctors.greater,
        &mut ctors.json_null,
        &mut ctors.json_bool,
        &mut ctors.json_number,
        &mut ctors.json_string,
        &mut ctors.json_array,
        &mut ctors.json_object,
    ]
}

pub(crate) fn name(from: &mut In<'_>, names: &[Name]) -> Name {
    names[from.number() as usize]
}

fn rep(number: u64) -> Rep {
    [Rep::Int, Rep::Float, Rep::Bool, Rep::Ptr][number as usize]
}

pub(crate) fn write_dim(out: &mut Out, named: &mut Named, dim: Dim) {
    out.list(dim.exponents(), |out, (base, exponent)| {
        out.number(named.id(*base));
        out.number(u64::from(exponent.cast_unsigned()));
    });
}

pub(crate) fn read_dim(from: &mut In<'_>, names: &[Name]) -> Dim {
    Dim::new(from.list(|from| (name(from, names), from.small().cast_signed())))
}

fn amounts(out: &mut Out, named: &mut Named, all: &Amounts) {
    let items: Vec<_> = all.iter().collect();
    out.list(&items, |out, (key, amount, of)| {
        out.number(named.id(*key));
        out.text(&amount.to_string());
        write_dim(out, named, *of);
    });
}

fn read_amounts(from: &mut In<'_>, names: &[Name]) -> Amounts {
    Amounts::new(from.list(|from| {
        let key = name(from, names);
        let amount: Rational = from.text().parse().unwrap_or_default();
        (key, amount, read_dim(from, names))
    }))
}

fn shape(out: &mut Out, named: &mut Named, shape: &Shape) {
    let (kind, parts): (u64, &[ShapeId]) = match shape {
        Shape::Unit => (0, &[]),
        Shape::Bool => (1, &[]),
        Shape::Int => (2, &[]),
        Shape::Keyword => (3, &[]),
        Shape::Quantity(_) => (4, &[]),
        Shape::String => (5, &[]),
        Shape::Enumeration(_) => (6, &[]),
        Shape::Data(_) => (7, &[]),
        Shape::Vector(item) => (8, &[*item]),
        Shape::Map(key, value) => (9, &[*key, *value]),
        Shape::Set(item) => (10, &[*item]),
        Shape::Function => (11, &[]),
        Shape::Opaque => (12, &[]),
        Shape::Token => (13, &[]),
        Shape::Wrapper(..) => (14, &[]),
    };
    out.number(kind);
    parts.iter().for_each(|part| out.number(u64::from(part.0)));
    match shape {
        Shape::Quantity(of) => write_dim(out, named, *of),
        Shape::Enumeration(ctors) | Shape::Data(ctors) => {
            out.list(ctors, |out, ctor| ctor_shape(out, named, ctor));
        }
        Shape::Wrapper(ctor, rep) => {
            ctor_shape(out, named, ctor);
            out.number(*rep as u64);
        }
        _ => {}
    }
}

fn read_shape(from: &mut In<'_>, names: &[Name]) -> Shape {
    match from.number() {
        0 => Shape::Unit,
        1 => Shape::Bool,
        2 => Shape::Int,
        3 => Shape::Keyword,
        4 => Shape::Quantity(read_dim(from, names)),
        5 => Shape::String,
        6 => Shape::Enumeration(from.list(|from| read_ctor(from, names))),
        7 => Shape::Data(from.list(|from| read_ctor(from, names))),
        8 => Shape::Vector(ShapeId(from.small())),
        9 => Shape::Map(ShapeId(from.small()), ShapeId(from.small())),
        10 => Shape::Set(ShapeId(from.small())),
        11 => Shape::Function,
        12 => Shape::Opaque,
        14 => {
            let ctor = read_ctor(from, names);
            Shape::Wrapper(ctor, rep(from.number()))
        }
        _ => Shape::Token,
    }
}

fn ctor_shape(out: &mut Out, named: &mut Named, ctor: &CtorShape) {
    out.number(u64::from(ctor.ctor));
    out.number(named.id(ctor.name));
    out.flag(ctor.is_record);
    out.list(&ctor.field_names, |out, name| out.number(named.id(*name)));
    out.list(&ctor.fields, |out, shape| out.number(u64::from(shape.0)));
    out.option(ctor.layout.map(|layout| layout.0));
}

fn read_ctor(from: &mut In<'_>, names: &[Name]) -> CtorShape {
    CtorShape {
        ctor: from.small(),
        name: name(from, names),
        is_record: from.flag(),
        field_names: from.list(|from| name(from, names)),
        fields: from.list(|from| ShapeId(from.small())),
        layout: from.option().map(LayoutId),
    }
}

fn layout(out: &mut Out, named: &mut Named, layout: &Layout) {
    out.list(&layout.fields, |out, shape| out.number(u64::from(shape.0)));
    match &layout.kind {
        LayoutKind::Closure { name } => {
            out.number(0);
            out.number(named.id(*name));
        }
        LayoutKind::Data { shape, index, site } => {
            out.number(1 + u64::from(site.is_some()));
            out.number(u64::from(shape.0));
            out.number(u64::from(*index));
            if let Some(site) = site {
                out.number(u64::from(site.def));
                out.number(u64::from(site.expr));
            }
        }
    }
}

fn read_layout(from: &mut In<'_>, names: &[Name], shapes: &mut Shapes) {
    let fields = from.list(|from| ShapeId(from.small()));
    let kind = match from.number() {
        0 => LayoutKind::Closure { name: name(from, names) },
        1 => {
            let (shape, index) = (ShapeId(from.small()), from.small());
            LayoutKind::Data { shape, index, site: None }
        }
        _ => {
            let shape = ShapeId(from.small());
            from.small();
            // Records made at a site get their layout, of the same number, by being asked for.
            let site = Site { def: from.small(), expr: from.small() };
            shapes.layout_at(shape, site);
            return;
        }
    };
    shapes.add_layout(Layout { fields, kind });
}
