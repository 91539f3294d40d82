//! Every code and its page, read at build time from `docs/diagnostics/*.md` (`build.rs`), sorted.

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The page of a code.
pub fn page(code: &str) -> Option<&'static str> {
    let found = PAGES.binary_search_by_key(&code, |(slug, _)| slug).ok()?;
    Some(PAGES[found].1)
}

/// All codes, sorted.
pub fn codes() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(slug, _)| *slug)
}
