//! Values for a package's settings, from `--settings FILE` and `--set NAME=VALUE`.
//!
//! In: words and a TOML file. Out: values by name, as far as they are values; whether they fit is
//! seen in validation, with everything else. `store.port=80`, or `port = 80` in a table `[store]`,
//! is a setting of the package `store`, which the one that is applied needs.

use crate::args::ApplyArgs;
use crate::{diagnostics, files};
use eclexia_deploy::package::{Setting, Value, Values};
use eclexia_diag::Diagnostic;
use std::collections::BTreeMap;
use std::path::Path;

/// `of`: a package that is needed; none: the one that is applied.
pub fn given(args: &ApplyArgs, of: Option<&str>, asked: &[Setting]) -> Result<Values, Diagnostic> {
    let mut values = match &args.settings {
        Some(path) => of_file(path)?.remove(&of.map(str::to_owned)).unwrap_or_default(),
        None => Values::new(),
    };
    for word in &args.set {
        let (package, name, text) = parts(word)?;
        if package != of {
            continue;
        }
        let setting = asked.iter().find(|setting| setting.name == name);
        let value = setting.map_or_else(|| Value::Text(text.to_owned()), |s| s.read(text));
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// Refuses values for packages that are not among those that are deployed.
pub fn are_of(args: &ApplyArgs, packages: &[&str]) -> Result<(), Diagnostic> {
    let wrong = |of: &str, place: &str| match packages.contains(&of) {
        true => Ok(()),
        false => Err(diagnostics::bad_settings(place, &format!("no package `{of}` is deployed"))),
    };
    for word in &args.set {
        let (package, ..) = parts(word)?;
        package.map_or(Ok(()), |of| wrong(of, word))?;
    }
    let Some(path) = &args.settings else { return Ok(()) };
    let named = of_file(path)?.into_keys().flatten();
    named.into_iter().try_for_each(|of| wrong(&of, &path.display().to_string()))
}

/// `PACKAGE.NAME=VALUE`; without a package it is the one that is applied.
fn parts(word: &str) -> Result<(Option<&str>, &str, &str), Diagnostic> {
    let Some((name, text)) = word.split_once('=') else {
        return Err(diagnostics::bad_settings(word, "write NAME=VALUE"));
    };
    Ok(match name.split_once('.') {
        Some((package, name)) => (Some(package), name, text),
        None => (None, name, text),
    })
}

/// By packages, the one that is applied under no name.
fn of_file(path: &Path) -> Result<BTreeMap<Option<String>, Values>, Diagnostic> {
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
    let mut all: BTreeMap<Option<String>, Values> = BTreeMap::new();
    for (name, one) in table {
        if let toml::Value::Table(inner) = one {
            let values = inner.into_iter().map(value).collect::<Result<_, _>>()?;
            all.insert(Some(name), values);
        } else {
            let (name, one) = value((name, one))?;
            all.entry(None).or_default().insert(name, one);
        }
    }
    Ok(all)
}
