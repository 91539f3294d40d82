//! Plans of small deployments: what is chosen, proved, priced, reported, refused.

mod fixture;
mod jobs;
mod large;
mod pictures;
mod planning;
mod questions;
mod refusal;
