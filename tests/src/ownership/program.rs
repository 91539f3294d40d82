//! Random programs over a linear type, half of them wrong. A program is a function of four Bools;
//! all its names differ. Its parts are chosen by type, mostly so that what is owned is used once,
//! and now and then not.

use eclexia_rt::effects::SplitMix64;
use std::fmt::Write;

/// Definitions that the programs use. `R` is the linear type.
pub const PRELUDE: &str = r#"
(deftype R :linear (R Int))
(defn new [] (R 1))
(defn use [r] (match r [(R n) n]))
(sig peek (Fn [(& R)] Int))
(defn peek [r] (match r [(R n) n]))
(sig both (Fn [(& R) Int] Int))
(defn both [r n] (+ n (peek r)))
(defn same [x] x)
(sig once (Fn [(Fn1 [] Int)] Int))
(defn once [f] (f))
(sig often (Fn [(Fn [] Int)] Int))
(defn often [f] (+ (f) (f)))
(sig outcome (Fn [Bool] (Result Int Int)))
(defn outcome [b] (if b (Ok 1) (Err 2)))
"#;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    R,
    Pair,
    Option,
    Once,
}

pub type Var = usize;

#[derive(Clone, Debug)]
pub enum Expr {
    Int(i64),
    New,
    Local(Var),
    Use(Box<Expr>),
    Same(Box<Expr>),
    Peek(Var),
    /// `(both &x e)`: the borrow lasts while `e` is evaluated.
    Both(Var, Box<Expr>),
    Pair(Box<Expr>, Box<Expr>),
    Some(Box<Expr>),
    None,
    If(usize, Box<Expr>, Box<Expr>),
    Let(Var, Box<Expr>, Box<Expr>),
    Do(Box<Expr>, Box<Expr>),
    /// `(match p [(Pair a b) e])`
    Split(Box<Expr>, Var, Var, Box<Expr>),
    /// `(match o [(Some x) :when guard e] [(Some y) e] [None e])`; the first arm may be absent
    Choose(Box<Expr>, Option<(Var, Box<Expr>, Box<Expr>)>, Var, Box<Expr>, Box<Expr>),
    /// `(match &o [(Some x) e] [None e])`: of a variable
    Look(Var, Var, Box<Expr>, Box<Expr>),
    Fn(Box<Expr>),
    Call(Var),
    /// `(once f)` and `(often f)`
    Once(Box<Expr>),
    Often(Box<Expr>),
    Try(usize),
    Return(Box<Expr>),
    Abort,
    /// `(loop [i 0 x start] (if (< i 2) (recur (+ i 1) next) end))`
    Loop(Var, Var, Box<Expr>, Box<Expr>, Box<Expr>),
    /// `(do (for [x [a b]] body) 0)`
    For(Var, Box<Expr>, Box<Expr>, Box<Expr>),
    With(Var, Box<Expr>, Box<Expr>),
    /// `(borrow [q x] (+ (peek q) e))`
    Borrow(Var, Var, Box<Expr>),
}

pub const BOOLS: usize = 4;

pub struct Random(pub SplitMix64);

impl Random {
    pub fn below(&mut self, n: usize) -> usize {
        (self.0.next_u64() % n as u64) as usize
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

struct Bound {
    var: Var,
    ty: Ty,
    is_spent: bool,
}

pub struct Maker<'r> {
    random: &'r mut Random,
    scope: Vec<Bound>,
    next: Var,
}

/// The body of a random function.
pub fn make(random: &mut Random) -> Expr {
    let mut maker = Maker { random, scope: Vec::new(), next: 0 };
    maker.expr(Ty::Int, 5)
}

impl Maker<'_> {
    fn fresh(&mut self) -> Var {
        self.next += 1;
        self.next
    }

    /// An expression whose scope has one more variable, which is mostly used up before it ends.
    fn scoped(&mut self, binds: &[(Var, Ty)], ty: Ty, depth: usize) -> Expr {
        let mark = self.scope.len();
        for (var, ty) in binds {
            self.scope.push(Bound { var: *var, ty: *ty, is_spent: false });
        }
        let mut body = self.expr(ty, depth);
        for at in (mark..self.scope.len()).rev() {
            if !self.scope[at].is_spent && !self.random.one_in(12) {
                let spent = self.spend(at);
                body = if self.random.one_in(2) && ty != Ty::Int {
                    let var = self.fresh();
                    Expr::Let(
                        var,
                        Box::new(body),
                        Box::new(Expr::Do(Box::new(spent), Box::new(Expr::Local(var)))),
                    )
                } else {
                    Expr::Do(Box::new(spent), Box::new(body))
                };
            }
        }
        self.scope.truncate(mark);
        body
    }

    /// Consumes a variable, to an Int.
    fn spend(&mut self, at: usize) -> Expr {
        let (var, ty) = (self.scope[at].var, self.scope[at].ty);
        self.scope[at].is_spent = true;
        let local = Box::new(Expr::Local(var));
        match ty {
            Ty::Int => Expr::Local(var),
            Ty::R => Expr::Use(local),
            Ty::Once => Expr::Call(var),
            Ty::Pair => {
                let (a, b) = (self.fresh(), self.fresh());
                let first = Expr::Use(Box::new(Expr::Local(a)));
                let second = Expr::Use(Box::new(Expr::Local(b)));
                Expr::Split(local, a, b, Box::new(Expr::Do(Box::new(first), Box::new(second))))
            }
            Ty::Option => {
                let x = self.fresh();
                let used = Expr::Use(Box::new(Expr::Local(x)));
                Expr::Choose(local, None, x, Box::new(used), Box::new(Expr::Int(0)))
            }
        }
    }

    /// A variable of the type: an unused one, or now and then any.
    fn pick(&mut self, ty: Ty, sloppy: usize) -> Option<usize> {
        let any = self.random.one_in(sloppy);
        let fits: Vec<usize> = (0..self.scope.len())
            .filter(|at| self.scope[*at].ty == ty && (any || !self.scope[*at].is_spent))
            .collect();
        (!fits.is_empty()).then(|| fits[self.random.below(fits.len())])
    }

    fn branches<const N: usize>(&mut self, make: [&dyn Fn(&mut Self) -> Expr; N]) -> [Expr; N] {
        let before: Vec<bool> = self.scope.iter().map(|b| b.is_spent).collect();
        let mut after = before.clone();
        make.map(|make| {
            for (bound, was) in self.scope.iter_mut().zip(&before) {
                bound.is_spent = *was;
            }
            let mut branch = make(self);
            // What another branch spent, this one mostly spends too.
            for (at, spent_before) in after.iter_mut().enumerate() {
                if *spent_before && !self.scope[at].is_spent && !self.random.one_in(10) {
                    let spent = self.spend(at);
                    branch = Expr::Do(Box::new(spent), Box::new(branch));
                }
                *spent_before |= self.scope[at].is_spent;
            }
            for (bound, now) in self.scope.iter_mut().zip(&after) {
                bound.is_spent = *now;
            }
            branch
        })
    }

    pub fn expr(&mut self, ty: Ty, depth: usize) -> Expr {
        if depth == 0 || self.random.one_in(5) {
            return self.leaf(ty);
        }
        let d = depth - 1;
        match self.random.below(if ty == Ty::Int { 18 } else { 8 }) {
            0 | 1 => {
                let bound = [Ty::R, Ty::R, Ty::Pair, Ty::Option, Ty::Once, Ty::Int];
                let kind = bound[self.random.below(bound.len())];
                let value = self.expr(kind, d);
                let var = self.fresh();
                let body = self.scoped(&[(var, kind)], ty, d);
                Expr::Let(var, Box::new(value), Box::new(body))
            }
            2 => {
                let cond = self.random.below(BOOLS);
                let branch = |maker: &mut Self| maker.expr(ty, d);
                let [a, b] = self.branches([&branch, &branch]);
                if self.random.one_in(8) {
                    return Expr::If(cond, Box::new(a), Box::new(Expr::Abort));
                }
                Expr::If(cond, Box::new(a), Box::new(b))
            }
            3 => {
                let dropped = if self.random.one_in(15) { Ty::R } else { Ty::Int };
                let first = self.expr(dropped, d);
                Expr::Do(Box::new(first), Box::new(self.expr(ty, d)))
            }
            4 => {
                let value = self.expr(Ty::Pair, d);
                let (a, b) = (self.fresh(), self.fresh());
                let body = self.scoped(&[(a, Ty::R), (b, Ty::R)], ty, d);
                Expr::Split(Box::new(value), a, b, Box::new(body))
            }
            5 => self.choose(ty, d),
            6 => self.leaf(ty),
            7 if ty != Ty::Int => Expr::Same(Box::new(self.expr(ty, d))),
            7 => Expr::Use(Box::new(self.expr(Ty::R, d))),
            _ => self.int(d),
        }
    }

    fn choose(&mut self, ty: Ty, d: usize) -> Expr {
        if self.random.one_in(3)
            && let Some(at) = self.pick(Ty::Option, 8)
        {
            let var = self.scope[at].var;
            let x = self.fresh();
            let some = |maker: &mut Self| {
                if maker.random.one_in(4) {
                    Expr::Use(Box::new(Expr::Local(x)))
                } else {
                    Expr::Peek(x)
                }
            };
            let none = |maker: &mut Self| maker.expr(Ty::Int, d);
            let [some, none] = self.branches([&some, &none]);
            let look = Expr::Look(var, x, Box::new(some), Box::new(none));
            return Expr::Do(Box::new(look), Box::new(self.expr(ty, d)));
        }
        let value = self.expr(Ty::Option, d);
        let (x, y) = (self.fresh(), self.fresh());
        let guarded = self.random.one_in(3);
        let some = |maker: &mut Self| maker.scoped(&[(y, Ty::R)], ty, d);
        let first = |maker: &mut Self| maker.scoped(&[(x, Ty::R)], ty, d);
        let none = |maker: &mut Self| maker.expr(ty, d);
        let [some, first, none] = self.branches([&some, &first, &none]);
        let guard = guarded.then(|| {
            let test = if self.random.one_in(6) {
                Expr::Use(Box::new(Expr::Local(x)))
            } else {
                Expr::Peek(x)
            };
            (x, Box::new(test), Box::new(first))
        });
        Expr::Choose(Box::new(value), guard, y, Box::new(some), Box::new(none))
    }

    /// What only an Int can be.
    #[expect(clippy::too_many_lines, reason = "one arm per form")]
    fn int(&mut self, d: usize) -> Expr {
        match self.random.below(11) {
            0 => match self.pick(Ty::R, 10) {
                Some(at) => Expr::Peek(self.scope[at].var),
                None => Expr::Int(3),
            },
            1 => match self.pick(Ty::R, 10) {
                Some(at) => {
                    let var = self.scope[at].var;
                    Expr::Both(var, Box::new(self.expr(Ty::Int, d)))
                }
                None => Expr::Int(4),
            },
            2 => Expr::Once(Box::new(self.closure(d))),
            3 => Expr::Often(Box::new(self.closure(d))),
            4 => Expr::Try(self.random.below(BOOLS)),
            5 => {
                let value = self.expr(Ty::Int, d);
                let cond = self.random.below(BOOLS);
                let leave = if self.random.one_in(6) {
                    Expr::Return(Box::new(value))
                } else {
                    // Spend everything, then leave.
                    let before: Vec<bool> = self.scope.iter().map(|b| b.is_spent).collect();
                    let mut leave = Expr::Return(Box::new(value));
                    for at in 0..self.scope.len() {
                        if !self.scope[at].is_spent && !self.random.one_in(20) {
                            let spent = self.spend(at);
                            leave = Expr::Do(Box::new(spent), Box::new(leave));
                        }
                    }
                    for (bound, was) in self.scope.iter_mut().zip(before) {
                        bound.is_spent = was;
                    }
                    leave
                };
                Expr::If(cond, Box::new(leave), Box::new(Expr::Int(5)))
            }
            6 => {
                let (i, x) = (self.fresh(), self.fresh());
                let start = self.expr(Ty::R, d);
                let was: Vec<bool> = self.scope.iter().map(|b| b.is_spent).collect();
                let next = if self.random.one_in(3) {
                    self.scoped(&[(x, Ty::R)], Ty::R, d)
                } else {
                    Expr::Local(x)
                };
                if !self.random.one_in(8) {
                    for (bound, was) in self.scope.iter_mut().zip(was) {
                        bound.is_spent = was;
                    }
                }
                let end = self.scoped(&[(x, Ty::R)], Ty::Int, d);
                Expr::Loop(i, x, Box::new(start), Box::new(next), Box::new(end))
            }
            7 => {
                let x = self.fresh();
                let (a, b) = (self.expr(Ty::R, d), self.expr(Ty::R, d));
                let body = self.scoped(&[(x, Ty::R)], Ty::Int, d);
                Expr::For(x, Box::new(a), Box::new(b), Box::new(body))
            }
            8 => {
                let x = self.fresh();
                let value = self.expr(Ty::R, d);
                self.scope.push(Bound { var: x, ty: Ty::R, is_spent: !self.random.one_in(8) });
                let body = self.expr(Ty::Int, d);
                self.scope.pop();
                let body = if self.random.one_in(2) { Expr::Both(x, Box::new(body)) } else { body };
                Expr::With(x, Box::new(value), Box::new(body))
            }
            9 => match self.pick(Ty::R, 10) {
                Some(at) => {
                    let (var, q) = (self.scope[at].var, self.fresh());
                    Expr::Borrow(q, var, Box::new(self.expr(Ty::Int, d)))
                }
                None => Expr::Int(6),
            },
            _ => Expr::Int(7),
        }
    }

    fn closure(&mut self, d: usize) -> Expr {
        if self.random.one_in(3) {
            return self.leaf(Ty::Once);
        }
        Expr::Fn(Box::new(self.expr(Ty::Int, d)))
    }

    fn leaf(&mut self, ty: Ty) -> Expr {
        if !self.random.one_in(4)
            && let Some(at) = self.pick(ty, 14)
        {
            self.scope[at].is_spent = true;
            return Expr::Local(self.scope[at].var);
        }
        let new = || Box::new(Expr::New);
        match ty {
            Ty::Int => match self.pick(Ty::R, 14) {
                Some(at) if self.random.one_in(2) => self.spend(at),
                _ => Expr::Int(1),
            },
            Ty::R => Expr::New,
            Ty::Pair if self.random.one_in(4) => {
                let b = Box::new(Expr::Do(Box::new(Expr::Try(self.random.below(BOOLS))), new()));
                Expr::Pair(Box::new(self.leaf(Ty::R)), b)
            }
            Ty::Pair => Expr::Pair(Box::new(self.leaf(Ty::R)), new()),
            Ty::Option if self.random.one_in(3) => Expr::None,
            Ty::Option => Expr::Some(Box::new(self.leaf(Ty::R))),
            Ty::Once => Expr::Fn(Box::new(self.leaf(Ty::Int))),
        }
    }
}

/// The function as source, on one line.
pub fn show(index: usize, body: &Expr) -> String {
    let mut out = format!(
        "(sig f{index} (Fn [Bool Bool Bool Bool] (Result Int Int))) \
         (defn f{index} [b0 b1 b2 b3] (Ok "
    );
    write(body, &mut out);
    out.push_str("))");
    out
}

fn write(e: &Expr, out: &mut String) {
    let mut part = |text: &str, parts: &[&Expr]| {
        let mut parts = parts.iter();
        for piece in text.split_inclusive('_') {
            match piece.strip_suffix('_') {
                Some(before) => {
                    out.push_str(before);
                    if let Some(e) = parts.next() {
                        write(e, out);
                    }
                }
                None => out.push_str(piece),
            }
        }
    };
    match e {
        Expr::Int(n) => {
            let _ = write!(out, "{n}");
        }
        Expr::New => out.push_str("(new)"),
        Expr::Local(x) => {
            let _ = write!(out, "x{x}");
        }
        Expr::Use(e) => part("(use _)", &[e]),
        Expr::Same(e) => part("(same _)", &[e]),
        Expr::Peek(x) => part(&format!("(peek &x{x})"), &[]),
        Expr::Both(x, e) => part(&format!("(both &x{x} _)"), &[e]),
        Expr::Pair(a, b) => part("(Pair _ _)", &[a, b]),
        Expr::Some(e) => part("(Some _)", &[e]),
        Expr::None => out.push_str("None"),
        Expr::If(b, x, y) => part(&format!("(if b{b} _ _)"), &[x, y]),
        Expr::Let(x, e, body) => part(&format!("(let [x{x} _] _)"), &[e, body]),
        Expr::Do(a, b) => part("(do _ _)", &[a, b]),
        Expr::Split(e, a, b, body) => {
            part(&format!("(match _ [(Pair x{a} x{b}) _])"), &[e, body]);
        }
        Expr::Choose(e, guard, y, some, none) => {
            part("(match _", &[e]);
            if let Some((x, test, body)) = guard {
                part(&format!(" [(Some x{x}) :when (= 1 _) _]"), &[test, body]);
            }
            part(&format!(" [(Some x{y}) _] [None _])"), &[some, none]);
        }
        Expr::Look(o, x, some, none) => {
            part(&format!("(match &x{o} [(Some x{x}) _] [None _])"), &[some, none]);
        }
        Expr::Fn(e) => part("(fn [] _)", &[e]),
        Expr::Call(x) => part(&format!("(x{x})"), &[]),
        Expr::Once(f) => part("(once _)", &[f]),
        Expr::Often(f) => part("(often _)", &[f]),
        Expr::Try(b) => part(&format!("(try (outcome b{b}))"), &[]),
        Expr::Return(e) => part("(return (Ok _))", &[e]),
        Expr::Abort => out.push_str("(abort \"end\")"),
        Expr::Loop(i, x, start, next, end) => part(
            &format!("(loop [x{i} 0 x{x} _] (if (< x{i} 2) (recur (+ x{i} 1) _) _))"),
            &[start, next, end],
        ),
        Expr::For(x, a, b, body) => {
            part(&format!("(do (for [x{x} [_ _]] _) 0)"), &[a, b, body]);
        }
        Expr::With(x, e, body) => part(&format!("(with [x{x} _ :release use] _)"), &[e, body]),
        Expr::Borrow(q, x, e) => part(&format!("(borrow [x{q} x{x}] (+ (peek x{q}) _))"), &[e]),
    }
}
