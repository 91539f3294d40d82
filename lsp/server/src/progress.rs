//! Work that the client shows while it is done, and that its user may end.
//!
//! A request of a command is shown under the token that came with it, else under one of ours where
//! the client takes such; the first checking of a workspace under another. What is returned are the
//! messages to send.

use lsp_server::RequestId;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Work under way, by its token as JSON.
#[derive(Default)]
pub struct Progress {
    running: BTreeMap<String, Of>,
    next: u64,
}

/// What a token is of.
#[derive(Clone, PartialEq, Eq)]
enum Of {
    Request(RequestId),
    Checking,
}

impl Progress {
    /// A token that no other work has.
    pub fn fresh(&mut self) -> Value {
        self.next += 1;
        json!(format!("eclexia/{}", self.next))
    }

    /// A request begins; its user may end it.
    pub fn begin(&mut self, token: &Value, id: &RequestId, title: &str) -> Value {
        self.running.insert(token.to_string(), Of::Request(id.clone()));
        let value = json!({"kind": "begin", "title": title, "cancellable": true});
        json!({"token": token, "value": value})
    }

    /// Checking begins, unless it is shown already.
    pub fn begin_checking(&mut self, token: &Value) -> Value {
        self.running.insert(token.to_string(), Of::Checking);
        let value = json!({"kind": "begin", "title": "Checking", "percentage": 0});
        json!({"token": token, "value": value})
    }

    pub fn is_checking(&self) -> bool {
        self.running.values().any(|of| *of == Of::Checking)
    }

    /// So many projects are checked, and another comes next.
    pub fn checking(&self, (done, all): (usize, usize), project: &str) -> Option<Value> {
        let (token, _) = self.running.iter().find(|(_, of)| **of == Of::Checking)?;
        let token: Value = serde_json::from_str(token).ok()?;
        let message = format!("{project} ({} of {all})", done + 1);
        let percentage = done * 100 / all.max(1);
        let value = json!({"kind": "report", "message": message, "percentage": percentage});
        Some(json!({"token": token, "value": value}))
    }

    /// Everything is checked.
    pub fn end_checking(&mut self) -> Option<Value> {
        self.end(&Of::Checking)
    }

    /// The request has its answer.
    pub fn end_request(&mut self, id: &RequestId) -> Option<Value> {
        self.end(&Of::Request(id.clone()))
    }

    fn end(&mut self, of: &Of) -> Option<Value> {
        let (token, _) = self.running.iter().find(|(_, own)| *own == of)?;
        let token = token.clone();
        self.running.remove(&token);
        let token: Value = serde_json::from_str(&token).ok()?;
        Some(json!({"token": token, "value": {"kind": "end"}}))
    }

    /// The request that a token is of.
    pub fn request(&self, token: &Value) -> Option<RequestId> {
        match self.running.get(&token.to_string())? {
            Of::Request(id) => Some(id.clone()),
            Of::Checking => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_ends_once_under_its_own_token() {
        let mut progress = Progress::default();
        let (a, b) = (progress.fresh(), json!(7));
        assert_ne!(a, progress.fresh());
        let (first, second) = (RequestId::from(1), RequestId::from("two".to_owned()));
        assert_eq!(progress.begin(&a, &first, "plan")["value"]["kind"], "begin");
        progress.begin(&b, &second, "what-if");
        assert_eq!(progress.request(&b), Some(second.clone()));
        assert_eq!(
            progress.end_request(&second),
            Some(json!({"token": 7, "value": {"kind": "end"}}))
        );
        assert_eq!(progress.end_request(&second), None);
        assert_eq!(progress.request(&b), None);
        assert_eq!(progress.request(&a), Some(first));
        assert_eq!(progress.checking((0, 2), "shop"), None);
        let c = progress.fresh();
        progress.begin_checking(&c);
        let told = progress.checking((1, 2), "shop").expect("it is shown");
        assert_eq!(told["value"]["message"], "shop (2 of 2)");
        assert_eq!(told["value"]["percentage"], 50);
        assert!(progress.is_checking() && progress.end_checking().is_some());
        assert!(!progress.is_checking());
    }
}
