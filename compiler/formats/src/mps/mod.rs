//! The MPS format (IBM, Mathematical Programming System, about 1970), as files are written today.
//! What comes in: text; what goes out: a [`Model`] with its names, or the line where the text is no
//! programme and why. Free and fixed layout are told apart by trying: names with blanks need the
//! fixed one.
//!
//! Where writers differ, as most solvers of today read it:
//!
//! - The right-hand side of the objective is *minus* its constant (CPLEX and HiGHS; GLPK adds it).
//! - An upper bound below zero on a column with no lower bound given makes that minus infinity.
//! - A whole column between markers with no bound given is in `[0, 1]` (MPSX, CPLEX, HiGHS).
//! - Magnitudes of bounds and sides from [`INFINITE`] on are infinite; a coefficient that large is
//!   refused.
//! - A range `R` on an equality is above the right-hand side if positive, below if negative.
//! - Rows of type N after the first are left out. Semi-continuous columns are refused.

mod fields;
mod sections;

use eclexia_optimizer::model::Model;
use fields::Layout;

/// Bounds and sides from this on are infinite.
pub const INFINITE: f64 = 1e20;
/// Most rows and columns, and most entries.
pub const MOST_LINES: usize = 5_000_000;
pub const MOST_ENTRIES: usize = 100_000_000;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mps {
    pub name: String,
    pub objective: String,
    pub rows: Vec<String>,
    pub columns: Vec<String>,
    pub model: Model,
}

/// Why a line is refused; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub line: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    UnknownSection(String),
    /// What is expected instead.
    Fields(&'static str),
    UnknownKind(String),
    Number(String),
    TooLarge(String),
    UnknownName(String),
    Repeated(String),
    /// A section that has to come before.
    Missing(&'static str),
    /// A second set of right-hand sides, ranges or bounds.
    SecondSet(String),
    Unsupported(&'static str),
    TooMany(&'static str, usize),
}

/// Reads a programme.
pub fn read(text: &str) -> Result<Mps, Fault> {
    match sections::read(text, Layout::Free) {
        Err(fault) => sections::read(text, Layout::Fixed).map_err(|_| fault),
        read => read,
    }
}
