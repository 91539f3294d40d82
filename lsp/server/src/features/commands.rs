//! Commands: the arguments of each begin with the address of a document.
//!
//! | Command | Further arguments | Result |
//! |---|---|---|
//! | `eclexia.plan` | name of a deployment | its plan |
//! | `eclexia.whatIf` | name, edit (`team.cost += 30USD/month`) | the plan with the edit |
//! | `eclexia.graph` | name, `svg` (else `mermaid`, `dot`) | a picture |
//! | `eclexia.expandMacro` | place | the form there, its macros expanded |
//! | `eclexia.showIr` | place | the IR of the definition there |
//!
//! A result is `{title, language, text}`. Without a name the first deployment is meant.

use super::live;
use crate::context::{Answer, Context, Failure};

use eclexia_ide::inspect;
use eclexia_ide::live::{Planned, picture, what_if};
use eclexia_model::display;
use gen_lsp_types::{ExecuteCommandParams, Position, Uri};
use lsp_server::ErrorCode;
use serde_json::{Value, json};

pub const NAMES: [&str; 5] =
    ["eclexia.plan", "eclexia.whatIf", "eclexia.graph", "eclexia.expandMacro", "eclexia.showIr"];

/// How commands are called while they work, where they may take a while.
pub fn title_of(command: &Value) -> Option<&'static str> {
    match command.as_str()? {
        "eclexia.plan" => Some("Planning"),
        "eclexia.whatIf" => Some("Planning what if"),
        "eclexia.graph" => Some("Drawing the plan"),
        _ => None,
    }
}

/// What a command may be given, longest.
const MOST_EDIT: usize = 1000;

pub fn run(context: &Context, params: ExecuteCommandParams) -> Answer<Value> {
    let arguments = params.arguments.unwrap_or_default();
    let text = |i: usize| arguments.get(i).and_then(Value::as_str);
    let uri = text(0).ok_or_else(|| Failure::invalid("the first argument is an address"))?;
    let uri = Uri::from(uri);
    let planned = || {
        let found = live::deployment(context, &uri, text(1));
        context.still_wanted()?;
        found.ok_or_else(|| Failure::new(ErrorCode::RequestFailed, no_plan(text(1))))
    };
    let place = || {
        let place = arguments.get(1).cloned().map(serde_json::from_value::<Position>);
        place.and_then(Result::ok).ok_or_else(|| Failure::invalid("the second one is a place"))
    };
    let result = |title: String, language: &str, text: String| {
        Ok(json!({"title": title, "language": language, "text": text}))
    };
    match params.command.as_str() {
        "eclexia.plan" => {
            let planned = planned()?;
            result(title("plan", &planned), "text", plan(&planned))
        }
        "eclexia.whatIf" => {
            let edit = text(2).filter(|edit| edit.len() <= MOST_EDIT).unwrap_or_default();
            let planned = planned()?;
            let told = what_if(&planned, edit, &context.interrupt());
            let told = told.ok_or_else(Failure::cancelled)?;
            let told = told.map_err(|found| {
                let mut why = found.message.clone();
                found.help.iter().for_each(|help| why.push_str(&format!("\n{help}")));
                Failure::invalid(why)
            })?;
            result(title("what-if", &planned), "text", told)
        }
        "eclexia.graph" => {
            let format = text(2).unwrap_or("svg");
            let planned = planned()?;
            let drawn = picture(&planned, format);
            let drawn = drawn.ok_or_else(|| Failure::invalid("a format is svg, dot or mermaid"))?;
            result(title("graph", &planned), format, drawn)
        }
        "eclexia.expandMacro" => {
            let file = context.file(&uri)?;
            let at = context.offset(&file, place()?);
            let expanded = inspect::expanded(file.analysis(), file.id, at);
            let expanded = expanded.ok_or_else(|| Failure::invalid("there is no form there"))?;
            result("expanded".to_owned(), "eclexia", expanded)
        }
        "eclexia.showIr" => {
            let file = context.file(&uri)?;
            let at = context.offset(&file, place()?);
            let ir = inspect::ir(file.analysis(), file.id, at).map_err(Failure::invalid)?;
            result("ir".to_owned(), "eclexia-ir", ir)
        }
        other => Err(Failure::invalid(format!("there is no command `{other}`"))),
    }
}

fn title(what: &str, planned: &Planned) -> String {
    format!("{what} of {}", planned.deployment.name)
}

fn plan(planned: &Planned) -> String {
    let name = &planned.deployment.name;
    planned.plan.as_ref().map_or_else(|| format!("`{name}` has no plan.\n"), |p| display::plan(p))
}

fn no_plan(name: Option<&str>) -> String {
    let what = name.map_or("a deployment".to_owned(), |name| format!("a deployment `{name}`"));
    format!("this document has not {what} that is evaluated; correct its errors first")
}
