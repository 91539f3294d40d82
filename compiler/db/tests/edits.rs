//! Whatever is edited in whatever order, what is known is what one would know from nothing.
//!
//! `ECLEXIA_EDITS=10000 cargo test -p eclexia-db --test edits` for a long run.

use eclexia_db::library::Embedded;
use eclexia_db::{Analysis, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const FILES: [(&str, &str); 6] = [
    (
        "units",
        "(module units :exports [Price price doubled])\n\
         (defrecord Price {:amount Int :name String})\n\
         (sig price (Fn [Int] Price))\n(defn price [n] (Price {:amount n :name \"p\"}))\n\
         (defn doubled [p] (with-fields p {:amount (* 2 (.amount p))}))\n",
    ),
    (
        "stock",
        "(import units :only [price doubled])\n(import std.list)\n\
         (defn many [n] (list/map price (list/range 0 n)))\n\
         (defmacro (twice x) (do x x))\n(defn both [x] (twice (doubled (price x))))\n",
    ),
    (
        "shop",
        "(import stock :as s)\n(import units)\n\
         (defn total [n] (list/sum-by (fn [p] (.amount p)) (s/many n)))\n\
         (deftype Colour Red Green (Other Int))\n\
         (defn shade [c] (match c [Red 1] [Green 2] [(Other n) n]))\n\
         (defn again [x] (s/twice (str x)))\n",
    ),
    (
        "costs",
        "(import units)\n(defn even [n] (if (= n 0) true (odd (- n 1))))\n\
         (defn odd [n] (if (= n 0) false (even (- n 1))))\n(def three (units/price 3))\n",
    ),
    ("apart", "(defn alone [x] (+ x 1))\n(deftest \"one\" (check (= (alone 0) 1)))\n"),
    (
        "main",
        "(import shop)\n(import costs)\n(defn main [world]\n  \
         (print (shop/total 3) (costs/even 4) (.name costs/three)))\n",
    ),
];

/// What is typed: most of it breaks something.
const TYPED: [&str; 19] = [
    "(",
    ")",
    "]",
    " ",
    "x",
    "\n",
    "\"",
    "1",
    "price",
    "(defn g [y] y)\n",
    "(import units)\n",
    "(import costs)\n",
    "(import nothing)\n",
    "{",
    ":amount",
    ".",
    "(def z (total 1))\n",
    "; a\n",
    "(str 1)",
];

struct Numbers(u64);

impl Numbers {
    /// Less than `n`: xorshift (Marsaglia 2003).
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n.max(1)
    }
}

fn set(workspace: &mut Workspace, module: &str, text: &str) {
    workspace.set(module, &format!("{module}.ecl"), Arc::from(text));
}

/// Messages with their places, types of definitions, names in scope: by the names of files.
fn said(analysis: &Analysis) -> BTreeSet<String> {
    let place = |span: eclexia_base::Span| {
        format!("{}:{:?}", analysis.sources.name(span.file), span.range())
    };
    let mut all: BTreeSet<String> = analysis
        .found
        .iter()
        .map(|d| {
            let at = d.primary.as_ref().map(|l| (place(l.span), l.text.clone()));
            let labels: Vec<_> = d.labels.iter().map(|l| (place(l.span), &l.text)).collect();
            format!("{} {} {at:?} {labels:?} {:?} {:?}", d.code, d.message, d.notes, d.help)
        })
        .collect();
    let program = &analysis.program;
    for (file, module) in &analysis.modules {
        let name = analysis.sources.name(*file);
        for def in &program.modules[*module].defs {
            let ty = eclexia_check::show_scheme(program, &analysis.typed.scheme(*def));
            let def = &program.defs[*def];
            all.insert(format!("{name} {} {ty} {}", def.name, place(def.span)));
        }
        let scope: BTreeSet<String> =
            program.modules[*module].scope.keys().map(ToString::to_string).collect();
        all.insert(format!("{name} sees {scope:?}"));
    }
    all
}

/// What this process holds, in kB; none where the system does not say.
#[expect(clippy::disallowed_methods, reason = "the system tells it by a file")]
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn edited(text: &str, numbers: &mut Numbers) -> String {
    let mut text: Vec<char> = text.chars().collect();
    let at = numbers.below(text.len() + 1);
    let end = text.len().min(at + numbers.below(12));
    let typed = TYPED[numbers.below(TYPED.len())].chars();
    match numbers.below(3) {
        0 => drop(text.splice(at..end, typed)),
        1 => drop(text.splice(at..at, typed)),
        _ => drop(text.drain(at..end)),
    }
    text.into_iter().collect()
}

#[expect(clippy::disallowed_methods, reason = "how many are tried is a setting")]
#[test]
fn what_is_known_after_edits_is_what_is_known_from_nothing() {
    let rounds = std::env::var("ECLEXIA_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(120);
    let mut numbers = Numbers(20_261_201);
    let mut texts: BTreeMap<&str, String> =
        FILES.iter().map(|(module, text)| (*module, (*text).to_owned())).collect();
    let mut workspace = Workspace::new(Box::new(Embedded));
    for (module, text) in &texts {
        set(&mut workspace, module, text);
    }
    assert!(workspace.analysis().found.is_empty(), "{:?}", workspace.analysis().found);
    let (mut module, mut broken, mut settled) = (FILES[0].0, 0, None);
    for round in 0..rounds {
        if numbers.below(4) == 0 {
            module = FILES[numbers.below(FILES.len())].0;
        }
        // Half of the time the file is whole again.
        let whole = FILES.iter().find(|file| file.0 == module).map_or("", |file| file.1);
        let text = if numbers.below(2) == 0 {
            whole.to_owned()
        } else {
            edited(&texts[module], &mut numbers)
        };
        texts.insert(module, text);
        if numbers.below(40) == 0 {
            workspace.remove(module);
            workspace.analysis();
        }
        set(&mut workspace, module, &texts[module]);
        let known = workspace.analysis();
        let mut fresh = Workspace::new(Box::new(Embedded));
        for (module, text) in &texts {
            set(&mut fresh, module, text);
        }
        let (known_now, anew) = (said(&known), said(&fresh.analysis()));
        let differ: Vec<_> = known_now.symmetric_difference(&anew).collect();
        assert!(differ.is_empty(), "round {round}: {module}\n{texts:#?}\n{differ:#?}");
        broken += usize::from(!known.found.is_empty());
        if round == 1_000 {
            settled = memory();
        }
    }
    // What is kept does not grow: after the first thousand by less than a tenth.
    if let (Some(settled), Some(at_end)) = (settled, memory()) {
        assert!(at_end * 10 < settled * 11, "{settled} kB after 1,000 edits, {at_end} at the end");
    }
    assert!(broken > rounds / 4 && broken < rounds, "{broken} of {rounds}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_text() {
    let mut workspace = Workspace::new(Box::new(Embedded));
    for text in ["\u{feff}(def x 1)", "(def x 2)", "\u{feff}(def x 3)"] {
        set(&mut workspace, "apart", text);
        let known = workspace.analysis();
        assert!(known.found.is_empty(), "{:?}", known.found);
        let file = known.file("apart.ecl").expect("it is there");
        assert_eq!(known.sources.text(file), text.trim_start_matches('\u{feff}'));
    }
}

#[test]
fn what_an_edit_does_not_change_is_not_checked_again() {
    let mut workspace = Workspace::new(Box::new(Embedded));
    for (module, text) in FILES {
        set(&mut workspace, module, text);
    }
    workspace.analysis();
    assert_eq!(workspace.ran().len(), FILES.len(), "{:?}", workspace.ran());
    let (units, text) = FILES[0];
    let mut edit = |text: &str| -> Vec<String> {
        set(&mut workspace, units, text);
        workspace.analysis();
        workspace.ran().to_vec()
    };
    edit(&text.replace("* 2", "* 3"));
    // A body, a comment, a body that is broken: the types are the same, nobody else is looked at.
    assert_eq!(edit(&text.replace("* 2", "* 4")), ["units"]);
    assert_eq!(edit(&format!("; said\n{text}")), ["units"]);
    assert_eq!(edit(&text.replace("{:amount n", "{:amount \"n\"")), ["units"]);
    // A call of a macro more, before a module that calls some.
    assert_eq!(edit(&text.replace("* 2 (.amount p)", "* 2 (do (str 1) 2)")), ["units"]);
    assert_eq!(edit(text), ["units"]);
    // A type, an export, a field: all that depend on it, and not `apart`.
    let all = ["units", "costs", "stock", "shop", "main"];
    for (old, new) in [
        ("[p] (with-fields p {:amount (* 2 (.amount p))})", "[p] 3"),
        (" doubled])", "])"),
        ("{:amount Int :name String}", "{:amount Int :name String :more Int}"),
    ] {
        let mut ran = edit(&text.replace(old, new));
        ran.sort_by_key(|module| all.iter().position(|m| m == module));
        assert_eq!(ran, all, "{new}");
        edit(text);
    }
    // Nothing was edited.
    assert!(edit(text).len() <= 1);
}

#[test]
fn of_an_edited_file_only_what_an_edit_changes_is_checked_again() {
    let mut workspace = Workspace::new(Box::new(Embedded));
    let text = "(defn a [x] (+ x 1))\n(defn b [x] (a (the Int x)))\n\
        (sig c (Fn [Int] String))\n(defn c [x] (str (+ x 1)))\n\
        (def limit 3)\n(defn d [] (+ limit 1))\n(sig e (Fn [Int] Int))\n(defn e [x] (d))\n\
        (defn f [n] (if (= n 0) 0 (g n)))\n(defn g [n] (f (- n 1)))\n\
        (defn h [x] (str x))\n(deftest \"t\" (check (= \"2\" (c 1))))\n";
    let mut edit = |old: &str, new: &str| -> Vec<String> {
        assert!(text.contains(old), "{old}");
        set(&mut workspace, "apart", &text.replacen(old, new, 1));
        workspace.analysis();
        workspace.checked().to_vec()
    };
    edit("", "");
    // What came from the library with the file is in the base from here on.
    edit("", "");
    for (old, new, checked) in [
        ("", "; all moves\n", &[][..]),
        ("(+ x 1)", "(+ x 2)", &["a"]),
        ("(+ x 1)", "(+ x 1)", &["a"]),
        // Another type: whoever mentions it.
        ("(+ x 1)", "(str x)", &["a", "b"]),
        ("(+ x 1)", "(+ x 1)", &["a", "b"]),
        // Something unknown, something mistyped: no more than itself is looked at again.
        ("(str (+ x 1))", "(str (+ y 1))", &["c"]),
        ("(str (+ x 1))", "(str (+ x \"\"))", &["c"]),
        ("(str (+ x 1))", "(str (+ x 1))", &["c"]),
        // An amount, which budgets may know.
        ("limit 3", "limit 4", &["limit", "d"]),
        ("limit 3", "limit 3", &["limit", "d"]),
        // A signature is what others see, and not the body.
        ("e [x] (d)", "e [x] (+ x (d))", &["e"]),
        ("(Fn [Int] Int)", "(Fn [Int] Float)", &["e"]),
        ("(Fn [Int] Int)", "(Fn [Int] Int)", &["e"]),
        // Those that need each other are one.
        ("(if (= n 0) 0", "(if (= n 0) 1", &["f", "g"]),
    ] {
        assert_eq!(edit(old, new), checked, "{new}");
    }
}

#[test]
fn what_a_function_that_is_not_checked_again_owes_is_told_of_where_it_is() {
    let mut workspace = Workspace::new(Box::new(Embedded));
    let text = "(deftype Door :linear (Door Int))\n(defn twice [x] [x x])\n\
        (defn two [] (twice (Door 1)))\n";
    for before in ["", "", "; all\n; moves\n"] {
        let text = format!("{before}{text}");
        set(&mut workspace, "apart", &text);
        let known = workspace.analysis();
        let is_of_copy = |at: &eclexia_base::Span| &text[at.range()] == "x";
        let mut found = known.found.iter();
        let found = found.find(|d| d.code == "not-unrestricted").expect("it is linear");
        let labels: Vec<_> = found.labels.iter().map(|label| label.span).collect();
        let copies = labels.iter().filter(|at| is_of_copy(at)).count();
        assert!(copies > 0, "{:?}", labels.iter().map(|at| &text[at.range()]).collect::<Vec<_>>());
    }
    assert_eq!(workspace.checked(), ["two"]);
}
