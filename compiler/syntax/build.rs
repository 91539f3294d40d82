//! Generates the datum parser from `src/grammar.lalrpop`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/grammar.lalrpop");
    let mut config = lalrpop::Configuration::new();
    config.emit_rerun_directives(false).use_cargo_dir_conventions().process()
}
