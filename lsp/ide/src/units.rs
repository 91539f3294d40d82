//! Units: where one is declared.

use eclexia_base::{Name, Span};
use eclexia_db::Analysis;
use eclexia_syntax::NodeKind;

/// The name in the `defunit` or `defdimension` of a unit; those of the language have none.
pub fn declaration(analysis: &Analysis, name: Name) -> Option<Span> {
    let modules = analysis.program.modules.values();
    let mut owners = modules.filter(|module| module.own_units.contains(&name));
    owners.find_map(|module| {
        let tree = analysis.trees.get(&module.span.file)?;
        tree.roots.iter().find_map(|root| {
            let kids = tree.children(*root);
            let (head, second) = (kids.first()?, kids.get(1)?);
            let defines = matches!(tree.kind(*head), NodeKind::Symbol(head)
                if head == "defunit" || head == "defdimension");
            let is_it = tree.kind(*second) == NodeKind::Symbol(name);
            (defines && is_it).then(|| tree.span(*second))
        })
    })
}
