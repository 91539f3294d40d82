//! `doc --html` and `doc --manual`: a folder of pages with a search, without a link to elsewhere.
//!
//! Comes in: a project, or none, and the library. Goes out: the files of `manual`. Always holds:
//! what a page says a function costs is what `bounds` says. Absent: the packages of a project, and
//! modules that export nothing, such as those of tests.

use super::super::program::load_checked;
use super::super::{Ended, Stop, bounds};
use super::{Library, items, module_doc};
use crate::args::DocArgs;
use crate::console::{Console, Exit};
use crate::manual::{Documented, Module, Project, pages};
use crate::{files, project};
use eclexia_base::{FileId, FxHashMap, Name, Span};
use eclexia_check::bounds::{Outcome, of_module};
use eclexia_core::core::ModuleId;
use eclexia_core::cost::Resource;
use eclexia_db::Session;
use eclexia_diag::Sources;
use std::path::Path;

pub fn html(console: &Console, args: &DocArgs) -> Ended {
    let project = match args.html {
        true => Some(project_of(console, args.what.as_deref().unwrap_or("."))?),
        false => None,
    };
    let library = Library::checked(console)?;
    let modules: Vec<Module> =
        library.modules().map(|(id, name)| module(&library.session, id, name)).collect();
    let pages = pages(project.as_ref(), &modules);
    let usual = if args.html { "doc" } else { "manual" };
    let folder = args.output.as_deref().unwrap_or(Path::new(usual));
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

/// The modules of a project, or the file that is named.
fn project_of(console: &Console, what: &str) -> Result<Project, Stop> {
    let path = Path::new(what);
    let is_file = files::is_source(path);
    let programs = match is_file {
        true => vec![path.to_owned()],
        false => project::programs(path)?,
    };
    let manifest = match is_file {
        true => None,
        false => eclexia_files::manifest_at(path, &mut Sources::new())?,
    };
    let mut modules = Vec::new();
    for program in programs {
        let loaded = load_checked(console, &program)?;
        let name = loaded.session.program.modules[loaded.module].name;
        let made = module(&loaded.session, loaded.module, name.as_str());
        if !made.items.is_empty() {
            modules.push(made);
        }
    }
    let stem = || path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = match manifest {
        Some(project) => project.manifest.name.value,
        None => stem().unwrap_or_else(|| "Program".to_owned()),
    };
    Ok(Project { name, modules })
}

fn module(session: &Session, id: ModuleId, name: &str) -> Module {
    let program = &session.program;
    let functions = of_module(program, &session.typed, id);
    let known: FxHashMap<_, _> =
        functions.iter().map(|function| (program.defs[function.def].name, function)).collect();
    let documented = items(session, id).into_iter().map(|item| {
        let function = known.get(&Name::new(&item.name));
        let call = function.map(|function| bounds::head(program, function.def));
        // That nothing is known is said once, of steps.
        let told = function.iter().flat_map(|function| {
            let told = bounds::told(function);
            let is_told = |found: &&_| is_told(found);
            told.filter(is_told).map(|found| found.said(function.mode))
        });
        let costs = told.collect();
        let source = match item.kind {
            "constant" => form_at(session, item.span).unwrap_or_default(),
            _ => String::new(),
        };
        Documented { call, costs, source, item }
    });
    let items = documented.collect();
    Module { name: name.to_owned(), doc: module_doc(session, id), items }
}

fn is_told(found: &eclexia_check::bounds::Found) -> bool {
    matches!(found.outcome, Outcome::Bounded { .. }) || found.resource == Resource::Steps
}

/// The form on the outermost level around a place: of a constant, what its value is.
fn form_at(session: &Session, place: Span) -> Option<String> {
    let text = session.sources.text(place.file);
    let (tokens, _) = eclexia_syntax::lex(FileId(0), text);
    let (mut depth, mut start) = (0_usize, 0);
    for token in tokens {
        if token.kind.is_open() {
            if depth == 0 {
                start = token.start;
            }
            depth += 1;
        } else if token.kind.is_close() {
            depth = depth.saturating_sub(1);
            if depth == 0 && (start..token.end).contains(&place.start) {
                return text.get(start as usize..token.end as usize).map(str::to_owned);
            }
        }
    }
    None
}
