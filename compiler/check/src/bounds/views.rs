//! A variable that was taken apart and is used whole again, as `xs` in
//! `(match xs [(Cons y rest) (if (<= x y) (Cons x xs) …)] …)`: its use puts the parts together
//! again, potential and all, instead of both sharing from the start.

use super::analysis::Analysis;
use super::shape::Pot;
use super::walk::is_cell;
use eclexia_core::core::{LocalId, Pat, PatId};
use std::rc::Rc;

/// What a variable was found to be.
#[derive(Clone)]
pub(super) struct View {
    shape: Rc<super::shape::Shape>,
    index: usize,
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Local(LocalId),
    /// A part without a name, by its place among those kept.
    Kept(usize),
    View(View),
}

impl View {
    fn mentions(&self, local: LocalId) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Local(other) => *other == local,
            Part::Kept(_) => false,
            Part::View(view) => view.mentions(local),
        })
    }
}

impl Analysis<'_> {
    /// Binds a pattern to a value that also has a name.
    pub(super) fn bind_viewed(&mut self, pat: PatId, pot: Pot, local: LocalId) {
        let body = self.frame().body;
        if let Pat::Ctor { ctor, .. } = &body.pats[pat]
            && !self.program.ctors[*ctor].is_record
            && pot.shape.width() > 0
        {
            let view = self.view(pat, pot);
            if let Some(view) = view {
                self.state().locals.remove(&local);
                self.state().views.insert(local, view);
            }
            return;
        }
        match &body.pats[pat] {
            Pat::Wildcard | Pat::Literal(_) => drop(self.state().locals.insert(local, pot)),
            _ => {
                let (used, left) = self.split(&pot);
                self.state().locals.insert(local, left);
                self.bind(pat, used);
            }
        }
    }

    fn view(&mut self, pat: PatId, pot: Pot) -> Option<View> {
        let body = self.frame().body;
        let Pat::Ctor { ctor, args } = &body.pats[pat] else { return None };
        let index = self.program.ctors[*ctor].index as usize;
        if is_cell(&pot.shape, index) {
            self.gain(&pot.top(0), 1);
        }
        let mut parts = Vec::with_capacity(args.len());
        for (field, arg) in args.iter().enumerate() {
            let part = self.part(&pot, index, field);
            parts.push(match &body.pats[*arg] {
                Pat::Bind(local) => {
                    self.bind_local(*local, part);
                    Part::Local(*local)
                }
                Pat::Ctor { ctor, .. } if !self.program.ctors[*ctor].is_record => {
                    match self.view(*arg, part) {
                        Some(view) => Part::View(view),
                        None => Part::Kept(self.keep(Pot::none())),
                    }
                }
                Pat::Wildcard | Pat::Literal(_) => Part::Kept(self.keep(part)),
                _ => {
                    let (used, left) = self.split(&part);
                    self.bind(*arg, used);
                    Part::Kept(self.keep(left))
                }
            });
        }
        Some(View { shape: pot.shape, index, parts })
    }

    fn keep(&mut self, pot: Pot) -> usize {
        let kept = &mut self.state().kept;
        kept.push(pot);
        kept.len() - 1
    }

    /// Whether a variable is put together of the local and used later.
    pub(super) fn is_viewed_later(&mut self, local: LocalId) -> bool {
        let views = &self.frame().state.views;
        let mut owners: Vec<LocalId> = views
            .iter()
            .filter(|(_, view)| view.mentions(local))
            .map(|(owner, _)| *owner)
            .collect();
        owners.sort_unstable();
        owners.into_iter().any(|owner| self.is_live(owner))
    }

    /// The value of a variable that was taken apart.
    pub(super) fn viewed(&mut self, local: LocalId, is_wanted: bool) -> Option<Pot> {
        let view = self.frame().state.views.get(&local).cloned()?;
        if !is_wanted {
            return Some(Pot::zero(view.shape));
        }
        let is_live = self.is_live(local);
        Some(self.put_together(&view, is_live))
    }

    /// At the end of a branch, variables taken apart in it are whole again.
    pub(super) fn settle_views(&mut self, start: &super::walk::State) {
        let views = &self.frame().state.views;
        let mut made: Vec<LocalId> =
            views.keys().copied().filter(|local| !start.views.contains_key(local)).collect();
        made.sort_unstable();
        for local in made {
            let Some(view) = self.state().views.remove(&local) else { continue };
            let pot = match !self.is_dead && self.is_live(local) {
                true => self.put_together(&view, false),
                false => Pot::zero(view.shape),
            };
            self.state().locals.insert(local, pot);
        }
        self.state().kept.truncate(start.kept.len());
    }

    fn put_together(&mut self, view: &View, is_live: bool) -> Pot {
        let mut parts = Vec::with_capacity(view.parts.len());
        for part in &view.parts {
            parts.push(match part {
                Part::Local(local) => self.taken(*local, is_live),
                Part::Kept(at) => {
                    let pot = self.frame().state.kept.get(*at).cloned().unwrap_or_else(Pot::none);
                    let (used, left) = if is_live {
                        self.split(&pot)
                    } else {
                        (pot.clone(), Pot::zero(pot.shape.clone()))
                    };
                    if let Some(slot) = self.state().kept.get_mut(*at) {
                        *slot = left;
                    }
                    used
                }
                Part::View(view) => self.put_together(view, is_live),
            });
        }
        self.built(&view.shape, view.index, &parts)
    }
}
