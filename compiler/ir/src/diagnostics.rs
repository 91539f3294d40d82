//! What lowering says.

use eclexia_base::{Name, Span};
use eclexia_diag::Diagnostic;

pub(crate) fn endless_instances(span: Span, name: Name) -> Diagnostic {
    Diagnostic::error(
        "endless-instances",
        span,
        format!("`{name}` calls itself at ever larger types"),
    )
    .here("the types of its calls grow without end")
    .note("Native code of a generic function is made for each type that it is used at.")
    .help("recur at the type of the parameter itself, or at one of finitely many types")
}
