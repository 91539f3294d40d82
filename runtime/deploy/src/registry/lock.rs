//! Locks: while somebody holds one on a deployment, nobody else changes it.

use super::{At, Registry, diagnostics};
use eclexia_diag::Diagnostic;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lock {
    pub deployment: String,
    /// What `unlock` asks for.
    pub id: String,
    pub owner: String,
    pub reason: String,
    pub at: At,
}

impl Lock {
    /// Its id is of what it says: the same lock twice is one.
    pub fn new(deployment: &str, owner: &str, reason: &str, at: At) -> Lock {
        let whole = format!("{deployment}\n{owner}\n{reason}\n{}", at.0);
        let id = blake3::hash(whole.as_bytes()).to_hex()[..12].to_owned();
        let (deployment, owner) = (deployment.to_owned(), owner.to_owned());
        Lock { deployment, id, owner, reason: reason.to_owned(), at }
    }

    fn held(&self) -> String {
        format!("It is held by {} ({}), since {}.", self.owner, self.reason, self.at)
    }
}

fn lock(row: &Row<'_>) -> rusqlite::Result<Lock> {
    Ok(Lock {
        deployment: row.get(0)?,
        id: row.get(1)?,
        owner: row.get(2)?,
        reason: row.get(3)?,
        at: row.get(4)?,
    })
}

fn of(db: &Connection, deployment: &str) -> rusqlite::Result<Option<Lock>> {
    let query = "SELECT deployment, id, owner, reason, at FROM locks WHERE deployment = ?1";
    db.query_row(query, [deployment], lock).optional()
}

impl Registry {
    pub fn lock_of(&self, deployment: &str) -> Result<Option<Lock>, Diagnostic> {
        self.read(|db| of(db, deployment))
    }

    /// Takes the lock, unless another owner holds it.
    pub fn lock(&mut self, lock: &Lock) -> Result<(), Diagnostic> {
        if let Some(held) = self.lock_of(&lock.deployment)? {
            return Err(diagnostics::locked(&lock.deployment, &held.id, &held.held()));
        }
        self.read(|db| {
            db.execute(
                "INSERT INTO locks (deployment, id, owner, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![lock.deployment, lock.id, lock.owner, lock.reason, lock.at],
            )
        })?;
        Ok(())
    }

    /// Gives the lock of this id back.
    pub fn unlock(&mut self, deployment: &str, id: &str) -> Result<(), Diagnostic> {
        match self.lock_of(deployment)? {
            None => Err(diagnostics::not_locked(deployment)),
            Some(held) if held.id != id => Err(diagnostics::other_lock(deployment, &held.held())),
            Some(_) => {
                self.read(|db| {
                    db.execute("DELETE FROM locks WHERE deployment = ?1", [deployment])
                })?;
                Ok(())
            }
        }
    }

    /// Refuses a change by anyone but the owner of the lock.
    pub fn may_change(&self, deployment: &str, who: &str) -> Result<(), Diagnostic> {
        match self.lock_of(deployment)? {
            Some(held) if held.owner != who => {
                Err(diagnostics::locked(deployment, &held.id, &held.held()))
            }
            _ => Ok(()),
        }
    }
}
