//! Value to model (`elaborate`), model to plan (`plan`).

pub mod elaborate;

use eclexia_base::Span;
use eclexia_model::Origin;

/// Where the elements of a model stand in source.
pub trait OriginSpans {
    fn span(&self, origin: Origin) -> Option<Span>;
}

impl OriginSpans for elaborate::Origins {
    fn span(&self, origin: Origin) -> Option<Span> {
        self.get(origin)
    }
}
