//! Answers as text, one way of writing for each question.

use crate::page::{Asked, analyse};
use eclexia_base::Span;
use eclexia_db::Analysis;
use eclexia_ide::{Edit, Insert, Symbol, TokenKind, Use};
use std::fmt::Write;

pub fn answer(asked: &Asked, question: &str, arguments: &[&str]) -> String {
    let mut out = String::new();
    for at in asked.cursors.iter().copied() {
        let text = at_cursor(asked, question, arguments, at);
        out.push_str(if text.is_empty() { "nothing\n" } else { &text });
    }
    if let Some((from, to)) = asked.selection {
        return actions(asked, arguments, Span::new(asked.file, from, to));
    }
    if asked.cursors.is_empty() {
        out = of_file(asked, question, arguments);
    }
    out
}

fn at_cursor(asked: &Asked, question: &str, arguments: &[&str], at: u32) -> String {
    let (analysis, file) = (&*asked.analysis, asked.file);
    match question {
        "hover" => eclexia_ide::hover(analysis, file, at).map(hover).unwrap_or_default(),
        "definition" => targets(analysis, &eclexia_ide::definition(analysis, file, at)),
        "type-definition" => targets(analysis, &eclexia_ide::type_definition(analysis, file, at)),
        "implementations" => targets(analysis, &eclexia_ide::implementations(analysis, file, at)),
        "references" => occurrences(analysis, &eclexia_ide::references(analysis, file, at)),
        "highlight" => occurrences(analysis, &eclexia_ide::highlight(analysis, file, at)),
        "linked" => {
            let spans = eclexia_ide::linked(analysis, file, at);
            spans.into_iter().map(|span| format!("{}\n", place(analysis, span))).collect()
        }
        "rename" => match eclexia_ide::rename(analysis, file, at, &arguments.join(" ")) {
            Ok(edits) => edited(asked, &edits),
            Err(why) => format!("refused: {why}\n"),
        },
        "selections" => {
            let text = analysis.sources.text(file);
            let spans = eclexia_ide::selections(analysis, file, at).into_iter();
            spans.map(|span| format!("{:?}\n", &text[span.range()])).collect()
        }
        "calls" => calls(analysis, file, at),
        "signatures" => signatures(analysis, file, at),
        "actions" => actions(asked, arguments, Span::new(file, at, at)),
        "mends" => mends(asked, arguments, Span::new(file, at, at)),
        "complete" => completions(asked, arguments, at),
        _ => format!("there is no question `{question}`\n"),
    }
}

fn of_file(asked: &Asked, question: &str, arguments: &[&str]) -> String {
    let (analysis, file) = (&*asked.analysis, asked.file);
    let text = analysis.sources.text(file);
    let whole = Span::new(file, 0, text.len() as u32);
    match question {
        "move" => {
            let name = arguments.first().copied().unwrap_or("");
            let from = analysis.file(name).expect("the file was read");
            match eclexia_ide::rename_module(analysis, from, arguments.get(1).unwrap_or(&"")) {
                Ok(edits) => moved(asked, &edits),
                Err(why) => format!("refused: {why}\n"),
            }
        }
        "lints" => {
            let lints = eclexia_ide::lints(analysis, file).sorted();
            let show = |found: &eclexia_diag::Diagnostic| {
                let span = found.primary.as_ref().expect("a lint has a place").span;
                format!("{} {}: {}\n", place(analysis, span), found.code, found.message)
            };
            lints.iter().map(show).collect()
        }
        "fix-all" => match eclexia_ide::fix_all(&eclexia_ide::lints(analysis, file), file) {
            Some(action) => format!("; {}\n{}", action.title, edited(asked, &action.edits)),
            None => String::new(),
        },
        "symbols" => symbols(&eclexia_ide::document_symbols(analysis, file), 0),
        "workspace-symbols" => {
            let query = arguments.first().copied().unwrap_or("");
            let found = eclexia_ide::workspace_symbols(analysis, query).into_iter();
            found
                .map(|m| format!("{} ({}) in {}\n", m.symbol.name, m.symbol.kind.said(), m.module))
                .collect()
        }
        "tokens" => tokens(analysis, file),
        "folds" => {
            let folds = eclexia_ide::folds(analysis, file).into_iter();
            let line = |offset| analysis.sources.get(file).map_or(0, |s| s.line_column(offset).0);
            let show = |fold: eclexia_ide::Fold| {
                let (from, to) = (line(fold.span.start), line(fold.span.end));
                format!("{from}-{to} {:?}\n", fold.kind)
            };
            folds.map(show).collect()
        }
        "links" => {
            let links = eclexia_ide::links(analysis, file).into_iter();
            let show = |link: eclexia_ide::Link| {
                format!("{} to {}\n", place(analysis, link.span), analysis.sources.name(link.file))
            };
            links.map(show).collect()
        }
        "hints" => {
            let hints = eclexia_ide::type_hints(analysis, whole);
            let marks = hints.iter().map(|h| Edit::insert(h.at, format!("⟨{}⟩", h.text)));
            let marks: Vec<Edit> = marks.collect();
            eclexia_ide::apply(text, file, &marks)
        }
        _ => format!("there is no question `{question}`\n"),
    }
}

/// `main.ecl:2:5 "text"`; of the library without line and column, which are not this test's.
pub fn place(analysis: &Analysis, span: Span) -> String {
    let Some(source) = analysis.sources.get(span.file) else { return "?".to_owned() };
    let text = source.text.get(span.range()).unwrap_or("");
    let text = text.lines().next().unwrap_or("");
    if source.name.starts_with('<') {
        return format!("{} {text:?}", source.name);
    }
    let (line, column) = source.line_column(span.start);
    format!("{}:{line}:{column} {text:?}", source.name)
}

fn hover(hover: eclexia_ide::Hover) -> String {
    let mut out = format!("{}\n", hover.code);
    if let Some(doc) = &hover.doc {
        let _ = writeln!(out, "  {}", doc.replace('\n', "\n  "));
    }
    hover.facts.iter().for_each(|fact| out.push_str(&format!("- {fact}\n")));
    out
}

fn targets(analysis: &Analysis, targets: &[Span]) -> String {
    targets.iter().map(|target| format!("{}\n", place(analysis, *target))).collect()
}

fn occurrences(analysis: &Analysis, found: &[eclexia_ide::Occurrence]) -> String {
    let show = |o: &eclexia_ide::Occurrence| {
        let mark = if o.is == Use::Definition { " defined" } else { "" };
        format!("{}{mark}\n", place(analysis, o.span))
    };
    found.iter().map(show).collect()
}

/// The files that change with a module's name.
fn moved(asked: &Asked, edits: &[Edit]) -> String {
    let one = |(_, name, text): &(String, String, String)| {
        let file = asked.analysis.file(name).expect("the file was read");
        let next = eclexia_ide::apply(text, file, edits);
        (next != *text).then(|| format!("; {name}\n{}\n", next.trim_end()))
    };
    asked.files.iter().filter_map(one).collect()
}

/// The files that change, and what is wrong with them afterwards that was not before.
pub fn edited(asked: &Asked, edits: &[Edit]) -> String {
    let mut out = String::new();
    let mut files = asked.files.clone();
    for (_, name, text) in &mut files {
        let file = asked.analysis.file(name).expect("the file was read");
        let next = eclexia_ide::apply(text, file, edits);
        if next != *text {
            let _ = writeln!(out, "; {name}\n{}", next.trim_end());
            *text = next;
        }
    }
    let errors = |analysis: &Analysis| analysis.found.iter().filter(|d| d.is_error()).count();
    let after = analyse(&files);
    if errors(&after) > errors(&asked.analysis) {
        for found in after.found.iter().filter(|found| found.is_error()) {
            let _ = writeln!(out, "; now wrong: {}", found.message);
        }
    }
    out
}

fn symbols(found: &[Symbol], depth: usize) -> String {
    let mut out = String::new();
    for symbol in found {
        let indent = "  ".repeat(depth);
        let detail = match symbol.detail.as_str() {
            "" => String::new(),
            detail => format!(": {detail}"),
        };
        let _ = writeln!(out, "{indent}{} ({}){detail}", symbol.name, symbol.kind.said());
        out.push_str(&symbols(&symbol.children, depth + 1));
    }
    out
}

fn tokens(analysis: &Analysis, file: eclexia_base::FileId) -> String {
    let text = analysis.sources.text(file);
    let show = |token: eclexia_ide::Token| {
        let kind = match token.kind {
            TokenKind::Name(kind) => kind.said().to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let marks = [
            (token.modifiers.is_definition, " defined"),
            (token.modifiers.is_linear, " linear"),
            (token.modifiers.is_library, " library"),
        ];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        format!("{} {kind}{marks}\n", &text[token.span.range()])
    };
    eclexia_ide::tokens(analysis, file).into_iter().map(show).collect()
}

fn calls(analysis: &Analysis, file: eclexia_base::FileId, at: u32) -> String {
    let Some(def) = eclexia_ide::callable(analysis, file, at) else { return String::new() };
    let name = |def| analysis.program.defs[def].name;
    let mut out = format!("{}\n", name(def));
    for caller in eclexia_ide::incoming(analysis, def) {
        let _ = writeln!(out, "<- {} {} times", name(caller.def), caller.uses.len());
    }
    for callee in eclexia_ide::outgoing(analysis, def) {
        let _ = writeln!(out, "-> {} {} times", name(callee.def), callee.uses.len());
    }
    out
}

/// What is replaced, and the first items; with a name as argument only that one.
fn completions(asked: &Asked, arguments: &[&str], at: u32) -> String {
    let Some(found) = eclexia_ide::complete(&asked.analysis, asked.file, at) else {
        return String::new();
    };
    let text = asked.analysis.sources.text(asked.file);
    let mut out = format!("for {:?}\n", &text[found.span.range()]);
    let count = arguments.first().and_then(|word| word.parse().ok());
    let wanted =
        |label: &str| count.is_some() || arguments.is_empty() || arguments.contains(&label);
    let items = found.items.iter().filter(|item| wanted(&item.label));
    for item in items.take(count.unwrap_or(6)) {
        let detail = match item.detail.as_str() {
            "" => String::new(),
            detail => format!(": {detail}"),
        };
        let _ = writeln!(out, "{} ({}){detail}", item.label, item.kind.said());
        match &item.insert {
            Insert::Text(text) if *text == item.label => {}
            Insert::Text(text) => out.push_str(&format!("  writes {text}\n")),
            Insert::Snippet(text) => out.push_str(&format!("  writes {text:?}\n")),
        }
        for edit in &item.edits {
            let _ = writeln!(out, "  and {:?}", edit.text);
        }
    }
    out
}

fn signatures(analysis: &Analysis, file: eclexia_base::FileId, at: u32) -> String {
    let mut out = String::new();
    for signature in eclexia_ide::signatures(analysis, file, at) {
        let active = signature.active.and_then(|active| signature.parameters.get(active));
        let _ = writeln!(out, "{}", signature.label);
        if let Some(parameter) = active {
            let _ = writeln!(out, "  at {:?}", &signature.label[parameter.range.clone()]);
            let doc = parameter.doc.iter().flat_map(|doc| doc.lines());
            doc.for_each(|line| out.push_str(&format!("    {line}\n")));
        }
        signature.doc.iter().for_each(|doc| out.push_str(&format!("  {doc}\n")));
    }
    out
}

/// As [`actions`] that begin with an argument, and what is wrong afterwards.
fn mends(asked: &Asked, arguments: &[&str], selection: Span) -> String {
    let found = eclexia_ide::actions(&asked.analysis, selection, &Default::default());
    let wanted = arguments.join(" ");
    let mut out = String::new();
    for action in found.iter().filter(|action| action.title.starts_with(&wanted)) {
        let _ = write!(out, "; {}\n{}", action.title, edited(asked, &action.edits));
        let mut files = asked.files.clone();
        for (_, name, text) in &mut files {
            let file = asked.analysis.file(name).expect("the file was read");
            *text = eclexia_ide::apply(text, file, &action.edits);
        }
        let after = analyse(&files);
        let errors = after.found.iter().filter(|found| found.is_error());
        errors.for_each(|found| out.push_str(&format!("; still wrong: {}\n", found.message)));
    }
    out
}

/// The titles; with an argument what those do that begin with it.
fn actions(asked: &Asked, arguments: &[&str], selection: Span) -> String {
    let lints = eclexia_ide::lints(&asked.analysis, asked.file);
    let found = eclexia_ide::actions(&asked.analysis, selection, &lints);
    let wanted = arguments.join(" ");
    if wanted.is_empty() {
        return found.iter().map(|action| format!("{}\n", action.title)).collect();
    }
    let found = found.iter().filter(|action| action.title.starts_with(&wanted));
    found.map(|action| format!("; {}\n{}", action.title, edited(asked, &action.edits))).collect()
}
