//! Plans beside the lines that they decide: lenses over deployments, hints beside ranges and
//! limits, and what is said over a limit or a budget.

use super::{Hint, Lens, Live, LiveFile, Planned, Priced};
use eclexia_base::number::{int, to_decimal};
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_model::{
    Account, BudgetLine, Exact, Limit, Origin, Plan, Service, ServiceChoice, display,
};
use eclexia_plan::elaborate::Origins;
use num_traits::{Signed, Zero};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Steps of a bar.
const BAR: i64 = 5;

/// A budget, and which deployments its program plans.
pub(super) struct Funds {
    pub account: Account,
    pub origins: Arc<Origins>,
    pub planned: Range<usize>,
}

pub(super) fn show(analysis: &Analysis, accounts: &[Funds], live: &mut Live) {
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
    let mut told: BTreeMap<Span, Vec<String>> = BTreeMap::new();
    for Funds { account, origins, planned: of } in accounts {
        let Some(span) = origins.get(account.origin) else { continue };
        let tables = told.entry(span).or_insert_with(|| vec![limits(account)]);
        let funded =
            planned[of.clone()].iter().filter_map(|one| one.plan.as_deref().map(|p| (one, p)));
        let funded =
            funded.filter(|(one, _)| one.deployment.account.as_ref() == Some(&account.name));
        tables.extend(funded.map(|(_, plan)| spent(plan)));
    }
    live.planned = planned;
    for (span, mut tables) in told {
        // What is spent says what there is, too.
        tables.dedup();
        let tables = if tables.len() > 1 { &tables[1..] } else { &tables[..] };
        file_of(analysis, live, span.file)
            .limits
            .push(Priced { at: range(span), text: tables.join("\n\n") });
    }
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

    fn file(&mut self, file: FileId) -> &mut LiveFile {
        file_of(self.analysis, self.live, file)
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

fn file_of<'l>(analysis: &Analysis, live: &'l mut Live, file: FileId) -> &'l mut LiveFile {
    let source = analysis.sources.get(file);
    let name = source.map(|source| source.name.clone()).unwrap_or_default();
    let text = || source.map(|source| source.text.clone()).unwrap_or_default();
    live.files.entry(name).or_insert_with(|| LiveFile { text: text(), ..LiveFile::default() })
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
    match worth(line) {
        Some(worth) if line.price.buy.0.is_positive() => worth,
        Some(worth) => format!("{} left, {worth}", left(line)),
        None => format!("{} left", left(line)),
    }
}

fn left(line: &BudgetLine) -> String {
    line.unit.show(&Exact(&line.limit.0 - &line.used.0), 2)
}

/// What one more unit of a limit saves, or the least that saves anything.
fn worth(line: &BudgetLine) -> Option<String> {
    let unit = &line.unit;
    if line.price.buy.0.is_positive() {
        let saved = display::monthly(&(&line.price.buy.0 * &unit.scale.0));
        return Some(format!("+1{} saves {saved}", unit.text));
    }
    let next = line.price.next_step.as_ref()?;
    let (more, saved) = (unit.show(&next.increase, 2), display::monthly(&next.saves.0));
    Some(format!("+{more} saves {saved}"))
}

/// What a budget has, where no plan spends of it.
fn limits(account: &Account) -> String {
    let row = |limit: &Limit| [limit.metric.name().to_string(), limit.unit.show(&limit.amount, 2)];
    let rows: Vec<_> = account.limits.iter().map(row).collect();
    format!("No plan spends of `{}`.\n\n{}", account.name, table(["", "available"], &rows))
}

/// What a plan spends of its budget.
fn spent(plan: &Plan) -> String {
    let row = |line: &BudgetLine| {
        [
            line.metric.name().to_string(),
            line.unit.show(&line.limit, 2),
            line.unit.show(&line.used, 2),
            left(line),
            worth(line).unwrap_or_else(|| "more saves nothing".to_owned()),
        ]
    };
    let rows: Vec<_> = plan.budgets.iter().map(row).collect();
    let head = ["", "available", "spent", "left", "price"];
    format!("Spent by the plan of `{}`\n\n{}", plan.deployment, table(head, &rows))
}

/// Columns below one another, as a text of its own width.
fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let head = head.map(str::to_owned);
    let all = || std::iter::once(&head).chain(rows);
    let width = |column: usize| all().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    format!("```text\n{}\n```", all().map(line).collect::<Vec<_>>().join("\n"))
}

/// Price, range and next step, as the command prints them.
fn said(plan: &Plan, line: &BudgetLine) -> String {
    let shown = display::prices_of(plan, std::slice::from_ref(line));
    format!("```text\n{}\n```", shown.trim_end())
}
