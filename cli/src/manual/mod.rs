//! The reference manual as HTML, and beside it the modules of a project: the chapters of
//! `tests/spec`, the messages, and what `doc` knows of modules in, files by path out. Every program
//! of the manual is a test, so what a page says of it is so.
//!
//! What always holds: equal input gives equal bytes; every link leads to a page or a heading that
//! is there; nothing is loaded from elsewhere, and pages say all they say without their script,
//! which is the search.

mod frame;
pub mod highlight;
mod markdown;
mod module;
mod program;
mod search;

use eclexia_diag::catalogue;
use frame::Frame;
pub use frame::escape;
use markdown::{Heading, render};
pub use module::{Documented, Module};
use module::{Types, page};
use search::Index;
use std::collections::BTreeMap;
use std::fmt::Write;

include!(concat!(env!("OUT_DIR"), "/manual.rs"));

/// What is documented beside the language and its library.
pub struct Project {
    pub name: String,
    pub modules: Vec<Module>,
}

/// What the side of every page lists.
struct Contents {
    /// Of the project; without one there is nothing but the manual.
    project: Option<String>,
    /// Page and name of the modules of the project.
    own: Vec<(String, String)>,
    /// Stem, title and sections of each chapter.
    chapters: Vec<(String, String, Vec<Heading>)>,
    /// Page and name of the modules of the library.
    library: Vec<(String, String)>,
}

impl Contents {
    /// The page of the manual as a whole.
    fn manual(&self) -> &'static str {
        if self.project.is_some() { "manual" } else { "index" }
    }
}

const MANUAL: &str = "The Eclexia manual";

/// All files: of the project, if there is one, and of the manual.
pub fn pages(project: Option<&Project>, library: &[Module]) -> BTreeMap<String, String> {
    let mut rendered = Vec::new();
    for (stem, text) in CHAPTERS {
        rendered.push(((*stem).to_owned(), render(text, "")));
    }
    let own = project.map_or(&[][..], |project| &project.modules);
    let contents = Contents {
        project: project.map(|project| project.name.clone()),
        own: named("project", own),
        chapters: rendered
            .iter()
            .map(|(stem, page)| (stem.clone(), page.title.clone(), page.headings.clone()))
            .collect(),
        library: named("library", library),
    };
    let mut files = BTreeMap::from([
        ("style.css".to_owned(), frame::STYLE.to_owned()),
        ("search.js".to_owned(), search::SCRIPT.to_owned()),
        ("search/manual.js".to_owned(), manual_index(&contents).script()),
    ]);
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
    files.insert(format!("{}.html", contents.manual()), index(&contents, library));
    files.insert("messages.html".to_owned(), messages(&contents));
    for code in catalogue::codes() {
        let page = render(catalogue::page(code).unwrap_or_default(), "../");
        let frame = Frame::plain(&page.title, "../", "messages");
        files.insert(format!("messages/{code}.html"), frame.page(&contents, &page.body));
    }
    let mut types = Types::default();
    let places = contents.library.iter().chain(&contents.own);
    let all: Vec<(&String, &Module)> =
        places.map(|(path, _)| path).zip(library.iter().chain(own)).collect();
    all.iter().for_each(|(path, module)| types.add(path, module));
    for (path, module) in all {
        let frame = Frame::plain(&module.name, "../", path);
        files.insert(path.clone(), frame.page(&contents, &page(module, path, &types)));
    }
    files.insert("search/library.js".to_owned(), modules_index(&contents.library, library));
    if let Some(project) = project {
        files.insert("index.html".to_owned(), project_index(&contents, project));
        files.insert("search/project.js".to_owned(), modules_index(&contents.own, own));
    }
    files
}

/// Page and name of modules, of which two may have one name: programs of a project.
fn named(folder: &str, modules: &[Module]) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for module in modules {
        let before = named.iter().filter(|(_, name)| *name == module.name).count();
        let number = if before == 0 { String::new() } else { format!("~{}", before + 1) };
        named.push((format!("{folder}/{}{number}.html", module.name), module.name.clone()));
    }
    named
}

fn modules_index(places: &[(String, String)], modules: &[Module]) -> String {
    let mut index = Index::default();
    for ((path, _), module) in places.iter().zip(modules) {
        index.module(path, module);
    }
    index.script()
}

/// Chapters by their headings, messages by what they mean.
fn manual_index(contents: &Contents) -> Index {
    let mut index = Index::default();
    for (stem, title, sections) in &contents.chapters {
        index.add([title, "chapter", "", &format!("{stem}.html"), "", ""]);
        for section in sections {
            let to = format!("{stem}.html#{}", section.id);
            index.add([&section.plain, "section", title, &to, "", ""]);
        }
    }
    for code in catalogue::codes() {
        index.add([code, "message", "", &format!("messages/{code}.html"), "", &meaning(code)]);
    }
    index
}

/// A table of modules, each with the first sentence of its documentation.
fn table(places: &[(String, String)], modules: &[Module]) -> String {
    let mut html = String::from("<table>\n");
    for ((path, name), module) in places.iter().zip(modules) {
        let doc = module.doc.split_whitespace().collect::<Vec<_>>().join(" ");
        let summary = doc.split(". ").next().unwrap_or_default().trim_end_matches('.');
        let summary = if summary.is_empty() { String::new() } else { in_line(summary) + "." };
        let _ = writeln!(
            html,
            "<tr><td><a href=\"{path}\"><code>{}</code></a></td><td>{summary}</td></tr>",
            escape(name)
        );
    }
    html + "</table>\n"
}

fn project_index(contents: &Contents, project: &Project) -> String {
    let name = escape(&project.name);
    let body = format!(
        "<h1>{name}</h1>\n{}<h2 id=\"language\">The language</h2>\n<p>What it is written in: <a \
         href=\"manual.html\">the Eclexia manual</a>, with the library and every message.</p>\n",
        table(&contents.own, &project.modules)
    );
    Frame::plain(&project.name, "", "index").page(contents, &body)
}

fn index(contents: &Contents, library: &[Module]) -> String {
    let programs: usize = CHAPTERS.iter().map(|(_, text)| text.matches("\n```ecl").count()).sum();
    let mut body = format!(
        "<h1>{MANUAL}</h1>\n<p class=\"lead\">What the language is, construct by \
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
    body.push_str("</ol>\n<h2 id=\"library\">The library</h2>\n");
    body.push_str(&table(&contents.library, library));
    let count = catalogue::codes().count();
    let _ = write!(
        body,
        "<h2 id=\"messages\">Messages</h2>\n<p>Each of the <a href=\"messages.html\">\
         {count} messages</a> has a page with what it means, an example and a way out.</p>\n"
    );
    Frame::plain(MANUAL, "", contents.manual()).page(contents, &body)
}

fn messages(contents: &Contents) -> String {
    let mut body = String::from(
        "<h1>Messages</h1>\n<p>By their codes, as they stand in brackets after <code>error</code> \
         or <code>warning</code>. <code>eclexia explain CODE</code> shows the same.</p>\n<table>\n",
    );
    for code in catalogue::codes() {
        let summary = in_line(&meaning(code));
        let _ = writeln!(
            body,
            "<tr id=\"{code}\"><td><a href=\"messages/{code}.html\"><code>{code}</code></a></td>\
             <td>{summary}</td></tr>"
        );
    }
    body.push_str("</table>\n");
    Frame::plain("Messages", "", "messages").page(contents, &body)
}

/// The first paragraph of the page of a message.
fn meaning(code: &str) -> String {
    let page = catalogue::page(code).unwrap_or_default();
    let words = page.lines().skip(1).skip_while(|l| l.trim().is_empty());
    let summary: Vec<&str> = words.take_while(|l| !l.trim().is_empty()).collect();
    summary.join(" ")
}

/// A sentence without the paragraph around it.
fn in_line(text: &str) -> String {
    let html = render(text, "").body;
    html.trim().trim_start_matches("<p>").trim_end_matches("</p>").to_owned()
}

#[cfg(test)]
mod tests;
