//! Matches of random programs.

use super::generate::{Env, Generator};
use super::types::{Ty, list, vector};

/// A pattern, and the variables that it binds.
type Arm = (String, Env);

impl Generator {
    pub fn matching(&mut self, ty: &Ty, depth: u32, env: &Env) -> String {
        let item = self.ty(1);
        let boxed = Box::new(item.clone());
        let of = match self.below(10) {
            0 => list(item),
            1 => vector(item),
            2 => Ty::Option(boxed),
            3 => Ty::Tree(boxed),
            4 => Ty::Pair(boxed, Box::new(self.ty(1))),
            _ => self.pick(&[Ty::Shape, Ty::Color, Ty::Int, Ty::Text, Ty::Point, Ty::Frame]),
        };
        let value = self.expr(&of, depth - 1, env);
        let mut text = format!("(match {value}");
        for (pattern, bound) in self.arms(&of) {
            let inner: Env = env.iter().cloned().chain(bound).collect();
            let body = self.expr(ty, depth - 1, &inner);
            text.push_str(&format!(" [{pattern} {body}]"));
        }
        text.push(')');
        text
    }

    fn arms(&mut self, of: &Ty) -> Vec<Arm> {
        let [a, b, c] = ["a", "b", "c"].map(|prefix| self.name(prefix));
        let bind = |names: &[(&String, Ty)]| -> Env {
            names.iter().map(|(name, ty)| ((*name).clone(), ty.clone())).collect()
        };
        let inner = |ty: &Ty| ty.clone();
        let none = Env::new;
        match of {
            Ty::List(x) => vec![
                (
                    format!("(Cons {a} (Cons {b} {c}))"),
                    bind(&[(&a, inner(x)), (&b, inner(x)), (&c, of.clone())]),
                ),
                (format!("(Cons {a} {c})"), bind(&[(&a, inner(x)), (&c, of.clone())])),
                ("Nil".to_owned(), none()),
            ],
            Ty::Vector(x) => vec![
                ("[]".to_owned(), none()),
                (format!("[{a} {b}]"), bind(&[(&a, inner(x)), (&b, inner(x))])),
                (format!("[{a} & {c}]"), bind(&[(&a, inner(x)), (&c, of.clone())])),
            ],
            Ty::Option(x) if **x == Ty::Int => vec![
                (format!("(Some {a}) :when (> {a} 3)"), bind(&[(&a, Ty::Int)])),
                (format!("(Some {a})"), bind(&[(&a, Ty::Int)])),
                ("None".to_owned(), none()),
            ],
            Ty::Option(x) => {
                vec![(format!("(Some {a})"), bind(&[(&a, inner(x))])), ("None".to_owned(), none())]
            }
            Ty::Tree(x) => vec![
                (format!("(Node Leaf {a} {c})"), bind(&[(&a, inner(x)), (&c, of.clone())])),
                (
                    format!("(Node {b} {a} {c})"),
                    bind(&[(&a, inner(x)), (&b, of.clone()), (&c, of.clone())]),
                ),
                ("Leaf".to_owned(), none()),
            ],
            Ty::Pair(x, y) => {
                vec![(format!("(Pair {a} {b})"), bind(&[(&a, inner(x)), (&b, inner(y))]))]
            }
            Ty::Shape => vec![
                (format!("(Circle {a})"), bind(&[(&a, Ty::Float)])),
                (format!("(Named {b} (Box {a} _))"), bind(&[(&b, Ty::Text), (&a, Ty::Int)])),
                ("Dot".to_owned(), none()),
                (format!("(as {c} _)"), bind(&[(&c, Ty::Shape)])),
            ],
            Ty::Color => vec![("Green".to_owned(), none()), ("_".to_owned(), none())],
            Ty::Text => {
                vec![("\"a\"".to_owned(), none()), (a.clone(), bind(&[(&a, Ty::Text)]))]
            }
            Ty::Point => {
                vec![(format!("{{:x {a} :name {b}}}"), bind(&[(&a, Ty::Int), (&b, Ty::Text)]))]
            }
            Ty::Frame => vec![(
                format!("{{:items {a} :at {b}}}"),
                bind(&[(&a, vector(Ty::Int)), (&b, Ty::Point)]),
            )],
            _ => vec![
                ("0".to_owned(), none()),
                ("3".to_owned(), none()),
                (a.clone(), bind(&[(&a, Ty::Int)])),
            ],
        }
    }
}
