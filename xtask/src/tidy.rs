//! Tidy: what the compiler and clippy cannot check about this workspace. The workspace's root in,
//! findings out, sorted by place; nothing is changed.
//!
//! Each rule is a file of this folder, and each finding names its rule, so that the reason can be
//! read there. Exceptions are in `xtask/tidy.toml` with a reason each, and one that is no longer
//! needed is itself a finding: the list can only shrink.

mod codes;
mod layers;
mod pages;
mod purity;
mod text;
mod tree;

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

pub use pages::{Page, parse_page};
pub use tree::{SourceFile, Tree};

/// One thing to put right, and where.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// Relative to the workspace's root, with `/`.
    pub path: String,
    /// From 1; 0 for a file as a whole.
    pub line: usize,
    pub rule: &'static str,
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: [{}] {}", self.path, self.line, self.rule, self.text)
    }
}

impl Finding {
    fn new(path: &str, line: usize, rule: &'static str, text: impl Into<String>) -> Finding {
        Finding { path: path.to_string(), line, rule, text: text.into() }
    }
}

/// `xtask/tidy.toml`: the exceptions, each with its reason.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exceptions {
    /// Files of more than 800 lines, and why; more than 1,000 only until they are split.
    #[serde(default)]
    long_files: BTreeMap<String, String>,
    /// Codes that no source names as a literal, and where they come from.
    #[serde(default)]
    codes_raised_elsewhere: BTreeMap<String, String>,
}

/// Every finding of every rule.
pub fn check(root: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let exceptions = exceptions(root, &mut findings);
    let tree = Tree::read(root);
    layers::check(root, &mut findings);
    text::check(&tree, &exceptions, &mut findings);
    purity::check(&tree, &mut findings);
    let pages = pages::check(root, &mut findings);
    codes::check(&tree, &pages, &exceptions, &mut findings);
    findings.sort();
    findings.dedup();
    findings
}

fn exceptions(root: &Path, findings: &mut Vec<Finding>) -> Exceptions {
    let path = "xtask/tidy.toml";
    let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
    toml::from_str(&text).unwrap_or_else(|error| {
        findings.push(Finding::new(path, 0, "exceptions", error.to_string()));
        Exceptions::default()
    })
}
