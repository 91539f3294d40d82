//! The page of a module: each name with its type, what it costs, its words and its examples.
//!
//! Comes in: what `doc` knows of a module. Goes out: HTML. Always holds: a type in a signature
//! leads to where it is documented, where one page is known that can be meant.

use super::frame::escape;
use super::markdown::{Ids, render};
use super::{highlight, program};
use eclexia_db::docs::DocItem;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A module of the library or of a project.
pub struct Module {
    pub name: String,
    pub doc: String,
    pub items: Vec<Documented>,
}

pub struct Documented {
    pub item: DocItem,
    /// `fold f init xs`, of a function whose parameters have names.
    pub call: Option<String>,
    /// `steps ≤ 1 + n, n = (size xs)`; what is not proved says so.
    pub costs: Vec<String>,
    /// Of a constant: the form that defines it.
    pub source: String,
}

impl Documented {
    /// The lines of its words, and its examples as they are shown.
    pub fn words_and_examples(&self) -> (String, String) {
        let (examples, words): (Vec<&str>, Vec<&str>) =
            self.item.doc.lines().map(str::trim).partition(|line| line.starts_with("> "));
        let shown = |line: &&str| line.trim_start_matches("> ").replacen(" => ", " ; => ", 1);
        let examples: Vec<String> = examples.iter().map(shown).collect();
        (words.join("\n").trim().to_owned(), examples.join("\n"))
    }
}

impl Module {
    /// The anchors of the items, in their order.
    pub fn ids(&self) -> Vec<String> {
        let mut ids = Ids::default();
        self.items.iter().map(|documented| ids.id(&documented.item.name)).collect()
    }

    fn is_type(documented: &Documented) -> bool {
        ["type", "record", "interface"].contains(&documented.item.kind)
    }
}

/// Where types are documented: pages with anchors, from the folder of the manual.
#[derive(Default)]
pub struct Types(BTreeMap<String, Vec<(String, String)>>);

impl Types {
    pub fn add(&mut self, page: &str, module: &Module) {
        for (documented, id) in module.items.iter().zip(module.ids()) {
            if Module::is_type(documented) {
                let known = self.0.entry(documented.item.name.clone()).or_default();
                known.push((page.to_owned(), id));
            }
        }
    }

    /// Of several types of a name the one of the page itself is meant, else none.
    fn find(&self, page: &str, name: &str) -> Option<(&str, &str)> {
        let known = self.0.get(name)?;
        let own = known.iter().find(|(at, _)| at == page);
        let only = || known.first().filter(|_| known.len() == 1);
        own.or_else(only).map(|(at, id)| (at.as_str(), id.as_str()))
    }
}

/// The page at a path of a folder below that of the manual.
pub fn page(module: &Module, path: &str, types: &Types) -> String {
    let mut body = format!("<h1><code>{}</code></h1>\n", escape(&module.name));
    body.push_str(&render(&module.doc, "../").body);
    let ids = module.ids();
    body.push_str("<p class=\"names\">");
    for (documented, id) in module.items.iter().zip(&ids) {
        let name = escape(&documented.item.name);
        let _ = writeln!(body, "<a href=\"#{id}\"><code>{name}</code></a>");
    }
    body.push_str("</p>\n");
    for (documented, id) in module.items.iter().zip(&ids) {
        body.push_str(&item(documented, id, path, types));
    }
    body
}

fn item(documented: &Documented, id: &str, path: &str, types: &Types) -> String {
    let item = &documented.item;
    let name = escape(&item.name);
    let mut html = format!(
        "<h2 id=\"{id}\" class=\"item\"><a href=\"#{id}\"><code>{name}</code></a> \
         <span class=\"kind\">{}</span></h2>\n<pre class=\"signature\">",
        item.kind
    );
    if let Some(call) = &documented.call {
        let _ = writeln!(html, "<span class=\"call\">{}</span>", escape(&format!("({call})")));
    }
    let _ = writeln!(html, "{}</pre>", signature(&item.signature, path, types));
    let (words, examples) = documented.words_and_examples();
    html.push_str(&render(&words, "../").body);
    if !examples.is_empty() {
        html.push_str(&program::block(&examples, None, "../", program::Said::Nothing));
    }
    if !documented.source.is_empty() {
        html.push_str(&program::block(&documented.source, None, "../", program::Said::Nothing));
    }
    if !documented.costs.is_empty() {
        html.push_str("<ul class=\"costs\" aria-label=\"costs\">\n");
        for cost in &documented.costs {
            let cost = super::in_line(&cost.replace('_', "\\_"));
            let _ = writeln!(html, "<li>{cost}</li>");
        }
        html.push_str("</ul>\n");
    }
    html
}

/// A type in colours, its names leading to their documentation.
fn signature(text: &str, path: &str, types: &Types) -> String {
    let mut html = String::new();
    for (class, word) in highlight::parts(text) {
        let shown = escape(word);
        let at = if class == "ty" { types.find(path, word) } else { None };
        let _ = match at {
            Some((to, id)) if to == path => {
                write!(html, "<a class=\"ty\" href=\"#{id}\">{shown}</a>")
            }
            Some((to, id)) => write!(html, "<a class=\"ty\" href=\"../{to}#{id}\">{shown}</a>"),
            // The bar between constructors is of what is shown, not of the language.
            None if ["", "un"].contains(&class) => write!(html, "{shown}"),
            None => write!(html, "<span class=\"{class}\">{shown}</span>"),
        };
    }
    html
}
