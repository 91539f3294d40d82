//! Names that mean nothing, mean something else, or may not be used.

use super::{at, clip, count};
use crate::core::{Interface, Place};
use crate::resolve::names::UnknownName;
use eclexia_base::unit::UnitTable;
use eclexia_base::{Name, Span};
use eclexia_diag::Diagnostic;

/// The nearest spelling as help and edit.
fn did_you_mean(diagnostic: Diagnostic, place: Place, near: Option<&str>) -> Diagnostic {
    let Some(near) = near else { return diagnostic };
    let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    match place.inside {
        Some(_) => diagnostic,
        None => diagnostic.fix(format!("write `{near}`"), place.span, near),
    }
}

fn or_qualified(
    diagnostic: Diagnostic,
    item: &UnknownName,
    qualified: &[String],
    otherwise: &str,
) -> Diagnostic {
    let is_case_only = |near: &String| near.eq_ignore_ascii_case(item.name.as_str());
    if let Some(near) = item.near.as_ref().filter(|near| is_case_only(near)) {
        return did_you_mean(diagnostic, item.place, Some(near));
    }
    if let [only] = qualified {
        let diagnostic = diagnostic.help(format!("write `{only}`"));
        return match item.place.inside {
            Some(_) => diagnostic,
            None => diagnostic.fix(format!("write `{only}`"), item.place.span, only.clone()),
        };
    }
    if !qualified.is_empty() {
        let list: Vec<String> = qualified.iter().take(4).map(|q| format!("`{q}`")).collect();
        return diagnostic.help(format!("write {}", list.join(" or ")));
    }
    match &item.near {
        Some(near) => did_you_mean(diagnostic, item.place, Some(near)),
        None => diagnostic.help(otherwise),
    }
}

pub(crate) fn unknown_name(item: &UnknownName, qualified: &[String]) -> Diagnostic {
    let name = clip(item.name.as_str());
    let diagnostic = at("unknown-name", item.place, format!("`{name}` is not defined here"))
        .here("no definition, import or local of this name");
    if qualified.is_empty() && UnitTable::language().get(item.name).is_some() {
        return diagnostic.help(format!("a unit follows its number without a space: `5{name}`"));
    }
    match foreign(item.name.as_str()) {
        // `time/format` is not what is meant.
        Some(help) if qualified.is_empty() || item.name == "format" => diagnostic.help(help),
        _ => or_qualified(diagnostic, item, qualified, "define it, or import the module that does"),
    }
}

/// What other languages call it, and what it is here.
fn foreign(name: &str) -> Option<&'static str> {
    Some(match name {
        "lambda" | "function" | "func" | "fun" | "\\" => {
            "a function without a name is `(fn [x] …)`"
        }
        "while" | "until" | "repeat" => "repeat with `(loop [i 0] … (recur …))`, or `for`",
        "doseq" | "dolist" | "dotimes" | "foreach" | "for-each" => {
            "go through items with `(for [x items] …)`, through numbers with \
             `(for [i (vector/range 0 n)] …)`"
        }
        "set!" | "setq" | "setf" | "swap!" | "reset!" | "assign" => {
            "values do not change: name the new one with `let`, or carry it through `loop`"
        }
        "define" | "defun" | "defvar" | "var" | "const" => {
            "a value has its name by `let`, a function too: `(let [f (fn [x] …)] …)`"
        }
        "nil" | "null" | "undefined" | "none" | "nothing" => "a missing value is `None`",
        "let*" | "letrec" => "`let` binds one after the other",
        "begin" | "progn" | "block" => "several forms in one place are `(do …)`",
        "case" | "switch" | "when-let" | "if-let" => "choose by `(match x [pattern result] …)`",
        "throw" | "raise" | "error" => "an error is a value: `(Err e)`; `abort` ends the program",
        "else" | "otherwise" => "the last test of a `cond` is `:else`",
        "==" | "equal" | "equal?" | "eq?" | "equals" => "equality is `=`",
        "!=" | "/=" | "<>" => "inequality is `not=`",
        "++" | "concat" | "string-concat" => "texts are joined by `(str a b)`",
        "&&" => "write `and`",
        "||" => "write `or`",
        "%" | "modulo" | "remainder" => "whole numbers have `quot`, `rem` and `mod`",
        "conj" => "a vector grows by `vector/push`, a set by `set/insert`",
        "assoc" => "a map grows by `map/insert`, a record changes by `with-fields`",
        "dissoc" => "write `map/remove`",
        "car" | "head" | "hd" => "write `list/first` or `vector/first`",
        "cdr" | "tail" | "tl" => "write `list/rest` or `vector/rest`",
        "foldl" | "fold-left" => "write `list/fold` or `vector/fold`",
        "foldr" => "write `list/fold-right` or `vector/fold-right`",
        "mapcat" => "write `list/flat-map` or `vector/flat-map`",
        "slurp" => "write `(files/read files path)`; `main` gets `(.files world)`",
        "spit" => "write `(files/write files path text)`; `main` gets `(.files world)`",
        "string-length" | "strlen" => "write `string/length`",
        "substring" | "substr" => "write `string/slice`",
        "parse-int" | "string->number" | "atoi" => "write `string/parse-int`",
        "rand" | "rand-int" => "write `(random/below n (random/seeded 1))`",
        "format" | "format-string" | "sprintf" | "fmt" => "write `(format/fmt \"{} of {}\" a b)`",
        "println" | "prn" | "printf" | "display" | "echo" => "write `print`",
        _ => return None,
    })
}

pub(crate) fn unknown_type(item: &UnknownName, qualified: &[String]) -> Diagnostic {
    let name = clip(item.name.as_str());
    let diagnostic = at("unknown-type", item.place, format!("there is no type `{name}`"))
        .here("no type of this name is in scope");
    let help = "define it with `deftype` or `defrecord`, or import the module that does";
    or_qualified(diagnostic, item, qualified, help)
}

pub(crate) fn unknown_type_variable(
    place: Place,
    name: Name,
    owner: Name,
    known: &[Name],
) -> Diagnostic {
    let (shown, owner) = (clip(name.as_str()), clip(owner.as_str()));
    let mut params: Vec<&str> = known.iter().map(|n| n.as_str()).collect();
    params.push(name.as_str());
    let text = format!("`{shown}` is no parameter of `{owner}`");
    at("unknown-type", place, text)
        .here("a lower-case name is a type variable")
        .help(format!("make it a parameter: `({owner} {})`", params.join(" ")))
}

pub(crate) fn not_a_quantity(place: Place, name: Name) -> Diagnostic {
    let name = clip(name.as_str());
    at("unknown-unit", place, format!("`{name}` is no unit and no alias of a quantity"))
        .help("write a unit, as in `(Q J/s)`")
}

pub(crate) fn interface_as_type(place: Place, name: Name, span: Span) -> Diagnostic {
    let name = clip(name.as_str());
    at("unknown-type", place, format!("`{name}` is an interface, not a type"))
        .label(span, "the interface")
        .help(format!("ask for it in the signature: `:where [({name} a)]`"))
}

pub(crate) fn applied_variable(place: Place, name: Name) -> Diagnostic {
    let name = clip(name.as_str());
    at("unknown-type", place, format!("the type variable `{name}` takes no types"))
        .help("a type that takes types begins with a capital letter: `(List a)`")
}

pub(crate) fn type_arity(
    place: Place,
    name: Name,
    wanted: usize,
    found: usize,
    span: Span,
) -> Diagnostic {
    let name = clip(name.as_str());
    let wanted_text = count(wanted, "type");
    let letters = ["a", "b", "c", "d", "e", "f"];
    let help = if wanted == 0 {
        format!("write `{name}`; the type of a function is `(Fn [{name}] {name})`")
    } else {
        let letters = letters[..wanted.min(letters.len())].join(" ");
        format!("write `({name} {letters})`, with a type for each letter")
    };
    at("type-arity", place, format!("`{name}` takes {wanted_text}, not {found}"))
        .label(span, "defined here")
        .help(help)
}

pub(crate) fn lower_case_type(place: Place, name: Name) -> Diagnostic {
    let name = name.as_str();
    let mut letters = name.chars();
    let first = letters.next().map_or(String::new(), |c| c.to_uppercase().to_string());
    let fixed = format!("{first}{}", letters.as_str());
    let shown = clip(name);
    at("lower-case-type", place, format!("`{shown}` must begin with a capital letter"))
        .here("lower-case names are variables in types and patterns")
        .help(format!("write `{fixed}`"))
}

pub(crate) fn unknown_interface(place: Place, name: Name, near: Option<&str>) -> Diagnostic {
    let name = clip(name.as_str());
    let diagnostic = at("unknown-interface", place, format!("there is no interface `{name}`"));
    let diagnostic = diagnostic.here("no interface of this name is in scope");
    match near {
        Some(_) => did_you_mean(diagnostic, place, near),
        None => diagnostic.help("define it with `definterface`, or import the module that does"),
    }
}

pub(crate) fn not_an_interface(place: Place, name: Name, span: Span) -> Diagnostic {
    let name = clip(name.as_str());
    at("unknown-interface", place, format!("`{name}` is a type, not an interface"))
        .label(span, "the type")
        .help("an instance names its interface first: `(implement (Show Point) …)`")
}

pub(crate) fn unknown_constructor(place: Place, name: Name, near: Option<&str>) -> Diagnostic {
    let name = clip(name.as_str());
    let text = format!("there is no constructor `{name}`");
    let diagnostic = at("unknown-constructor", place, text);
    let diagnostic = diagnostic.here("a capital letter names a constructor in a pattern");
    match near {
        Some(_) => did_you_mean(diagnostic, place, near),
        None => diagnostic.help("begin it with a small letter to bind whatever is there"),
    }
}

pub(crate) fn not_a_constructor(place: Place, name: Name) -> Diagnostic {
    let name = clip(name.as_str());
    at("unknown-constructor", place, format!("`{name}` is no constructor"))
        .here("only constructors can be taken apart")
        .help("compare with a guard: `[x :when (= x value) …]`")
}

pub(crate) fn constructor_arity(
    place: Place,
    name: Name,
    wanted: usize,
    found: usize,
    span: Span,
) -> Diagnostic {
    let name = clip(name.as_str());
    let wanted_text = count(wanted, "field");
    let shape =
        if wanted == 0 { name.clone() } else { format!("({name}{})", " _".repeat(wanted.min(12))) };
    at("constructor-arity", place, format!("`{name}` has {wanted_text}, matched with {found}"))
        .label(span, "the constructor")
        .help(format!("write `{shape}`, with a pattern for each field"))
}

pub(crate) fn private_name(place: Place, name: Name, module: Name, defined: Span) -> Diagnostic {
    let (name, module) = (clip(name.as_str()), clip(module.as_str()));
    at("private-name", place, format!("`{name}` is private to its module"))
        .here(format!("`{module}` does not export it"))
        .label(defined, "defined here")
        .help(format!("add `{name}` to the `:exports` of `{module}`"))
}

pub(crate) fn private_constructor(
    place: Place,
    name: Name,
    ty: Name,
    module: Name,
    span: Span,
) -> Diagnostic {
    let (name, ty, module) = (clip(name.as_str()), clip(ty.as_str()), clip(module.as_str()));
    at("private-constructor", place, format!("the constructor `{name}` is private"))
        .here(format!("`{ty}` can be built and taken apart only in `{module}`"))
        .label(span, "declared in a `:private` type")
        .help(format!("use a function of `{module}` that makes or reads values of `{ty}`"))
}

pub(crate) fn duplicate_definition(place: Place, name: Name, first: Span) -> Diagnostic {
    let name = clip(name.as_str());
    at("duplicate-definition", place, format!("`{name}` is defined twice"))
        .here("defined again here")
        .label(first, "first defined here")
        .help("rename or remove one of the two")
}

pub(crate) fn duplicate_binder(place: Place, name: Name, first: Option<Span>) -> Diagnostic {
    let name = clip(name.as_str());
    let diagnostic = at("duplicate-binder", place, format!("`{name}` is bound twice together"))
        .here("bound again here")
        .help("rename one of the two, or write `_` for a value that is not needed");
    match first {
        Some(first) => diagnostic.label(first, "first bound here"),
        None => diagnostic,
    }
}

pub(crate) fn duplicate_field(place: Place, name: Name, first: Span) -> Diagnostic {
    let name = clip(name.as_str());
    at("duplicate-field", place, format!("the field `:{name}` stands twice"))
        .here("again here")
        .label(first, "first here")
        .help("remove one of the two")
}

pub(crate) fn reserved_name(place: Place, name: Name) -> Diagnostic {
    let text = name.as_str();
    let why = if text.contains('/') && text.len() > 1 {
        "a `/` separates a module from a name"
    } else if text.starts_with('.') {
        "names that start with `.` read fields"
    } else {
        "it is part of the language"
    };
    let name = clip(text);
    at("reserved-name", place, format!("`{name}` cannot be defined"))
        .here(why)
        .help("choose another name")
}

/// `true`, `false` or `unit` where a name is bound.
pub(crate) fn reserved_binder(place: Place, name: Name) -> Diagnostic {
    at("reserved-name", place, format!("`{name}` cannot be bound"))
        .here("it is a value of the language, not a name")
        .help("choose another name, or write `_` for a value that is not needed")
}

pub(crate) fn unknown_method(
    place: Place,
    name: Name,
    interface: &Interface,
    near: Option<&str>,
) -> Diagnostic {
    let (name, owner) = (clip(name.as_str()), clip(interface.name.as_str()));
    let diagnostic = at("unknown-method", place, format!("`{owner}` has no method `{name}`"))
        .label(interface.span, "the interface");
    match near {
        Some(_) => did_you_mean(diagnostic, place, near),
        None => {
            let names: Vec<String> =
                interface.methods.iter().take(8).map(|m| format!("`{}`", m.name)).collect();
            diagnostic.help(format!("its methods are {}", names.join(", ")))
        }
    }
}

pub(crate) fn missing_instance_method(
    place: Place,
    missing: &[Name],
    interface: &Interface,
    head: &str,
) -> Diagnostic {
    let owner = clip(interface.name.as_str());
    let first = missing.first().map_or("", |n| n.as_str());
    let text = if missing.len() == 1 {
        format!("this instance of `{owner}` lacks `{}`", clip(first))
    } else {
        format!("this instance of `{owner}` lacks {} methods", missing.len())
    };
    let method = interface.methods.iter().find(|m| m.name == first);
    let names: Vec<String> = missing.iter().map(|n| format!("`{n}`")).collect();
    let diagnostic = at("missing-instance-method", place, text)
        .here(format!("no default for {}", names.join(", ")))
        .help(format!("add `(defn {first} [...] ...)` to the instance for {head}"));
    match method {
        Some(method) => diagnostic.label(method.span, "the interface asks for it here"),
        None => diagnostic,
    }
}

pub(crate) fn sig_without_definition(place: Place, name: Name, near: Option<&str>) -> Diagnostic {
    let name = clip(name.as_str());
    let text = format!("the signature of `{name}` has no definition");
    let diagnostic = at("sig-without-definition", place, text);
    match near {
        Some(_) => did_you_mean(diagnostic, place, near),
        None => {
            diagnostic.help(format!("define it: `(defn {name} [...] ...)`, or remove the `sig`"))
        }
    }
}

pub(crate) fn derive_unknown(place: Place, name: Name) -> Diagnostic {
    let name = clip(name.as_str());
    at("cannot-derive", place, format!("`{name}` cannot be derived"))
        .help("write `(implement …)`; derived are Eq, Ord, Show, Hash and Serialize")
}

pub(crate) fn derive_needs(place: Place, name: Name, needed: Name, ty: Name) -> Diagnostic {
    let ty = clip(ty.as_str());
    at("cannot-derive", place, format!("`{name}` needs `{needed}`, which `{ty}` lacks"))
        .help(format!("derive both: `:deriving [{needed} {name}]`"))
}

pub(crate) fn derive_lacks(place: Place, name: Name) -> Diagnostic {
    at("cannot-derive", place, format!("the library in use cannot derive `{name}`"))
        .help("check `ECLEXIA_STDLIB_PATH`: its `std.core` lacks what the derived code calls")
}
