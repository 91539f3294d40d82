//! The reference manual as HTML: the chapters of `tests/spec`, a page per message and a page per
//! module of the library in, files by path out. Every program of the manual is a test, so what a
//! page says of it is so.
//!
//! What always holds: equal input gives equal bytes; every link leads to a page or a heading that
//! is there; nothing is loaded from elsewhere and no script runs. What is absent: a search.

mod frame;
pub mod highlight;
mod markdown;
mod program;

use eclexia_db::docs::DocItem;
use eclexia_diag::catalogue;
use frame::Frame;
pub use frame::escape;
use markdown::{Heading, render};
use std::collections::BTreeMap;
use std::fmt::Write;

include!(concat!(env!("OUT_DIR"), "/manual.rs"));

/// A module of the library, as `doc` shows it.
pub struct LibraryModule {
    pub name: String,
    pub doc: String,
    pub items: Vec<DocItem>,
}

/// What the side of every page lists.
struct Contents {
    /// Stem, title and sections of each chapter.
    chapters: Vec<(String, String, Vec<Heading>)>,
    modules: Vec<String>,
}

/// All files of the manual.
pub fn pages(modules: &[LibraryModule]) -> BTreeMap<String, String> {
    let mut rendered = Vec::new();
    for (stem, text) in CHAPTERS {
        rendered.push(((*stem).to_owned(), render(text, "")));
    }
    let contents = Contents {
        chapters: rendered
            .iter()
            .map(|(stem, page)| (stem.clone(), page.title.clone(), page.headings.clone()))
            .collect(),
        modules: modules.iter().map(|m| m.name.clone()).collect(),
    };
    let mut files = BTreeMap::from([("style.css".to_owned(), frame::STYLE.to_owned())]);
    for (n, (stem, page)) in rendered.iter().enumerate() {
        let link = |at: Option<usize>| {
            let (stem, title, _) = contents.chapters.get(at?)?;
            Some((format!("{stem}.html"), title.clone()))
        };
        let frame = Frame {
            title: &page.title,
            root: "",
            current: stem,
            before: link(n.checked_sub(1)),
            after: link(Some(n + 1)),
        };
        files.insert(format!("{stem}.html"), frame.page(&contents, &page.body));
    }
    files.insert("index.html".to_owned(), index(&contents, modules));
    files.insert("messages.html".to_owned(), messages(&contents));
    for code in catalogue::codes() {
        let page = render(catalogue::page(code).unwrap_or_default(), "../");
        let frame = Frame::plain(&page.title, "../", "messages");
        files.insert(format!("messages/{code}.html"), frame.page(&contents, &page.body));
    }
    for module in modules {
        let frame = Frame::plain(&module.name, "../", &module.name);
        let body = library_page(module);
        files.insert(format!("library/{}.html", module.name), frame.page(&contents, &body));
    }
    files
}

fn index(contents: &Contents, modules: &[LibraryModule]) -> String {
    let programs: usize = CHAPTERS.iter().map(|(_, text)| text.matches("\n```ecl").count()).sum();
    let mut body = format!(
        "<h1>The Eclexia manual</h1>\n<p class=\"lead\">What the language is, construct by \
         construct, with {programs} programs that are accepted or rejected. Each of them is a \
         test: it does what its page says of it.</p>\n<h2 id=\"language\">The language</h2>\n\
         <ol class=\"chapters\">\n"
    );
    for (stem, title, sections) in &contents.chapters {
        let _ = write!(body, "<li><a href=\"{stem}.html\">{}</a>", escape(title));
        let links: Vec<String> = sections
            .iter()
            .map(|h| format!("<a href=\"{stem}.html#{}\">{}</a>", h.id, h.html))
            .collect();
        let _ = writeln!(body, "<p>{}</p></li>", links.join(" · "));
    }
    body.push_str("</ol>\n<h2 id=\"library\">The library</h2>\n<table>\n");
    for module in modules {
        let summary = module.doc.split(". ").next().unwrap_or_default().trim_end_matches('.');
        let _ = writeln!(
            body,
            "<tr><td><a href=\"library/{0}.html\"><code>{0}</code></a></td><td>{1}.</td></tr>",
            module.name,
            in_line(summary)
        );
    }
    let count = catalogue::codes().count();
    let _ = write!(
        body,
        "</table>\n<h2 id=\"messages\">Messages</h2>\n<p>Each of the <a href=\"messages.html\">\
         {count} messages</a> has a page with what it means, an example and a way out.</p>\n"
    );
    Frame::plain("The Eclexia manual", "", "index").page(contents, &body)
}

fn messages(contents: &Contents) -> String {
    let mut body = String::from(
        "<h1>Messages</h1>\n<p>By their codes, as they stand in brackets after <code>error</code> \
         or <code>warning</code>. <code>eclexia explain CODE</code> shows the same.</p>\n<table>\n",
    );
    for code in catalogue::codes() {
        let page = catalogue::page(code).unwrap_or_default();
        let words = page.lines().skip(1).skip_while(|l| l.trim().is_empty());
        let summary: Vec<&str> = words.take_while(|l| !l.trim().is_empty()).collect();
        let summary = in_line(&summary.join(" "));
        let _ = writeln!(
            body,
            "<tr id=\"{code}\"><td><a href=\"messages/{code}.html\"><code>{code}</code></a></td>\
             <td>{summary}</td></tr>"
        );
    }
    body.push_str("</table>\n");
    Frame::plain("Messages", "", "messages").page(contents, &body)
}

/// A sentence without the paragraph around it.
fn in_line(text: &str) -> String {
    let html = render(text, "").body;
    html.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}

fn library_page(module: &LibraryModule) -> String {
    let mut body = format!("<h1><code>{}</code></h1>\n", escape(&module.name));
    body.push_str(&render(&module.doc, "../").body);
    let mut seen = markdown::Ids::default();
    let ids: Vec<String> = module.items.iter().map(|item| seen.id(&item.name)).collect();
    body.push_str("<p class=\"names\">");
    for (item, id) in module.items.iter().zip(&ids) {
        let _ = writeln!(body, "<a href=\"#{id}\"><code>{}</code></a>", escape(&item.name));
    }
    body.push_str("</p>\n");
    for (item, id) in module.items.iter().zip(&ids) {
        let name = escape(&item.name);
        let _ = writeln!(
            body,
            "<h2 id=\"{id}\" class=\"item\"><a href=\"#{id}\"><code>{name}</code></a> \
             <span class=\"kind\">{}</span></h2>\n<pre class=\"signature\">{}</pre>",
            item.kind,
            highlight::line(&item.signature)
        );
        let (examples, words): (Vec<&str>, Vec<&str>) =
            item.doc.lines().partition(|line| line.trim().starts_with("> "));
        let words: Vec<&str> = words.iter().map(|line| line.trim()).collect();
        body.push_str(&render(words.join("\n").trim(), "../").body);
        if !examples.is_empty() {
            let examples = examples.iter().map(|line| line.trim().trim_start_matches("> "));
            let lines: Vec<String> = examples.map(|e| e.replacen(" => ", " ; => ", 1)).collect();
            body.push_str(&program::block(&lines.join("\n"), None, "../", program::Said::Nothing));
        }
    }
    body
}

#[cfg(test)]
mod tests;
