//! Deployments that need others: what a version needs and nothing here meets, and what others would
//! lose by a change.
//!
//! A need is met by another deployment that runs a package that will do, and is not on its way to
//! one that will not. Those that are changed by the same command are asked for nothing here: each
//! of them is validated when it comes.

use crate::stages::Deployed;
use crate::supervisor::Supervisor;
use eclexia_deploy::package::{Dependency, Manifest};
use eclexia_deploy::resolve::{needed_by_others, unmet_need};
use eclexia_diag::Diagnostic;
use std::collections::BTreeSet;

impl Deployed {
    /// The packages that run or are about to.
    fn packages(&self) -> impl Iterator<Item = &Manifest> {
        let numbers: BTreeSet<u32> = self.running.into_iter().chain(self.wanted).collect();
        numbers.into_iter().filter_map(|n| self.loaded.get(&n)).map(|loaded| &loaded.manifest)
    }

    fn meets(&self, need: &Dependency) -> bool {
        let does = |manifest: &Manifest| need.is_met_by(&manifest.name, &manifest.version);
        self.running.is_some() && self.packages().next().is_some() && self.packages().all(does)
    }
}

impl Supervisor {
    /// Whether a deployment other than these meets a need.
    fn is_met(&self, need: &Dependency, but: &[&str]) -> bool {
        let mut others = self.deployments.iter().filter(|(name, _)| !but.contains(&name.as_str()));
        others.any(|(_, deployed)| deployed.meets(need))
    }

    /// What a package needs that does not run here.
    pub fn unmet(&self, name: &str, manifest: &Manifest) -> Vec<Diagnostic> {
        let needs = manifest.dependencies.iter().filter(|need| !self.is_met(need, &[name]));
        needs.map(|need| unmet_need(name, need)).collect()
    }

    /// What others have now and would not, if a deployment became this, or nothing.
    pub fn lose(
        &self,
        name: &str,
        becomes: Option<&Manifest>,
        along: &BTreeSet<String>,
    ) -> Vec<Diagnostic> {
        let Some(changed) = self.deployments.get(name) else { return Vec::new() };
        let mut found = Vec::new();
        for (other, deployed) in &self.deployments {
            if other == name || along.contains(other) {
                continue;
            }
            let mut needs: Vec<&Dependency> = Vec::new();
            for need in deployed.packages().flat_map(|manifest| &manifest.dependencies) {
                if !needs.contains(&need) {
                    needs.push(need);
                }
            }
            let loses = needs.into_iter().filter(|need| {
                changed.packages().any(|had| need.is_met_by(&had.name, &had.version))
                    && !becomes.is_some_and(|new| need.is_met_by(&new.name, &new.version))
                    && !self.is_met(need, &[name, other])
            });
            let becomes = becomes.map(|manifest| &manifest.version);
            found.extend(loses.map(|need| needed_by_others(other, need, becomes)));
        }
        found
    }
}
