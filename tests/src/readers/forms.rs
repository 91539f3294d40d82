//! Top-level forms of a program, found without the reader under test.
//!
//! Only what is needed to know where a form begins and ends: strings, comments and brackets. In a
//! text whose brackets do not match, the forms up to there are given.

use std::ops::Range;

/// A top-level form: its bytes, and its head where it is a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    pub range: Range<usize>,
    pub head: Option<String>,
}

/// The heads of forms that define or declare; any other form is an expression.
const DECLARES: &[&str] = &["module", "import", "sig", "extern", "implement"];

impl Form {
    /// Whether the form is an expression and no definition. Every definition's name starts with
    /// `def`, those that a program's macros bring included.
    pub fn is_expression(&self) -> bool {
        let head = self.head.as_deref().unwrap_or("");
        !head.starts_with("def") && !DECLARES.contains(&head)
    }
}

/// The top-level forms in order.
pub fn forms(text: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let (mut at, mut depth, mut start) = (0, 0_usize, None);
    while let Some(c) = text[at..].chars().next() {
        if let Some(end) = trivia_end(text, at) {
            at = end;
            continue;
        }
        let from = *start.get_or_insert(at);
        match c {
            '(' | '[' | '{' => {
                depth += 1;
                at += 1;
            }
            ')' | ']' | '}' => {
                let Some(less) = depth.checked_sub(1) else { return forms };
                depth = less;
                at += 1;
            }
            '"' => at = string_end(text, at),
            '&' | '\'' | '`' | '~' if depth == 0 => {
                at += 1;
                continue;
            }
            _ => at = atom_end(text, at),
        }
        if depth == 0 {
            forms.push(Form { range: from..at, head: head(&text[from..at]) });
            start = None;
        }
    }
    forms
}

/// The end of the white space or comment that begins here.
fn trivia_end(text: &str, at: usize) -> Option<usize> {
    let rest = &text[at..];
    let c = rest.chars().next()?;
    if c.is_whitespace() || c == ',' {
        return Some(at + c.len_utf8());
    }
    if c == ';' {
        return Some(at + rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("#|") {
        return None;
    }
    let (mut depth, mut end) = (0, at);
    while end < text.len() {
        let rest = &text[end..];
        if rest.starts_with("#|") {
            (depth, end) = (depth + 1, end + 2);
        } else if rest.starts_with("|#") {
            (depth, end) = (depth - 1, end + 2);
            if depth == 0 {
                break;
            }
        } else {
            end += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    Some(end)
}

fn string_end(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    if let Some(raw) = rest.strip_prefix("\"\"\"") {
        return at + raw.find("\"\"\"").map_or(rest.len(), |end| end + 6);
    }
    let mut escaped = false;
    for (n, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + n + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

fn atom_end(text: &str, at: usize) -> usize {
    let ends = |c: char| c.is_whitespace() || "()[]{}\";,".contains(c);
    let rest = &text[at..];
    at + rest.char_indices().skip(1).find(|(_, c)| ends(*c)).map_or(rest.len(), |(n, _)| n)
}

fn head(form: &str) -> Option<String> {
    let inside = form.strip_prefix('(')?.trim_start();
    Some(inside[..atom_end(inside, 0).min(inside.len())].to_string())
}

#[cfg(test)]
fn texts(text: &str) -> Vec<&str> {
    forms(text).into_iter().map(|form| &text[form.range]).collect()
}

#[test]
fn forms_end_at_their_own_bracket() {
    let text =
        "(def a \")\") ; (b\n#| (c #| ( |# |# [1 {:x 2}] &y x\n(e \"\"\"\"(\"\"\" \"\\\"(\")";
    assert_eq!(
        texts(text),
        ["(def a \")\")", "[1 {:x 2}]", "&y", "x", "(e \"\"\"\"(\"\"\" \"\\\"(\")"]
    );
}

#[test]
fn a_bracket_without_partner_ends_the_list_of_forms() {
    assert_eq!(texts("(a)\n) (b)"), ["(a)"]);
    assert_eq!(texts("(a)\n(b"), ["(a)"]);
    assert_eq!(texts("é \"ü"), ["é", "\"ü"]);
}

#[test]
fn definitions_are_told_from_expressions() {
    let kinds = |text: &str| forms(text)[0].is_expression();
    assert!(!kinds("(defservice db {})"));
    assert!(!kinds("(import std.list)"));
    assert!(kinds("( + 1 2)"));
    assert!(kinds("db"));
}
