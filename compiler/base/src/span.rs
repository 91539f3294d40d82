//! Places in source: a file and a half-open byte range.

crate::define_id!(
    /// A source file of the running command, in the order of loading.
    FileId, "file"
);

/// Bytes `start..end` of `file`. Byte offsets are UTF-8 offsets into the text as read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: u32, end: u32) -> Span {
        Span { file, start, end }
    }
    /// The smallest span that covers both; both are of one file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
    /// The empty place right after `self`.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset < self.end
    }
}
