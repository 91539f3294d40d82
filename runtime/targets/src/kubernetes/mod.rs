//! Kubernetes: one object per file, a folder per service and job, `kustomization.yaml` over all.

mod container;
mod jobs;
mod network;
mod object;
mod placement;
mod policy;
pub mod render;
mod rollout;
mod storage;
mod workloads;
