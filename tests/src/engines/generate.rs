//! Random well-typed programs. A program is a fixed opening (data types and generic functions),
//! some functions of random types that call those before them, and a `main` that prints what each
//! gives for some arguments.
//!
//! Values stay small (products are taken modulo a prime), recursion is counted down, so a program
//! ends; faults (division by zero, an index outside) are wrought in on purpose, rarely, where
//! `Options::faults` asks for them.

use eclexia_rt::effects::SplitMix64;
use std::fmt::Write as _;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    Float,
    Bool,
    Text,
    List,
    Vector,
    Floats,
    Option,
    Tree,
    Shape,
    Pair,
    Map,
    Record,
    Fun,
}

const ALL: [Ty; 14] = [
    Ty::Int,
    Ty::Float,
    Ty::Bool,
    Ty::Text,
    Ty::List,
    Ty::Vector,
    Ty::Floats,
    Ty::Option,
    Ty::Tree,
    Ty::Shape,
    Ty::Pair,
    Ty::Map,
    Ty::Record,
    Ty::Fun,
];

/// What every program begins with.
const OPENING: &str = r#"
(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)) :deriving [Show Eq])
(deftype Shape Dot (Circle Float) (Box Int Int) (Named String Shape) :deriving [Show Eq])
(defrecord Point {:x Int :y Float :name String} :deriving [Show Eq])

(defn grow [t n] (match t [Leaf (Node Leaf n Leaf)]
  [(Node l m r) (if (< n m) (Node (grow l n) m r) (Node l m (grow r n)))]))
(defn total [t] (match t [Leaf 0] [(Node l n r) (mod (+ (total l) n (total r)) 10007)]))
(defn mapped [f xs] (match xs [Nil Nil] [(Cons x rest) (Cons (f x) (mapped f rest))]))
(defn folded [f acc xs] (match xs [Nil acc] [(Cons x rest) (folded f (f acc x) rest)]))
(defn area [s] (match s [Dot 0.0] [(Circle r) (* 3.0 r)] [(Box a b) (float (mod (* a b) 1009))]
  [(Named _ inner) (+ 1.0 (area inner))]))
(defn small [n] (mod n 1009))
(defn either [o d] (match o [(Some x) x] [None d]))
(defn tried [v i] (let [x (try (option/ok-or (vector/get v i) "none"))] (Ok (+ x 1))))
(defn twice [f x] (f (f x)))
"#;

struct Function {
    name: String,
    params: Vec<Ty>,
    result: Ty,
}

pub struct Generator {
    random: SplitMix64,
    functions: Vec<Function>,
    /// How many more faults may be wrought in.
    faults: u32,
    fresh: u32,
}

type Env = Vec<(String, Ty)>;

impl Generator {
    pub fn new(seed: u64) -> Generator {
        Generator { random: SplitMix64(seed), functions: Vec::new(), faults: 0, fresh: 0 }
    }

    pub fn with_faults(mut self, faults: u32) -> Generator {
        self.faults = faults;
        self
    }

    /// A program with so many functions, each printed for two arguments.
    pub fn program(&mut self, functions: usize) -> String {
        let mut text = String::from(OPENING);
        for at in 0..functions {
            text.push_str(&self.function(at));
        }
        text.push_str("(defn main [_]\n  (do\n");
        for at in 0..functions {
            for _ in 0..2 {
                let params = self.functions[at].params.clone();
                let args = params.iter().map(|ty| self.expr(*ty, 2, &Env::new()));
                let args: Vec<String> = args.collect();
                let call = format!("({} {})", self.functions[at].name, args.join(" "));
                let shown = show(&call, self.functions[at].result);
                let _ = writeln!(text, "    (print \"f{at} = \" {shown})");
            }
        }
        text.push_str("    unit))\n");
        text
    }

    fn below(&mut self, n: u64) -> u64 {
        self.random.next_u64() % n
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn name(&mut self, prefix: &str) -> String {
        self.fresh += 1;
        format!("{prefix}{}", self.fresh)
    }

    /// One in three recurs: its first parameter is counted down.
    fn function(&mut self, at: usize) -> String {
        let name = format!("f{at}");
        let recurs = self.below(3) == 0;
        let mut params: Vec<Ty> = (0..1 + self.below(3)).map(|_| self.pick(&ALL)).collect();
        if recurs {
            params[0] = Ty::Int;
        }
        let result = self.pick(&ALL[..13]);
        let names: Vec<String> = (0..params.len()).map(|_| self.name("p")).collect();
        let env: Env = names.iter().cloned().zip(params.iter().copied()).collect();
        let body = if recurs {
            let base = self.expr(result, 2, &env);
            let rest: Vec<String> = params[1..].iter().map(|ty| self.expr(*ty, 1, &env)).collect();
            let again = format!("({name} (- (small {0}) 1) {1})", names[0], rest.join(" "));
            let inner = self.name("r");
            let mut env = env.clone();
            env.push((inner.clone(), result));
            let step = self.expr(result, 3, &env);
            let first = &names[0];
            format!("(if (<= (mod {first} 12) 0) {base} (let [{inner} {again}] {step}))")
        } else {
            self.expr(result, 4, &env)
        };
        let types: Vec<&str> = params.iter().map(|ty| written(*ty)).collect();
        let text = format!(
            "(sig {name} (Fn [{}] {}))\n(defn {name} [{}]\n  {body})\n",
            types.join(" "),
            written(result),
            names.join(" ")
        );
        self.functions.push(Function { name, params, result });
        text
    }

    fn expr(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let known: Vec<&String> = env.iter().filter(|(_, t)| *t == ty).map(|(n, _)| n).collect();
        if !known.is_empty() && self.below(if depth == 0 { 1 } else { 3 }) == 0 {
            let at = self.below(known.len() as u64) as usize;
            return known[at].clone();
        }
        if depth == 0 {
            return self.leaf(ty);
        }
        match self.below(8) {
            0 => self.conditional(ty, depth, env),
            1 => self.binding(ty, depth, env),
            2 => self.matching(ty, depth, env),
            3 => self.call(ty, depth, env),
            _ => self.made(ty, depth, env),
        }
    }

    fn leaf(&mut self, ty: Ty) -> String {
        let n = self.below(20);
        match ty {
            Ty::Int => format!("{}", n as i64 - 4),
            Ty::Float => format!("{n}.25"),
            Ty::Bool => ["true", "false"][(n % 2) as usize].to_owned(),
            Ty::Text => format!("\"t{n}\""),
            Ty::List => format!("(list {n} 2 {})", n / 2),
            Ty::Vector => format!("[{n} 1 {}]", n / 3),
            Ty::Floats => format!("[{n}.5 1.0]"),
            Ty::Option => {
                if n.is_multiple_of(2) {
                    "None".to_owned()
                } else {
                    format!("(Some {n})")
                }
            }
            Ty::Tree => format!("(grow Leaf {n})"),
            Ty::Shape => ["Dot", "(Circle 1.5)", "(Box 3 4)"][(n % 3) as usize].to_owned(),
            Ty::Pair => format!("(Pair {n} \"p\")"),
            Ty::Map => format!("{{{n} 1 2 {n}}}"),
            Ty::Record => format!("(Point {{:x {n} :y 0.5 :name \"n\"}})"),
            Ty::Fun => format!("(fn [k] (+ k {n}))"),
        }
    }

    fn conditional(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let cond = self.expr(Ty::Bool, depth - 1, env);
        let (a, b) = (self.expr(ty, depth - 1, env), self.expr(ty, depth - 1, env));
        format!("(if {cond} {a} {b})")
    }

    fn binding(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let bound = self.pick(&ALL);
        let value = self.expr(bound, depth - 1, env);
        let name = self.name("v");
        let mut env = env.clone();
        env.push((name.clone(), bound));
        let body = self.expr(ty, depth - 1, &env);
        format!("(let [{name} {value}] {body})")
    }

    fn matching(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let on =
            self.pick(&[Ty::List, Ty::Option, Ty::Tree, Ty::Shape, Ty::Pair, Ty::Vector, Ty::Int]);
        let value = self.expr(on, depth - 1, env);
        let (a, b, c) = (self.name("a"), self.name("b"), self.name("c"));
        let with = |names: &[(&String, Ty)]| -> Env {
            let own = names.iter().map(|(name, ty)| ((*name).clone(), *ty));
            env.iter().cloned().chain(own).collect()
        };
        let arms: Vec<(String, Env)> = match on {
            Ty::List => vec![
                (
                    format!("(Cons {a} (Cons {b} {c}))"),
                    with(&[(&a, Ty::Int), (&b, Ty::Int), (&c, Ty::List)]),
                ),
                (format!("(Cons {a} {c})"), with(&[(&a, Ty::Int), (&c, Ty::List)])),
                ("Nil".to_owned(), env.clone()),
            ],
            Ty::Option => vec![
                (format!("(Some {a}) :when (> {a} 3)"), with(&[(&a, Ty::Int)])),
                (format!("(Some {a})"), with(&[(&a, Ty::Int)])),
                ("None".to_owned(), env.clone()),
            ],
            Ty::Tree => vec![
                (format!("(Node Leaf {a} {c})"), with(&[(&a, Ty::Int), (&c, Ty::Tree)])),
                (format!("(Node {b} {a} _)"), with(&[(&a, Ty::Int), (&b, Ty::Tree)])),
                ("Leaf".to_owned(), env.clone()),
            ],
            Ty::Shape => vec![
                (format!("(Circle {a})"), with(&[(&a, Ty::Float)])),
                (format!("(Named {b} (Box {a} _))"), with(&[(&b, Ty::Text), (&a, Ty::Int)])),
                ("Dot".to_owned(), env.clone()),
                (format!("(as {c} _)"), with(&[(&c, Ty::Shape)])),
            ],
            Ty::Pair => vec![(format!("(Pair {a} {b})"), with(&[(&a, Ty::Int), (&b, Ty::Text)]))],
            Ty::Vector => vec![
                ("[]".to_owned(), env.clone()),
                (format!("[{a} & {c}]"), with(&[(&a, Ty::Int), (&c, Ty::Vector)])),
            ],
            _ => vec![
                ("0".to_owned(), env.clone()),
                ("3".to_owned(), env.clone()),
                (a.clone(), with(&[(&a, Ty::Int)])),
            ],
        };
        let mut text = format!("(match {value}");
        for (pattern, env) in arms {
            let body = self.expr(ty, depth - 1, &env);
            let _ = write!(text, " [{pattern} {body}]");
        }
        text.push(')');
        text
    }

    /// A call of a function before this one; what it recurs on is kept small.
    fn call(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let fitting: Vec<usize> =
            (0..self.functions.len()).filter(|at| self.functions[*at].result == ty).collect();
        if fitting.is_empty() {
            return self.made(ty, depth, env);
        }
        let at = self.pick(&fitting);
        let params = self.functions[at].params.clone();
        let args: Vec<String> = params.iter().map(|ty| self.expr(*ty, depth - 1, env)).collect();
        format!("({} {})", self.functions[at].name, args.join(" "))
    }

    #[expect(clippy::too_many_lines, reason = "a table: what values of each type are made of")]
    fn made(&mut self, ty: Ty, depth: u32, env: &Env) -> String {
        let d = depth - 1;
        let choice = self.below(6);
        let mut of = |ty: Ty| self.expr(ty, d, env);
        match ty {
            Ty::Int => match choice {
                0 => format!("(small (+ {} {}))", of(Ty::Int), of(Ty::Int)),
                1 => format!("(small (* (small {}) (small {})))", of(Ty::Int), of(Ty::Int)),
                2 => {
                    format!("(folded (fn [a b] (small (+ a b))) {} {})", of(Ty::Int), of(Ty::List))
                }
                3 => format!("(total {})", of(Ty::Tree)),
                4 => format!(
                    "(either (vector/get {} {}) {})",
                    of(Ty::Vector),
                    of(Ty::Int),
                    of(Ty::Int)
                ),
                _ => self.int(depth, env),
            },
            Ty::Float => match choice {
                0 => format!("(+ {} {})", of(Ty::Float), of(Ty::Float)),
                1 => format!("(area {})", of(Ty::Shape)),
                2 => format!("(float {})", of(Ty::Int)),
                3 => format!("(.y {})", of(Ty::Record)),
                4 => format!("(vector/fold + 0.5 {})", of(Ty::Floats)),
                _ => format!("(- {} 1.5)", of(Ty::Float)),
            },
            Ty::Bool => match choice {
                0 => format!("(< {} {})", of(Ty::Int), of(Ty::Int)),
                1 => format!("(= {} {})", of(Ty::Text), of(Ty::Text)),
                2 => format!("(and {} {})", of(Ty::Bool), of(Ty::Bool)),
                3 => format!("(= {} {})", of(Ty::Tree), of(Ty::Tree)),
                4 => format!("(<= {} {})", of(Ty::Float), of(Ty::Float)),
                _ => format!("(not= {} {})", of(Ty::Shape), of(Ty::Shape)),
            },
            Ty::Text => match choice {
                0 => format!("(str {} \"-\" {})", of(Ty::Int), of(Ty::Text)),
                1 => format!("(string/slice {} 0 (+ 1 (mod {} 7)))", of(Ty::Text), of(Ty::Int)),
                2 => format!("(snd {})", of(Ty::Pair)),
                3 => format!("(.name {})", of(Ty::Record)),
                4 => format!("(string/slice (str {} {}) 0 30)", of(Ty::Text), of(Ty::Text)),
                _ => format!("(str {})", of(Ty::Option)),
            },
            Ty::List => match choice {
                0 => format!("(Cons {} {})", of(Ty::Int), of(Ty::List)),
                1 => format!("(mapped {} {})", of(Ty::Fun), of(Ty::List)),
                2 => format!("(list/take 5 (vector/to-list {}))", of(Ty::Vector)),
                _ => format!("(list/take 6 (list/reverse {}))", of(Ty::List)),
            },
            Ty::Vector => match choice {
                0 => format!("(vector/push (vector/take 6 {}) {})", of(Ty::Vector), of(Ty::Int)),
                1 => format!("(vector/map {} {})", of(Ty::Fun), of(Ty::Vector)),
                2 => format!("(vector/from-list {})", of(Ty::List)),
                3 => format!("(vector/push {} 7)", of(Ty::Vector)),
                _ => self.changed(depth, env),
            },
            Ty::Floats => match choice {
                0 => format!("(vector/push (vector/take 4 {}) {})", of(Ty::Floats), of(Ty::Float)),
                1 => format!("(vector/map (fn [x] (* x 0.5)) {})", of(Ty::Floats)),
                _ => format!("[{} {}]", of(Ty::Float), of(Ty::Float)),
            },
            Ty::Option => match choice {
                0 => format!("(vector/get {} {})", of(Ty::Vector), of(Ty::Int)),
                1 => format!("(map/get {} {})", of(Ty::Map), of(Ty::Int)),
                2 => format!(
                    "(match (tried {} {}) [(Ok x) (Some x)] [(Err _) None])",
                    of(Ty::Vector),
                    of(Ty::Int)
                ),
                _ => format!("(Some {})", of(Ty::Int)),
            },
            Ty::Tree => match choice {
                0 => format!("(Node {} {} Leaf)", of(Ty::Tree), of(Ty::Int)),
                _ => format!("(grow {} {})", of(Ty::Tree), of(Ty::Int)),
            },
            Ty::Shape => match choice {
                0 => format!("(Box {} {})", of(Ty::Int), of(Ty::Int)),
                1 => format!("(Named {} {})", of(Ty::Text), of(Ty::Shape)),
                _ => format!("(Circle {})", of(Ty::Float)),
            },
            Ty::Pair => format!("(Pair {} {})", of(Ty::Int), of(Ty::Text)),
            Ty::Map => match choice {
                0 => format!("(map/merge {} {})", of(Ty::Map), of(Ty::Map)),
                1 => format!("(map/update {} {} 1 inc)", of(Ty::Map), of(Ty::Int)),
                _ => format!("(map/insert {} {} {})", of(Ty::Map), of(Ty::Int), of(Ty::Int)),
            },
            Ty::Record => match choice {
                0 => format!("(with-fields {} {{:x {}}})", of(Ty::Record), of(Ty::Int)),
                1 => format!(
                    "(with-fields {} {{:y {} :name {}}})",
                    of(Ty::Record),
                    of(Ty::Float),
                    of(Ty::Text)
                ),
                _ => format!(
                    "(Point {{:x {} :y {} :name {}}})",
                    of(Ty::Int),
                    of(Ty::Float),
                    of(Ty::Text)
                ),
            },
            Ty::Fun => self.lambda(depth, env),
        }
    }

    fn int(&mut self, depth: u32, env: &Env) -> String {
        let d = depth - 1;
        if self.faults > 0 && self.below(6) == 0 {
            self.faults -= 1;
            let (a, b) = (self.expr(Ty::Int, d, env), self.expr(Ty::Int, d, env));
            return match self.below(4) {
                0 => format!("(quot {a} (mod {b} 3))"),
                1 => format!("(vector/at {} {b})", self.expr(Ty::Vector, d, env)),
                2 => format!("(* 4611686018427387904 {a})"),
                _ => format!("(if (> {a} 3) (abort \"too much\") {b})"),
            };
        }
        match self.below(6) {
            0 => {
                let (n, start) = (self.expr(Ty::Int, d, env), self.expr(Ty::Int, d, env));
                let (i, acc) = (self.name("i"), self.name("acc"));
                let mut inner = env.clone();
                inner.push((i.clone(), Ty::Int));
                inner.push((acc.clone(), Ty::Int));
                let step = self.expr(Ty::Int, d, &inner);
                format!(
                    "(loop [{i} (mod {n} 9) {acc} {start}] \
                     (if (<= {i} 0) {acc} (recur (- {i} 1) {step})))"
                )
            }
            1 => format!("(twice {} {})", self.expr(Ty::Fun, d, env), self.expr(Ty::Int, d, env)),
            2 => format!("(fst {})", self.expr(Ty::Pair, d, env)),
            3 => format!("(string/length {})", self.expr(Ty::Text, d, env)),
            4 => format!(
                "(map/get-or {} {} 5)",
                self.expr(Ty::Map, d, env),
                self.expr(Ty::Int, d, env)
            ),
            _ => format!("(.x {})", self.expr(Ty::Record, d, env)),
        }
    }

    /// A vector changed in a loop, in place or not.
    fn changed(&mut self, depth: u32, env: &Env) -> String {
        let d = depth - 1;
        let (start, i, v) = (self.expr(Ty::Vector, d, env), self.name("i"), self.name("v"));
        let mut inner = env.clone();
        inner.push((i.clone(), Ty::Int));
        let value = self.expr(Ty::Int, d, &inner);
        format!(
            "(loop [{i} 0 {v} {start}] (if (< {i} (vector/length {v})) \
             (recur (+ {i} 1) (vector/set {v} {i} {value})) {v}))"
        )
    }

    fn lambda(&mut self, depth: u32, env: &Env) -> String {
        let param = self.name("k");
        let mut inner = env.clone();
        inner.push((param.clone(), Ty::Int));
        let body = self.expr(Ty::Int, depth - 1, &inner);
        format!("(fn [{param}] {body})")
    }
}

fn written(ty: Ty) -> &'static str {
    match ty {
        Ty::Int => "Int",
        Ty::Float => "Float",
        Ty::Bool => "Bool",
        Ty::Text => "String",
        Ty::List => "(List Int)",
        Ty::Vector => "(Vector Int)",
        Ty::Floats => "(Vector Float)",
        Ty::Option => "(Option Int)",
        Ty::Tree => "(Tree Int)",
        Ty::Shape => "Shape",
        Ty::Pair => "(Pair Int String)",
        Ty::Map => "(Map Int Int)",
        Ty::Record => "Point",
        Ty::Fun => "(Fn [Int] Int)",
    }
}

/// What shows a value; a function is shown by what it gives.
fn show(value: &str, ty: Ty) -> String {
    match ty {
        Ty::Fun => format!("({value} 3)"),
        _ => value.to_owned(),
    }
}
