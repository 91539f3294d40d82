//! Comma-separated values (RFC 4180), by the crate `csv`: text to rows of fields and back. Rows may
//! differ in length; a header is a row like others (`std.csv` makes maps of it).

use super::entry;
use crate::builtin::{Builtin, Fault, arg};
use crate::value::{Items, Value};

pub(super) const TABLE: &[Builtin] = &[
    entry("csv/read-rows", 2, |ctx, a| {
        let read = separator(&a[1]).and_then(|by| read(arg!(a, 0, as_str), by));
        Ok(ctx.ctors.result(read.map_err(Value::str)))
    }),
    entry("csv/write-rows", 2, |_, a| {
        let written = separator(&a[1]).and_then(|by| write(arg!(a, 0, as_items), by));
        written.map(Value::str).map_err(Fault::Abort)
    }),
];

fn separator(value: &Value) -> Result<u8, String> {
    match value.as_str().unwrap_or_default().as_bytes() {
        [b'"' | b'\n' | b'\r'] => Err("a quote or a line end separates no fields".to_owned()),
        [byte] if byte.is_ascii() => Ok(*byte),
        _ => Err("a separator of fields is one ASCII character".to_owned()),
    }
}

fn read(text: &str, separator: u8) -> Result<Value, String> {
    let mut builder = csv::ReaderBuilder::new();
    let builder = builder.has_headers(false).flexible(true).delimiter(separator);
    // The byte order mark that spreadsheets write is no part of the first field.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut rows = Items::new();
    for row in builder.from_reader(text.as_bytes()).records() {
        let row = row.map_err(|error| error.to_string())?;
        rows.push_back(Value::from_items(row.iter().map(Value::str).collect()));
    }
    Ok(Value::from_items(rows))
}

fn write(rows: &Items, separator: u8) -> Result<String, String> {
    let mut builder = csv::WriterBuilder::new();
    let mut writer = builder.flexible(true).delimiter(separator).from_writer(Vec::new());
    for row in rows {
        let fields = row.as_items().into_iter().flatten().filter_map(Value::as_str);
        writer.write_record(fields).map_err(|error| error.to_string())?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
