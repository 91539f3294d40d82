//! A grant with those that it came from, the owner's first: what is carried, kept and checked.

use super::diagnostics;
use super::grant::{Grant, GrantId, Statement};
use super::store::Withdrawn;
use crate::keys::{Key, KeyId, SecretKey, Trust};
use eclexia_base::bug;
use eclexia_diag::Diagnostic;
use jiff::civil::Date;

/// Grants in a chain.
pub const DEEPEST: usize = 8;

/// Of a chain as bytes: each of its grants may name 256 deployments.
pub(super) const MOST_BYTES: usize = 1 << 20;

/// At least one grant; each has the form of one, and each but the first is within the one before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain(Vec<Grant>);

impl Chain {
    /// Begins with the owner: `key` signs.
    pub fn begin(statement: Statement, key: &SecretKey) -> Result<Chain, Diagnostic> {
        Chain::new(vec![Statement { parent: None, ..statement }.sign(key)])
    }

    /// The last grant, passed on by its holder.
    pub fn pass_on(&self, statement: Statement, key: &SecretKey) -> Result<Chain, Diagnostic> {
        let parent = Some(self.last().id());
        let mut grants = self.0.clone();
        grants.push(Statement { parent, ..statement }.sign(key));
        Chain::new(grants)
    }

    fn new(grants: Vec<Grant>) -> Result<Chain, Diagnostic> {
        if !(1..=DEEPEST).contains(&grants.len()) {
            let why = format!("it has no or more than {DEEPEST} grants");
            return Err(diagnostics::bad_form(&why));
        }
        for grant in &grants {
            grant.statement.check().map_err(|why| diagnostics::bad_form(&why))?;
        }
        if grants[0].statement.parent.is_some() {
            return Err(diagnostics::bad_form("the grant that it began with is missing"));
        }
        for pair in grants.windows(2) {
            let (parent, grant) = (&pair[0].statement, &pair[1].statement);
            grant.is_within(parent).map_err(|why| diagnostics::wider(&grant.id(), &why))?;
            // The holder's key stands in the grant before.
            if !parent.key().is_some_and(|key| pair[1].is_of(&key)) {
                return Err(diagnostics::false_grant(&grant.id()));
            }
        }
        Ok(Chain(grants))
    }

    pub fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => bytes,
            Err(error) => bug!("a chain that is no JSON: {error}"),
        }
    }

    /// Reads what [`Chain::to_json`] writes, and a line break behind it.
    pub fn from_json(bytes: &[u8]) -> Result<Chain, Diagnostic> {
        if bytes.len() > MOST_BYTES {
            return Err(diagnostics::bad_form("it is too large"));
        }
        let grants: Vec<Grant> = serde_json::from_slice(bytes)
            .map_err(|error| diagnostics::bad_form(&error.to_string()))?;
        let chain = Chain::new(grants)?;
        match chain.to_json() == bytes.strip_suffix(b"\n").unwrap_or(bytes) {
            true => Ok(chain),
            false => Err(diagnostics::bad_form("it is not written as grants are written")),
        }
    }

    /// The owner's first.
    pub fn grants(&self) -> &[Grant] {
        &self.0
    }

    /// The grant that it is about.
    pub fn last(&self) -> &Grant {
        match self.0.last() {
            Some(grant) => grant,
            None => bug!("a chain without a grant"),
        }
    }

    pub fn id(&self) -> GrantId {
        self.last().id()
    }

    /// Who holds the last grant.
    pub fn holder(&self) -> Option<KeyId> {
        self.last().statement.holder_id()
    }

    pub(super) fn holder_key(&self) -> Option<Key> {
        self.last().statement.key()
    }

    /// Whether it counts at a day: it begins with the owner, and nothing in it was withdrawn.
    pub fn verify(
        &self,
        trust: &Trust,
        withdrawn: &Withdrawn,
        today: Date,
    ) -> Result<(), Diagnostic> {
        let first = &self.0[0];
        let root = &first.statement.issuer;
        let owner = trust.get(root).filter(|trusted| trusted.is_owner);
        let Some(owner) = owner else { return Err(diagnostics::not_of_the_owner(root)) };
        if !first.is_of(&owner.key) {
            return Err(diagnostics::false_grant(&first.id()));
        }
        for Grant { statement, .. } in &self.0 {
            let id = statement.id();
            let keys = std::iter::once(statement.issuer.clone()).chain(statement.holder_id());
            for key in keys {
                let is_withdrawn = trust.get(&key).is_some_and(|trusted| !trusted.holds(today))
                    || withdrawn.keys.contains_key(&key);
                if is_withdrawn {
                    return Err(diagnostics::key_withdrawn(&id, &key));
                }
            }
            if let Some(revoked) = withdrawn.grants.get(&id) {
                return Err(diagnostics::revoked(&id, revoked));
            }
            if let Some(day) = statement.expires.filter(|day| *day < today) {
                return Err(diagnostics::expired(&id, day));
            }
        }
        Ok(())
    }
}
