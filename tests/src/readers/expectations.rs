//! What a program expects of itself, in comments at the ends of its lines:
//!
//! - `; error: [slug] "part of the message"` and `; warning: [slug]`: raised on this line; the text
//!   may be left out; several may follow each other;
//! - `; type: T`: the definition or expression that ends on this line has this type;
//! - `; cost: steps ≤ 1 + n, n = (size xs)`: `bounds` says so of the function that ends here;
//! - `; => value`: the expression that ends on this line has this value.
//!
//! A line with nothing but an expectation speaks about the next line that has more. Every
//! diagnostic of the program must be expected.

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    Error {
        slug: String,
        text: String,
    },
    Warning {
        slug: String,
        text: String,
    },
    Type(String),
    Value(String),
    /// A line of `eclexia bounds` about the function.
    Cost(String),
}

/// An expectation and the line it speaks about, from 1 in its program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    pub line: usize,
    pub what: Expect,
}

const MARKS: [&str; 5] = ["; error: ", "; warning: ", "; type: ", "; => ", "; cost: "];

/// The expectations of a program, or what is wrong with how one is written.
pub fn expectations(program: &str) -> Result<Vec<Expected>, String> {
    let mut expected = Vec::new();
    let mut waiting: Vec<Expect> = Vec::new();
    for (n, line) in program.lines().enumerate() {
        let (code, marks) = split(line);
        let parse = |mark: &str| expect(mark).map_err(|why| format!("line {}: {why}", n + 1));
        let found = marks.into_iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if code.trim().is_empty() && !found.is_empty() {
            waiting.extend(found);
        } else if !code.trim().is_empty() {
            let all = waiting.drain(..).chain(found);
            expected.extend(all.map(|what| Expected { line: n + 1, what }));
        }
    }
    match waiting.first() {
        None => Ok(expected),
        Some(what) => Err(format!("no line follows the expectation {what:?}")),
    }
}

/// The line's program text, and its expectations.
fn split(line: &str) -> (&str, Vec<&str>) {
    let mut starts: Vec<usize> =
        MARKS.iter().flat_map(|mark| line.match_indices(mark)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    // A value or a type may itself contain `; `: what follows one is its text.
    let ends_list = |at: &usize| !line[*at..].starts_with("; e") && !line[*at..].starts_with("; w");
    if let Some(last) = starts.iter().position(ends_list) {
        starts.truncate(last + 1);
    }
    let code = &line[..starts.first().copied().unwrap_or(line.len())];
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    (code, starts.iter().zip(ends).map(|(from, to)| line[*from..to].trim()).collect())
}

fn expect(mark: &str) -> Result<Expect, String> {
    if let Some(rest) = mark.strip_prefix("; type: ") {
        return Ok(Expect::Type(rest.trim().to_string()));
    }
    if let Some(rest) = mark.strip_prefix("; => ") {
        return Ok(Expect::Value(rest.trim().to_string()));
    }
    if let Some(rest) = mark.strip_prefix("; cost: ") {
        return Ok(Expect::Cost(rest.trim().to_string()));
    }
    let (is_error, rest) = match mark.strip_prefix("; error: ") {
        Some(rest) => (true, rest),
        None => (false, mark.trim_start_matches("; warning: ")),
    };
    let wrong = || format!("`{mark}` is not `; error: [slug] \"text\"`");
    let (slug, text) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or_else(wrong)?;
    let (slug, text) = (slug.to_string(), text.trim());
    let text = match text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inside) => inside.to_string(),
        None if text.is_empty() => String::new(),
        None => return Err(wrong()),
    };
    Ok(if is_error { Expect::Error { slug, text } } else { Expect::Warning { slug, text } })
}

#[test]
fn expectations_stand_at_the_end_of_their_line() {
    let program = "(def x 1) ; type: Int\n(+ x \"; no\") ; error: [type-mismatch] \"a number\" \
                   ; error: [odd]\n\
                   ; warning: [unused-name]\n\n(f) ; => \"a; type: b\"\n";
    let slug = |text: &str| text.to_string();
    let expected = [
        (1, Expect::Type("Int".into())),
        (2, Expect::Error { slug: slug("type-mismatch"), text: "a number".into() }),
        (2, Expect::Error { slug: slug("odd"), text: String::new() }),
        (5, Expect::Warning { slug: slug("unused-name"), text: String::new() }),
        (5, Expect::Value("\"a; type: b\"".into())),
    ];
    let expected = expected.map(|(line, what)| Expected { line, what });
    assert_eq!(expectations(program), Ok(expected.to_vec()));
}

#[test]
fn an_expectation_that_cannot_be_read_is_told() {
    assert!(expectations("(a) ; error: unknown-name").is_err());
    assert!(expectations("(a) ; error: [b] text").is_err());
    assert!(expectations("; error: [b]\n").is_err());
}
