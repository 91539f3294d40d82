//! Values over lines: text of a value in, the same text broken where it is too wide, cut where it
//! is too long. What fits on a line stays on it; a map has a pair to a line, other brackets are
//! filled. Brackets in strings are text. Nothing recurses: values nest as deep as they like.

use eclexia_base::FileId;
use eclexia_syntax::{TokenKind, lex};

/// How much of a value is shown.
#[derive(Clone, Copy)]
pub struct Room {
    /// Columns.
    pub width: usize,
    pub lines: usize,
}

impl Room {
    pub const PROMPT: Room = Room { width: 100, lines: 60 };
    /// Of `:inspect`, and of editors, which cut by themselves.
    pub const WHOLE: Room = Room { width: 100, lines: 10_000 };
}

/// Wider than this nobody reads; what is longer is cut before it is laid out, in bytes per line.
const MOST_BYTES_PER_LINE: usize = 400;

/// An open bracket whose parts are being placed.
struct Frame {
    close: TokenKind,
    indent: usize,
    /// Parts placed so far.
    placed: usize,
}

/// The value within its room, and how many characters are left out.
pub fn lay_out(text: &str, room: Room) -> String {
    if text.chars().nth(room.width).is_none() {
        return text.to_owned();
    }
    let most = room.lines * MOST_BYTES_PER_LINE;
    let shown = &text[..text.floor_char_boundary(most)];
    let broken = broken(shown, room.width);
    let mut lines: Vec<&str> = broken.lines().collect();
    let is_cut = lines.len() > room.lines || shown.len() < text.len();
    lines.truncate(room.lines);
    let mut out = lines.join("\n");
    if is_cut {
        let is_ink = |c: &char| !c.is_whitespace();
        let all = text.chars().filter(is_ink).count();
        let left = all - out.chars().filter(is_ink).count().min(all);
        out.push_str(&format!("\n… {left} more characters"));
    }
    out
}

/// A part of a text that is not broken: a word, a string, a bracket.
struct Word<'t> {
    text: &'t str,
    kind: TokenKind,
    /// Of an opening bracket: how many characters it takes up to its end, and how many words.
    extent: (usize, usize),
}

fn words(text: &str) -> Vec<Word<'_>> {
    let (tokens, _) = lex(FileId(0), text);
    let mut words: Vec<Word> = Vec::with_capacity(tokens.len());
    let mut open: Vec<(usize, usize)> = Vec::new();
    for token in &tokens {
        let word = token.text(text);
        if token.kind.is_open() {
            open.push((words.len(), token.start as usize));
        }
        let extent = (word.chars().count(), 1);
        words.push(Word { text: word, kind: token.kind, extent });
        if token.kind.is_close()
            && let Some((at, start)) = open.pop()
        {
            let inside = text.get(start..token.end as usize).unwrap_or_default();
            words[at].extent = (inside.chars().count(), words.len() - at);
        }
    }
    // What is cut off has no end: it is broken.
    for (at, _) in open {
        words[at].extent = (usize::MAX, 1);
    }
    words
}

fn broken(text: &str, width: usize) -> String {
    let words = words(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut column = 0;
    let mut stack: Vec<Frame> = Vec::new();
    let mut i = 0;
    while let Some(word) = words.get(i) {
        if word.kind.is_close() {
            out.push_str(word.text);
            column += 1;
            stack.pop();
            i += 1;
            continue;
        }
        let (size, count) = word.extent;
        if let Some(frame) = stack.last_mut() {
            let is_map = frame.close == TokenKind::CloseBrace;
            let is_first = frame.placed == 0;
            let is_value = is_map && frame.placed % 2 == 1;
            let fits = column + 1 + size.min(width) < width;
            let breaks = match (is_first, is_map) {
                (true, _) => false,
                (_, true) => !is_value,
                (_, false) => !fits || count > 1,
            };
            if breaks {
                out.push('\n');
                out.extend(std::iter::repeat_n(' ', frame.indent));
                column = frame.indent;
            } else if !is_first {
                out.push(' ');
                column += 1;
            }
            frame.placed += 1;
        }
        if word.kind.is_open() && column + size.min(width) >= width {
            out.push_str(word.text);
            let inset = if word.kind == TokenKind::OpenParen { 2 } else { 1 };
            let indent = (column + inset).min(width / 2);
            stack.push(Frame { close: word.kind.closing(), indent, placed: 0 });
            column += 1;
            i += 1;
            continue;
        }
        let flat = &words[i..(i + count).min(words.len())];
        let mut before = None;
        for word in flat {
            let is_apart = before.is_some_and(|b: TokenKind| !b.is_open()) && !word.kind.is_close();
            if is_apart {
                out.push(' ');
            }
            out.push_str(word.text);
            before = Some(word.kind);
        }
        column += size;
        i += count;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Room = Room { width: 30, lines: 8 };

    #[test]
    fn what_fits_stays_on_its_line() {
        assert_eq!(lay_out("(Point {:x 1.0 :y \"a b\"})", NARROW), "(Point {:x 1.0 :y \"a b\"})");
    }

    #[test]
    fn a_map_has_a_pair_to_a_line_and_words_are_filled() {
        let record = "(Service {:name \"web\" :ports [80 443 8080 9090 9091 9092] :zones 2})";
        let expected = "(Service\n  {:name \"web\"\n   :ports [80 443 8080 9090\n           9091 \
                        9092]\n   :zones 2})";
        assert_eq!(lay_out(record, NARROW), expected);
        let numbers: Vec<String> = (0..20).map(|n| n.to_string()).collect();
        let laid = lay_out(&format!("[{}]", numbers.join(" ")), NARROW);
        assert!(laid.lines().count() == 2 && laid.lines().all(|l| l.len() <= 30), "{laid}");
    }

    #[test]
    fn nothing_but_white_space_changes_and_what_is_too_long_is_cut() {
        let items: Vec<String> = (0..200).map(|n| format!("(Some \"x ( {n}\")")).collect();
        let text = format!("(list {})", items.join(" "));
        let squeeze = |text: &str| text.split_whitespace().collect::<String>();
        let whole = lay_out(&text, Room { width: 40, lines: 1_000 });
        assert_eq!(squeeze(&whole), squeeze(&text));
        let cut = lay_out(&text, NARROW);
        assert_eq!(cut.lines().count(), 9);
        assert!(cut.ends_with(" more characters"), "{cut}");
    }

    #[test]
    fn depth_takes_no_stack() {
        let depth = 100_000;
        let text = format!("{}0{}", "(S ".repeat(depth), ")".repeat(depth));
        assert!(lay_out(&text, Room { width: 100, lines: 2_000 }).lines().count() <= 2_001);
    }
}
