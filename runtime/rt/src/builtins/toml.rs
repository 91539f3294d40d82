//! TOML 1.0, by the crate `toml`: a document to the `Json` of `std.core` and back. Numbers are
//! Floats there, so an integer that no Float holds exactly is refused; dates and times are text.

use super::entry;
use crate::builtin::{Builtin, Ctors, arg, one};
use crate::order::Key;
use crate::value::{OrderedMap, Value};
use toml::Table;

/// The largest whole number up to which Floats have no gaps: 2^53.
const EXACT: i64 = 1 << 53;

/// Deepest nesting written; what is read, the crate bounds.
const MAX_DEPTH: usize = 128;

pub(super) const TABLE: &[Builtin] = &[
    entry("toml/parse", 1, |ctx, a| {
        let table = arg!(a, 0, as_str).parse::<Table>().map_err(|error| why(&error));
        let json = table.and_then(|table| object(table, ctx.ctors));
        Ok(ctx.ctors.result(json.map_err(Value::str)))
    }),
    entry("toml/print", 1, |ctx, a| {
        let text = match written(&a[0], ctx.ctors, 0) {
            Ok(Some(toml::Value::Table(table))) => {
                toml::to_string(&table).map_err(|error| error.to_string())
            }
            Ok(_) => Err("a TOML document is an object".to_owned()),
            Err(why) => Err(why),
        };
        Ok(ctx.ctors.result(text.map(Value::str).map_err(Value::str)))
    }),
];

/// `line 2, column 5: what is wrong`, out of a message that draws the place over several lines.
fn why(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let place = text.lines().next().and_then(|l| l.strip_prefix("TOML parse error at "));
    match place {
        Some(place) => format!("{place}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn object(table: Table, ctors: &Ctors) -> Result<Value, String> {
    let mut map = OrderedMap::new();
    for (key, value) in table {
        let value = json(value, ctors)?;
        map.insert(Key(Value::str(key)), value);
    }
    Ok(one(ctors.json_object, Value::from_map(map)))
}

fn json(value: toml::Value, ctors: &Ctors) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => one(ctors.json_string, Value::str(text)),
        toml::Value::Integer(n) if (-EXACT..=EXACT).contains(&n) => {
            one(ctors.json_number, Value::float(n as f64))
        }
        toml::Value::Integer(n) => return Err(format!("no Float is exactly {n}")),
        toml::Value::Float(x) => one(ctors.json_number, Value::float(x)),
        toml::Value::Boolean(b) => one(ctors.json_bool, Value::Bool(b)),
        toml::Value::Datetime(at) => one(ctors.json_string, Value::str(at.to_string())),
        toml::Value::Array(items) => {
            let items = items.into_iter().map(|item| json(item, ctors));
            let items: Result<Vec<Value>, String> = items.collect();
            one(ctors.json_array, Value::vector(items?))
        }
        toml::Value::Table(table) => object(table, ctors)?,
    })
}

/// `None` of null, which TOML says by leaving the key out.
fn written(value: &Value, ctors: &Ctors, depth: usize) -> Result<Option<toml::Value>, String> {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".to_owned());
    }
    let is = |ctor: (u32, u32)| value.ctor() == Some(ctor);
    let field = value.fields().first();
    Ok(Some(match field {
        Some(Value::Str(text)) => toml::Value::String(text.to_string()),
        Some(Value::Bool(b)) => toml::Value::Boolean(*b),
        Some(Value::Quantity(x, _)) if x.fract() == 0.0 && x.abs() <= EXACT as f64 => {
            toml::Value::Integer(*x as i64)
        }
        Some(Value::Quantity(x, _)) => toml::Value::Float(*x),
        Some(Value::Vector(seq)) if is(ctors.json_array) => {
            let mut items = Vec::with_capacity(seq.items.len());
            for item in &seq.items {
                let item = written(item, ctors, depth + 1)?;
                items.push(item.ok_or("an array of TOML holds no null")?);
            }
            toml::Value::Array(items)
        }
        Some(Value::Map(entries)) => {
            let mut table = Table::new();
            for (key, value) in &entries.map {
                if let (Some(key), Some(value)) =
                    (key.0.as_str(), written(value, ctors, depth + 1)?)
                {
                    table.insert(key.to_owned(), value);
                }
            }
            toml::Value::Table(table)
        }
        _ => return Ok(None),
    }))
}
