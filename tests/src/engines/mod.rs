//! The engines against each other: random programs print the same in all.

mod generate;

use crate::program::{Form, compile_bytes, on_large_stack};
use generate::Generator;
use std::collections::BTreeMap;

/// What a program prints, and the code of what stops it.
fn interpreted(text: &str) -> (Vec<String>, Option<String>) {
    let mut program = compile_bytes("case.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    assert!(!program.has_errors(), "{}\n{text}", program.told());
    let (printed, failure) = program.main();
    (printed, failure.map(|failure| failure.code.to_string()))
}

#[test]
fn random_programs_are_well_typed_and_end() {
    on_large_stack(|| {
        for seed in 0..20 {
            let text = Generator::new(seed).program(8);
            let (printed, failure) = interpreted(&text);
            assert_eq!((printed.len(), failure), (16, None), "{text}");
        }
    });
}

#[test]
fn write_some() {
    let Ok(folder) = std::env::var("ECLEXIA_ENGINES_DIR") else { return };
    for seed in 1000..1080u64 {
        let faults = if seed % 4 == 0 { 2 } else { 0 };
        let text = Generator::new(seed).with_faults(faults).program(10);
        std::fs::write(format!("{folder}/g{seed}.ecl"), text).expect("written");
    }
}
