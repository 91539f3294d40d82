//! `render`: a plan as files for a target. Files are written one by one, each whole.

use super::Ended;
use super::plan::read_plan;
use super::program::elaborate;
use crate::args::{RenderArgs, TargetName};
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_targets::{Target, render as render_target};
use serde_json::json;

pub fn render(console: &Console, args: &RenderArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    let deployment = program.deployment(&args.which)?;
    let plan = match &args.plan {
        None => program.plan(console, deployment, None)?,
        Some(path) => {
            let plan = read_plan(path)?;
            if plan.model_id != eclexia_model::saved::digest(deployment) {
                return Err(diagnostics::stale_plan(&path.display().to_string()).into());
            }
            plan
        }
    };
    let target = match args.target {
        TargetName::Compose => Target::Compose,
        TargetName::Kubernetes => Target::Kubernetes,
    };
    if args.output.is_file() {
        return Err(diagnostics::already_exists(&args.output.display().to_string()).into());
    }
    let rendered = render_target(target, deployment, &plan);
    for (path, bytes) in &rendered.files {
        let path = args.output.join(path);
        if let Some(folder) = path.parent() {
            files::make_folder(folder)?;
        }
        files::write(&path, bytes)?;
    }
    for lack in &rendered.unsupported {
        let line = format!("not in {}: {} {}: {}\n", target.name(), lack.address, lack.what, lack.why);
        if !console.global.quiet && !console.global.json {
            console.err(&line);
        }
    }
    if console.global.json {
        let lacks: Vec<_> = rendered
            .unsupported
            .iter()
            .map(|u| json!({"address": u.address, "what": u.what, "why": u.why}))
            .collect();
        let paths: Vec<&String> = rendered.files.keys().collect();
        console.json(&json!({"format": "eclexia-render/1", "files": paths, "unsupported": lacks}));
    }
    let count = rendered.files.len();
    let noun = if count == 1 { "file" } else { "files" };
    console.say(&format!("Wrote {count} {noun} to {}.\n", args.output.display()));
    Ok(Exit::Done)
}
