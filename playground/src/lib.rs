//! The compiler in a page: a question comes in as JSON, the answer goes out as JSON, both texts.
//! The page (`site/`) asks from a worker through the exports of `wasm.rs`; tests call [`answer`].
//!
//! Always holds: an answer depends on the question alone, but for time that a program asks for,
//! which is in the question; offsets count UTF-16 units, as scripts of pages do; every evaluation
//! has a limit of steps and of memory. Absent: files, a clock, threads, and a limit of time: who
//! asks ends the worker that does not answer.

mod classes;
mod editor;
mod found;
mod places;
mod plan;
mod run;
#[cfg(target_family = "wasm")]
mod wasm;
mod world;

use eclexia_db::Workspace;
use eclexia_db::library::Embedded;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The module that the text of the page is, and the name of its file in messages.
const MODULE: &str = "playground";
const FILE: &str = "playground.ecl";

/// What can be asked.
#[derive(Deserialize, Debug)]
#[serde(tag = "ask", rename_all = "kebab-case")]
enum Question {
    /// What is wrong, and the colours of words.
    Check { text: String },
    /// What `main` does, and what the tests say.
    Run {
        text: String,
        /// Seconds since 1970-01-01 UTC.
        #[serde(default)]
        now: f64,
    },
    /// The best plan of a deployment: of the first where none of that name is there.
    Plan {
        text: String,
        #[serde(default)]
        deployment: Option<String>,
        /// With what takes longer: sweeps of limits and the frontier.
        #[serde(default)]
        is_whole: bool,
    },
    /// The text laid out.
    Format { text: String },
    /// What can be written at an offset.
    Complete { text: String, at: u32 },
    /// What is known of the word at an offset.
    Hover { text: String, at: u32 },
    /// The page of a code.
    Explain { code: String },
}

/// What is kept between questions: all of it follows from the last text.
pub struct Playground {
    workspace: Workspace,
    text: String,
}

impl Default for Playground {
    fn default() -> Playground {
        let workspace = Workspace::new(Box::new(Embedded));
        Playground { workspace, text: String::new() }
    }
}

impl Playground {
    /// Answers a question; one that is none is answered by what is wrong with it.
    pub fn answer(&mut self, question: &str) -> String {
        let answer = match serde_json::from_str(question) {
            Ok(question) => self.asked(question),
            Err(error) => json!({"refused": error.to_string()}),
        };
        answer.to_string()
    }

    fn asked(&mut self, question: Question) -> Value {
        match question {
            Question::Check { text } => value(&editor::check(&self.analysis(text))),
            Question::Run { text, now } => value(&run::run(&text, now)),
            Question::Plan { text, deployment, is_whole } => {
                let report = if is_whole { plan::Report::Whole } else { plan::Report::Short };
                value(&plan::plan(&text, deployment.as_deref(), report))
            }
            Question::Format { text } => value(&editor::format(&text)),
            Question::Complete { text, at } => value(&editor::complete(&self.analysis(text), at)),
            Question::Hover { text, at } => value(&editor::hover(&self.analysis(text), at)),
            Question::Explain { code } => json!({"page": eclexia_diag::catalogue::page(&code)}),
        }
    }

    /// What is known of a text; all that does not depend on it is kept from the one before.
    fn analysis(&mut self, text: String) -> std::sync::Arc<eclexia_db::Analysis> {
        if self.text != text || text.is_empty() {
            self.workspace.set(MODULE, FILE, text.as_str().into());
            self.text = text;
        }
        self.workspace.analysis()
    }
}

/// Strings, numbers and lists of them: this cannot fail.
fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

#[cfg(test)]
mod tests;
