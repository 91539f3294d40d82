//! `render`: a plan as files for a target. Files are written one by one, each whole.

use super::program::elaborate;
use super::{Ended, Stop};
use crate::args::{RenderArgs, TargetName};
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_model::{Deployment, Plan};
use eclexia_targets::{Target, Unsupported, render as render_target};
use serde_json::json;
use std::path::Path;

pub fn render(console: &Console, args: &RenderArgs) -> Ended {
    let program = elaborate(console, args.file.as_deref())?;
    if args.output.is_file() {
        return Err(diagnostics::already_exists(&args.output.display().to_string()).into());
    }
    let deployments = program.deployments(&args.which)?;
    for deployment in &deployments {
        let plan = program.plan_or_saved(console, deployment, &args.saved)?;
        // Several deployments have a folder each.
        let folder = match &deployments[..] {
            [_] => args.output.clone(),
            _ => args.output.join(&deployment.name),
        };
        one(console, args.target, &folder, deployment, &plan)?;
    }
    Ok(Exit::Done)
}

fn one(
    console: &Console,
    target: TargetName,
    folder: &Path,
    deployment: &Deployment,
    plan: &Plan,
) -> Result<(), Stop> {
    let target = match target {
        TargetName::Compose => Target::Compose,
        TargetName::Kubernetes => Target::Kubernetes,
        TargetName::Local => Target::Local,
    };
    let rendered = render_target(target, deployment, plan);
    for (path, bytes) in &rendered.files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            files::make_folder(parent)?;
        }
        files::write(&path, bytes)?;
    }
    tell_lacks(console, &format!("not in {}", target.name()), &rendered.unsupported);
    if console.global.json {
        let lacks: Vec<_> = rendered
            .unsupported
            .iter()
            .map(|u| json!({"address": u.address, "what": u.what, "why": u.why}))
            .collect();
        let paths: Vec<&String> = rendered.files.keys().collect();
        console.json(&json!({
            "format": "eclexia-render/1", "deployment": deployment.name, "folder": folder,
            "files": paths, "unsupported": lacks,
        }));
    }
    let count = rendered.files.len();
    let noun = if count == 1 { "file" } else { "files" };
    console.say(&format!("Wrote {count} {noun} to {}.\n", folder.display()));
    Ok(())
}

/// What of a program does not come about, and why; `wherein`: "not in compose".
pub fn tell_lacks(console: &Console, wherein: &str, lacks: &[Unsupported]) {
    for lack in lacks.iter().filter(|_| !console.global.quiet && !console.global.json) {
        console.err(&format!("{wherein}: {} {}: {}\n", lack.address, lack.what, lack.why));
    }
}
