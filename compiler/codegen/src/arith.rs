//! Constants and arithmetic. What is checked branches to a block that is hardly ever run, which
//! says what was computed from what, and leaves.

use crate::Made;
use crate::abi::{self, Region};
use crate::function::{Known, Translator};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use eclexia_base::Name;
use eclexia_ir::ir::{Const, Prim, VarId};
use eclexia_native::support::{Arithmetic, Support};
use eclexia_rt::heap::short;

/// What an operation was of. One that is found again from the result need not be kept for a fault.
#[derive(Clone, Copy)]
enum Operands {
    Both(Value, Value),
    OfSum(Value, Value),
    OfDifference(Value, Value),
}

/// 2^63, exactly.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

impl Translator<'_> {
    pub fn constant(&mut self, dest: Option<VarId>, constant: &Const) -> Made<Value> {
        Ok(match constant {
            Const::Int(value) => {
                if let Some(dest) = dest {
                    self.known[dest] = Known::Int(*value);
                }
                self.int(*value)
            }
            Const::Float(bits) => {
                if let Some(dest) = dest {
                    self.known[dest] = Known::Float(*bits);
                }
                self.float(*bits)?
            }
            Const::Bool(value) => self.b.ins().iconst(types::I8, i64::from(*value)),
            Const::Keyword(name) => self.name(*name)?,
            Const::Immediate(index) => self.int((i64::from(*index) << 1) | 1),
            Const::Str(id) => {
                if let Some(dest) = dest {
                    self.known[dest] = Known::Str(*id);
                }
                match short::of(self.program.strings[*id].as_bytes()) {
                    Some(word) => self.int(word.cast_signed()),
                    None => self.table_word(abi::STRINGS, id.0),
                }
            }
            Const::Amounts(id) => self.table_word(abi::AMOUNTS, id.0),
        })
    }

    /// Cranelift makes a constant anew in every block that uses it; in a function with loops it is
    /// loaded, which is done before the loop.
    fn float(&mut self, bits: u64) -> Made<Value> {
        if bits == 0 || self.depths.iter().all(|depth| *depth == 0) {
            return Ok(self.b.ins().f64const(f64::from_bits(bits)));
        }
        let data = self.declared.float(self.module, bits)?;
        let data = self.module.declare_data_in_func(data, self.b.func);
        let place = self.b.ins().symbol_value(types::I64, data);
        let flags = MemFlagsData::trusted().with_readonly().with_can_move();
        Ok(self.b.ins().load(types::F64, flags, place, 0))
    }

    /// The number of a name in the process that runs the code.
    pub fn name(&mut self, name: Name) -> Made<Value> {
        let Some((table, place)) = self.declared.place_of(self.module, name)? else {
            return Ok(self.int(i64::from(name.id())));
        };
        let table = self.module.declare_data_in_func(table, self.b.func);
        let table = self.b.ins().symbol_value(types::I64, table);
        let flags = MemFlagsData::trusted().with_readonly();
        Ok(self.b.ins().load(types::I64, flags, table, 8 * place as i32))
    }

    /// A word of a table of the context.
    fn table_word(&mut self, table: i32, index: u32) -> Value {
        let table = self.context_word(types::I64, table);
        let flags = self.memory(Region::Table);
        self.b.ins().load(types::I64, flags, table, index as i32 * 8)
    }

    pub fn prim(&mut self, prim: Prim, args: &[VarId]) -> Made<Value> {
        let x = self.value(args[0]);
        let y = args.get(1).map_or(x, |y| self.value(*y));
        Ok(match prim {
            Prim::IntAdd => return self.add(args, x, y),
            Prim::IntSub => return self.sub(args, x, y),
            Prim::IntMul => {
                let (product, overflows) = self.b.ins().smul_overflow(x, y);
                self.fault_if(overflows, Arithmetic::Mul, x, y)?;
                product
            }
            Prim::IntAddSure => self.b.ins().iadd(x, y),
            Prim::IntSubSure => self.b.ins().isub(x, y),
            Prim::IntMulSure => self.b.ins().imul(x, y),
            Prim::QuotNat => self.b.ins().udiv(x, y),
            Prim::RemNat => self.b.ins().urem(x, y),
            Prim::IntNeg => {
                let overflows = self.b.ins().icmp_imm_s(IntCC::Equal, x, i64::MIN);
                self.fault_if(overflows, Arithmetic::Negate, x, x)?;
                self.b.ins().ineg(x)
            }
            Prim::Quot => self.quot(args, x, y)?,
            Prim::Rem => self.rem(args, Arithmetic::Rem, x, y)?,
            Prim::Mod => self.modulo(args, x, y)?,
            Prim::IntEq => self.b.ins().icmp(IntCC::Equal, x, y),
            Prim::IntLt => self.b.ins().icmp(IntCC::SignedLessThan, x, y),
            Prim::IntLe => self.b.ins().icmp(IntCC::SignedLessThanOrEqual, x, y),
            Prim::BitAnd => self.b.ins().band(x, y),
            Prim::BitOr => self.b.ins().bor(x, y),
            Prim::BitXor => self.b.ins().bxor(x, y),
            Prim::FloatAdd => self.b.ins().fadd(x, y),
            Prim::FloatSub => self.b.ins().fsub(x, y),
            Prim::FloatMul => match (self.known_float(args[0]), self.known_float(args[1])) {
                // Twice is exactly the sum, which is there sooner.
                (Some(2.0), _) => self.b.ins().fadd(y, y),
                (_, Some(2.0)) => self.b.ins().fadd(x, x),
                _ => self.b.ins().fmul(x, y),
            },
            Prim::FloatDiv => match self.known_float(args[1]).and_then(exact_reciprocal) {
                Some(factor) => {
                    let factor = self.float(factor.to_bits())?;
                    self.b.ins().fmul(x, factor)
                }
                None => self.b.ins().fdiv(x, y),
            },
            Prim::FloatNeg => self.b.ins().fneg(x),
            Prim::FloatEq => self.b.ins().fcmp(FloatCC::Equal, x, y),
            Prim::FloatLt => self.b.ins().fcmp(FloatCC::LessThan, x, y),
            Prim::FloatLe => self.b.ins().fcmp(FloatCC::LessThanOrEqual, x, y),
            Prim::Sqrt => self.b.ins().sqrt(x),
            Prim::ToFloat => self.b.ins().fcvt_from_sint(types::F64, x),
            Prim::Floor => {
                let whole = self.b.ins().floor(x);
                self.whole(Arithmetic::Floor, x, whole)?
            }
            Prim::Ceil => {
                let whole = self.b.ins().ceil(x);
                self.whole(Arithmetic::Ceil, x, whole)?
            }
            Prim::Truncate => {
                let whole = self.b.ins().trunc(x);
                self.whole(Arithmetic::Truncate, x, whole)?
            }
            Prim::Round => {
                let whole = self.half_away(x);
                self.whole(Arithmetic::Round, x, whole)?
            }
            Prim::BoolNot => self.b.ins().bxor_imm_u(x, 1),
            Prim::BoolEq => self.b.ins().icmp(IntCC::Equal, x, y),
        })
    }

    fn known_int(&self, var: VarId) -> Option<i64> {
        match self.known[var] {
            Known::Int(value) => Some(value),
            _ => None,
        }
    }

    fn known_float(&self, var: VarId) -> Option<f64> {
        match self.known[var] {
            Known::Float(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }

    /// With a constant, one comparison of the sum says whether it overflowed.
    fn add(&mut self, args: &[VarId], x: Value, y: Value) -> Made<Value> {
        let (other, constant) = match (self.known_int(args[0]), self.known_int(args[1])) {
            (_, Some(c)) => (x, Some(c)),
            (Some(c), _) => (y, Some(c)),
            _ => (x, None),
        };
        let (sum, overflows) = match constant {
            Some(c) => {
                let sum = self.b.ins().iadd_imm_s(other, c);
                let wrong = if c < 0 { IntCC::SignedGreaterThan } else { IntCC::SignedLessThan };
                (sum, self.b.ins().icmp(wrong, sum, other))
            }
            None => {
                let (sum, overflows) = self.b.ins().sadd_overflow(x, y);
                self.fault_of(overflows, Arithmetic::Add, Operands::OfSum(sum, y))?;
                return Ok(sum);
            }
        };
        self.fault_if(overflows, Arithmetic::Add, x, y)?;
        Ok(sum)
    }

    fn sub(&mut self, args: &[VarId], x: Value, y: Value) -> Made<Value> {
        let (rest, overflows) = match self.known_int(args[1]) {
            Some(c) => {
                let rest = self.b.ins().iadd_imm_s(x, c.wrapping_neg());
                let wrong = if c < 0 { IntCC::SignedLessThan } else { IntCC::SignedGreaterThan };
                (rest, self.b.ins().icmp(wrong, rest, x))
            }
            None => {
                let (rest, overflows) = self.b.ins().ssub_overflow(x, y);
                self.fault_of(overflows, Arithmetic::Sub, Operands::OfDifference(rest, y))?;
                return Ok(rest);
            }
        };
        self.fault_if(overflows, Arithmetic::Sub, x, y)?;
        Ok(rest)
    }

    fn quot(&mut self, args: &[VarId], x: Value, y: Value) -> Made<Value> {
        match self.known_int(args[1]) {
            Some(c) if c != 0 && c != -1 => {}
            known => {
                self.fault_at_zero(known, Arithmetic::Quot, x, y)?;
                let is_least = self.b.ins().icmp_imm_s(IntCC::Equal, x, i64::MIN);
                let is_minus = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                let both = self.b.ins().band(is_least, is_minus);
                self.fault_if(both, Arithmetic::Quot, x, y)?;
            }
        }
        Ok(self.b.ins().sdiv(x, y))
    }

    fn fault_at_zero(
        &mut self,
        known: Option<i64>,
        op: Arithmetic,
        x: Value,
        y: Value,
    ) -> Made<()> {
        if known.is_some_and(|c| c != 0) {
            return Ok(());
        }
        let is_zero = self.b.ins().icmp_imm_s(IntCC::Equal, y, 0);
        self.fault_if(is_zero, op, x, y)
    }

    /// The least Int by -1 has rest 0, though the quotient is none: the machine instruction would
    /// trap, so the divisor is 1 then.
    fn rem(&mut self, args: &[VarId], op: Arithmetic, x: Value, y: Value) -> Made<Value> {
        let known = self.known_int(args[1]);
        self.fault_at_zero(known, op, x, y)?;
        let divisor = match known {
            Some(c) if c != 0 && c != -1 => y,
            _ => {
                let is_minus = self.b.ins().icmp_imm_s(IntCC::Equal, y, -1);
                let one = self.int(1);
                self.b.ins().select(is_minus, one, y)
            }
        };
        Ok(self.b.ins().srem(x, divisor))
    }

    fn modulo(&mut self, args: &[VarId], x: Value, y: Value) -> Made<Value> {
        let rest = self.rem(args, Arithmetic::Mod, x, y)?;
        // Where the signs of a rest and the divisor differ, the divisor is added.
        let signs = self.b.ins().bxor(rest, y);
        let differ = self.b.ins().icmp_imm_s(IntCC::SignedLessThan, signs, 0);
        let is_rest = self.b.ins().icmp_imm_s(IntCC::NotEqual, rest, 0);
        let wrong = self.b.ins().band(differ, is_rest);
        let right = self.b.ins().iadd(rest, y);
        Ok(self.b.ins().select(wrong, right, rest))
    }

    /// `whole` of `x`, as an Int where it is one.
    fn whole(&mut self, op: Arithmetic, x: Value, whole: Value) -> Made<Value> {
        let size = self.b.ins().fabs(whole);
        let limit = self.b.ins().f64const(LIMIT);
        let least = self.b.ins().f64const(-LIMIT);
        // Not a number is neither.
        let fits = self.b.ins().fcmp(FloatCC::LessThan, size, limit);
        let is_least = self.b.ins().fcmp(FloatCC::Equal, whole, least);
        let fine = self.b.ins().bor(fits, is_least);
        let wrong = self.b.ins().icmp_imm_u(IntCC::Equal, fine, 0);
        let bits = self.b.ins().bitcast(types::I64, MemFlagsData::new(), x);
        self.fault_if(wrong, op, bits, bits)?;
        Ok(self.b.ins().fcvt_to_sint_sat(types::I64, whole))
    }

    /// Halves are rounded away from zero: what is cut off decides, which is exact.
    fn half_away(&mut self, x: Value) -> Value {
        let cut = self.b.ins().trunc(x);
        let rest = self.b.ins().fsub(x, cut);
        let rest = self.b.ins().fabs(rest);
        let half = self.b.ins().f64const(0.5);
        let one = self.b.ins().f64const(1.0);
        let one = self.b.ins().fcopysign(one, x);
        let further = self.b.ins().fadd(cut, one);
        let is_half = self.b.ins().fcmp(FloatCC::GreaterThanOrEqual, rest, half);
        self.b.ins().select(is_half, further, cut)
    }

    /// Leaves with the fault of an operation of these operands (a Float as its bits).
    fn fault_if(&mut self, wrong: Value, op: Arithmetic, x: Value, y: Value) -> Made<()> {
        self.fault_of(wrong, op, Operands::Both(x, y))
    }

    fn fault_of(&mut self, wrong: Value, op: Arithmetic, operands: Operands) -> Made<()> {
        let (cold, on) = (self.cold_block(), self.b.create_block());
        self.b.ins().brif(wrong, cold, &[], on, &[]);
        self.go_on_in(cold);
        let (x, y) = match operands {
            Operands::Both(x, y) => (x, y),
            Operands::OfSum(sum, y) => (self.b.ins().isub(sum, y), y),
            Operands::OfDifference(rest, y) => (self.b.ins().iadd(rest, y), y),
        };
        let op = self.number(op as u32);
        self.leave_by(Support::Arithmetic, &[op, x, y])?;
        self.go_on_in(on);
        Ok(())
    }
}

/// Of a power of two: to divide by it is exactly to multiply by this.
fn exact_reciprocal(divisor: f64) -> Option<f64> {
    let mantissa = divisor.to_bits() & ((1 << 52) - 1);
    let reciprocal = divisor.recip();
    (mantissa == 0 && divisor.is_normal() && reciprocal.is_normal()).then_some(reciprocal)
}
