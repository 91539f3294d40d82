//! `explain CODE`: the page of a message; without a code, the list of all.

use super::Ended;
use crate::args::ExplainArgs;
use crate::console::{Console, Exit};
use crate::diagnostics;
use eclexia_base::unit::edit_distance;
use eclexia_diag::catalogue;
use serde_json::json;

pub fn explain(console: &Console, args: &ExplainArgs) -> Ended {
    let Some(code) = &args.code else {
        for code in catalogue::codes() {
            let summary = catalogue::page(code).map(summary).unwrap_or_default();
            if console.global.json {
                console
                    .json(&json!({"format": "eclexia-code/1", "code": code, "summary": summary}));
            } else {
                console.out(&format!("{code:<24} {summary}\n"));
            }
        }
        return Ok(Exit::Done);
    };
    // People paste `error[unit-mismatch]`.
    let slug =
        code.trim_start_matches("error[").trim_start_matches("warning[").trim_end_matches(']');
    let Some(page) = catalogue::page(slug) else {
        let mut near: Vec<(usize, &str)> =
            catalogue::codes().map(|known| (edit_distance(known, slug), known)).collect();
        near.sort_unstable();
        let near: Vec<&str> =
            near.iter().filter(|(d, _)| *d <= 4).take(3).map(|(_, c)| *c).collect();
        return Err(diagnostics::unknown_code(slug, &near).into());
    };
    if console.global.json {
        console.json(&json!({"format": "eclexia-code/1", "code": slug, "page": page}));
    } else {
        console.out(page);
    }
    Ok(Exit::Done)
}

/// The first paragraph after the heading, on one line.
fn summary(page: &str) -> String {
    let body = page.lines().skip(1).skip_while(|l| l.trim().is_empty());
    body.take_while(|l| !l.trim().is_empty()).collect::<Vec<_>>().join(" ")
}
