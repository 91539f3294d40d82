//! Addresses of documents: `file:` URIs are paths; any other is taken as a name that no disk knows.

use gen_lsp_types::Uri;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::path::{Path, PathBuf};

/// What stands in a path as it is: everything but delimiters and what RFC 3986 has no place for.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The path of a document; what has none (`untitled:1`) is under its own name.
pub fn to_path(uri: &str) -> PathBuf {
    let Some(rest) = uri.strip_prefix("file://") else { return PathBuf::from(uri) };
    // A host, which is empty or this one.
    let path = rest.find('/').map_or("", |at| &rest[at..]);
    let path = percent_decode_str(path).decode_utf8_lossy();
    let is_drive = path.as_bytes().get(2) == Some(&b':') && cfg!(windows);
    PathBuf::from(if is_drive { &path[1..] } else { &path })
}

pub fn of_path(path: &Path) -> Uri {
    let text = path.display().to_string();
    if !path.is_absolute() {
        return Uri(text);
    }
    let text = text.replace(std::path::MAIN_SEPARATOR, "/");
    let slash = if text.starts_with('/') { "" } else { "/" };
    Uri(format!("file://{slash}{}", utf8_percent_encode(&text, ESCAPED)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_come_back_whatever_is_in_them() {
        for path in ["/a/b.ecl", "/a b/é#?%.ecl", "/x/[y]{z}.ecl"] {
            let uri = of_path(Path::new(path));
            assert!(uri.0.starts_with("file:///") && uri.0.is_ascii(), "{uri}");
            assert_eq!(to_path(&uri.0), Path::new(path));
        }
    }

    #[test]
    fn escapes_that_a_client_chose_are_read() {
        assert_eq!(to_path("file:///a%3Ab/%C3%A9.ecl"), Path::new("/a:b/é.ecl"));
        assert_eq!(to_path("file://localhost/a.ecl"), Path::new("/a.ecl"));
        assert_eq!(to_path("file://"), Path::new(""));
    }

    #[test]
    fn what_is_on_no_disk_keeps_its_name() {
        assert_eq!(of_path(&to_path("untitled:Untitled-1")).0, "untitled:Untitled-1");
    }
}
