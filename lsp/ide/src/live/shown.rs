//! Plans beside the lines that they decide: lenses over deployments, hints beside ranges and
//! limits, and what is said over a limit.

use super::{Hint, Lens, Live, Planned, Priced};
use eclexia_base::number::{int, to_decimal};
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_model::{BudgetLine, Exact, Origin, Plan, Service, ServiceChoice, display};
use num_traits::{Signed, Zero};
use std::ops::Range;

/// Steps of a bar.
const BAR: i64 = 5;

pub(super) fn show(analysis: &Analysis, live: &mut Live) {
    let planned = std::mem::take(&mut live.planned);
    for one in &planned {
        // Where accounts and services are shared, each says for which deployment it speaks.
        let shares = |other: &&Planned| {
            other.file == one.file && other.deployment.account == one.deployment.account
        };
        let is_alone = planned.iter().filter(shares).count() == 1;
        let mut shower = Shower { analysis, live, one, is_alone };
        shower.lens();
        if let Some(plan) = &one.plan {
            shower.limits(plan);
            for service in &one.deployment.services {
                let choice = plan.services.iter().find(|c| c.service == service.name);
                choice.into_iter().for_each(|choice| shower.service(service, choice));
            }
        }
    }
    live.planned = planned;
    for file in live.files.values_mut() {
        file.hints.sort_by_key(|hint| (hint.at.end, hint.at.start));
    }
}

struct Shower<'s> {
    analysis: &'s Analysis,
    live: &'s mut Live,
    one: &'s Planned,
    is_alone: bool,
}

impl Shower<'_> {
    fn span(&self, origin: Origin) -> Option<Span> {
        self.one.origins.get(origin)
    }

    fn file(&mut self, file: FileId) -> &mut super::LiveFile {
        let source = self.analysis.sources.get(file);
        let name = source.map(|source| source.name.clone()).unwrap_or_default();
        let text = || source.map(|source| source.text.clone()).unwrap_or_default();
        self.live
            .files
            .entry(name)
            .or_insert_with(|| super::LiveFile { text: text(), ..super::LiveFile::default() })
    }

    fn lens(&mut self) {
        let Some(span) = self.span(self.one.deployment.origin) else { return };
        let name = &self.one.deployment.name;
        let text = match &self.one.plan {
            Some(plan) => summary(plan),
            None => "no plan keeps all limits".to_owned(),
        };
        let lens = Lens {
            at: range(span),
            deployment: name.clone(),
            text,
            is_planned: self.one.plan.is_some(),
        };
        self.file(span.file).lenses.push(lens);
    }

    fn hint(&mut self, origin: Origin, text: String, more: String) {
        let Some(span) = self.span(origin) else { return };
        let text = match self.is_alone {
            true => text,
            false => format!("{}: {text}", self.one.deployment.name),
        };
        self.file(span.file).hints.push(Hint { at: range(span), text, more });
    }

    fn limits(&mut self, plan: &Plan) {
        for limit in &self.one.deployment.limits {
            let Some(line) = plan.budgets.iter().find(|line| line.metric == limit.metric) else {
                continue;
            };
            let said = said(plan, line);
            self.hint(limit.origin, price(line), said.clone());
            if let Some(span) = self.span(limit.origin) {
                let text = format!("`{}` of `{}`\n\n{said}", line.metric.name(), plan.deployment);
                self.file(span.file).limits.push(Priced { at: range(span), text });
            }
        }
    }

    fn service(&mut self, service: &Service, choice: &ServiceChoice) {
        if service.replicas.min < service.replicas.max {
            let text = format!("{} replicas", choice.replicas);
            self.hint(service.replicas.origin, text, choice.reason.clone());
        }
        if service.variants.len() > 1
            && let Some(chosen) = service.variants.iter().find(|v| v.name == choice.variant)
        {
            self.hint(chosen.origin, "chosen".to_owned(), choice.reason.clone());
        }
    }
}

fn range(span: Span) -> Range<u32> {
    span.start..span.end
}

/// `141.20USD/month · 3.1kgCO2e/month · cpu ▰▰▰▱▱ 2.5 of 4cpu`
fn summary(plan: &Plan) -> String {
    let totals = &plan.totals;
    let mut parts = vec![display::monthly(&totals.cost.0), display::carbon(&totals.carbon)];
    if !totals.job_cost.0.is_zero() {
        parts.push(format!("{}USD a run", to_decimal(&totals.job_cost.0, 2)));
    }
    parts.extend(plan.budgets.iter().map(|line| {
        let used = to_decimal(&(&line.used.0 / &line.unit.scale.0), 2);
        let limit = line.unit.show(&line.limit, 2);
        format!("{} {} {used} of {limit}", line.metric.name(), bar(line))
    }));
    parts.join(" · ")
}

/// How much of a limit is used; a part of a step is a step.
fn bar(line: &BudgetLine) -> String {
    let full = match line.limit.0.is_positive() {
        true => (&line.used.0 / &line.limit.0 * int(BAR)).ceil().to_integer(),
        false => BAR.into(),
    };
    let full = usize::try_from(full).unwrap_or(0).min(BAR as usize);
    format!("{}{}", "▰".repeat(full), "▱".repeat(BAR as usize - full))
}

/// Beside a limit: what one more unit saves, or how much is left where more saves nothing.
fn price(line: &BudgetLine) -> String {
    let unit = &line.unit;
    if line.price.buy.0.is_positive() {
        let saved = display::monthly(&(&line.price.buy.0 * &unit.scale.0));
        return format!("+1{} saves {saved}", unit.text);
    }
    let left = unit.show(&Exact(&line.limit.0 - &line.used.0), 2);
    match &line.price.next_step {
        Some(next) => {
            let (more, saved) = (unit.show(&next.increase, 2), display::monthly(&next.saves.0));
            format!("{left} left, +{more} saves {saved}")
        }
        None => format!("{left} left"),
    }
}

/// Price, range and next step, as the command prints them.
fn said(plan: &Plan, line: &BudgetLine) -> String {
    let shown = display::prices_of(plan, std::slice::from_ref(line));
    format!("```text\n{}\n```", shown.trim_end())
}
