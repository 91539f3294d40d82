//! Live: what the deployments of a program cost and choose, beside the lines that say it.
//!
//! In: an analysis, and the plans of the analyses before. Out: for each file lenses, hints and
//! priced limits by byte ranges, the deployments with their plans, what evaluating and planning
//! found, and lints of what is written for the planner. Holds: a module with mistakes, or one that
//! imports such, has no live results; a deployment that has not changed is not planned again, nor
//! is one without a plan; evaluation and planning have limits of work, and the caller may interrupt
//! a plan. Absent: clocks and threads: when and where it runs is the caller's.

mod ask;
mod budgets;
mod shown;

pub use ask::{Answered, picture, what_if};
pub use budgets::left;

use crate::shift::{Shift, shifted};
use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Session, pipeline};
use eclexia_diag::{Diagnostic, Diagnostics, Sources};
use eclexia_model::{Deployment, Plan};
use eclexia_plan::elaborate::{Origins, Strategies};
use eclexia_plan::{Interrupt, interruptible};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Text beside a place: after the bytes of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hint {
    pub at: Range<u32>,
    pub text: String,
    /// Markdown.
    pub more: String,
}

/// A line above a deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lens {
    pub at: Range<u32>,
    pub deployment: String,
    /// Cost, carbon, and a bar for each limit; or why there is no plan.
    pub text: String,
    pub is_planned: bool,
}

/// What is said over a limit, or the name of a budget: Markdown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Priced {
    pub at: Range<u32>,
    pub text: String,
}

/// The live results of one file, at places of the text that they are of.
#[derive(Clone, Default, Debug)]
pub struct LiveFile {
    pub text: Arc<str>,
    pub lenses: Vec<Lens>,
    pub hints: Vec<Hint>,
    pub limits: Vec<Priced>,
}

/// A deployment and, where there is one, its plan.
#[derive(Clone)]
pub struct Planned {
    /// The name of its file.
    pub file: String,
    pub deployment: Deployment,
    pub plan: Option<Arc<Plan>>,
    pub origins: Arc<Origins>,
}

#[derive(Clone, Default)]
pub struct Live {
    /// By the names of the files.
    pub files: BTreeMap<String, LiveFile>,
    pub planned: Vec<Planned>,
    pub found: Diagnostics,
    /// What is written for the planner and never changes a plan.
    pub lints: Diagnostics,
}

/// Plans by the digests of their deployments, of the last run.
#[derive(Default)]
pub struct Plans {
    known: BTreeMap<String, Known>,
}

/// What planning gave, also where that is no plan but why there is none.
#[derive(Clone)]
struct Known {
    plan: Option<Arc<Plan>>,
    found: Diagnostics,
    /// The texts that `found` is of.
    sources: Arc<Sources>,
}

impl Known {
    /// The same at the places of newer texts; `None`: one of the places was edited.
    fn now(&self, sources: &Arc<Sources>) -> Option<Known> {
        let found = shifted(&self.found, &self.sources, sources);
        let is_whole = |old: &Diagnostics, new: &Diagnostics| {
            let count = |all: &Diagnostics| {
                all.iter().map(|d| 1 + d.labels.len() + d.fixes.len()).sum::<usize>()
            };
            count(old) == count(new)
        };
        let (plan, sources) = (self.plan.clone(), Arc::clone(sources));
        is_whole(&self.found, &found).then_some(Known { plan, found, sources })
    }
}

/// Evaluates and plans the deployments of an analysis; `None` where it was interrupted.
pub fn live(
    analysis: &Analysis,
    strategies: &Strategies,
    plans: &mut Plans,
    interrupt: &Interrupt,
) -> Option<Live> {
    let mut live = Live::default();
    let sound = crate::sound::modules(analysis);
    if sound.is_empty() {
        return Some(live);
    }
    let mut session = Session::new(Box::new(Embedded));
    let sources = Arc::new(analysis.sources.clone());
    session.sources = analysis.sources.clone();
    session.program = analysis.program.clone();
    session.typed = analysis.typed.clone();
    let mut kept = BTreeMap::new();
    let mut accounts = Vec::new();
    for (file, module) in sound {
        if interrupt() {
            return None;
        }
        let (elaborated, found) = pipeline::elaborate(&mut session, module, strategies);
        let has_errors = found.has_errors();
        live.found.extend(found);
        let model = &elaborated.model;
        if has_errors || model.deployments.is_empty() && model.accounts.is_empty() {
            continue;
        }
        let lints = eclexia_plan::lint(model, file, &elaborated.origins, &session.sources);
        let is_own = |lint: &Diagnostic| {
            let place = lint.primary.as_ref().map(|label| label.span.file);
            place.is_some_and(|file| analysis.modules.contains_key(&file))
        };
        live.lints.extend(lints.into_iter().filter(is_own).collect());
        let origins = Arc::new(elaborated.origins);
        let first = live.planned.len();
        for deployment in elaborated.model.deployments {
            if interrupt() {
                return None;
            }
            let digest = eclexia_model::saved::digest(&deployment);
            let known = plans.known.get(&digest).and_then(|known| known.now(&sources));
            let known = match known {
                Some(known) => known,
                None => {
                    let module = &elaborated.model.module;
                    let plan = || eclexia_plan::plan(&deployment, module, None, &*origins);
                    let (plan, found) = interruptible(interrupt, plan)?;
                    Known { plan: plan.map(Arc::new), found, sources: Arc::clone(&sources) }
                }
            };
            live.found.extend(known.found.clone());
            let plan = known.plan.clone();
            kept.insert(digest, known);
            let file = analysis.sources.name(file).to_owned();
            let origins = Arc::clone(&origins);
            live.planned.push(Planned { file, deployment, plan, origins });
        }
        let planned = first..live.planned.len();
        let of = |account| shown::Funds {
            account,
            origins: Arc::clone(&origins),
            planned: planned.clone(),
        };
        accounts.extend(elaborated.model.accounts.into_iter().map(of));
    }
    plans.known = kept;
    shown::show(analysis, &accounts, &mut live);
    Some(live)
}

impl LiveFile {
    /// The same at the places of a newer text: what stands before the first change stays, what
    /// stands behind the last one moves with it, what is in between is left out.
    pub fn moved(&self, text: &str) -> LiveFile {
        if *self.text == *text {
            return self.clone();
        }
        let moved = Shift::new(&self.text, text);
        let lenses = self
            .lenses
            .iter()
            .filter_map(|lens| Some(Lens { at: moved.range(&lens.at)?, ..lens.clone() }));
        let hints = self
            .hints
            .iter()
            .filter_map(|hint| Some(Hint { at: moved.range(&hint.at)?, ..hint.clone() }));
        let limits = self
            .limits
            .iter()
            .filter_map(|limit| Some(Priced { at: moved.range(&limit.at)?, ..limit.clone() }));
        LiveFile {
            text: text.into(),
            lenses: lenses.collect(),
            hints: hints.collect(),
            limits: limits.collect(),
        }
    }
}

#[cfg(test)]
mod tests;
