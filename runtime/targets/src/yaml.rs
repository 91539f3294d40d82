//! A YAML value and its one way of being written.
//!
//! In: a [`Yaml`] tree whose maps keep the order in which they were built. Out: block-style YAML
//! text that every YAML 1.1 and 1.2 reader reads back as the same tree. Equal trees give equal
//! bytes.
//!
//! A string is written plain only when no reader could take it for anything else; `yes`, `012`,
//! `1e3`, `null`, `1:30` and everything that starts with a digit or a sign are quoted. Absent on
//! purpose: reading, anchors, tags, comments inside, floats (amounts are strings or integers).

use std::fmt::Write;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Yaml {
    Null,
    Bool(bool),
    Int(i64),
    Str(String),
    List(Vec<Yaml>),
    Map(Map),
}

/// A map in insertion order; a key set twice keeps its first place and its last value.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Map(Vec<(String, Yaml)>);

impl Map {
    pub fn new() -> Map {
        Map::default()
    }

    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Yaml>) -> Map {
        self.set(key, value);
        self
    }

    /// Leaves the key out when there is no value.
    #[must_use]
    pub fn with_some(self, key: &str, value: Option<impl Into<Yaml>>) -> Map {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// Leaves the key out when the list or map is empty.
    #[must_use]
    pub fn with_nonempty(self, key: &str, value: impl Into<Yaml>) -> Map {
        let value = value.into();
        let empty = match &value {
            Yaml::List(items) => items.is_empty(),
            Yaml::Map(map) => map.is_empty(),
            _ => false,
        };
        if empty { self } else { self.with(key, value) }
    }

    pub fn set(&mut self, key: &str, value: impl Into<Yaml>) {
        let value = value.into();
        match self.0.iter_mut().find(|(k, _)| k == key) {
            Some(entry) => entry.1 = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Yaml)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Yaml {
        Yaml::Map(map)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Yaml {
        Yaml::List(items)
    }
}

impl From<Vec<Map>> for Yaml {
    fn from(items: Vec<Map>) -> Yaml {
        Yaml::List(items.into_iter().map(Yaml::Map).collect())
    }
}

impl From<Vec<String>> for Yaml {
    fn from(items: Vec<String>) -> Yaml {
        Yaml::List(items.into_iter().map(Yaml::Str).collect())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Yaml {
        Yaml::Str(text)
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Yaml {
        Yaml::Str(text.to_owned())
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Yaml {
        Yaml::Bool(value)
    }
}

impl From<u32> for Yaml {
    fn from(value: u32) -> Yaml {
        Yaml::Int(i64::from(value))
    }
}

impl From<u16> for Yaml {
    fn from(value: u16) -> Yaml {
        Yaml::Int(i64::from(value))
    }
}

impl From<i64> for Yaml {
    fn from(value: i64) -> Yaml {
        Yaml::Int(value)
    }
}

/// A list of strings from anything that has them.
pub fn strings<'a>(items: impl IntoIterator<Item = &'a str>) -> Yaml {
    Yaml::List(items.into_iter().map(Yaml::from).collect())
}

/// A whole document, with a final newline.
pub fn write(root: &Yaml) -> String {
    let mut out = String::new();
    match root {
        Yaml::Map(map) if !map.is_empty() => write_map(&mut out, map, 0),
        Yaml::List(items) if !items.is_empty() => write_list(&mut out, items, 0),
        scalar => {
            write_scalar(&mut out, scalar, 0);
            out.push('\n');
        }
    }
    out
}

fn write_map(out: &mut String, map: &Map, indent: usize) {
    for (index, (key, value)) in map.iter().enumerate() {
        // The first entry of a map inside a list stands on the line of its dash.
        if index > 0 || !out.ends_with("- ") {
            pad(out, indent);
        }
        write_key(out, key, indent);
        write_value(out, value, indent);
    }
}

/// YAML reads an implicit key only up to 1024 characters; longer ones need the `?` form.
fn write_key(out: &mut String, key: &str, indent: usize) {
    let text = quoted_if_needed(key);
    if text.chars().count() <= 1000 {
        out.push_str(&text);
    } else {
        let _ = writeln!(out, "? {text}");
        pad(out, indent);
    }
    out.push(':');
}

/// What follows a key's colon: a scalar on the same line, or a deeper block.
fn write_value(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Map(map) if !map.is_empty() => {
            out.push('\n');
            write_map(out, map, indent + 2);
        }
        Yaml::List(items) if !items.is_empty() => {
            out.push('\n');
            write_list(out, items, indent + 2);
        }
        scalar => {
            out.push(' ');
            write_scalar(out, scalar, indent + 2);
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, items: &[Yaml], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !out.ends_with("- ") {
            pad(out, indent);
        }
        out.push_str("- ");
        match item {
            Yaml::Map(map) if !map.is_empty() => write_map(out, map, indent + 2),
            Yaml::List(inner) if !inner.is_empty() => write_list(out, inner, indent + 2),
            scalar => {
                write_scalar(out, scalar, indent + 2);
                out.push('\n');
            }
        }
    }
}

/// A scalar or an empty collection; `indent` is where the lines of a block scalar stand.
fn write_scalar(out: &mut String, value: &Yaml, indent: usize) {
    match value {
        Yaml::Null => out.push_str("null"),
        Yaml::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Yaml::Int(value) => {
            let _ = write!(out, "{value}");
        }
        Yaml::Str(text) if fits_literal_block(text) => write_literal(out, text, indent.max(2)),
        Yaml::Str(text) => out.push_str(&quoted_if_needed(text)),
        Yaml::List(_) => out.push_str("[]"),
        Yaml::Map(_) => out.push_str("{}"),
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// `|` keeps one final newline, `|-` none. The caller ends the line.
fn write_literal(out: &mut String, text: &str, indent: usize) {
    let body = text.strip_suffix('\n');
    out.push_str(if body.is_some() { "|" } else { "|-" });
    for line in body.unwrap_or(text).split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
}

/// Several lines that a literal block gives back exactly: no line is only blanks, the first does
/// not start with one (it would set the indentation), at most one newline at the end.
fn fits_literal_block(text: &str) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !body.is_empty()
        && !body.starts_with([' ', '\t', '\n'])
        && !body.ends_with('\n')
        && body.chars().all(|c| c == '\n' || is_printable(c))
        && body.split('\n').all(|line| line.is_empty() || !line.trim().is_empty())
}

fn quoted_if_needed(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else if text.contains(['"', '\\']) && text.chars().all(is_printable) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double_quoted(text)
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_printable(c) => out.push(c),
            c if u32::from(c) <= 0xff => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c if u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => {
                let _ = write!(out, "\\U{:08x}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// What YAML allows unescaped and no reader folds: NEL, LS, PS and the byte order mark are left
/// out because YAML 1.1 takes the first three for line ends.
fn is_printable(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Words that some reader takes for null, a boolean or a number, in lower case.
const RESERVED: [&str; 11] =
    ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];

/// Starts with a letter, `/` or `_`, and holds nothing that could end or change a plain scalar.
fn is_plain(text: &str) -> bool {
    let mut previous = None;
    for c in text.chars() {
        let ok = match c {
            'a'..='z' | 'A'..='Z' | '/' | '_' => true,
            '0'..='9' | '.' | '-' | '@' | '+' | '(' | ')' | '=' | '$' | ';' | '~' => {
                previous.is_some()
            }
            ':' => previous.is_some(),
            ' ' => previous.is_some_and(|p| p != ' ' && p != ':'),
            _ => false,
        };
        if !ok {
            return false;
        }
        previous = Some(c);
    }
    previous.is_some_and(|last| last != ' ' && last != ':')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str())
}
