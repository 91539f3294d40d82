//! Plans, prices, and values that are records in a row, as tables of HTML for a notebook: what the
//! prompt says in columns, in the page's own style of tables, with a bar for each limit. Only
//! styles of single elements, so that nothing else on the page looks different for it; equal input
//! gives equal bytes.

use crate::manual::escape;
use eclexia_base::FileId;
use eclexia_base::number::{int, to_decimal};
use eclexia_model::{Action, BudgetLine, Plan, Step, bars, display};
use eclexia_syntax::{NodeId, NodeKind, Tree};

/// Steps of a plan that are shown, and rows of a value.
const MOST_STEPS: usize = 200;
const MOST_ROWS: usize = 60;

/// Characters of a cell of a value.
const MOST_OF_CELL: usize = 80;

/// Bytes of a value that is looked at for rows.
const MOST_OF_VALUE: usize = 1 << 20;

/// A cell of a table, which is HTML.
type Cell = String;

/// Totals, steps and budgets.
pub fn plan(plan: &Plan) -> String {
    let totals = escape(display::totals(plan).trim_end());
    let mut html = format!(
        "<p><b>{}</b></p>\n<pre style=\"text-align:left;font-family:monospace\">{totals}</pre>\n",
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
    html + &budgets(plan, OF_PLAN)
}

/// Budgets with the next step of each, and what prices mean.
pub fn prices(plan: &Plan) -> String {
    let name = escape(&plan.deployment);
    format!(
        "<p><b>{name}</b></p>\n{}<p>{}</p>\n",
        budgets(plan, OF_PRICES),
        escape(&display::proof(plan))
    )
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

/// Columns of the table of budgets behind name and bar: what is used, the limit, what is left, the
/// next step; and for prices what one more and one less are worth.
const OF_PLAN: &[usize] = &[1, 2, 3, 4];
const OF_PRICES: &[usize] = &[1, 2, 4, 5, 6];

fn budgets(plan: &Plan, columns: &[usize]) -> String {
    if plan.budgets.is_empty() {
        return "<p>It has no budget, so nothing has a price.</p>\n".to_owned();
    }
    let cells = |row: &[String; 7], bar: Cell| -> Vec<Cell> {
        let rest = columns.iter().map(|column| escape(&row[*column]));
        [escape(&row[0]), bar].into_iter().chain(rest).collect()
    };
    let rows = display::budget_rows(&plan.budgets);
    let [head, body @ ..] = rows.as_slice() else { return String::new() };
    let body: Vec<Vec<Cell>> =
        body.iter().zip(&plan.budgets).map(|(row, line)| cells(row, bar(line))).collect();
    table(&cells(head, String::new()), &body)
}

/// How much of a limit is used.
fn bar(line: &BudgetLine) -> Cell {
    let part = bars::part(line).clamp(int(0), int(1));
    let percent = to_decimal(&(part * int(100)), 1);
    format!(
        "<div title=\"{percent} % used\" style=\"width:90px;height:12px;border-radius:3px;\
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
    // What stands between two dollars in a string is no formula.
    format!("<table class=\"mathjax_ignore\">\n{}{body}</table>\n", line(head, "th"))
}

/// A value, as it is shown, of at least two records of one type in a vector or a list.
pub fn records(shown: &str) -> Option<String> {
    if shown.len() > MOST_OF_VALUE || !shown.contains('{') {
        return None;
    }
    let (tree, found) = eclexia_syntax::read(FileId(0), shown);
    let [root] = tree.roots[..] else { return None };
    let items = match (tree.kind(root), tree.children(root)) {
        (NodeKind::Vector, items) => items,
        (NodeKind::List, [head, items @ ..]) if is_symbol(&tree, *head, "list") => items,
        _ => return None,
    };
    if found.has_errors() || items.len() < 2 {
        return None;
    }
    let rows: Option<Vec<Record>> = items.iter().map(|item| record(&tree, shown, *item)).collect();
    let rows = rows?;
    let first = rows.first()?;
    let is_alike = |row: &Record| row.name == first.name && row.fields == first.fields;
    if !rows.iter().all(is_alike) {
        return None;
    }
    let cells: Vec<&Vec<Cell>> = rows.iter().take(MOST_ROWS).map(|row| &row.cells).collect();
    let mut html = table(&first.fields, &cells);
    if rows.len() > MOST_ROWS {
        html.push_str(&format!("<p>… and {} more</p>\n", rows.len() - MOST_ROWS));
    }
    Some(html)
}

struct Record {
    name: NodeKind,
    fields: Vec<Cell>,
    cells: Vec<Cell>,
}

fn is_symbol(tree: &Tree, node: NodeId, name: &str) -> bool {
    matches!(tree.kind(node), NodeKind::Symbol(symbol) if symbol == *name)
}

/// `(Name {:field value …})`
fn record(tree: &Tree, text: &str, node: NodeId) -> Option<Record> {
    let [name, map] = tree.children(node) else { return None };
    let (NodeKind::Symbol(_), NodeKind::Map) = (tree.kind(*name), tree.kind(*map)) else {
        return None;
    };
    let mut record = Record { name: tree.kind(*name), fields: Vec::new(), cells: Vec::new() };
    for pair in tree.children(*map).chunks(2) {
        let [field, value] = pair else { return None };
        let NodeKind::Keyword(field) = tree.kind(*field) else { return None };
        let whole = match tree.kind(*value) {
            NodeKind::Str(words) => words.as_str(),
            _ => text.get(tree.span(*value).range())?,
        };
        let mut cell: String = whole.chars().take(MOST_OF_CELL).collect();
        if cell.len() < whole.len() {
            cell.push('…');
        }
        record.fields.push(escape(field.as_str()));
        record.cells.push(escape(&cell));
    }
    Some(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_in_a_row_are_a_table() {
        let html = records("[(Shop {:name \"a<b\" :ports [1 2]}) (Shop {:name \"é\" :ports []})]");
        let html = html.unwrap_or_default().replace(" style=\"text-align:left\"", "");
        assert_eq!(
            html,
            "<table class=\"mathjax_ignore\">\n<tr><th>name</th><th>ports</th></tr>\n\
             <tr><td>a&lt;b</td><td>[1 2]</td></tr>\n<tr><td>é</td><td>[]</td></tr>\n</table>\n"
        );
    }

    #[test]
    fn what_is_none_stays_text() {
        for shown in [
            "[1 2]",
            "[{:a 1} {:a 2}]",
            "[(Shop {:name 1})]",
            "[(Shop {:name 1}) (Shelf {:name 1})]",
            "[(Shop {:name 1}) (Shop {:size 1})]",
            "(Shop {:name 1})",
            "(pair (Shop {:name 1}) (Shop {:name 2}))",
            "[(Shop {:name 1}) (Shop {:name",
            "[(Shop {:name}) (Shop {:name})]",
            "",
        ] {
            assert_eq!(records(shown), None, "{shown}");
        }
    }

    #[test]
    fn what_is_long_is_cut() {
        let long = "x".repeat(100);
        let rows = format!("(Row {{:text \"{long}\"}}) ").repeat(100);
        let html = records(&format!("(list {rows})")).unwrap_or_default();
        assert!(html.contains(&format!(">{}…</td>", "x".repeat(80))) && !html.contains(&long));
        assert!(html.ends_with("<p>… and 40 more</p>\n"));
    }
}
