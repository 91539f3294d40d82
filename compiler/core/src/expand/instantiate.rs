//! A template and its bindings to made forms. Forms of the user are put in as they are, with their
//! own places; what the template wrote has the call's place, the template's line as `inside`, and
//! the expansion's mark.

use super::matching::{Bindings, Bound};
use super::{Item, MAX_MADE_DEPTH, MAX_MADE_FORMS, Template};
use crate::core::Place;
use crate::forms::{Form, Forms};
use eclexia_base::{Name, Span};
use eclexia_syntax::NodeKind;

/// What all forms of one expansion share.
pub(crate) struct Expansion {
    pub call: Place,
    pub name: Name,
    pub mark: u32,
    /// Keep the `inside` of the call: for macros of the library used inside a user's macro.
    pub keeps_inside: bool,
}

impl Expansion {
    fn place(&self, template: Span) -> Place {
        let inside = match self.call.inside {
            Some(outer) if self.keeps_inside => Some(outer),
            _ => Some((template, self.name)),
        };
        Place { span: self.call.span, inside }
    }
}

/// `None` when the module's expansions have made too many forms, or nested them too deep.
pub(crate) fn instantiate(
    forms: &mut Forms,
    template: &Template,
    bindings: &Bindings,
    expansion: &Expansion,
) -> Option<Form> {
    let env: Vec<Option<&Bound>> = bindings.iter().map(Option::as_ref).collect();
    build(forms, template, &env, expansion)
}

fn build(
    forms: &mut Forms,
    template: &Template,
    env: &[Option<&Bound>],
    expansion: &Expansion,
) -> Option<Form> {
    if forms.made_count() >= MAX_MADE_FORMS {
        return None;
    }
    let mark = expansion.mark;
    Some(match template {
        Template::Slot(slot) => one(env, *slot)?,
        Template::Atom(kind, span) => forms.make(*kind, expansion.place(*span), mark, &[]),
        Template::NameOf(slot, span) => {
            let form = one(env, *slot)?;
            let text = forms.symbol(form).unwrap_or_else(|| Name::new(&forms.show(form)));
            forms.make(NodeKind::Str(text), expansion.place(*span), mark, &[])
        }
        Template::SourceOf(slot, span) => {
            let text = Name::new(&forms.show(one(env, *slot)?));
            forms.make(NodeKind::Str(text), expansion.place(*span), mark, &[])
        }
        Template::Seq(kind, span, items) => {
            let mut children = Vec::with_capacity(items.len());
            for item in items {
                build_item(forms, item, env, expansion, &mut children)?;
            }
            let made = forms.make(*kind, expansion.place(*span), mark, &children);
            if forms.made_depth(made) > MAX_MADE_DEPTH {
                return None;
            }
            made
        }
    })
}

fn build_item(
    forms: &mut Forms,
    item: &Item,
    env: &[Option<&Bound>],
    expansion: &Expansion,
    out: &mut Vec<Form>,
) -> Option<()> {
    if item.drivers.is_empty() {
        out.push(build(forms, &item.template, env, expansion)?);
        return Some(());
    }
    let length = |slot: &usize| match env[*slot] {
        Some(Bound::Many(items)) => items.len(),
        _ => 0,
    };
    // Variables repeated together have come from one ellipsis, or the shortest decides.
    let count = item.drivers.iter().map(length).min().unwrap_or(0);
    let mut inner = env.to_vec();
    for i in 0..count {
        for slot in &item.drivers {
            if let Some(Bound::Many(items)) = env[*slot] {
                inner[*slot] = items.get(i);
            }
        }
        out.push(build(forms, &item.template, &inner, expansion)?);
    }
    Some(())
}

fn one(env: &[Option<&Bound>], slot: usize) -> Option<Form> {
    match env[slot] {
        Some(Bound::One(form)) => Some(*form),
        _ => None,
    }
}
