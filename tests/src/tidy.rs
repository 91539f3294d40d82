//! `cargo xtask tidy` inside `cargo test`: layers, file forms, purity, codes and their pages.

#[test]
fn the_workspace_is_tidy() {
    let findings = xtask::tidy::check(&xtask::root());
    let list: String = findings.iter().map(|finding| format!("\n  {finding}")).collect();
    assert!(findings.is_empty(), "{} findings:{list}\n", findings.len());
}
