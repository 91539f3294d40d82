//! Documentation of a module: what it exports, with types and docstrings, and the examples in them
//! (`> (inc 41) => 42`), which are tests.

use crate::session::{Found, Session};
use eclexia_base::Span;
use eclexia_core::core::{DefId, DefKind, ModuleId, TypeDefKind};
use eclexia_interp::{DocExample, Options};
use eclexia_rt::effects::Hermetic;

/// What is documented under one name.
#[derive(Clone, Debug)]
pub struct DocItem {
    pub name: String,
    /// `function`, `macro`, `constant`, `type`, `record`, `interface`.
    pub kind: &'static str,
    /// A type, or the fields or constructors.
    pub signature: String,
    pub doc: String,
    pub span: Span,
}

/// An example that did not give what it says.
#[derive(Clone, Debug)]
pub struct ExampleFailure {
    pub example: DocExample,
    /// What was shown instead; `None` when evaluation failed with diagnostics.
    pub shown: Option<String>,
}

/// The exported items of a module, in source order.
pub fn items(session: &Session, module: ModuleId) -> Vec<DocItem> {
    let program = &session.program;
    let mut items = Vec::new();
    for &id in &program.modules[module].types {
        let ty = &program.types[id];
        if ty.exported {
            let kind = if matches!(ty.kind, TypeDefKind::Record(_)) { "record" } else { "type" };
            let signature = type_signature(session, id);
            let doc = ty.doc.clone().unwrap_or_default();
            items.push(DocItem { name: ty.name.to_string(), kind, signature, doc, span: ty.span });
        }
    }
    for &id in &program.modules[module].interfaces {
        let interface = &program.interfaces[id];
        if interface.exported {
            let methods: Vec<String> =
                interface.methods.iter().map(|m| m.name.to_string()).collect();
            items.push(DocItem {
                name: interface.name.to_string(),
                kind: "interface",
                signature: format!(
                    "({} {}): {}",
                    interface.name,
                    interface.param,
                    methods.join(" ")
                ),
                doc: interface.doc.clone().unwrap_or_default(),
                span: interface.span,
            });
        }
    }
    for &id in &program.modules[module].defs {
        let def = &program.defs[id];
        let kind = match def.kind {
            DefKind::Function | DefKind::Builtin | DefKind::Extern => "function",
            DefKind::Constant => "constant",
            _ => continue,
        };
        if def.exported {
            items.push(DocItem {
                name: def.name.to_string(),
                kind,
                signature: session.show_type(id),
                doc: def.doc.clone().unwrap_or_default(),
                span: def.span,
            });
        }
    }
    for (name, signature, doc, span) in program.documented_macros(module) {
        let (name, doc) = (name.to_string(), doc.to_owned());
        items.push(DocItem { name, kind: "macro", signature, doc, span });
    }
    items.sort_by_key(|item| item.span);
    items
}

fn type_signature(session: &Session, id: eclexia_core::core::TypeId) -> String {
    let program = &session.program;
    let ty = &program.types[id];
    let text = |span: Span| session.sources.text(span.file).get(span.range()).unwrap_or_default();
    match &ty.kind {
        TypeDefKind::Builtin => String::from("built in"),
        TypeDefKind::Record(ctor) => {
            let fields = program.ctors[*ctor].fields.iter().map(|field| {
                let name = field.name.map(|n| n.to_string()).unwrap_or_default();
                let written = text(field.ty.span);
                match field.default {
                    Some(default) => {
                        let body = program.maps[default].exprs.iter().next_back();
                        let default = body.map(|(_, place)| text(place.span)).unwrap_or_default();
                        format!(":{name} {written} := {default}")
                    }
                    None => format!(":{name} {written}"),
                }
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join("\n "))
        }
        TypeDefKind::Data(ctors) => {
            let ctors = ctors.iter().map(|ctor| {
                let ctor = &program.ctors[*ctor];
                let fields: Vec<&str> = ctor.fields.iter().map(|f| text(f.ty.span)).collect();
                match &fields[..] {
                    [] => ctor.name.to_string(),
                    _ => format!("({} {})", ctor.name, fields.join(" ")),
                }
            });
            ctors.collect::<Vec<_>>().join(" | ")
        }
    }
}

/// Evaluates an example in the module's scope; `None` when it gives what it says: the same to read,
/// or equal by the type's own `Eq`, where one value has several forms.
pub fn run_example(
    session: &mut Session,
    module: ModuleId,
    example: &DocExample,
    options: Options,
) -> Found<Option<ExampleFailure>> {
    let fail = |shown| Some(ExampleFailure { example: example.clone(), shown });
    let (tree, mut found) = session.read("<example>", example.expr.as_bytes());
    let (input, more) = session.resolve_input(&tree, "example", Some(module));
    found.extend(more);
    found.extend(session.check());
    if found.has_errors() {
        return (fail(None), found);
    }
    let Some(&def) = session.program.modules[input].defs.last() else { return (fail(None), found) };
    match evaluate_shown(session, def, options.clone()) {
        Ok(shown) if example.expected.is_empty() || shown == example.expected => (None, found),
        Ok(_) if is_equal(session, module, example, options) => (None, found),
        Ok(shown) => (fail(Some(shown)), found),
        Err(failure) => {
            found.push(*failure);
            (fail(None), found)
        }
    }
}

fn is_equal(
    session: &mut Session,
    module: ModuleId,
    example: &DocExample,
    options: Options,
) -> bool {
    let text = format!("(= {} {})", example.expr, example.expected);
    let (tree, mut found) = session.read("<example>", text.as_bytes());
    let (input, more) = session.resolve_input(&tree, "example", Some(module));
    found.extend(more);
    found.extend(session.check());
    let def = session.program.modules[input].defs.last().copied();
    def.filter(|_| !found.has_errors()).is_some_and(|def| {
        let mut nothing = Hermetic::default();
        let value = session.evaluator(options, &mut nothing).constant(def);
        value.is_ok_and(|value| value.as_bool() == Some(true))
    })
}

fn evaluate_shown(
    session: &mut Session,
    def: DefId,
    options: Options,
) -> Result<String, eclexia_interp::Failure> {
    let mut nothing = Hermetic::default();
    let value = session.evaluator(options, &mut nothing).constant(def)?;
    Ok(session.show(&value))
}
