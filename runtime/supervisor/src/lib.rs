//! Deployments as processes of this machine.
mod calls;
pub mod cgroup;
pub mod folders;
mod health;
mod http;
pub mod launch;
pub mod logs;
mod process;
mod proxy;
mod sandbox;
