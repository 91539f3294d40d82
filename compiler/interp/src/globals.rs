//! What outlives one evaluation: compiled code and the values of constants, by definition. Ids of a
//! growing program stay valid, so the REPL keeps one `Globals` for a session.

use crate::code::Code;
use eclexia_base::FxHashMap;
use eclexia_core::core::DefId;
use eclexia_rt::{BuiltinId, Ledger, Outstanding, Value};
use std::rc::Rc;

#[derive(Default)]
pub struct Globals {
    /// Code of `fn`s, by the number in `Target::Code`.
    pub(crate) functions: Vec<Rc<Code>>,
    /// Code of definitions; grown as they are used.
    codes: Vec<Option<Rc<Code>>>,
    constants: Vec<Constant>,
    /// What is drawn from accounts of budgets and not given back.
    pub(crate) ledger: Ledger,
    /// How the method of an instance is entered with its arguments.
    pub(crate) methods: FxHashMap<DefId, Entry>,
}

#[derive(Clone, Default)]
pub(crate) enum Constant {
    #[default]
    New,
    /// Being evaluated: to need it now is a cycle.
    Started,
    Done(Value),
}

#[derive(Clone)]
pub(crate) enum Entry {
    Builtin(BuiltinId),
    Code(Rc<Code>),
}

impl Globals {
    pub fn new() -> Globals {
        Globals::default()
    }

    /// What evaluation has drawn from accounts so far and not given back.
    pub fn outstanding(&self) -> Vec<Outstanding> {
        self.ledger.outstanding()
    }

    pub(crate) fn code(&self, def: DefId) -> Option<&Rc<Code>> {
        self.codes.get(def.0 as usize)?.as_ref()
    }

    pub(crate) fn set_code(&mut self, def: DefId, code: Rc<Code>) {
        let index = def.0 as usize;
        if self.codes.len() <= index {
            self.codes.resize_with(index + 1, || None);
        }
        self.codes[index] = Some(code);
    }

    pub(crate) fn constant(&self, def: DefId) -> &Constant {
        self.constants.get(def.0 as usize).unwrap_or(&Constant::New)
    }

    pub(crate) fn set_constant(&mut self, def: DefId, state: Constant) {
        let index = def.0 as usize;
        if self.constants.len() <= index {
            self.constants.resize_with(index + 1, Constant::default);
        }
        self.constants[index] = state;
    }
}
