//! What the compiler makes of a place: a form with its macros expanded, the IR of a definition.

use crate::at::definitions_at;
use crate::place;
use eclexia_base::FileId;
use eclexia_db::Analysis;
use eclexia_ir::{LowerState, Root, lower};
use eclexia_syntax::NodeKind;

/// The innermost list around an offset with all its macros expanded, one form to a line.
pub fn expanded(analysis: &Analysis, file: FileId, offset: u32) -> Option<String> {
    let tree = analysis.trees.get(&file)?;
    let module = *analysis.modules.get(&file)?;
    let text = analysis.sources.text(file);
    let path = place::path(tree, text, offset);
    let list = path.into_iter().rev().find(|node| tree.kind(*node) == NodeKind::List)?;
    let form = text.get(tree.span(list).range())?;
    let (form, _) = eclexia_syntax::read(file, form);
    let mut program = analysis.program.clone();
    let (shown, _) = eclexia_core::expand_to_string(&mut program, module, &form);
    Some(shown.into_iter().map(|form| form + "\n").collect())
}

/// The IR of the definition around an offset and of all that it needs; an error is a sentence.
pub fn ir(analysis: &Analysis, file: FileId, offset: u32) -> Result<String, String> {
    let module = *analysis.modules.get(&file).ok_or("the file is no module")?;
    if !crate::sound::is_sound(analysis, module) {
        return Err("a program with errors has no IR; correct them first".to_owned());
    }
    let program = &analysis.program;
    let defs = definitions_at(analysis, module, file, offset);
    let def = defs.into_iter().find_map(|def| Some((def, program.defs[def].body.as_ref()?)));
    let (def, body) = def.ok_or("there is no definition there")?;
    let scheme = analysis.typed.scheme(def);
    if !scheme.vars.is_empty() || !scheme.units.is_empty() {
        let name = program.defs[def].name;
        return Err(format!("`{name}` is generic: it has IR for each type it is used at"));
    }
    let root = if body.is_function { Root::Function(def) } else { Root::Constant(def) };
    let (mut ir, mut state) = (eclexia_ir::ir::Program::default(), LowerState::default());
    lower(program, &analysis.typed, &mut ir, &mut state, root)
        .map_err(|failure| failure.message.clone())?;
    Ok(eclexia_ir::text::print::program(&ir))
}
