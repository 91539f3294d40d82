//! Where a run stopped: the calls that were under way, from the frames, as places in source.

use crate::diagnostics;
use crate::evaluator::Evaluator;
use crate::machine::Frame;
use crate::show::show_value;
use eclexia_base::{Name, Span};

/// One call under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Call {
    /// The definition whose code it is.
    pub name: Name,
    pub span: Span,
    pub is_std: bool,
}

impl Evaluator<'_> {
    /// The innermost call first.
    pub(crate) fn trace(&self) -> Vec<Call> {
        let mut calls = Vec::new();
        let mut inner_is_constant = false;
        for frame in self.frames.iter().rev() {
            // A frame that waits for a constant stands at the instruction that needs it, any other
            // one behind.
            let pc = (frame.pc as usize).saturating_sub(usize::from(!inner_is_constant));
            calls.extend(self.call_at(frame, pc));
            inner_is_constant = frame.constant().is_some();
        }
        calls
    }

    fn call_at(&self, frame: &Frame, pc: usize) -> Option<Call> {
        let def = self.program.defs.get(frame.code.def)?;
        let map = self.program.maps.get(frame.code.def);
        let place = frame.code.place(pc).and_then(|expr| map?.exprs.get(expr).copied());
        let is_std = self.program.modules[def.module].is_std;
        let span = place.map_or(def.span, |p| p.span);
        Some(Call { name: frame.code.name, span, is_std })
    }

    /// `(check …)`: pops the text and the truth; remembers a failure.
    pub(crate) fn check(&mut self, frame: &Frame, sides: Option<u32>) {
        let text = self.pop();
        let truth = self.pop();
        if truth.as_bool() == Some(false) {
            let sides = sides.map(|slot| {
                let at = (frame.base + slot) as usize;
                [at, at + 1].map(|i| show_value(&self.stack[i], self.program))
            });
            let call = self.call_at(frame, (frame.pc as usize).saturating_sub(1));
            let text = text.as_str().unwrap_or_default();
            self.failed_checks.push(diagnostics::check_failed(call.map(|c| c.span), text, sides));
        }
        self.stack.push(eclexia_rt::Value::Unit);
    }
}
