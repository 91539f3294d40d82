//! Bounds of definitions for people and programs: the command, the REPL, budgets.

use super::Why;
use super::analysis::Analysis;
use super::limits::{declared_text, parameter_names};
use super::poly::{Bound, is_sound};
use crate::typed::Typed;
use eclexia_core::core::{DefId, DefKind, ModuleId, Program};
use eclexia_core::cost::{CostMode, Resource};

/// A function and what it costs.
pub struct Function {
    pub def: DefId,
    /// In the order of [`Resource::ALL`]; resources it does not use are left out.
    pub found: Vec<Found>,
    /// `:metered` and `:trusted` say so.
    pub mode: CostMode,
}

pub struct Found {
    pub resource: Resource,
    pub outcome: Outcome,
}

pub enum Outcome {
    Bounded {
        bound: Bound,
        /// `1 + n`
        text: String,
        /// `n = (size xs)`
        legend: Vec<String>,
        /// What comes on top: names of function parameters, `methods of its type variables`.
        besides: Vec<String>,
    },
    /// And why, in a few words.
    Unbounded(&'static str),
}

impl Found {
    /// `steps ≤ 1 + n, n = (size xs)`
    pub fn said(&self, mode: CostMode) -> String {
        let name = self.resource.name();
        let mode = match mode {
            CostMode::Proved => "",
            CostMode::Metered => " (metered)",
            CostMode::Trusted => " (trusted)",
        };
        match &self.outcome {
            Outcome::Bounded { text, legend, besides, .. } => {
                let mut said = format!("{name} ≤ {text}");
                if !besides.is_empty() {
                    said.push_str(&format!(", besides {}", besides.join(" and ")));
                }
                legend.iter().for_each(|l| said.push_str(&format!(", {l}")));
                said.push_str(mode);
                said
            }
            Outcome::Unbounded(why) => format!("{name}: no bound found: {why}{mode}"),
        }
    }
}

/// What every function of a module costs, in the order of their definition.
pub fn of_module(program: &Program, typed: &Typed, module: ModuleId) -> Vec<Function> {
    let is_function = |def: &DefId| {
        let def = &program.defs[*def];
        def.kind == DefKind::Function && def.body.as_ref().is_some_and(|b| b.is_function)
    };
    let defs: Vec<DefId> =
        program.modules[module].defs.iter().copied().filter(is_function).collect();
    of(program, typed, &defs, &Resource::ALL)
}

/// What a function costs to call, or an expression of the REPL to evaluate.
pub fn of_definition(
    program: &Program,
    typed: &Typed,
    def: DefId,
    resources: &[Resource],
) -> Function {
    let mut found = of(program, typed, &[def], resources);
    found.pop().unwrap_or(Function { def, found: Vec::new(), mode: CostMode::Proved })
}

fn of(program: &Program, typed: &Typed, defs: &[DefId], resources: &[Resource]) -> Vec<Function> {
    let mode = |def: &DefId| program.defs[*def].cost.as_ref().map_or(CostMode::Proved, |c| c.mode);
    let mut made: Vec<Function> =
        defs.iter().map(|def| Function { def: *def, found: Vec::new(), mode: mode(def) }).collect();
    for resource in resources {
        let mut analysis = Analysis::new(program, typed, *resource, false);
        for function in &mut made {
            let outcome = outcome(&mut analysis, function.def);
            let is_used = match &outcome {
                Outcome::Bounded { text, bound, .. } => !bound.is_zero() || text.contains('('),
                Outcome::Unbounded(_) => true,
            };
            if is_used || *resource == Resource::Steps {
                function.found.push(Found { resource: *resource, outcome });
            }
        }
    }
    made
}

fn outcome(analysis: &mut Analysis<'_>, def: DefId) -> Outcome {
    let program = analysis.program;
    if let Some((bound, text)) = declared(analysis, def) {
        return Outcome::Bounded { bound, text, legend: Vec::new(), besides: Vec::new() };
    }
    match analysis.bound(def) {
        Ok(bound) if is_sound(&bound) => {
            let body = program.defs[def].body.as_ref();
            let names = body.map_or(Vec::new(), parameter_names);
            let (text, legend) = bound.show(analysis.resource, &names);
            let mut besides: Vec<String> = Vec::new();
            for (at, e) in &analysis.assumed.unknown {
                let body = program.defs[*at].body.as_ref();
                let name = body.and_then(|b| match &b.exprs[*e] {
                    eclexia_core::core::Expr::Local(local) => Some(b.locals[*local]),
                    _ => None,
                });
                let text = name.map_or("a function value".to_owned(), |n| format!("`{n}`"));
                if !besides.contains(&text) {
                    besides.push(text);
                }
            }
            if analysis.assumed.is_method {
                besides.push("methods of its type variables".to_owned());
            }
            Outcome::Bounded { bound, text, legend, besides }
        }
        Ok(_) => Outcome::Unbounded("no certificate"),
        Err(why) => Outcome::Unbounded(words(&why)),
    }
}

/// What is not proved is as it was declared.
fn declared(analysis: &Analysis<'_>, def: DefId) -> Option<(Bound, String)> {
    let found = &analysis.program.defs[def];
    let cost = found.cost.as_ref().filter(|cost| cost.mode != CostMode::Proved)?;
    let limit = cost.limit(analysis.resource)?;
    let names = parameter_names(found.body.as_ref()?);
    let bound = Bound {
        constant: limit.bound.as_constant().unwrap_or_else(|| eclexia_base::number::int(0)),
        params: Vec::new(),
    };
    Some((bound, declared_text(limit, &names)))
}

fn words(why: &Why) -> &'static str {
    match why {
        Why::Unsolvable => "no linear or quadratic bound in the sizes of its parameters",
        Why::TooLarge => "too large to analyse",
        Why::UnknownFunction(..) => "it calls a function that is not known",
        Why::Functions => "a loop changes the function it calls",
        Why::Methods => "it calls methods of a type that is not known",
        Why::Product => "a declared cost that multiplies sizes",
    }
}
