//! What values of each type are made of, in random programs.

use super::generate::{Env, Generator};
use super::types::{Ty, function, list, vector};

/// Fills `{}` with expressions of these types.
macro_rules! fill {
    ($this:ident, $d:ident, $env:ident, $form:literal $(, $ty:expr)*) => {
        format!($form $(, $this.expr($ty, $d, $env))*)
    };
}

impl Generator {
    pub fn made(&mut self, ty: &Ty, d: u32, env: &Env) -> String {
        match ty {
            Ty::Int => self.int(d, env),
            Ty::Float => self.float(d, env),
            Ty::Bytes => self.bytes(d, env),
            Ty::Bool => self.truth(d, env),
            Ty::Text => self.text(d, env),
            Ty::Color => match self.below(3) {
                0 => fill!(self, d, env, "(.color {})", &Ty::Frame),
                _ => fill!(self, d, env, "(next-color {})", &Ty::Color),
            },
            Ty::Shape => match self.below(3) {
                0 => fill!(self, d, env, "(Box {} {})", &Ty::Int, &Ty::Int),
                1 => fill!(self, d, env, "(Named {} {})", &Ty::Text, &Ty::Shape),
                _ => fill!(self, d, env, "(Circle {})", &Ty::Float),
            },
            Ty::List(of) => self.list(of, d, env),
            Ty::Vector(of) => self.vector(of, d, env),
            Ty::Option(of) => self.option(of, d, env),
            Ty::Tree(of) => self.tree(of, d, env),
            Ty::Pair(a, b) => match self.below(3) {
                0 => fill!(self, d, env, "(either (list/first {}) {})", &list(ty.clone()), ty),
                _ => fill!(self, d, env, "(Pair {} {})", a, b),
            },
            Ty::Set(of) => match self.below(4) {
                0 => fill!(self, d, env, "(set/union {} {})", ty, ty),
                1 => fill!(self, d, env, "(set/of {})", &vector((**of).clone())),
                2 => fill!(self, d, env, "(set/intersection {} {})", ty, ty),
                _ => {
                    let old = self.expr(ty, d, env);
                    self.changed(ty, &old, d, env)
                }
            },
            Ty::Map(_, value) => match self.below(4) {
                0 => fill!(self, d, env, "(map/merge {} {})", ty, ty),
                1 => {
                    let f = self.lambda(value, value, d, env);
                    format!("(map/map {f} {})", self.expr(ty, d, env))
                }
                _ => {
                    let old = self.expr(ty, d, env);
                    self.changed(ty, &old, d, env)
                }
            },
            Ty::Point | Ty::Frame | Ty::Wide => self.record(ty, d, env),
            Ty::Fun(from, to) => match self.below(4) {
                0 => {
                    let middle = self.ty(1);
                    let (f, g) = (function((**from).clone(), middle.clone()), self.name("k"));
                    let inner = self.expr(&f, d, env);
                    let outer = self.lambda(&middle, to, d, env);
                    format!("(fn [{g}] ({outer} ({inner} {g})))")
                }
                1 => {
                    let given = self.expr(to, d, env);
                    format!("(constantly {given})")
                }
                _ => self.lambda(from, to, d, env),
            },
        }
    }

    /// A value like that of `old`, with something changed.
    pub fn changed(&mut self, of: &Ty, old: &str, d: u32, env: &Env) -> String {
        match of {
            Ty::Vector(item) => match self.below(5) {
                0 => fill!(self, d, env, "(put {old} {} {})", &Ty::Int, item),
                1 => fill!(self, d, env, "(vector/push (vector/take 6 {old}) {})", item),
                2 => fill!(self, d, env, "(vector/push-front (vector/drop 1 {old}) {})", item),
                3 => format!("(vector/reverse {old})"),
                _ => {
                    let (i, v) = (self.name("i"), self.name("v"));
                    let mut inner = env.clone();
                    inner.push((i.clone(), Ty::Int));
                    let value = self.expr(item, d, &inner);
                    format!(
                        "(loop [{i} 0 {v} {old}] (if (< {i} (vector/length {v})) \
                         (recur (+ {i} 1) (vector/set {v} {i} {value})) {v}))"
                    )
                }
            },
            Ty::Map(key, value) => match self.below(3) {
                0 => fill!(self, d, env, "(map/remove {old} {})", key),
                1 => {
                    let f = self.lambda(value, value, d, env);
                    fill!(self, d, env, "(map/update {old} {} {} {f})", key, value)
                }
                _ => fill!(self, d, env, "(map/insert {old} {} {})", key, value),
            },
            Ty::Set(item) => match self.below(2) {
                0 => fill!(self, d, env, "(set/remove {old} {})", item),
                _ => fill!(self, d, env, "(set/insert {old} {})", item),
            },
            Ty::Point => match self.below(2) {
                0 => fill!(self, d, env, "(with-fields {old} {{:x {}}})", &Ty::Int),
                _ => {
                    fill!(
                        self,
                        d,
                        env,
                        "(with-fields {old} {{:y {} :name {}}})",
                        &Ty::Float,
                        &Ty::Text
                    )
                }
            },
            Ty::Frame => match self.below(3) {
                0 => fill!(self, d, env, "(with-fields {old} {{:items {}}})", &vector(Ty::Int)),
                1 => fill!(
                    self,
                    d,
                    env,
                    "(with-fields {old} {{:at {} :color {}}})",
                    &Ty::Point,
                    &Ty::Color
                ),
                _ => {
                    let names = Ty::Map(Box::new(Ty::Int), Box::new(Ty::Text));
                    fill!(self, d, env, "(with-fields {old} {{:names {}}})", &names)
                }
            },
            _ => fill!(self, d, env, "(widened {old} {})", &Ty::Int),
        }
    }

    fn int(&mut self, d: u32, env: &Env) -> String {
        if self.faults > 0 && self.below(6) == 0 {
            self.faults -= 1;
            return self.fault(d, env);
        }
        let item = self.data(1);
        match self.below(16) {
            0 => fill!(self, d, env, "(small (+ {} {}))", &Ty::Int, &Ty::Int),
            1 => fill!(self, d, env, "(small (* (small {}) (small {})))", &Ty::Int, &Ty::Int),
            2 => fill!(self, d, env, "(- {} 3)", &Ty::Int),
            3 => fill!(self, d, env, "(quot {} 3)", &Ty::Int),
            4 => fill!(self, d, env, "(rem {} (+ 1 (mod {} 5)))", &Ty::Int, &Ty::Int),
            5 => fill!(
                self,
                d,
                env,
                "(folded (fn [a b] (small (+ a b))) {} {})",
                &Ty::Int,
                &list(Ty::Int)
            ),
            6 => fill!(self, d, env, "(total {})", &Ty::Tree(Box::new(Ty::Int))),
            7 => fill!(
                self,
                d,
                env,
                "(either (vector/get {} {}) {})",
                &vector(Ty::Int),
                &Ty::Int,
                &Ty::Int
            ),
            8 => fill!(self, d, env, "(twice {} {})", &function(Ty::Int, Ty::Int), &Ty::Int),
            9 => fill!(self, d, env, "(string/length {})", &Ty::Text),
            10 => fill!(self, d, env, "(vector/length {})", &vector(item)),
            11 => fill!(self, d, env, "(list/length {})", &list(item)),
            12 => fill!(self, d, env, "(leaves {})", &Ty::Tree(Box::new(item))),
            13 => {
                let map = Ty::Map(Box::new(Ty::Text), Box::new(Ty::Int));
                fill!(self, d, env, "(map/get-or {} {} 5)", &map, &Ty::Text)
            }
            14 => fill!(self, d, env, "(vector/at primes (mod {} 5))", &Ty::Int),
            _ => fill!(self, d, env, "(.x {})", &Ty::Point),
        }
    }

    fn fault(&mut self, d: u32, env: &Env) -> String {
        match self.below(6) {
            0 => fill!(self, d, env, "(quot {} (mod {} 3))", &Ty::Int, &Ty::Int),
            1 => fill!(self, d, env, "(vector/at {} {})", &vector(Ty::Int), &Ty::Int),
            2 => fill!(self, d, env, "(* 4611686018427387904 {})", &Ty::Int),
            3 => fill!(self, d, env, "(+ 9223372036854775800 {})", &Ty::Int),
            4 => fill!(self, d, env, "(counted {})", &Ty::Int),
            _ => fill!(self, d, env, "(if (> {} 3) (abort \"too much\") {})", &Ty::Int, &Ty::Int),
        }
    }

    fn float(&mut self, d: u32, env: &Env) -> String {
        match self.below(8) {
            0 => fill!(self, d, env, "(+ {} {})", &Ty::Float, &Ty::Float),
            1 => fill!(self, d, env, "(area {})", &Ty::Shape),
            2 => fill!(self, d, env, "(float {})", &Ty::Int),
            3 => fill!(self, d, env, "(.y {})", &Ty::Point),
            4 => fill!(self, d, env, "(vector/fold + 0.5 {})", &vector(Ty::Float)),
            5 => fill!(self, d, env, "(math/sqrt (abs {}))", &Ty::Float),
            6 => fill!(self, d, env, "(/ {} (+ 1.0 (abs {})))", &Ty::Float, &Ty::Float),
            _ => fill!(self, d, env, "(* 0.25 (- {} 1.5))", &Ty::Float),
        }
    }

    fn bytes(&mut self, d: u32, env: &Env) -> String {
        match self.below(3) {
            0 => fill!(self, d, env, "(+ {} {})", &Ty::Bytes, &Ty::Bytes),
            1 => fill!(self, d, env, "(* 0.5 {})", &Ty::Bytes),
            _ => fill!(self, d, env, "(vector/sum {})", &vector(Ty::Bytes)),
        }
    }

    fn truth(&mut self, d: u32, env: &Env) -> String {
        let of = self.data(1);
        match self.below(8) {
            0 => fill!(self, d, env, "(< {} {})", &Ty::Int, &Ty::Int),
            1 => fill!(self, d, env, "(= {} {})", &of, &of),
            2 => fill!(self, d, env, "(and {} {})", &Ty::Bool, &Ty::Bool),
            3 => fill!(self, d, env, "(not= {} {})", &of, &of),
            4 => fill!(self, d, env, "(<= {} {})", &Ty::Bytes, &Ty::Bytes),
            5 => fill!(self, d, env, "(even-steps (mod {} 9))", &Ty::Int),
            6 => fill!(
                self,
                d,
                env,
                "(set/contains? {} {})",
                &Ty::Set(Box::new(Ty::Text)),
                &Ty::Text
            ),
            _ => fill!(self, d, env, "(list/any? (fn [x] (= x {})) {})", &of, &list(of.clone())),
        }
    }

    fn text(&mut self, d: u32, env: &Env) -> String {
        let of = self.data(1);
        match self.below(8) {
            0 => fill!(self, d, env, "(short (str {} \"-\" {}))", &Ty::Int, &Ty::Text),
            1 => fill!(self, d, env, "(string/slice {} 0 (+ 1 (mod {} 7)))", &Ty::Text, &Ty::Int),
            2 => fill!(self, d, env, "(short (str {}))", &of),
            3 => fill!(self, d, env, "(.name {})", &Ty::Point),
            4 => fill!(self, d, env, "(short (string/append {} {}))", &Ty::Text, &Ty::Text),
            5 => fill!(self, d, env, "(short (string/join \"+\" {}))", &vector(Ty::Text)),
            6 => fill!(self, d, env, "(string/reverse {})", &Ty::Text),
            _ => {
                let names = Ty::Map(Box::new(Ty::Int), Box::new(Ty::Text));
                fill!(self, d, env, "(map/get-or {} {} \"none\")", &names, &Ty::Int)
            }
        }
    }

    fn list(&mut self, of: &Ty, d: u32, env: &Env) -> String {
        let ty = list(of.clone());
        match self.below(7) {
            0 => fill!(self, d, env, "(list/take 5 (vector/to-list {}))", &vector(of.clone())),
            1 => fill!(self, d, env, "(list/take 6 (list/reverse {}))", &ty),
            2 => fill!(self, d, env, "(list/take 6 (list/append {} {}))", &ty, &ty),
            3 => {
                let from = self.ty(1);
                let f = self.lambda(&from, of, d, env);
                format!("(mapped {f} {})", self.expr(&list(from), d, env))
            }
            4 => {
                let keep = self.lambda(of, &Ty::Bool, d, env);
                format!("(list/filter {keep} {})", self.expr(&ty, d, env))
            }
            _ => fill!(self, d, env, "(Cons {} {})", of, &ty),
        }
    }

    fn vector(&mut self, of: &Ty, d: u32, env: &Env) -> String {
        let ty = vector(of.clone());
        match self.below(8) {
            0 => fill!(self, d, env, "[{} {} {}]", of, of, of),
            1 => fill!(self, d, env, "(vector/from-list {})", &list(of.clone())),
            2 => fill!(self, d, env, "(vector/take 6 (vector/append {} {}))", &ty, &ty),
            3 => fill!(self, d, env, "(vector/slice {} 1 (mod {} 5))", &ty, &Ty::Int),
            4 => {
                let from = self.ty(1);
                let f = self.lambda(&from, of, d, env);
                format!("(vector/map {f} {})", self.expr(&vector(from), d, env))
            }
            _ => {
                let old = self.expr(&ty, d, env);
                self.changed(&ty, &old, d, env)
            }
        }
    }

    fn option(&mut self, of: &Ty, d: u32, env: &Env) -> String {
        match self.below(5) {
            0 => fill!(self, d, env, "(vector/get {} {})", &vector(of.clone()), &Ty::Int),
            1 => {
                let map = Ty::Map(Box::new(Ty::Color), Box::new(of.clone()));
                fill!(self, d, env, "(map/get {} {})", &map, &Ty::Color)
            }
            2 => {
                let (v, i) = (self.expr(&vector(of.clone()), d, env), self.expr(&Ty::Int, d, env));
                format!("(match (tried {v} {i}) [(Ok x) (Some x)] [(Err _) None])")
            }
            3 => fill!(self, d, env, "(list/first {})", &list(of.clone())),
            _ => fill!(self, d, env, "(Some {})", of),
        }
    }

    fn tree(&mut self, of: &Ty, d: u32, env: &Env) -> String {
        let ty = Ty::Tree(Box::new(of.clone()));
        match self.below(4) {
            0 if *of == Ty::Int => fill!(self, d, env, "(grow {} {})", &ty, of),
            1 => {
                let from = self.ty(1);
                let f = self.lambda(&from, of, d, env);
                format!("(over {f} {})", self.expr(&Ty::Tree(Box::new(from)), d, env))
            }
            _ => fill!(self, d, env, "(Node {} {} Leaf)", &ty, of),
        }
    }

    fn record(&mut self, ty: &Ty, d: u32, env: &Env) -> String {
        let names = Ty::Map(Box::new(Ty::Int), Box::new(Ty::Text));
        match (ty, self.below(3)) {
            (Ty::Point, 0) => {
                fill!(
                    self,
                    d,
                    env,
                    "(Point {{:x {} :y {} :name {}}})",
                    &Ty::Int,
                    &Ty::Float,
                    &Ty::Text
                )
            }
            (Ty::Point, 1) => fill!(self, d, env, "(.at {})", &Ty::Frame),
            (Ty::Frame, 0) => fill!(
                self,
                d,
                env,
                "(Frame {{:items {} :at {} :names {} :color {}}})",
                &vector(Ty::Int),
                &Ty::Point,
                &names,
                &Ty::Color
            ),
            (Ty::Wide, 0) => fill!(self, d, env, "(wide {} {})", &Ty::Int, &Ty::Text),
            _ => {
                let old = self.expr(ty, d, env);
                self.changed(ty, &old, d, env)
            }
        }
    }
}
