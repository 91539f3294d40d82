//! Questions about a planned deployment, answered as text.

use super::Planned;
use eclexia_base::unit::UnitTable;
use eclexia_diag::Diagnostic;
use eclexia_plan::graph::{Format, graph};
use eclexia_plan::{Edit, Interrupt, Sweep, interruptible};

/// The plan with an edit (`team.cost += 30USD/month`), or each step of the best plan over a range
/// (`team.cost in 100..400USD/month`).
///
/// `None`: it was interrupted.
pub fn what_if(planned: &Planned, edit: &str, interrupt: &Interrupt) -> Option<Answered> {
    interruptible(interrupt, || answer(planned, edit))
}

/// The answer, or why there is none.
pub type Answered = Result<String, Box<Diagnostic>>;

fn answer(planned: &Planned, edit: &str) -> Answered {
    let units = UnitTable::language();
    let (deployment, origins) = (&planned.deployment, &*planned.origins);
    if let Some(sweep) = Sweep::parse(edit, units) {
        return Ok(sweep?.curve(deployment, origins)?.to_string());
    }
    let edit = Edit::parse(edit, units)?;
    let Some(plan) = &planned.plan else {
        return Ok(format!("`{}` has no plan to compare with.\n", deployment.name));
    };
    let told = eclexia_plan::what_if(deployment, plan, &edit, origins)?;
    let reasons = told.found.iter().map(|found| {
        let help = found.help.as_deref().unwrap_or_default();
        format!("- {}. {help}\n", found.message)
    });
    Ok(told.to_string() + &reasons.collect::<String>())
}

/// A picture: `svg`, `dot` or `mermaid`; `None` for a format that there is not.
pub fn picture(planned: &Planned, format: &str) -> Option<String> {
    let format = match format {
        "svg" => Format::Svg,
        "dot" => Format::Dot,
        "mermaid" => Format::Mermaid,
        _ => return None,
    };
    Some(graph(&planned.deployment, planned.plan.as_deref(), format))
}
