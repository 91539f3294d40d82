//! Where the texts of imported modules come from. The embedded standard library; a caller with
//! files puts its own [`Provider`] in front.

pub use eclexia_core::is_library;

include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The source of a module, as bytes with the name that diagnostics show.
pub struct ModuleSource {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Finds modules by name (`shop.web`, `std.list`).
pub trait Provider {
    fn module(&mut self, name: &str) -> Option<ModuleSource>;

    /// Names of modules that could be imported, for suggestions; the library's are known.
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether a module may not import another: the names of their packages.
    fn refuses(&self, _importer: &str, _module: &str) -> Option<(String, String)> {
        None
    }
}

/// The standard library of this binary and nothing else.
#[derive(Clone, Copy, Default)]
pub struct Embedded;

impl Provider for Embedded {
    fn module(&mut self, name: &str) -> Option<ModuleSource> {
        let found = MODULES.binary_search_by_key(&name, |(module, _)| module).ok()?;
        let path = name.replace('.', "/");
        let (_, text) = MODULES[found];
        Some(ModuleSource { name: format!("<stdlib>/{path}.ecl"), bytes: text.as_bytes().to_vec() })
    }
}

/// Names of the embedded modules, sorted.
pub fn modules() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|(name, _)| *name)
}
