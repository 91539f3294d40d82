//! `config`: what is set, what is wrong with it, and files to start from.

use super::{Ended, Stop};
use crate::args::ConfigVerb;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_diag::Sources;
use eclexia_settings::environment::{Use, VARIABLES, Variable};
use eclexia_settings::table::FILES;
use eclexia_settings::template::template;
use eclexia_settings::{Environment, Origin, Setting, Settings, Value};
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::path::PathBuf;

pub fn config(console: &Console, verb: &ConfigVerb) -> Ended {
    let environment = Environment::of_process();
    match verb {
        ConfigVerb::Show { set } => Ok(show(console, &environment, *set)),
        ConfigVerb::Check => Ok(check(console, &environment)),
        ConfigVerb::Init => init(console, &environment),
    }
}

fn show(console: &Console, environment: &Environment, only_set: bool) -> Exit {
    let folder = environment.config_folder();
    let mut sources = Sources::new();
    let (settings, found) = Settings::load(folder.as_deref(), &mut sources);
    let is_shown = |setting: &&Setting| !only_set || setting.origin != Origin::Default;
    let settings: Vec<&Setting> = settings.all.iter().filter(is_shown).collect();
    let variables = VARIABLES.iter().filter(|v| !only_set || environment.get(v.name).is_some());
    let variables: Vec<&Variable> = variables.collect();
    if console.global.json {
        let settings: Vec<Json> = settings.into_iter().map(setting_json).collect();
        let variables: Vec<Json> =
            variables.into_iter().map(|v| variable_json(v, environment)).collect();
        console.json(&json!({"format": "eclexia-config/1", "folder": folder,
            "settings": settings, "environment": variables}));
    } else {
        console.out(&told(&settings, &variables, environment));
    }
    if found.is_empty() { Exit::Done } else { console.report(&found.sorted(), &sources) }
}

/// Settings under their files and tables, then the environment, in columns.
fn told(settings: &[&Setting], variables: &[&Variable], environment: &Environment) -> String {
    let mut text = String::new();
    let value = |s: &Setting| if s.text.is_empty() { "-".to_owned() } else { one_line(&s.text) };
    let names = settings.iter().map(|s| s.key.name.len()).max().unwrap_or(0);
    let values = settings.iter().map(|s| value(s).chars().count()).max().unwrap_or(0).min(40);
    let (mut file, mut section) = ("", "");
    for setting in settings {
        if setting.file != file {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", setting.file);
            (file, section) = (setting.file, "");
        }
        if setting.section != section {
            let _ = writeln!(text, "  [{}]", setting.section);
            section = &setting.section;
        }
        let (name, value, origin) = (setting.key.name, value(setting), &setting.origin);
        let _ = writeln!(text, "    {name:<names$}  {value:<values$}  {origin}");
    }
    let gap = if text.is_empty() { "" } else { "\n" };
    let _ = writeln!(text, "{gap}environment");
    let names = variables.iter().map(|v| v.name.len()).max().unwrap_or(0);
    for variable in variables {
        let shown = shown(variable, environment);
        let _ = writeln!(text, "    {:<names$}  {}", variable.name, one_line(&shown));
    }
    text
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The value of a variable, or what holds without it.
fn shown(variable: &Variable, environment: &Environment) -> String {
    match environment.get(variable.name) {
        Some(_) if variable.used == Use::Secret => "(set, not shown)".to_owned(),
        Some(value) => value.to_string_lossy().into_owned(),
        None => format!("- ({})", variable.default.replace('`', "")),
    }
}

fn setting_json(setting: &Setting) -> Json {
    let value = match &setting.value {
        Some(Value::Number(number)) => json!(number),
        Some(Value::Count(count)) => json!(count),
        Some(Value::Switch(on)) => json!(on),
        Some(Value::Text(text)) => json!(text),
        Some(Value::Word(word)) => json!(word),
        Some(Value::Amount(_) | Value::Time(_)) => json!(setting.text.trim_matches(['"', '\''])),
        None => Json::Null,
    };
    let from = match &setting.origin {
        Origin::Default => json!("default"),
        Origin::File(path, line) => json!({"file": path, "line": line}),
    };
    json!({"file": setting.file, "section": setting.section, "key": setting.key.name,
        "value": value, "from": from})
}

fn variable_json(variable: &Variable, environment: &Environment) -> Json {
    let value = environment.get(variable.name);
    let is_secret = variable.used == Use::Secret;
    let shown = value.filter(|_| !is_secret).map(|value| value.to_string_lossy());
    json!({"name": variable.name, "set": value.is_some(), "secret": is_secret, "value": shown})
}

fn check(console: &Console, environment: &Environment) -> Exit {
    let folder = environment.config_folder();
    let mut sources = Sources::new();
    let (_, found) = Settings::load(folder.as_deref(), &mut sources);
    let exit = console.report(&found.clone().sorted(), &sources);
    if found.has_errors() {
        return exit;
    }
    let read: Vec<&str> = sources.iter().map(|(_, source)| source.name.as_str()).collect();
    match (&read[..], folder) {
        ([], Some(folder)) => {
            console.say(&format!("{}: no configuration files\n", folder.display()));
        }
        ([], None) => console.say("there is no configuration folder\n"),
        (read, _) => read.iter().for_each(|path| console.say(&format!("{path}: no errors\n"))),
    }
    exit
}

fn init(console: &Console, environment: &Environment) -> Ended {
    let folder: PathBuf = match environment.config_folder() {
        Some(folder) => folder,
        None => return Err(Stop::from(diagnostics::no_configuration_folder())),
    };
    files::make_folder(&folder)?;
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for file in &FILES {
        let path = folder.join(file.name);
        // A link that leads nowhere is there as well.
        if path.symlink_metadata().is_ok() {
            kept.push(path.display().to_string());
        } else {
            files::write(&path, template(file).as_bytes())?;
            written.push(path.display().to_string());
        }
    }
    if console.global.json {
        console.json(&json!({"format": "eclexia-config-init/1", "written": written,
            "kept": kept}));
    }
    written.iter().for_each(|path| console.say(&format!("Wrote {path}.\n")));
    kept.iter().for_each(|path| console.say(&format!("Kept {path}, which was there.\n")));
    Ok(Exit::Done)
}
