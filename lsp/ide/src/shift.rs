//! What an edit leaves in place: ranges of a text, and what was found in it, at the places of a
//! newer text. What stands in what was edited is left out.

use eclexia_base::{FileId, FxHashMap, Span};
use eclexia_diag::{Diagnostic, Diagnostics, Label, Sources};
use std::ops::Range;
use std::sync::Arc;

/// So many bytes at the start, and so many at the end.
pub struct Shift {
    before: u32,
    after: u32,
    shift: i64,
}

impl Shift {
    pub fn new(old: &str, new: &str) -> Shift {
        let (old, new) = (old.as_bytes(), new.as_bytes());
        let same =
            |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
        let before = same(&mut old.iter().zip(new));
        let after = same(&mut old[before..].iter().rev().zip(new[before..].iter().rev()));
        Shift {
            before: before as u32,
            after: (old.len() - after) as u32,
            shift: new.len() as i64 - old.len() as i64,
        }
    }

    pub fn range(&self, at: &Range<u32>) -> Option<Range<u32>> {
        if at.end <= self.before {
            return Some(at.clone());
        }
        let moved = |offset: u32| (i64::from(offset) + self.shift) as u32;
        (at.start >= self.after).then(|| moved(at.start)..moved(at.end))
    }
}

/// What was found in older texts. Without its own place a diagnostic is left out, without one of
/// a fix the fix.
pub fn shifted(found: &Diagnostics, old: &Sources, new: &Sources) -> Diagnostics {
    let mut shifts = Shifts { old, new, known: FxHashMap::default() };
    found.iter().filter_map(|found| shifts.diagnostic(found)).collect()
}

struct Shifts<'s> {
    old: &'s Sources,
    new: &'s Sources,
    /// `None` of a file: it is another one now.
    known: FxHashMap<FileId, Option<Shift>>,
}

impl Shifts<'_> {
    fn diagnostic(&mut self, found: &Diagnostic) -> Option<Diagnostic> {
        let primary = match &found.primary {
            Some(label) => Some(self.label(label)?),
            None => None,
        };
        let mut moved = Diagnostic { primary, ..found.clone() };
        moved.labels = found.labels.iter().filter_map(|label| self.label(label)).collect();
        moved.fixes.retain_mut(|fix| {
            fix.edits.iter_mut().all(|edit| match self.span(edit.span) {
                Some(span) => {
                    edit.span = span;
                    true
                }
                None => false,
            })
        });
        Some(moved)
    }

    fn label(&mut self, label: &Label) -> Option<Label> {
        Some(Label { span: self.span(label.span)?, ..label.clone() })
    }

    fn span(&mut self, span: Span) -> Option<Span> {
        let shift = self.known.entry(span.file).or_insert_with(|| {
            let (old, new) = (self.old.get(span.file)?, self.new.get(span.file)?);
            let is_same = old.name == new.name;
            is_same.then(|| match Arc::ptr_eq(&old.text, &new.text) {
                true => Shift { before: u32::MAX, after: u32::MAX, shift: 0 },
                false => Shift::new(&old.text, &new.text),
            })
        });
        let moved = shift.as_ref()?.range(&(span.start..span.end))?;
        Some(Span::new(span.file, moved.start, moved.end))
    }
}
