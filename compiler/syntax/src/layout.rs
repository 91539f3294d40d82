//! Where tokens stand: line, column, and which come first on their line.

use crate::token::Token;

/// Columns that a tab leads to are multiples of this.
const TAB: u32 = 8;

pub(crate) struct Layout {
    /// From 0, in characters.
    columns: Vec<u32>,
    lines: Vec<u32>,
    /// The column of the first token on the line of each token.
    indents: Vec<u32>,
    /// The leftmost column where a line begins, but for lines that begin with a closing bracket:
    /// top-level forms start there.
    pub base: u32,
}

impl Layout {
    pub(crate) fn of(text: &str, tokens: &[Token]) -> Layout {
        let mut columns = Vec::with_capacity(tokens.len());
        let mut lines = Vec::with_capacity(tokens.len());
        let mut indents: Vec<u32> = Vec::with_capacity(tokens.len());
        let (mut column, mut line, mut done) = (0, 0, 0);
        for token in tokens {
            for c in text[done..token.start as usize].chars() {
                match c {
                    '\n' => {
                        line += 1;
                        column = 0;
                    }
                    '\t' => column = (column / TAB + 1) * TAB,
                    _ => column += 1,
                }
            }
            done = token.start as usize;
            let same_line = lines.last() == Some(&line);
            indents.push(indents.last().copied().filter(|_| same_line).unwrap_or(column));
            columns.push(column);
            lines.push(line);
        }
        let opens = indents.iter().zip(tokens).filter(|(_, token)| !token.kind.is_close());
        let base = opens.map(|(indent, _)| *indent).min().unwrap_or(0);
        Layout { columns, lines, indents, base }
    }

    pub(crate) fn column(&self, index: usize) -> u32 {
        self.columns[index]
    }

    pub(crate) fn line(&self, index: usize) -> u32 {
        self.lines[index]
    }

    pub(crate) fn indent(&self, index: usize) -> u32 {
        self.indents[index]
    }

    /// Nothing but comments stands before it on its line.
    pub(crate) fn is_first(&self, index: usize, tokens: &[Token], text: &str) -> bool {
        let Some(before) = index.checked_sub(1) else { return true };
        let gap = tokens[before].end as usize..tokens[index].start as usize;
        self.lines[index] != self.lines[before] && text[gap].contains('\n')
    }

    pub(crate) fn ends_line(&self, index: usize) -> bool {
        self.lines.get(index + 1).is_none_or(|line| *line != self.lines[index])
    }
}
