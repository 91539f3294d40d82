//! Words, strings and brackets of the text form, with their lines.

/// Reads a text from left to right; a mistake is told with its line.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Reader<'a> {
        Reader { text, at: 0, line: 1 }
    }

    pub fn fail<T>(&self, what: impl std::fmt::Display) -> Result<T, String> {
        Err(format!("line {}: {what}", self.line))
    }

    fn skip(&mut self) {
        let bytes = self.text.as_bytes();
        let mut comment = false;
        while let Some(&byte) = bytes.get(self.at) {
            comment = (comment || byte == b';') && byte != b'\n';
            if !comment && !byte.is_ascii_whitespace() {
                return;
            }
            self.line += usize::from(byte == b'\n');
            self.at += 1;
        }
    }

    /// The next bracket, mark or word, not taken; empty at the end. A string is given as its quote.
    pub fn peek(&mut self) -> &'a str {
        self.skip();
        let rest = &self.text[self.at..];
        let is_mark = |c: char| "(){}:=\"".contains(c);
        match rest.chars().next() {
            None => "",
            Some(c) if is_mark(c) => &rest[..c.len_utf8()],
            Some(_) => {
                let end = rest.find(|c: char| c.is_whitespace() || is_mark(c));
                &rest[..end.unwrap_or(rest.len())]
            }
        }
    }

    pub fn word(&mut self) -> &'a str {
        let word = self.peek();
        self.at += word.len();
        word
    }

    /// Takes the word if it comes next.
    pub fn takes(&mut self, word: &str) -> bool {
        let is_next = self.peek() == word;
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    pub fn expect(&mut self, word: &str) -> Result<(), String> {
        match self.takes(word) {
            true => Ok(()),
            false => {
                let found = self.peek();
                self.fail(format_args!("`{word}` expected, `{found}` found"))
            }
        }
    }

    /// A number of any type.
    pub fn number<T: std::str::FromStr>(&mut self) -> Result<T, String> {
        let word = self.word();
        word.parse().or_else(|_| self.fail(format_args!("a number expected, `{word}` found")))
    }

    /// The number of an entity: `v12`.
    pub fn id(&mut self, prefix: &str) -> Result<u32, String> {
        let word = self.word();
        match word.strip_prefix(prefix).and_then(|digits| digits.parse().ok()) {
            Some(number) => Ok(number),
            None => self.fail(format_args!("`{prefix}` and a number expected, `{word}` found")),
        }
    }

    /// Whether an entity comes next.
    pub fn is_id(&mut self, prefix: &str) -> bool {
        let digits = self.peek().strip_prefix(prefix).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// A string with escapes as Rust's debug text has them.
    pub fn string(&mut self) -> Result<String, String> {
        self.expect("\"")?;
        let mut out = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(out);
                }
                '\\' => match chars.next().map(|(_, c)| c) {
                    Some('n') => out.push('\n'),
                    Some('t') => out.push('\t'),
                    Some('r') => out.push('\r'),
                    Some('0') => out.push('\0'),
                    Some('u') => {
                        let digits: String = chars
                            .by_ref()
                            .map(|(_, c)| c)
                            .skip(1)
                            .take_while(|c| *c != '}')
                            .collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        let Some(code) = code else { return self.fail("no such character") };
                        out.push(code);
                    }
                    Some(other) => out.push(other),
                    None => break,
                },
                c => out.push(c),
            }
        }
        self.fail("a string without an end")
    }

    /// Items between parentheses.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        self.expect("(")?;
        let mut items = Vec::new();
        while !self.takes(")") {
            items.push(item(self)?);
        }
        Ok(items)
    }
}
