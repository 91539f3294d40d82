//! Compose: one `compose.yaml` and the config files it refers to.

mod networks;
mod ports;
pub mod render;
mod services;
mod text;
