//! Whatever a program looks like, resolving it ends, reports, and leaves a sound [`Program`].

#![expect(clippy::disallowed_methods, reason = "reads its cases")]

#[allow(dead_code, reason = "only parts of the result are looked at")]
mod common;

use eclexia_core::verify::verify;

/// A small generator with a fixed seed: the same programs on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

/// Words, brackets and strings of a text.
fn words(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in text.chars() {
        if "()[]{}".contains(c) || c.is_whitespace() {
            out.push(c.to_string());
            out.push(String::new());
        } else if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.retain(|w| !w.is_empty());
    out
}

#[test]
fn mutated_programs_never_panic_and_stay_sound() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
    let mut texts = Vec::new();
    for name in ["hygiene", "modules", "names", "forms"] {
        let page = std::fs::read_to_string(format!("{folder}/{name}.md")).expect("a case file");
        texts.extend(
            page.split("```ecl\n")
                .skip(1)
                .map(|block| words(block.split("\n```").next().unwrap_or_default())),
        );
    }
    let all: Vec<String> = texts.concat();
    let mut random = Random(7);
    for round in 0..400 {
        let mut text = texts[round % texts.len()].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(text.len());
            match random.below(4) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, all[random.below(all.len())].clone()),
                2 => text[at].clone_from(&all[random.below(all.len())]),
                _ => {
                    let other = random.below(text.len());
                    text.swap(at, other);
                }
            }
            if text.is_empty() {
                break;
            }
        }
        let text = text.concat();
        let run = common::run(&text, &[]);
        let problems = verify(&run.program);
        assert!(problems.is_empty(), "{problems:?} in\n{text}");
    }
}

/// The codes that a text gives, on a stack of four megabytes: half of what a process starts with.
fn codes(text: &str) -> Vec<&'static str> {
    let text = text.to_owned();
    let find = move || common::run(&text, &[]).found.iter().map(|d| d.code).collect();
    let thread = std::thread::Builder::new().stack_size(4 << 20).spawn(find);
    thread.expect("a thread").join().expect("no panic")
}

#[test]
fn deep_programs_are_refused_not_crashed_on() {
    let sum = format!("(def x (+ {}))", "1 ".repeat(5000));
    assert_eq!(codes(&sum), ["expression-too-deep"]);
    let again = "(defmacro (again x) (again x))\n(def y (again 1))";
    assert_eq!(codes(again), ["macro-too-deep"]);
    let steps = format!("(defn f [x] (-> x {}))", "f ".repeat(5000));
    assert_eq!(codes(&steps), ["expression-too-deep"]);
    let bindings = format!("(defn f [x] (let [{}] x))", "x x ".repeat(5000));
    assert_eq!(codes(&bindings), ["expression-too-deep"]);
    let cond = format!("(defn f [x] (cond {}))", "x 1 ".repeat(5000));
    assert_eq!(codes(&cond), ["expression-too-deep"]);
    let nested = format!("(defn f [x] {}x{})", "(f (do ".repeat(240), "))".repeat(240));
    assert_eq!(codes(&nested), [""; 0]);
    let vector = format!("(def x [{}])", "1 ".repeat(100_000));
    assert_eq!(codes(&vector), [""; 0]);
}

#[test]
fn long_lists_are_fine() {
    let list = format!("(def x (list {}))", "1 ".repeat(100_000));
    assert_eq!(codes(&list), [""; 0]);
}

#[test]
fn a_macro_that_grows_is_stopped() {
    let doubling = "(defmacro (m x ...) (m x ... x ...))\n(def y (m 1))";
    assert_eq!(codes(doubling), ["macro-too-large"]);
    let wrapping = "(defmacro (m p) (m (Some p)))\n(def y (m 1))";
    assert_eq!(codes(wrapping), ["macro-too-large"]);
    let definitions = "(defmacro (m n) (do (def n 1) (m n)))\n(m a)";
    let found = codes(definitions);
    assert!(found.contains(&"macro-too-deep"), "{found:?}");
}
