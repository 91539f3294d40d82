//! Hover: what there is to know about the name or expression at an offset.

use crate::at::{At, at};
use crate::describe::{Described, Kind, describe};
use crate::names::Meaning;
use eclexia_base::unit::{UnitTable, display};
use eclexia_base::{FileId, Span, number};
use eclexia_check::bounds::of_definition;
use eclexia_check::ty::{Ty, TyKind};
use eclexia_check::{dim_word, show_ty};
use eclexia_core::core::{Def, DefId, Entity, Expr, ExprId, Literal};
use eclexia_core::cost::Resource;
use eclexia_db::Analysis;

/// What is shown beside a name or expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    pub kind: Option<Kind>,
    /// In the language: a signature, a declaration, a type.
    pub code: String,
    /// Markdown, as the author wrote it.
    pub doc: Option<String>,
    /// Sentences: where it is from, what it costs, its unit.
    pub facts: Vec<String>,
}

pub fn hover(analysis: &Analysis, file: FileId, offset: u32) -> Option<Hover> {
    let at = at(analysis, file, offset)?;
    match at.occurrence {
        Some(found) => Some(of_meaning(analysis, &at, found.span, found.meaning)),
        None => of_expression(analysis, &at),
    }
}

fn of_meaning(analysis: &Analysis, at: &At, span: Span, meaning: Meaning) -> Hover {
    let described = describe(analysis, meaning);
    let mut facts = Vec::new();
    if let (Some(module), false) = (described.module, described.kind == Kind::Local) {
        facts.push(format!("{} of `{module}`", described.kind.said()));
    }
    if described.is_linear {
        facts.push("linear: it is used exactly once".to_owned());
    }
    if let Meaning::Entity(Entity::Def(def)) = meaning {
        facts.extend(costs(analysis, def));
    }
    if let Meaning::Unit(_) = meaning {
        facts.extend(amount(analysis, at));
    }
    if let Meaning::Local(def, local) = meaning
        && let Some(ty) = crate::describe::local_type(analysis, def, local)
    {
        facts.extend(dimension(ty));
    }
    Hover {
        span,
        kind: Some(described.kind),
        code: code(analysis, meaning, &described),
        doc: described.doc,
        facts,
    }
}

fn code(analysis: &Analysis, meaning: Meaning, of: &Described) -> String {
    match of.kind {
        Kind::Function | Kind::Constant | Kind::Deployed | Kind::Method | Kind::Constructor => {
            format!("(sig {} {})", of.name, of.detail)
        }
        Kind::Local if of.detail.is_empty() => of.name.clone(),
        Kind::Local => format!("(the {} {})", of.detail, of.name),
        Kind::Field => {
            let record = match meaning {
                Meaning::Field(ctor, _) => analysis.program.ctors[ctor].name.to_string(),
                _ => String::new(),
            };
            format!("(defrecord {record} {{… :{} {} …}})", of.name, of.detail)
        }
        Kind::Test => format!("(deftest {:?} …)", of.name),
        Kind::Option => format!(":{}", of.name),
        Kind::Module => format!("(module {})", of.name),
        _ if of.detail.is_empty() => of.name.clone(),
        _ => of.detail.clone(),
    }
}

/// What a function costs, one line per resource that it uses. A program with mistakes has no
/// bounds: they are proved of what was checked.
pub fn costs(analysis: &Analysis, def: DefId) -> Vec<String> {
    let Def { body, module, .. } = &analysis.program.defs[def];
    let is_function = body.as_ref().is_some_and(|body| body.is_function);
    if !is_function || !crate::sound::is_sound(analysis, *module) {
        return Vec::new();
    }
    let shown = [Resource::Steps, Resource::Alloc, Resource::Energy, Resource::Time];
    let function = of_definition(&analysis.program, &analysis.typed, def, &shown);
    function.found.iter().map(|found| found.said(function.mode)).collect()
}

/// A quantity in its base units, and what its dimension is.
fn amount(analysis: &Analysis, at: &At) -> Option<String> {
    let (def, e) = at.expression(analysis)?;
    let body = analysis.program.defs[def].body.as_ref()?;
    let Expr::Literal(Literal::Quantity(value, dim)) = &body.exprs[e] else { return None };
    let shown = display(number::to_f64(value), *dim, UnitTable::language());
    let ty = Ty::quantity(*dim);
    Some(format!("{shown}, of type `{}`", show_ty(&analysis.program, ty)))
}

/// `energy per time` of `(Q J/s)`
fn dimension(ty: Ty) -> Option<String> {
    match ty.kind() {
        TyKind::Q(unit) if unit.vars.is_empty() => {
            let word = dim_word(unit.dim)?;
            Some(format!("a quantity: {word}"))
        }
        _ => None,
    }
}

/// The type of the innermost expression around the offset.
fn of_expression(analysis: &Analysis, at: &At) -> Option<Hover> {
    let (def, e) = at.expression(analysis)?;
    let ty = type_of(analysis, def, e)?;
    let span = analysis.program.maps.get(def)?.exprs.get(e)?.span;
    let mut facts: Vec<String> = dimension(ty).into_iter().collect();
    if analysis.typed.is_linear_type(ty) {
        facts.push("linear: it is used exactly once".to_owned());
    }
    let code = show_ty(&analysis.program, ty);
    Some(Hover { span, kind: None, code, doc: None, facts })
}

/// The type of an expression, where checking came so far.
pub(crate) fn type_of(analysis: &Analysis, def: DefId, e: ExprId) -> Option<Ty> {
    let ty = analysis.typed.facts.get(def)?.types.get(e).copied()?;
    (ty != Ty::ERROR).then_some(ty)
}
