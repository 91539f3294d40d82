//! The diagnostic: one value for every message about a user's program, deployment or input.
//!
//! Every stage has a `diagnostics.rs` with one constructor function per code; nothing is formatted
//! where an error is raised. The message is one line of at most 80 characters that can be
//! understood alone; the labels say where; `help` is one concrete fix in words, `fixes` the same as
//! edits. Each code has a page, `docs/diagnostics/<slug>.md` ([`catalogue`]).

pub mod catalogue;
pub mod edit;
mod outcome;
pub mod render;
pub mod sources;

pub use edit::Edit;
pub use outcome::{Diagnostics, Outcome};
pub use sources::Sources;

use eclexia_base::Span;

/// A kebab-case slug with a page in the catalogue, for instance `unit-mismatch`.
pub type Code = &'static str;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    Error,
    Warning,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    pub span: Span,
    /// What is to be seen there; empty on a primary label that needs no words.
    pub text: String,
}

/// Edits that, made together, resolve the diagnostic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    pub title: String,
    pub edits: Vec<Edit>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    /// `None` only where no source exists: a missing file, a full disk.
    pub primary: Option<Label>,
    pub labels: Vec<Label>,
    pub notes: Vec<String>,
    pub help: Option<String>,
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: Severity::Error,
            message: message.into(),
            primary: Some(Label { span, text: String::new() }),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, span, message) }
    }

    /// A diagnostic about something that has no place in source.
    pub fn without_place(code: Code, message: impl Into<String>) -> Diagnostic {
        let nowhere = Span::new(eclexia_base::FileId(0), 0, 0);
        Diagnostic { primary: None, ..Diagnostic::error(code, nowhere, message) }
    }

    /// The words at the primary place.
    pub fn here(mut self, text: impl Into<String>) -> Self {
        if let Some(primary) = &mut self.primary {
            primary.text = text.into();
        }
        self
    }

    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// A fix of one edit.
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.fix_by(title, vec![Edit::new(span, text)])
    }

    pub fn fix_by(mut self, title: impl Into<String>, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix { title: title.into(), edits });
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// What is done where all is mended at once: of a warning that suggests just one thing, that.
    pub fn only_fix(&self) -> Option<&Fix> {
        match &self.fixes[..] {
            [fix] if !self.is_error() => Some(fix),
            _ => None,
        }
    }
}
