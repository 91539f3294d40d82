//! `cargo xtask new-diag SLUG`: the page of a new diagnostic, with its sections and what each is
//! for. The page does not pass `tidy` until its text is written; that is intended.

use std::path::{Path, PathBuf};

/// Writes the page and gives its path; refuses to touch one that exists.
pub fn write(root: &Path, slug: &str) -> Result<PathBuf, String> {
    let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if slug.is_empty() || !slug.chars().all(is_slug) {
        return Err(format!("`{slug}` is not a kebab-case slug, like `unit-mismatch`"));
    }
    let path = root.join("docs/diagnostics").join(format!("{slug}.md"));
    if path.exists() {
        return Err(format!("{} exists", path.display()));
    }
    std::fs::write(&path, page(slug)).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

fn page(slug: &str) -> String {
    format!(
        "# {slug}\n\n\
         (One sentence: what was found, understandable alone.)\n\n\
         ## What it means\n\n\
         ## Why it is rejected\n\n\
         ## Example\n\n\
         ```ecl\n; a whole small program that raises `{slug}` and no other error\n```\n\n\
         ## How to fix\n\n\
         ```ecl\n; the same program, clean\n```\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_page_has_the_sections_but_not_yet_the_text() {
        let problems = crate::tidy::parse_page("new-code", &page("new-code"))
            .expect_err("an unwritten page does not pass");
        assert!(problems.iter().all(|(_, text)| !text.contains("sections")), "{problems:?}");
    }
}
