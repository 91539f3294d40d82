//! How words are passed, and where things are in memory.

use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, Function, MemFlagsData, Signature, Type, types,
};
use cranelift_codegen::isa::CallConv;
use eclexia_ir::ir;
use eclexia_rt::heap::Context;
use eclexia_rt::heap::cell::STRING;
use eclexia_rt::layout::{Rep, Shapes};
use std::mem::offset_of;

pub(crate) const FUEL: i32 = offset_of!(Context, fuel) as i32;
pub(crate) const ALLOCATIONS: i32 = offset_of!(Context, allocations) as i32;
pub(crate) const PENDING: i32 = offset_of!(Context, pending) as i32;
pub(crate) const FREE: i32 = offset_of!(Context, free) as i32;
pub(crate) const GLOBALS: i32 = offset_of!(Context, globals) as i32;
pub(crate) const GLOBAL_STATES: i32 = offset_of!(Context, global_states) as i32;
pub(crate) const STRINGS: i32 = offset_of!(Context, strings) as i32;
pub(crate) const AMOUNTS: i32 = offset_of!(Context, amounts) as i32;
pub(crate) const MORE: i32 = offset_of!(Context, more) as i32;
pub(crate) const KEPT: i32 = offset_of!(Context, stack.kept) as i32;
pub(crate) const CODE: i32 = offset_of!(Context, code) as i32;

/// Of a cell.
pub(crate) const COUNT: i32 = 0;
pub(crate) const INFO: i32 = 4;
pub(crate) const FIRST_FIELD: i32 = 8;
/// Of a vector.
pub(crate) const LENGTH: i32 = 8;
pub(crate) const CAPACITY: i32 = 16;
pub(crate) const ITEMS: i32 = 24;

/// Of a string that is no slice: room in bytes, code points, the text.
pub(crate) const ROOM: i32 = 16;
pub(crate) const CHARS: i32 = 20;
pub(crate) const TEXT: i32 = 24;
/// The header of one that is used once.
pub(crate) const OWN_STRING: i64 = ((STRING as i64) << 32) | 1;

/// Cells of at most so many fields have a free list.
pub(crate) const MOST_SMALL: usize = 16;

pub(crate) fn register(rep: Rep) -> Type {
    match rep {
        Rep::Int | Rep::Ptr => types::I64,
        Rep::Float => types::F64,
        Rep::Bool => types::I8,
    }
}

/// Of a function of IR.
pub(crate) fn signature(shapes: &Shapes, function: &ir::Function) -> Signature {
    let params = function.params.iter().map(|p| shapes.rep(function.vars[p.var]));
    let more = function.more.iter().map(|shape| shapes.rep(*shape));
    of_reps(params, shapes.rep(function.result), more)
}

pub(crate) fn of_reps(
    params: impl Iterator<Item = Rep>,
    result: Rep,
    more: impl Iterator<Item = Rep>,
) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    let mut params: Vec<Rep> = params.collect();
    params.insert(place_of_fuel(params.iter().copied()), Rep::Int);
    signature.params.extend(params.into_iter().map(|rep| AbiParam::new(register(rep))));
    let results = [result, Rep::Int].into_iter().chain(more);
    signature.returns.extend(results.map(|rep| AbiParam::new(register(rep))));
    signature
}

/// Where the fuel is among the arguments of a function: behind the third that is in a register for
/// integers. Of results it is the second. With three arguments that is the same register on x86-64,
/// and from the seventh on, which are in memory, it is none of them.
pub(crate) fn place_of_fuel(mut params: impl Iterator<Item = Rep>) -> usize {
    let (mut place, mut integers) = (0, 0);
    while integers < 3
        && let Some(rep) = params.next()
    {
        place += 1;
        integers += usize::from(rep != Rep::Float);
    }
    place
}

/// What memory an access is in: accesses of one kind never touch what another kind does.
#[derive(Clone, Copy)]
pub(crate) enum Region {
    Context = 1,
    /// Header and fields of cells.
    Cell = 2,
    /// Elements of vectors of numbers; headers and lengths are `Cell`.
    Items = 3,
    /// Tables that the context points to.
    Table = 4,
}

pub(crate) fn memory(function: &mut Function, region: Region) -> MemFlagsData {
    let data = AliasRegionData { user_id: region as u32, description: "".into() };
    let region = function.dfg.alias_regions.insert(data);
    MemFlagsData::trusted().with_alias_region(Some(region))
}
