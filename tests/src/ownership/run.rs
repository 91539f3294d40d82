//! The ownership interpreter: runs a program on all its inputs and watches every value of the
//! linear type. It knows nothing of the checker. A value is consumed by `use`; using it again, or
//! looking at it afterwards, is a mistake; so is one that at the end is neither consumed nor part
//! of what is returned, or is part of it twice. `abort` owes nothing.

use super::program::{BOOLS, Expr, Var};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Clone)]
enum Value {
    Int,
    R(usize),
    Pair(Rc<(Value, Value)>),
    Option(Option<Rc<Value>>),
    Closure(Rc<(Expr, Env)>),
}

type Env = BTreeMap<Var, Value>;

enum Exit {
    /// The function is left with a value.
    Return(Value),
    Abort,
    Mistake(String),
}

struct Machine {
    bools: [bool; BOOLS],
    /// How often each value of the linear type was consumed.
    consumed: Vec<u32>,
}

/// What goes wrong on some input.
pub fn mistake(body: &Expr) -> Option<String> {
    (0..1 << BOOLS).find_map(|input: u32| {
        let bools = std::array::from_fn(|i| input >> i & 1 == 1);
        run(body, bools).map(|text| format!("on {bools:?}: {text}"))
    })
}

fn run(body: &Expr, bools: [bool; BOOLS]) -> Option<String> {
    let mut machine = Machine { bools, consumed: Vec::new() };
    let result = match machine.eval(body, &Env::new()) {
        Ok(value) | Err(Exit::Return(value)) => value,
        Err(Exit::Abort) => return None,
        Err(Exit::Mistake(text)) => return Some(text),
    };
    let mut returned = vec![0; machine.consumed.len()];
    count(&result, &mut returned);
    let owned = machine.consumed.iter().zip(&returned).position(|(used, out)| used + out != 1);
    owned.map(|value| format!("value {value} is leaked, or owned twice"))
}

fn count(value: &Value, found: &mut [u32]) {
    match value {
        Value::Int => {}
        Value::R(id) => found[*id] += 1,
        Value::Pair(parts) => {
            count(&parts.0, found);
            count(&parts.1, found);
        }
        Value::Option(part) => part.iter().for_each(|part| count(part, found)),
        Value::Closure(closure) => closure.1.values().for_each(|part| count(part, found)),
    }
}

impl Machine {
    fn consume(&mut self, value: &Value) -> Result<Value, Exit> {
        let Value::R(id) = value else { return Err(Exit::Mistake("no resource".to_owned())) };
        self.consumed[*id] += 1;
        match self.consumed[*id] {
            1 => Ok(Value::Int),
            _ => Err(Exit::Mistake(format!("value {id} is consumed again"))),
        }
    }

    fn look(&self, env: &Env, x: Var) -> Result<Value, Exit> {
        match &env[&x] {
            Value::R(id) if self.consumed[*id] > 0 => {
                Err(Exit::Mistake(format!("value {id} is looked at when it is gone")))
            }
            _ => Ok(Value::Int),
        }
    }

    fn call(&mut self, f: &Value) -> Result<Value, Exit> {
        let Value::Closure(closure) = f else {
            return Err(Exit::Mistake("no function".to_owned()));
        };
        match self.eval(&closure.0, &closure.1) {
            // `return` and `try` leave the closure. Its result is a Result then, which the
            // checker refuses by its type.
            Err(Exit::Return(value)) => Ok(value),
            other => other,
        }
    }

    fn bound(&mut self, x: Var, value: Value, body: &Expr, env: &Env) -> Result<Value, Exit> {
        let mut inner = env.clone();
        inner.insert(x, value);
        self.eval(body, &inner)
    }

    #[expect(clippy::too_many_lines, reason = "one arm per form")]
    fn eval(&mut self, e: &Expr, env: &Env) -> Result<Value, Exit> {
        Ok(match e {
            Expr::Int(_) => Value::Int,
            Expr::New => {
                self.consumed.push(0);
                Value::R(self.consumed.len() - 1)
            }
            Expr::Local(x) => env[x].clone(),
            Expr::Use(e) => {
                let value = self.eval(e, env)?;
                self.consume(&value)?
            }
            Expr::Same(e) => self.eval(e, env)?,
            Expr::Peek(x) => self.look(env, *x)?,
            Expr::Both(x, e) => {
                self.look(env, *x)?;
                self.eval(e, env)?;
                self.look(env, *x)?
            }
            Expr::Pair(a, b) => Value::Pair(Rc::new((self.eval(a, env)?, self.eval(b, env)?))),
            Expr::Some(e) => Value::Option(Some(Rc::new(self.eval(e, env)?))),
            Expr::None => Value::Option(None),
            Expr::If(b, x, y) => self.eval(if self.bools[*b] { x } else { y }, env)?,
            Expr::Let(x, e, body) => {
                let value = self.eval(e, env)?;
                self.bound(*x, value, body, env)?
            }
            Expr::Do(a, b) => {
                self.eval(a, env)?;
                self.eval(b, env)?
            }
            Expr::Split(e, a, b, body) => {
                let Value::Pair(parts) = self.eval(e, env)? else {
                    return Err(Exit::Mistake("no pair".to_owned()));
                };
                let mut inner = env.clone();
                inner.insert(*a, parts.0.clone());
                inner.insert(*b, parts.1.clone());
                self.eval(body, &inner)?
            }
            Expr::Choose(e, guard, y, some, none) => {
                let Value::Option(part) = self.eval(e, env)? else {
                    return Err(Exit::Mistake("no option".to_owned()));
                };
                let Some(part) = part else { return self.eval(none, env) };
                if let Some((x, test, body)) = guard {
                    self.bound(*x, (*part).clone(), test, env)?;
                    // Both outcomes of a test are possible; a Bool of the input decides.
                    if self.bools[x % BOOLS] {
                        return self.bound(*x, (*part).clone(), body, env);
                    }
                }
                self.bound(*y, (*part).clone(), some, env)?
            }
            Expr::Look(o, x, some, none) => match &env[o] {
                Value::Option(Some(part)) => self.bound(*x, (**part).clone(), some, env)?,
                _ => self.eval(none, env)?,
            },
            Expr::Fn(body) => Value::Closure(Rc::new(((**body).clone(), env.clone()))),
            Expr::Call(x) => self.call(&env[x].clone())?,
            Expr::Once(f) => {
                let f = self.eval(f, env)?;
                self.call(&f)?
            }
            Expr::Often(f) => {
                let f = self.eval(f, env)?;
                self.call(&f)?;
                self.call(&f)?
            }
            Expr::Try(b) if self.bools[*b] => Value::Int,
            Expr::Try(_) => return Err(Exit::Return(Value::Int)),
            Expr::Return(e) => return Err(Exit::Return(self.eval(e, env)?)),
            Expr::Abort => return Err(Exit::Abort),
            Expr::Loop(_, x, start, next, end) => {
                let mut value = self.eval(start, env)?;
                for _ in 0..2 {
                    value = self.bound(*x, value, next, env)?;
                }
                self.bound(*x, value, end, env)?
            }
            Expr::For(x, a, b, body) => {
                let items = [self.eval(a, env)?, self.eval(b, env)?];
                for item in items {
                    self.bound(*x, item, body, env)?;
                }
                Value::Int
            }
            Expr::With(x, e, body) => {
                let value = self.eval(e, env)?;
                let result = self.bound(*x, value.clone(), body, env);
                if !matches!(result, Err(Exit::Abort | Exit::Mistake(_))) {
                    self.consume(&value)?;
                }
                result?
            }
            Expr::Borrow(q, x, e) => {
                self.look(env, *x)?;
                let value = env[x].clone();
                let result = self.bound(*q, value, e, env)?;
                self.look(env, *x)?;
                result
            }
        })
    }
}
