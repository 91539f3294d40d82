//! `doc`: modules, names and files from their docstrings.

use super::Ended;
use super::program::{Loaded, load_checked};
use super::test::library_module;
use crate::args::DocArgs;
use crate::console::{Console, Exit};
use crate::manual::{LibraryModule, pages};
use crate::{diagnostics, files};
use eclexia_db::docs::{DocItem, items};
use eclexia_db::library;
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

pub fn doc(console: &Console, args: &DocArgs) -> Ended {
    if args.manual {
        let folder = args.output.as_deref().unwrap_or(Path::new("manual"));
        return manual(console, folder);
    }
    match (&args.what, &args.output) {
        (None, None) => list(console),
        (None, Some(folder)) => {
            files::make_folder(folder)?;
            for module in library::modules() {
                write_page(console, &library_module(console, module)?, folder)?;
            }
            Ok(Exit::Done)
        }
        (Some(what), output) => {
            let (loaded, name) = find(console, what)?;
            match output {
                Some(folder) => {
                    files::make_folder(folder)?;
                    write_page(console, &loaded, folder)?;
                    Ok(Exit::Done)
                }
                None => show(console, &loaded, what, name.as_deref()),
            }
        }
    }
}

/// The reference manual, a folder of pages without a script or a link to elsewhere.
fn manual(console: &Console, folder: &Path) -> Ended {
    let mut modules = Vec::new();
    for name in library::modules() {
        let loaded = library_module(console, name)?;
        let items = items(&loaded.session, loaded.module);
        let doc = module_doc(&loaded);
        modules.push(LibraryModule { name: name.to_owned(), doc, items });
    }
    let pages = pages(&modules);
    for (path, text) in &pages {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            files::make_folder(parent)?;
        }
        files::write(&path, text.as_bytes())?;
    }
    let (count, folder) = (pages.len(), folder.display());
    console.say(&format!("Wrote {count} files. Open {folder}/index.html in a browser.\n"));
    Ok(Exit::Done)
}

fn list(console: &Console) -> Ended {
    for module in library::modules() {
        let loaded = library_module(console, module)?;
        let summary = module_doc(&loaded);
        let count = items(&loaded.session, loaded.module).len();
        if console.global.json {
            console.json(&json!({"format": "eclexia-doc/1", "module": module, "items": count}));
        } else {
            console.out(&format!("{module:<16} {count:>3} names  {summary}\n"));
        }
    }
    Ok(Exit::Done)
}

/// The docstring of the module form, else the comment that its file begins with.
fn module_doc(loaded: &Loaded) -> String {
    let module = &loaded.session.program.modules[loaded.module];
    if let Some(doc) = &module.doc {
        return doc.clone();
    }
    let text = loaded.session.sources.text(loaded.session.file_of(loaded.module));
    let comment =
        text.lines().take_while(|l| l.starts_with(';')).map(|l| l.trim_start_matches([';', ' ']));
    comment.collect::<Vec<_>>().join(" ")
}

/// A file, a module, or `list/map`: module and the name in it.
fn find(console: &Console, what: &str) -> Result<(Loaded, Option<String>), super::Stop> {
    if files::is_source(Path::new(what)) {
        return Ok((load_checked(console, Path::new(what))?, None));
    }
    if library::modules().any(|m| m == what) {
        return Ok((library_module(console, what)?, None));
    }
    let qualified = what.split_once('/').filter(|(module, _)| !module.is_empty());
    let Some((module, name)) = qualified else {
        return anywhere(console, what);
    };
    let full = library::modules().find(|m| m.rsplit('.').next() == Some(module));
    let full = full.ok_or_else(|| diagnostics::unknown_documentation(what))?;
    Ok((library_module(console, full)?, Some(name.to_owned())))
}

/// A name without its module: the prelude's, else that of the first module that has it.
fn anywhere(console: &Console, name: &str) -> Result<(Loaded, Option<String>), super::Stop> {
    let others = library::modules().filter(|module| *module != "std.core");
    for module in ["std.core"].into_iter().chain(others) {
        let loaded = library_module(console, module)?;
        if items(&loaded.session, loaded.module).iter().any(|item| item.name == name) {
            return Ok((loaded, Some(name.to_owned())));
        }
    }
    Err(diagnostics::unknown_documentation(name).into())
}

/// What is documented under a name that need not be in scope; for the prompt.
pub fn text_of(name: &str) -> Option<String> {
    let console = Console::new(crate::args::Global::default());
    let (loaded, name) = find(&console, name).ok()?;
    let items = items(&loaded.session, loaded.module);
    let wanted = items.iter().filter(|item| name.as_ref().is_none_or(|n| item.name == *n));
    Some(wanted.map(text).collect::<String>()).filter(|text| !text.is_empty())
}

fn show(console: &Console, loaded: &Loaded, what: &str, name: Option<&str>) -> Ended {
    let items = items(&loaded.session, loaded.module);
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

fn write_page(console: &Console, loaded: &Loaded, folder: &Path) -> Result<(), super::Stop> {
    let name = loaded.session.program.modules[loaded.module].name;
    let mut page = format!("# {name}\n\n{}\n", module_doc(loaded));
    for item in items(&loaded.session, loaded.module) {
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
