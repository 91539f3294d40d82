//! What an offset of a file means: the nodes around it, their roles, the name there and its
//! meaning, the expression around it.

use crate::names::{self, Occurrence, module_of, occurrences_of};
use crate::place;
use crate::roles::{Role, along};
use eclexia_base::{FileId, Span};
use eclexia_core::core::{DefId, DefKind, ExprId, ModuleId};
use eclexia_db::Analysis;
use eclexia_syntax::NodeId;

#[derive(Clone, Debug)]
pub struct At {
    pub file: FileId,
    pub offset: u32,
    /// `None`: the module of the file could not be resolved.
    pub module: Option<ModuleId>,
    /// The nodes around the offset, from the outermost to the innermost.
    pub path: Vec<NodeId>,
    /// One for each node of the path.
    pub roles: Vec<Role>,
    /// The name at the offset.
    pub occurrence: Option<Occurrence>,
}

/// `None` only where there is no such file, or an offset past its end.
pub fn at(analysis: &Analysis, file: FileId, offset: u32) -> Option<At> {
    let tree = analysis.trees.get(&file)?;
    let text = analysis.sources.text(file);
    if offset as usize > text.len() {
        return None;
    }
    let path = place::path(tree, text, offset);
    let roles = along(tree, &path);
    let roots = path.get(..1).unwrap_or_default();
    let occurrences = occurrences_of(analysis, tree, roots);
    let occurrence = names::at(&occurrences, offset);
    Some(At { file, offset, module: module_of(analysis, file), path, roles, occurrence })
}

impl At {
    /// The expression at the offset: a literal, a name, or a form between its parts; what is
    /// between the parts of anything else is none.
    pub fn expression(&self, analysis: &Analysis) -> Option<(DefId, ExprId)> {
        let tree = analysis.trees.get(&self.file)?;
        let node = self.path.last().filter(|_| self.roles.last() == Some(&Role::Value))?;
        expressions_at(analysis, tree.span(*node)).next()
    }
}

/// What a node of this span stands for in each definition around it, the innermost first.
pub fn expressions_at(analysis: &Analysis, span: Span) -> impl Iterator<Item = (DefId, ExprId)> {
    let defs = match module_of(analysis, span.file) {
        Some(module) => definitions_at(analysis, module, span.file, span.start),
        None => Vec::new(),
    };
    defs.into_iter().filter_map(move |def| Some((def, expression_of(analysis, def, span)?)))
}

/// The definitions whose forms hold an offset, the innermost first.
pub fn definitions_at(
    analysis: &Analysis,
    module: ModuleId,
    file: FileId,
    offset: u32,
) -> Vec<DefId> {
    let program = &analysis.program;
    let holds = |def: &DefId| {
        let form = program.defs[*def].form;
        form.file == file && form.start <= offset && offset <= form.end
    };
    let mut defs: Vec<DefId> = program.modules[module].defs.iter().copied().filter(holds).collect();
    defs.sort_by_key(|def| (program.defs[*def].form.range().len(), *def));
    defs
}

/// The expression that a node stands for: of several that sugar made of it, the outermost, which
/// is made last; what the node itself says comes before what a macro made of it.
fn expression_of(analysis: &Analysis, def: DefId, span: Span) -> Option<ExprId> {
    let map = analysis.program.maps.get(def)?;
    let of = |is_written: bool| {
        let mut exprs = map.exprs.iter().rev();
        exprs.find(|(_, place)| place.span == span && place.inside.is_none() == is_written)
    };
    of(true).or_else(|| of(false)).map(|(e, _)| e)
}

/// The definition with a name of its own that holds an offset: a method's, a test's too.
pub fn enclosing(analysis: &Analysis, file: FileId, offset: u32) -> Option<DefId> {
    let module = module_of(analysis, file)?;
    let defs = definitions_at(analysis, module, file, offset);
    let is_named = |def: &DefId| {
        !matches!(analysis.program.defs[*def].kind, DefKind::FieldDefault { .. } | DefKind::Repl)
    };
    defs.into_iter().find(is_named)
}
