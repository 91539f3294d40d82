//! Markdown in, HTML out, with what is ours: headings that can be linked, programs in colours with
//! what they promise, codes of messages that lead to their pages. HTML in the text is shown, not
//! passed on.

use super::frame::escape;
use super::program;
use eclexia_diag::catalogue;
use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};
use std::collections::BTreeSet;

#[derive(Clone, Debug)]
pub struct Heading {
    pub id: String,
    pub html: String,
    pub plain: String,
}

pub struct Page {
    /// Plain text of the first heading.
    pub title: String,
    /// Those of the second level.
    pub headings: Vec<Heading>,
    pub body: String,
}

/// Ids given so far on a page.
#[derive(Default)]
pub struct Ids(BTreeSet<String>);

impl Ids {
    /// An id made of a text, told apart from those before.
    pub fn id(&mut self, text: &str) -> String {
        let word = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let plain: String = text.chars().map(word).collect();
        let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
        let stem = if parts.is_empty() { "item".to_owned() } else { parts.join("-") };
        let mut id = stem.clone();
        let mut n = 2;
        while !self.0.insert(id.clone()) {
            id = format!("{stem}-{n}");
            n += 1;
        }
        id
    }
}

/// `root` leads from the page to the folder of the manual.
pub fn render(text: &str, root: &str) -> Page {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events: Vec<Event> = Parser::new_ext(text, options).collect();
    let mut page = Page { title: String::new(), headings: Vec::new(), body: String::new() };
    let mut ids = Ids::default();
    let mut out: Vec<Event> = Vec::new();
    let mut section = String::new();
    let mut at = 0;
    while let Some(event) = events.get(at) {
        at += 1;
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let rest = &events[at..];
                let length = rest.iter().position(is_heading_end).unwrap_or(rest.len());
                let (id, inner, plain) = heading(&rest[..length], root, &mut ids);
                section.clone_from(&plain);
                at += length + 1;
                let tag = tag_of(*level);
                if *level == HeadingLevel::H1 && page.title.is_empty() {
                    page.title = plain;
                } else if *level == HeadingLevel::H2 {
                    let (id, html) = (id.clone(), unlinked(&rest[..length]));
                    page.headings.push(Heading { id, html, plain });
                }
                let html = format!(
                    "<{tag} id=\"{id}\">{inner}<a class=\"anchor\" href=\"#{id}\" \
                    aria-label=\"link to this section\">#</a></{tag}>\n"
                );
                out.push(Event::Html(html.into()));
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                let rest = &events[at..];
                let is_end = |e: &Event| matches!(e, Event::End(TagEnd::CodeBlock));
                let length = rest.iter().position(is_end).unwrap_or(rest.len());
                let text: String = rest[..length].iter().map(text_of).collect();
                at += length + 1;
                out.push(Event::Html(code_block(kind, &text, root, &section).into()));
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let (html, _) = link(dest_url, root);
                out.push(Event::InlineHtml(html.into()));
            }
            Event::End(TagEnd::Link) => out.push(Event::InlineHtml("</a>".into())),
            Event::Code(text) => out.push(Event::InlineHtml(inline(text, root).into())),
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text.clone())),
            other => out.push(other.clone()),
        }
    }
    html::push_html(&mut page.body, out.into_iter());
    page
}

fn is_heading_end(event: &Event) -> bool {
    matches!(event, Event::End(TagEnd::Heading(_)))
}

fn tag_of(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        _ => "h3",
    }
}

/// Id, HTML and plain text.
fn heading(events: &[Event], root: &str, ids: &mut Ids) -> (String, String, String) {
    let plain: String = events.iter().map(text_of).collect();
    let parts = events.iter().map(|event| match event {
        Event::Code(text) => inline(text, root),
        other => escape(&text_of(other)),
    });
    (ids.id(&plain), parts.collect(), plain)
}

/// A heading's HTML to be put into a link.
fn unlinked(events: &[Event]) -> String {
    let parts = events.iter().map(|event| match event {
        Event::Code(text) => format!("<code>{}</code>", escape(text)),
        other => escape(&text_of(other)),
    });
    parts.collect()
}

fn text_of(event: &Event) -> String {
    match event {
        Event::Text(text) | Event::Code(text) => text.to_string(),
        Event::SoftBreak | Event::HardBreak => " ".to_owned(),
        _ => String::new(),
    }
}

/// Code in a line; that of a message leads to its page.
fn inline(text: &CowStr, root: &str) -> String {
    let shown = format!("<code>{}</code>", escape(text));
    match catalogue::page(text) {
        Some(_) => format!("<a href=\"{root}messages/{text}.html\">{shown}</a>"),
        None => shown,
    }
}

/// The opening of a link, and whether it leads somewhere: to a chapter, a heading of the page, or
/// nowhere that is part of the manual.
fn link(to: &str, root: &str) -> (String, bool) {
    let (path, id) = to.split_once('#').map_or((to, ""), |(path, id)| (path, id));
    let anchor = if id.is_empty() { String::new() } else { format!("#{id}") };
    let stem = path.rsplit('/').next().unwrap_or(path).strip_suffix(".md");
    let chapter = stem.filter(|stem| super::CHAPTERS.iter().any(|(known, _)| known == stem));
    let message = stem.filter(|stem| catalogue::page(stem).is_some());
    match (chapter, message) {
        (Some(stem), _) => (format!("<a href=\"{root}{stem}.html{}\">", escape(&anchor)), true),
        (_, Some(code)) => (format!("<a href=\"{root}messages/{code}.html\">"), true),
        _ if path.is_empty() && !id.is_empty() => {
            (format!("<a href=\"{}\">", escape(&anchor)), true)
        }
        _ => ("<a>".to_owned(), false),
    }
}

fn code_block(kind: &CodeBlockKind, text: &str, root: &str, section: &str) -> String {
    // Of the pages of messages, `Example` is the program that raises the message.
    let is_example = !root.is_empty() && section == "Example";
    let said = if is_example { program::Said::Raises } else { program::Said::Verdict };
    let info = match kind {
        CodeBlockKind::Fenced(info) => info.as_ref(),
        CodeBlockKind::Indented => "",
    };
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    let file = words.find_map(|word| word.strip_prefix("file="));
    match language {
        "ecl" => program::block(text, file, root, said),
        "console" => program::console(text),
        _ => format!("<pre class=\"other\">{}</pre>\n", escape(text)),
    }
}
