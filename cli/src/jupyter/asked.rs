//! Requests that the session follows, one after another: a cell to evaluate, and questions about
//! names, which are about what the cells before have defined. A cell is evaluated in pieces: lines
//! that are commands of the prompt, and all that is between them, each a module.

use super::answers;
use super::kernel::{Cell, Kernel};
use super::message::Request;
use super::relay::{Audience, Relay, Shown, Wrong};
use super::socket::Peer;
use crate::repl::{Conversation, Task, is_command};
use eclexia_base::FileId;
use eclexia_syntax::{Token, TokenKind};
use serde_json::{Map, Value, json};
use std::rc::Rc;
use std::sync::Arc;

/// A request, and who is to be answered.
pub struct Asked {
    pub kernel: Arc<Kernel>,
    pub peer: Arc<Peer>,
    pub request: Arc<Request>,
    /// In the order in which requests came.
    pub number: u64,
}

/// The kind of an answer, and what it says.
pub type Answer = (String, Value);

impl Task for Asked {
    /// A notebook asks for all of its cells at once; those behind one that fails are dropped only
    /// if they have come.
    const MOST_WAITING: usize = 4_096;

    type Mark = ();

    type Heard = Option<Answer>;

    fn mark(&self) {}

    fn follow(&self, talk: &mut Conversation) -> Option<Answer> {
        self.kernel.publish_state(&self.request, "busy");
        if self.request.kind == "execute_request" {
            return Some(("execute_reply".to_owned(), self.execute(talk)));
        }
        answers::of(&self.kernel, &self.request).or_else(|| answers::about(talk, &self.request))
    }

    fn end(&self, answer: Option<Answer>) {
        if let Some((kind, content)) = answer {
            self.kernel.reply(&self.peer, &self.request, &kind, &content);
        }
        self.kernel.publish_state(&self.request, "idle");
    }

    fn spoiled(&self) {
        let message = "eclexia has a bug, and this kernel begins anew".to_owned();
        let wrong = Wrong { code: "bug", text: message.clone(), message };
        self.kernel.publish(Some(&self.request), "error", &wrong.content());
        let kind = self.request.kind.replace("_request", "_reply");
        self.end(Some((kind, answers::failed(wrong.content()))));
    }
}

impl Asked {
    fn execute(&self, talk: &mut Conversation) -> Value {
        if self.kernel.is_aborted(self.number) {
            return json!({"status": "aborted"});
        }
        let code = self.request.text("code");
        let is_silent = self.request.is("silent", false);
        let is_kept = !is_silent && self.request.is("store_history", true);
        let count = {
            let mut notebook = self.kernel.notebook();
            notebook.count += u64::from(is_kept);
            notebook.count
        };
        let audience = if is_silent { Audience::Asker } else { Audience::Everybody };
        if audience == Audience::Everybody {
            let content = json!({"code": code, "execution_count": count});
            self.kernel.publish(Some(&self.request), "execute_input", &content);
        }
        let (value, wrong) = self.evaluate(talk, audience, &format!("<cell {count}>"), code);
        if let Some(value) = value.as_ref().filter(|_| !is_silent) {
            let data = value.data();
            let content = json!({"execution_count": count, "data": data, "metadata": {}});
            self.kernel.publish(Some(&self.request), "execute_result", &content);
        }
        if let Some(wrong) = wrong.as_ref().filter(|_| !is_silent) {
            self.kernel.publish(Some(&self.request), "error", &wrong.content());
        }
        if is_kept {
            let (code, shown) = (code.to_owned(), value.map_or_else(String::new, |v| v.text));
            self.kernel.notebook().remember(Cell { count, code, shown });
        }
        let mut answer = match &wrong {
            Some(wrong) => answers::failed(wrong.content()),
            None => json!({
                "status": "ok",
                "payload": payload(talk),
                "user_expressions": self.expressions(talk),
            }),
        };
        answer["execution_count"] = count.into();
        if wrong.is_some() && self.request.is("stop_on_error", true) {
            self.kernel.abort_waiting();
        }
        answer
    }

    /// Follows a text piece by piece, up to the first that fails.
    fn evaluate(
        &self,
        talk: &mut Conversation,
        audience: Audience,
        name: &str,
        code: &str,
    ) -> (Option<Shown>, Option<Wrong>) {
        let (kernel, request) = (self.kernel.clone(), self.request.clone());
        let relay = Rc::new(Relay::new(kernel, request, audience));
        talk.listen(relay.clone());
        talk.failed = false;
        for (line, piece) in pieces(code) {
            if is_command(piece) {
                talk.input(piece);
            } else {
                // So that places in messages are those of the cell.
                talk.enter(name, &("\n".repeat(line) + piece));
            }
            if talk.failed || talk.is_over {
                break;
            }
        }
        relay.heard()
    }

    /// What is to be shown beside the cell, by name.
    fn expressions(&self, talk: &mut Conversation) -> Value {
        let asked = self.request.content.get("user_expressions").and_then(Value::as_object);
        let mut told = Map::new();
        for (name, code) in asked.into_iter().flatten() {
            let code = code.as_str().unwrap_or_default();
            let (value, wrong) = self.evaluate(talk, Audience::Asker, "<expression>", code);
            let answer = match wrong {
                Some(wrong) => answers::failed(wrong.content()),
                None => {
                    let data = value.map_or_else(|| json!({"text/plain": ""}), |v| v.data());
                    json!({"status": "ok", "data": data, "metadata": {}})
                }
            };
            told.insert(name.clone(), answer);
        }
        Value::Object(told)
    }
}

/// What the other side is to do: after `:quit`, let the kernel go. It is there until it is told.
fn payload(talk: &mut Conversation) -> Value {
    match std::mem::take(&mut talk.is_over) {
        true => json!([{"source": "ask_exit", "keepkernel": false}]),
        false => json!([]),
    }
}

/// The pieces of a cell, each with the number of lines before it. A command takes its line, and
/// those up to where its brackets are closed.
fn pieces(code: &str) -> Vec<(usize, &str)> {
    let (tokens, _) = eclexia_syntax::lex(FileId(0), code);
    let mut brackets = Brackets { tokens: &tokens, open: Vec::new(), is_broken: false };
    let mut all = Vec::new();
    // Where the piece begins, and the line there.
    let (mut start, mut first) = (0, 0);
    let mut at = 0;
    for (n, line) in code.split_inclusive('\n').enumerate() {
        let is_closed = brackets.are_closed_at(at);
        if (is_command(line) || is_command(&code[start..at])) && is_closed {
            all.push((first, &code[start..at]));
            (start, first) = (at, n);
            brackets.open.clear();
            brackets.is_broken = false;
        }
        at += line.len();
    }
    all.push((first, &code[start..]));
    all.retain(|(_, piece)| !piece.trim().is_empty());
    all
}

/// The brackets that are open in a piece, as far as it has been looked at.
struct Brackets<'t> {
    /// Those that have not been looked at.
    tokens: &'t [Token],
    open: Vec<TokenKind>,
    /// One is closed that was not open: nothing more would make a whole of it.
    is_broken: bool,
}

impl Brackets<'_> {
    /// Whether all that began before a place is complete there.
    fn are_closed_at(&mut self, place: usize) -> bool {
        while let Some((token, rest)) = self.tokens.split_first() {
            if token.end as usize > place {
                // A string over several lines, perhaps.
                return (token.start as usize) >= place && self.are_closed();
            }
            self.tokens = rest;
            if token.kind.is_open() {
                self.open.push(token.kind.closing());
            } else if token.kind.is_close() && self.open.pop() != Some(token.kind) {
                self.is_broken = true;
                self.open.clear();
            }
        }
        self.are_closed()
    }

    fn are_closed(&self) -> bool {
        self.open.is_empty() || self.is_broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_taken_apart_at_its_commands() {
        let cell = "\n; shop\n(def x\n  1)\n:type (list\n  x)\n\nx\n:plan\n:prices";
        let expected = [
            (0, "\n; shop\n(def x\n  1)\n"),
            (4, ":type (list\n  x)\n"),
            (6, "\nx\n"),
            (8, ":plan\n"),
            (9, ":prices"),
        ];
        assert_eq!(pieces(cell), expected);
        assert_eq!(pieces(""), []);
        assert_eq!(pieces("(f\n :key 1)"), [(0, "(f\n :key 1)")]);
        assert_eq!(pieces("\"a\n:b\""), [(0, "\"a\n:b\"")]);
        assert_eq!(pieces("(f]\n:plan"), [(0, "(f]\n"), (1, ":plan")]);
        assert_eq!(pieces(":doc (f\n:plan"), [(0, ":doc (f\n:plan")]);
        assert_eq!(pieces(":plan\n\n:graph é\n"), [(0, ":plan\n"), (2, ":graph é\n")]);
    }
}
