//! Examples in docstrings. A line `> (list/sum (list 1 2 3)) => 6` of the docstring of a
//! definition, type or interface says that the expression has the value of the other.

use eclexia_base::{Name, Span};
use eclexia_core::core::{ModuleId, Program};

/// One example, both sides as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocExample {
    /// Of what the docstring is.
    pub name: Name,
    pub expr: String,
    /// Empty: the expression only has to have a value.
    pub expected: String,
    /// The name that is documented.
    pub span: Span,
}

/// All examples of a module: of its macros, then of what it defines, each in source order.
pub fn doc_examples(program: &Program, module: ModuleId) -> Vec<DocExample> {
    let macros = program.documented_macros(module);
    let macros = macros.map(|(name, _, doc, span)| (name, Some(doc), span));
    let module = &program.modules[module];
    let defs = module.defs.iter().map(|id| {
        let def = &program.defs[*id];
        (def.name, def.doc.as_deref(), def.span)
    });
    let types = module.types.iter().map(|id| {
        let ty = &program.types[*id];
        (ty.name, ty.doc.as_deref(), ty.span)
    });
    let interfaces = module.interfaces.iter().map(|id| {
        let interface = &program.interfaces[*id];
        (interface.name, interface.doc.as_deref(), interface.span)
    });
    let all = macros.chain(defs).chain(types).chain(interfaces);
    all.flat_map(|(name, doc, span)| {
        let lines = doc.into_iter().flat_map(str::lines);
        lines.filter_map(move |line| example(line, name, span)).collect::<Vec<_>>()
    })
    .collect()
}

fn example(line: &str, name: Name, span: Span) -> Option<DocExample> {
    let text = line.trim_start().strip_prefix("> ")?;
    let (expr, expected) = text.rsplit_once(" => ").unwrap_or((text, ""));
    let (expr, expected) = (expr.trim().to_owned(), expected.trim().to_owned());
    Some(DocExample { name, expr, expected, span })
}
