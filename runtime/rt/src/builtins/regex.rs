//! Regular expressions, by the crate `regex`: time linear in the text whatever the pattern, no
//! look-around, no back-references. A pattern that compiles to more than 1 MiB is refused. Places
//! are counted in code points, as everywhere in strings.
//!
//! A pattern is compiled once per thread while it is among the last used; `std.regex` hands only
//! patterns to the other functions here that `regex/check` accepted.

use super::entry;
use crate::builtin::{Builtin, Ctors, Fault, arg};
use crate::value::{Items, Value};
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;

/// Of one compiled pattern, and of its states while it matches.
const MOST_BYTES: usize = 1 << 20;

/// How many compiled patterns are kept; when there are more, all are forgotten.
const MOST_KEPT: usize = 64;

pub(super) const TABLE: &[Builtin] = &[
    entry("regex/check", 1, |ctx, a| {
        let done = compiled(arg!(a, 0, as_str)).map(|_| Value::Unit);
        Ok(ctx.ctors.result(done.map_err(Value::str)))
    }),
    entry("regex/is-match", 2, |_, a| Ok(Value::Bool(of(&a[0])?.is_match(arg!(a, 1, as_str))))),
    entry("regex/spans", 3, |ctx, a| {
        let (regex, text) = (of(&a[0])?, arg!(a, 1, as_str));
        let most = usize::try_from(arg!(a, 2, as_int)).unwrap_or(0);
        Ok(spans(&regex, text, most, ctx.ctors))
    }),
    entry("regex/groups", 3, |ctx, a| {
        let (regex, text) = (of(&a[0])?, arg!(a, 1, as_str));
        let most = usize::try_from(arg!(a, 2, as_int)).unwrap_or(0);
        let found = regex.captures_iter(text).take(most).map(|captures| {
            let groups = captures
                .iter()
                .map(|group| ctx.ctors.option(group.map(|group| Value::str(group.as_str()))));
            Value::from_items(groups.collect())
        });
        Ok(Value::from_items(found.collect()))
    }),
    entry("regex/group-names", 1, |ctx, a| {
        let regex = of(&a[0])?;
        let names = regex.capture_names().map(|name| ctx.ctors.option(name.map(Value::str)));
        Ok(Value::from_items(names.collect()))
    }),
    entry("regex/replace-most", 4, |_, a| {
        let regex = of(&a[0])?;
        let most = usize::try_from(arg!(a, 3, as_int)).unwrap_or(0);
        let text = regex.replacen(arg!(a, 1, as_str), most, arg!(a, 2, as_str));
        Ok(Value::str(text.into_owned()))
    }),
    entry("regex/parts", 2, |_, a| {
        let regex = of(&a[0])?;
        Ok(Value::from_items(regex.split(arg!(a, 1, as_str)).map(Value::str).collect::<Items>()))
    }),
    entry("regex/quote", 1, |_, a| Ok(Value::str(regex::escape(arg!(a, 0, as_str))))),
];

thread_local! {
    static KEPT: RefCell<Vec<(String, Regex)>> = const { RefCell::new(Vec::new()) };
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    KEPT.with_borrow_mut(|kept| {
        if let Some((_, regex)) = kept.iter().find(|(own, _)| own == pattern) {
            return Ok(regex.clone());
        }
        let mut builder = RegexBuilder::new(pattern);
        let regex = builder.size_limit(MOST_BYTES).dfa_size_limit(MOST_BYTES).nest_limit(100);
        let regex = regex.build().map_err(|error| why(&error))?;
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.push((pattern.to_owned(), regex.clone()));
        Ok(regex)
    })
}

fn of(pattern: &Value) -> Result<Regex, Fault> {
    let pattern = pattern.as_str().unwrap_or_default();
    compiled(pattern).map_err(|why| Fault::Abort(format!("the pattern {pattern:?}: {why}")))
}

/// The last line says what is wrong; those before it draw the place.
fn why(error: &regex::Error) -> String {
    let text = match error {
        regex::Error::CompiledTooBig(_) => return "it needs more than 1 MiB".to_owned(),
        other => other.to_string(),
    };
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

/// Matched text with the code points where it begins and ends.
fn spans(regex: &Regex, text: &str, most: usize, ctors: &Ctors) -> Value {
    let (mut byte, mut point) = (0, 0);
    let mut points_to = |to: usize| {
        point += text[byte..to].chars().count() as i64;
        byte = to;
        Value::Int(point)
    };
    let found = regex.find_iter(text).take(most).map(|found| {
        let (start, end) = (points_to(found.start()), points_to(found.end()));
        ctors.pair(Value::str(found.as_str()), ctors.pair(start, end))
    });
    Value::from_items(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_pattern_is_said_in_one_line() {
        assert_eq!(compiled("a(").expect_err("unclosed"), "unclosed group");
        assert_eq!(compiled(r"\w{9999}").expect_err("large"), "it needs more than 1 MiB");
    }
}
