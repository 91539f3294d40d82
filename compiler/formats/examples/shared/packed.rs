//! Files of instances as they come, compressed.

/// The text of a compressed file.
pub fn text(path: &str) -> Option<String> {
    let bytes = eclexia_formats::gunzip(std::fs::File::open(path).ok()?, 1 << 30).ok()??;
    String::from_utf8(bytes).ok()
}
