//! Live: what the deployments of a program cost and choose, beside the lines that say it.
//!
//! In: an analysis, and the plans of the analyses before. Out: for each file lenses, hints and
//! priced limits by byte ranges, the deployments with their plans, and what evaluating and planning
//! found. Holds: a module with mistakes, or one that imports such, has no live results; a
//! deployment that has not changed is not planned again; evaluation and planning have limits of
//! work, and between two deployments the caller may stop it. Absent: clocks and threads: when and
//! where it runs is the caller's.

mod ask;
mod budgets;
mod shown;

pub use ask::{picture, what_if};
pub use budgets::left;

use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Session, pipeline};
use eclexia_diag::Diagnostics;
use eclexia_model::{Deployment, Plan};
use eclexia_plan::elaborate::{Origins, Strategies};
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

/// What is said over a limit: Markdown.
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
    pub module: String,
    pub origins: Arc<Origins>,
}

#[derive(Clone, Default)]
pub struct Live {
    /// By the names of the files.
    pub files: BTreeMap<String, LiveFile>,
    pub planned: Vec<Planned>,
    pub found: Diagnostics,
}

/// Plans by the digests of their deployments, of the last run.
#[derive(Default)]
pub struct Plans {
    known: BTreeMap<String, Arc<Plan>>,
}

/// Evaluates and plans the deployments of an analysis; `None` where `is_stale` has said so.
pub fn live(
    analysis: &Analysis,
    strategies: &Strategies,
    plans: &mut Plans,
    is_stale: &dyn Fn() -> bool,
) -> Option<Live> {
    let mut live = Live::default();
    let sound = crate::sound::modules(analysis);
    if sound.is_empty() {
        return Some(live);
    }
    let mut session = Session::new(Box::new(Embedded));
    session.sources = analysis.sources.clone();
    session.program = analysis.program.clone();
    session.typed = analysis.typed.clone();
    let mut kept = BTreeMap::new();
    for (file, module) in sound {
        if is_stale() {
            return None;
        }
        let (elaborated, found) = pipeline::elaborate(&mut session, module, strategies);
        let has_errors = found.has_errors();
        live.found.extend(found);
        if has_errors || elaborated.model.deployments.is_empty() {
            continue;
        }
        let origins = Arc::new(elaborated.origins);
        for deployment in elaborated.model.deployments {
            if is_stale() {
                return None;
            }
            let digest = eclexia_model::saved::digest(&deployment);
            let module = &elaborated.model.module;
            let plan = match plans.known.get(&digest) {
                Some(plan) => Some(Arc::clone(plan)),
                None => {
                    let (plan, found) = eclexia_plan::plan(&deployment, module, None, &*origins);
                    live.found.extend(found);
                    plan.map(Arc::new)
                }
            };
            kept.extend(plan.iter().map(|plan| (digest.clone(), Arc::clone(plan))));
            let file = analysis.sources.name(file).to_owned();
            let (module, origins) = (module.clone(), Arc::clone(&origins));
            live.planned.push(Planned { file, deployment, plan, module, origins });
        }
    }
    plans.known = kept;
    shown::show(analysis, &mut live);
    Some(live)
}

impl LiveFile {
    /// The same at the places of a newer text: what stands before the first change stays, what
    /// stands behind the last one moves with it, what is in between is left out.
    pub fn moved(&self, text: &str) -> LiveFile {
        if *self.text == *text {
            return self.clone();
        }
        let moved = Moved::new(&self.text, text);
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

/// What an edit leaves in place: so many bytes at the start, and so many at the end.
struct Moved {
    before: u32,
    after: u32,
    shift: i64,
}

impl Moved {
    fn new(old: &str, new: &str) -> Moved {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let same =
            |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
        let before = same(&mut old.iter().zip(new));
        let after = same(&mut old[before..].iter().rev().zip(new[before..].iter().rev()));
        Moved {
            before: before as u32,
            after: (old.len() - after) as u32,
            shift: new.len() as i64 - old.len() as i64,
        }
    }

    fn range(&self, at: &Range<u32>) -> Option<Range<u32>> {
        if at.end <= self.before {
            return Some(at.clone());
        }
        let moved = |offset: u32| (i64::from(offset) + self.shift) as u32;
        (at.start >= self.after).then(|| moved(at.start)..moved(at.end))
    }
}

#[cfg(test)]
mod tests;
