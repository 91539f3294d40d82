//! Core as text, for `--emit core`: one s-expression per definition, in source order. Locals are
//! written with their number (`x.3`), globals with their module (`std.list/map`), what sugar made
//! as what it is. For reading only: nothing parses it back.

use crate::core::{
    AmountExpr, Body, CtorId, Def, DefKind, Expr, ExprId, Literal, LocalId, ModuleId, Pat, PatId,
    Program, TypeExpr, TypeKind, UnitExpr,
};
use std::fmt::Write;

/// One module.
pub fn module(program: &Program, id: ModuleId) -> String {
    let this = &program.modules[id];
    let mut out = format!("(module {})\n", this.name);
    for ty in &this.types {
        let ty = &program.types[*ty];
        let _ = writeln!(out, "(type {})", ty.name);
    }
    for def in &this.defs {
        out.push('\n');
        out.push_str(&definition(program, &program.defs[*def]));
        out.push('\n');
    }
    out
}

/// Every module that is not of the standard library.
pub fn program(program: &Program) -> String {
    let own = program.modules.iter().filter(|(_, m)| !m.is_std);
    own.map(|(id, _)| module(program, id)).collect::<Vec<_>>().join("\n")
}

/// A type as users write it.
pub fn type_text(program: &Program, ty: &TypeExpr) -> String {
    let list = |items: &[TypeExpr]| {
        items.iter().map(|t| type_text(program, t)).collect::<Vec<_>>().join(" ")
    };
    match &ty.kind {
        TypeKind::Con(id, args) if args.is_empty() => program.types[*id].name.to_string(),
        TypeKind::Con(id, args) => format!("({} {})", program.types[*id].name, list(args)),
        TypeKind::Var(name) => name.to_string(),
        TypeKind::Fn(params, result) => {
            format!("(Fn [{}] {})", list(params), type_text(program, result))
        }
        TypeKind::Fn1(params, result) => {
            format!("(Fn1 [{}] {})", list(params), type_text(program, result))
        }
        TypeKind::Ref(inner) => format!("(& {})", type_text(program, inner)),
        TypeKind::Q(unit) => unit_text(unit),
        TypeKind::Budget(None) => "(Budget)".to_owned(),
        TypeKind::Budget(Some(amounts)) => budget_text(amounts),
        TypeKind::Error => "?".to_owned(),
    }
}

/// `(Budget {:cpu 4cpu})`
pub fn budget_text(amounts: &[AmountExpr]) -> String {
    let units = eclexia_base::unit::UnitTable::language();
    let one = |amount: &AmountExpr| {
        let dim = amount.dims.first().copied();
        let dim = dim.or_else(|| eclexia_base::amount::dims_of(amount.key)?.first().copied());
        let vars = amount.vars.iter().map(|(name, k)| (name.as_str(), k));
        let least = amount.least.as_ref();
        let sum = (&amount.constant, vars.collect());
        format!(":{} {}", amount.key, eclexia_base::amount::sum_text(sum, least, dim, units))
    };
    format!("(Budget {{{}}})", amounts.iter().map(one).collect::<Vec<_>>().join(" "))
}

fn unit_text(unit: &UnitExpr) -> String {
    if unit.vars.is_empty() && unit.dim == eclexia_base::Dim::ONE {
        return "Float".to_owned();
    }
    let mut text = if unit.dim == eclexia_base::Dim::ONE {
        String::new()
    } else {
        unit.dim.to_string().replace("core", "cpu").replace("byte", "B")
    };
    for (name, power) in &unit.vars {
        let sign = match (text.is_empty(), *power < 0) {
            (true, true) => "1/",
            (true, false) => "",
            (false, true) => "/",
            (false, false) => "*",
        };
        text.push_str(sign);
        text.push_str(name.as_str());
        if power.abs() != 1 {
            let _ = write!(text, "^{}", power.abs());
        }
    }
    format!("(Q {text})")
}

fn definition(program: &Program, def: &Def) -> String {
    let kind = match def.kind {
        DefKind::Function => "fn".to_owned(),
        DefKind::Constant => "const".to_owned(),
        DefKind::Builtin => "builtin".to_owned(),
        DefKind::Extern => "extern".to_owned(),
        DefKind::Test => "test".to_owned(),
        DefKind::InstanceMethod { instance, .. } => {
            let instance = &program.instances[instance];
            let interface = program.interfaces[instance.interface].name;
            format!("method ({interface} {})", type_text(program, &instance.head))
        }
        DefKind::MethodDefault { interface, .. } => {
            format!("default {}", program.interfaces[interface].name)
        }
        DefKind::FieldDefault { ctor, .. } => format!("field {}", program.ctors[ctor].name),
        DefKind::Repl => "repl".to_owned(),
    };
    let mut ctx = PrintCtx { program, body: def.body.as_ref(), out: String::new(), indent: 1 };
    let _ = write!(ctx.out, "({kind} {}", def.name);
    if let Some(sig) = &def.sig {
        let _ = write!(ctx.out, " : {}", type_text(program, &sig.ty));
    }
    if let Some(body) = &def.body {
        if body.is_function {
            ctx.out.push_str(" [");
            ctx.patterns(&body.params);
            ctx.out.push(']');
        }
        ctx.line();
        ctx.expr(body.root);
    }
    ctx.out.push(')');
    ctx.out
}

struct PrintCtx<'p> {
    program: &'p Program,
    body: Option<&'p Body>,
    out: String,
    indent: usize,
}

impl PrintCtx<'_> {
    fn line(&mut self) {
        self.out.push('\n');
        // Deep code goes on at the same column: what matters there is that it stays readable.
        let columns = 2 * self.indent.min(30);
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn local(&mut self, local: LocalId) {
        let name = self.body.and_then(|b| b.locals.get(local)).map_or("?", |n| n.as_str());
        let _ = write!(self.out, "{name}.{}", local.0);
    }

    fn literal(&mut self, literal: &Literal) {
        let _ = match literal {
            Literal::Unit => write!(self.out, "unit"),
            Literal::Bool(b) => write!(self.out, "{b}"),
            Literal::Int(n) => write!(self.out, "{n}"),
            Literal::Float(x) => write!(self.out, "{}", eclexia_base::unit::display_float(*x)),
            Literal::Quantity(amount, dim) => write!(self.out, "(q {amount} {dim})"),
            Literal::Str(text) => write!(self.out, "{:?}", text.as_str()),
            Literal::Keyword(name) => write!(self.out, ":{name}"),
        };
    }

    fn ctor(&mut self, ctor: CtorId) {
        self.out.push_str(self.program.ctors[ctor].name.as_str());
    }

    fn exprs(&mut self, items: &[ExprId]) {
        for item in items {
            self.out.push(' ');
            self.expr(*item);
        }
    }

    fn inline(&mut self, head: &str, part: ExprId) {
        self.out.push_str(head);
        self.exprs(&[part]);
        self.out.push(')');
    }

    /// `(head` then each part on its own line, then `)`.
    fn block(&mut self, head: &str, parts: &[ExprId]) {
        self.out.push_str(head);
        self.indent += 1;
        for part in parts {
            self.line();
            self.expr(*part);
        }
        self.indent -= 1;
        self.out.push(')');
    }

    fn expr(&mut self, id: ExprId) {
        let Some(expr) = self.body.and_then(|b| b.exprs.get(id)) else { return };
        match expr {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Local(local) => self.local(*local),
            Expr::Global(def) => {
                let def = &self.program.defs[*def];
                let module = self.program.modules[def.module].name;
                let _ = write!(self.out, "{module}/{}", def.name);
            }
            Expr::Ctor(ctor) => self.ctor(*ctor),
            Expr::Method(interface, index) => {
                let interface = &self.program.interfaces[*interface];
                let name = interface.methods.get(*index as usize).map_or("?", |m| m.name.as_str());
                let _ = write!(self.out, "{}.{name}", interface.name);
            }
            Expr::Call { callee, args } => {
                self.out.push('(');
                self.expr(*callee);
                self.exprs(args);
                self.out.push(')');
            }
            Expr::Recur { args } => {
                self.out.push_str("(recur");
                self.exprs(args);
                self.out.push(')');
            }
            Expr::If { cond, then, other } => {
                self.out.push_str("(if ");
                self.expr(*cond);
                self.block("", &[*then, *other]);
            }
            Expr::Do(items) => self.block("(do", items),
            Expr::Vector(items) => {
                self.out.push_str("(vector");
                self.exprs(items);
                self.out.push(')');
            }
            Expr::Ascribe { value, ty } => {
                let _ = write!(self.out, "(the {} ", type_text(self.program, ty));
                self.expr(*value);
                self.out.push(')');
            }
            Expr::Borrow(value) => self.inline("(borrow-arg", *value),
            Expr::Try(value) => self.inline("(try", *value),
            Expr::Return(value) => self.inline("(return", *value),
            Expr::Abort(value) => self.inline("(abort", *value),
            Expr::Admit { budget, call } => {
                self.out.push_str("(admit");
                self.exprs(&[*budget, *call]);
                self.out.push(')');
            }
            Expr::Error => self.out.push_str("<error>"),
            binding => self.binding(binding),
        }
    }

    /// Expressions with patterns, locals or fields.
    fn binding(&mut self, expr: &Expr) {
        match expr {
            Expr::Fn { params, body } => {
                self.out.push_str("(fn [");
                self.patterns(params);
                self.block("]", &[*body]);
            }
            Expr::Let { pat, value, body } => {
                self.out.push_str("(let [");
                self.pattern(*pat);
                self.out.push(' ');
                self.expr(*value);
                self.block("]", &[*body]);
            }
            Expr::Match { value, arms } => {
                self.out.push_str("(match ");
                self.expr(*value);
                self.indent += 1;
                for arm in arms {
                    self.line();
                    self.out.push('[');
                    self.pattern(arm.pat);
                    if let Some(guard) = arm.guard {
                        self.out.push_str(" :when ");
                        self.expr(guard);
                    }
                    self.out.push(' ');
                    self.expr(arm.body);
                    self.out.push(']');
                }
                self.indent -= 1;
                self.out.push(')');
            }
            Expr::Loop { params, inits, body } => {
                self.out.push_str("(loop [");
                for (i, (param, init)) in params.iter().zip(inits).enumerate() {
                    self.out.push_str(if i > 0 { " " } else { "" });
                    self.pattern(*param);
                    self.exprs(&[*init]);
                }
                self.block("]", &[*body]);
            }
            Expr::For { pat, iter, body } => {
                self.out.push_str("(for [");
                self.pattern(*pat);
                self.out.push(' ');
                self.expr(*iter);
                self.block("]", &[*body]);
            }
            Expr::BorrowIn { local, value, body } => {
                self.out.push_str("(borrow [");
                self.local(*local);
                self.out.push(' ');
                self.expr(*value);
                self.block("]", &[*body]);
            }
            Expr::With { local, acquire, release, body } => {
                self.out.push_str("(with [");
                self.local(*local);
                self.out.push(' ');
                self.expr(*acquire);
                self.out.push_str(" :release ");
                self.expr(*release);
                self.block("]", &[*body]);
            }
            fields => self.fields(fields),
        }
    }

    fn fields(&mut self, expr: &Expr) {
        match expr {
            Expr::Record { fields } => {
                self.out.push('{');
                self.pairs(fields);
                self.out.push('}');
            }
            Expr::WithFields { value, fields } => {
                self.out.push_str("(with-fields ");
                self.expr(*value);
                self.out.push_str(" {");
                self.pairs(fields);
                self.out.push_str("})");
            }
            Expr::Map { entries } => {
                self.out.push_str("(map");
                for (key, value) in entries {
                    self.exprs(&[*key, *value]);
                }
                self.out.push(')');
            }
            Expr::Field { value, name } => {
                let _ = write!(self.out, "(.{name} ");
                self.expr(*value);
                self.out.push(')');
            }
            _ => {}
        }
    }

    fn pairs(&mut self, fields: &[(eclexia_base::Name, ExprId)]) {
        for (i, (name, value)) in fields.iter().enumerate() {
            let space = if i > 0 { " " } else { "" };
            let _ = write!(self.out, "{space}:{name} ");
            self.expr(*value);
        }
    }

    fn patterns(&mut self, items: &[PatId]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.out.push(' ');
            }
            self.pattern(*item);
        }
    }

    fn pattern(&mut self, id: PatId) {
        let Some(pat) = self.body.and_then(|b| b.pats.get(id)) else { return };
        match pat {
            Pat::Wildcard => self.out.push('_'),
            Pat::Bind(local) => self.local(*local),
            Pat::Literal(literal) => self.literal(literal),
            Pat::Ctor { ctor, args } if args.is_empty() => self.ctor(*ctor),
            Pat::Ctor { ctor, args } => {
                self.out.push('(');
                self.ctor(*ctor);
                self.out.push(' ');
                self.patterns(args);
                self.out.push(')');
            }
            Pat::As { local, pat } => {
                self.out.push_str("(as ");
                self.local(*local);
                self.out.push(' ');
                self.pattern(*pat);
                self.out.push(')');
            }
            Pat::Vector { items, rest } => {
                self.out.push('[');
                self.patterns(items);
                if let Some(rest) = rest {
                    self.out.push_str(" & ");
                    self.pattern(*rest);
                }
                self.out.push(']');
            }
            Pat::Record { fields } => {
                self.out.push('{');
                for (i, (name, pat)) in fields.iter().enumerate() {
                    let space = if i > 0 { " " } else { "" };
                    let _ = write!(self.out, "{space}:{name} ");
                    self.pattern(*pat);
                }
                self.out.push('}');
            }
            Pat::Error => self.out.push_str("<error>"),
        }
    }
}
