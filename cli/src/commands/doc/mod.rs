//! `doc`: modules, names and files from their docstrings; and pages of a project or the language.

mod html;
mod library;

use super::program::load_checked;
use super::{Ended, Stop};
use crate::args::DocArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use eclexia_core::core::ModuleId;
use eclexia_db::Session;
use eclexia_db::docs::{DocItem, items};
pub use library::{Library, imports};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

pub fn doc(console: &Console, args: &DocArgs) -> Ended {
    if args.manual || args.html {
        return html::html(console, args);
    }
    let Some(what) = &args.what else {
        let library = Library::checked(console)?;
        return match &args.output {
            None => list(console, &library),
            Some(folder) => {
                files::make_folder(folder)?;
                for (module, _) in library.modules() {
                    write_page(console, &library.session, module, folder)?;
                }
                Ok(Exit::Done)
            }
        };
    };
    let (session, module, name) = find(console, what)?;
    match &args.output {
        Some(folder) => {
            files::make_folder(folder)?;
            write_page(console, &session, module, folder)?;
            Ok(Exit::Done)
        }
        None => show(console, items(&session, module), what, name.as_deref()),
    }
}

fn list(console: &Console, library: &Library) -> Ended {
    for (id, module) in library.modules() {
        let summary = module_doc(&library.session, id).replace('\n', " ");
        let count = items(&library.session, id).len();
        if console.global.json {
            console.json(&json!({"format": "eclexia-doc/1", "module": module, "items": count}));
        } else {
            console.out(&format!("{module:<16} {count:>3} names  {summary}\n"));
        }
    }
    Ok(Exit::Done)
}

/// The docstring of the module form, else the comment that its file begins with, as Markdown: lines
/// of it that are set in are to stay as they are.
fn module_doc(session: &Session, module: ModuleId) -> String {
    if let Some(doc) = &session.program.modules[module].doc {
        return doc.clone();
    }
    let text = session.sources.text(session.file_of(module));
    let comment = text.lines().take_while(|line| line.starts_with(';')).map(|line| {
        let line = line.trim_start_matches(';');
        match line.starts_with("  ") {
            true => format!("    {}", line.trim()),
            false => line.trim().to_owned(),
        }
    });
    comment.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A file, or what the library has under a name.
fn find(console: &Console, what: &str) -> Result<(Session, ModuleId, Option<String>), Stop> {
    if files::is_source(Path::new(what)) {
        let loaded = load_checked(console, Path::new(what))?;
        return Ok((loaded.session, loaded.module, None));
    }
    let library = Library::checked(console)?;
    let (module, name) = library.find(what)?;
    Ok((library.session, module, name))
}

/// What the library documents under a name that need not be in scope; for the prompt.
pub fn text_of(library: &Library, name: &str) -> Option<String> {
    let (module, name) = library.find(name).ok()?;
    let items = items(&library.session, module);
    let wanted = items.iter().filter(|item| name.as_ref().is_none_or(|n| item.name == *n));
    Some(wanted.map(text).collect::<String>()).filter(|text| !text.is_empty())
}

fn show(console: &Console, items: Vec<DocItem>, what: &str, name: Option<&str>) -> Ended {
    let items: Vec<DocItem> =
        items.into_iter().filter(|item| name.is_none_or(|name| item.name == name)).collect();
    if items.is_empty() && name.is_some() {
        return Err(diagnostics::unknown_documentation(what).into());
    }
    for item in items {
        if console.global.json {
            console.json(&json!({
                "format": "eclexia-doc/1", "name": item.name, "kind": item.kind,
                "signature": item.signature, "doc": item.doc,
            }));
        } else {
            console.out(&text(&item));
        }
    }
    Ok(Exit::Done)
}

fn text(item: &DocItem) -> String {
    let mut text = format!("{}  {}\n", item.name, item.kind);
    for line in item.signature.lines().chain(item.doc.lines()) {
        let _ = writeln!(text, "    {line}");
    }
    text.push('\n');
    text
}

fn write_page(
    console: &Console,
    session: &Session,
    module: ModuleId,
    folder: &Path,
) -> Result<(), Stop> {
    let name = session.program.modules[module].name;
    let mut page = format!("# {name}\n\n{}\n", module_doc(session, module));
    for item in items(session, module) {
        let _ = write!(
            page,
            "\n## `{}` ({})\n\n```ecl\n{}\n```\n",
            item.name, item.kind, item.signature
        );
        let (examples, words): (Vec<&str>, Vec<&str>) =
            item.doc.lines().partition(|l| l.trim().starts_with("> "));
        if !words.is_empty() {
            let _ = write!(page, "\n{}\n", words.join("\n").trim());
        }
        if !examples.is_empty() {
            let _ = write!(
                page,
                "\n```ecl\n{}\n```\n",
                examples.join("\n").replace("> ", "").replace(" => ", " ; => ")
            );
        }
    }
    let path = folder.join(format!("{name}.md"));
    files::write(&path, page.as_bytes())?;
    console.say(&format!("wrote {}\n", path.display()));
    Ok(())
}
