//! What may be done: a verb and what it is done to, `deploy:local`; `*` stands for all.

use crate::package::is_name;
use serde::{Deserialize, Serialize};

/// The target that is this machine.
pub const LOCAL: &str = "local";

const ALL: &str = "*";

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Capability {
    verb: String,
    what: String,
}

/// The verbs that the supervisor and its interface ask for. Packages may ask for others of their
/// own (`requires`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Deploy,
    Rollback,
    Confirm,
    Destroy,
    Lock,
    View,
}

impl Verb {
    pub fn name(self) -> &'static str {
        match self {
            Verb::Deploy => "deploy",
            Verb::Rollback => "rollback",
            Verb::Confirm => "confirm",
            Verb::Destroy => "destroy",
            Verb::Lock => "lock",
            Verb::View => "view",
        }
    }

    pub fn from_name(name: &str) -> Option<Verb> {
        use Verb::{Confirm, Deploy, Destroy, Lock, Rollback, View};
        let all = [Deploy, Rollback, Confirm, Destroy, Lock, View];
        all.into_iter().find(|verb| verb.name() == name)
    }

    /// At this machine.
    pub fn here(self) -> Capability {
        Capability { verb: self.name().to_owned(), what: LOCAL.to_owned() }
    }
}

impl Capability {
    pub fn parse(text: &str) -> Result<Capability, String> {
        let is_part = |part: &str| part == ALL || is_name(part);
        match text.split_once(':') {
            Some((verb, what)) if is_part(verb) && is_part(what) => {
                Ok(Capability { verb: verb.to_owned(), what: what.to_owned() })
            }
            _ => Err("write VERB:WHAT, as in deploy:local, view:* or *:local".to_owned()),
        }
    }

    /// Everything: the owner's alone, unless it is granted so.
    pub fn all() -> Capability {
        Capability { verb: ALL.to_owned(), what: ALL.to_owned() }
    }

    /// Whether whoever has this has that.
    pub fn covers(&self, other: &Capability) -> bool {
        let part = |own: &str, other: &str| own == ALL || own == other;
        part(&self.verb, &other.verb) && part(&self.what, &other.what)
    }
}

impl TryFrom<String> for Capability {
    type Error = String;

    fn try_from(text: String) -> Result<Capability, String> {
        Capability::parse(&text)
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> String {
        capability.to_string()
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.verb, self.what)
    }
}
