//! Calls: of definitions, of values, of methods of a dictionary; in tail position or not.

use crate::code::Code;
use crate::compile::{code_of, method_entry};
use crate::dictionary::{Implementation, expect_dictionary, implementation, method_arity};
use crate::evaluator::Evaluator;
use crate::globals::Entry;
use crate::machine::{Frame, Stop};
use eclexia_base::bug;
use eclexia_core::core::{DefId, InstanceId};
use eclexia_rt::{BuiltinId, Fields, Function, Target, Value};
use std::rc::Rc;

/// What a call of a value comes to once its arguments are in place.
enum Callee {
    Code(Rc<Code>),
    Value(Value),
}

impl Evaluator<'_> {
    #[inline]
    pub(crate) fn code(&mut self, def: DefId) -> Rc<Code> {
        match self.globals.code(def) {
            Some(code) => code.clone(),
            None => code_of(self.program, self.typed, self.globals, def),
        }
    }

    pub(crate) fn constant_frame(&mut self, def: DefId) -> Frame {
        let code = self.code(def);
        Frame::evaluating(code, self.stack.len() as u32, def)
    }

    /// A frame that calls the value below the topmost `argc`; for entry from outside.
    pub(crate) fn entry_frame(&mut self, argc: u32) -> Frame {
        let floor = self.stack.len() as u32 - argc - 1;
        Frame::new(Rc::new(entry_code(argc)), floor, floor)
    }

    pub(crate) fn call_def(
        &mut self,
        frame: &mut Frame,
        def: DefId,
        argc: u32,
    ) -> Result<(), Stop> {
        let base = self.stack.len() as u32 - argc;
        let code = self.code(def);
        self.enter(frame, Frame::new(code, base, base))
    }

    /// Replaces the frame: the topmost `argc` values, and `below` of what lies under them, move
    /// down to its floor.
    pub(crate) fn tail(
        &mut self,
        frame: &mut Frame,
        code: Rc<Code>,
        argc: u32,
        below: u32,
    ) -> Result<(), Stop> {
        self.step()?;
        let kept = (argc + below) as usize;
        let (floor, start) = (frame.floor as usize, self.stack.len() - kept);
        for i in 0..kept {
            self.stack.swap(floor + i, start + i);
        }
        self.stack.truncate(floor + kept);
        frame.replace(code, frame.floor + below);
        self.reserve_slots(frame);
        Ok(())
    }

    /// Calls the value below the topmost `argc`.
    pub(crate) fn call_value(
        &mut self,
        frame: &mut Frame,
        argc: u32,
        is_tail: bool,
    ) -> Result<(), Stop> {
        let mut argc = argc;
        let at = self.stack.len() - argc as usize - 1;
        match self.callee(at, &mut argc)? {
            Callee::Code(code) if is_tail => self.tail(frame, code, argc, 1),
            Callee::Code(code) => {
                let at = at as u32;
                self.enter(frame, Frame::new(code, at + 1, at))
            }
            // After a tail call stands a `Return`, for this case.
            Callee::Value(value) => {
                self.stack.truncate(at);
                self.stack.push(value);
                Ok(())
            }
        }
    }

    /// Looks through partial applications, whose arguments it puts in place; runs what is no code.
    fn callee(&mut self, at: usize, argc: &mut u32) -> Result<Callee, Stop> {
        loop {
            let function = match &self.stack[at] {
                Value::Function(function) => function.clone(),
                other => bug!("{other:?} is called"),
            };
            match &function.target {
                Target::Code(number) => {
                    return Ok(Callee::Code(self.globals.functions[*number as usize].clone()));
                }
                Target::Def(def) => return self.definition(DefId(*def)),
                Target::Builtin(id) => return self.run_builtin(*id).map(Callee::Value),
                Target::Ctor { ctor, index, .. } => {
                    let fields = Fields::take_from(&mut self.stack[at + 1..]);
                    return Ok(Callee::Value(Value::data(*ctor, *index, None, fields)));
                }
                Target::Identity => return Ok(Callee::Value(self.pop())),
                Target::Closure(_) => bug!("a closure of another engine is called"),
                Target::Partial(inner) => {
                    *argc += function.captures.len() as u32;
                    let first = function.captures.iter().cloned();
                    self.stack.splice(at..=at, std::iter::once(inner.clone()).chain(first));
                }
            }
        }
    }

    /// A built-in reached from outside as a definition has no code.
    fn definition(&mut self, def: DefId) -> Result<Callee, Stop> {
        match crate::compile::alias(self.program, self.typed, def) {
            Some(crate::compile::Alias::Builtin(id)) => self.run_builtin(id).map(Callee::Value),
            _ => Ok(Callee::Code(self.code(def))),
        }
    }

    /// Calls method `index` of the dictionary below the topmost `argc`.
    pub(crate) fn call_method(
        &mut self,
        frame: &mut Frame,
        argc: u32,
        index: u32,
        is_tail: bool,
    ) -> Result<(), Stop> {
        let at = self.stack.len() - argc as usize - 1;
        let (def, dicts) = self.place_dictionaries(at, index)?;
        let instance = InstanceId(dicts.instance);
        let interface = self.program.instances[instance].interface;
        let arity = method_arity(self.program, interface, index).unwrap_or(0);
        match method_entry(self.program, self.typed, self.globals, def, arity) {
            Entry::Builtin(id) => self.method_builtin(at, id),
            Entry::Code(code) => {
                let argc = (self.stack.len() - at - 1) as u32;
                let has_own = code.params == argc + 1;
                let (argc, below) = if has_own { (argc + 1, 0) } else { (argc, 1) };
                if is_tail {
                    return self.tail(frame, code, argc, below);
                }
                let at = at as u32;
                self.enter(frame, Frame::new(code, at + below, at))
            }
        }
    }

    fn method_builtin(&mut self, at: usize, id: BuiltinId) -> Result<(), Stop> {
        let value = self.run_builtin(id)?;
        self.stack.truncate(at);
        self.stack.push(value);
        Ok(())
    }

    /// Replaces the dictionary at `at` by the dictionaries that the method's implementation takes;
    /// where it takes none, the slot stays and is below the frame's base.
    fn place_dictionaries(
        &mut self,
        at: usize,
        index: u32,
    ) -> Result<(DefId, Rc<eclexia_rt::Dictionary>), Stop> {
        let own = expect_dictionary(&self.stack[at]).clone();
        let found = implementation(self.program, InstanceId(own.instance), index);
        let def = match found.ok_or(Stop::Unreachable)? {
            Implementation::Default(def) => def,
            Implementation::Own(def) => {
                match &*own.args {
                    [] => {}
                    [one] => self.stack[at] = one.clone(),
                    many => drop(self.stack.splice(at..=at, many.iter().cloned())),
                }
                def
            }
        };
        Ok((def, own))
    }

    /// Method `index`, wanted as a value, of the dictionary below the topmost `argc`.
    pub(crate) fn method_value(
        &mut self,
        frame: &mut Frame,
        argc: u32,
        index: u32,
    ) -> Result<(), Stop> {
        let at = self.stack.len() - argc as usize - 1;
        let own = expect_dictionary(&self.stack[at]).clone();
        let found = implementation(self.program, InstanceId(own.instance), index);
        let (def, mut dicts) = match found.ok_or(Stop::Unreachable)? {
            Implementation::Default(def) => (def, vec![self.stack[at].clone()]),
            Implementation::Own(def) => (def, own.args.to_vec()),
        };
        dicts.extend(self.stack.drain(at + 1..));
        self.stack.truncate(at);
        let is_function = self.program.defs[def].body.as_ref().is_some_and(|b| b.is_function);
        if is_function || dicts.is_empty() {
            return self.plain_method_value(frame, def, dicts, is_function);
        }
        let count = dicts.len() as u32;
        self.stack.extend(dicts);
        self.call_def(frame, def, count)
    }

    fn plain_method_value(
        &mut self,
        frame: &mut Frame,
        def: DefId,
        dicts: Vec<Value>,
        is_function: bool,
    ) -> Result<(), Stop> {
        if is_function {
            let function = Value::function(Target::Def(def.0), Fields::none());
            self.stack.push(if dicts.is_empty() {
                function
            } else {
                Value::function(Target::Partial(function), Fields::from(dicts))
            });
            return Ok(());
        }
        // A constant: code that does nothing but need it.
        let code = Rc::new(constant_code(def));
        let at = self.stack.len() as u32;
        self.enter(frame, Frame::new(code, at, at))
    }

    pub(crate) fn capture(&mut self, frame: &Frame, index: u32) {
        let value = match &self.stack[frame.floor as usize] {
            Value::Function(closure) => captured(closure, index),
            other => bug!("{other:?} where a closure should be"),
        };
        self.stack.push(value);
    }
}

fn captured(closure: &Function, index: u32) -> Value {
    closure.captures[index as usize].clone()
}

fn plain_code(ops: Vec<crate::code::Op>, slots: u32) -> Code {
    Code {
        def: DefId(u32::MAX),
        name: eclexia_base::Name::new(""),
        params: slots,
        slots,
        ops,
        consts: Vec::new(),
        shapes: Vec::new(),
        updates: Vec::new(),
        places: Vec::new(),
    }
}

/// Calls what lies in the first slot with what lies in the others.
fn entry_code(argc: u32) -> Code {
    use crate::code::Op;
    let moves = (0..=argc).map(Op::Move);
    let call = Op::TailCall(u16::try_from(argc).unwrap_or(u16::MAX));
    plain_code(moves.chain([call, Op::Return]).collect(), argc + 1)
}

fn constant_code(def: DefId) -> Code {
    use crate::code::Op;
    plain_code(vec![Op::Global(def.0), Op::Return], 0)
}
