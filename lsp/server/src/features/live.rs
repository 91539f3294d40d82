//! Deployments while one types: lenses over them, prices beside their limits.

use crate::context::{Answer, Context, File};
use crate::snapshot::Project;
use eclexia_base::{FileId, Span};
use eclexia_ide::definition;
use eclexia_ide::live::{Hint, LiveFile, Planned, Plans, left, live};
use gen_lsp_types::{
    CodeLens, CodeLensParams, Command, InlayHint, InlayHintKind, Label, MarkupContent, MarkupKind,
    Position, Range, Tooltip, Uri,
};
use serde_json::json;

/// The live results of a file, at the places of its text as it is.
pub fn of_file(context: &Context, file: &File) -> Option<LiveFile> {
    of_source(context, file.project, file.id)
}

fn of_source(context: &Context, project: &Project, file: FileId) -> Option<LiveFile> {
    let live = context.lives.get(&project.folder)?;
    let source = project.analysis.sources.get(file)?;
    Some(live.live.files.get(&source.name)?.moved(&source.text))
}

pub fn lenses(context: &Context, params: CodeLensParams) -> Answer<Vec<CodeLens>> {
    let uri = params.text_document.uri;
    let file = context.file(&uri)?;
    let Some(live) = of_file(context, &file) else { return Ok(Vec::new()) };
    let encoding = context.client.encoding;
    let mut lenses = Vec::new();
    for lens in live.lenses {
        let at = lens.at.start as usize..lens.at.end as usize;
        let range = file.lines.range(file.text, at, encoding);
        let mut add = |title: String, command: &str| {
            let arguments = Some(vec![json!(uri), json!(lens.deployment)]);
            let command = Command { title, tooltip: None, command: command.to_owned(), arguments };
            lenses.push(CodeLens { range, command: Some(command), data: None });
        };
        add(lens.text, "eclexia.plan");
        if lens.is_planned {
            add("plan".to_owned(), "eclexia.plan");
            add("what-if".to_owned(), "eclexia.whatIf");
            add("graph".to_owned(), "eclexia.graph");
        }
    }
    Ok(lenses)
}

/// Hints between two places: types, what splits leave, and what plans say.
pub fn hints(context: &Context, file: &File, within: Range) -> Vec<InlayHint> {
    let (text, encoding) = (file.text, context.client.encoding);
    let wanted = file.lines.bytes(text, within, encoding);
    let position = |end: u32| file.lines.position(text, end as usize, encoding);
    let span = Span::new(file.id, wanted.start as u32, wanted.end as u32);
    let types = eclexia_ide::type_hints(file.analysis(), span).into_iter().map(|hint| InlayHint {
        kind: Some(InlayHintKind::Type),
        padding_left: Some(true),
        ..bare(position(hint.at.end), hint.text)
    });
    let planned = of_file(context, file).map(|live| live.hints).unwrap_or_default();
    let more = left(file.analysis(), file.id).into_iter().chain(planned);
    let is_within = |hint: &Hint| (wanted.start..=wanted.end).contains(&(hint.at.end as usize));
    let more = more.filter(is_within).map(|hint| InlayHint {
        tooltip: Some(Tooltip::MarkupContent(MarkupContent {
            kind: MarkupKind::Markdown,
            value: hint.more,
        })),
        padding_left: Some(true),
        ..bare(position(hint.at.end), hint.text)
    });
    types.chain(more).collect()
}

fn bare(position: Position, text: String) -> InlayHint {
    InlayHint {
        position,
        label: Label::from(text),
        kind: None,
        text_edits: None,
        tooltip: None,
        padding_left: None,
        padding_right: None,
        data: None,
    }
}

/// What is said over a limit at a place, and where that is; or over the name of a budget, wherever
/// it is mentioned.
pub fn limit(context: &Context, file: &File, offset: u32) -> Option<(Option<Range>, String)> {
    let at = |of: FileId, offset: u32| {
        let limits = of_source(context, file.project, of)?.limits;
        limits.into_iter().find(|limit| limit.at.start <= offset && offset <= limit.at.end)
    };
    if let Some(limit) = at(file.id, offset) {
        let range = limit.at.start as usize..limit.at.end as usize;
        let range = file.lines.range(file.text, range, context.client.encoding);
        return Some((Some(range), limit.text));
    }
    let lives = context.lives.get(&file.project.folder)?;
    let has_limits = lives.live.files.values().any(|live| !live.limits.is_empty());
    let named = has_limits.then(|| definition(file.analysis(), file.id, offset))?;
    let limit = at(named.first()?.file, named.first()?.start)?;
    Some((None, limit.text))
}

/// The deployment that a command is about: by its name, or the first one of the file. What is known
/// of the text as it is, else planned for the command; where mistakes stand in the way, what was
/// known before them.
pub fn deployment(context: &Context, uri: &Uri, name: Option<&str>) -> Option<Planned> {
    let file = context.file(uri).ok()?;
    let source = file.analysis().sources.name(file.id);
    let is_it = |planned: &&Planned| {
        planned.file == source && name.is_none_or(|name| planned.deployment.name == name)
    };
    let known = context.lives.get(&file.project.folder);
    let of_known = || known?.live.planned.iter().find(is_it).cloned();
    if known.is_some_and(|known| known.told.is_of(file.project)) {
        return of_known();
    }
    let (analysis, strategies) = (file.analysis(), &file.project.strategies);
    let made = live(analysis, strategies, &mut Plans::default(), &context.interrupt())?;
    made.planned.iter().find(is_it).cloned().or_else(of_known)
}
