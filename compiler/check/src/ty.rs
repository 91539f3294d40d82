//! Types after inference.
//!
//! `Float` is `Q` of the empty unit: Kennedy's float<1>. Interned, so equality is a comparison of
//! numbers; the table lives as long as the process.

eclexia_base::define_id!(
    /// An interned, fully resolved type.
    Ty, "ty"
);

/// `(Fn [a] a) :where [(Num a)]`
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scheme {}

impl Default for Ty {
    fn default() -> Ty {
        Ty(0)
    }
}
