//! What each pass over IR does, `passes/*.ir`: the first line names passes, IR follows, and behind
//! the line `; becomes` what they make of it, filled by the machine.

use crate::bless::Failures;
use crate::readers;
use eclexia_ir::ir::{FuncId, Program};
use eclexia_ir::passes::STEPS;
use eclexia_ir::text::{parse, print};
use eclexia_ir::verify;

const BORDER: &str = "; becomes\n";

#[test]
fn every_pass_makes_what_its_page_shows() {
    let mut failures = Failures::default();
    for (path, page) in readers::texts("tests/passes", ".ir") {
        let given = page.split(BORDER).next().unwrap_or_default();
        match made(given) {
            Ok(made) => failures.expect_file(&path, &page, &format!("{given}{BORDER}{made}")),
            Err(why) => failures.push(&path, 1, why),
        }
    }
    failures.finish();
}

fn made(given: &str) -> Result<String, String> {
    let first = given.lines().next().unwrap_or_default();
    let names = first.strip_prefix("; passes:").ok_or("`; passes: NAME..` comes first")?;
    let mut program = parse::program(given)?;
    let text = print::program(&program);
    let again = print::program(&parse::program(&text)?);
    if again != text {
        return Err(format!("read back differently:\n{text}\n{again}"));
    }
    check(&program, "as given")?;
    for name in names.split_whitespace() {
        let step = STEPS.iter().find(|step| step.name == name).ok_or(format!("no pass {name}"))?;
        let count = program.functions.len();
        (step.run)(&mut program, &(0..count));
        check(&program, name)?;
    }
    let functions =
        program.functions.ids().map(|id| format!("\n{}", print::function(&program, id)));
    Ok(functions.collect())
}

fn check(program: &Program, when: &str) -> Result<(), String> {
    let one = |id: FuncId| verify::function(program, id).map_err(|why| format!("{when}: {why}"));
    program.functions.ids().try_for_each(one)
}
