//! Functions that compiled code and the interpreter call with words: name, how arguments are
//! passed, address. Every one has the C convention and takes the [`Context`](crate::heap::Context)
//! first, then its arguments, then as `u32` the shapes that its table line names.
//!
//! One that can fault leaves the fault in the context and returns anything; who called it looks
//! there. What it takes as owned it has dropped by then.

use crate::heap::{Context, Word};
use eclexia_base::FxHashMap;
use std::sync::OnceLock;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NativeId(pub u16);

/// How a word is passed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pass {
    Int,
    Float,
    Bool,
    /// A reference that the caller keeps.
    Borrowed,
    /// A reference that the native drops.
    Owned,
    /// Any value as 64 bits, kept by the caller: Int as it is, Float by its bits, Bool extended.
    BorrowedWord,
    /// Any value as 64 bits; a reference is owned.
    OwnedWord,
}

/// Whose shape is passed as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShapeOf {
    Arg(u8),
    Result,
}

/// As [`Pass`]: a reference is owned by who called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gives {
    Int,
    Float,
    Bool,
    Ptr,
    Word,
}

pub struct Native {
    /// As a built-in is registered: `vector/set`, `vector-get`.
    pub name: &'static str,
    pub params: &'static [Pass],
    pub shapes: &'static [ShapeOf],
    pub gives: Gives,
    pub can_fault: bool,
    /// Whether it gives the same for the same arguments and changes nothing that can be seen.
    pub is_pure: bool,
    /// Symbol in executables.
    pub symbol: &'static str,
    pub address: Address,
    /// The same with everything as 64 bits, for the interpreter: arguments, then shapes.
    pub run: fn(&mut Context, &[Word], &[u32]) -> Word,
}

/// Of a C function.
#[derive(Clone, Copy)]
pub struct Address(pub *const ());

#[expect(unsafe_code, reason = "an address of code, which never changes")]
unsafe impl Sync for Address {}
#[expect(unsafe_code, reason = "an address of code, which never changes")]
unsafe impl Send for Address {}

fn table() -> &'static (Vec<&'static Native>, FxHashMap<&'static str, u16>) {
    static TABLE: OnceLock<(Vec<&'static Native>, FxHashMap<&'static str, u16>)> = OnceLock::new();
    TABLE.get_or_init(|| {
        let all: Vec<&'static Native> =
            crate::natives::FAMILIES.iter().copied().flatten().collect();
        let names = all.iter().enumerate().map(|(i, n)| (n.name, i as u16)).collect();
        (all, names)
    })
}

/// The native that module `module` (its last segment) declares as `name`.
pub fn lookup(module: &str, name: &str) -> Option<NativeId> {
    let names = &table().1;
    let qualified = format!("{module}/{name}");
    names.get(qualified.as_str()).or_else(|| names.get(name)).copied().map(NativeId)
}

pub fn all() -> impl Iterator<Item = (NativeId, &'static Native)> {
    table().0.iter().enumerate().map(|(i, n)| (NativeId(i as u16), *n))
}

impl NativeId {
    pub fn get(self) -> &'static Native {
        table().0[self.0 as usize]
    }
}
