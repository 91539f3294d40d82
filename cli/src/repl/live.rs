//! Linear values that the session owns: those that a `def` at the prompt names, and results, which
//! get a name. An input that moves one ends its name; `:live` lists the others, `:release` consumes
//! one, and whoever leaves with live ones is told.

use super::conversation::Conversation;
use eclexia_base::{FxHashSet, Name};
use eclexia_core::core::{DefId, DefKind, Entity, Expr, ExprId, ModuleId};

/// A live value.
pub(super) struct Live {
    pub name: Name,
    def: DefId,
}

impl Conversation {
    /// The live values that an input moves: they are gone whatever comes of it.
    pub(super) fn take_moved(&mut self, module: ModuleId) {
        if self.live.is_empty() {
            return;
        }
        let program = &self.session.program;
        let mut moved = Vec::new();
        for def in &program.modules[module].defs {
            let Some(body) = &program.defs[*def].body else { continue };
            let lent: FxHashSet<ExprId> = body
                .exprs
                .values()
                .filter_map(|expr| match expr {
                    Expr::Borrow(e) | Expr::Field { value: e, .. } => Some(*e),
                    Expr::BorrowIn { value, .. } => Some(*value),
                    _ => None,
                })
                .collect();
            for (e, expr) in body.exprs.iter() {
                if let Expr::Global(global) = expr
                    && !lent.contains(&e)
                {
                    moved.push(*global);
                }
            }
        }
        let program = &mut self.session.program;
        self.live.retain(|live| {
            let is_moved = moved.contains(&live.def);
            if is_moved {
                // Neither by its name nor by that of the input that made it.
                let meant = Entity::Def(live.def);
                let home = program.defs[live.def].module;
                program.modules[module].scope.retain(|_, entity| *entity != meant);
                program.modules[home].own.retain(|_, entity| *entity != meant);
            }
            !is_moved
        });
    }

    /// Whether a definition of an input is a value that the session owns.
    pub(super) fn is_owned(&self, def: DefId) -> bool {
        let kind = self.session.program.defs[def].kind;
        matches!(kind, DefKind::Constant | DefKind::Repl) && self.session.typed.is_linear(def)
    }

    /// The session owns the value; a result gets a name.
    pub(super) fn own(&mut self, def: DefId) -> Name {
        let is_result = self.session.program.defs[def].kind == DefKind::Repl;
        let name = match is_result {
            true => {
                self.owned += 1;
                Name::new(&format!("live{}", self.owned))
            }
            false => self.session.program.defs[def].name,
        };
        if is_result && let Some(scope) = self.scope {
            self.session.program.modules[scope].scope.insert(name, Entity::Def(def));
        }
        self.live.push(Live { name, def });
        name
    }

    /// `:live`
    pub(super) fn list_live(&mut self) {
        if self.live.is_empty() {
            self.to.answer("nothing is live\n");
        }
        for live in &self.live {
            let ty = self.session.show_type(live.def);
            self.to.answer(&format!("{} : {ty}\n", live.name));
        }
    }

    /// `:release NAME [FUNCTION]`
    pub(super) fn release(&mut self, text: &str) {
        let mut words = text.split_whitespace();
        let (name, function) = (words.next().unwrap_or_default(), words.next());
        let Some(live) = self.live.iter().rfind(|live| name == live.name.as_str()) else {
            let why = match name {
                "" => ":release needs the name of a live value".to_owned(),
                _ => format!("`{name}` is no live value"),
            };
            return self.complain(&why, ":live");
        };
        let def = live.def;
        let functions = match function {
            Some(function) => vec![function.to_owned()],
            None => self.consumers(def),
        };
        match functions.as_slice() {
            [function] => self.enter("<repl>", &format!("({function} {name})")),
            [] => {
                let why = format!("no function in scope consumes `{name}` alone");
                self.complain(&why, &format!(":release {name} FUNCTION"));
            }
            several => {
                let why = format!("`{name}` can be consumed by {}", several.join(", "));
                self.complain(&why, &format!(":release {name} {}", several[0]));
            }
        }
    }

    /// Functions in scope, outside of the library, that take the value and nothing else.
    fn consumers(&self, value: DefId) -> Vec<String> {
        let Some(scope) = self.scope else { return Vec::new() };
        let program = &self.session.program;
        let in_scope = program.modules[scope].scope.iter();
        let mut found: Vec<String> = in_scope
            .filter_map(|(name, entity)| match entity {
                Entity::Def(def) if self.session.typed.consumes(*def, value) => {
                    Some(name.to_string())
                }
                _ => None,
            })
            .collect();
        found.sort();
        found
    }

    /// Tells what is still live when the session ends.
    pub(super) fn tell_live(&mut self) {
        if self.live.is_empty() {
            return;
        }
        self.to.say("left live, and lost with the session:\n");
        for live in &self.live {
            let ty = self.session.show_type(live.def);
            self.to.say(&format!("  {} : {ty}\n", live.name));
        }
    }
}
