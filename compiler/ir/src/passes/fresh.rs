//! Vectors that nobody else can have are written without asking: what `vector/set` gives is used
//! nowhere else, and so is the vector that a loop carries if it begins with such a one.
//!
//! A variable is *fresh* if what makes it gives a vector of its own, or if it is a block's
//! parameter and all ways in pass fresh ones; if nothing copies its reference; and if nobody but
//! what reads elements or the length borrows it, since who borrows may keep a copy. Then
//! `vector-set-sure` of numbers is `vector-put`.

use crate::ir::{End, FuncId, Function, Mode, Op, Program, VarId};
use crate::passes::flow::{Bits, Flow};
use crate::passes::own::{each_end_use, each_use};
use eclexia_base::ids::Id;
use eclexia_rt::layout::{Rep, Shape};
use eclexia_rt::native::{self, NativeId};
use std::ops::Range;

/// Give a vector that is used nowhere else.
const MAKERS: &[&str] = &[
    "vector/set",
    "vector-set-sure",
    "vector-push",
    "vector-add",
    "vector/push-front",
    "vector/insert-at",
    "vector/remove-at",
    "vector/reverse",
    "vector/repeat",
    "vector/concat",
    "vector-new",
];

/// Borrow a vector and keep nothing of it.
const READERS: &[&str] = &["vector-length", "vector-get", "vector-get-sure"];

pub fn run(program: &mut Program, new: &Range<usize>) {
    let Some(put) = native::lookup("vector", "vector-put") else { return };
    let sets = |op: &Op| is_native(op, &["vector-set-sure"]);
    for index in new.clone() {
        let id = FuncId::from_index(index);
        let function = &program.functions[id];
        let mut insts = function.blocks.values().flat_map(|block| &block.insts);
        if !insts.any(|inst| sets(&inst.op)) {
            continue;
        }
        let fresh = fresh(program, function);
        let numbers: Vec<bool> =
            function.vars.ids().map(|var| holds_numbers(program, function, var)).collect();
        for inst in program.functions[id].blocks.values_mut().flat_map(|b| &mut b.insts) {
            if let Op::Native { native, args, .. } = &mut inst.op
                && native.get().name == "vector-set-sure"
                && fresh.has(args[0].index())
                && numbers[args[0].index()]
            {
                *native = put;
            }
        }
    }
}

fn is_native(op: &Op, names: &[&str]) -> bool {
    let name = |native: &NativeId| names.contains(&native.get().name);
    matches!(op, Op::Native { native, .. } if name(native))
}

fn holds_numbers(program: &Program, function: &Function, var: VarId) -> bool {
    match program.shapes.get(function.vars[var]) {
        Shape::Vector(item) => program.shapes.rep(*item) != Rep::Ptr,
        _ => false,
    }
}

fn fresh(program: &Program, function: &Function) -> Bits {
    let mut fresh = Bits::new(function.vars.len());
    let mut shared = Bits::new(function.vars.len());
    for block in function.blocks.values() {
        for param in &block.params {
            fresh.add(param.index());
        }
        for inst in &block.insts {
            if let Some(dest) = inst.dest
                && (is_native(&inst.op, MAKERS) || matches!(inst.op, Op::Vector(_)))
            {
                fresh.add(dest.index());
            }
            let keeps = !is_native(&inst.op, READERS);
            each_use(program, &inst.op, |var, mode| {
                if keeps && mode == Mode::Borrowed {
                    shared.add(var.index());
                }
            });
        }
        each_end_use(program, function, &Bits::default(), &block.end, |var, mode| {
            if mode == Mode::Borrowed {
                shared.add(var.index());
            }
        });
    }
    shared.iter().for_each(|var| fresh.remove(var));
    let flow = Flow::new(function);
    while drop_one_that_is_not(function, &flow, &mut fresh) {}
    fresh
}

/// Whether a parameter was found that gets something that is not fresh.
fn drop_one_that_is_not(function: &Function, flow: &Flow, fresh: &mut Bits) -> bool {
    let mut changed = false;
    for id in &flow.order {
        let End::Jump(to, args) = &function.blocks[*id].end else { continue };
        for (arg, param) in args.iter().zip(&function.blocks[*to].params) {
            if !fresh.has(arg.index()) && fresh.has(param.index()) {
                fresh.remove(param.index());
                changed = true;
            }
        }
    }
    changed
}
