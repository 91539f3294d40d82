//! Value to model (`elaborate`), model to plan (`plan`).
