//! Deployments and plans as plain, sorted, serialisable data: what elaboration makes, the optimiser
//! decides on, targets render and the run time applies. Every element has an [`Address`] and an
//! [`Origin`]. Nothing here computes a choice; nothing here knows a phase.
//!
//! All amounts are exact rationals in base units (cores, bytes, seconds, joules, grams CO2e, US
//! dollars, and their quotients by seconds): see [`Exact`].

pub mod amount;
pub mod bars;
pub mod deployment;
pub mod display;
pub mod plan;
pub mod saved;

pub use amount::{Exact, Metric, Resource, Resources, UnitText};
pub use deployment::*;
pub use plan::*;
pub use saved::{PlanError, digest};

use serde::{Deserialize, Serialize};

/// `prod`, `prod.api`, `prod.api.variant.fast`, `prod.budget.cpu`, `prod.api.port.8080`: stable
/// between runs of the same program, unique within a model.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(pub String);

impl Address {
    pub fn new(text: impl Into<String>) -> Address {
        Address(text.into())
    }
    pub fn child(&self, part: &str) -> Address {
        Address(format!("{}.{part}", self.0))
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where in the program an element comes from: an id into the table that elaboration keeps beside
/// the model, not a byte range, so that white space changes no model. Not part of any hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Origin(pub u32);
