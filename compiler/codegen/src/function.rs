//! Translates one function: blocks in an order where what is used is defined before, each
//! instruction by the module for its concern.

use crate::Made;
use crate::abi::{self, Region};
use crate::declared::{self, Declared};
use crate::fuel::Fuel;
use crate::keep::Then;
use crate::loops::Loops;
use crate::reuse;
use cranelift_codegen::Context;
use cranelift_codegen::ir::condcodes::CondCode;
use cranelift_codegen::ir::{
    Block, BlockArg, FuncRef, InstBuilder, InstructionData, MemFlagsData, SourceLoc, Type,
    UserFuncName, Value, types,
};
use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_module::{FuncId, Module};
use eclexia_base::{FxHashMap, IdMap};
use eclexia_ir::ir::{self, BlockId, End, Inst, Op, Program, StrId, VarId};
use eclexia_native::support::Support;
use eclexia_rt::layout::{LayoutId, Rep, Shape};

/// What is kept from function to function.
pub(crate) struct Workshop {
    pub isa: OwnedTargetIsa,
    pub context: Context,
    pub builder: FunctionBuilderContext,
}

impl Workshop {
    pub fn new(isa: OwnedTargetIsa) -> Workshop {
        Workshop { isa, context: Context::new(), builder: FunctionBuilderContext::new() }
    }
}

/// What the definition of a variable says that instructions which use it can use.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Known {
    Nothing,
    Int(i64),
    /// By its bits.
    Float(u64),
    /// A string of the program.
    Str(StrId),
    /// The tag of this variable, and only a switch asks for it.
    TagOf(VarId),
}

pub(crate) struct Translator<'a> {
    pub program: &'a Program,
    pub function: &'a ir::Function,
    pub b: FunctionBuilder<'a>,
    pub module: &'a mut dyn Module,
    pub declared: &'a mut Declared,
    pub values: IdMap<VarId, Option<Value>>,
    pub known: IdMap<VarId, Known>,
    /// By variable: a token that is never 0.
    pub is_sure: Vec<bool>,
    /// By variable: whose header is in a token's memory.
    pub headers: IdMap<VarId, Option<LayoutId>>,
    /// By variable: it is asked for.
    pub is_read: Vec<bool>,
    pub blocks: IdMap<BlockId, Block>,
    /// By block: it is part of another one (`choose`).
    pub left_out: Vec<bool>,
    /// By block: a loop begins with it.
    pub is_head: Vec<bool>,
    /// By block: it is in a loop that calls nobody (`loops`).
    pub quiet: Vec<bool>,
    /// By block: how many loops it is in.
    pub depths: Vec<u32>,
    pub fuel: Fuel,
    /// The context, where a block has asked for it since its last call.
    pub at_hand: Option<(Block, Value)>,
    /// Further results of the last call.
    pub more: Vec<Value>,
    /// What the function refers to, each once.
    pub refs: FxHashMap<FuncId, FuncRef>,
    pub at_block: BlockId,
}

/// Leaves the function in the workshop's context.
pub(crate) fn translate(
    workshop: &mut Workshop,
    module: &mut dyn Module,
    declared: &mut Declared,
    program: &Program,
    id: ir::FuncId,
) -> Made<()> {
    let function = &program.functions[id];
    module.clear_context(&mut workshop.context);
    let clif = &mut workshop.context.func;
    clif.signature = abi::signature(&program.shapes, function);
    clif.name = UserFuncName::user(0, id.0);
    let mut b = FunctionBuilder::new(clif, &mut workshop.builder);
    let fuel = Fuel(b.declare_var(types::I64));
    let loops = Loops::of(function);
    let is_sure = crate::counts::sure_tokens(function);
    let mut translator = Translator {
        program,
        function,
        b,
        module,
        declared,
        values: IdMap::from(vec![None; function.vars.len()]),
        known: IdMap::from(vec![Known::Nothing; function.vars.len()]),
        headers: reuse::headers(program, function),
        is_read: reuse::read(function, &is_sure),
        is_sure,
        blocks: IdMap::default(),
        left_out: vec![false; function.blocks.len()],
        is_head: loops.heads(function),
        quiet: loops.quiet(program, function),
        depths: loops.depths(function),
        fuel,
        at_hand: None,
        more: Vec::new(),
        refs: FxHashMap::default(),
        at_block: ir::Function::ENTRY,
    };
    translator.body()?;
    translator.b.seal_all_blocks();
    let Translator { b, module, .. } = translator;
    b.finalize(module.target_config());
    Ok(())
}

impl Translator<'_> {
    fn body(&mut self) -> Made<()> {
        for block in self.function.blocks.values() {
            let made = self.b.create_block();
            for param in &block.params {
                let ty = self.register(*param);
                let value = self.b.append_block_param(made, ty);
                self.values[*param] = Some(value);
            }
            self.blocks.push(made);
        }
        let entry = self.blocks[ir::Function::ENTRY];
        self.b.append_block_params_for_function_params(entry);
        let mut params = self.b.block_params(entry).to_vec();
        params.remove(abi::place_of_fuel(self.function.params.iter().map(|p| self.rep(p.var))));
        for (param, value) in self.function.params.iter().zip(params) {
            self.values[param.var] = Some(value);
        }
        crate::tags::look_ahead(self);
        for id in order(self.function) {
            if !self.left_out[id.0 as usize] {
                self.block(id)?;
            }
        }
        Ok(())
    }

    fn block(&mut self, id: BlockId) -> Made<()> {
        let function = self.function;
        let block = &function.blocks[id];
        self.b.switch_to_block(self.blocks[id]);
        if !self.is_head[id.0 as usize] {
            self.b.seal_block(self.blocks[id]);
        }
        self.at_block = id;
        if id == ir::Function::ENTRY {
            let place = abi::place_of_fuel(function.params.iter().map(|p| self.rep(p.var)));
            let fuel = self.b.block_params(self.blocks[id])[place];
            self.set_fuel(fuel);
        }
        for inst in &block.insts {
            self.at(inst.loc);
            self.inst(inst)?;
        }
        self.at(block.loc);
        self.end(&block.end)
    }

    /// Whether a register that a call takes away is missed.
    pub fn is_in_quiet_loop(&self) -> bool {
        self.quiet[self.at_block.0 as usize]
    }

    /// What follows is at this place.
    fn at(&mut self, loc: Option<ir::LocId>) {
        let loc = loc.unwrap_or(self.function.loc);
        self.b.set_srcloc(SourceLoc::new(loc.0));
    }

    #[expect(clippy::too_many_lines, reason = "a dispatch table")]
    pub fn inst(&mut self, inst: &Inst) -> Made<()> {
        let result = match &inst.op {
            Op::Field { .. } if inst.dest.is_some_and(|dest| !self.is_read[dest.0 as usize]) => {
                None
            }
            Op::Const(constant) => Some(self.constant(inst.dest, constant)?),
            Op::Prim(prim, args) => Some(self.prim(*prim, args)?),
            Op::Call { func, args } => Some(self.call(*func, args)?),
            Op::More(index) => Some(self.more[*index as usize]),
            Op::CallClosure { closure, args } => {
                Some(self.call_closure(*closure, args, inst.dest)?)
            }
            Op::Native { native, args, shapes } => {
                Some(self.native(*native, args, shapes, inst.dest)?)
            }
            Op::Builtin { builtin, args } => Some(self.builtin(*builtin, args, inst.dest)?),
            Op::Extern { ext, args } => Some(self.external(*ext, args)?),
            Op::Alloc { layout, fields, token, unchanged } => {
                Some(self.alloc(*layout, fields, *token, unchanged)?)
            }
            Op::Vector(items) => Some(self.vector(items, inst.dest)?),
            Op::Update { of, index, value } => Some(self.update(*of, *index, *value)?),
            Op::Closure { func, layout, captures } => Some(self.closure(*func, *layout, captures)?),
            Op::Field { of, index } => Some(self.field(*of, *index, inst.dest)),
            Op::Capture { of, index } => Some(self.field(*of, *index + 1, inst.dest)),
            Op::Tag(of) => self.tag_unless_switch(*of, inst.dest),
            Op::Hole { of, index } => Some(self.hole(*of, *index)),
            Op::Fill { hole, value } => {
                self.fill(*hole, *value);
                None
            }
            Op::Global(global) => Some(self.global(*global)?),
            Op::Step(count) => {
                self.step(*count)?;
                None
            }
            Op::Count(count) => {
                self.use_fuel(i64::from(*count));
                None
            }
            Op::Dup(var) => {
                self.dup(*var);
                None
            }
            Op::Keep(_) => None,
            Op::Pack(var) => {
                let value = self.value(*var);
                Some(self.word_of(value))
            }
            Op::Unpack(word) => {
                inst.dest.map(|dest| self.value_of(self.value(*word), self.rep(dest)))
            }
            Op::Drop(var) => {
                self.drop(*var)?;
                None
            }
            Op::IsUnique(var) => Some(self.is_unique(*var)),
            Op::Release(var) => Some(self.release(*var)),
            Op::Decrement(var) => {
                self.decrement(*var);
                None
            }
            Op::Reset(_) => eclexia_base::bug!("`specialise` writes out every `reset`"),
            Op::Copy { of, size } => Some(self.copy(*of, *size as usize)?),
            Op::NoToken => Some(self.int(0)),
            Op::FreeToken { token, size } => {
                self.free_token(*token, *size)?;
                None
            }
            Op::Check { cond, text, sides } => {
                self.check(*cond, *text, *sides)?;
                Some(self.int(0))
            }
            Op::Admits { def, expr, budget, args } => {
                Some(self.admit(Support::Admits, *def, *expr, *budget, args)?)
            }
            Op::AdmitRest { def, expr, budget, args } => {
                Some(self.admit(Support::AdmitRest, *def, *expr, *budget, args)?)
            }
            Op::MeterBegin { def, args } => {
                self.meter_begin(*def, args)?;
                Some(self.int(0))
            }
            Op::MeterEnd => {
                self.support(Support::MeterEnd, &[])?;
                self.leave_if_pending()?;
                Some(self.int(0))
            }
        };
        if let (Some(dest), Some(value)) = (inst.dest, result) {
            self.values[dest] = Some(value);
        }
        Ok(())
    }

    pub fn end(&mut self, end: &End) -> Made<()> {
        match end {
            End::Jump(to, args) => {
                let args: Vec<BlockArg> = args.iter().map(|v| self.value(*v).into()).collect();
                let to = self.blocks[*to];
                self.b.ins().jump(to, &args);
            }
            End::Branch { cond, then, other } => {
                if self.choose(*cond, *then, *other)? {
                    return Ok(());
                }
                let cond = self.value(*cond);
                self.branch(cond, *then, *other);
            }
            End::Switch { value, cases, default } => self.switch(*value, cases, *default)?,
            End::Return(var, more) => {
                let mut values = vec![self.value(*var), self.fuel()];
                values.extend(more.iter().map(|var| self.value(*var)));
                self.b.ins().return_(&values);
            }
            End::TailCall { func, args } => self.tail_call(*func, args)?,
            End::TailCallClosure { closure, args } => self.tail_call_closure(*closure, args)?,
            End::Abort(reason) => {
                let reason = self.value(*reason);
                self.leave_by(Support::Abort, &[reason])?;
            }
            End::NotLinked(def) => {
                let mut externs = self.program.externs.values();
                let named = externs.find(|ext| ext.def == *def).map(|ext| ext.symbol);
                let name = self.name(named.unwrap_or(self.function.name))?;
                let def = self.b.ins().ireduce(types::I32, name);
                self.leave_by(Support::NotLinked, &[def])?;
            }
            End::Unreachable => self.leave_by(Support::Unreachable, &[])?,
        }
        Ok(())
    }

    /// Ends the block. Cranelift moves what does not change out of a loop only as long as it has
    /// not seen a block outside, and looks at the second way first: that is the one that stays
    /// inside.
    fn branch(&mut self, cond: Value, then: BlockId, other: BlockId) {
        let leaves = self.depths[then.0 as usize] <= self.depths[other.0 as usize];
        let (then, other) = (self.blocks[then], self.blocks[other]);
        if leaves {
            self.b.ins().brif(cond, then, &[], other, &[]);
        } else {
            let opposite = self.opposite(cond);
            self.b.ins().brif(opposite, other, &[], then, &[]);
        }
    }

    fn opposite(&mut self, cond: Value) -> Value {
        let dfg = &self.b.func.dfg;
        let made = dfg.value_def(cond).inst().map(|inst| dfg.insts[inst]);
        match made {
            Some(InstructionData::IntCompare { cond, args: [x, y], .. }) => {
                self.b.ins().icmp(cond.complement(), x, y)
            }
            Some(InstructionData::FloatCompare { cond, args: [x, y], .. }) => {
                self.b.ins().fcmp(cond.complement(), x, y)
            }
            _ => self.b.ins().bxor_imm_u(cond, 1),
        }
    }

    pub fn value(&self, var: VarId) -> Value {
        match self.values[var] {
            Some(value) => value,
            None => eclexia_base::bug!("{var:?} of `{}` is not defined", self.function.name),
        }
    }

    pub fn rep(&self, var: VarId) -> Rep {
        self.program.shapes.rep(self.function.vars[var])
    }

    pub fn shape(&self, var: VarId) -> &Shape {
        self.program.shapes.get(self.function.vars[var])
    }

    pub fn register(&self, var: VarId) -> Type {
        abi::register(self.rep(var))
    }

    /// To call a function of the module.
    pub fn refer(&mut self, id: FuncId) -> FuncRef {
        if let Some(known) = self.refs.get(&id) {
            return *known;
        }
        let made = declared::refer(self.module, id, self.b.func);
        self.refs.insert(id, made);
        made
    }

    pub fn int(&mut self, value: i64) -> Value {
        self.b.ins().iconst(types::I64, value)
    }

    pub fn number(&mut self, value: u32) -> Value {
        self.b.ins().iconst(types::I32, i64::from(value))
    }

    /// Copied out of its register once for each block and call: over a call it would be kept.
    pub fn context(&mut self) -> Value {
        let here = self.b.current_block();
        if let Some((block, context)) = self.at_hand
            && Some(block) == here
        {
            return context;
        }
        let context = self.b.ins().get_pinned_reg(types::I64);
        self.at_hand = here.map(|block| (block, context));
        context
    }

    pub fn memory(&mut self, region: Region) -> MemFlagsData {
        abi::memory(self.b.func, region)
    }

    /// A word of the context.
    pub fn context_word(&mut self, ty: Type, offset: i32) -> Value {
        let flags = self.memory(Region::Context);
        let context = self.context();
        self.b.ins().load(ty, flags, context, offset)
    }

    pub fn set_context_word(&mut self, value: Value, offset: i32) {
        let flags = self.memory(Region::Context);
        let context = self.context();
        self.b.ins().store(flags, value, context, offset);
    }

    /// Into a block that all jumps to which are made.
    pub fn go_on_in(&mut self, block: Block) {
        self.b.switch_to_block(block);
        self.b.seal_block(block);
    }

    /// A block that is hardly ever run.
    pub fn cold_block(&mut self) -> Block {
        let block = self.b.create_block();
        self.b.set_cold_block(block);
        block
    }

    /// Calls a support function with the context and these.
    pub fn support(&mut self, what: Support, args: &[Value]) -> Made<Option<Value>> {
        let id = self.declared.support(self.module, what)?;
        let callee = self.refer(id);
        let mut all = vec![self.context()];
        all.extend(args);
        self.put_fuel(all[0]);
        let call = self.b.ins().call(callee, &all);
        self.take_fuel();
        Ok(self.b.inst_results(call).first().copied())
    }

    /// The same, where it is hardly ever called: no register is lost to it.
    pub fn rare_support(&mut self, what: Support, args: &[Value]) -> Made<Option<Value>> {
        self.rare_support_then(what, args, Then::GoesOn)
    }

    /// The same; leaves where it left a fault.
    pub fn rare_support_or_leave(&mut self, what: Support, args: &[Value]) -> Made<Option<Value>> {
        self.rare_support_then(what, args, Then::MayLeave)
    }

    fn rare_support_then(
        &mut self,
        what: Support,
        args: &[Value],
        then: Then,
    ) -> Made<Option<Value>> {
        let id = self.declared.support(self.module, what)?;
        self.rare_call(id, args, then)
    }

    /// Without the context.
    pub fn rare_call(&mut self, id: FuncId, args: &[Value], then: Then) -> Made<Option<Value>> {
        let result = self.module.declarations().get_function_decl(id).signature.returns.first();
        let result = result.map(|result| result.value_type);
        let keeper = self.declared.keeper(self.module, id, then)?;
        let callee = self.refer(keeper);
        let context = self.context();
        self.put_fuel(context);
        self.b.ins().call(callee, args);
        self.take_fuel();
        Ok(result.map(|ty| self.context_word(ty, abi::KEPT)))
    }

    /// Ends the block: the run stops, with what a support function says.
    pub fn leave_by(&mut self, what: Support, args: &[Value]) -> Made<()> {
        let id = self.declared.support(self.module, what)?;
        let keeper = self.declared.keeper(self.module, id, Then::Leaves)?;
        let callee = self.refer(keeper);
        let mut all = args.to_vec();
        all.push(self.fuel());
        self.b.ins().call(callee, &all);
        self.b.ins().trap(cranelift_codegen::ir::TrapCode::unwrap_user(1));
        Ok(())
    }

    /// Ends the block: the run stops, with what the context says.
    pub fn leave(&mut self) -> Made<()> {
        // The fuel was put away before what brought this about.
        let id = self.declared.support(self.module, Support::Leave)?;
        let (callee, context) = (self.refer(id), self.context());
        self.b.ins().call(callee, &[context]);
        self.b.ins().trap(cranelift_codegen::ir::TrapCode::unwrap_user(1));
        Ok(())
    }

    /// Leaves when what ran before left a fault.
    pub fn leave_if_pending(&mut self) -> Made<()> {
        let (context, pending) = (self.context(), self.context_word(types::I32, abi::PENDING));
        let (cold, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(pending, cold, &[], on, &[]);
        self.go_on_in(cold);
        self.at_hand = Some((cold, context));
        self.leave()?;
        self.go_on_in(on);
        self.at_hand = Some((on, context));
        Ok(())
    }
}

/// Blocks that can be reached, each behind one from which it is reached, so that definitions come
/// before uses.
fn order(function: &ir::Function) -> Vec<BlockId> {
    let mut seen = vec![false; function.blocks.len()];
    let mut order = Vec::with_capacity(function.blocks.len());
    // A block and what of its successors is still to be visited.
    let mut stack =
        vec![(ir::Function::ENTRY, function.blocks[ir::Function::ENTRY].end.successors())];
    seen[0] = true;
    while let Some((block, rest)) = stack.last_mut() {
        match rest.pop() {
            Some(next) if seen[next.0 as usize] => {}
            Some(next) => {
                seen[next.0 as usize] = true;
                stack.push((next, function.blocks[next].end.successors()));
            }
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}
