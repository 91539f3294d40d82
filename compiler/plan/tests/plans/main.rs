//! Plans of small deployments: what is chosen, proved, priced, reported, refused.

mod adapting;
mod continuing;
mod fixture;
mod jobs;
mod large;
mod pictures;
mod planning;
mod questions;
mod refusal;
