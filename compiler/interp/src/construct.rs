//! Instructions that make values and take them apart.

use crate::code::Shape;
use crate::dictionary::{dictionary, expect_dictionary, super_of};
use crate::evaluator::Evaluator;
use crate::machine::{Frame, Stop};
use eclexia_base::bug;
use eclexia_core::core::InstanceId;
use eclexia_rt::value::{Items, OrderedMap};
use eclexia_rt::{Data, Fault, Fields, Key, Target, Value};
use std::rc::Rc;

impl Evaluator<'_> {
    /// Pops the topmost `count` values.
    fn pop_fields(&mut self, count: usize) -> Fields {
        let start = self.stack.len() - count;
        let fields = Fields::take_from(&mut self.stack[start..]);
        self.stack.truncate(start);
        fields
    }

    pub(crate) fn make_data(&mut self, frame: &Frame, shape: u32) {
        let Shape { ctor, index, fields, site } = frame.code.shapes[shape as usize];
        let fields = self.pop_fields(fields as usize);
        self.stack.push(Value::data(ctor, index, site, fields));
    }

    pub(crate) fn make_vector(&mut self, count: usize) {
        let start = self.stack.len() - count;
        let items: Items = self.stack.drain(start..).collect();
        self.stack.push(Value::from_items(items));
    }

    /// The last of equal keys counts.
    pub(crate) fn make_map(&mut self, count: usize) {
        let start = self.stack.len() - 2 * count;
        let mut map = OrderedMap::new();
        let mut parts = self.stack.drain(start..);
        while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
            map.insert(Key(key), value);
        }
        drop(parts);
        self.stack.push(Value::from_map(map));
    }

    pub(crate) fn make_closure(&mut self, captures: usize, code: u32) {
        let captures = self.pop_fields(captures);
        self.stack.push(Value::function(Target::Code(code), captures));
    }

    pub(crate) fn make_partial(&mut self, count: usize) {
        let first = self.pop_fields(count);
        let function = self.pop();
        self.stack.push(Value::function(Target::Partial(function), first));
    }

    pub(crate) fn make_dictionary(&mut self, argc: usize, instance: u32) {
        let start = self.stack.len() - argc;
        let args: Vec<Value> = self.stack.drain(start..).collect();
        self.stack.push(dictionary(InstanceId(instance), args));
    }

    pub(crate) fn super_interface(&mut self, index: u32) -> Result<(), Stop> {
        let of = self.pop();
        let found = super_of(self.typed, expect_dictionary(&of), index);
        self.stack.push(found.ok_or(Stop::Unreachable)?);
        Ok(())
    }

    pub(crate) fn field(&mut self, index: u32) {
        let value = match self.pop() {
            Value::Data(data) => data.fields[index as usize].clone(),
            other => bug!("a field of {other:?}"),
        };
        self.stack.push(value);
    }

    /// A record with new values keeps the site where it was made: that is where it is declared.
    pub(crate) fn with_fields(&mut self, frame: &Frame, index: usize) {
        let indices = &frame.code.updates[index];
        let start = self.stack.len() - indices.len();
        let new: Vec<Value> = self.stack.drain(start..).collect();
        let Value::Data(mut data) = self.pop() else { bug!("with-fields of no record") };
        if Rc::get_mut(&mut data).is_none() {
            let fields = Fields::from(data.fields.to_vec());
            let (ctor, index, site) = (data.ctor, data.index, data.site);
            data = Rc::new(Data { ctor, index, site, fields });
        }
        if let Some(own) = Rc::get_mut(&mut data) {
            for (field, value) in indices.iter().zip(new) {
                own.fields[*field as usize] = value;
            }
        }
        self.stack.push(Value::Data(data));
    }

    pub(crate) fn items_at(&self, frame: &Frame, slot: u32) -> &Items {
        match &self.stack[(frame.base + slot) as usize] {
            Value::Vector(seq) => &seq.items,
            other => bug!("a vector is {other:?}"),
        }
    }

    pub(crate) fn get_item(&mut self, frame: &Frame, item: usize, from: u32, to: u32) {
        let value = self.items_at(frame, from)[item].clone();
        self.stack[(frame.base + to) as usize] = value;
    }

    pub(crate) fn get_rest(&mut self, frame: &Frame, start: usize, from: u32, to: u32) {
        let rest = self.items_at(frame, from).clone().split_off(start);
        self.stack[(frame.base + to) as usize] = Value::from_items(rest);
    }

    /// Literals of Int, Float, String, Keyword and Bool; quantities by their numbers.
    pub(crate) fn eq_literal(&mut self) {
        let (literal, value) = (self.pop(), self.pop());
        let is_equal = match (&value, &literal) {
            (Value::Quantity(x, _), Value::Quantity(y, _)) => x == y,
            (Value::Quantity(x, _), Value::Int(y)) => *x == *y as f64,
            _ => eclexia_rt::order::compare(&value, &literal).is_eq(),
        };
        self.stack.push(Value::Bool(is_equal));
    }

    /// Of `Ok`, pushes what is inside; else leaves the value.
    pub(crate) fn unwrap_ok(&mut self) -> bool {
        let value = self.pop();
        if value.ctor() != Some(self.ctors.ok) {
            self.stack.push(value);
            return false;
        }
        let inner = value.fields().first().cloned().unwrap_or_default();
        self.stack.push(inner);
        true
    }

    pub(crate) fn abort(&mut self) -> Stop {
        let message = self.pop();
        Stop::Fault(Fault::Abort(message.as_str().unwrap_or_default().to_owned()))
    }

    /// Puts the next item of a `for` into its slot; whether there is one.
    pub(crate) fn for_next(&mut self, frame: &Frame, slot: u32) -> bool {
        let at = (frame.base + slot) as usize;
        let item = match &self.stack[at] {
            Value::Vector(seq) => {
                let position = self.stack[at + 1].as_int().unwrap_or_default();
                let item = usize::try_from(position).ok().and_then(|i| seq.items.get(i)).cloned();
                self.stack[at + 1] = Value::Int(position + 1);
                item
            }
            list => match list.fields() {
                [head, tail] => {
                    let (head, tail) = (head.clone(), tail.clone());
                    self.stack[at] = tail;
                    Some(head)
                }
                _ => None,
            },
        };
        let found = item.is_some();
        self.stack[at + 2] = item.unwrap_or_default();
        found
    }
}
