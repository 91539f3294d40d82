//! The REPL: reads an input (of several lines while brackets are open), evaluates it in the scope
//! of the session, prints value and type. Without a terminal it reads standard input and prints no
//! prompts. What an input does is in `conversation`; `session` has one on a thread of its own, for
//! nREPL and notebooks.

mod code;
mod commands;
mod conversation;
mod definitions;
mod edit;
mod editor;
mod inspect;
mod live;
mod names;
mod profile;
mod questions;
mod session;
mod show;

pub use conversation::{About, Conversation, Listener, is_command, is_complete};
pub use editor::{start_of_name, with_commands};
pub use names::{Indexed, Known};
pub use session::{Interrupted, Session, Task};
pub use show::{Room, lay_out};

use crate::args::ReplArgs;
use crate::commands::Ended;
use crate::commands::doc::imports;
use crate::console::{Console, Exit, Output};
use crate::interrupt;
use eclexia_diag::{Diagnostic, Sources};
use editor::{Line, Lines};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::Ordering;

/// A terminal, or a pipe: values are laid out for reading.
struct Screen {
    console: Console,
    is_colorful: bool,
}

impl Output for Screen {
    fn print(&self, text: &str) {
        self.console.print(text);
    }

    fn is_live(&self) -> bool {
        self.console.is_live()
    }
}

impl Listener for Screen {
    fn value(&self, shown: &str, ty: &str) {
        let mut text = lay_out(shown, Room::PROMPT);
        if self.is_colorful {
            text = editor::colored(&text, &[]);
        }
        self.console.out(&format!("{text} : {ty}\n"));
    }

    fn defined(&self, name: &str, ty: &str) {
        self.console.say(&format!("{name} : {ty}\n"));
    }

    fn answer(&self, text: &str) {
        self.console.out(text);
    }

    fn say(&self, text: &str) {
        self.console.say(text);
    }

    fn report(&self, found: &[Diagnostic], sources: &Sources) {
        self.console.report(found, sources);
    }
}

pub fn repl(console: &Console, args: &ReplArgs) -> Ended {
    let is_colorful = console.is_colorful();
    let mut lines = Lines::open(is_colorful)
        .map_err(|error| crate::diagnostics::cannot_read("<stdin>", &error))?;
    let screen = Rc::new(Screen { console: Console::new(console.global.clone()), is_colorful });
    let is_terminal = lines.is_terminal();
    let preamble = if is_terminal { imports() } else { String::new() };
    let interrupt = interrupt::flag();
    let talk = Rc::new(RefCell::new(Conversation::new(screen, interrupt.clone(), &preamble)));
    if is_terminal {
        interrupt::keep_session();
        console.say("Eclexia. `:help` lists the commands, Ctrl-D leaves.\n");
        // While a line is read nothing is evaluated.
        let named = talk.clone();
        lines.set_names(move || editor::with_commands(named.borrow().names()));
    }
    if let Some(file) = &args.file {
        talk.borrow_mut().input(&format!(":load {file}"));
    }
    let mut text = String::new();
    while !talk.borrow().is_over {
        match lines.next(if text.is_empty() { "ecl> " } else { "...> " }) {
            Line::Text(line) => {
                text.push_str(&line);
                text.push('\n');
                if is_complete(&text) {
                    interrupt.store(false, Ordering::Relaxed);
                    talk.borrow_mut().input(&std::mem::take(&mut text));
                }
            }
            Line::Cancelled => text.clear(),
            Line::End => {
                talk.borrow_mut().input(&text);
                break;
            }
        }
    }
    let mut talk = talk.borrow_mut();
    talk.tell_live();
    // At a terminal errors have been seen; a script wants to know.
    Ok(if talk.failed && !is_terminal { Exit::Error } else { Exit::Done })
}
