//! The parts of a value: what it is, and under which name or number each part is found.

use super::conversation::Conversation;
use eclexia_base::Name;
use eclexia_core::core::CtorId;
use eclexia_rt::Value;
use eclexia_rt::value::Data;

/// Of a long vector so many are listed.
const MOST_PARTS: usize = 100;

impl Conversation {
    /// What a value is, and its parts as text; of what has none, the value itself.
    pub(super) fn parts(&self, value: &Value) -> (String, Vec<(String, String)>) {
        let show = |value: &Value| self.session.show(value);
        let counted = |n: usize, one: &str, many: &str| match n {
            1 => format!("1 {one}"),
            n => format!("{n} {many}"),
        };
        match value {
            Value::Data(data) if self.is_cons(data) => {
                let items = self.listed(data);
                let parts = items.iter().take(MOST_PARTS).enumerate();
                let parts = parts.map(|(i, item)| (i.to_string(), show(item))).collect();
                (counted(items.len(), "item", "items"), parts)
            }
            Value::Data(data) => {
                let ctor = &self.session.program.ctors[CtorId(data.ctor)];
                let names = ctor.fields.iter().enumerate().map(|(i, field)| match field.name {
                    Some(name) => format!(":{name}"),
                    None => i.to_string(),
                });
                let parts = names.zip(data.fields.iter().map(show)).collect();
                (ctor.name.to_string(), parts)
            }
            Value::Vector(seq) => {
                let items = seq.items.iter().take(MOST_PARTS).enumerate();
                let parts = items.map(|(i, item)| (i.to_string(), show(item))).collect();
                (counted(seq.items.len(), "item", "items"), parts)
            }
            Value::Map(entries) => {
                let pairs = entries.map.iter().take(MOST_PARTS);
                let parts = pairs.map(|(key, item)| (show(&key.0), show(item))).collect();
                (counted(entries.map.len(), "entry", "entries"), parts)
            }
            other => (show(other), Vec::new()),
        }
    }

    fn is_cons(&self, data: &Data) -> bool {
        let cons = self.session.program.lang.ctors.get(&Name::new("Cons"));
        cons.is_some_and(|cons| cons.0 == data.ctor) && data.fields.len() == 2
    }

    /// The items of a list.
    fn listed(&self, first: &Data) -> Vec<Value> {
        let mut items = vec![first.fields[0].clone()];
        let mut rest = first.fields[1].clone();
        while let Value::Data(data) = &rest
            && self.is_cons(data)
        {
            items.push(data.fields[0].clone());
            let next = data.fields[1].clone();
            rest = next;
        }
        items
    }
}
