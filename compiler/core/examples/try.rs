use eclexia_core::{core::Program, Loader};
use eclexia_diag::{Sources, render};
use std::path::PathBuf;
struct L { sources: Sources, root: PathBuf }
impl Loader for L {
    fn load(&mut self, m: &str) -> Option<eclexia_syntax::Tree> {
        let rel = format!("{}.ecl", m.replace('.', "/"));
        let p = if m.starts_with("std.") || m.starts_with("cloud.") { PathBuf::from("stdlib").join(&rel) } else { self.root.join(&rel) };
        let text = std::fs::read_to_string(&p).ok()?;
        let f = self.sources.add(p.display().to_string(), text.clone());
        let (t, d) = eclexia_syntax::read(f, &text);
        for d in d.iter() { println!("read: {} {:?}", d.code, d.message); }
        Some(t)
    }
    fn names(&self) -> Vec<String> { ["core","list","vector","map","deploy"].iter().map(|s| format!("std.{s}")).collect() }
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut l = L { sources: Sources::new(), root: PathBuf::from(&path).parent().unwrap().into() };
    let f = l.sources.add(path, text.clone());
    let (t, d) = eclexia_syntax::read(f, &text);
    for d in d.iter() { println!("read: {} {:?}", d.code, d.message); }
    let mut p = Program::default();
    let (m, d) = eclexia_core::resolve(&mut p, &t, "main", None, &mut l);
    for d in d.sorted() { println!("{}", render::line(std::slice::from_ref(&d), &l.sources)); }
    println!("{m:?} defs {} groups {}", p.defs.len(), p.groups.len());
}
