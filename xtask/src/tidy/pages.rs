//! The pages of diagnostics, `docs/diagnostics/<slug>.md`: their sections, in order, and their
//! blocks. Also here because they are checked the same way: the documents every change may touch.
//!
//! That the example raises exactly its code and the fix is clean is a test's matter (`tests/`),
//! which reads a page with [`parse_page`].

use super::Finding;
use std::collections::BTreeMap;
use std::path::Path;

const FOLDER: &str = "docs/diagnostics";

/// The sections of a page after its title and one-sentence summary, in this order.
const SECTIONS: [&str; 4] = ["What it means", "Why it is rejected", "Example", "How to fix"];

/// A fenced block of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// The word after the fence: `ecl` or `console`.
    pub language: String,
    pub text: String,
    /// The line of the fence, from 1.
    pub line: usize,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub slug: String,
    pub summary: String,
    pub example: Block,
    /// Absent only where no program raises the code and words say what to do.
    pub fix: Option<Block>,
}

/// The pages by slug; a page that does not parse is a finding and is still listed.
pub fn check(root: &Path, findings: &mut Vec<Finding>) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(root.join(FOLDER)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{FOLDER}/{name}");
        let Some(slug) = name.strip_suffix(".md") else {
            findings.push(Finding::new(&path, 0, "pages", "only pages, `<slug>.md`, live here"));
            continue;
        };
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        if let Err(problems) = parse_page(slug, &text) {
            let found = problems.into_iter();
            findings.extend(found.map(|(line, text)| Finding::new(&path, line, "pages", text)));
        }
        pages.insert(slug.to_string(), path);
    }
    for path in ["docs/glossary.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
        if !root.join(path).is_file() {
            findings.push(Finding::new(path, 0, "pages", "this document is missing"));
        }
    }
    pages
}

/// Reads a page, or tells everything that is wrong with its form, by line.
pub fn parse_page(slug: &str, text: &str) -> Result<Page, Vec<(usize, String)>> {
    let mut problems = Vec::new();
    let is_slug = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !slug.chars().all(is_slug) || slug.starts_with('-') || slug.ends_with('-') {
        problems.push((0, format!("`{slug}` is not a kebab-case slug")));
    }
    let lines: Vec<&str> = text.lines().collect();
    if lines.first() != Some(&format!("# {slug}").as_str()) {
        problems.push((1, format!("the first line is `# {slug}`")));
    }
    let (headings, blocks) = outline(&lines);
    let found: Vec<&str> = headings.iter().map(|(_, name)| *name).collect();
    if found != SECTIONS {
        problems.push((1, format!("the sections are {SECTIONS:?}, not {found:?}")));
        return Err(problems);
    }
    let summary = lines[1..headings[0].0 - 1].join(" ").trim().to_string();
    if summary.is_empty() || !summary.ends_with('.') {
        problems.push((2, "one sentence under the title says what it is about".to_string()));
    }
    for (n, (line, name)) in headings.iter().enumerate() {
        let end = headings.get(n + 1).map_or(lines.len(), |(next, _)| next - 1);
        if lines[*line..end].iter().all(|l| l.trim().is_empty()) {
            problems.push((*line, format!("`{name}` says nothing")));
        }
    }
    let (example_at, fix_at) = (headings[2].0, headings[3].0);
    let in_example = |b: &&Block| b.line > example_at && b.line < fix_at;
    let example = blocks.iter().find(in_example);
    let fix = blocks.iter().find(|b| b.line > fix_at);
    for (block, name, line) in [(example, "Example", example_at), (fix, "How to fix", fix_at)] {
        let is_optional = name == "How to fix" && example.is_some_and(|b| b.language == "console");
        match block {
            None if !is_optional => problems.push((line, format!("`{name}` has no block"))),
            Some(b) if b.language != "ecl" && b.language != "console" => {
                problems.push((b.line, format!("a block is `ecl` or `console`: `{}`", b.language)));
            }
            _ => {}
        }
    }
    match example {
        Some(example) if problems.is_empty() => Ok(Page {
            slug: slug.to_string(),
            summary,
            example: example.clone(),
            fix: fix.cloned(),
        }),
        _ => Err(problems),
    }
}

/// Second-level headings with their lines, from 1, and fenced blocks.
fn outline<'a>(lines: &[&'a str]) -> (Vec<(usize, &'a str)>, Vec<Block>) {
    let (mut headings, mut blocks) = (Vec::new(), Vec::new());
    let mut open: Option<Block> = None;
    for (n, line) in lines.iter().enumerate() {
        match &mut open {
            Some(_) if line.starts_with("```") => blocks.extend(open.take()),
            Some(block) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None => {
                if let Some(language) = line.strip_prefix("```") {
                    let language = language.split_whitespace().next().unwrap_or("").to_string();
                    let text = String::new();
                    open = Some(Block { language, text, line: n + 1 });
                } else if let Some(name) = line.strip_prefix("## ") {
                    headings.push((n + 1, name.trim()));
                }
            }
        }
    }
    (headings, blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# unit-mismatch\n\nA quantity has the wrong dimension.\n\n\
        ## What it means\n\nText.\n\n## Why it is rejected\n\nText.\n\n\
        ## Example\n\n```ecl\n(def x (+ 1s 1B))\n```\n\n## How to fix\n\n```ecl\n(def x 1)\n```\n";

    #[test]
    fn a_page_gives_its_blocks() {
        let page = parse_page("unit-mismatch", GOOD).expect("the page is well formed");
        assert_eq!(page.summary, "A quantity has the wrong dimension.");
        assert_eq!(page.example.text, "(def x (+ 1s 1B))\n");
        assert_eq!(page.example.line, 15);
        assert_eq!(page.fix.map(|fix| fix.text), Some("(def x 1)\n".to_string()));
    }

    #[test]
    fn what_is_wrong_with_a_page_is_told_by_line() {
        let swapped = GOOD.replace("## What it means", "## What it is");
        assert_eq!(parse_page("unit-mismatch", &swapped).map_err(|p| p.len()), Err(1));
        let empty = GOOD.replace("## What it means\n\nText.", "## What it means\n");
        assert_eq!(
            parse_page("unit-mismatch", &empty),
            Err(vec![(5, "`What it means` says nothing".to_string())])
        );
        let bare = GOOD.replace("```ecl\n(def x 1)\n```\n", "Write something else.\n");
        assert!(parse_page("unit-mismatch", &bare).is_err());
        assert!(parse_page("unit-mismatch", &bare.replace("```ecl", "```console")).is_ok());
        let other = parse_page("Other", GOOD).map_err(|p| p.len());
        assert_eq!(other, Err(2));
    }
}
