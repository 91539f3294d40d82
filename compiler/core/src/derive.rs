//! `:deriving [Eq Ord Show Hash Serialize]`: instances as ordinary code. The instance is made as
//! forms, `(implement (Eq (Tree a)) :where [(Eq a)] (defn = [x y] …))`, with the place of the name
//! in `:deriving`, and goes the way of every instance.
//!
//! Names of the prelude carry a mark that is looked up in `std.core`, so nothing a user defines can
//! capture them. The code is linear in the size of the type: unlike constructors are compared by
//! their index.

use crate::core::{CtorId, Place, TypeDefKind, TypeExpr, TypeId};
use crate::diagnostics as report;
use crate::forms::{Form, USER};
use crate::resolve::{Mark, ModuleCtx, TypeDecl, type_variables};
use eclexia_base::{Name, Span};
use eclexia_syntax::NodeKind;

/// The interfaces that can be derived, each with what its code calls in the prelude.
const DERIVABLE: [(&str, &[&str]); 5] = [
    ("Eq", &["="]),
    ("Ord", &["compare"]),
    ("Show", &["show", "show-nested", "string-append"]),
    ("Hash", &["hash", "hash-combine"]),
    ("Serialize", &["to-json", "JsonObject", "JsonArray", "JsonString"]),
];

struct DeriveCtx<'m, 'c, 't> {
    cx: &'m mut ModuleCtx<'c, 't>,
    place: Place,
    /// The mark of the prelude's names and of the made locals.
    mark: u32,
    ctors: Vec<CtorId>,
}

/// Makes the instances that a module's types ask for.
pub(crate) fn derive_instances(cx: &mut ModuleCtx, types: &[TypeDecl]) {
    for decl in types {
        for (name, span) in &decl.deriving {
            derive(cx, decl, *name, *span);
        }
    }
}

fn derive(cx: &mut ModuleCtx, decl: &TypeDecl, name: Name, span: Span) {
    let place = Place { span, inside: None };
    let Some((_, needs)) = DERIVABLE.iter().find(|(n, _)| name == *n) else {
        return cx.diagnostics.push(report::derive_unknown(place, name));
    };
    let Some(core) = cx.program.by_name.get(&Name::new("std.core")).copied() else { return };
    let own = &cx.program.modules[core].own;
    let lacks = needs.iter().find(|n| !own.contains_key(&Name::new(n)));
    if lacks.is_some() {
        return cx.diagnostics.push(report::derive_lacks(place, name));
    }
    if name == "Ord" && !has_eq(cx, decl) {
        let ty = cx.program.types[decl.id].name;
        return cx.diagnostics.push(report::derive_needs(place, name, Name::new("Eq"), ty));
    }
    let mark = cx.program.kept.marks.len() as u32;
    cx.program.kept.marks.push(Mark { module: core, parent: USER });
    let ctors = match &cx.program.types[decl.id].kind {
        TypeDefKind::Data(ctors) => ctors.clone(),
        TypeDefKind::Record(ctor) => vec![*ctor],
        TypeDefKind::Builtin => Vec::new(),
    };
    let mut ctx = DeriveCtx { cx, place, mark, ctors };
    let form = ctx.instance(decl.id, name);
    if let Some(id) = ctx.cx.define_instance(form) {
        ctx.cx.program.instances[id].derived = true;
    }
}

/// Whether the type derives `Eq` too or the module implements it by hand.
fn has_eq(cx: &ModuleCtx, decl: &TypeDecl) -> bool {
    if decl.deriving.iter().any(|(n, _)| *n == "Eq") {
        return true;
    }
    let is_eq = |interface| cx.program.interfaces[interface].name == "Eq";
    let is_head = |head: &TypeExpr| match &head.kind {
        crate::core::TypeKind::Con(id, _) => *id == decl.id,
        _ => false,
    };
    cx.program.instances.values().any(|i| is_eq(i.interface) && is_head(&i.head))
}

impl DeriveCtx<'_, '_, '_> {
    fn make(&mut self, kind: NodeKind, children: &[Form]) -> Form {
        self.cx.forms.make(kind, self.place, self.mark, children)
    }

    /// A name of the prelude or a made local.
    fn name(&mut self, text: &str) -> Form {
        self.make(NodeKind::Symbol(Name::new(text)), &[])
    }

    fn text(&mut self, text: &str) -> Form {
        self.make(NodeKind::Str(Name::new(text)), &[])
    }

    fn list(&mut self, children: &[Form]) -> Form {
        self.make(NodeKind::List, children)
    }

    fn vector(&mut self, children: &[Form]) -> Form {
        self.make(NodeKind::Vector, children)
    }

    fn call(&mut self, name: &str, args: &[Form]) -> Form {
        let head = self.name(name);
        let parts: Vec<Form> = std::iter::once(head).chain(args.iter().copied()).collect();
        self.list(&parts)
    }

    /// A name of the user's module.
    fn user(&mut self, name: Name) -> Form {
        self.cx.forms.make(NodeKind::Symbol(name), self.place, USER, &[])
    }

    fn ctor_name(&self, ctor: CtorId) -> Name {
        self.cx.program.ctors[ctor].name
    }

    fn arity(&self, ctor: CtorId) -> usize {
        self.cx.program.ctors[ctor].fields.len()
    }

    /// `(Node a0 a1)`, `Leaf`, `(Point {:x a0})`
    fn pattern(&mut self, ctor: CtorId, prefix: &str) -> Form {
        let name = self.ctor_name(ctor);
        let head = self.user(name);
        let locals = self.locals(ctor, prefix);
        if self.cx.program.ctors[ctor].is_record {
            let names: Vec<Name> =
                self.cx.program.ctors[ctor].fields.iter().filter_map(|f| f.name).collect();
            let mut pairs = Vec::new();
            for (name, local) in names.into_iter().zip(locals) {
                pairs.push(self.make(NodeKind::Keyword(name), &[]));
                pairs.push(local);
            }
            let fields = self.make(NodeKind::Map, &pairs);
            return self.list(&[head, fields]);
        }
        if locals.is_empty() {
            return head;
        }
        let parts: Vec<Form> = std::iter::once(head).chain(locals).collect();
        self.list(&parts)
    }

    /// `a0 a1 …`, one for each field.
    fn locals(&mut self, ctor: CtorId, prefix: &str) -> Vec<Form> {
        (0..self.arity(ctor)).map(|i| self.name(&format!("{prefix}{i}"))).collect()
    }

    fn matching(&mut self, value: &str, arms: Vec<(Form, Form)>) -> Form {
        let head = self.name("match");
        let value = self.name(value);
        let mut parts = vec![head, value];
        for (pattern, body) in arms {
            parts.push(self.vector(&[pattern, body]));
        }
        self.list(&parts)
    }

    /// `(defn name [params] body)`
    fn method(&mut self, name: &str, params: &[&str], body: Form) -> Form {
        let head = self.name("defn");
        let name = self.name(name);
        let params: Vec<Form> = params.iter().map(|p| self.name(p)).collect();
        let params = self.vector(&params);
        self.list(&[head, name, params, body])
    }

    fn instance(&mut self, ty: TypeId, interface: Name) -> Form {
        let def = &self.cx.program.types[ty];
        let (name, params) = (def.name, def.params.clone());
        let mut used = Vec::new();
        for ctor in &self.ctors {
            let fields = &self.cx.program.ctors[*ctor].fields;
            fields.iter().for_each(|f| type_variables(&f.ty, &mut used));
        }
        let head = self.user(name);
        let vars: Vec<Form> = params.iter().map(|p| self.name(p.as_str())).collect();
        let ty = if vars.is_empty() {
            head
        } else {
            let parts: Vec<Form> = std::iter::once(head).chain(vars).collect();
            self.list(&parts)
        };
        let head = self.call(interface.as_str(), &[ty]);
        let keyword = self.make(NodeKind::Keyword(Name::new("where")), &[]);
        let mut constraints = Vec::new();
        for param in params.iter().filter(|p| used.contains(p)) {
            let var = self.name(param.as_str());
            constraints.push(self.call(interface.as_str(), &[var]));
        }
        let constraints = self.vector(&constraints);
        let method = match interface.as_str() {
            "Eq" => self.eq(),
            "Ord" => self.ord(),
            "Show" => self.show(),
            "Hash" => self.hash(),
            _ => self.serialize(),
        };
        self.call("implement", &[head, keyword, constraints, method])
    }

    fn eq(&mut self) -> Form {
        let mut arms = Vec::new();
        for ctor in self.ctors.clone() {
            let (left, right) = (self.locals(ctor, "a"), self.locals(ctor, "b"));
            let tests: Vec<Form> =
                left.into_iter().zip(right).map(|(a, b)| self.call("=", &[a, b])).collect();
            let same = self.call("and", &tests);
            let pattern = self.pattern(ctor, "b");
            let mut inner = vec![(pattern, same)];
            if self.ctors.len() > 1 {
                inner.push((self.name("_"), self.name("false")));
            }
            let body = self.matching("y", inner);
            arms.push((self.pattern(ctor, "a"), body));
        }
        let body = self.matching("x", arms);
        self.method("=", &["x", "y"], body)
    }

    /// `(match x [(Leaf) 0] [(Node _ _) 1])`
    fn index_of(&mut self, value: &str) -> Form {
        let mut arms = Vec::new();
        for (i, ctor) in self.ctors.clone().into_iter().enumerate() {
            let name = self.ctor_name(ctor);
            let head = self.user(name);
            let blanks: Vec<Form> = (0..self.arity(ctor)).map(|_| self.name("_")).collect();
            let pattern = if blanks.is_empty() {
                head
            } else {
                let parts: Vec<Form> = std::iter::once(head).chain(blanks).collect();
                self.list(&parts)
            };
            let index = self.make(NodeKind::Int(i as i64), &[]);
            arms.push((pattern, index));
        }
        self.matching(value, arms)
    }

    /// `(match (compare a b) [Equal rest] [other other])`
    fn first_difference(&mut self, compared: Form, rest: Form) -> Form {
        let head = self.name("match");
        let (equal, other, again) = (self.name("Equal"), self.name("other"), self.name("other"));
        let same = self.vector(&[equal, rest]);
        let differs = self.vector(&[other, again]);
        self.list(&[head, compared, same, differs])
    }

    fn ord(&mut self) -> Form {
        let mut arms = Vec::new();
        for ctor in self.ctors.clone() {
            let pairs: Vec<(Form, Form)> =
                self.locals(ctor, "a").into_iter().zip(self.locals(ctor, "b")).collect();
            let mut result = None;
            for (a, b) in pairs.into_iter().rev() {
                let compared = self.call("compare", &[a, b]);
                result = Some(match result {
                    None => compared,
                    Some(rest) => self.first_difference(compared, rest),
                });
            }
            let result = match result {
                Some(result) => result,
                None => self.name("Equal"),
            };
            let pattern = self.pattern(ctor, "b");
            let mut inner = vec![(pattern, result)];
            if self.ctors.len() > 1 {
                inner.push((self.name("_"), self.name("Equal")));
            }
            let body = self.matching("y", inner);
            arms.push((self.pattern(ctor, "a"), body));
        }
        let same = self.matching("x", arms);
        let body = if self.ctors.len() > 1 {
            let (x, y) = (self.index_of("x"), self.index_of("y"));
            let compared = self.call("compare", &[x, y]);
            self.first_difference(compared, same)
        } else {
            same
        };
        self.method("compare", &["x", "y"], body)
    }

    /// The parts appended into one string.
    fn append(&mut self, parts: Vec<Form>) -> Form {
        let mut parts = parts.into_iter();
        let first = parts.next().unwrap_or_else(|| self.text(""));
        parts.fold(first, |text, part| self.call("string-append", &[text, part]))
    }

    /// The text that would make the value: `(Node 1 2)`, `(Point {:x 1.0})`, `Leaf`.
    fn show(&mut self) -> Form {
        let mut arms = Vec::new();
        for ctor in self.ctors.clone() {
            let known = &self.cx.program.ctors[ctor];
            let (name, is_record) = (known.name, known.is_record);
            let names: Vec<Option<Name>> = known.fields.iter().map(|f| f.name).collect();
            let mut parts = Vec::new();
            for (i, local) in self.locals(ctor, "a").into_iter().enumerate() {
                let before = match (names[i], i) {
                    (Some(field), 0) => format!("({name} {{:{field} "),
                    (Some(field), _) => format!(" :{field} "),
                    (None, 0) => format!("({name} "),
                    (None, _) => " ".to_owned(),
                };
                parts.push(self.text(&before));
                parts.push(self.call("show-nested", &[local]));
            }
            let end = match (parts.is_empty(), is_record) {
                (true, true) => format!("({name} {{}})"),
                (true, false) => name.to_string(),
                (false, true) => "})".to_owned(),
                (false, false) => ")".to_owned(),
            };
            parts.push(self.text(&end));
            let body = self.append(parts);
            arms.push((self.pattern(ctor, "a"), body));
        }
        let body = self.matching("x", arms);
        self.method("show", &["x"], body)
    }

    fn hash(&mut self) -> Form {
        let mut arms = Vec::new();
        for (i, ctor) in self.ctors.clone().into_iter().enumerate() {
            let mut result = self.make(NodeKind::Int(i as i64), &[]);
            for local in self.locals(ctor, "a") {
                let part = self.call("hash", &[local]);
                result = self.call("hash-combine", &[result, part]);
            }
            arms.push((self.pattern(ctor, "a"), result));
        }
        let body = self.matching("x", arms);
        self.method("hash", &["x"], body)
    }

    /// A record is an object, a constructor with fields `{"Node": [..]}`, one without a string.
    fn serialize(&mut self) -> Form {
        let mut arms = Vec::new();
        for ctor in self.ctors.clone() {
            let known = &self.cx.program.ctors[ctor];
            let (name, is_record) = (known.name, known.is_record);
            let names: Vec<Option<Name>> = known.fields.iter().map(|f| f.name).collect();
            let values: Vec<Form> = self
                .locals(ctor, "a")
                .into_iter()
                .map(|local| self.call("to-json", &[local]))
                .collect();
            let key = self.text(name.as_str());
            let body = if is_record {
                let mut pairs = Vec::new();
                for (field, value) in names.into_iter().flatten().zip(values) {
                    pairs.push(self.text(field.as_str()));
                    pairs.push(value);
                }
                self.object(&pairs)
            } else if values.is_empty() {
                self.call("JsonString", &[key])
            } else {
                let items = self.vector(&values);
                let items = self.call("JsonArray", &[items]);
                self.object(&[key, items])
            };
            arms.push((self.pattern(ctor, "a"), body));
        }
        let body = self.matching("x", arms);
        self.method("to-json", &["x"], body)
    }

    fn object(&mut self, pairs: &[Form]) -> Form {
        let entries = self.make(NodeKind::Map, pairs);
        self.call("JsonObject", &[entries])
    }
}
