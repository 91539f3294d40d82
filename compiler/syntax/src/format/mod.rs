//! Text in, the same program in its usual form out. The tree and every comment are kept.
//!
//! - Line breaks between forms stay where the user put them; of several blank lines one stays.
//!   None stay after an opening or before a closing bracket, or after a prefix.
//! - Lines are indented as cljfmt does ([`rules`]), with one addition: a record that begins a line
//!   behind other arguments holds the options of a call, as in `(service name` and then
//!   `{:image …}`; it, and what follows, stands two columns in.
//! - A line over 100 columns is broken before the forms that do not fit; a map that fits on no
//!   line gets one line per pair. Strings and comments are never broken.
//! - Forms on a line are one space apart, but for the columns of a map that is laid out as a table
//!   ([`table`]) and the spaces before a comment at the end of a line.
//! - Commas, which are white space, and spaces at the end of lines go; the text ends in a newline.
//!
//! Breaking a line makes a break that the next run takes for the user's. So the pass is repeated
//! until nothing changes: breaks are only ever added, so it ends, and the result is its own form.
//! A text whose brackets, strings or comments are broken comes back as it is.

mod forms;
mod layout;
mod rules;
mod table;

use crate::balance::prefixes;
use crate::lexer;
use crate::report::Report;
use crate::tree::Tree;
use std::borrow::Cow;

/// Runs until nothing changes; two or three are usual, and each adds a line break at least.
const MAX_PASSES: usize = 100;

/// The text of `tree` in its usual form.
pub fn format(text: &str, tree: &Tree) -> String {
    let mut current = Cow::Borrowed(text);
    for _ in 0..MAX_PASSES {
        let lexed = lexer::lex_into(tree.file, &current, &mut Report::new());
        if !lexed.unterminated.is_empty() || !prefixes::is_sound(&lexed.tokens) {
            return current.into_owned();
        }
        let forms = forms::forms(&current, &lexed.tokens);
        let next = layout::lay_out(&current, &forms);
        if next == *current {
            break;
        }
        current = Cow::Owned(next);
    }
    current.into_owned()
}
