//! Templates of text: `{}` is a place for a value, `{:>8}` one in a column. A place says, after its
//! colon and in this order, what fills it up and where the value stands (`<`, `^`, `>`), `0` for
//! zeros after the sign, its width, and after a point how many decimals of a number or characters
//! of a text. `{{` and `}}` are braces. Widths count columns of a terminal.

use super::entry;
use crate::builtin::{Builtin, arg};
use crate::value::Value;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The widest place, and the most decimals.
const MOST: usize = 10_000;

pub(super) const TABLE: &[Builtin] = &[
    entry("format/fill", 2, |ctx, a| {
        let values: Vec<&str> = arg!(a, 1, as_items).iter().filter_map(Value::as_str).collect();
        let text = fill(arg!(a, 0, as_str), &values);
        Ok(ctx.ctors.result(text.map(Value::str).map_err(Value::str)))
    }),
    entry("format/columns", 1, |_, a| Ok(Value::Int(arg!(a, 0, as_str).width() as i64))),
];

fn fill(template: &str, values: &[&str]) -> Result<String, String> {
    let mut out = String::with_capacity(template.len());
    let (mut rest, mut places) = (template, 0);
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..];
        if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
            out.push_str(&brace[..1]);
            rest = after;
            continue;
        }
        let inner = brace.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let Some((spec, after)) = inner else {
            return Err("a brace stands alone; write it twice to mean itself".to_owned());
        };
        let place = match spec.strip_prefix(':') {
            Some(spec) => Place::read(spec)?,
            None if spec.is_empty() => Place::default(),
            None => return Err(format!("`{{{spec}}}` is no place; write `{{}}` or `{{:>8}}`")),
        };
        if let Some(value) = values.get(places) {
            place.write(value, &mut out);
        }
        places += 1;
        rest = after;
    }
    out.push_str(rest);
    if places == values.len() {
        return Ok(out);
    }
    Err(format!("the template has places for {places} values, not {}", values.len()))
}

#[derive(Default)]
struct Place {
    fill: Option<char>,
    align: Option<char>,
    is_zeroed: bool,
    width: usize,
    precision: Option<usize>,
}

impl Place {
    fn read(spec: &str) -> Result<Place, String> {
        let wrong = || format!("`{{:{spec}}}` is no place; such are `{{:>8}}` and `{{:.2}}`");
        let mut place = Place::default();
        let is_align = |c: &char| "<^>".contains(*c);
        let mut rest = spec;
        let mut chars = spec.chars();
        match (chars.next(), chars.next()) {
            (Some(fill), Some(align)) if is_align(&align) => {
                (place.fill, place.align) = (Some(fill), Some(align));
                rest = chars.as_str();
            }
            (Some(align), _) if is_align(&align) => {
                place.align = Some(align);
                rest = &spec[1..];
            }
            _ => {}
        }
        if let Some(more) = rest.strip_prefix('0') {
            (place.is_zeroed, rest) = (true, more);
        }
        let number = |text: &str| text.parse::<usize>().ok().filter(|n| *n <= MOST);
        let (width, precision) = match rest.split_once('.') {
            Some((width, precision)) => (width, Some(precision)),
            None => (rest, None),
        };
        if !width.is_empty() {
            place.width = number(width).ok_or_else(wrong)?;
        }
        if let Some(precision) = precision {
            place.precision = Some(number(precision).ok_or_else(wrong)?);
        }
        Ok(place)
    }

    fn write(&self, value: &str, out: &mut String) {
        let number = value.parse::<f64>().ok().filter(|x| x.is_finite());
        let value = match (self.precision, number) {
            (None, _) => value.to_owned(),
            (Some(n), Some(x)) => format!("{x:.n$}"),
            (Some(n), None) => value.graphemes(true).take(n).collect(),
        };
        let missing = self.width.saturating_sub(value.width());
        if self.is_zeroed && number.is_some() {
            let digits = value.strip_prefix('-').unwrap_or(&value);
            out.push_str(&value[..value.len() - digits.len()]);
            out.push_str(&"0".repeat(missing));
            return out.push_str(digits);
        }
        let fill = self.fill.unwrap_or(' ').to_string();
        let before = match self.align {
            Some('>') => missing,
            Some('^') => missing / 2,
            _ => 0,
        };
        out.push_str(&fill.repeat(before));
        out.push_str(&value);
        out.push_str(&fill.repeat(missing - before));
    }
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_in_order() {
        assert_eq!(
            fill("{} {{}} {:>4}|{:*^5}|", &["a", "b", "c"]).as_deref(),
            Ok("a {}    b|**c**|")
        );
        assert_eq!(fill("{:08.2}|{:.1}", &["-3.14159", "äöü"]).as_deref(), Ok("-0003.14|ä"));
    }

    #[test]
    fn templates_that_do_not_fit_are_refused() {
        for (template, values) in [
            ("{}", &[][..]),
            ("", &["a"]),
            ("{", &[]),
            ("}", &[]),
            ("{x}", &["a"]),
            ("{:q}", &["a"]),
        ] {
            assert!(fill(template, values).is_err(), "{template}");
        }
        assert!(fill("{:99999999999}", &["a"]).is_err());
    }
}
