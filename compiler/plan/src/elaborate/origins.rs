//! Origins: ids that model elements carry, and the places in source they stand for. The table lives
//! beside the model and never enters it, so white space changes no model and no plan.

use eclexia_base::{FxHashMap, Span};
use eclexia_model::Origin;

/// Id 0 is "nowhere": an element that no source line made.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    spans: Vec<Span>,
    ids: FxHashMap<Span, u32>,
}

impl Origins {
    pub fn intern(&mut self, span: Option<Span>) -> Origin {
        let Some(span) = span else { return Origin(0) };
        let next = self.spans.len() as u32 + 1;
        let id = *self.ids.entry(span).or_insert(next);
        if id == next {
            self.spans.push(span);
        }
        Origin(id)
    }

    pub fn get(&self, origin: Origin) -> Option<Span> {
        self.spans.get((origin.0 as usize).checked_sub(1)?).copied()
    }
}
