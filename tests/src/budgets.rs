//! Budgets, random: sequences of `split`, `merge`, `spend` and `leave` are accepted exactly when
//! plain arithmetic over whole numbers says that nothing goes below zero, and what is accepted
//! holds at run time exactly what that arithmetic says.

use crate::program::{Form, compile_bytes, on_large_stack};
use eclexia_base::number::{int, ratio};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Amounts, Dim, Name};
use eclexia_rt::effects::SplitMix64;
use std::collections::BTreeMap;
use std::fmt::Write;

const FUNCTIONS: usize = 400;

/// Thousandths of a core, and MiB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Has {
    cpu: i64,
    memory: i64,
}

impl Has {
    fn text(self) -> String {
        let amounts = Amounts::new([
            (Name::new("cpu"), ratio(self.cpu, 1000), Dim::base("core")),
            (Name::new("memory"), int(self.memory) * int(1 << 20), Dim::base("byte")),
        ]);
        amounts.text(UnitTable::language())
    }

    fn minus(self, other: Has) -> Has {
        Has { cpu: self.cpu - other.cpu, memory: self.memory - other.memory }
    }

    fn covers(self, other: Has) -> bool {
        self.cpu >= other.cpu && self.memory >= other.memory
    }
}

/// A function of random operations, and what arithmetic says of it.
struct Function {
    text: String,
    is_accepted: bool,
    /// What the budgets that are left print, in order.
    prints: Vec<String>,
}

struct Writer {
    random: SplitMix64,
    text: String,
    live: Vec<(String, Has)>,
    names: usize,
}

impl Writer {
    fn below(&mut self, n: i64) -> i64 {
        (self.random.next_u64() % n.max(1).unsigned_abs()) as i64
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("b{}", self.names)
    }

    fn take(&mut self) -> (String, Has) {
        let at = self.below(self.live.len() as i64) as usize;
        self.live.remove(at)
    }

    /// Amounts in one of the ways to write them.
    fn amounts(&mut self, has: Has) -> String {
        let cpu = match self.below(3) {
            0 => format!("{}mcpu", has.cpu),
            1 => format!("{}.{:03}cpu", has.cpu / 1000, has.cpu % 1000),
            _ => format!("(+ {}mcpu 1mcpu)", has.cpu - 1),
        };
        let memory = match self.below(2) {
            0 => format!("{}MiB", has.memory),
            _ => format!("{}KiB", has.memory * 1024),
        };
        match has {
            Has { memory: 0, .. } if self.below(2) == 0 => format!("{{:cpu {cpu}}}"),
            _ => format!("{{:memory {memory} :cpu {cpu}}}"),
        }
    }

    /// An amount to take: mostly at most what is there, often exactly that, sometimes just more.
    fn wanted(&mut self, of: Has) -> Has {
        let part = |writer: &mut Writer, has: i64| match writer.below(10) {
            0..=1 => has,
            2 if writer.below(4) == 0 => has + 1,
            _ => writer.below(has + 1),
        };
        Has { cpu: part(self, of.cpu), memory: part(self, of.memory) }
    }

    fn grant(&mut self) {
        let has = Has { cpu: self.below(8000), memory: self.below(4096) };
        let (name, amounts) = (self.name(), self.amounts(has));
        let _ = writeln!(self.text, "        {name} (budget treasury {amounts})");
        self.live.push((name, has));
    }

    /// One more line; false when it takes more than there is.
    fn step(&mut self) -> bool {
        match self.below(6) {
            0 => self.grant(),
            1 if self.live.len() > 1 => {
                let ((a, x), (b, y)) = (self.take(), self.take());
                let name = self.name();
                let _ = writeln!(self.text, "        {name} (merge {a} {b})");
                self.live.push((name, Has { cpu: x.cpu + y.cpu, memory: x.memory + y.memory }));
            }
            op => {
                let (of, has) = self.take();
                let wanted = self.wanted(has);
                let amounts = self.amounts(wanted);
                let (part, rest) = (self.name(), self.name());
                let _ = match op {
                    2 => writeln!(self.text, "        {part} (leave {of} {amounts})"),
                    3 => writeln!(self.text, "        {rest} (spend {of} {amounts})"),
                    _ => writeln!(self.text, "        (Pair {part} {rest}) (split {of} {amounts})"),
                };
                if op != 3 {
                    self.live.push((part, wanted));
                }
                if op != 2 {
                    self.live.push((rest, has.minus(wanted)));
                }
                return has.covers(wanted);
            }
        }
        true
    }
}

fn function(index: usize) -> Function {
    let random = SplitMix64(index as u64 + 20_251_121);
    let mut writer = Writer { random, text: String::new(), live: Vec::new(), names: 0 };
    let _ = writeln!(writer.text, "(defn f{index} [treasury]\n  (let [");
    writer.grant();
    let steps = 3 + writer.below(12);
    let is_accepted = (0..steps).all(|_| writer.live.is_empty() || writer.step());
    let _ = writeln!(writer.text, "        ]");
    let mut prints = Vec::new();
    for (name, has) in std::mem::take(&mut writer.live) {
        // What an overspent budget has left is not asked.
        if is_accepted {
            let _ = writeln!(writer.text, "    (print (amounts-of &{name}))");
            prints.push(has.text());
        }
        let _ = writeln!(writer.text, "    (release {name})");
    }
    let _ = writeln!(writer.text, "    unit))");
    Function { text: writer.text, is_accepted, prints }
}

/// `(f1 (f0 b))`, where every function asks for at least so much and takes at most that: accepted
/// exactly when what is left at each call is at least what it asks.
fn through_functions(index: usize) -> Function {
    let mut random = SplitMix64(index as u64 + 7);
    let mut below = |n: u64| (random.next_u64() % n) as i64;
    let has = below(12_000);
    let (mut text, mut call) = (String::new(), format!("(budget treasury {{:cpu {has}mcpu}})"));
    let (mut left, mut is_accepted) = (has, true);
    let is_inferred = below(2) == 0;
    let mut calls = Vec::new();
    for step in 0..1 + below(4) {
        let asks = below(5000);
        let takes = if below(4) == 0 { asks } else { below(asks.unsigned_abs() + 1) };
        let _ = writeln!(
            text,
            "(sig g{index}-{step}\n  (Fn [(Budget {{:cpu (at-least n {asks}mcpu)}})]\n      \
             (Budget {{:cpu (- n {takes}mcpu)}})))\n\
             (defn g{index}-{step} [b] (spend b {{:cpu {takes}mcpu}}))"
        );
        calls.push(format!("g{index}-{step}"));
        is_accepted &= left >= asks;
        left -= takes;
    }
    if is_inferred {
        let body = calls.iter().fold("b".to_owned(), |inner, f| format!("({f} {inner})"));
        let _ = writeln!(text, "(defn all{index} [b] {body})");
        calls = vec![format!("all{index}")];
    }
    for f in &calls {
        call = format!("({f} {call})");
    }
    let prints = vec![Has { cpu: left, memory: 0 }.text()];
    let shown = if is_accepted { "(print (amounts-of &left)) " } else { "" };
    let _ = writeln!(text, "(defn f{index} [treasury] (let [left {call}] {shown}(release left)))");
    Function { text, is_accepted, prints }
}

#[test]
fn random_functions_of_budgets_are_called_exactly_with_enough() {
    on_large_stack(|| {
        judge((0..FUNCTIONS).map(through_functions).collect(), "budget-insufficient")
    });
}

#[test]
fn random_budgets_are_accepted_exactly_when_nothing_goes_below_zero() {
    on_large_stack(|| judge((0..FUNCTIONS).map(function).collect(), "budget-overspent"));
}

/// The checker's verdict of each function is that of arithmetic, with this code.
fn judge(functions: Vec<Function>, code: &str) {
    let mut text = String::new();
    let mut lines = Vec::new();
    for function in &functions {
        lines.push(text.lines().count() + 1);
        text.push_str(&function.text);
    }
    let compiled = compile_bytes("random.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    let mut rejected = vec![0; functions.len()];
    for diagnostic in compiled.found.iter().filter(|d| d.is_error()) {
        assert_eq!(diagnostic.code, code, "{}", compiled.line(diagnostic));
        let at = lines.partition_point(|line| *line <= compiled.line_of(diagnostic)) - 1;
        rejected[at] += 1;
    }
    for (function, rejected) in functions.iter().zip(&rejected) {
        let wanted = usize::from(!function.is_accepted);
        assert_eq!(*rejected, wanted, "{}", function.text);
    }
    let accepted: Vec<&Function> = functions.iter().filter(|f| f.is_accepted).collect();
    assert!(accepted.len() > FUNCTIONS / 4 && accepted.len() < FUNCTIONS, "{}", accepted.len());
    run(&functions);
}

/// Runs what was accepted: nothing fails, and everything is what arithmetic says.
fn run(functions: &[Function]) {
    let mut text = String::new();
    let mut main = String::from("(defn main [world]\n");
    let mut expected = Vec::new();
    for (i, function) in functions.iter().enumerate().filter(|(_, f)| f.is_accepted) {
        text.push_str(&function.text);
        let _ = writeln!(main, "  (f{i} (.treasury world))");
        expected.extend(&function.prints);
    }
    let text = format!("{text}{main}  unit)\n");
    let mut compiled = compile_bytes("accepted.ecl", text.as_bytes(), BTreeMap::new(), Form::File);
    assert!(!compiled.has_errors(), "{}", compiled.lines());
    let (printed, failure) = compiled.main();
    assert!(failure.is_none(), "{}", failure.map_or(String::new(), |d| compiled.line(&d)));
    assert_eq!(printed.iter().collect::<Vec<_>>(), expected);
}
