//! `:edit` and `:save`: definitions leave the conversation as text, and come back from an editor.

use super::conversation::Conversation;
use crate::{diagnostics, files};
use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, Stdio};

impl Conversation {
    /// Writes all definitions into a file.
    pub(super) fn save(&mut self, file: &str) {
        if self.definitions.is_empty() {
            return self.complain("nothing is defined yet", "(defn f [x] (* 2 x))");
        }
        match files::write(Path::new(file), self.definitions.text().as_bytes()) {
            Ok(()) => self.to.say(&format!("saved as {file}\n")),
            Err(found) => self.report(found.into()),
        }
    }

    /// Opens a definition, or without a name the last input, in an editor, and takes what it
    /// leaves.
    pub(super) fn edit(&mut self, name: &str) {
        let text = match name {
            "" => Some(self.last_input.clone()).filter(|text| !text.is_empty()),
            name => self.definitions.text_of(name),
        };
        let Some(text) = text else {
            let text = match name {
                "" => "there is no input to be edited yet".to_owned(),
                name => format!("`{name}` is not defined here"),
            };
            return self.complain(&text, ":edit NAME");
        };
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        let Some(editor) = set("VISUAL").or_else(|| set("EDITOR")).filter(|_| !self.is_remote)
        else {
            return self
                .complain("no editor is named by $VISUAL or $EDITOR", "EDITOR=vi eclexia repl");
        };
        match edited(&editor, &text) {
            Ok(after) if after.trim() == text.trim() => self.to.say("nothing has changed\n"),
            Ok(after) => self.input(&after),
            Err(error) => self.report(diagnostics::editor_failed(&editor, &error).into()),
        }
    }
}

/// The text as an editor leaves it.
fn edited(editor: &str, text: &str) -> std::io::Result<String> {
    let file = tempfile::Builder::new().prefix("eclexia-").suffix(".ecl").tempfile()?;
    std::fs::write(file.path(), format!("{text}\n"))?;
    let mut shell = Command::new("sh");
    // The variable may hold arguments, so the shell splits it, as everywhere.
    shell.args(["-c", &format!("{editor} \"$1\""), "sh"]).arg(file.path());
    if !std::io::stdin().is_terminal() {
        // What is still to be read here are inputs, not keys.
        shell.stdin(Stdio::null());
    }
    let status = shell.status()?;
    if !status.success() {
        return Err(std::io::Error::other(format!("it ended with {status}")));
    }
    std::fs::read_to_string(file.path())
}
