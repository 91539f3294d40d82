//! Types of random programs: how they are written, what their smallest values are, and the data
//! types that every program begins with.

use super::generate::Generator;

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ty {
    Int,
    Float,
    Bytes,
    Bool,
    Text,
    Color,
    Shape,
    Point,
    Frame,
    Wide,
    List(Box<Ty>),
    Vector(Box<Ty>),
    Option(Box<Ty>),
    Tree(Box<Ty>),
    Pair(Box<Ty>, Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    Set(Box<Ty>),
    Fun(Box<Ty>, Box<Ty>),
}

/// What every file of programs begins with.
pub const OPENING: &str = r#"(deftype (Tree a) Leaf (Node (Tree a) a (Tree a)) :deriving [Show Eq])
(deftype Shape Dot (Circle Float) (Box Int Int) (Named String Shape) :deriving [Show Eq])
(deftype Color Red Green Blue :deriving [Show Eq])
(deftype Wide (Wide Int Int Int Int Int Int Int Int Int Int Int Int Int Int Int Int Int String)
  :deriving [Show Eq])
(defrecord Point {:x Int :y Float :name String} :deriving [Show Eq])
(defrecord Frame {:items (Vector Int) :at Point :names (Map Int String) :color Color}
  :deriving [Show Eq])
(def origin (Point {:x 1 :y 0.5 :name "origin"}))
(def primes [2 3 5 7 11])
(def squares (vector/map (fn [x] (* x x)) primes))

(defn grow [t n] (match t [Leaf (Node Leaf n Leaf)]
  [(Node l m r) (if (< n m) (Node (grow l n) m r) (Node l m (grow r n)))]))
(defn leaves [t] (match t [Leaf 1] [(Node l _ r) (+ (leaves l) (leaves r))]))
(defn over [f t] (match t [Leaf Leaf] [(Node l x r) (Node (over f l) (f x) (over f r))]))
(defn total [t] (match t [Leaf 0] [(Node l n r) (mod (+ (total l) n (total r)) 10007)]))
(defn mapped [f xs] (match xs [Nil Nil] [(Cons x rest) (Cons (f x) (mapped f rest))]))
(defn folded [f acc xs] (match xs [Nil acc] [(Cons x rest) (folded f (f acc x) rest)]))
(defn area [s] (match s [Dot 0.0] [(Circle r) (* 3.0 r)] [(Box a b) (float (mod (* a b) 1009))]
  [(Named _ inner) (+ 1.0 (area inner))]))
(defn next-color [c] (match c [Red Green] [Green Blue] [Blue Red]))
(defn small [n] (mod n 1009))
(defn short [s] (string/take 24 s))
(defn either [o d] (match o [(Some x) x] [None d]))
(defn tried [v i] (let [x (try (option/ok-or (vector/get v i) "none"))] (Ok x)))
(defn twice [f x] (f (f x)))
(defn put [v i x] (if (vector/empty? v) v (vector/set v (mod i (vector/length v)) x)))
(defn even-steps [n] (if (<= n 0) true (odd-steps (- n 1))))
(defn odd-steps [n] (if (<= n 0) false (even-steps (- n 1))))
(defn wide [n s] (Wide n 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 n s))
(defn widened [w k]
  (match w [(Wide a b c d e f g h i j l m n o p q r s)
            (Wide (small (+ a k)) b c d e f g h i j l m n o p q k (short (str s r)))]))
(defn waste [n] (if (<= n 0) 0 (waste (- n 1))))
(defn counted [n] :metered :requires {:steps (at-most (+ 8 n))} (waste (* 3 n)))
"#;

impl Ty {
    pub fn written(&self) -> String {
        match self {
            Ty::Int => "Int".to_owned(),
            Ty::Float => "Float".to_owned(),
            Ty::Bytes => "(Q B)".to_owned(),
            Ty::Bool => "Bool".to_owned(),
            Ty::Text => "String".to_owned(),
            Ty::Color => "Color".to_owned(),
            Ty::Shape => "Shape".to_owned(),
            Ty::Point => "Point".to_owned(),
            Ty::Frame => "Frame".to_owned(),
            Ty::Wide => "Wide".to_owned(),
            Ty::List(of) => format!("(List {})", of.written()),
            Ty::Vector(of) => format!("(Vector {})", of.written()),
            Ty::Option(of) => format!("(Option {})", of.written()),
            Ty::Tree(of) => format!("(Tree {})", of.written()),
            Ty::Pair(a, b) => format!("(Pair {} {})", a.written(), b.written()),
            Ty::Map(key, value) => format!("(Map {} {})", key.written(), value.written()),
            Ty::Set(of) => format!("(Set {})", of.written()),
            Ty::Fun(from, to) => format!("(Fn [{}] {})", from.written(), to.written()),
        }
    }

    /// Whether values can be compared and shown.
    pub fn is_data(&self) -> bool {
        match self {
            Ty::Fun(..) => false,
            Ty::List(of) | Ty::Vector(of) | Ty::Option(of) | Ty::Tree(of) | Ty::Set(of) => {
                of.is_data()
            }
            Ty::Pair(a, b) | Ty::Map(a, b) => a.is_data() && b.is_data(),
            _ => true,
        }
    }
}

pub fn list(of: Ty) -> Ty {
    Ty::List(Box::new(of))
}

pub fn vector(of: Ty) -> Ty {
    Ty::Vector(Box::new(of))
}

pub fn function(from: Ty, to: Ty) -> Ty {
    Ty::Fun(Box::new(from), Box::new(to))
}

const PLAIN: [Ty; 10] = [
    Ty::Int,
    Ty::Float,
    Ty::Bytes,
    Ty::Bool,
    Ty::Text,
    Ty::Color,
    Ty::Shape,
    Ty::Point,
    Ty::Frame,
    Ty::Wide,
];

const KEYS: [Ty; 3] = [Ty::Int, Ty::Text, Ty::Color];

impl Generator {
    /// Nested at most so deep.
    pub fn ty(&mut self, depth: u32) -> Ty {
        let choice = if depth == 0 { self.below(8) } else { self.below(18) };
        let inner = |this: &mut Generator| Box::new(this.ty(depth.saturating_sub(1)));
        match choice {
            0..=2 => Ty::Int,
            3..=7 => self.pick(&PLAIN),
            8 | 9 => Ty::List(inner(self)),
            10..=12 => Ty::Vector(inner(self)),
            13 => Ty::Option(inner(self)),
            14 => Ty::Tree(inner(self)),
            15 => Ty::Pair(inner(self), inner(self)),
            16 => {
                let key = self.key();
                if self.below(2) == 0 { Ty::Set(key) } else { Ty::Map(key, inner(self)) }
            }
            _ => Ty::Fun(inner(self), inner(self)),
        }
    }

    pub fn data(&mut self, depth: u32) -> Ty {
        loop {
            let ty = self.ty(depth);
            if ty.is_data() {
                return ty;
            }
        }
    }

    fn key(&mut self) -> Box<Ty> {
        Box::new(match self.below(8) {
            0 => Ty::Pair(Box::new(Ty::Int), Box::new(Ty::Text)),
            1 => list(Ty::Int),
            _ => self.pick(&KEYS),
        })
    }

    pub fn leaf(&mut self, ty: &Ty) -> String {
        let n = self.below(20);
        match ty {
            Ty::Int => format!("{}", n as i64 - 4),
            Ty::Float => format!("{n}.25"),
            Ty::Bytes => format!("{n}KiB"),
            Ty::Bool => ["true", "false"][(n % 2) as usize].to_owned(),
            Ty::Text => ["\"\"", "\"grün\"", "\"a\"", "\"text\""][(n % 4) as usize].to_owned(),
            Ty::Color => ["Red", "Green", "Blue"][(n % 3) as usize].to_owned(),
            Ty::Shape => ["Dot", "(Circle 1.5)", "(Box 3 4)"][(n % 3) as usize].to_owned(),
            Ty::Point => "origin".to_owned(),
            Ty::Frame => {
                format!("(Frame {{:items [{n} 2] :at origin :names {{{n} \"n\"}} :color Red}})")
            }
            Ty::Wide => format!("(wide {n} \"w\")"),
            Ty::List(of) => format!("(list {} {})", self.leaf(of), self.leaf(of)),
            Ty::Vector(of) if **of == Ty::Int && n < 5 => "squares".to_owned(),
            Ty::Vector(of) => format!("[{} {}]", self.leaf(of), self.leaf(of)),
            Ty::Option(of) if !n.is_multiple_of(3) => format!("(Some {})", self.leaf(of)),
            Ty::Option(_) => "None".to_owned(),
            Ty::Tree(of) => format!("(Node Leaf {} Leaf)", self.leaf(of)),
            Ty::Pair(a, b) => format!("(Pair {} {})", self.leaf(a), self.leaf(b)),
            Ty::Map(key, value) => format!("{{{} {}}}", self.leaf(key), self.leaf(value)),
            Ty::Set(of) => format!("(set/of [{} {}])", self.leaf(of), self.leaf(of)),
            Ty::Fun(_, to) => {
                let param = self.name("_k");
                format!("(fn [{param}] {})", self.leaf(to))
            }
        }
    }
}
