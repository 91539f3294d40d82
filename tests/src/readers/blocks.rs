//! Fenced blocks of a Markdown page, with what their fences say and where they stand.

/// A fenced block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Block {
    /// First word after the fence.
    pub language: String,
    /// `file=shop/util.ecl` after it: the block is that file, for the program that follows.
    pub file: Option<String>,
    pub text: String,
    /// The line of its first text line in the page, from 1.
    pub line: usize,
    /// The heading that it stands under.
    pub section: String,
}

/// The blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut section = String::new();
    let mut open: Option<(String, Block)> = None;
    for (n, line) in page.lines().enumerate() {
        match &mut open {
            Some((fence, _)) if line.trim_end() == fence => {
                blocks.extend(open.take().map(|(_, block)| block));
            }
            Some((_, block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.starts_with("```") => {
                let words = line.trim_start_matches('`');
                let fence = line[..line.len() - words.len()].to_string();
                let mut words = words.split_whitespace();
                let language = words.next().unwrap_or("").to_string();
                let file = words.find_map(|w| w.strip_prefix("file=")).map(str::to_string);
                let (text, section) = (String::new(), section.clone());
                open = Some((fence, Block { language, file, text, line: n + 2, section }));
            }
            None => {
                if let Some(name) = line.strip_prefix('#') {
                    section = name.trim_start_matches('#').trim().to_string();
                }
            }
        }
    }
    blocks
}

/// A program of a page: its files, the last of them the one that is checked.
pub type Program = Vec<Block>;

/// The `ecl` blocks as programs: a block that names its file belongs to the next that does not, or,
/// where its section has no such block, to the last of the section.
pub fn programs(page: &str) -> Vec<Program> {
    let mut programs: Vec<Program> = Vec::new();
    let mut open: Program = Vec::new();
    for block in blocks(page).into_iter().filter(|block| block.language == "ecl") {
        if open.last().is_some_and(|last| last.section != block.section) {
            programs.push(std::mem::take(&mut open));
        }
        let is_last = block.file.is_none();
        open.push(block);
        if is_last {
            programs.push(std::mem::take(&mut open));
        }
    }
    if !open.is_empty() {
        programs.push(open);
    }
    programs
}

#[test]
fn blocks_know_their_language_line_and_section() {
    let page = "# One\n\n```ecl\n(a)\n```\ntext\n## Two\n````text\n```\n````\n";
    let found = blocks(page);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].language.as_str(), found[0].line), ("ecl", 4));
    assert_eq!((found[1].section.as_str(), found[1].text.as_str()), ("Two", "```\n"));
}

#[test]
fn a_named_block_belongs_to_the_program_that_follows_in_its_section() {
    let named = |name: &str| format!("```ecl file={name}\n(b)\n```\n");
    let page = format!(
        "# One\n{}```ecl\n(a)\n```\n# Two\n{}{}# Three\n{}",
        named("x.ecl"),
        named("y.ecl"),
        named("z.ecl"),
        named("w.ecl")
    );
    let names: Vec<Vec<Option<String>>> = programs(&page)
        .into_iter()
        .map(|program| program.into_iter().map(|block| block.file).collect())
        .collect();
    let name = |text: &str| Some(text.to_string());
    assert_eq!(
        names,
        [vec![name("x.ecl"), None], vec![name("y.ecl"), name("z.ecl")], vec![name("w.ecl")]]
    );
}
