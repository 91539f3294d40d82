//! What need not be done where a cell is made in the memory of another: a header that says the same
//! is not written, and what stays in its place is not loaded.

use eclexia_base::IdMap;
use eclexia_ir::ir::{End, Function, Op, Program, VarId};
use eclexia_rt::layout::{LayoutId, Shape, ShapeId};

/// Whose header is in the memory of a token.
#[derive(Clone, Copy, PartialEq)]
enum Header {
    /// The token is 0 where it comes from.
    Nobody,
    Of(LayoutId),
    Unknown,
}

impl Header {
    fn or(self, other: Header) -> Header {
        match (self, other) {
            (Header::Nobody, known) | (known, Header::Nobody) => known,
            (one, same) if one == same => one,
            _ => Header::Unknown,
        }
    }
}

/// By variable, the layout that is in the memory of a token that is not 0, with a count of one:
/// that of a cell that was unique, or of its copy.
pub(crate) fn headers(program: &Program, function: &Function) -> IdMap<VarId, Option<LayoutId>> {
    let mut headers = vec![Header::Nobody; function.vars.len()];
    let mut any = false;
    for inst in function.blocks.values().flat_map(|block| &block.insts) {
        if let (Some(dest), Op::Release(of) | Op::Copy { of, .. }) = (inst.dest, &inst.op) {
            headers[dest.0 as usize] = header(program, function.vars[*of]);
            any = true;
        }
    }
    let mut changed = any;
    while changed {
        changed = false;
        for block in function.blocks.values() {
            let End::Jump(to, args) = &block.end else { continue };
            for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
                let (from, into) = (headers[arg.0 as usize], &mut headers[param.0 as usize]);
                let both = into.or(from);
                changed |= std::mem::replace(into, both) != both;
            }
        }
    }
    let known = |header| if let Header::Of(layout) = header { Some(layout) } else { None };
    headers.into_iter().map(known).collect::<Vec<_>>().into()
}

/// Of cells of a shape, where all have the same. Those of records say where they were made.
fn header(program: &Program, shape: ShapeId) -> Header {
    let Shape::Data(ctors) = program.shapes.get(shape) else { return Header::Unknown };
    let mut cells = ctors.iter().filter(|ctor| ctor.layout.is_some());
    match (cells.next(), cells.next()) {
        (Some(only), None) if !only.is_record => only.layout.map_or(Header::Unknown, Header::Of),
        _ => Header::Unknown,
    }
}

/// By variable: somebody asks for it, and not only to leave it where it is. `is_sure` are tokens
/// that are never 0.
pub(crate) fn read(function: &Function, is_sure: &[bool]) -> Vec<bool> {
    let mut read = vec![false; function.vars.len()];
    for block in function.blocks.values() {
        for inst in &block.insts {
            match &inst.op {
                Op::Alloc { fields, token: Some(token), unchanged, .. }
                    if is_sure[token.0 as usize] =>
                {
                    read[token.0 as usize] = true;
                    for (at, field) in fields.iter().enumerate() {
                        read[field.0 as usize] |= unchanged.get(at) != Some(&true);
                    }
                }
                op => op.each_operand(|var| read[var.0 as usize] = true),
            }
        }
        block.end.each_operand(|var| read[var.0 as usize] = true);
    }
    read
}
