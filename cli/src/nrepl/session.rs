//! What an nREPL session is asked for: to evaluate code or a command, or to load a file. Sessions
//! themselves are the prompt's (`repl::session`).

use super::bencode::Value;
use super::replies::{Relay, Replies};
use crate::repl::{Conversation, Listener, Task, is_command};
use std::rc::Rc;

/// What a session is asked to do.
pub enum Work {
    /// Text of a file, with the line and the column, from 1, at which it begins.
    Eval {
        code: String,
        file: String,
        line: usize,
        column: usize,
    },
    LoadFile {
        file: String,
        text: String,
    },
}

/// Work, and where answers to it go.
pub struct Asked {
    pub work: Work,
    pub replies: Replies,
}

pub type Session = crate::repl::Session<Asked>;

impl Task for Asked {
    const MOST_WAITING: usize = 256;

    /// The request's id.
    type Mark = Option<Value>;

    type Heard = Rc<Relay>;

    fn mark(&self) -> Option<Value> {
        self.replies.id.clone()
    }

    fn follow(&self, talk: &mut Conversation) -> Rc<Relay> {
        let relay = Rc::new(Relay::new(self.replies.clone(), talk.namespace()));
        talk.listen(relay.clone());
        match &self.work {
            Work::Eval { code, .. } if is_command(code) => talk.input(code),
            Work::Eval { code, file, line, column } => {
                // So that places in messages are those of the file.
                let before = "\n".repeat(line - 1) + &" ".repeat(column - 1);
                talk.enter(file, &(before + code));
            }
            Work::LoadFile { file, text } => {
                talk.failed = false;
                talk.load_text(file, text.as_bytes());
                *relay.namespace.borrow_mut() = talk.namespace();
                if !talk.failed {
                    relay.value(&talk.namespace(), "Module");
                }
            }
        }
        relay
    }

    fn end(&self, heard: Rc<Relay>) {
        heard.end();
    }

    fn spoiled(&self) {
        self.replies.refuse("eval-error", "eclexia has a bug, and this session begins anew");
    }
}
