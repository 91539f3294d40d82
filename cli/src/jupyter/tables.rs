//! Plans and prices as tables of HTML for a notebook: what the prompt says in columns, in the page's
//! own style of tables, with a bar for each limit. Only styles of single elements, so that nothing
//! else on the page looks different for it; equal input gives equal bytes.

use crate::manual::escape;
use eclexia_base::number::{int, to_decimal};
use eclexia_model::{Action, BudgetLine, Plan, Step, bars, display};

/// Steps of a plan that are shown.
const MOST_STEPS: usize = 200;

/// A cell of a table, which is HTML.
type Cell = String;

/// Totals, steps and budgets.
pub fn plan(plan: &Plan) -> String {
    let totals = escape(display::totals(plan).trim_end());
    let mut html = format!(
        "<p><b>{}</b></p>\n<pre style=\"text-align:left\">{totals}</pre>\n",
        escape(&plan.deployment)
    );
    if plan.steps.is_empty() {
        html.push_str("<p>No changes: it is as planned already.</p>\n");
    } else {
        let rows: Vec<[Cell; 4]> = plan.steps.iter().take(MOST_STEPS).map(step).collect();
        html.push_str(&table(&["", "what", "how", "because"].map(str::to_owned), &rows));
        if plan.steps.len() > rows.len() {
            let more = plan.steps.len() - rows.len();
            html.push_str(&format!("<p>… and {more} more steps</p>\n"));
        }
    }
    html + &budgets(plan)
}

/// Budgets with the next step of each, and what prices mean.
pub fn prices(plan: &Plan) -> String {
    let name = escape(&plan.deployment);
    format!("<p><b>{name}</b></p>\n{}<p>{}</p>\n", budgets(plan), escape(&display::proof(plan)))
}

fn step(step: &Step) -> [Cell; 4] {
    let sign = match step.action {
        Action::Add => "+",
        Action::Change => "~",
        Action::Destroy => "−",
    };
    let changes = display::changes(step).into_iter();
    let how: Vec<String> =
        changes.map(|(name, change)| format!("{} {}", escape(name), escape(&change))).collect();
    [sign.to_owned(), escape(&step.address.to_string()), how.join("<br>"), escape(&step.reason)]
}

fn budgets(plan: &Plan) -> String {
    if plan.budgets.is_empty() {
        return "<p>It has no budget, so nothing has a price.</p>\n".to_owned();
    }
    let mut rows = display::budget_rows(&plan.budgets).into_iter();
    let Some(head) = rows.next() else { return String::new() };
    let [name, rest @ ..] = head;
    let head: Vec<Cell> = [name, String::new()].into_iter().chain(rest).collect();
    let body: Vec<Vec<Cell>> = rows
        .zip(&plan.budgets)
        .map(|(row, line)| {
            let [name, rest @ ..] = row.map(|cell| escape(&cell));
            [name, bar(line)].into_iter().chain(rest).collect()
        })
        .collect();
    table(&head, &body)
}

/// How much of a limit is used.
fn bar(line: &BudgetLine) -> Cell {
    let part = bars::part(line).clamp(int(0), int(1));
    let percent = to_decimal(&(part * int(100)), 1);
    format!(
        "<div title=\"{percent} % used\" style=\"width:120px;height:12px;border-radius:3px;\
         background:rgba(128,128,128,.25)\"><div style=\"width:{percent}%;height:12px;\
         border-radius:3px;background:#1f6feb\"></div></div>"
    )
}

fn table<R: AsRef<[Cell]>>(head: &[Cell], rows: &[R]) -> String {
    let line = |cells: &[Cell], tag: &str| {
        let cell = |cell: &Cell| format!("<{tag} style=\"text-align:left\">{cell}</{tag}>");
        format!("<tr>{}</tr>\n", cells.iter().map(cell).collect::<String>())
    };
    let body: String = rows.iter().map(|row| line(row.as_ref(), "td")).collect();
    format!("<table>\n{}{body}</table>\n", line(head, "th"))
}
