//! The forms of the language, for people: how each is written, and what it does.

/// A form of the language.
pub struct Form {
    pub name: &'static str,
    pub shape: &'static str,
    pub doc: &'static str,
    /// What completion writes after the opening bracket: `$1` and so on are the places to fill in,
    /// `$0` the last. Empty: the name alone.
    pub snippet: &'static str,
}

/// How a form is written.
pub fn shape(name: &str) -> Option<&'static str> {
    form(name).map(|form| form.shape)
}

/// What a form does.
pub fn doc(name: &str) -> Option<&'static str> {
    form(name).map(|form| form.doc)
}

pub fn form(name: &str) -> Option<&'static Form> {
    EXPRESSIONS.iter().chain(DEFINITIONS).find(|form| form.name == name)
}

/// What a keyword does that belongs to a form.
pub fn option_doc(name: &str) -> Option<&'static str> {
    OPTIONS.iter().find(|(option, _)| *option == name).map(|(_, doc)| *doc)
}

/// Keywords that belong to forms.
pub const OPTIONS: &[(&str, &str)] = &[
    ("=", "The value of the field where none is given."),
    ("all", "Every name of the module is visible without a qualifier."),
    ("as", "The qualifier of the module's names."),
    ("cost", "What a call costs."),
    ("deriving", "Interfaces that the type implements part by part."),
    ("doc", "What the field is for."),
    ("exports", "The names that other modules may use; without it all."),
    ("extends", "Interfaces that a type has to implement as well."),
    ("from", "A function that makes the field's value of one of another type."),
    ("linear", "Each value is used exactly once."),
    ("metered", "The limits are measured while the function runs, and not proved."),
    ("only", "Names that are visible without a qualifier."),
    ("private", "Only this module makes values of the type and takes them apart."),
    ("release", "The function that takes the value when the body ends."),
    ("requires", "What a call may cost at most; it is proved."),
    ("trusted", "The limits are believed, and not proved."),
    ("when", "The arm or variant counts only where this holds."),
    ("where", "Interfaces that the variables of the type implement."),
];

/// Forms that are expressions.
pub const EXPRESSIONS: &[Form] = &[
    Form {
        name: "let",
        shape: "(let [name value …] body ...)",
        doc: "Binds names one after the other; each is visible to what follows it.",
        snippet: "let [${1:name} ${2:value}]\n  $0",
    },
    Form {
        name: "fn",
        shape: "(fn [a b] body ...)",
        doc: "A function without a name.",
        snippet: "fn [${1:x}] $0",
    },
    Form {
        name: "if",
        shape: "(if condition then else)",
        doc: "The one or the other; a condition is a `Bool`.",
        snippet: "if ${1:condition}\n  ${2:then}\n  ${0:else}",
    },
    Form {
        name: "cond",
        shape: "(cond test value … :else value)",
        doc: "The value of the first test that holds.",
        snippet: "cond ${1:test} ${2:value}\n      :else ${0:value}",
    },
    Form {
        name: "when",
        shape: "(when condition body ...)",
        doc: "The body where the condition holds, else `unit`.",
        snippet: "when ${1:condition}\n  $0",
    },
    Form {
        name: "and",
        shape: "(and a b ...)",
        doc: "Whether all hold; stops at the first that does not.",
        snippet: "",
    },
    Form {
        name: "or",
        shape: "(or a b ...)",
        doc: "Whether one holds; stops at the first that does.",
        snippet: "",
    },
    Form {
        name: "do",
        shape: "(do body ...)",
        doc: "One after the other; gives the value of the last.",
        snippet: "do\n  $0",
    },
    Form {
        name: "match",
        shape: "(match value [pattern body ...] [pattern :when guard body ...] …)",
        doc: "The body of the first pattern that fits; the patterns cover every value.",
        snippet: "match ${1:value}\n  [${2:pattern} $0]",
    },
    Form {
        name: "loop",
        shape: "(loop [name value …] body ...)",
        doc: "Names values that `recur` replaces.",
        snippet: "loop [${1:name} ${2:value}]\n  $0",
    },
    Form {
        name: "recur",
        shape: "(recur value ...)",
        doc: "Goes back to the `loop` or function around it with new values.",
        snippet: "",
    },
    Form {
        name: "for",
        shape: "(for [pattern items] body ...)",
        doc: "The body for each item of a list or vector, for effect.",
        snippet: "for [${1:item} ${2:items}]\n  $0",
    },
    Form {
        name: "times",
        shape: "(times [i n] body ...)",
        doc: "The body `n` times, with `i` from 0.",
        snippet: "times [${1:i} ${2:n}]\n  $0",
    },
    Form {
        name: "the",
        shape: "(the type value)",
        doc: "The value, which is of the type.",
        snippet: "the ${1:type} ${0:value}",
    },
    Form {
        name: "try",
        shape: "(try result)",
        doc: "What `Ok` holds; an `Err` is given by the function around it.",
        snippet: "",
    },
    Form {
        name: "return",
        shape: "(return value)",
        doc: "Leaves the function around it with a value.",
        snippet: "",
    },
    Form { name: "abort", shape: "(abort message)", doc: "Ends the program.", snippet: "" },
    Form {
        name: "with",
        shape: "(with [x (acquire) :release f] body ...)",
        doc: "A linear value that `f` takes when the body ends, however it ends.",
        snippet: "with [${1:x} ${2:(acquire)} :release ${3:f}]\n  $0",
    },
    Form {
        name: "borrow",
        shape: "(borrow [r x] body ...)",
        doc: "A reference to `x` for the body.",
        snippet: "borrow [${1:r} ${2:x}]\n  $0",
    },
    Form {
        name: "with-fields",
        shape: "(with-fields record {:field value …})",
        doc: "The record with other values in some fields.",
        snippet: "with-fields ${1:record} {:${2:field} ${0:value}}",
    },
    Form {
        name: "->",
        shape: "(-> value (f a) …)",
        doc: "The value as the first argument of each call in turn.",
        snippet: "-> ${1:value}\n    $0",
    },
    Form {
        name: "->>",
        shape: "(->> value (f a) …)",
        doc: "The value as the last argument of each call in turn.",
        snippet: "->> ${1:value}\n     $0",
    },
    Form {
        name: "as->",
        shape: "(as-> value name e1 e2 …)",
        doc: "Each value is `name` in the next.",
        snippet: "as-> ${1:value} ${2:name}\n  $0",
    },
    Form {
        name: "some->",
        shape: "(some-> option (f a) …)",
        doc: "As `->` while there is a value; every step gives an `Option`.",
        snippet: "some-> ${1:option}\n  $0",
    },
    Form {
        name: "cond->",
        shape: "(cond-> value test (f a) …)",
        doc: "The steps whose tests hold.",
        snippet: "cond-> ${1:value}\n  ${2:test} $0",
    },
];

/// Forms of the top level.
pub const DEFINITIONS: &[Form] = &[
    Form {
        name: "module",
        shape: "(module name :exports [a b])",
        doc: "The name of the file's module, and what others may name of it.",
        snippet: "module ${1:name}",
    },
    Form {
        name: "import",
        shape: "(import std.list :as l :only [map])",
        doc: "Another module under its last part, or under the name that `:as` gives; `:only` and \
              `:all` name what is visible without it.",
        snippet: "import ${0:module}",
    },
    Form {
        name: "def",
        shape: "(def name \"doc\" value)",
        doc: "A constant, evaluated when it is first needed.",
        snippet: "def ${1:name} ${0:value}",
    },
    Form {
        name: "defn",
        shape: "(defn name \"doc\" [a b] body ...)",
        doc: "A function.",
        snippet: "defn ${1:name} [${2:x}]\n  $0",
    },
    Form {
        name: "sig",
        shape: "(sig name type :where [(Eq a)])",
        doc: "The type of a definition.",
        snippet: "sig ${1:name} (Fn [${2:Int}] ${0:Int})",
    },
    Form {
        name: "deftype",
        shape: "(deftype (Name a) Ctor (Ctor type ...) ... :deriving [Eq])",
        doc: "A type by its constructors.",
        snippet: "deftype ${1:Name}\n  ${0:Constructor}",
    },
    Form {
        name: "defrecord",
        shape: "(defrecord Name {:field type := default ...} :deriving [Eq])",
        doc: "A type by its fields.",
        snippet: "defrecord ${1:Name}\n  {:${2:field} ${0:Int}}",
    },
    Form {
        name: "defalias",
        shape: "(defalias Name type)",
        doc: "Another name for a type.",
        snippet: "defalias ${1:Name} ${0:type}",
    },
    Form {
        name: "definterface",
        shape: "(definterface (Name a) (method (Fn [a] type)) ...)",
        doc: "Operations that types implement.",
        snippet: "definterface (${1:Name} a)\n  (${2:method} (Fn [a] ${0:Int}))",
    },
    Form {
        name: "implement",
        shape: "(implement (Show Point) (defn show [p] ...))",
        doc: "How a type does the operations of an interface.",
        snippet: "implement (${1:Show} ${2:Type})\n  (defn ${3:show} [${4:x}] $0)",
    },
    Form {
        name: "defmacro",
        shape: "(defmacro (name pattern ...) template)",
        doc: "A form by what it stands for.",
        snippet: "defmacro (${1:name} ${2:x}) $0",
    },
    Form {
        name: "deftest",
        shape: "(deftest \"what holds\" (check e))",
        doc: "Checks that `eclexia test` runs.",
        snippet: "deftest \"${1:what holds}\" (check $0)",
    },
    Form {
        name: "defdimension",
        shape: "(defdimension seats)",
        doc: "A dimension with its base unit.",
        snippet: "defdimension ${0:name}",
    },
    Form {
        name: "defunit",
        shape: "(defunit rack = 12 seats)",
        doc: "A unit by another one.",
        snippet: "defunit ${1:name} = ${2:12} ${0:unit}",
    },
    Form {
        name: "extern",
        shape: "(extern name type :cost {:energy 5J})",
        doc: "A function that is known by its type and cost only.",
        snippet: "extern ${1:name} (Fn [${2:Int}] ${3:Int}) :cost {$0}",
    },
    Form {
        name: "defadaptive",
        shape: "(defadaptive name [a] {:requires {…}} (variant \"v\" {…} body ...) …)",
        doc: "A function that chooses among its variants each time it is called.",
        snippet: "defadaptive ${1:name} [${2:x}] {}\n  (variant \"${3:name}\" {} $0)",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_language_is_told() {
        let library_only = ["builtin", "builtin-type"];
        let mut told: Vec<&str> =
            EXPRESSIONS.iter().chain(DEFINITIONS).map(|form| form.name).collect();
        told.sort_unstable();
        let words = eclexia_core::words::top_names().chain(eclexia_core::special_names());
        let mut known: Vec<&str> = words.filter(|name| !library_only.contains(name)).collect();
        known.sort_unstable();
        assert_eq!(told, known);
    }
}
