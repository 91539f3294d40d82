//! Random well-typed programs: some functions of random types that call those before them, and a
//! function `caseN` that prints what each gives for some arguments. Several programs stand in one
//! file (`file`), so that one executable has them all.
//!
//! Values stay small (products are taken modulo a prime, texts and lists are cut), recursion is
//! counted down. Faults are wrought in on purpose, where they are asked for.

use super::types::{OPENING, Ty, list};
use eclexia_rt::effects::SplitMix64;
use std::fmt::Write as _;

struct Function {
    name: String,
    params: Vec<Ty>,
    result: Ty,
}

pub struct Generator {
    random: SplitMix64,
    seed: u64,
    functions: Vec<Function>,
    /// Whether there are runs inside of the run.
    has_runs: bool,
    /// How many more faults may be wrought in.
    pub(super) faults: u32,
    fresh: u32,
}

/// Variables in scope.
pub type Env = Vec<(String, Ty)>;

/// A file with the programs of these seeds; `main` runs the one whose number it is given.
pub fn file(seeds: &[u64], functions: usize, faults: u32, has_runs: bool) -> String {
    let mut text = String::from(OPENING);
    for seed in seeds {
        text.push_str(&Generator::new(*seed, faults, has_runs).program(functions));
    }
    text.push_str("(defn main [world]\n  (match (vector/at (.args world) 0)\n");
    for seed in seeds {
        let _ = writeln!(text, "    [\"{seed}\" (case{seed})]");
    }
    text.push_str("    [_ unit]))\n");
    text
}

impl Generator {
    fn new(seed: u64, faults: u32, has_runs: bool) -> Generator {
        Generator {
            random: SplitMix64(seed),
            seed,
            functions: Vec::new(),
            has_runs,
            faults,
            fresh: 0,
        }
    }

    /// So many functions, each printed for two arguments.
    fn program(&mut self, functions: usize) -> String {
        let mut text = String::new();
        while self.functions.len() < functions {
            let (made, more) = self.functions_at(self.functions.len());
            text.push_str(&made);
            self.functions.extend(more);
        }
        let _ = write!(text, "(defn case{} []\n  (do\n", self.seed);
        for at in 0..self.functions.len() {
            for _ in 0..2 {
                let params = self.functions[at].params.clone();
                let args = self.args(&params, 2, &Env::new());
                let name = self.functions[at].name.clone();
                let _ = writeln!(text, "    (print \"{name} = \" ({name} {args}))");
            }
        }
        text.push_str("    unit))\n");
        text
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.random.next_u64() % n
    }

    pub fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }

    pub fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    fn args(&mut self, params: &[Ty], depth: u32, env: &Env) -> String {
        let args: Vec<String> = params.iter().map(|ty| self.expr(ty, depth, env)).collect();
        args.join(" ")
    }

    /// A function, or two that call each other.
    fn functions_at(&mut self, at: usize) -> (String, Vec<Function>) {
        let result = self.data(2);
        let mut params: Vec<Ty> = (0..1 + self.below(3)).map(|_| self.ty(2)).collect();
        let kind = self.below(8);
        match kind {
            0..=3 => params[0] = Ty::Int,
            4 => params[0] = list(self.ty(1)),
            _ => {}
        }
        let function = |at: usize, seed: u64| Function {
            name: format!("f{seed}x{at}"),
            params: params.clone(),
            result: result.clone(),
        };
        let first = function(at, self.seed);
        if kind == 0 {
            let second = function(at + 1, self.seed);
            let text = self.counted_down(&first, &second.name, false);
            let text = text + &self.counted_down(&second, &first.name, false);
            return (text, vec![first, second]);
        }
        let text = match kind {
            1 => self.counted_down(&first, &first.name.clone(), false),
            2 | 3 => self.counted_down(&first, &first.name.clone(), true),
            4 => self.over_list(&first),
            _ => {
                let (env, head) = self.head(&first);
                head + &format!("  {})\n", self.expr(&result, 4, &env))
            }
        };
        (text, vec![first])
    }

    /// Signature and name of a function, with fresh parameters.
    fn head(&mut self, of: &Function) -> (Env, String) {
        let env: Env = of.params.iter().map(|ty| (self.name("p"), ty.clone())).collect();
        let types: Vec<String> = of.params.iter().map(Ty::written).collect();
        let names: Vec<&str> = env.iter().map(|(name, _)| name.as_str()).collect();
        let (name, result) = (&of.name, of.result.written());
        let (types, names) = (types.join(" "), names.join(" "));
        (env, format!("(sig {name} (Fn [{types}] {result}))\n(defn {name} [{names}]\n"))
    }

    /// Calls `next` with one less, in tail position or not.
    fn counted_down(&mut self, of: &Function, next: &str, is_tail: bool) -> String {
        let (env, head) = self.head(of);
        let first = &env[0].0;
        let base = self.expr(&of.result, 2, &env);
        let rest = self.args(&of.params[1..], if is_tail { 3 } else { 1 }, &env);
        let again = format!("({next} (- (mod {first} 12) 1) {rest})");
        let step = if is_tail {
            again
        } else {
            let inner = self.name("r");
            let mut env = env.clone();
            env.push((inner.clone(), of.result.clone()));
            format!("(let [{inner} {again}] {})", self.expr(&of.result, 3, &env))
        };
        head + &format!("  (if (<= (mod {first} 12) 0) {base} {step}))\n")
    }

    /// Recurs over a list; where it gives a list too, inside of a constructor.
    fn over_list(&mut self, of: &Function) -> String {
        let (env, head) = self.head(of);
        let (Ty::List(item), list) = (&of.params[0], &env[0].0) else { return head };
        let base = self.expr(&of.result, 2, &env);
        let (x, rest, r) = (self.name("x"), self.name("rest"), self.name("r"));
        let mut inner = env[1..].to_vec();
        inner.push((x.clone(), (**item).clone()));
        let more = self.args(&of.params[1..], 1, &inner);
        let again = format!("({} {rest} {more})", of.name);
        let step = if let Ty::List(made) = &of.result {
            format!("(Cons {} {again})", self.expr(made, 2, &inner))
        } else {
            inner.push((r.clone(), of.result.clone()));
            format!("(let [{r} {again}] {})", self.expr(&of.result, 3, &inner))
        };
        head + &format!("  (match (list/take 9 {list}) [Nil {base}] [(Cons {x} {rest}) {step}]))\n")
    }

    pub fn expr(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let known: Vec<&String> = env.iter().filter(|(_, t)| t == ty).map(|(n, _)| n).collect();
        if !known.is_empty() && self.below(if depth == 0 { 1 } else { 3 }) == 0 {
            let at = self.below(known.len() as u64) as usize;
            return known[at].clone();
        }
        if depth == 0 {
            return self.leaf(ty);
        }
        match self.below(14) {
            0 => {
                let cond = self.expr(&Ty::Bool, depth - 1, env);
                let (a, b) = (self.expr(ty, depth - 1, env), self.expr(ty, depth - 1, env));
                format!("(if {cond} {a} {b})")
            }
            1 => self.binding(ty, depth, env),
            2 | 3 => self.matching(ty, depth, env),
            4 => self.call(ty, depth, env),
            5 => self.aliased(ty, depth, env),
            6 => self.looped(ty, depth, env),
            7 => self.applied(ty, depth, env),
            8 => self.effect(ty, depth, env),
            _ => self.made(ty, depth - 1, env),
        }
    }

    fn binding(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let bound = self.ty(2);
        let value = self.expr(&bound, depth - 1, env);
        let name = self.name("v");
        let mut env = env.clone();
        env.push((name.clone(), bound));
        format!("(let [{name} {value}] {})", self.expr(ty, depth - 1, &env))
    }

    /// A value, another made of it by a change, and both at hand in what follows.
    fn aliased(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let item = self.ty(1);
        let of = match self.below(4) {
            0 => Ty::Map(Box::new(Ty::Int), Box::new(item)),
            1 => self.pick(&[Ty::Point, Ty::Frame, Ty::Wide]),
            2 => Ty::Set(Box::new(Ty::Text)),
            _ => Ty::Vector(Box::new(item)),
        };
        let (value, old, new) = (self.expr(&of, depth - 1, env), self.name("v"), self.name("w"));
        let mut inner = env.clone();
        inner.push((old.clone(), of.clone()));
        let changed = self.changed(&of, &old, depth - 1, &inner);
        inner.push((new.clone(), of));
        let body = self.expr(ty, depth - 1, &inner);
        format!("(let [{old} {value} {new} {changed}] {body})")
    }

    /// A loop with several accumulators, the last of which is the result.
    fn looped(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let (i, d) = (self.name("i"), depth - 1);
        let count = self.expr(&Ty::Int, d.min(1), env);
        let types: Vec<Ty> = (0..self.below(3)).map(|_| self.ty(1)).collect();
        let mut inner = env.clone();
        inner.push((i.clone(), Ty::Int));
        let (mut begin, mut names) = (format!("{i} (mod {count} 7)"), Vec::new());
        for of in types.iter().chain([ty]) {
            let name = self.name("acc");
            let _ = write!(begin, " {name} {}", self.expr(of, d.min(2), env));
            inner.push((name.clone(), of.clone()));
            names.push(name);
        }
        let next = self.args(&types, d.min(2), &inner);
        let last = self.expr(ty, d, &inner);
        let result = names.last().cloned().unwrap_or_default();
        format!("(loop [{begin}] (if (<= {i} 0) {result} (recur (- {i} 1) {next} {last})))")
    }

    /// A function value, called at once.
    fn applied(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let mut known = env.iter().filter_map(|(name, of)| match of {
            Ty::Fun(from, to) if **to == *ty => Some((name.clone(), (**from).clone())),
            _ => None,
        });
        let found = known.next_back();
        if let Some((name, from)) = found {
            return format!("({name} {})", self.expr(&from, depth - 1, env));
        }
        let from = self.ty(1);
        let function = self.lambda(&from, ty, depth - 1, env);
        format!("({function} {})", self.expr(&from, depth - 1, env))
    }

    /// Printing on the way, a run inside, or a part of a vector at once.
    fn effect(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let d = depth - 1;
        let value = self.expr(ty, d, env);
        match if self.has_runs { self.below(4) } else { 3 * self.below(2) } {
            0 => {
                let shown = self.data(1);
                let shown = self.expr(&shown, d, env);
                format!("(do (print \"~ \" {shown}) {value})")
            }
            1 => {
                let (steps, x) = (self.pick(&["1e3", "2e2", "20", "5"]), self.name("x"));
                let other = self.expr(ty, d, env);
                format!(
                    "(match (with-budget {{:steps {steps}}} {value}) \
                     [(Ok {x}) {x}] [(Err _) {other}])"
                )
            }
            2 => {
                let (from, x) = (self.ty(1), self.name("x"));
                let items = self.expr(&Ty::Vector(Box::new(from.clone())), d, env);
                let f = self.lambda(&from, ty, d, env);
                format!(
                    "(let [{x} (par/map {f} (vector/take 3 {items}))] \
                     (either (vector/first {x}) {value}))"
                )
            }
            _ => format!(
                "(either (vector/last (vector/filter (fn [_] {}) [{value}])) {})",
                self.expr(&Ty::Bool, d, env),
                self.leaf(ty)
            ),
        }
    }

    pub fn lambda(&mut self, from: &Ty, to: &Ty, depth: u32, env: &Env) -> String {
        let param = self.name("k");
        let mut inner = env.clone();
        inner.push((param.clone(), from.clone()));
        format!("(fn [{param}] {})", self.expr(to, depth, &inner))
    }

    /// A call of a function before this one.
    fn call(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let fitting: Vec<usize> =
            (0..self.functions.len()).filter(|at| self.functions[*at].result == *ty).collect();
        if fitting.is_empty() {
            return self.made(ty, depth - 1, env);
        }
        let at = self.pick(&fitting);
        let params = self.functions[at].params.clone();
        let args = self.args(&params, depth - 1, env);
        format!("({} {args})", self.functions[at].name)
    }
}
