//! Strings: the text between the quotes to the value, with the escapes that are none.

/// An escape that is none, as a range of the body.
pub(crate) struct Mistake {
    pub at: u32,
    pub length: u32,
    pub kind: EscapeMistake,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EscapeMistake {
    Unknown,
    /// `\u` without `{…}`, or without one to six hexadecimal digits in it.
    UnicodeForm,
    /// A number that is no character: above 10FFFF, or a surrogate.
    NotACharacter,
}

/// Resolves escapes; a bad one stays in the value as written.
pub(crate) fn unescape(body: &str) -> (String, Vec<Mistake>) {
    let mut value = String::with_capacity(body.len());
    let mut mistakes = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find('\\') {
        value.push_str(&rest[..at]);
        let escape = &rest[at..];
        let (length, meaning) = read_escape(escape);
        match meaning {
            Ok(c) => value.push(c),
            Err(kind) => {
                let offset = body.len() - rest.len() + at;
                mistakes.push(Mistake { at: offset as u32, length: length as u32, kind });
                value.push_str(&escape[..length]);
            }
        }
        rest = &escape[length..];
    }
    value.push_str(rest);
    (value, mistakes)
}

/// The length of the escape that `text` starts with, and what it stands for.
fn read_escape(text: &str) -> (usize, Result<char, EscapeMistake>) {
    let Some(letter) = text[1..].chars().next() else {
        return (1, Err(EscapeMistake::Unknown));
    };
    let plain = |c| (1 + letter.len_utf8(), Ok(c));
    match letter {
        'n' => plain('\n'),
        't' => plain('\t'),
        'r' => plain('\r'),
        '\\' => plain('\\'),
        '"' => plain('"'),
        '0' => plain('\0'),
        'u' => read_unicode(text),
        other => (1 + other.len_utf8(), Err(EscapeMistake::Unknown)),
    }
}

fn read_unicode(text: &str) -> (usize, Result<char, EscapeMistake>) {
    let form = Err(EscapeMistake::UnicodeForm);
    let Some(inner) = text.strip_prefix("\\u{") else {
        return (2, form);
    };
    let digits = inner.bytes().take_while(u8::is_ascii_hexdigit).count();
    if inner.as_bytes().get(digits) != Some(&b'}') {
        return (3 + digits, form);
    }
    let length = 3 + digits + 1;
    if digits == 0 || digits > 6 {
        return (length, form);
    }
    let code = u32::from_str_radix(&inner[..digits], 16).unwrap_or(u32::MAX);
    (length, char::from_u32(code).ok_or(EscapeMistake::NotACharacter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_and_bad_ones_are_kept_as_written() {
        let (value, mistakes) = unescape(r#"a\n\t\r\\\"\0\u{1F600}b"#);
        assert_eq!(value, "a\n\t\r\\\"\0\u{1F600}b");
        assert!(mistakes.is_empty());
        let (value, mistakes) = unescape(r"x\qy\u12\u{}\u{d800}\");
        assert_eq!(value, r"x\qy\u12\u{}\u{d800}\");
        let found: Vec<_> = mistakes.iter().map(|m| (m.at, m.length, m.kind)).collect();
        assert_eq!(
            found,
            [
                (1, 2, EscapeMistake::Unknown),
                (4, 2, EscapeMistake::UnicodeForm),
                (8, 4, EscapeMistake::UnicodeForm),
                (12, 8, EscapeMistake::NotACharacter),
                (20, 1, EscapeMistake::Unknown),
            ]
        );
    }
}
