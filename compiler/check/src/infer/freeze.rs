//! From the arena to closed types: for schemes and facts, and for messages.

use super::Infer;
use crate::arena::Amount;
use crate::arena::{Clash, GENERIC, Node, T};
use crate::ty::{AmountTy, GradeTy, Ty, TyKind, TyVar};
use eclexia_base::{FxHashMap, FxHashSet, Name};

/// How the variables of one definition, or of one message, are called.
#[derive(Default)]
pub(super) struct Names {
    pub vars: Vec<(T, TyVar)>,
    pub units: Vec<(u32, TyVar)>,
    /// Positions in `vars`.
    known: FxHashMap<T, u32>,
    taken: FxHashSet<Name>,
    /// How many letters of each alphabet have been tried.
    tried: [usize; 3],
    /// In a message every variable has a letter; in facts those that nothing decides are `_`.
    letters: bool,
    memo: FxHashMap<T, Ty>,
}

impl Names {
    /// The variable for `t`, with the next free letter when it is new.
    pub fn name(&mut self, t: T) -> TyVar {
        if let Some(at) = self.known.get(&t) {
            return self.vars[*at as usize].1;
        }
        let index = self.vars.len() as u32;
        let var = TyVar { index, name: self.letter(0) };
        self.vars.push((t, var));
        self.known.insert(t, index);
        var
    }

    fn name_unit(&mut self, unit: u32) -> TyVar {
        self.name_counted(unit, 1)
    }

    /// Grade variables are numbered with those of units.
    fn name_grade(&mut self, grade: u32) -> TyVar {
        self.name_counted(grade, 2)
    }

    fn name_counted(&mut self, unit: u32, alphabet: usize) -> TyVar {
        if let Some((_, var)) = self.units.iter().find(|(known, _)| *known == unit) {
            return *var;
        }
        let index = self.units.len() as u32;
        let var = TyVar { index, name: self.letter(alphabet) };
        self.units.push((unit, var));
        var
    }

    /// The next free letter for types (0), units (1) or amounts (2): `a` to `t`, then `a1` and so
    /// on.
    fn letter(&mut self, alphabet: usize) -> Name {
        const LETTERS: [&str; 3] = ["abcdefghijklmnopqrst", "uvwxyz", "nmkl"];
        let letters = LETTERS[alphabet];
        loop {
            let tried = self.tried[alphabet];
            self.tried[alphabet] += 1;
            let (round, at) = (tried / letters.len(), tried % letters.len());
            let letter = &letters[at..=at];
            let text = if round == 0 { letter.to_owned() } else { format!("{letter}{round}") };
            let name = Name::new(&text);
            if self.taken.insert(name) {
                return name;
            }
        }
    }
}

impl Infer<'_> {
    /// Names for one message: those of the signature are taken.
    pub(super) fn message_names(&self) -> Names {
        let cx = &self.bodies[self.at];
        let taken = cx.vars.iter().map(|(n, _)| *n).chain(cx.units.iter().map(|(n, _)| *n));
        Names { letters: true, taken: taken.collect(), ..Names::default() }
    }

    /// Names for the scheme and the facts of a definition whose signature has `taken`.
    pub(super) fn scheme_names(&self, taken: Vec<Name>) -> Names {
        Names { taken: taken.into_iter().collect(), ..Names::default() }
    }

    pub(super) fn freeze_message(&mut self, t: T) -> Ty {
        let mut names = self.message_names();
        self.freeze(t, &mut names)
    }

    pub(super) fn freeze_clash(&mut self, clash: Clash, names: &mut Names) -> (Ty, Ty) {
        let (a, b) = clash.sides();
        (self.freeze(a, names), self.freeze(b, names))
    }

    pub(super) fn freeze(&mut self, t: T, names: &mut Names) -> Ty {
        let t = self.arena.find(t);
        if let Some(ty) = names.memo.get(&t) {
            return *ty;
        }
        let ty = self.freeze_node(t, names);
        names.memo.insert(t, ty);
        ty
    }

    fn freeze_node(&mut self, t: T, names: &mut Names) -> Ty {
        match self.arena.node(t) {
            Node::Link(_) | Node::Error => Ty::ERROR,
            Node::Rigid(var) => Ty::new(TyKind::Var(var)),
            Node::Var { level } => {
                let known = names.known.contains_key(&t);
                if known || names.letters || level == GENERIC {
                    Ty::new(TyKind::Var(names.name(t)))
                } else {
                    let name = Name::new("_");
                    Ty::new(TyKind::Var(TyVar { index: u32::MAX, name }))
                }
            }
            Node::Con(id, run) => {
                let args = self.freeze_run(run, names);
                Ty::con(id, args)
            }
            Node::Fn(run, ret) => {
                let params = self.freeze_run(run, names);
                Ty::new(TyKind::Fn(params.into(), self.freeze(ret, names)))
            }
            Node::Fn1(run, ret) => {
                let params = self.freeze_run(run, names);
                Ty::new(TyKind::Fn1(params.into(), self.freeze(ret, names)))
            }
            Node::Ref(inner) => Ty::new(TyKind::Ref(self.freeze(inner, names))),
            Node::Q(unit) => {
                let units = &self.arena.units;
                let frozen = units.freeze(self.arena.unit(unit), |var| names.name_unit(var));
                Ty::new(TyKind::Q(frozen))
            }
            Node::Budget(index) => {
                let amounts = self.arena.budget_at(index).amounts.clone();
                let frozen = amounts.map(|amounts| {
                    let all = amounts.iter().filter_map(|a| self.freeze_amount(a, names));
                    all.collect()
                });
                Ty::new(TyKind::Budget(frozen))
            }
        }
    }

    /// `None`: nothing is left of it.
    fn freeze_amount(&self, amount: &Amount, names: &mut Names) -> Option<AmountTy> {
        let grades = &self.arena.grades;
        let sum = grades.normal(&amount.sum);
        if sum.is_zero() {
            return None;
        }
        let grade = |(id, factor): &(u32, _)| {
            let rigid = self.arena.units.rigid_name(*id);
            let var = rigid.unwrap_or_else(|| names.name_grade(*id));
            GradeTy { var, factor: Clone::clone(factor), least: grades.least(*id) }
        };
        let vars = sum.vars.iter().map(grade).collect();
        Some(AmountTy { key: amount.key, dim: amount.dim, constant: sum.constant, vars })
    }

    fn freeze_run(&mut self, run: crate::arena::Run, names: &mut Names) -> Vec<Ty> {
        (0..run.len()).map(|i| self.freeze(self.arena.item(run, i), names)).collect()
    }
}
