//! Patterns as decision trees (after Maranget 2008, without his choice of columns: the first row's
//! leftmost test comes first).
//!
//! 1. A match is a matrix: a column for each variable that is looked at, a row for each arm.
//! 2. The first row's first pattern that can fail is tested; the rows that each outcome leaves are
//!    matched on, with columns for the parts that the outcome knows of.
//! 3. A row without patterns is a leaf: the arm's block gets what the patterns bind. A guard that
//!    fails goes on with the rows below.
//!
//! The checker proved that the arms are exhaustive: where no row is left is never reached.

use super::Lowerer;
use super::expr::{Join, float};
use crate::ir::{BlockId, Const, End, Op, Prim, VarId};
use eclexia_core::core::{Arm, ExprId, Literal, LocalId, Pat, PatId};
use eclexia_rt::layout::{Rep, ShapeId};

/// An arm while its patterns are taken apart.
#[derive(Clone)]
struct Row {
    /// A pattern, or nothing, for each column.
    cols: Vec<Option<PatId>>,
    binds: Vec<(LocalId, VarId)>,
    arm: usize,
}

/// What the rows lead to.
struct Arms<'m> {
    e: ExprId,
    arms: &'m [Arm],
    /// Locals that each arm binds.
    binders: Vec<Vec<LocalId>>,
    blocks: Vec<Option<BlockId>>,
}

/// What a test of a column compares with.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Ctor(u32),
    Literal(Literally),
    Length { length: usize, or_more: bool },
}

/// A literal as it is compared.
#[derive(Clone, Copy, PartialEq)]
enum Literally {
    Int(i64),
    Float(u64),
    Bool(bool),
    Keyword(eclexia_base::Name),
    Str(eclexia_base::Name),
}

impl Lowerer<'_> {
    pub(super) fn match_arms(
        &mut self,
        e: ExprId,
        value: ExprId,
        arms: &[Arm],
        is_tail: bool,
    ) -> Option<VarId> {
        let var = self.expr(value, false)?;
        let binders = arms.iter().map(|arm| self.binders(arm.pat)).collect();
        let mut leads = Arms { e, arms, binders, blocks: vec![None; arms.len()] };
        let mut rows = Vec::with_capacity(arms.len());
        for (arm, at) in arms.iter().zip(0..) {
            let mut row = Row { cols: vec![None], binds: Vec::new(), arm: at };
            self.place(&mut row, 0, var, arm.pat);
            rows.push(row);
        }
        self.rows(&mut leads, vec![var], rows);
        let shape = self.shape_of_expr(e);
        let mut join = self.join(shape);
        for (at, arm) in arms.iter().enumerate() {
            self.arm(&leads, at, arm, is_tail, &mut join);
        }
        self.meet(join)
    }

    fn arm(&mut self, leads: &Arms<'_>, at: usize, arm: &Arm, is_tail: bool, join: &mut Join) {
        let Some(block) = leads.blocks[at] else { return };
        self.go_on_in(block);
        let params = self.top().func.blocks[block].params.clone();
        let env = &mut self.top().env;
        env.extend(leads.binders[at].iter().copied().zip(params));
        if let Some(value) = self.expr(arm.body, is_tail) {
            self.leave_to(join, value);
        }
    }

    fn binders(&self, pat: PatId) -> Vec<LocalId> {
        let mut all = Vec::new();
        self.body.each_binder(pat, &mut |local| all.push(local));
        all
    }

    /// Of `let`, parameters and `for`: binds in the current environment.
    pub(super) fn bind_irrefutable(&mut self, e: ExprId, pat: PatId, var: VarId) {
        let body = self.body;
        match &body.pats[pat] {
            Pat::Wildcard => return,
            Pat::Bind(local) => {
                self.top().env.insert(*local, var);
                return;
            }
            _ => {}
        }
        let mut row = Row { cols: vec![None], binds: Vec::new(), arm: 0 };
        self.place(&mut row, 0, var, pat);
        let binders = vec![self.binders(pat)];
        let mut leads = Arms { e, arms: &[], binders, blocks: vec![None] };
        self.rows(&mut leads, vec![var], vec![row]);
        if let Some(block) = leads.blocks[0] {
            self.go_on_in(block);
            let params = self.top().func.blocks[block].params.clone();
            let binders = leads.binders.remove(0);
            self.top().env.extend(binders.into_iter().zip(params));
        }
    }

    /// Puts a pattern into a column; what only binds is taken off.
    fn place(&mut self, row: &mut Row, col: usize, var: VarId, pat: PatId) {
        let body = self.body;
        let mut pat = pat;
        loop {
            match &body.pats[pat] {
                Pat::Wildcard | Pat::Literal(Literal::Unit) => return,
                Pat::Bind(local) => return row.binds.push((*local, var)),
                Pat::As { local, pat: inner } => {
                    row.binds.push((*local, var));
                    pat = *inner;
                }
                Pat::Ctor { ctor, args } if self.program.ctors[*ctor].is_record => {
                    let Some(record) = args.first() else { return };
                    pat = *record;
                }
                Pat::Vector { items, rest: Some(rest) } if items.is_empty() => pat = *rest,
                _ => {
                    row.cols[col] = Some(pat);
                    return;
                }
            }
        }
    }

    /// Matches the rows, from the current block.
    fn rows(&mut self, leads: &mut Arms<'_>, mut cols: Vec<VarId>, mut rows: Vec<Row>) {
        loop {
            let Some(first) = rows.first() else {
                return self.end_at(leads.e, End::Unreachable);
            };
            let Some(col) = first.cols.iter().position(Option::is_some) else {
                let row = rows.remove(0);
                if self.leaf_row(leads, row) {
                    return;
                }
                continue;
            };
            let Some(pat) = first.cols[col] else { return };
            let body = self.body;
            match &body.pats[pat] {
                Pat::Record { .. } => self.expand_record(&mut cols, &mut rows, col),
                Pat::Ctor { ctor, .. } if !self.has_siblings(cols[col]) => {
                    let index = self.program.ctors[*ctor].index;
                    self.expand_ctor(&mut cols, &mut rows, col, index);
                }
                Pat::Error => return self.end_at(leads.e, End::Unreachable),
                _ => return self.test(leads, cols, rows, col),
            }
        }
    }

    /// The leaf of a row; whether nothing below it is left to try.
    fn leaf_row(&mut self, leads: &mut Arms<'_>, row: Row) -> bool {
        let guard = leads.arms.get(row.arm).and_then(|arm| arm.guard);
        let after = match guard {
            None => None,
            Some(guard) => {
                let env = &mut self.top().env;
                env.extend(row.binds.iter().copied());
                let Some(cond) = self.expr(guard, false) else { return true };
                let (then, other) = (self.new_block(), self.new_block());
                self.end(End::Branch { cond, then, other });
                self.go_on_in(then);
                Some(other)
            }
        };
        let block = match leads.blocks[row.arm] {
            Some(block) => block,
            None => {
                let block = self.new_block();
                for local in leads.binders[row.arm].clone() {
                    let known = row.binds.iter().rfind(|(bound, _)| *bound == local);
                    let shape = match known {
                        Some((_, var)) => self.shape(*var),
                        None => self.shape_of_local(local),
                    };
                    self.new_param(block, shape);
                }
                leads.blocks[row.arm] = Some(block);
                block
            }
        };
        let args: Vec<VarId> = leads.binders[row.arm]
            .iter()
            .filter_map(|local| row.binds.iter().rfind(|(bound, _)| bound == local))
            .map(|(_, var)| *var)
            .collect();
        self.end(End::Jump(block, args));
        match after {
            Some(other) => {
                self.go_on_in(other);
                false
            }
            None => true,
        }
    }

    fn has_siblings(&self, var: VarId) -> bool {
        self.data_shape(self.shape(var)).len() > 1
    }

    /// A record's fields that some row looks at become columns.
    fn expand_record(&mut self, cols: &mut Vec<VarId>, rows: &mut [Row], col: usize) {
        let body = self.body;
        let parts = |lowerer: &Self, row: &Row| -> Vec<(u32, PatId)> {
            let Some(pat) = row.cols[col] else { return Vec::new() };
            let Pat::Record { fields } = &body.pats[pat] else { return Vec::new() };
            let indices = lowerer.facts.pat_fields.get(&pat).cloned().unwrap_or_default();
            indices.into_iter().zip(fields.iter().map(|(_, part)| *part)).collect()
        };
        let all: Vec<Vec<(u32, PatId)>> = rows.iter().map(|row| parts(self, row)).collect();
        for row in rows.iter_mut() {
            row.cols[col] = None;
        }
        self.columns(cols, rows, cols[col], 0, &all);
    }

    /// The fields of a constructor that rows with its pattern look at become columns.
    fn expand_ctor(&mut self, cols: &mut Vec<VarId>, rows: &mut [Row], col: usize, index: u32) {
        let body = self.body;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows.iter_mut() {
            let pat = row.cols[col].take();
            all.push(match pat.map(|pat| &body.pats[pat]) {
                Some(Pat::Ctor { args, .. }) => (0..).zip(args.iter().copied()).collect(),
                _ => Vec::new(),
            });
        }
        self.columns(cols, rows, cols[col], index as usize, &all);
    }

    /// Adds a column for every field of `of` that one of the rows' parts looks at.
    fn columns(
        &mut self,
        cols: &mut Vec<VarId>,
        rows: &mut [Row],
        of: VarId,
        ctor: usize,
        parts: &[Vec<(u32, PatId)>],
    ) {
        let shape = self.shape(of);
        let fields = self.data_shape(shape).get(ctor).map(|c| c.fields.clone());
        for (index, field) in (0..).zip(fields.unwrap_or_default()) {
            let wanted = |(at, part): &(u32, PatId)| *at == index && !self.is_ignored(*part);
            if !parts.iter().flatten().any(wanted) {
                continue;
            }
            let var = self.emit(Op::Field { of, index }, field);
            self.column(cols, rows, var, |row| {
                parts[row].iter().find(|(at, _)| *at == index).map(|(_, part)| *part)
            });
        }
    }

    /// A new column; `part` says the pattern of each row.
    fn column(
        &mut self,
        cols: &mut Vec<VarId>,
        rows: &mut [Row],
        var: VarId,
        part: impl Fn(usize) -> Option<PatId>,
    ) {
        let col = cols.len();
        cols.push(var);
        for (at, row) in rows.iter_mut().enumerate() {
            row.cols.push(None);
            if let Some(pat) = part(at) {
                self.place(row, col, var, pat);
            }
        }
    }

    fn is_ignored(&self, pat: PatId) -> bool {
        matches!(self.body.pats[pat], Pat::Wildcard)
    }

    /// What a column's pattern compares with; `None`: nothing is in the column.
    fn key(&self, row: &Row, col: usize, var: VarId) -> Option<Key> {
        Some(match &self.body.pats[row.cols[col]?] {
            Pat::Ctor { ctor, .. } => Key::Ctor(self.program.ctors[*ctor].index),
            Pat::Vector { items, rest } => {
                Key::Length { length: items.len(), or_more: rest.is_some() }
            }
            Pat::Literal(literal) => Key::Literal(match literal {
                Literal::Unit => Literally::Int(0),
                Literal::Bool(b) => Literally::Bool(*b),
                Literal::Int(n) if self.rep(var) == Rep::Float => {
                    Literally::Float((*n as f64).to_bits())
                }
                Literal::Int(n) => Literally::Int(*n),
                Literal::Float(x) => Literally::Float(x.to_bits()),
                Literal::Quantity(x, _) => {
                    Literally::Float(eclexia_base::number::to_f64(x).to_bits())
                }
                Literal::Keyword(name) => Literally::Keyword(*name),
                Literal::Str(name) => Literally::Str(*name),
            }),
            _ => return None,
        })
    }

    /// Tests a column, by the kind of the first row's pattern.
    fn test(&mut self, leads: &mut Arms<'_>, cols: Vec<VarId>, rows: Vec<Row>, col: usize) {
        let var = cols[col];
        match self.key(&rows[0], col, var) {
            Some(Key::Ctor(_)) => self.test_ctor(leads, &cols, &rows, col),
            Some(Key::Literal(Literally::Bool(_) | Literally::Int(_))) => {
                self.test_switch(leads, &cols, &rows, col);
            }
            Some(Key::Literal(_)) => self.test_literals(leads, cols, rows, col),
            Some(Key::Length { length, or_more }) => {
                self.test_length(leads, &cols, &rows, col, (length, or_more));
            }
            None => self.end_at(leads.e, End::Unreachable),
        }
    }

    /// The distinct keys of a column, in order of the rows.
    fn keys(&self, rows: &[Row], col: usize, var: VarId) -> Vec<Key> {
        let mut keys = Vec::new();
        for row in rows {
            if let Some(key) = self.key(row, col, var)
                && !keys.contains(&key)
            {
                keys.push(key);
            }
        }
        keys
    }

    /// The rows that remain where the column is `key`, or where it is none of the keys.
    fn remaining(&self, rows: &[Row], col: usize, var: VarId, key: Option<Key>) -> Vec<Row> {
        let stays = |row: &&Row| match self.key(row, col, var) {
            None => true,
            own => own == key,
        };
        rows.iter().filter(stays).cloned().collect()
    }

    fn test_ctor(&mut self, leads: &mut Arms<'_>, cols: &[VarId], rows: &[Row], col: usize) {
        let var = cols[col];
        let mut indices: Vec<u32> =
            self.keys(rows, col, var).into_iter().filter_map(ctor).collect();
        indices.sort_unstable();
        let is_whole = indices.len() == self.data_shape(self.shape(var)).len();
        let int = self.int_shape;
        // An enumeration is its constructor's index.
        let tag = match self.rep(var) {
            Rep::Int => var,
            _ => self.emit(Op::Tag(var), int),
        };
        let blocks: Vec<BlockId> = indices.iter().map(|_| self.new_block()).collect();
        let default = (!is_whole).then(|| self.new_block());
        let cases = indices.iter().map(|i| i64::from(*i)).zip(blocks.iter().copied()).collect();
        self.end(End::Switch { value: tag, cases, default });
        for (index, block) in indices.into_iter().zip(blocks) {
            self.go_on_in(block);
            let mut rows = self.remaining(rows, col, var, Some(Key::Ctor(index)));
            let mut cols = cols.to_vec();
            self.expand_ctor(&mut cols, &mut rows, col, index);
            self.rows(leads, cols, rows);
        }
        if let Some(block) = default {
            self.go_on_in(block);
            let rows = self.remaining(rows, col, var, None);
            self.rows(leads, cols.to_vec(), rows);
        }
    }

    /// Ints and Bools.
    fn test_switch(&mut self, leads: &mut Arms<'_>, cols: &[VarId], rows: &[Row], col: usize) {
        let var = cols[col];
        let keys = self.keys(rows, col, var);
        let blocks: Vec<BlockId> = keys.iter().map(|_| self.new_block()).collect();
        let is_bool = self.rep(var) == Rep::Bool;
        let default = (!is_bool || keys.len() < 2).then(|| self.new_block());
        let block_of = |wanted: bool| {
            let found = keys.iter().position(|key| *key == Key::Literal(Literally::Bool(wanted)));
            found.map(|at| blocks[at]).or(default)
        };
        let end = match (is_bool, block_of(true), block_of(false)) {
            (true, Some(then), Some(other)) => End::Branch { cond: var, then, other },
            _ => {
                let cases = keys.iter().filter_map(int).zip(blocks.iter().copied()).collect();
                End::Switch { value: var, cases, default }
            }
        };
        self.end(end);
        for (key, block) in keys.iter().zip(blocks) {
            self.go_on_in(block);
            let rows = self.without(rows, col, var, Some(*key));
            self.rows(leads, cols.to_vec(), rows);
        }
        if let Some(block) = default {
            self.go_on_in(block);
            let rows = self.remaining(rows, col, var, None);
            self.rows(leads, cols.to_vec(), rows);
        }
    }

    /// The rows that remain where the column is `key`, which needs no further look.
    fn without(&self, rows: &[Row], col: usize, var: VarId, key: Option<Key>) -> Vec<Row> {
        let mut rows = self.remaining(rows, col, var, key);
        rows.iter_mut().for_each(|row| row.cols[col] = None);
        rows
    }

    /// Floats, strings and keywords: one comparison after the other.
    fn test_literals(
        &mut self,
        leads: &mut Arms<'_>,
        cols: Vec<VarId>,
        rows: Vec<Row>,
        col: usize,
    ) {
        let var = cols[col];
        for key in self.keys(&rows, col, var) {
            let Key::Literal(literal) = key else { continue };
            let cond = self.is_literal(leads.e, var, literal);
            let (then, other) = (self.new_block(), self.new_block());
            self.end(End::Branch { cond, then, other });
            self.go_on_in(then);
            let rows = self.without(&rows, col, var, Some(key));
            self.rows(leads, cols.clone(), rows);
            self.go_on_in(other);
        }
        let rows = self.remaining(&rows, col, var, None);
        self.rows(leads, cols, rows);
    }

    fn is_literal(&mut self, e: ExprId, var: VarId, literal: Literally) -> VarId {
        let (shape, bool) = (self.shape(var), self.bool_shape);
        let (constant, prim) = match literal {
            Literally::Float(bits) => (float(f64::from_bits(bits)), Prim::FloatEq),
            Literally::Keyword(name) => (Const::Keyword(name), Prim::IntEq),
            Literally::Int(n) => (Const::Int(n), Prim::IntEq),
            Literally::Bool(b) => (Const::Bool(b), Prim::BoolEq),
            Literally::Str(text) => {
                let text = self.ir.string(text.as_str());
                let text = self.constant(Const::Str(text), shape);
                return self.named(e, "string-eq", vec![var, text], bool);
            }
        };
        let constant = self.constant(constant, shape);
        self.emit(Op::Prim(prim, vec![var, constant]), bool)
    }

    fn test_length(
        &mut self,
        leads: &mut Arms<'_>,
        cols: &[VarId],
        rows: &[Row],
        col: usize,
        test: (usize, bool),
    ) {
        let (var, (length, or_more)) = (cols[col], test);
        let (int, bool) = (self.int_shape, self.bool_shape);
        let found = self.named(leads.e, "vector-length", vec![var], int);
        let wanted = self.constant(Const::Int(length as i64), int);
        let prim = if or_more {
            Op::Prim(Prim::IntLe, vec![wanted, found])
        } else {
            Op::Prim(Prim::IntEq, vec![found, wanted])
        };
        let cond = self.emit(prim, bool);
        let (then, other) = (self.new_block(), self.new_block());
        self.end(End::Branch { cond, then, other });
        self.go_on_in(then);
        let (mut yes, no) = self.by_length(rows, col, var, test);
        let mut all = cols.to_vec();
        self.expand_vector(leads.e, &mut all, &mut yes, col, test);
        self.rows(leads, all, yes);
        self.go_on_in(other);
        self.rows(leads, cols.to_vec(), no);
    }

    /// The rows that can match where the test holds, and where it does not.
    fn by_length(
        &self,
        rows: &[Row],
        col: usize,
        var: VarId,
        (length, or_more): (usize, bool),
    ) -> (Vec<Row>, Vec<Row>) {
        let (mut yes, mut no) = (Vec::new(), Vec::new());
        for row in rows {
            let (in_yes, in_no) = match self.key(row, col, var) {
                Some(Key::Length { length: own, or_more: own_more }) => {
                    let is_same = own == length && own_more == or_more;
                    let in_yes = match (or_more, own_more) {
                        (false, false) => own == length,
                        (false, true) => own <= length,
                        (true, false) => own >= length,
                        (true, true) => true,
                    };
                    (in_yes, !is_same && (!or_more || own < length))
                }
                _ => (true, true),
            };
            if in_yes {
                yes.push(row.clone());
            }
            if in_no {
                no.push(row.clone());
            }
        }
        (yes, no)
    }

    /// Elements and rest become columns of the rows whose pattern was tested.
    fn expand_vector(
        &mut self,
        e: ExprId,
        cols: &mut Vec<VarId>,
        rows: &mut [Row],
        col: usize,
        (length, or_more): (usize, bool),
    ) {
        let body = self.body;
        let var = cols[col];
        let shape = self.shape(var);
        let item = self.is_vector(shape).unwrap_or(self.unit_shape);
        let mut tested: Vec<Option<(&[PatId], Option<PatId>)>> = Vec::with_capacity(rows.len());
        for row in rows.iter_mut() {
            tested.push(match row.cols[col].map(|pat| &body.pats[pat]) {
                Some(Pat::Vector { items, rest })
                    if items.len() == length && rest.is_some() == or_more =>
                {
                    row.cols[col] = None;
                    Some((items, *rest))
                }
                _ => None,
            });
        }
        for at in 0..length {
            let part = |row: usize| tested[row].map(|(items, _)| items[at]);
            if (0..rows.len()).filter_map(part).all(|part| self.is_ignored(part)) {
                continue;
            }
            let element = self.vector_item(e, var, at, item);
            self.column(cols, rows, element, part);
        }
        let rest = |row: usize| tested[row].and_then(|(_, rest)| rest);
        if or_more && !(0..rows.len()).filter_map(rest).all(|part| self.is_ignored(part)) {
            let rest_var = self.vector_rest(e, var, length, shape);
            self.column(cols, rows, rest_var, rest);
        }
    }

    fn vector_item(&mut self, e: ExprId, of: VarId, at: usize, item: ShapeId) -> VarId {
        let int = self.int_shape;
        let index = self.constant(Const::Int(at as i64), int);
        self.named(e, "vector-get", vec![of, index], item)
    }

    fn vector_rest(&mut self, e: ExprId, of: VarId, from: usize, shape: ShapeId) -> VarId {
        let int = self.int_shape;
        let from = self.constant(Const::Int(from as i64), int);
        let to = self.named(e, "vector-length", vec![of], int);
        self.named(e, "vector/slice", vec![of, from, to], shape)
    }
}

fn ctor(key: Key) -> Option<u32> {
    if let Key::Ctor(index) = key { Some(index) } else { None }
}

fn int(key: &Key) -> Option<i64> {
    if let Key::Literal(Literally::Int(n)) = key { Some(*n) } else { None }
}
