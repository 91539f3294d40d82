//! Tests of heap, natives and bridge together: programs in miniature. Each ends with no live cell.

mod bridge;
mod heap;
mod maps;
mod same;
mod strings;
mod vectors;

use crate::builtin::Ctors;
use crate::heap::{Context, Limits, Word};
use crate::layout::{CtorShape, Layout, LayoutKind, Shape, ShapeId, Shapes};
use crate::native;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Name};

/// Some shapes that programs have.
pub(super) struct World {
    pub ctx: Box<Context>,
    pub int: ShapeId,
    pub bool: ShapeId,
    pub float: ShapeId,
    pub string: ShapeId,
    pub keyword: ShapeId,
    pub ints: ShapeId,
    pub bools: ShapeId,
    pub strings: ShapeId,
    pub vectors: ShapeId,
    pub unit: ShapeId,
    pub list: ShapeId,
    pub option_int: ShapeId,
    pub option_string: ShapeId,
    pub pair: ShapeId,
    pub entries: ShapeId,
    pub option_pair: ShapeId,
    /// From strings to Ints.
    pub map: ShapeId,
    pub set: ShapeId,
    /// From lists to strings.
    pub deep_map: ShapeId,
    pub point: ShapeId,
}

pub(super) const CONS: u32 = 5;

fn ctor(shapes: &mut Shapes, of: ShapeId, at: (u32, u32), name: &str, f: &[ShapeId]) -> CtorShape {
    let kind = LayoutKind::Data { shape: of, index: at.1, site: None };
    let layout = Layout { fields: f.to_vec(), kind };
    CtorShape {
        ctor: at.0,
        name: Name::new(name),
        is_record: false,
        field_names: Vec::new(),
        fields: f.to_vec(),
        layout: (!f.is_empty()).then(|| shapes.add_layout(layout)),
    }
}

fn data(shapes: &mut Shapes, first: u32, ctors: &[(&str, &[ShapeId])]) -> ShapeId {
    let id = shapes.reserve();
    let made = ctors
        .iter()
        .enumerate()
        .map(|(i, (name, fields))| ctor(shapes, id, (first + i as u32, i as u32), name, fields));
    let made = made.collect();
    shapes.set(id, Shape::Data(made));
    id
}

impl World {
    pub fn new() -> World {
        let mut s = Shapes::default();
        let (int, bool) = (s.add(Shape::Int), s.add(Shape::Bool));
        let (float, string) = (s.add(Shape::Quantity(Dim::ONE)), s.add(Shape::String));
        let keyword = s.add(Shape::Keyword);
        let (ints, bools) = (s.add(Shape::Vector(int)), s.add(Shape::Vector(bool)));
        let strings = s.add(Shape::Vector(string));
        let (vectors, unit) = (s.add(Shape::Vector(ints)), s.add(Shape::Unit));
        let list = s.reserve();
        let nil = ctor(&mut s, list, (CONS - 1, 0), "Nil", &[]);
        let cons = ctor(&mut s, list, (CONS, 1), "Cons", &[int, list]);
        s.set(list, Shape::Data(vec![nil, cons]));
        let option_int = data(&mut s, 0, &[("None", &[]), ("Some", &[int])]);
        let option_string = data(&mut s, 0, &[("None", &[]), ("Some", &[string])]);
        let pair = data(&mut s, 6, &[("Pair", &[string, int])]);
        let entries = s.add(Shape::Vector(pair));
        let option_pair = data(&mut s, 0, &[("None", &[]), ("Some", &[pair])]);
        let map = s.add(Shape::Map(string, int));
        let set = s.add(Shape::Set(int));
        let deep_map = s.add(Shape::Map(list, string));
        let point = data(&mut s, 7, &[("Point", &[float, bool])]);
        let ctors = Ctors {
            none: (0, 0),
            some: (1, 1),
            nil: (CONS - 1, 0),
            cons: (CONS, 1),
            pair: (6, 0),
            ..Ctors::default()
        };
        let mut ctx = Context::new(ctors, UnitTable::language().clone(), Limits::default());
        ctx.learn(&s);
        World {
            ctx,
            int,
            bool,
            float,
            string,
            keyword,
            ints,
            bools,
            strings,
            vectors,
            unit,
            list,
            option_int,
            option_string,
            pair,
            entries,
            option_pair,
            map,
            set,
            deep_map,
            point,
        }
    }

    /// Calls a native by its name.
    pub fn run(&mut self, name: &str, args: &[Word], shapes: &[ShapeId]) -> Word {
        let (module, name) = name.split_once('/').unwrap_or(("core", name));
        let native = native::lookup(module, name).expect("a native of this name").get();
        assert_eq!((native.params.len(), native.shapes.len()), (args.len(), shapes.len()));
        let shapes: Vec<u32> = shapes.iter().map(|shape| shape.0).collect();
        (native.run)(&mut self.ctx, args, &shapes)
    }

    pub fn text(&mut self, text: &str) -> Word {
        self.ctx.new_string(text)
    }

    /// As the language writes it; owns the word.
    pub fn show(&mut self, word: Word, shape: ShapeId) -> String {
        let value = self.ctx.to_value(word, shape);
        if self.ctx.host.shapes.rep(shape) == crate::layout::Rep::Ptr {
            self.ctx.drop_word(word);
        }
        crate::show::show_with(&value, &self.ctx.host, UnitTable::language())
    }

    pub fn ints(&mut self, items: &[i64]) -> Word {
        let mut vector = self.run("vector-new", &[0], &[self.ints]);
        for item in items {
            vector = self.run("vector-push", &[vector, item.cast_unsigned()], &[]);
        }
        vector
    }

    /// What the run ended with, as the built-ins say it.
    pub fn fault(&mut self) -> String {
        format!("{:?}", self.ctx.take_stop().expect("a fault"))
    }

    pub fn end(mut self) {
        assert_eq!(self.ctx.pending, 0);
        assert_eq!(self.ctx.finish(), 0, "live cells at the end");
    }
}
