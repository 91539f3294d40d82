//! What is around every page: its head, the contents at its side, the way on.

use super::Contents;
use std::fmt::Write;

pub const STYLE: &str = include_str!("style.css");

/// Without a script there is no search, and then none is shown.
const SEARCH: &str = "<form id=\"search\" role=\"search\" hidden>\n\
    <input type=\"search\" placeholder=\"Search ( / )\" autocomplete=\"off\" \
    spellcheck=\"false\" aria-label=\"search\" role=\"combobox\" aria-controls=\"found\" \
    aria-expanded=\"false\">\n<div>\n<p role=\"status\"></p>\n\
    <ul id=\"found\" role=\"listbox\" aria-label=\"found\"></ul>\n</div>\n</form>\n";

pub struct Frame<'p> {
    pub title: &'p str,
    /// From the page to the folder of the manual.
    pub root: &'p str,
    /// Stem of a chapter, page of a module, or `index`, `manual`, `messages`.
    pub current: &'p str,
    pub before: Option<(String, String)>,
    pub after: Option<(String, String)>,
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

impl<'p> Frame<'p> {
    pub fn plain(title: &'p str, root: &'p str, current: &'p str) -> Frame<'p> {
        Frame { title, root, current, before: None, after: None }
    }

    pub fn page(&self, contents: &Contents, body: &str) -> String {
        let (title, root) = (escape(self.title), self.root);
        let site = contents.project.as_deref().unwrap_or("Eclexia manual");
        let is_index = self.current == "index";
        let heading = if is_index { title } else { format!("{title} · {}", escape(site)) };
        let parts = if contents.project.is_some() { "project " } else { "" };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{heading}</title>\n\
             <link rel=\"stylesheet\" href=\"{root}style.css\">\n\
             <script src=\"{root}search.js\" data-parts=\"{parts}library manual\" defer></script>\n\
             </head>\n<body>\n\
             <nav aria-label=\"contents\">\n{}</nav>\n<main>\n{body}{}</main>\n</body>\n</html>\n",
            self.side(contents),
            self.way_on()
        )
    }

    fn side(&self, contents: &Contents) -> String {
        let root = self.root;
        let here = |name: &str| if name == self.current { " aria-current=\"page\"" } else { "" };
        let name = escape(contents.project.as_deref().unwrap_or("Eclexia"));
        let mut html = format!(
            "<a class=\"home\" href=\"{root}index.html\"{}>{name}</a>\n{SEARCH}",
            here("index")
        );
        if contents.project.is_some() {
            html.push_str(&self.modules(&contents.own));
            let current = here("manual");
            let _ = writeln!(html, "<p><a href=\"{root}manual.html\"{current}>Manual</a></p>");
        }
        html.push_str("<ol>\n");
        for (stem, title, sections) in &contents.chapters {
            let _ = write!(
                html,
                "<li><a href=\"{root}{stem}.html\"{}>{}</a>",
                here(stem),
                escape(title)
            );
            if stem == self.current && !sections.is_empty() {
                html.push_str("\n<ul>\n");
                for h in sections {
                    let _ = writeln!(html, "<li><a href=\"#{}\">{}</a></li>", h.id, h.html);
                }
                html.push_str("</ul>\n");
            }
            html.push_str("</li>\n");
        }
        let _ = writeln!(
            html,
            "</ol>\n<p><a href=\"{root}messages.html\"{}>Messages</a></p>",
            here("messages")
        );
        let is_open = contents.library.iter().any(|(path, _)| path == self.current);
        let open = if is_open { " open" } else { "" };
        let modules = self.modules(&contents.library);
        let _ = writeln!(html, "<details{open}><summary>Library</summary>\n{modules}</details>");
        html
    }

    fn modules(&self, modules: &[(String, String)]) -> String {
        let root = self.root;
        let mut html = String::from("<ul class=\"modules\">\n");
        for (path, name) in modules {
            let here = if path == self.current { " aria-current=\"page\"" } else { "" };
            let name = escape(name);
            let _ = writeln!(html, "<li><a href=\"{root}{path}\"{here}>{name}</a></li>");
        }
        html + "</ul>\n"
    }

    fn way_on(&self) -> String {
        let link = |to: &Option<(String, String)>, class: &str| match to {
            Some((href, title)) => {
                format!("<a class=\"{class}\" href=\"{href}\">{}</a>", escape(title))
            }
            None => String::new(),
        };
        let (before, after) = (link(&self.before, "before"), link(&self.after, "after"));
        if before.is_empty() && after.is_empty() {
            return String::new();
        }
        format!("<p class=\"way\">{before}{after}</p>\n")
    }
}
