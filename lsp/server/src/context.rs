//! What a request is answered from: the snapshot and the documents of its moment.

use crate::client::{Client, Settings};
use crate::documents::Documents;
use crate::features::tokens::Sent;
use crate::planner::{Lints, Lives};
use crate::position::Lines;
use crate::snapshot::{Project, Snapshot};
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;
use eclexia_plan::Interrupt;
use gen_lsp_types::{Location, Position, Range, Uri};
use lsp_server::ErrorCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why a request has no result.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    pub code: i32,
    pub why: String,
}

impl Failure {
    pub fn new(code: ErrorCode, why: impl Into<String>) -> Failure {
        Failure { code: code as i32, why: why.into() }
    }

    /// The answer would be about a text that is no longer there.
    pub fn modified() -> Failure {
        Failure::new(ErrorCode::ContentModified, "the document has changed since")
    }

    pub fn cancelled() -> Failure {
        Failure::new(ErrorCode::RequestCanceled, "cancelled")
    }

    pub fn invalid(why: impl Into<String>) -> Failure {
        Failure::new(ErrorCode::InvalidParams, why)
    }
}

pub type Answer<T> = Result<T, Failure>;

pub struct Context {
    pub snapshot: Arc<Snapshot>,
    pub documents: Documents,
    pub lives: Lives,
    pub lints: Lints,
    pub client: Arc<Client>,
    pub settings: Settings,
    pub tokens: Sent,
    pub is_cancelled: Arc<AtomicBool>,
}

/// A file that was checked, with its lines.
pub struct File<'c> {
    pub project: &'c Arc<Project>,
    pub id: FileId,
    pub text: &'c str,
    pub lines: Arc<Lines>,
}

impl File<'_> {
    pub fn analysis(&self) -> &Analysis {
        &self.project.analysis
    }
}

impl Context {
    /// The file of an address, as it was checked, where that is what the client sees.
    pub fn file(&self, uri: &Uri) -> Answer<File<'_>> {
        self.still_wanted()?;
        let path = crate::uri::to_path(&uri.0);
        let found = self.snapshot.find(&path);
        let (project, id) = found.ok_or_else(|| unknown(uri))?;
        let text = project.analysis.sources.text(id);
        let is_same = self.documents.get(&path).is_none_or(|document| {
            document.text.strip_prefix('\u{feff}').unwrap_or(&document.text) == text
        });
        match is_same {
            true => Ok(File { project, id, text, lines: project.lines(id) }),
            false => Err(Failure::modified()),
        }
    }

    /// The text of a document that is open.
    pub fn text(&self, uri: &Uri) -> Answer<Arc<str>> {
        let path = crate::uri::to_path(&uri.0);
        let document = self.documents.get(&path).ok_or_else(|| unknown(uri))?;
        Ok(Arc::clone(&document.text))
    }

    pub fn offset(&self, file: &File, at: Position) -> u32 {
        file.lines.offset(file.text, at, self.client.encoding) as u32
    }

    pub fn range(&self, file: &File, span: Span) -> Range {
        file.lines.range(file.text, span.range(), self.client.encoding)
    }

    /// A place in any file of a project; `None` where it is on no disk.
    pub fn location(&self, project: &Project, span: Span) -> Option<Location> {
        let text = project.analysis.sources.text(span.file);
        let lines = project.lines(span.file);
        let range = lines.range(text, span.range(), self.client.encoding);
        Some(Location { uri: project.uri(span.file, &self.documents)?, range })
    }

    /// An error where the client has taken the request back.
    pub fn still_wanted(&self) -> Answer<()> {
        match self.is_cancelled.load(Ordering::Relaxed) {
            true => Err(Failure::cancelled()),
            false => Ok(()),
        }
    }

    /// The same for what is planned.
    pub fn interrupt(&self) -> Interrupt {
        let is_cancelled = Arc::clone(&self.is_cancelled);
        Arc::new(move || is_cancelled.load(Ordering::Relaxed))
    }
}

fn unknown(uri: &Uri) -> Failure {
    Failure::invalid(format!("{uri} is not open, and of no project that is"))
}
