//! Plans of small deployments: what is chosen, proved, priced, reported, refused.

mod fixture;
mod planning;
mod refusal;
