//! Everything a running program's end says, in whatever engine. A run-time error points to the
//! innermost call in the user's own code; labels and a note lead out from there.

use crate::builtin::Fault;
use crate::stop::Stop;
use eclexia_base::{Name, Span};
use eclexia_diag::Diagnostic;

/// One call under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// The definition whose code it is.
    pub name: Name,
    pub span: Span,
    pub is_std: bool,
}

/// Calls shown as labels besides the primary one.
const MAX_LABELS: usize = 3;
/// Lines of the trace before and after what is left out.
const TRACE_HEAD: usize = 6;
const TRACE_TAIL: usize = 4;

/// Why a run ended; `trace` is the calls under way, the innermost first.
pub fn of_stop(stop: Stop, trace: &[Call], max_steps: Option<u64>) -> Diagnostic {
    // An extern's own frame is of no interest: what matters is who called it.
    let is_extern = matches!(stop, Stop::Extern(_)) && trace.len() > 1;
    let trace = if is_extern { &trace[1..] } else { trace };
    let diagnostic = match stop {
        Stop::Fault(Fault::Overflow(text)) => integer_overflow(trace, &text),
        Stop::Fault(Fault::DivisionByZero(text)) => division_by_zero(trace, &text),
        Stop::Fault(Fault::Abort(text)) => aborted(trace, &text),
        Stop::Fault(Fault::Overdrawn(text)) => account_overdrawn(trace, &text),
        Stop::StackExhausted => stack_exhausted(trace),
        Stop::StepLimit => step_limit(trace, max_steps.unwrap_or_default()),
        Stop::MemoryLimit(bytes) => memory_limit(trace, bytes),
        Stop::Interrupted => interrupted(trace),
        Stop::Deadline => time_limit(trace),
        Stop::ConstantCycle(name) => constant_cycle(trace, name),
        Stop::Extern(name) => extern_not_linked(trace, name),
        Stop::Metered(name, allowed) => meter_exhausted(trace, name, allowed),
        Stop::Unreachable => aborted(trace, "this code was reported as wrong"),
    };
    with_trace(diagnostic, trace)
}

/// The innermost call in the user's code; in the library's when there is none.
fn place(trace: &[Call]) -> Option<&Call> {
    trace.iter().find(|call| !call.is_std).or(trace.first())
}

fn error(code: &'static str, trace: &[Call], message: impl Into<String>) -> Diagnostic {
    match place(trace) {
        Some(call) => Diagnostic::error(code, call.span, message),
        None => Diagnostic::without_place(code, message),
    }
}

fn integer_overflow(trace: &[Call], text: &str) -> Diagnostic {
    error("integer-overflow", trace, "the result does not fit into an Int")
        .here(format!("{text} is outside -2^63 .. 2^63-1"))
        .help("compute with Float, as in (float x), where numbers may get this large")
}

fn division_by_zero(trace: &[Call], text: &str) -> Diagnostic {
    error("division-by-zero", trace, "an Int is divided by zero")
        .here(format!("{text} has no value"))
        .help("test the divisor first: (if (= n 0) … (quot x n))")
}

fn aborted(trace: &[Call], text: &str) -> Diagnostic {
    const SHOWN: usize = 60;
    let first = text.lines().next().unwrap_or_default();
    let short: String = first.chars().take(SHOWN).collect();
    let is_whole = short.len() == text.len();
    let message = format!("aborted: {short}{}", if is_whole { "" } else { "…" });
    let diagnostic = error("aborted", trace, message).here("stopped here");
    if is_whole { diagnostic } else { diagnostic.note(text) }
}

fn account_overdrawn(trace: &[Call], text: &str) -> Diagnostic {
    let is_short = text.chars().count() <= 80;
    let message = if is_short { text } else { "more is drawn than there is" };
    let diagnostic = error("account-overdrawn", trace, message)
        .here("drawn here")
        .help("draw less, give back what is no longer needed with `release`, or raise the limit");
    if is_short { diagnostic } else { diagnostic.note(text) }
}

fn stack_exhausted(trace: &[Call]) -> Diagnostic {
    error("stack-exhausted", trace, "too many calls wait for each other")
        .here(format!("{} calls deep", count(trace.len())))
        .help("end the recursion, or make the recursive call the last thing the function does")
}

fn step_limit(trace: &[Call], max: u64) -> Diagnostic {
    error("step-limit", trace, format!("not done after {} steps", count(max as usize)))
        .here("still running here")
        .help("look for a loop or a recursion that does not end")
}

fn memory_limit(trace: &[Call], bytes: u64) -> Diagnostic {
    let text = format!("more than {} MiB of memory are needed", count((bytes >> 20) as usize));
    error("memory-limit", trace, text)
        .here("needed here")
        .help("keep less at once, or look for a loop that does not end")
}

fn time_limit(trace: &[Call]) -> Diagnostic {
    error("time-limit", trace, "not done when its time was over")
        .here("still running here")
        .help("look for a loop or a recursion that does not end, or give it more time")
}

fn interrupted(trace: &[Call]) -> Diagnostic {
    // A service waits in the library, at a line that says nothing to who ended it.
    if trace.iter().all(|call| call.is_std) {
        return Diagnostic::without_place("interrupted", "interrupted");
    }
    error("interrupted", trace, "interrupted").here("was running here")
}

fn constant_cycle(trace: &[Call], name: Name) -> Diagnostic {
    error("constant-cycle", trace, format!("the value of `{name}` needs itself"))
        .here("needed here while it is being computed")
        .help("turn one of the constants on the way into a function, or break the circle")
}

fn extern_not_linked(trace: &[Call], name: Name) -> Diagnostic {
    error("extern-not-linked", trace, format!("`{name}` is an extern, and not linked"))
        .here("its code is not here: only its type and its cost are known")
        .help("run what does not need it, or define it with `defn` to try the program out")
}

fn meter_exhausted(trace: &[Call], name: Name, allowed: u64) -> Diagnostic {
    let steps = count(allowed as usize);
    error("meter-exhausted", trace, format!("`{name}` has taken the {steps} steps it may"))
        .here("still running here")
        .help("raise `:steps` in its `:requires`, or call it with less")
}

/// A check of a test that does not hold.
pub fn check_failed(span: Option<Span>, text: &str, sides: Option<[String; 2]>) -> Diagnostic {
    let message = "a check does not hold";
    let diagnostic = match span {
        Some(span) => Diagnostic::error("check-failed", span, message),
        None => Diagnostic::without_place("check-failed", message),
    };
    let diagnostic = diagnostic.here("this is false");
    match sides {
        Some([left, right]) => diagnostic.note(format!("left:  {left}\nright: {right}")),
        None => diagnostic.note(format!("{text} is false")),
    }
}

/// Labels at further places of the user's, and all calls as a note.
fn with_trace(diagnostic: Diagnostic, trace: &[Call]) -> Diagnostic {
    let runs = runs(trace);
    let mut labelled: Vec<Span> = diagnostic.primary.iter().map(|p| p.span).collect();
    let mut result = diagnostic;
    for (call, _) in runs.iter().filter(|(call, _)| !call.is_std) {
        if labelled.len() <= MAX_LABELS && !labelled.contains(&call.span) {
            labelled.push(call.span);
            result = result.label(call.span, format!("called from here, in `{}`", call.name));
        }
    }
    let needs_note = trace.len() > 1 && (trace.len() > runs.len() || runs.len() > MAX_LABELS + 1)
        || trace.first().is_some_and(|call| call.is_std);
    if needs_note { result.note(trace_text(&runs)) } else { result }
}

/// Calls at one place that follow each other, with their number.
fn runs(trace: &[Call]) -> Vec<(&Call, usize)> {
    let mut runs: Vec<(&Call, usize)> = Vec::new();
    for call in trace {
        match runs.last_mut() {
            Some((last, times)) if *last == call => *times += 1,
            _ => runs.push((call, 1)),
        }
    }
    runs
}

fn trace_text(runs: &[(&Call, usize)]) -> String {
    let line = |(call, times): &(&Call, usize)| match times {
        1 => format!("\n  {}", call.name),
        _ => format!("\n  {} ({} times)", call.name, count(*times)),
    };
    let mut text = String::from("calls, the innermost first:");
    if runs.len() <= TRACE_HEAD + TRACE_TAIL + 1 {
        text.extend(runs.iter().map(line));
        return text;
    }
    let (head, rest) = runs.split_at(TRACE_HEAD);
    let (middle, tail) = rest.split_at(rest.len() - TRACE_TAIL);
    let left_out: usize = middle.iter().map(|(_, times)| times).sum();
    text.extend(head.iter().map(line));
    text.push_str(&format!("\n  … {} more …", count(left_out)));
    text.extend(tail.iter().map(line));
    text
}

/// `1,234,567`
fn count(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use eclexia_base::FileId;

    fn call(name: &str, at: u32, is_std: bool) -> Call {
        Call { name: Name::new(name), span: Span::new(FileId(0), at, at + 1), is_std }
    }

    #[test]
    fn errors_inside_the_library_point_to_the_users_call() {
        let trace = [call("nth", 1, true), call("f", 2, false), call("main", 3, false)];
        let found = of_stop(Stop::Fault(Fault::Abort("no".into())), &trace, None);
        assert_eq!(found.primary.map(|p| p.span.start), Some(2));
        assert_eq!(found.labels.len(), 1);
        assert_eq!(found.notes, ["calls, the innermost first:\n  nth\n  f\n  main"]);
    }

    #[test]
    fn a_deep_trace_is_short() {
        let mut trace = vec![call("f", 1, false); 1_000_000];
        trace.extend((0..50).map(|i| call("g", i + 10, false)));
        let found = of_stop(Stop::StackExhausted, &trace, None);
        assert!(found.notes[0].contains("f (1,000,000 times)"), "{:?}", found.notes);
        assert!(found.notes[0].contains("… 41 more …"), "{:?}", found.notes);
    }
}
