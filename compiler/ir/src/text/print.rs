//! A program as text.

use super::words;
use crate::ir::{
    Block, Const, End, Function, FunctionKind, Inst, Loc, LocId, Mode, Op, Program, VarId,
};
use eclexia_base::{Dim, Name, Rational};
use eclexia_rt::layout::{CtorShape, Layout, LayoutId, LayoutKind, Rep, Shape, ShapeId};
use std::fmt::{Debug, Write};

/// The whole program: its tables, then its functions.
pub fn program(program: &Program) -> String {
    let mut out = String::new();
    tables(program, &mut out);
    for (id, it) in program.functions.iter() {
        out.push('\n');
        write_function(it, &format!("{id:?}"), &mut out);
    }
    out
}

/// One function, as it stands in its program's text.
pub fn function(program: &Program, id: crate::ir::FuncId) -> String {
    let mut out = String::new();
    write_function(&program.functions[id], &format!("{id:?}"), &mut out);
    out
}

/// Adds a line; writing to a string cannot fail.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{
        let _ = writeln!($out, $($arg)*);
    }};
}

fn tables(program: &Program, out: &mut String) {
    for index in 0..program.shapes.len() {
        let id = ShapeId(index as u32);
        line!(out, "shape {id:?} {}", shape(program.shapes.get(id)));
    }
    for index in 0..program.shapes.layout_count() {
        let id = LayoutId(index as u32);
        line!(out, "layout {id:?} {}", layout(program.shapes.layout(id)));
    }
    for (id, text) in program.strings.iter() {
        line!(out, "string {id:?} {text:?}");
    }
    for (id, amounts) in program.amounts.iter() {
        let one = |(key, value, dim): (Name, &Rational, Dim)| {
            format!("({:?} {value:?} {})", key.as_str(), powers(dim), value = value.to_string())
        };
        let all: Vec<String> = amounts.iter().map(one).collect();
        line!(out, "amounts {id:?} ({})", all.join(" "));
    }
    for (id, Loc { def, expr, caller }) in program.locs.iter() {
        let caller = caller.map(|c| format!(" in {c:?}")).unwrap_or_default();
        line!(out, "loc {id:?} {def:?} {expr:?}{caller}");
    }
    for (id, global) in program.globals.iter() {
        let (name, def) = (global.name.as_str(), global.def);
        line!(out, "global {id:?} {name:?} {def:?} {:?} {:?}", global.shape, global.init);
    }
    for (id, it) in program.externs.iter() {
        let (symbol, def) = (it.symbol.as_str(), it.def);
        line!(out, "extern {id:?} {symbol:?} {def:?} {} {:?}", list(&it.params), it.result);
    }
}

fn shape(shape: &Shape) -> String {
    match shape {
        Shape::Unit => "unit".into(),
        Shape::Bool => "bool".into(),
        Shape::Int => "int".into(),
        Shape::Keyword => "keyword".into(),
        Shape::Quantity(dim) => format!("quantity {}", powers(*dim)),
        Shape::String => "string".into(),
        Shape::Enumeration(ctors) => format!("enumeration{}", all_ctors(ctors)),
        Shape::Data(ctors) => format!("data{}", all_ctors(ctors)),
        Shape::Wrapper(ctor, held) => format!("wrapper {} {}", rep(*held), ctor_shape(ctor)),
        Shape::Vector(of) => format!("vector {of:?}"),
        Shape::Map(key, value) => format!("map {key:?} {value:?}"),
        Shape::Set(of) => format!("set {of:?}"),
        Shape::Function => "function".into(),
        Shape::Opaque => "opaque".into(),
        Shape::Token => "token".into(),
    }
}

fn rep(rep: Rep) -> &'static str {
    match rep {
        Rep::Int => "int",
        Rep::Float => "float",
        Rep::Bool => "bool",
        Rep::Ptr => "ptr",
    }
}

fn powers(dim: Dim) -> String {
    let power = |(base, n): &(Name, i32)| format!("{:?} {n}", base.as_str());
    let powers: Vec<String> = dim.exponents().iter().map(power).collect();
    format!("({})", powers.join(" "))
}

fn all_ctors(ctors: &[CtorShape]) -> String {
    ctors.iter().map(|ctor| format!(" {}", ctor_shape(ctor))).collect()
}

fn ctor_shape(ctor: &CtorShape) -> String {
    let layout = ctor.layout.map_or("none".to_owned(), |id| format!("{id:?}"));
    let names = match ctor.is_record {
        true => {
            let names: Vec<&str> = ctor.field_names.iter().map(|name| name.as_str()).collect();
            format!(" record {}", list(&names))
        }
        false => String::new(),
    };
    let name = ctor.name.as_str();
    format!("({} {name:?} {} {layout}{names})", ctor.ctor, list(&ctor.fields))
}

fn layout(layout: &Layout) -> String {
    let fields = list(&layout.fields);
    match &layout.kind {
        LayoutKind::Data { shape, index, site } => {
            let site = site.map_or("none".to_owned(), |s| format!("site {} {}", s.def, s.expr));
            format!("data {shape:?} {index} {site} {fields}")
        }
        LayoutKind::Closure { name } => format!("closure {:?} {fields}", name.as_str()),
    }
}

fn list<T: Debug>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
    format!("({})", items.join(" "))
}

fn write_function(it: &Function, id: &str, out: &mut String) {
    let kind = match it.kind {
        FunctionKind::Plain => "plain".to_owned(),
        FunctionKind::Closure => "closure".to_owned(),
        FunctionKind::Global(global) => format!("global {global:?}"),
    };
    let param = |p: &crate::ir::Param| {
        let mode = match p.mode {
            Mode::Owned => "",
            Mode::Borrowed => " borrowed",
        };
        format!("{:?}: {:?}{mode}", p.var, it.vars[p.var])
    };
    let params: Vec<String> = it.params.iter().map(param).collect();
    let (name, def, params) = (it.name.as_str(), it.def, params.join(" "));
    let more = if it.more.is_empty() { String::new() } else { format!(" {}", list(&it.more)) };
    let (result, loc) = (it.result, it.loc);
    line!(out, "fn {id} {name:?} {def:?} {kind} ({params}) -> {result:?}{more} @{loc:?} {{");
    for (id, b) in it.blocks.iter() {
        block(it, &format!("{id:?}"), b, out);
    }
    line!(out, "}}");
}

fn block(function: &Function, id: &str, block: &Block, out: &mut String) {
    let param = |var: &VarId| format!("{var:?}: {:?}", function.vars[*var]);
    let params: Vec<String> = block.params.iter().map(param).collect();
    match params.is_empty() {
        true => line!(out, "{id}:"),
        false => line!(out, "{id} ({}):", params.join(" ")),
    }
    for inst in &block.insts {
        instruction(function, inst, out);
    }
    line!(out, "  {}{}", end(&block.end), place(block.loc));
}

fn instruction(function: &Function, inst: &Inst, out: &mut String) {
    let dest = match inst.dest {
        Some(var) => format!("{var:?}: {:?} = ", function.vars[var]),
        None => String::new(),
    };
    line!(out, "  {dest}{}{}", operation(&inst.op), place(inst.loc));
}

fn place(loc: Option<LocId>) -> String {
    loc.map(|loc| format!(" @{loc:?}")).unwrap_or_default()
}

fn constant(value: &Const) -> String {
    match value {
        Const::Int(value) => format!("int {value}"),
        Const::Float(bits) => {
            let value = f64::from_bits(*bits);
            match value.is_finite() {
                true => format!("float {value:?}"),
                false => format!("float-bits {bits}"),
            }
        }
        Const::Bool(value) => format!("bool {value}"),
        Const::Keyword(name) => format!("keyword {:?}", name.as_str()),
        Const::Immediate(index) => format!("immediate {index}"),
        Const::Str(id) => format!("str {id:?}"),
        Const::Amounts(id) => format!("amounts {id:?}"),
    }
}

/// An operation without its result.
pub fn operation(op: &Op) -> String {
    match op {
        Op::Const(value) => format!("const {}", constant(value)),
        Op::Prim(prim, args) => format!("{} {}", words::of_prim(*prim), list(args)),
        Op::Call { func, args } => format!("call {func:?} {}", list(args)),
        Op::More(index) => format!("more {index}"),
        Op::CallClosure { closure, args } => format!("call-closure {closure:?} {}", list(args)),
        Op::Native { native, args, shapes } => {
            format!("native {:?} {} {}", native.get().name, list(args), list(shapes))
        }
        Op::Builtin { builtin, args } => format!("builtin {:?} {}", builtin.get().name, list(args)),
        Op::Extern { ext, args } => format!("extern-call {ext:?} {}", list(args)),
        Op::Alloc { layout, fields, token, unchanged } => {
            let mut text = format!("alloc {layout:?} {}", list(fields));
            if let Some(token) = token {
                let _ = write!(text, " token {token:?}");
            }
            let kept = (0..unchanged.len()).filter(|i| unchanged[*i]).collect::<Vec<_>>();
            if !kept.is_empty() {
                let _ = write!(text, " unchanged {}", list(&kept));
            }
            text
        }
        Op::Vector(items) => format!("vector {}", list(items)),
        Op::Update { of, index, value } => format!("update {of:?} {index} {value:?}"),
        Op::Closure { func, layout, captures } => {
            format!("closure {func:?} {layout:?} {}", list(captures))
        }
        Op::Field { of, index } => format!("field {of:?} {index}"),
        Op::Capture { of, index } => format!("capture {of:?} {index}"),
        Op::Tag(var) => format!("tag {var:?}"),
        Op::Global(global) => format!("global-value {global:?}"),
        Op::Step(count) => format!("step {count}"),
        Op::Count(count) => format!("count {count}"),
        Op::Hole { of, index } => format!("hole {of:?} {index}"),
        Op::Fill { hole, value } => format!("fill {hole:?} {value:?}"),
        Op::Pack(var) => format!("pack {var:?}"),
        Op::Unpack(var) => format!("unpack {var:?}"),
        Op::Keep(var) => format!("keep {var:?}"),
        Op::Dup(var) => format!("dup {var:?}"),
        Op::Drop(var) => format!("drop {var:?}"),
        Op::IsUnique(var) => format!("is-unique {var:?}"),
        Op::Release(var) => format!("release {var:?}"),
        Op::Decrement(var) => format!("decrement {var:?}"),
        Op::Reset(var) => format!("reset {var:?}"),
        Op::NoToken => "no-token".to_owned(),
        Op::Copy { of, size } => format!("copy {of:?} {size}"),
        Op::FreeToken { token, size } => format!("free-token {token:?} {size}"),
        Op::Check { cond, text, sides } => match sides {
            Some((left, right)) => format!("check {cond:?} {text:?} ({left:?} {right:?})"),
            None => format!("check {cond:?} {text:?} ()"),
        },
        Op::Admits { def, expr, budget, args } => {
            format!("admits {def:?} {expr:?} {budget:?} {}", list(args))
        }
        Op::AdmitRest { def, expr, budget, args } => {
            format!("admit-rest {def:?} {expr:?} {budget:?} {}", list(args))
        }
        Op::MeterBegin { def, args } => format!("meter-begin {def:?} {}", list(args)),
        Op::MeterEnd => "meter-end".to_owned(),
    }
}

/// An end.
pub fn end(end: &End) -> String {
    match end {
        End::Jump(to, args) if args.is_empty() => format!("jump {to:?}"),
        End::Jump(to, args) => format!("jump {to:?} {}", list(args)),
        End::Branch { cond, then, other } => format!("branch {cond:?} {then:?} {other:?}"),
        End::Switch { value, cases, default } => {
            let case = |(value, to): &(i64, crate::ir::BlockId)| format!("{value} {to:?}");
            let cases: Vec<String> = cases.iter().map(case).collect();
            let default = default.map(|to| format!(" default {to:?}")).unwrap_or_default();
            format!("switch {value:?} ({}){default}", cases.join(" "))
        }
        End::Return(var, more) if more.is_empty() => format!("return {var:?}"),
        End::Return(var, more) => format!("return {var:?} {}", list(more)),
        End::TailCall { func, args } => format!("tail-call {func:?} {}", list(args)),
        End::TailCallClosure { closure, args } => {
            format!("tail-call-closure {closure:?} {}", list(args))
        }
        End::Abort(var) => format!("abort {var:?}"),
        End::NotLinked(def) => format!("not-linked {def:?}"),
        End::Unreachable => "unreachable".to_owned(),
    }
}
