//! Code in memory, for `eclexia run`: functions are compiled when they are added, and called with
//! words.

#![expect(unsafe_code, reason = "compiled code is called here")]

use crate::Made;
use crate::declared::{self, Declared};
use crate::define;
use crate::drops;
use crate::entry::{self, Convention};
use crate::function::Workshop;
use crate::isa::{self, Purpose, Unsupported};
use crate::keep;
use crate::places::Sites;
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use eclexia_base::FxHashMap;
use eclexia_ir::ir::{FuncId, LocId, Program};
use eclexia_ir::passes::calls;
use eclexia_native::inside::Inside;
use eclexia_native::stack::{self, Stack};
use eclexia_native::support::Support;
use eclexia_native::trace;
use eclexia_rt::heap::Context;
use eclexia_rt::native;
use eclexia_rt::stop::Stop;
use std::collections::BTreeMap;

/// Address space for code; only what is used is memory.
const CODE_SPACE: usize = 512 << 20;

/// Arguments that need no memory of their own.
const FEW: usize = 16;

/// Why there is no such compiler here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoJit {
    Unsupported(Unsupported),
    /// The system gives no memory for it.
    Memory,
}

pub struct Jit {
    module: JITModule,
    workshop: Workshop,
    declared: Declared,
    /// By `FuncId`; null of functions that nobody calls.
    code: Vec<*const ()>,
    shims: FxHashMap<Convention, *const ()>,
    /// By `FuncId`, of those that were called from outside.
    entries: FxHashMap<FuncId, *const ()>,
    /// For closures that the run time calls.
    closure_shim: *const (),
    /// Call sites of functions by where they begin.
    sites: BTreeMap<usize, Sites>,
    stack: Stack,
}

/// A run that ended without a value.
#[derive(Clone, PartialEq, Debug)]
pub struct Stopped {
    pub stop: Stop,
    /// Where the calls were that were under way, the innermost first; a place inside of an inlined
    /// function is followed by that of its call.
    pub trace: Vec<LocId>,
}

impl Jit {
    pub fn new() -> Result<Jit, NoJit> {
        let isa = isa::target(None, Purpose::Jit).map_err(NoJit::Unsupported)?;
        let names = cranelift_module::default_libcall_names();
        let workshop = Workshop::new(isa.clone());
        let mut builder = JITBuilder::with_isa(isa, names);
        let arena = ArenaMemoryProvider::new_with_size(CODE_SPACE).map_err(|_| NoJit::Memory)?;
        builder.memory_provider(Box::new(arena));
        for support in Support::ALL {
            let entry = support.entry();
            builder.symbol(entry.symbol, entry.address.0.cast());
        }
        for (_, native) in native::all() {
            builder.symbol(native.symbol, native.address.0.cast());
        }
        let mut jit = Jit {
            module: JITModule::new(builder),
            workshop,
            declared: Declared::default(),
            code: Vec::new(),
            shims: FxHashMap::default(),
            entries: FxHashMap::default(),
            closure_shim: std::ptr::null(),
            sites: BTreeMap::new(),
            stack: Stack::new().ok_or(NoJit::Memory)?,
        };
        jit.closure_shim = jit.shim(Convention::of_words());
        Ok(jit)
    }

    /// Compiles the functions of the program that were not there last time, and tells the context
    /// what else is new.
    pub fn add(&mut self, program: &Program, context: &mut Context) {
        teach(program, context);
        let first = self.code.len();
        if first == program.functions.len() {
            context.code = self.code.as_ptr();
            return;
        }
        let new: Vec<FuncId> = program.functions.ids().skip(first).collect();
        if let Err(error) = self.compile(program, &new) {
            eclexia_base::bug!("code generation: {error:?}");
        }
        context.code = self.code.as_ptr();
    }

    fn compile(&mut self, program: &Program, new: &[FuncId]) -> Made<()> {
        let gone = calls::gone(program, self.code.len());
        let wanted = new.iter().zip(&gone).filter(|(_, is_gone)| !**is_gone);
        let wanted: Vec<FuncId> = wanted.map(|(id, _)| *id).collect();
        let made = define::define_all(
            &mut self.workshop,
            &mut self.module,
            &mut self.declared,
            program,
            &wanted,
        )?;
        let module = &mut self.module;
        let mut others = drops::define(&mut self.workshop, module, &mut self.declared, program)?;
        others.extend(keep::define(&mut self.workshop, module, &mut self.declared)?);
        self.module.finalize_definitions()?;
        for (name, sites) in others {
            let code = self.module.get_finalized_function(name);
            self.sites.insert(code as usize, sites);
        }
        self.code.resize(self.code.len() + new.len(), std::ptr::null());
        for (id, (name, sites)) in wanted.iter().zip(made) {
            let code = self.module.get_finalized_function(name);
            self.code[id.0 as usize] = code.cast();
            self.sites.insert(code as usize, sites);
        }
        Ok(())
    }

    /// Calls a function with words by the shapes of its parameters; gives the word of its result.
    pub fn call(
        &mut self,
        context: &mut Context,
        program: &Program,
        func: FuncId,
        args: &[u64],
    ) -> Result<u64, Stopped> {
        let shim = match self.entries.get(&func) {
            Some(shim) => *shim,
            None => {
                let shim = self.shim(Convention::of(program, func));
                self.entries.insert(func, shim);
                shim
            }
        };
        context.code = self.code.as_ptr();
        let (mut few, mut many) = ([0; FEW], Vec::new());
        let words: &mut [u64] = match few.get_mut(..args.len().max(1)) {
            Some(few) => few,
            None => {
                many.resize(args.len(), 0);
                &mut many
            }
        };
        words[..args.len()].copy_from_slice(args);
        let code = self.code[func.0 as usize];
        let low = self.sites.first_key_value().map_or(0, |(at, _)| *at);
        let high = self.sites.last_key_value().map_or(0, |(at, s)| at + s.size as usize);
        // SAFETY: the code of the context lies there, and the shim was made for closures.
        let inside = unsafe { Inside::new(low..high, self.closure_shim) };
        let stack = &self.stack;
        context.run_by(&inside, |context| {
            // SAFETY: the shim is for the convention of the function, and the words are of its
            // shapes.
            unsafe { stack::enter(context, stack, low..high, shim, code, words) }
        });
        if context.pending == 0 {
            return Ok(words[0]);
        }
        let trace = self.trace(context, program);
        let stop = context.take_stop().unwrap_or(Stop::Unreachable);
        Err(Stopped { stop, trace })
    }

    /// Where the code of each function begins, its size and its name, for profilers.
    pub fn symbols(&self, program: &Program) -> Vec<(usize, u32, String)> {
        let all = self.code.iter().zip(program.functions.ids());
        let all = all.filter_map(|(at, id)| {
            let sites = self.sites.get(&(*at as usize))?;
            Some((*at as usize, sites.size, declared::symbol(program, id)))
        });
        all.collect()
    }

    fn shim(&mut self, convention: Convention) -> *const () {
        if let Some(known) = self.shims.get(&convention) {
            return *known;
        }
        let name = format!("enter.{}", self.shims.len());
        let made = entry::define(&mut self.workshop, &mut self.module, &name, &convention)
            .and_then(|id| Ok(self.module.finalize_definitions().map(|()| id)?));
        let shim = match made {
            Ok(id) => self.module.get_finalized_function(id).cast(),
            Err(error) => eclexia_base::bug!("code generation: {error:?}"),
        };
        self.shims.insert(convention, shim);
        shim
    }

    fn trace(&self, context: &mut Context, program: &Program) -> Vec<LocId> {
        let mut addresses = context.take_calls();
        addresses.extend(trace::return_addresses(context, |at| self.site(at).is_some()));
        trace::calls(&addresses, |at, trace| {
            let mut loc = self.site(at).flatten();
            while let Some(place) = loc {
                trace.push(place);
                loc = program.locs[place].caller;
            }
        })
    }

    /// The place of the call that returns to an address of ours.
    fn site(&self, at: usize) -> Option<Option<LocId>> {
        let (start, sites) = self.sites.range(..=at).next_back()?;
        let offset = at - start;
        if offset > sites.size as usize {
            return None;
        }
        let found = sites.calls.binary_search_by_key(&(offset as u32), |(at, _)| *at).ok();
        Some(found.map(|found| sites.calls[found].1))
    }
}

/// Shapes, constants and strings that are new.
fn teach(program: &Program, context: &mut Context) {
    context.learn(&program.shapes);
    for global in program.globals.values().skip(context.global_count()) {
        context.add_global(global.name, program.shapes.rep(global.shape));
    }
    for text in program.strings.values().skip(context.string_count()) {
        context.add_string(text);
    }
    for amounts in program.amounts.values().skip(context.amounts_count()) {
        context.add_amounts(amounts);
    }
}
