//! One line per diagnostic, `file:line:column: error[slug]: message`, for editors and for `grep`.
//! Labels, notes and help are left out; a diagnostic without a place has no first part.

use super::{heading, visible};
use crate::{Diagnostic, Sources};

/// Every diagnostic on its own line, in the order given, each ended by a newline.
pub fn line(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(primary) = &diagnostic.primary {
            let file = visible(sources.name(primary.span.file)).replace('\n', " ");
            let (line, column) = sources
                .get(primary.span.file)
                .map_or((1, 1), |s| s.line_column(primary.span.start));
            out.push_str(&format!("{file}:{line}:{column}: "));
        }
        let message = visible(&diagnostic.message).replace('\n', " ");
        out.push_str(&format!("{}: {message}\n", heading(diagnostic)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::{FileId, Span};

    #[test]
    fn columns_count_characters_from_one() {
        let mut sources = Sources::new();
        let file = sources.add("shop/web.ecl", "(def é\n  (ü x))\n");
        let diagnostic = Diagnostic::error("unknown-name", Span::new(file, 14, 15), "no `x`");
        assert_eq!(
            line(&[diagnostic], &sources),
            "shop/web.ecl:2:6: error[unknown-name]: no `x`\n"
        );
    }

    #[test]
    fn a_missing_place_and_an_odd_place_still_give_one_line_each() {
        let mut sources = Sources::new();
        let file = sources.add("a.ecl", "é");
        let diagnostics = [
            Diagnostic::without_place("missing-file", "there is no\nfile"),
            Diagnostic::error("odd", Span::new(file, 1, 900), "inside a character"),
            Diagnostic::warning("odd", Span::new(FileId(7), 3, 2), "in no file"),
        ];
        assert_eq!(
            line(&diagnostics, &sources),
            "error[missing-file]: there is no file\n\
             a.ecl:1:1: error[odd]: inside a character\n\
             ?:1:1: warning[odd]: in no file\n"
        );
    }
}
