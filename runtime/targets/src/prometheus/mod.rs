//! Prometheus: alert rules that both targets write.

pub mod rules;
