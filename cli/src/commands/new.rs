//! `new NAME`: a project that checks, plans, runs and tests at once, from a template, which is a
//! project in `cli/templates`, called `project-name`: that name is replaced, in texts and paths.

use super::Ended;
use crate::args::NewArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use std::fmt::Write;
use std::path::Path;

pub struct Template {
    pub name: &'static str,
    /// What it is, for the list.
    what: &'static str,
    /// What to try in the folder.
    first: &'static str,
    /// Paths and texts.
    files: &'static [(&'static str, &'static str)],
}

/// The name that a template's project has.
const NAME: &str = "project-name";

/// The template of those who name none.
const STARTER: &str = "starter";

macro_rules! files {
    ($template:literal, $($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $template, "/", $path)))),*]
    };
}

pub const TEMPLATES: [Template; 5] = [
    Template {
        name: STARTER,
        what: "a service, its budget and where it may run, to be planned; a function with tests",
        first: "eclexia plan",
        files: files!("starter", "eclexia.toml", "main.ecl", "tests/project-name-test.ecl"),
    },
    Template {
        name: "deployment",
        what: "a service in Eclexia that runs on this machine at once",
        first: "eclexia apply",
        files: files!("deployment", "eclexia.toml", "main.ecl", "tests/project-name-test.ecl"),
    },
    Template {
        name: "web-and-store",
        what: "two services: needs, a volume, a secret, a blue-green rollout",
        first: "eclexia plan",
        files: files!(
            "web-and-store",
            "eclexia.toml",
            "main.ecl",
            "store.ecl",
            "web.ecl",
            "tests/project-name-test.ecl",
        ),
    },
    Template {
        name: "canary",
        what: "a service whose new versions come to a part of the requests first",
        first: "eclexia apply",
        files: files!("canary", "eclexia.toml", "main.ecl", "tests/project-name-test.ecl"),
    },
    Template {
        name: "library",
        what: "a module for other projects, with documentation and tests",
        first: "eclexia test",
        files: files!("library", "eclexia.toml", "words.ecl", "tests/project-name-test.ecl"),
    },
];

pub fn new(console: &Console, args: &NewArgs) -> Ended {
    let wanted = match &args.template {
        None => STARTER,
        Some(None) => return Ok(list(console)),
        Some(Some(wanted)) => wanted,
    };
    let template = TEMPLATES.iter().find(|template| template.name == wanted);
    let template = template.ok_or_else(|| {
        diagnostics::unknown_template(wanted, &TEMPLATES.each_ref().map(|t| t.name))
    })?;
    let Some(given) = &args.name else { return Err(diagnostics::bad_project_name("").into()) };
    let folder = Path::new(given);
    let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let package = name.to_ascii_lowercase();
    if !eclexia_project::manifest::is_package_name(&package) {
        return Err(diagnostics::bad_project_name(given).into());
    }
    if folder.exists() {
        return Err(diagnostics::already_exists(given).into());
    }
    files::make_folder(&folder.join("tests"))?;
    let mut paths = Vec::new();
    for (path, text) in template.files {
        let (path, text) = (path.replace(NAME, &package), text.replace(NAME, &package));
        files::write(&folder.join(&path), text.as_bytes())?;
        paths.push(path);
    }
    console.say(&format!(
        "Made {given}: {}. Try: cd {given} && {}\n",
        paths.join(", "),
        template.first
    ));
    Ok(Exit::Done)
}

fn list(console: &Console) -> Exit {
    let mut text = String::new();
    for Template { name, what, .. } in &TEMPLATES {
        if console.global.json {
            console.json(&serde_json::json!({"format": "eclexia-template/1", "name": name,
                "what": what}));
        }
        let _ = writeln!(text, "{name:<14} {what}");
    }
    console.say(&text);
    Exit::Done
}
