//! Plans to files: `render` for each target.
//!
//! In: a deployment and the plan made for it. Out: the files of one target and a report of what
//! the target cannot express. Pure: equal input gives equal bytes; no clock, no environment, no
//! file is touched, no secret's value is ever seen. Every choice (variant, replicas, region, node
//! type, hour) is the plan's; a service that the plan does not choose for is not rendered, and
//! reported.
//!
//! Absent: `apply` and `observe`, which need a world.

mod chosen;
mod compose;
mod kubernetes;
pub mod local;
mod names;
mod prometheus;
mod quantity;
mod room;
pub mod yaml;

use chosen::View;
use eclexia_model::{Address, Deployment, Plan};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Target {
    Compose,
    Kubernetes,
    Local,
}

impl Target {
    pub const ALL: [Target; 3] = [Target::Compose, Target::Kubernetes, Target::Local];

    /// As written after `--target`.
    pub fn name(self) -> &'static str {
        match self {
            Target::Compose => "compose",
            Target::Kubernetes => "kubernetes",
            Target::Local => "local",
        }
    }

    pub fn from_name(name: &str) -> Option<Target> {
        Target::ALL.into_iter().find(|target| target.name() == name)
    }
}

/// Relative paths with `/` to contents.
pub type Files = BTreeMap<String, Vec<u8>>;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rendered {
    pub files: Files,
    /// In order of the model: the deployment first, then services, then jobs.
    pub unsupported: Vec<Unsupported>,
}

/// Something the program asks for that the written files do not, or not fully, bring about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Unsupported {
    pub address: Address,
    /// What was asked: `canary rollout`, `max-per-node 2`.
    pub what: String,
    /// Why the target cannot do it, and what was written instead.
    pub why: String,
}

/// The files of `target` for a plan of `dep`.
pub fn render(target: Target, dep: &Deployment, plan: &Plan) -> Rendered {
    let mut report = Report::default();
    let view = View::new(dep, plan, &mut report);
    let files = match target {
        Target::Compose => compose::render::files(&view, &mut report),
        Target::Kubernetes => kubernetes::render::files(&view, &mut report),
        Target::Local => local::files(&view, &mut report),
    };
    Rendered { files, unsupported: report.in_model_order(dep) }
}

/// Collects what is not expressed while files are made.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Unsupported>);

impl Report {
    pub fn add(&mut self, address: &Address, what: impl Into<String>, why: impl Into<String>) {
        let entry = Unsupported { address: address.clone(), what: what.into(), why: why.into() };
        if !self.0.contains(&entry) {
            self.0.push(entry);
        }
    }

    fn in_model_order(mut self, dep: &Deployment) -> Vec<Unsupported> {
        let services = dep.services.iter().map(|service| &service.address);
        let order: Vec<&Address> =
            services.chain(dep.jobs.iter().map(|job| &job.address)).collect();
        let place = |entry: &Unsupported| {
            order.iter().position(|address| **address == entry.address).map_or(0, |i| i + 1)
        };
        self.0.sort_by_key(place);
        self.0
    }
}
