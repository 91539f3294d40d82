//! Of how many values `for-all` checks a property, and from which seed it makes them: constants of
//! `std.gen`, `usual-cases` and `usual-seed`, in whose place `--cases` and `--seed` put others.
//!
//! Comes in: a program that is checked and of which nothing has run. Always holds: without the
//! arguments nothing changes, so that a test that failed fails again.

use super::module_of;
use crate::args::TestArgs;
use eclexia_core::core::{Expr, Literal};
use eclexia_db::Session;

/// As many as `std.gen` has by itself.
const USUAL_CASES: u64 = 100;

pub fn give(args: &TestArgs, session: &mut Session) {
    let Some(module) = module_of(session, "std.gen") else { return };
    let given = [("usual-cases", args.cases.map(i64::from)), ("usual-seed", args.seed)];
    for def in session.program.modules[module].defs.clone() {
        let def = &mut session.program.defs[def];
        let value = given.iter().find(|(name, _)| def.name == **name).and_then(|(_, value)| *value);
        if let (Some(value), Some(body)) = (value, &mut def.body) {
            let root = body.root;
            body.exprs[root] = Expr::Literal(Literal::Int(value));
        }
    }
}

/// By how much more work a test may be than one of the usual number of cases.
pub fn factor(args: &TestArgs) -> u64 {
    args.cases.map_or(1, |cases| u64::from(cases).div_ceil(USUAL_CASES))
}
