//! Forms to text: decides line breaks and columns in one walk, left to right. What is decided for
//! a form depends only on what stands before it and on its own width, so that a text in its usual
//! form is left alone. The walk recurses into groups, which nest at most `MAX_DEPTH` deep.

use super::forms::{Form, Forms, Shape};
use super::rules::{self, Rule};
use super::table;
use crate::token::{Token, TokenKind};

const WIDTH: usize = 100;

pub(crate) fn lay_out(text: &str, forms: &Forms) -> String {
    let out = String::with_capacity(text.len() + 16);
    let mut writer = WriteCtx { text, forms: &forms.forms, out, column: 0 };
    writer.group(forms.root, 0);
    if !writer.out.is_empty() {
        writer.out.push('\n');
    }
    writer.out
}

struct WriteCtx<'f> {
    text: &'f str,
    forms: &'f [Form],
    out: String,
    /// Where the next character stands.
    column: usize,
}

/// What is known about the group being written.
struct Group {
    shape: Shape,
    kind: TokenKind,
    rule: Rule,
    /// Column of the bracket.
    column: usize,
    /// Column of the first argument, once it is written.
    first_argument: Option<usize>,
    /// Whether the first body form of [`Rule::Block`] began a line, once it is written.
    body_begins_line: Option<bool>,
    /// Data written so far, each with its prefixes.
    count: usize,
    /// One line per pair, because the map fits on none.
    exploded: bool,
    /// Where the values of a row begin, if the map is a table.
    table: Vec<usize>,
    /// Data written on this line.
    in_row: usize,
    /// The options of a call have begun a line.
    options: bool,
}

impl Group {
    /// The column of a child that begins a line.
    fn indent(&self) -> usize {
        if self.shape == Shape::Root {
            return 0;
        }
        let align = self.first_argument.filter(|_| self.count > 1).unwrap_or(self.column + 1);
        match self.rule {
            _ if self.kind != TokenKind::OpenParen || self.count == 0 => self.column + 1,
            Rule::Inner => self.column + 2,
            Rule::Block(n) if self.count > n && self.body_begins_line != Some(false) => {
                self.column + 2
            }
            Rule::Align if self.options => self.column + 2,
            Rule::Block(_) | Rule::Align => align,
        }
    }

    fn is_map(&self) -> bool {
        self.kind == TokenKind::OpenBrace
    }

    /// The next datum is a value of a map.
    fn at_value(&self) -> bool {
        self.is_map() && self.count % 2 == 1
    }
}

/// What stands between two forms.
enum Gap {
    Nothing,
    Spaces(usize),
    Break { blank: bool },
}

impl WriteCtx<'_> {
    /// Writes a group; `tail` closing brackets follow it on its line.
    fn group(&mut self, id: usize, tail: usize) {
        let forms = self.forms;
        let form = &forms[id];
        let mut group = self.begin(form, tail);
        if form.shape == Shape::Group {
            self.push(form.token.kind.glyph());
        }
        let last = form.children.len().saturating_sub(1);
        let mut before: Option<&Form> = None;
        for (index, child) in form.children.iter().enumerate() {
            let follows = if index == last { tail + 1 } else { 0 };
            let shape = forms[*child].shape;
            let glued = before.is_some_and(|b| b.shape == Shape::Prefix);
            let gap = self.gap(&group, form, index, before, follows);
            let begins_line = matches!(gap, Gap::Break { .. });
            group.options |= begins_line && self.is_options(&group, form, index);
            self.write_gap(gap, group.indent());
            let is_comment = matches!(shape, Shape::LineComment | Shape::BlockComment);
            if !is_comment && !glued {
                self.note_place(&mut group, begins_line);
            }
            self.form(*child, follows);
            group.count += usize::from(matches!(shape, Shape::Atom | Shape::Group));
            before = Some(&forms[*child]);
        }
        if form.shape == Shape::Group {
            if before.is_some_and(|b| b.shape == Shape::LineComment) {
                self.write_gap(Gap::Break { blank: false }, group.indent());
            }
            self.push(form.token.kind.closing().glyph());
        }
    }

    fn begin(&self, form: &Form, tail: usize) -> Group {
        let head = form.children.first().map(|id| &self.forms[*id]);
        let symbol = head.filter(|f| f.token.kind == TokenKind::Symbol);
        let rule = symbol.map_or(Rule::Align, |f| rules::rule(f.token.text(self.text)));
        let kind = form.token.kind;
        let is_map = kind == TokenKind::OpenBrace;
        let too_wide = form.flat.is_some_and(|width| self.column + width + tail > WIDTH);
        Group {
            shape: form.shape,
            kind,
            rule,
            column: self.column,
            first_argument: None,
            body_begins_line: None,
            count: 0,
            exploded: is_map && too_wide,
            table: if is_map { table::columns(self.forms, form) } else { Vec::new() },
            in_row: 0,
            options: false,
        }
    }

    /// Whether the next datum, from `index` on, is a record behind other arguments of a named
    /// function.
    fn is_options(&self, group: &Group, form: &Form, index: usize) -> bool {
        let is_comment = |f: &&Form| matches!(f.shape, Shape::LineComment | Shape::BlockComment);
        let mut rest = form.children[index..].iter().map(|id| &self.forms[*id]);
        let next = rest.find(|f| !is_comment(f));
        let is_record = next.is_some_and(|f| f.token.kind == TokenKind::OpenBrace);
        let head = form.children.first().map(|id| self.forms[*id].token);
        let named = |token: Token| token.text(self.text).starts_with(char::is_alphabetic);
        group.count > 1 && is_record && head.is_some_and(named)
    }

    fn note_place(&self, group: &mut Group, begins_line: bool) {
        group.in_row = if begins_line { 1 } else { group.in_row + 1 };
        if group.count == 1 {
            group.first_argument = Some(self.column);
        }
        if matches!(group.rule, Rule::Block(n) if group.count == n + 1) {
            group.body_begins_line = Some(begins_line);
        }
    }

    fn form(&mut self, id: usize, tail: usize) {
        let form = &self.forms[id];
        match form.shape {
            Shape::Group | Shape::Root => self.group(id, tail),
            Shape::LineComment => self.push(form.token.text(self.text).trim_end()),
            _ => self.push(form.token.text(self.text)),
        }
    }

    fn gap(
        &self,
        group: &Group,
        form: &Form,
        index: usize,
        before: Option<&Form>,
        tail: usize,
    ) -> Gap {
        let Some(before) = before else { return Gap::Nothing };
        let child = &self.forms[form.children[index]];
        let is_comment = child.shape == Shape::LineComment;
        if before.shape == Shape::LineComment {
            return Gap::Break { blank: child.breaks > 1 };
        }
        if before.shape == Shape::Prefix {
            return if is_comment { Gap::Spaces(1) } else { Gap::Nothing };
        }
        if child.breaks > 0 {
            return Gap::Break { blank: child.breaks > 1 };
        }
        if is_comment {
            return Gap::Spaces(child.spaces.max(1));
        }
        // A default stays beside the type of its field.
        let is_default = child.token.text(self.text) == ":=";
        let explodes = group.exploded && !group.at_value() && !is_default;
        if explodes || self.must_break(group, form, index, tail) {
            return Gap::Break { blank: false };
        }
        Gap::Spaces(self.spacing(group))
    }

    /// Spaces before the next form, if it stays on this line.
    fn spacing(&self, group: &Group) -> usize {
        let place = group.in_row.checked_sub(1).and_then(|i| group.table.get(i));
        place.map_or(1, |place| (group.column + place).saturating_sub(self.column).max(1))
    }

    /// Whether the form does not fit on this line and a new line helps.
    fn must_break(&self, group: &Group, form: &Form, index: usize, tail: usize) -> bool {
        let mut need = self.need(form, index, tail);
        if group.is_map() && !group.at_value() {
            need = self.need_of_pair(form, index, need, tail);
        }
        let fits = |column: usize| column + need <= WIDTH;
        let fresh = match group.rule {
            Rule::Align if self.is_options(group, form, index) => group.column + 2,
            _ => group.indent(),
        };
        if fits(self.column + self.spacing(group)) || fresh > self.column {
            return false;
        }
        // Behind a function's name, or a key, a form stays unless it fits on the next line.
        let attached = group.at_value() || (group.count == 1 && group.shape == Shape::Group);
        !attached || fits(fresh)
    }

    /// The width that a datum with its prefixes needs on the line where it begins.
    fn need(&self, form: &Form, index: usize, tail: usize) -> usize {
        let mut need = 0;
        for (at, id) in form.children.iter().enumerate().skip(index) {
            let part = &self.forms[*id];
            need += part.flat.unwrap_or(part.lead);
            if part.shape != Shape::Prefix {
                let is_last = at + 1 == form.children.len();
                return need + if is_last && part.flat.is_some() { tail.max(1) } else { 0 };
            }
        }
        need
    }

    /// A key takes its value with it, if that is meant to stand beside it.
    fn need_of_pair(&self, form: &Form, index: usize, need: usize, tail: usize) -> usize {
        let value = index + 1;
        let key = &self.forms[form.children[index]];
        match form.children.get(value).map(|id| &self.forms[*id]) {
            Some(next) if next.breaks == 0 && key.shape == Shape::Atom => {
                need + 1 + self.need(form, value, tail)
            }
            _ => need,
        }
    }

    fn write_gap(&mut self, gap: Gap, indent: usize) {
        match gap {
            Gap::Nothing => {}
            Gap::Spaces(count) => self.spaces(count),
            Gap::Break { blank } => {
                self.out.push_str(if blank { "\n\n" } else { "\n" });
                self.column = 0;
                self.spaces(indent);
            }
        }
    }

    fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
        self.column += count;
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, line)) => self.column = line.chars().count(),
            None => self.column += text.chars().count(),
        }
    }
}
