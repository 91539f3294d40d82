//! Every question at every offset of broken programs has an answer: whole programs, cut short,
//! with brackets taken out.

use crate::page::analyse;
use eclexia_base::{FileId, Span};
use eclexia_db::Analysis;

const PROGRAM: &str = "(import std.list :as l)
(defrecord Point {:x Float := 0.0 :y Float})
(deftype (Tree a) Leaf (Node a (Tree a)))
(defmacro (unless c body ...) (if c unit (do body ... unit)))
(sig norm (Fn [Point] Float))
(defn norm \"Length.\" [{:x x :y y}] (let [d (+ (* x x) (* y y))] (-> d (* 2.0))))
(defn depth [t] (match t [Leaf 0] [(Node _ r) (+ 1 (depth r))]))
(def size 512MiB)
(implement (Show Point) (defn show [p] (str (.x p))))
(deftest \"ü\" (unless false (check (= (l/length (list 1)) 1))))
";

fn ask_everything(analysis: &Analysis, file: FileId, at: u32) {
    let _ = eclexia_ide::hover(analysis, file, at);
    let _ = eclexia_ide::definition(analysis, file, at);
    let _ = eclexia_ide::type_definition(analysis, file, at);
    let _ = eclexia_ide::implementations(analysis, file, at);
    let _ = eclexia_ide::references(analysis, file, at);
    let _ = eclexia_ide::highlight(analysis, file, at);
    let _ = eclexia_ide::rename(analysis, file, at, "other");
    let _ = eclexia_ide::selections(analysis, file, at);
    let _ = eclexia_ide::callable(analysis, file, at);
    let _ = eclexia_ide::complete(analysis, file, at);
    let _ = eclexia_ide::signatures(analysis, file, at);
    let lints = eclexia_ide::lints(analysis, file);
    let _ = eclexia_ide::fix_all(&lints, file);
    let _ = eclexia_ide::actions(analysis, Span::new(file, at, at), &lints);
    let _ = eclexia_ide::actions(analysis, Span::new(file, at / 2, at), &lints);
}

fn ask_of_file(analysis: &Analysis, file: FileId) {
    let text = analysis.sources.text(file);
    let whole = Span::new(file, 0, text.len() as u32);
    let tokens = eclexia_ide::tokens(analysis, file);
    let mut ends = tokens.windows(2).map(|pair| (pair[0].span.end, pair[1].span.start));
    assert!(ends.all(|(end, start)| end <= start), "tokens overlap in {text}");
    let _ = eclexia_ide::document_symbols(analysis, file);
    let _ = eclexia_ide::folds(analysis, file);
    let _ = eclexia_ide::links(analysis, file);
    let _ = eclexia_ide::type_hints(analysis, whole);
}

fn ask(text: &str) {
    let files = [("main".to_owned(), "main.ecl".to_owned(), text.to_owned())];
    let analysis = analyse(&files);
    let file = analysis.file("main.ecl").expect("the file was read");
    for at in (0..=text.len() as u32 + 1).step_by(3) {
        ask_everything(&analysis, file, at);
    }
    ask_of_file(&analysis, file);
}

#[test]
fn a_program_cut_short_is_answered() {
    for at in (0..PROGRAM.len()).step_by(97).filter(|at| PROGRAM.is_char_boundary(*at)) {
        ask(&PROGRAM[..at]);
    }
}

#[test]
fn a_program_without_some_of_its_brackets_is_answered() {
    let brackets: Vec<usize> =
        PROGRAM.char_indices().filter(|(_, c)| "()[]{}".contains(*c)).map(|(at, _)| at).collect();
    for at in brackets.iter().step_by(17) {
        let mut text = PROGRAM.to_owned();
        text.replace_range(*at..at + 1, " ");
        ask(&text);
    }
}

/// Examples with some bytes changed, from a fixed seed.
#[test]
fn an_example_with_random_edits_is_answered() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    const PIECES: [&str; 10] = ["(", ")", "[", "{", "", " x ", ":", "\"", ".", "5"];
    for (_, mut text) in crate::properties::examples().into_iter().filter(|(_, t)| t.len() < 8000) {
        for _ in 0..3 {
            let from = text.floor_char_boundary(next(text.len()));
            let to = text.floor_char_boundary((from + next(12)).min(text.len())).max(from);
            text.replace_range(from..to, PIECES[next(PIECES.len())]);
        }
        let files = [("main".to_owned(), "main.ecl".to_owned(), text.clone())];
        let analysis = analyse(&files);
        let file = analysis.file("main.ecl").expect("the file was read");
        for at in (0..text.len() as u32).step_by(61) {
            ask_everything(&analysis, file, at);
        }
        ask_of_file(&analysis, file);
    }
}
