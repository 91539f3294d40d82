//! A call's arguments against the clauses of a macro: the first that matches gives its bindings;
//! if none does, how far the best one came.

use super::{Macro, Pattern, SeqPattern};
use crate::core::Place;
use crate::forms::{Form, Forms, Kids};
use eclexia_syntax::NodeKind;

#[derive(Clone, Debug)]
pub(crate) enum Bound {
    One(Form),
    Many(Vec<Bound>),
}

/// By slot.
pub(crate) type Bindings = Vec<Option<Bound>>;

/// Why a clause does not match: how many parts matched before, where, and what was expected.
#[derive(Clone, Debug)]
pub(crate) struct Mismatch {
    pub progress: usize,
    pub place: Place,
    pub expected: String,
}

struct MatchCtx<'f, 't> {
    forms: &'f Forms<'t>,
    bindings: Bindings,
    progress: usize,
}

/// The index of the first clause that matches the call `(name args…)`, with its bindings.
pub(crate) fn match_call(
    forms: &Forms,
    called: &Macro,
    call: Form,
) -> Result<(usize, Bindings), Mismatch> {
    let args = forms.kids(call).skip(1);
    let mut best: Option<Mismatch> = None;
    for (i, clause) in called.clauses.iter().enumerate() {
        let bindings = vec![None; clause.slots];
        let mut ctx = MatchCtx { forms, bindings, progress: 0 };
        match ctx.sequence(&clause.pattern, args, forms.place(call)) {
            Ok(()) => return Ok((i, ctx.bindings)),
            Err(miss) if best.as_ref().is_none_or(|b| miss.progress > b.progress) => {
                best = Some(miss);
            }
            Err(_) => {}
        }
    }
    let none = Mismatch { progress: 0, place: forms.place(call), expected: String::new() };
    Err(best.unwrap_or(none))
}

impl MatchCtx<'_, '_> {
    fn miss(&self, place: Place, expected: impl Into<String>) -> Mismatch {
        Mismatch { progress: self.progress, place, expected: expected.into() }
    }

    fn sequence(&mut self, seq: &SeqPattern, kids: Kids, whole: Place) -> Result<(), Mismatch> {
        let fixed = seq.before.len() + seq.after.len();
        let extra = kids.len().checked_sub(fixed);
        for (i, pattern) in seq.before.iter().enumerate() {
            match self.forms.get(kids, i) {
                Some(form) => self.pattern(pattern, form)?,
                None => return Err(self.miss(whole, count_text(fixed, kids.len(), seq))),
            }
        }
        let Some(extra) = extra else {
            return Err(self.miss(whole, count_text(fixed, kids.len(), seq)));
        };
        match &seq.repeat {
            Some(repeat) => self.repeat(repeat, kids.skip(seq.before.len()).take(extra))?,
            None if extra > 0 => {
                let place = self.forms.get(kids, fixed).map_or(whole, |f| self.forms.place(f));
                return Err(self.miss(place, count_text(fixed, kids.len(), seq)));
            }
            None => {}
        }
        let rest = kids.skip(seq.before.len() + extra);
        for (i, pattern) in seq.after.iter().enumerate() {
            if let Some(form) = self.forms.get(rest, i) {
                self.pattern(pattern, form)?;
            }
        }
        Ok(())
    }

    fn repeat(&mut self, repeat: &Pattern, kids: Kids) -> Result<(), Mismatch> {
        let mut slots = Vec::new();
        slots_of(repeat, &mut slots);
        let mut columns: Vec<Vec<Bound>> = vec![Vec::with_capacity(kids.len()); slots.len()];
        for i in 0..kids.len() {
            let Some(form) = self.forms.get(kids, i) else { continue };
            self.pattern(repeat, form)?;
            for (column, slot) in columns.iter_mut().zip(&slots) {
                column.extend(self.bindings[*slot].take());
            }
        }
        for (column, slot) in columns.into_iter().zip(slots) {
            self.bindings[slot] = Some(Bound::Many(column));
        }
        Ok(())
    }

    fn pattern(&mut self, pattern: &Pattern, form: Form) -> Result<(), Mismatch> {
        let place = self.forms.place(form);
        match pattern {
            Pattern::Wildcard => {}
            Pattern::Bind(slot) => self.bindings[*slot] = Some(Bound::One(form)),
            Pattern::Atom(atom) => {
                if self.forms.kind(form) != *atom {
                    let mut expected = String::from("expected `");
                    crate::forms::write_atom(*atom, &mut expected);
                    return Err(self.miss(place, expected + "` here"));
                }
            }
            Pattern::Seq(kind, seq) => {
                if self.forms.kind(form) != *kind {
                    return Err(self.miss(place, format!("expected {} here", bracket(*kind))));
                }
                self.sequence(seq, self.forms.kids(form), place)?;
            }
        }
        self.progress += 1;
        Ok(())
    }
}

fn bracket(kind: NodeKind) -> &'static str {
    match kind {
        NodeKind::List => "`( … )`",
        NodeKind::Vector => "`[ … ]`",
        NodeKind::Map => "`{ … }`",
        _ => "`&…`",
    }
}

fn count_text(fixed: usize, found: usize, seq: &SeqPattern) -> String {
    let at_least = if seq.repeat.is_some() { "at least " } else { "" };
    let parts = if fixed == 1 { "part" } else { "parts" };
    format!("expected {at_least}{fixed} {parts}, found {found}")
}

fn slots_of(pattern: &Pattern, out: &mut Vec<usize>) {
    match pattern {
        Pattern::Bind(slot) => out.push(*slot),
        Pattern::Seq(_, seq) => {
            let parts = seq.before.iter().chain(seq.repeat.as_deref()).chain(&seq.after);
            parts.for_each(|p| slots_of(p, out));
        }
        Pattern::Wildcard | Pattern::Atom(_) => {}
    }
}
