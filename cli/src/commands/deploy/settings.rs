//! Values for a package's settings, from `--settings FILE` and `--set NAME=VALUE`.
//!
//! In: words and a TOML file. Out: values by name, as far as they are values; whether they fit is
//! seen in validation, with everything else.

use crate::args::ApplyArgs;
use crate::{diagnostics, files};
use eclexia_deploy::package::{Setting, Value, Values};
use eclexia_diag::Diagnostic;
use std::path::Path;

pub fn given(args: &ApplyArgs, asked: &[Setting]) -> Result<Values, Diagnostic> {
    let mut values = match &args.settings {
        Some(path) => of_file(path)?,
        None => Values::new(),
    };
    for word in &args.set {
        let Some((name, text)) = word.split_once('=') else {
            return Err(diagnostics::bad_settings(word, "write NAME=VALUE"));
        };
        let setting = asked.iter().find(|setting| setting.name == name);
        let value = setting.map_or_else(|| Value::Text(text.to_owned()), |s| s.read(text));
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

fn of_file(path: &Path) -> Result<Values, Diagnostic> {
    let (name, bytes) = files::read(path)?;
    let wrong = |why: &str| diagnostics::bad_settings(&name, why);
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong("it is no text"))?;
    let table: toml::Table = toml::from_str(text).map_err(|error| wrong(error.message()))?;
    let value = |(name, value): (String, toml::Value)| {
        let value = match value {
            toml::Value::Boolean(value) => Value::Bool(value),
            toml::Value::Integer(value) => Value::Int(value),
            toml::Value::Float(value) if value.is_finite() => Value::Float(value),
            toml::Value::String(value) => Value::Text(value),
            _ => return Err(wrong(&format!("`{name}` is neither text, number, true nor false"))),
        };
        Ok((name, value))
    };
    table.into_iter().map(value).collect()
}
