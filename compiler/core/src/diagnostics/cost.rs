//! Limits of costs that cannot be read.

use super::{at, clip};
use crate::core::Place;
use crate::cost::Resource;
use eclexia_base::{Dim, Name};
use eclexia_diag::Diagnostic;

pub(crate) fn unknown_resource(place: Place, name: Name, near: Option<&str>) -> Diagnostic {
    let text = format!("there is no resource `:{}`", clip(name.as_str()));
    let known: Vec<String> = Resource::ALL.iter().map(|r| format!(":{}", r.name())).collect();
    let diagnostic = at("unknown-resource", place, text).here("not something a function costs");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `:{near}`?")),
        None => diagnostic.help(format!("resources are {}", known.join(" "))),
    }
}

/// A dimension as users write it.
fn unit(dim: Dim) -> String {
    match dim.to_string().replace("core", "cpu").replace("byte", "B") {
        text if text == "1" => "a plain number".to_owned(),
        text => text,
    }
}

pub(crate) fn limit_unit(place: Place, of: Resource, found: Dim) -> Diagnostic {
    let (name, wanted) = (of.name(), unit(of.dim()));
    let text = match of.dim() == Dim::ONE {
        true => format!("`:{name}` is a number of {name}, not an amount of {}", unit(found)),
        false => format!("`:{name}` is measured in {wanted}"),
    };
    at("unit-mismatch", place, text)
        .here(format!("this is {}", unit(found)))
        .help(format!("write an amount like {}", of.example()))
}

pub(crate) fn limit_sum(place: Place, first: Dim, found: Dim) -> Diagnostic {
    at("unit-mismatch", place, "amounts of different units do not add up")
        .here(format!("this is {}, what it is added to is {}", unit(found), unit(first)))
        .help("give both in units of one dimension: 5J and 2kJ, 3ms and 1s")
}

pub(crate) fn not_a_parameter(place: Place, name: Name, params: &[Name]) -> Diagnostic {
    let text = format!("`{}` is no parameter of this function", clip(name.as_str()));
    let diagnostic =
        at("unknown-size", place, text).here("a limit speaks of what the caller gives");
    match params {
        [] => diagnostic.help("without parameters a limit is a constant: (at-most 5J)"),
        [one] => diagnostic.help(format!("write `(size {one})`, or `{one}` if it is an Int")),
        many => {
            let names: Vec<String> = many.iter().take(6).map(|n| format!("`{n}`")).collect();
            diagnostic.help(format!("its parameters are {}", names.join(", ")))
        }
    }
}

pub(crate) fn not_a_limit(place: Place, shown: &str) -> Diagnostic {
    at("malformed-form", place, format!("`{shown}` is no limit of a cost"))
        .here("a limit is a polynomial in the sizes of parameters")
        .help(
            "build it from amounts, `(size xs)`, Int parameters, `+ - *` and division by a number",
        )
}
