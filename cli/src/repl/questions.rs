//! Questions about the deployments in scope: `:plan`, `:graph`, `:prices`, `:why`, `:what-if`.

use super::conversation::{About, Conversation, Listener};
use crate::commands::program::strategies;
use eclexia_base::unit::UnitTable;
use eclexia_db::pipeline;
use eclexia_diag::Diagnostics;
use eclexia_model::{Deployment, Plan, bars, display};
use eclexia_plan::elaborate::{Elaborated, Strategies};
use eclexia_plan::graph::{Format, graph};
use eclexia_plan::{Edit, Interrupt, Sweep};
use eclexia_rt::diagnostics;
use eclexia_rt::stop::Stop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Conversation {
    pub(super) fn plan(&mut self, name: &str) {
        self.plans(name, |to, _, plan| {
            let text = display::plan(plan) + &bars::used(&plan.budgets);
            to.answer_about(&text, About::Plan(plan));
        });
    }

    pub(super) fn graph(&mut self, name: &str) {
        self.plans(name, |to, deployment, plan| {
            let text = graph(deployment, Some(plan), Format::Dot);
            to.answer_about(&text, About::Graph(deployment, plan));
        });
    }

    pub(super) fn prices(&mut self, name: &str) {
        self.plans(name, |to, _, plan| {
            let text = display::prices(plan) + &bars::next_steps(&plan.budgets);
            to.answer_about(&text, About::Prices(plan));
        });
    }

    /// Plans the deployments in scope (or the one named) and tells each by `tell`.
    fn plans(&mut self, name: &str, tell: impl Fn(&dyn Listener, &Deployment, &Plan)) {
        let Some(elaborated) = self.elaborated() else { return };
        let model = &elaborated.model;
        let chosen: Vec<&Deployment> =
            model.deployments.iter().filter(|d| name.is_empty() || d.name == name).collect();
        if chosen.is_empty() {
            return self.without_deployment(name);
        }
        for deployment in chosen {
            if let Some(plan) = self.planned(&elaborated, deployment) {
                tell(&*self.to, deployment, &plan);
            }
        }
    }

    fn without_deployment(&mut self, name: &str) {
        let text = match name {
            "" => "there is no deployment in scope".to_owned(),
            name => format!("there is no deployment `{name}` in scope"),
        };
        self.complain(&text, ":load examples/document-store.ecl");
    }

    fn elaborated(&mut self) -> Option<Elaborated> {
        let scope = self.scope?;
        // What is wrong with the weights of a project is told where it is loaded.
        let known = strategies(self.project.as_deref()).unwrap_or_else(|_| Strategies::new());
        let (elaborated, found) = pipeline::elaborate(&mut self.session, scope, &known);
        let has_errors = found.has_errors();
        self.report(found);
        (!has_errors).then_some(elaborated)
    }

    fn planned(&mut self, elaborated: &Elaborated, deployment: &Deployment) -> Option<Plan> {
        let module = &elaborated.model.module;
        let plan = || eclexia_plan::plan(deployment, module, None, &elaborated.origins);
        let (plan, found) = self.unless_interrupted(plan)?;
        self.report(found);
        plan
    }

    /// What is computed; nothing, which is told, where that was interrupted.
    fn unless_interrupted<T>(&mut self, compute: impl FnOnce() -> T) -> Option<T> {
        let flag = self.interrupt.clone();
        let interrupt: Interrupt = Arc::new(move || flag.load(Ordering::Relaxed));
        let made = eclexia_plan::interruptible(&interrupt, compute);
        if made.is_none() {
            self.report(diagnostics::of_stop(Stop::Interrupted, &[], None).into());
        }
        made
    }

    /// The deployment that a question is about: the only one, or the only one that has the name.
    fn asked(&mut self, elaborated: &Elaborated, target: Option<&str>) -> Option<usize> {
        let all = &elaborated.model.deployments;
        let head = target.and_then(|target| target.split('.').next());
        let has = |d: &Deployment| head.is_none_or(|name| d.has(name));
        let having: Vec<usize> = (0..all.len()).filter(|i| has(&all[*i])).collect();
        match (&having[..], all.len()) {
            (_, 0) => self.without_deployment(""),
            ([only], _) => return Some(*only),
            // What no deployment has is told by the question, in the words of the only one.
            ([], 1) => return Some(0),
            ([], _) => {
                let text = format!("no deployment has `{}`", head.unwrap_or_default());
                self.complain(&text, ":plan");
            }
            _ => self.complain("several deployments in scope have this", ":plan NAME"),
        }
        None
    }

    pub(super) fn why(&mut self, name: &str) {
        let Some(elaborated) = self.elaborated() else { return };
        let Some(at) = self.asked(&elaborated, Some(name)) else { return };
        let deployment = &elaborated.model.deployments[at];
        let Some(mut plan) = self.planned(&elaborated, deployment) else { return };
        if let Some(account) = &deployment.account
            && let Some(rest) = name.strip_prefix(account.as_str())
            && (rest.is_empty() || rest.starts_with('.'))
        {
            plan.budgets.retain(|line| rest.is_empty() || line.metric.name() == &rest[1..]);
            if !plan.budgets.is_empty() {
                return self.to.answer(&display::prices(&plan));
            }
        }
        match eclexia_plan::why(deployment, &plan, name) {
            Ok(why) => self.to.answer(&why.to_string()),
            Err(found) => self.report(Diagnostics::from(found)),
        }
    }

    pub(super) fn what_if(&mut self, text: &str) {
        let units = UnitTable::language();
        let edit = match Sweep::parse(text, units) {
            Some(Ok(sweep)) => return self.swept(&sweep),
            Some(Err(found)) => Err(found),
            None => Edit::parse(text, units),
        };
        let edit = match edit {
            Ok(edit) => edit,
            Err(found) => return self.report(Diagnostics::from(found)),
        };
        let Some(elaborated) = self.elaborated() else { return };
        let Some(at) = self.asked(&elaborated, edit.target()) else { return };
        let deployment = &elaborated.model.deployments[at];
        let Some(plan) = self.planned(&elaborated, deployment) else { return };
        let what_if = || eclexia_plan::what_if(deployment, &plan, &edit, &elaborated.origins);
        let Some(outcome) = self.unless_interrupted(what_if) else { return };
        match outcome {
            Ok(outcome) if outcome.plan.is_some() => self.to.answer(&outcome.to_string()),
            Ok(outcome) => self.report(outcome.found),
            Err(found) => self.report(Diagnostics::from(found)),
        }
    }

    fn swept(&mut self, sweep: &Sweep) {
        let Some(elaborated) = self.elaborated() else { return };
        let Some(at) = self.asked(&elaborated, Some(&sweep.target)) else { return };
        let deployment = &elaborated.model.deployments[at];
        let curve = || sweep.curve(deployment, &elaborated.origins);
        let Some(curve) = self.unless_interrupted(curve) else { return };
        match curve {
            Ok(curve) => {
                let text = format!("{}\n", curve.to_string().trim_end());
                self.to.answer_about(&text, About::Sweep(&curve));
            }
            Err(found) => self.report(Diagnostics::from(found)),
        }
    }
}
