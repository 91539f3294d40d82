//! A program from its text. For tests: a mistake in the text is told by its line, the first only.

use super::lex::Reader;
use super::words;
use crate::ir::{
    AmountsId, Block, BlockId, Const, End, Extern, ExternId, FuncId, Function, FunctionKind,
    Global, GlobalId, Inst, Loc, LocId, Mode, Op, Param, Program, StrId, VarId,
};
use eclexia_base::ids::Id;
use eclexia_base::{Amounts, Dim, Name, Rational};
use eclexia_core::core::{DefId, ExprId};
use eclexia_rt::layout::{CtorShape, Layout, LayoutId, LayoutKind, Rep, Shape, ShapeId};
use eclexia_rt::value::Site;
use eclexia_rt::{builtin, native};

type Read<T> = Result<T, String>;

/// Reads a whole program: tables and functions in the order of their numbers.
pub fn program(text: &str) -> Read<Program> {
    let mut reader = Reader::new(text);
    let mut program = Program::default();
    loop {
        match reader.word() {
            "" => return Ok(program),
            "shape" => shape(&mut reader, &mut program)?,
            "layout" => layout(&mut reader, &mut program)?,
            "string" => {
                let id = reader.id("str")?;
                let text = reader.string()?;
                let next = program.string(&text);
                in_order(&reader, id, next.index())?;
            }
            "amounts" => amounts(&mut reader, &mut program)?,
            "loc" => loc(&mut reader, &mut program)?,
            "global" => global(&mut reader, &mut program)?,
            "extern" => external(&mut reader, &mut program)?,
            "fn" => function(&mut reader, &mut program)?,
            other => return reader.fail(format_args!("a table or a function, not `{other}`")),
        }
    }
}

fn in_order(reader: &Reader<'_>, id: u32, next: usize) -> Read<()> {
    match id as usize == next {
        true => Ok(()),
        false => reader.fail(format_args!("{next} is the next number, not {id}")),
    }
}

fn name(r: &mut Reader<'_>) -> Read<Name> {
    r.string().map(|text| Name::new(&text))
}

/// One reader of an id for each kind of it.
macro_rules! ids {
    ($($name:ident $id:ident $prefix:literal),*) => {
        $(fn $name(r: &mut Reader<'_>) -> Read<$id> {
            r.id($prefix).map($id)
        })*
    };
}
ids!(func FuncId "f", block_id BlockId "b", var VarId "v", global_id GlobalId "g");
ids!(loc_id LocId "l", def DefId "d", expr ExprId "e", shape_id ShapeId "s");
ids!(layout_id LayoutId "y", extern_id ExternId "x", str_id StrId "str");

fn vars(r: &mut Reader<'_>) -> Read<Vec<VarId>> {
    r.list(var)
}

fn shape(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("s")?;
    in_order(r, id, program.shapes.len())?;
    let shape = match r.word() {
        "unit" => Shape::Unit,
        "bool" => Shape::Bool,
        "int" => Shape::Int,
        "keyword" => Shape::Keyword,
        "quantity" => Shape::Quantity(dim(r)?),
        "string" => Shape::String,
        "enumeration" => Shape::Enumeration(ctors(r)?),
        "data" => Shape::Data(ctors(r)?),
        "wrapper" => {
            let rep = rep(r)?;
            let mut ctors = ctors(r)?;
            match ctors.pop() {
                Some(ctor) if ctors.is_empty() => Shape::Wrapper(ctor, rep),
                _ => return r.fail("a wrapper has one constructor"),
            }
        }
        "vector" => Shape::Vector(shape_id(r)?),
        "map" => Shape::Map(shape_id(r)?, shape_id(r)?),
        "set" => Shape::Set(shape_id(r)?),
        "function" => Shape::Function,
        "opaque" => Shape::Opaque,
        "token" => Shape::Token,
        other => return r.fail(format_args!("no shape is named `{other}`")),
    };
    program.shapes.add(shape);
    Ok(())
}

fn rep(r: &mut Reader<'_>) -> Read<Rep> {
    Ok(match r.word() {
        "int" => Rep::Int,
        "float" => Rep::Float,
        "bool" => Rep::Bool,
        "ptr" => Rep::Ptr,
        other => return r.fail(format_args!("nothing is held as `{other}`")),
    })
}

fn dim(r: &mut Reader<'_>) -> Read<Dim> {
    Ok(Dim::new(r.list(|r| Ok((name(r)?, r.number()?)))?))
}

fn amounts(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("amounts")?;
    in_order(r, id, program.amounts.len())?;
    let items = r.list(|r| {
        r.expect("(")?;
        let (key, value) = (name(r)?, r.string()?);
        let Ok(value) = value.parse::<Rational>() else { return r.fail("no exact number") };
        let dim = dim(r)?;
        r.expect(")").map(|()| (key, value, dim))
    })?;
    program.amounts.push(Amounts::new(items));
    Ok(())
}

fn ctors(r: &mut Reader<'_>) -> Read<Vec<CtorShape>> {
    let mut ctors = Vec::new();
    while r.takes("(") {
        let (ctor, name_) = (r.number()?, name(r)?);
        let fields = r.list(shape_id)?;
        let layout = if r.takes("none") { None } else { Some(layout_id(r)?) };
        let is_record = r.takes("record");
        let field_names = if is_record { r.list(name)? } else { Vec::new() };
        r.expect(")")?;
        ctors.push(CtorShape { ctor, name: name_, is_record, field_names, fields, layout });
    }
    Ok(ctors)
}

fn layout(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("y")?;
    in_order(r, id, program.shapes.layout_count())?;
    if r.takes("closure") {
        let kind = LayoutKind::Closure { name: name(r)? };
        program.shapes.add_layout(Layout { fields: r.list(shape_id)?, kind });
        return Ok(());
    }
    r.expect("data")?;
    let (shape, index) = (shape_id(r)?, r.number()?);
    let site = match r.takes("site") {
        true => Some(Site { def: r.number()?, expr: r.number()? }),
        false => r.expect("none").map(|()| None)?,
    };
    let fields = r.list(shape_id)?;
    match site {
        // Known by its place from then on.
        Some(site) => drop(program.shapes.layout_at(shape, site)),
        None => {
            let kind = LayoutKind::Data { shape, index, site };
            program.shapes.add_layout(Layout { fields, kind });
        }
    }
    Ok(())
}

fn loc(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("l")?;
    in_order(r, id, program.locs.len())?;
    let (def, expr) = (def(r)?, expr(r)?);
    let caller = if r.takes("in") { Some(loc_id(r)?) } else { None };
    program.locs.push(Loc { def, expr, caller });
    Ok(())
}

fn global(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("g")?;
    in_order(r, id, program.globals.len())?;
    let (name, def) = (name(r)?, def(r)?);
    program.globals.push(Global { name, def, shape: shape_id(r)?, init: func(r)? });
    Ok(())
}

fn external(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("x")?;
    in_order(r, id, program.externs.len())?;
    let (symbol, def) = (name(r)?, def(r)?);
    let params = r.list(shape_id)?;
    program.externs.push(Extern { symbol, def, params, result: shape_id(r)? });
    Ok(())
}

fn function(r: &mut Reader<'_>, program: &mut Program) -> Read<()> {
    let id = r.id("f")?;
    in_order(r, id, program.functions.len())?;
    let (name, def) = (name(r)?, def(r)?);
    let kind = match r.word() {
        "plain" => FunctionKind::Plain,
        "closure" => FunctionKind::Closure,
        "global" => FunctionKind::Global(global_id(r)?),
        other => return r.fail(format_args!("no kind of function is named `{other}`")),
    };
    let params = r.list(|r| {
        let (var, shape) = typed(r)?;
        let mode = if r.takes("borrowed") { Mode::Borrowed } else { Mode::Owned };
        Ok((var, shape, mode))
    })?;
    r.expect("->")?;
    let result = shape_id(r)?;
    let more = if r.peek() == "(" { r.list(shape_id)? } else { Vec::new() };
    let loc = place(r)?.unwrap_or(LocId(0));
    let mut function = Function::new(name, def, result, kind, loc);
    function.more = more;
    for (var, shape, mode) in params {
        define(&mut function, var, shape);
        function.params.push(Param { var, mode });
    }
    r.expect("{")?;
    while !r.takes("}") {
        let id = r.id("b")?;
        in_order(r, id, function.blocks.len())?;
        let block = block(r, &mut function)?;
        function.blocks.push(block);
    }
    program.functions.push(function);
    Ok(())
}

fn typed(r: &mut Reader<'_>) -> Read<(VarId, ShapeId)> {
    let var = var(r)?;
    r.expect(":")?;
    Ok((var, shape_id(r)?))
}

/// Numbers that the text leaves out are there all the same.
fn define(function: &mut Function, var: VarId, shape: ShapeId) {
    if function.vars.len() <= var.index() {
        function.vars.resize_with(var.index() + 1, || ShapeId(0));
    }
    function.vars[var] = shape;
}

fn place(r: &mut Reader<'_>) -> Read<Option<LocId>> {
    match r.is_id("@l") {
        true => Ok(Some(LocId(r.id("@l")?))),
        false => Ok(None),
    }
}

fn block(r: &mut Reader<'_>, function: &mut Function) -> Read<Block> {
    let mut block = Block::default();
    if r.peek() == "(" {
        for (var, shape) in r.list(typed)? {
            define(function, var, shape);
            block.params.push(var);
        }
    }
    r.expect(":")?;
    loop {
        let dest = match r.is_id("v") {
            true => {
                let (var, shape) = typed(r)?;
                define(function, var, shape);
                r.expect("=")?;
                Some(var)
            }
            false => None,
        };
        let word = r.word();
        if let (None, Some(end)) = (dest, end(r, word)?) {
            block.end = end;
            block.loc = place(r)?;
            return Ok(block);
        }
        let op = operation(r, word)?;
        block.insts.push(Inst { dest, op, loc: place(r)? });
    }
}

fn constant(r: &mut Reader<'_>) -> Read<Const> {
    Ok(match r.word() {
        "int" => Const::Int(r.number()?),
        "float" => Const::Float(r.number::<f64>()?.to_bits()),
        "float-bits" => Const::Float(r.number()?),
        "bool" => Const::Bool(r.number()?),
        "keyword" => Const::Keyword(name(r)?),
        "immediate" => Const::Immediate(r.number()?),
        "str" => Const::Str(str_id(r)?),
        "amounts" => Const::Amounts(AmountsId(r.id("amounts")?)),
        other => return r.fail(format_args!("no constant is named `{other}`")),
    })
}

fn allocation(r: &mut Reader<'_>) -> Read<Op> {
    let (layout, fields) = (layout_id(r)?, vars(r)?);
    let token = if r.takes("token") { Some(var(r)?) } else { None };
    let mut unchanged = Vec::new();
    if r.takes("unchanged") {
        unchanged.resize(fields.len(), false);
        for index in r.list(Reader::number::<usize>)? {
            match unchanged.get_mut(index) {
                Some(kept) => *kept = true,
                None => return r.fail("no such field"),
            }
        }
    }
    Ok(Op::Alloc { layout, fields, token, unchanged })
}

fn operation(r: &mut Reader<'_>, word: &str) -> Read<Op> {
    if let Some(prim) = words::prim(word) {
        return Ok(Op::Prim(prim, vars(r)?));
    }
    Ok(match word {
        "const" => Op::Const(constant(r)?),
        "call" => Op::Call { func: func(r)?, args: vars(r)? },
        "more" => Op::More(r.number()?),
        "call-closure" => Op::CallClosure { closure: var(r)?, args: vars(r)? },
        "native" => {
            let name = r.string()?;
            let Some(native) = native::lookup("", &name) else {
                return r.fail(format_args!("no native is named `{name}`"));
            };
            Op::Native { native, args: vars(r)?, shapes: r.list(shape_id)? }
        }
        "builtin" => {
            let name = r.string()?;
            let Some(builtin) = builtin::lookup("", &name) else {
                return r.fail(format_args!("no built-in is named `{name}`"));
            };
            Op::Builtin { builtin, args: vars(r)? }
        }
        "extern-call" => Op::Extern { ext: extern_id(r)?, args: vars(r)? },
        "alloc" => allocation(r)?,
        "vector" => Op::Vector(vars(r)?),
        "update" => Op::Update { of: var(r)?, index: r.number()?, value: var(r)? },
        "closure" => Op::Closure { func: func(r)?, layout: layout_id(r)?, captures: vars(r)? },
        "field" => Op::Field { of: var(r)?, index: r.number()? },
        "capture" => Op::Capture { of: var(r)?, index: r.number()? },
        "tag" => Op::Tag(var(r)?),
        "global-value" => Op::Global(global_id(r)?),
        "step" => Op::Step(r.number()?),
        "count" => Op::Count(r.number()?),
        "hole" => Op::Hole { of: var(r)?, index: r.number()? },
        "fill" => Op::Fill { hole: var(r)?, value: var(r)? },
        "pack" => Op::Pack(var(r)?),
        "unpack" => Op::Unpack(var(r)?),
        "keep" => Op::Keep(var(r)?),
        "dup" => Op::Dup(var(r)?),
        "drop" => Op::Drop(var(r)?),
        "is-unique" => Op::IsUnique(var(r)?),
        "release" => Op::Release(var(r)?),
        "decrement" => Op::Decrement(var(r)?),
        "reset" => Op::Reset(var(r)?),
        "no-token" => Op::NoToken,
        "copy" => Op::Copy { of: var(r)?, size: r.number()? },
        "free-token" => Op::FreeToken { token: var(r)?, size: r.number()? },
        "check" => {
            let (cond, text) = (var(r)?, var(r)?);
            let sides = match vars(r)?[..] {
                [left, right] => Some((left, right)),
                _ => None,
            };
            Op::Check { cond, text, sides }
        }
        "admits" => Op::Admits { def: def(r)?, expr: expr(r)?, budget: var(r)?, args: vars(r)? },
        "admit-rest" => {
            Op::AdmitRest { def: def(r)?, expr: expr(r)?, budget: var(r)?, args: vars(r)? }
        }
        "meter-begin" => Op::MeterBegin { def: def(r)?, args: vars(r)? },
        "meter-end" => Op::MeterEnd,
        other => return r.fail(format_args!("no operation is named `{other}`")),
    })
}

fn end(r: &mut Reader<'_>, word: &str) -> Read<Option<End>> {
    Ok(Some(match word {
        "jump" => {
            let to = block_id(r)?;
            End::Jump(to, if r.peek() == "(" { vars(r)? } else { Vec::new() })
        }
        "branch" => End::Branch { cond: var(r)?, then: block_id(r)?, other: block_id(r)? },
        "switch" => {
            let value = var(r)?;
            let cases = r.list(|r| Ok((r.number()?, block_id(r)?)))?;
            let default = if r.takes("default") { Some(block_id(r)?) } else { None };
            End::Switch { value, cases, default }
        }
        "return" => {
            let result = var(r)?;
            End::Return(result, if r.peek() == "(" { vars(r)? } else { Vec::new() })
        }
        "tail-call" => End::TailCall { func: func(r)?, args: vars(r)? },
        "tail-call-closure" => End::TailCallClosure { closure: var(r)?, args: vars(r)? },
        "abort" => End::Abort(var(r)?),
        "not-linked" => End::NotLinked(def(r)?),
        "unreachable" => End::Unreachable,
        _ => return Ok(None),
    }))
}
