//! Tokens to forms: nested groups with comments in their places, how each form was set off from
//! the one before, and how wide it is. Forms lie in one arena, children before parents; the input
//! is sound, so groups nest at most `MAX_DEPTH` deep.

use crate::layout::Layout;
use crate::token::{Token, TokenKind};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shape {
    Atom,
    /// Stands before the next form, without space.
    Prefix,
    LineComment,
    BlockComment,
    /// With its opening and closing bracket.
    Group,
    /// The file.
    Root,
}

#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub shape: Shape,
    /// The token, or the opening bracket.
    pub token: Token,
    pub children: Vec<usize>,
    /// Line breaks between it and what stands before it.
    pub breaks: usize,
    /// Characters between it and what stands before it, if there is no line break.
    pub spaces: usize,
    /// The column in the source, from 0.
    pub column: usize,
    /// Its width on one line; `None` if it has line breaks inside.
    pub flat: Option<usize>,
    /// The width of its first line.
    pub lead: usize,
}

pub(crate) struct Forms {
    pub forms: Vec<Form>,
    pub root: usize,
}

pub(crate) fn forms(text: &str, tokens: &[Token]) -> Forms {
    let layout = Layout::of(text, tokens);
    let mut forms: Vec<Form> = Vec::with_capacity(tokens.len() + 1);
    let root = form(Shape::Root, Token::new(TokenKind::Symbol, 0, 0));
    let mut open: Vec<Form> = vec![root];
    let mut done = 0;
    for (index, token) in tokens.iter().enumerate() {
        let gap = &text[done..token.start as usize];
        done = token.end as usize;
        let mut new = form(shape(token.kind), *token);
        new.breaks = gap.matches('\n').count();
        new.spaces = gap.chars().count();
        new.column = layout.column(index) as usize;
        if token.kind.is_open() {
            open.push(new);
            continue;
        }
        if token.kind.is_close() {
            let Some(group) = open.pop() else { continue };
            new = measure_group(group, &forms);
        } else {
            measure_token(&mut new, text);
        }
        forms.push(new);
        if let Some(parent) = open.last_mut() {
            parent.children.push(forms.len() - 1);
        }
    }
    let root = open.into_iter().next().unwrap_or_else(|| form(Shape::Root, tokens[0]));
    forms.push(root);
    Forms { root: forms.len() - 1, forms }
}

fn form(shape: Shape, token: Token) -> Form {
    let children = Vec::new();
    Form { shape, token, children, breaks: 0, spaces: 0, column: 0, flat: None, lead: 0 }
}

fn shape(kind: TokenKind) -> Shape {
    match kind {
        TokenKind::LineComment => Shape::LineComment,
        TokenKind::BlockComment => Shape::BlockComment,
        kind if kind.is_prefix() => Shape::Prefix,
        kind if kind.is_open() => Shape::Group,
        _ => Shape::Atom,
    }
}

fn measure_token(form: &mut Form, text: &str) {
    let written = form.token.text(text).trim_end();
    form.lead = written.lines().next().map_or(0, |line| line.chars().count());
    let one_line = form.shape != Shape::LineComment && !written.contains('\n');
    form.flat = one_line.then_some(form.lead);
}

fn measure_group(mut group: Form, forms: &[Form]) -> Form {
    let mut lead = 1;
    let mut before: Option<&Form> = None;
    for child in group.children.iter().map(|id| &forms[*id]) {
        if let Some(before) = before.filter(|b| b.shape != Shape::Prefix) {
            if child.breaks > 0 || before.shape == Shape::LineComment {
                group.lead = lead;
                return group;
            }
            lead += 1;
        }
        lead += child.lead;
        if child.flat.is_none() {
            group.lead = lead;
            return group;
        }
        before = Some(child);
    }
    group.lead = lead + 1;
    group.flat = Some(lead + 1);
    group
}
