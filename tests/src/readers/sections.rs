//! Snapshot pages: a title and words, then sections `## NAME`, each with one fenced block. The
//! words are the author's, the blocks but the first are the machine's.

/// A page in parts that print back to what was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// Everything before the first section.
    pub preamble: String,
    pub sections: Vec<Section>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    pub name: String,
    /// The word after the fence.
    pub language: String,
    pub text: String,
}

/// Reads a page, or says what is wrong with its form.
pub fn read(page: &str) -> Result<Snapshot, String> {
    let mut snapshot = Snapshot { preamble: String::new(), sections: Vec::new() };
    let mut lines = page.lines().enumerate();
    while let Some((n, line)) = lines.next() {
        let Some(name) = line.strip_prefix("## ") else {
            if snapshot.sections.is_empty() {
                snapshot.preamble.push_str(line);
                snapshot.preamble.push('\n');
            } else if !line.trim().is_empty() {
                return Err(format!("line {}: words belong before the first section", n + 1));
            }
            continue;
        };
        let fence = lines.find(|(_, line)| !line.trim().is_empty());
        let Some(words) = fence.and_then(|(_, line)| line.strip_prefix(FENCE)) else {
            return Err(format!("line {}: a block follows `## {name}`", n + 1));
        };
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| *line != FENCE).collect();
        let text = body.iter().map(|line| format!("{line}\n")).collect();
        let language = words.to_string();
        snapshot.sections.push(Section { name: name.trim().to_string(), language, text });
    }
    match snapshot.sections.first() {
        Some(first) if first.name == "SOURCE" => Ok(snapshot),
        _ => Err("the first section is `## SOURCE`".to_string()),
    }
}

/// Longer than three, so that a text may contain a fence of its own.
const FENCE: &str = "~~~";

/// The page again.
pub fn print(snapshot: &Snapshot) -> String {
    let mut page = snapshot.preamble.trim_end().to_string();
    for section in &snapshot.sections {
        let Section { name, language, text } = section;
        let newline = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        page.push_str(&format!("\n\n## {name}\n{FENCE}{language}\n{text}{newline}{FENCE}"));
    }
    page.push('\n');
    page
}

#[test]
fn a_page_prints_back_to_what_was_read() {
    let page =
        "# Let\n\nWords.\n\n## SOURCE\n~~~ecl\n(let [x 1]\n\n x)\n~~~\n\n## TOKENS\n~~~\n~~~\n";
    let snapshot = read(page).expect("the page is well formed");
    assert_eq!(snapshot.sections[0].text, "(let [x 1]\n\n x)\n");
    assert_eq!(print(&snapshot), page);
}

#[test]
fn a_page_without_source_is_refused() {
    assert!(read("# Let\n").is_err());
    assert!(read("# Let\n## TREE\n~~~\n~~~\n").is_err());
    assert!(read("# Let\n## SOURCE\nwords\n").is_err());
}
