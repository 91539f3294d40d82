//! `graph`: a picture of a deployment.

use super::Ended;
use super::program::elaborate;
use crate::args::{GraphArgs, GraphFormat};
use crate::console::{Console, Exit};
use crate::files;
use eclexia_plan::graph::{Format, graph as draw};

pub fn graph(console: &Console, args: &GraphArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployment = program.deployment(&args.which)?;
    let plan = match args.unplanned {
        true => None,
        false => Some(program.plan(console, deployment, None)?),
    };
    let format = match args.format {
        GraphFormat::Dot => Format::Dot,
        GraphFormat::Mermaid => Format::Mermaid,
        GraphFormat::Svg => Format::Svg,
    };
    let picture = draw(deployment, plan.as_ref(), format);
    match &args.output {
        Some(path) => files::write(path, picture.as_bytes())?,
        None => console.out(&picture),
    }
    Ok(Exit::Done)
}
