//! The sections of an MPS file, in the order they have to come.

use super::fields::{Layout, fields};
use super::{Fault, INFINITE, MOST_ENTRIES, MOST_LINES, Mps, What};
use eclexia_optimizer::model::{Column, Direction, Kind};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Name,
    ObjectiveSense,
    ObjectiveName,
    Rows,
    Columns,
    Sides,
    Ranges,
    Bounds,
    End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    AtMost,
    AtLeast,
    Equal,
}

/// A row's name leads to one of these.
#[derive(Clone, Copy)]
enum Row {
    Objective,
    Dropped,
    Of(usize),
}

/// Which bounds of a column were written.
#[derive(Clone, Copy, Default)]
struct Given {
    lo: bool,
    hi: bool,
}

struct Reader<'a> {
    mps: Mps,
    rows: BTreeMap<&'a str, Row>,
    columns: BTreeMap<&'a str, usize>,
    senses: Vec<Sense>,
    sides: Vec<Option<f64>>,
    ranges: Vec<Option<f64>>,
    given: Vec<Given>,
    /// The column being read, the line a row was last named on in it, and the kind it gets.
    current: Option<&'a str>,
    last_named: Vec<usize>,
    objective_named: usize,
    kind: Kind,
    wanted_objective: Option<&'a str>,
    set: Option<&'a str>,
    entries: usize,
}

pub fn read(text: &str, layout: Layout) -> Result<Mps, Fault> {
    let mut reader = Reader {
        mps: Mps::default(),
        rows: BTreeMap::new(),
        columns: BTreeMap::new(),
        senses: Vec::new(),
        sides: Vec::new(),
        ranges: Vec::new(),
        given: Vec::new(),
        current: None,
        last_named: Vec::new(),
        objective_named: usize::MAX,
        kind: Kind::Real,
        wanted_objective: None,
        set: None,
        entries: 0,
    };
    let mut section = None;
    let mut last = 0;
    for (index, line) in text.lines().enumerate() {
        last = index + 1;
        let at = |what| Fault { line: index + 1, what };
        if line.starts_with('*') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            section = Some(reader.begin(line).map_err(at)?);
            if section == Some(Section::End) {
                return reader.finish().map_err(at);
            }
            continue;
        }
        let fields = fields(line, layout);
        match section {
            None => return Err(at(What::Missing("NAME"))),
            Some(section) => reader.line(section, &fields).map_err(at)?,
        }
    }
    Err(Fault { line: last + 1, what: What::Missing("ENDATA") })
}

impl<'a> Reader<'a> {
    /// A line that is not indented.
    fn begin(&mut self, line: &'a str) -> Result<Section, What> {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or("");
        self.set = None;
        let section = match word.to_ascii_uppercase().as_str() {
            "NAME" => {
                self.mps.name = words.collect::<Vec<_>>().join(" ");
                Section::Name
            }
            "OBJSENSE" => {
                if let Some(word) = words.next() {
                    self.direction(word)?;
                }
                Section::ObjectiveSense
            }
            "OBJNAME" => {
                self.wanted_objective = words.next();
                Section::ObjectiveName
            }
            "ROWS" => Section::Rows,
            "COLUMNS" => Section::Columns,
            "RHS" => Section::Sides,
            "RANGES" => Section::Ranges,
            "BOUNDS" => Section::Bounds,
            "ENDATA" => Section::End,
            _ => return Err(What::UnknownSection(word.to_owned())),
        };
        if section as u8 >= Section::Columns as u8 && self.rows.is_empty() {
            return Err(What::Missing("ROWS"));
        }
        if section as u8 > Section::Columns as u8 && self.columns.is_empty() {
            return Err(What::Missing("COLUMNS"));
        }
        Ok(section)
    }

    fn line(&mut self, section: Section, fields: &[&'a str]) -> Result<(), What> {
        match section {
            Section::Name | Section::End => Err(What::Missing("ROWS")),
            Section::ObjectiveSense => self.direction(fields.first().unwrap_or(&"")),
            Section::ObjectiveName => {
                self.wanted_objective = fields.first().copied();
                Ok(())
            }
            Section::Rows => self.row(fields),
            Section::Columns => self.column(fields),
            Section::Sides | Section::Ranges => self.vector(section, fields),
            Section::Bounds => self.bound(fields),
        }
    }

    fn direction(&mut self, word: &str) -> Result<(), What> {
        self.mps.model.direction = match word.to_ascii_uppercase().as_str() {
            "MAX" | "MAXIMIZE" | "MAXIMISE" => Direction::Maximise,
            "MIN" | "MINIMIZE" | "MINIMISE" => Direction::Minimise,
            _ => return Err(What::UnknownKind(word.to_owned())),
        };
        Ok(())
    }

    fn row(&mut self, fields: &[&'a str]) -> Result<(), What> {
        let &[kind, name] = fields else { return Err(What::Fields("a type and a name")) };
        let sense = match kind.to_ascii_uppercase().as_str() {
            "N" => None,
            "L" => Some(Sense::AtMost),
            "G" => Some(Sense::AtLeast),
            "E" => Some(Sense::Equal),
            _ => return Err(What::UnknownKind(kind.to_owned())),
        };
        let is_objective = match self.wanted_objective {
            Some(wanted) => wanted == name,
            None => self.mps.objective.is_empty(),
        };
        let row = match sense {
            None if is_objective => {
                self.mps.objective = name.to_owned();
                Row::Objective
            }
            None => Row::Dropped,
            Some(sense) => {
                limit(self.senses.len(), MOST_LINES, "rows")?;
                self.senses.push(sense);
                self.sides.push(None);
                self.ranges.push(None);
                self.last_named.push(usize::MAX);
                self.mps.rows.push(name.to_owned());
                Row::Of(self.senses.len() - 1)
            }
        };
        match self.rows.insert(name, row) {
            Some(_) => Err(What::Repeated(name.to_owned())),
            None => Ok(()),
        }
    }

    fn column(&mut self, fields: &[&'a str]) -> Result<(), What> {
        if let &[_, "'MARKER'", marker] = fields {
            self.kind = match marker {
                "'INTORG'" => Kind::Whole,
                "'INTEND'" => Kind::Real,
                _ => return Err(What::UnknownKind(marker.to_owned())),
            };
            return Ok(());
        }
        let (&[name, ref pairs @ ..], 3 | 5) = (fields, fields.len()) else {
            return Err(What::Fields("a column, and one or two rows with numbers"));
        };
        if self.current != Some(name) {
            limit(self.columns.len(), MOST_LINES, "columns")?;
            if self.columns.insert(name, self.given.len()).is_some() {
                return Err(What::Repeated(name.to_owned()));
            }
            self.current = Some(name);
            self.given.push(Given::default());
            self.mps.columns.push(name.to_owned());
            let (kind, bounds) = (self.kind, (0.0, f64::INFINITY));
            self.mps.model.columns.push(Column { cost: 0.0, bounds, kind, entries: Vec::new() });
        }
        let j = self.given.len() - 1;
        for pair in pairs.chunks_exact(2) {
            let value = coefficient(pair[1])?;
            let named = match self.row_named(pair[0])? {
                Row::Dropped => continue,
                Row::Objective => &mut self.objective_named,
                Row::Of(row) => &mut self.last_named[row],
            };
            if std::mem::replace(named, j) == j {
                return Err(What::Repeated(pair[0].to_owned()));
            }
            let column = &mut self.mps.model.columns[j];
            match self.rows[pair[0]] {
                Row::Of(row) if value != 0.0 => {
                    limit(self.entries, MOST_ENTRIES, "entries")?;
                    self.entries += 1;
                    column.entries.push((row, value));
                }
                Row::Objective => column.cost = value,
                _ => {}
            }
        }
        Ok(())
    }

    fn row_named(&self, name: &str) -> Result<Row, What> {
        self.rows.get(name).copied().ok_or_else(|| What::UnknownName(name.to_owned()))
    }

    /// Right-hand sides or ranges; the set's name may be left out.
    fn vector(&mut self, section: Section, fields: &[&'a str]) -> Result<(), What> {
        let pairs = match fields.len() {
            2 | 4 => fields,
            3 | 5 => {
                self.only_set(fields[0])?;
                &fields[1..]
            }
            _ => return Err(What::Fields("a set, and one or two rows with numbers")),
        };
        for pair in pairs.chunks_exact(2) {
            let value = number(pair[1])?;
            let row = self.row_named(pair[0])?;
            let place = match (row, section) {
                (Row::Objective, Section::Sides) => {
                    self.mps.model.constant = -coefficient(pair[1])?;
                    continue;
                }
                (Row::Objective | Row::Dropped, _) => continue,
                (Row::Of(row), Section::Ranges) => &mut self.ranges[row],
                (Row::Of(row), _) => &mut self.sides[row],
            };
            if place.replace(value).is_some() {
                return Err(What::Repeated(pair[0].to_owned()));
            }
        }
        Ok(())
    }

    fn only_set(&mut self, name: &'a str) -> Result<(), What> {
        match self.set.replace(name) {
            Some(first) if first != name => Err(What::SecondSet(name.to_owned())),
            _ => Ok(()),
        }
    }

    /// Type, set (which may be left out), column, and a number for the types that take one.
    fn bound(&mut self, fields: &[&'a str]) -> Result<(), What> {
        let expected = What::Fields("a type, a set, a column, and its number");
        let Some((kind, rest)) = fields.split_first() else { return Err(expected) };
        let kind = kind.to_ascii_uppercase();
        let with_number = match kind.as_str() {
            "UP" | "LO" | "FX" | "LI" | "UI" => true,
            "FR" | "MI" | "PL" | "BV" => false,
            "SC" | "SI" => return Err(What::Unsupported("semi-continuous columns")),
            _ => return Err(What::UnknownKind(kind)),
        };
        let (set, name, value) = match (with_number, rest) {
            (true, &[set, name, value]) => (Some(set), name, value),
            (true, &[name, value]) => (None, name, value),
            (false, &[set, name] | &[set, name, _]) => (Some(set), name, "0"),
            (false, &[name]) => (None, name, "0"),
            _ => return Err(expected),
        };
        if let Some(set) = set {
            self.only_set(set)?;
        }
        let Some(&j) = self.columns.get(name) else {
            return Err(What::UnknownName(name.to_owned()));
        };
        let (text, value) = (value, number(value)?);
        let (column, given) = (&mut self.mps.model.columns[j], &mut self.given[j]);
        let whole = matches!(kind.as_str(), "LI" | "UI" | "BV");
        column.kind = if whole { Kind::Whole } else { column.kind };
        let (lo, hi) = &mut column.bounds;
        match kind.as_str() {
            "LO" | "LI" => (*lo, given.lo) = (value, true),
            "UP" | "UI" => {
                (*hi, given.hi) = (value, true);
                if value < 0.0 && !given.lo {
                    *lo = f64::NEG_INFINITY;
                }
            }
            "FX" => (*lo, *hi, *given) = (value, value, Given { lo: true, hi: true }),
            "MI" => (*lo, given.lo) = (f64::NEG_INFINITY, true),
            "PL" => (*hi, given.hi) = (f64::INFINITY, true),
            "BV" => (*lo, *hi, *given) = (0.0, 1.0, Given { lo: true, hi: true }),
            _ => {
                (*lo, *hi) = (f64::NEG_INFINITY, f64::INFINITY);
                *given = Given { lo: true, hi: true };
            }
        }
        if *hi == f64::NEG_INFINITY || *lo == f64::INFINITY {
            return Err(What::TooLarge(text.to_owned()));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Mps, What> {
        if self.rows.is_empty() {
            return Err(What::Missing("ROWS"));
        }
        for (column, given) in self.mps.model.columns.iter_mut().zip(&self.given) {
            if column.kind == Kind::Whole && !given.lo && !given.hi {
                column.bounds.1 = 1.0;
            }
        }
        for (i, sense) in self.senses.iter().enumerate() {
            let side = self.sides[i].unwrap_or(0.0);
            let (lo, hi) = match sense {
                Sense::AtMost => (f64::NEG_INFINITY, side),
                Sense::AtLeast => (side, f64::INFINITY),
                Sense::Equal => (side, side),
            };
            let bounds = match (self.ranges[i], sense) {
                (None, _) => (lo, hi),
                (Some(range), Sense::AtMost) => (hi - range.abs(), hi),
                (Some(range), Sense::AtLeast) => (lo, lo + range.abs()),
                (Some(range), Sense::Equal) if range < 0.0 => (lo + range, hi),
                (Some(range), Sense::Equal) => (lo, hi + range),
            };
            if bounds.0.is_nan() || bounds.1.is_nan() {
                return Err(What::TooLarge(self.mps.rows[i].clone()));
            }
            self.mps.model.rows.push(bounds);
        }
        if self.mps.model.direction == Direction::Maximise {
            self.mps.model.constant = -self.mps.model.constant;
            self.mps.model.columns.iter_mut().for_each(|c| c.cost = -c.cost);
        }
        Ok(self.mps)
    }
}

fn limit(have: usize, most: usize, what: &'static str) -> Result<(), What> {
    if have < most { Ok(()) } else { Err(What::TooMany(what, most)) }
}

/// A number, infinite from [`INFINITE`] on.
fn number(text: &str) -> Result<f64, What> {
    // Fortran writes exponents with a D.
    let value: f64 = match text.parse() {
        Ok(value) => value,
        Err(_) => {
            text.replace(['d', 'D'], "e").parse().map_err(|_| What::Number(text.to_owned()))?
        }
    };
    match value {
        v if v.is_nan() => Err(What::Number(text.to_owned())),
        v if v >= INFINITE => Ok(f64::INFINITY),
        v if v <= -INFINITE => Ok(f64::NEG_INFINITY),
        v => Ok(v),
    }
}

fn coefficient(text: &str) -> Result<f64, What> {
    let value = number(text)?;
    if value.is_finite() { Ok(value) } else { Err(What::TooLarge(text.to_owned())) }
}
