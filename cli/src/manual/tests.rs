//! What holds of the whole manual: links lead somewhere, nothing comes from elsewhere, every code
//! and every program is there.

use super::*;
use eclexia_db::docs::DocItem;
use std::collections::BTreeSet;

fn manual() -> BTreeMap<String, String> {
    let item = DocItem {
        name: "inc?".to_owned(),
        kind: "function",
        signature: "(Fn [Int] Int)".to_owned(),
        doc: "One more than `x`; see `unknown-name`.\n> (inc? 1) => 2".to_owned(),
        span: eclexia_base::Span::new(eclexia_base::FileId(0), 0, 0),
    };
    let ty = DocItem { name: "Count".to_owned(), kind: "type", ..item.clone() };
    let documented = |item: DocItem| Documented {
        item,
        call: Some("inc? x".to_owned()),
        costs: vec!["steps ≤ 1 + n_1, besides `f`".to_owned()],
        source: String::new(),
    };
    let doc = "Counting. And <b>more</b>.".to_owned();
    let items = vec![documented(item), documented(ty)];
    let library = [Module { name: "std.count".to_owned(), doc, items }];
    let main = || Module {
        name: "main".to_owned(),
        doc: String::new(),
        items: vec![documented(DocItem {
            name: "team".to_owned(),
            kind: "constant",
            signature: "(Option Count)".to_owned(),
            doc: String::new(),
            span: eclexia_base::Span::new(eclexia_base::FileId(0), 0, 0),
        })],
    };
    let project = Project { name: "shop & co".to_owned(), modules: vec![main(), main()] };
    pages(Some(&project), &library)
}

fn values<'h>(html: &'h str, attribute: &str) -> Vec<&'h str> {
    let open = format!(" {attribute}=\"");
    html.match_indices(&open)
        .filter_map(|(at, _)| html[at + open.len()..].split('"').next())
        .collect()
}

/// `../a.html` seen from `messages/b.html` is `a.html`.
fn from(page: &str, to: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in to.split('/') {
        match part {
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[test]
fn every_link_leads_to_a_page_and_a_heading_that_are_there() {
    let files = manual();
    for (path, html) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        for link in values(html, "href") {
            let (to, id) = link.split_once('#').unwrap_or((link, ""));
            let to = if to.is_empty() { path.clone() } else { from(path, to) };
            let Some(target) = files.get(&to) else { panic!("{path}: {link} leads nowhere") };
            let is_there = id.is_empty() || values(target, "id").contains(&id);
            assert!(is_there, "{path}: {link} leads to no heading");
        }
    }
}

#[test]
fn ids_stand_once_on_a_page_and_nothing_comes_from_elsewhere() {
    for (path, html) in manual() {
        let ids = values(&html, "id");
        let distinct: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "{path}: an id stands twice");
        for foreign in ["<script>", "@import", "url(", "fetch(", "innerHTML"] {
            assert!(!html.contains(foreign), "{path}: {foreign}");
        }
        let scripts = if path.ends_with(".html") { values(&html, "src") } else { Vec::new() };
        assert!(scripts.iter().all(|src| from(&path, src) == "search.js"), "{path}: {scripts:?}");
    }
}

#[test]
fn every_chapter_code_and_module_has_its_page() {
    let files = manual();
    for (stem, _) in CHAPTERS {
        assert!(files.contains_key(&format!("{stem}.html")), "{stem}");
    }
    for code in catalogue::codes() {
        assert!(files.contains_key(&format!("messages/{code}.html")), "{code}");
    }
    assert!(files.contains_key("project/main.html") && files.contains_key("project/main~2.html"));
    let main = &files["project/main.html"];
    assert!(
        main.contains("href=\"../library/std.count.html#count\">Count</a>"),
        "a type is linked"
    );
    assert!(main.contains("n_1, besides <code>f</code>"), "a cost is shown as it is");
    let page = &files["library/std.count.html"];
    assert!(page.contains("&lt;b&gt;") && !page.contains("<b>"), "HTML of a docstring is shown");
    assert!(page.contains("⇒"), "an example shows its value");
}

#[test]
fn a_program_shows_every_character_and_what_it_promises() {
    let text = "(def x \"a ; => b\n c\") ; type: String\n\
                (f <x> #| two\nlines |# :k 5GiB) ; error: [unknown-name] \"f\" ; warning: [odd]\n";
    let html = program::block(text, Some("a&b.ecl"), "../", program::Said::Verdict);
    assert!(html.contains("class=\"program rejected\"") && html.contains("a&amp;b.ecl"));
    assert!(html.contains("href=\"../messages/unknown-name.html\"") && html.contains(": "));
    assert!(html.contains("<span class=\"nu\">5GiB</span>") && html.contains("&lt;x&gt;"));
    let mut plain = String::new();
    let mut is_tag = false;
    for c in html.chars() {
        match c {
            '<' => is_tag = true,
            '>' => is_tag = false,
            c if !is_tag => plain.push(c),
            _ => {}
        }
    }
    for part in ["(def x", "lines |# :k", "unknown-name f", "odd"] {
        assert!(plain.contains(part), "{part}: {plain}");
    }
}

#[test]
fn every_entry_of_the_index_leads_somewhere() {
    let files = manual();
    let mut kinds = BTreeSet::new();
    for (path, script) in files.iter().filter(|(path, _)| path.starts_with("search/")) {
        let lines =
            script.strip_prefix("eclexiaIndex.push(\n").and_then(|s| s.strip_suffix(");\n"));
        for line in lines.expect("an index is one call").lines() {
            let entry: [String; 6] =
                serde_json::from_str(line.trim_end_matches(',')).expect("six texts a line");
            let (page, id) = entry[3].split_once('#').unwrap_or((&entry[3], ""));
            let Some(target) = files.get(page) else { panic!("{path}: {line} leads nowhere") };
            assert!(id.is_empty() || values(target, "id").contains(&id), "{path}: {line}");
            kinds.insert(entry[1].clone());
        }
    }
    let expected = ["chapter", "constant", "function", "message", "module", "section", "type"]
        .map(String::from);
    assert_eq!(kinds, BTreeSet::from(expected));
}
