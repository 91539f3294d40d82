//! Hears the evaluation of a cell, and tells the notebook: text as it is printed, values and plans
//! as what can be displayed, messages as a traceback. The last value is the cell's result; what was
//! said before it stands before it.

use super::kernel::{Kernel, Stream};
use super::message::Request;
use super::tables;
use crate::console::Output;
use crate::repl::{About, Listener, Room, lay_out};
use eclexia_diag::{Diagnostic, Sources, render};
use eclexia_plan::graph::{Format, graph};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::Arc;

/// Who is to know of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    Everybody,
    /// Who asked, by the answer.
    Asker,
}

/// What went wrong in a cell.
#[derive(Clone)]
pub struct Wrong {
    pub code: &'static str,
    pub message: String,
    /// As the prompt shows it, in colours.
    pub text: String,
}

impl Wrong {
    /// As answers and tracebacks have it.
    pub fn content(&self) -> Value {
        let lines: Vec<&str> = self.text.trim_end().lines().collect();
        json!({"ename": self.code, "evalue": self.message, "traceback": lines})
    }
}

/// A value, as the prompt shows it, and as a table where it is one.
pub struct Shown {
    pub text: String,
    table: Option<String>,
}

impl Shown {
    /// By kinds of media, as it is displayed.
    pub fn data(&self) -> Value {
        let mut data = json!({"text/plain": self.text});
        if let Some(table) = &self.table {
            data["text/html"] = table.as_str().into();
        }
        data
    }
}

pub struct Relay {
    kernel: Arc<Kernel>,
    cell: Arc<Request>,
    audience: Audience,
    /// The last value, which is the result if nothing comes after it.
    value: RefCell<Option<Shown>>,
    wrong: RefCell<Option<Wrong>>,
}

impl Relay {
    pub fn new(kernel: Arc<Kernel>, cell: Arc<Request>, audience: Audience) -> Relay {
        Relay { kernel, cell, audience, value: RefCell::default(), wrong: RefCell::default() }
    }

    fn publish(&self, kind: &str, content: &Value) {
        if self.audience == Audience::Everybody {
            self.kernel.publish(Some(&self.cell), kind, content);
        }
    }

    fn display(&self, data: &Value) {
        self.publish("display_data", &json!({"data": data, "metadata": {}, "transient": {}}));
    }

    /// The last value is not the result: something comes after it.
    fn settle(&self) {
        if let Some(shown) = self.value.take() {
            self.display(&shown.data());
        }
    }

    fn print_to(&self, stream: Stream, text: &str) {
        self.settle();
        if self.audience == Audience::Everybody {
            self.kernel.print(&self.cell, stream, text);
        }
    }

    /// The last value, where there is one, and what went wrong.
    pub fn heard(&self) -> (Option<Shown>, Option<Wrong>) {
        (self.value.take(), self.wrong.take())
    }
}

impl Output for Relay {
    fn print(&self, text: &str) {
        self.print_to(Stream::Out, text);
    }

    fn is_live(&self) -> bool {
        true
    }
}

impl Listener for Relay {
    fn value(&self, shown: &str, ty: &str) {
        // What is done for its effect has no result to show.
        if ty == "Unit" {
            return;
        }
        self.settle();
        let text = format!("{} : {ty}", lay_out(shown, Room::PROMPT));
        self.value.replace(Some(Shown { text, table: tables::records(shown) }));
    }

    fn defined(&self, name: &str, ty: &str) {
        self.print(&format!("{name} : {ty}\n"));
    }

    fn answer(&self, text: &str) {
        self.print(text);
    }

    fn answer_about(&self, text: &str, about: About<'_>) {
        let (kind, shown) = match about {
            About::Plan(plan) => ("text/html", tables::plan(plan)),
            About::Prices(plan) => ("text/html", tables::prices(plan)),
            About::Graph(deployment, plan) => {
                ("image/svg+xml", graph(deployment, Some(plan), Format::Svg))
            }
            About::Sweep(curve) => ("image/svg+xml", curve.svg()),
        };
        self.settle();
        self.display(&json!({"text/plain": text, kind: shown}));
    }

    fn say(&self, text: &str) {
        self.print(text);
    }

    fn report(&self, found: &[Diagnostic], sources: &Sources) {
        let text = merged(&render::human(found, sources, true));
        let Some(first) = found.iter().find(|d| d.is_error()) else {
            return self.print_to(Stream::Err, &text);
        };
        self.settle();
        match &mut *self.wrong.borrow_mut() {
            Some(wrong) => wrong.text.push_str(&text),
            wrong => {
                *wrong = Some(Wrong { code: first.code, message: first.message.clone(), text })
            }
        }
    }
}

/// A text in colours without the escapes that change nothing: it is kept in notebooks, and would
/// otherwise say for each character of an excerpt what colour it has.
fn merged(text: &str) -> String {
    const RESET: &str = "\u{1b}[0m";
    let mut out = String::with_capacity(text.len());
    // What holds where `out` ends, and what is to hold for what comes next.
    let (mut now, mut next) = (String::new(), String::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest.strip_prefix("\u{1b}[").and_then(|tail| tail.find('m'));
        let end = escape.map_or(c.len_utf8(), |at| at + 3);
        let (part, after) = rest.split_at(end);
        rest = after;
        if part == RESET {
            next.clear();
        } else if escape.is_some() {
            next.push_str(part);
        } else {
            if now != next {
                out.push_str(if now.is_empty() { "" } else { RESET });
                out.push_str(&next);
                now.clone_from(&next);
            }
            out.push(c);
        }
    }
    out.push_str(if now.is_empty() { "" } else { RESET });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_that_stay_are_said_once() {
        let text =
            "\u{1b}[31ma\u{1b}[0m\u{1b}[31mb\u{1b}[0m \u{1b}[1m\u{1b}[33mé\u{1b}[0m\u{1b}[0m";
        assert_eq!(merged(text), "\u{1b}[31mab\u{1b}[0m \u{1b}[1m\u{1b}[33mé\u{1b}[0m");
        for plain in ["", "a\nb", "[0m", "\u{1b}", "\u{1b}[31"] {
            assert_eq!(merged(plain), plain);
        }
    }
}
