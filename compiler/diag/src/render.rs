//! Renderers: contract pending.
