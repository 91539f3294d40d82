//! The MPS reader: every kind of row, range and bound, and what is refused. With the benchmark data
//! at hand, netlib's optima with certificates and small MIPLIB problems.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads the benchmark's files, and says so where they are missing"
)]

use eclexia_formats::mps::{Fault, What, read};
use eclexia_optimizer::certificate::certificate;
use eclexia_optimizer::mip::{self, End, Stop};
use eclexia_optimizer::model::{Direction, Kind};
use eclexia_optimizer::simplex::{Limits, Status};
use std::io::Read;
use std::path::{Path, PathBuf};

const INFINITE: f64 = f64::INFINITY;

const KINDS: &str = "* every kind
NAME all kinds
OBJSENSE MAX
ROWS
 N gain
 L at-most
 G at-least
 E equal
 E above
 E below
 N spare
COLUMNS
 a gain 1 at-most 2
 a at-least 3 spare 7
 M1 'MARKER' 'INTORG'
 b equal 1 above 1
 c below 1.5D0
 M2 'MARKER' 'INTEND'
 d below -1
 e gain -2
 f gain 1
 g gain 1
RHS
 R at-most 4 at-least 1
 R gain -10
 R above 5
RANGES
 R at-most 3 at-least 2
 R above 2 below -2
BOUNDS
 UP B a 9
 LO B a 1
 UP B c 7
 UP B d -2
 FR B e
 FX B f 3
 MI B g
 UI B g 5
ENDATA
";

#[test]
fn every_kind_of_row_range_and_bound_is_read() {
    let mps = read(KINDS).expect("well-formed");
    let model = &mps.model;
    assert_eq!((mps.name.as_str(), mps.objective.as_str()), ("all kinds", "gain"));
    assert_eq!((model.direction, model.constant), (Direction::Maximise, -10.0));
    assert_eq!(mps.rows, ["at-most", "at-least", "equal", "above", "below"]);
    assert_eq!(model.rows, [(1.0, 4.0), (1.0, 3.0), (0.0, 0.0), (5.0, 7.0), (-2.0, 0.0)]);
    let bounds: Vec<(f64, f64)> = model.columns.iter().map(|c| c.bounds).collect();
    let free = (-INFINITE, INFINITE);
    assert_eq!(
        bounds,
        [(1.0, 9.0), (0.0, 1.0), (0.0, 7.0), (-INFINITE, -2.0), free, (3.0, 3.0), (-INFINITE, 5.0)]
    );
    let whole: Vec<bool> = model.columns.iter().map(|c| c.kind == Kind::Whole).collect();
    assert_eq!(whole, [false, true, true, false, false, false, true]);
    assert_eq!(model.columns[2].entries, [(4, 1.5)]);
    assert_eq!(model.columns[4].cost, 2.0);
}

#[test]
fn names_with_blanks_are_read_in_the_fixed_layout() {
    let text = "NAME          BLANKS
ROWS
 N  THE COST
 G  A ROW
COLUMNS
    MY COL    THE COST           1.0   A ROW             2.0
RHS
    RHS       A ROW             4.0
ENDATA
";
    let mps = read(text).expect("well-formed");
    assert_eq!((mps.rows, mps.columns), (vec!["A ROW".to_owned()], vec!["MY COL".to_owned()]));
    assert_eq!(mps.model.rows, [(4.0, INFINITE)]);
}

#[test]
fn what_is_wrong_is_refused_with_its_line() {
    let refused = |from: &str, to: &str| {
        assert!(KINDS.contains(from), "{from}");
        let fault = read(&KINDS.replacen(from, to, 1)).expect_err(to);
        (fault.line, fault.what)
    };
    let name = |text: &str| text.to_owned();
    assert_eq!(refused("BOUNDS", "BOUND"), (30, What::UnknownSection(name("BOUND"))));
    assert_eq!(refused(" L at-most", " L at-most x"), (6, What::Fields("a type and a name")));
    assert_eq!(refused(" L at-most", " K at-most"), (6, What::UnknownKind(name("K"))));
    assert_eq!(refused("at-most 2", "at-most 2x"), (13, What::Number(name("2x"))));
    assert_eq!(refused("at-most 2", "at-most NaN"), (13, What::Number(name("NaN"))));
    assert_eq!(refused("at-most 2", "at-most 1e21"), (13, What::TooLarge(name("1e21"))));
    assert_eq!(refused("at-most 2", "at-least 2"), (14, What::Repeated(name("at-least"))));
    assert_eq!(refused(" e gain -2", " a gain -2"), (20, What::Repeated(name("a"))));
    assert_eq!(refused(" R above 5", " R over 5"), (26, What::UnknownName(name("over"))));
    assert_eq!(refused(" R above 5", " S above 5"), (26, What::SecondSet(name("S"))));
    assert_eq!(refused(" FR B e", " SC B e 4"), (35, What::Unsupported("semi-continuous columns")));
    assert_eq!(refused("ENDATA\n", ""), (39, What::Missing("ENDATA")));
    assert_eq!(read("").expect_err("empty"), Fault { line: 1, what: What::Missing("ENDATA") });
    assert_eq!(
        read("ROWS\n N x\nCOLUMNS\nRHS\n").expect_err("none").what,
        What::Missing("COLUMNS")
    );
}

/// The folder of the benchmark's programmes, where it is.
fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/placement/lp");
    let there = folder.join("optima.csv").is_file();
    if !there {
        println!("skipped: no {}", folder.display());
    }
    there.then_some(folder)
}

fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("listed in optima.csv");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("a text");
    text
}

#[test]
fn netlib_is_solved_with_certificates() {
    let Some(folder) = data() else { return };
    let table = std::fs::read_to_string(folder.join("optima.csv")).expect("a text");
    let mut solved = 0;
    for line in table.lines().filter(|line| line.starts_with("lp,")) {
        let fields: Vec<&str> = line.split(',').collect();
        let (name, optimum) = (fields[1], fields[5].parse::<f64>().expect("a number"));
        let model = read(&unpacked(&folder.join(format!("{name}.mps.gz")))).expect(name).model;
        let mut simplex = model.relaxation();
        assert_eq!(simplex.solve(&Limits::work(10_000_000_000)), Status::Optimal, "{name}");
        let found = certificate(&model, &simplex.values(), simplex.duals());
        assert!(found.holds(), "{name}: {found:?}");
        let value = simplex.objective() + model.constant;
        assert!((value - optimum).abs() <= 1e-9 * (1.0 + optimum.abs()), "{name}: {value}");
        solved += 1;
    }
    assert!(solved >= 35, "{solved}");
}

#[test]
fn small_miplib_problems_are_proved() {
    let Some(folder) = data() else { return };
    let table = std::fs::read_to_string(folder.join("optima.csv")).expect("a text");
    for name in ["flugpl", "p0033", "rgn", "lseu", "gt2", "p0282", "khb05250"] {
        let line = table.lines().find(|line| line.starts_with(&format!("mip,{name},")));
        let optimum: f64 = line.and_then(|l| l.split(',').nth(5)).expect(name).parse().expect(name);
        let model = read(&unpacked(&folder.join(format!("{name}.mps.gz")))).expect(name).model;
        let found = mip::solve(&model, &Stop { work: 5_000_000_000, stop: None });
        assert_eq!(found.end, End::Optimal, "{name}");
        let (_, value) = found.best.expect(name);
        assert!((value - optimum).abs() <= 1e-6 * (1.0 + optimum.abs()), "{name}: {value}");
    }
}
