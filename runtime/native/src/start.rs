//! How an executable begins and ends: the program's image is read, `main` is called, and what ended
//! it is said as `eclexia run` says it, with the same exit status.

#![expect(unsafe_code, reason = "the executable's own data is read, and its code called")]

use crate::image::{Head, Place, Places};
use crate::inside::Inside;
use crate::stack::{self, Stack};
use crate::trace;
use crate::world::World;
use eclexia_base::unit::UnitTable;
use eclexia_base::{FileId, Span};
use eclexia_diag::{Diagnostic, Sources, render};
use eclexia_rt::diagnostics::{Call, of_stop};
use eclexia_rt::heap::{Context, Limits};
use eclexia_rt::layout::{Rep, Shape, ShapeId};
use eclexia_rt::show::show_with;
use eclexia_rt::stop::Stop;
use eclexia_rt::{Capability, Fields, Value};
use std::ffi::{CStr, c_char};
use std::io::{IsTerminal, Write};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// What the object of a program gives to [`ecl_start`].
#[repr(C)]
pub struct Program {
    head: *const u8,
    head_length: usize,
    places: *const u8,
    places_length: usize,
    /// By `FuncId`.
    pub(crate) code: *const *const (),
    functions: usize,
    /// For the names that code asks for.
    names: *mut u64,
    main: *const (),
    /// For the convention of `main`.
    shim: *const (),
    /// For closures that the run time calls.
    pub(crate) closure_shim: *const (),
}

const DONE: i32 = 0;
const FAILED: i32 = 1;
const INTERRUPTED: i32 = 130;

/// `main` of C, given the program.
///
/// # Safety
/// The arguments are those of `main`, and the program was made by the code generator.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ecl_start(
    count: i32,
    arguments: *const *const c_char,
    program: &Program,
) -> i32 {
    let head = Head::read(program.head());
    names(program, &head);
    // SAFETY: what the system passes to `main`.
    let argument = |i| unsafe { CStr::from_ptr(*arguments.add(i)) }.to_string_lossy().into_owned();
    let arguments: Vec<String> = (1..count as usize).map(argument).collect();
    let interrupted = watch_for_interrupts();
    let mut context = context(&head, interrupted.clone());
    context.code = program.code;
    let mut world = World::new(interrupted);
    let ended = context
        .within(&mut world, &head.bounds, |context| run(context, program, &head, &arguments));
    world.flush();
    if reports() {
        let _ = writeln!(std::io::stderr().lock(), "{}", context.report());
    }
    exit_of(ended)
}

/// Whether a line about what a run took is asked for.
pub fn reports() -> bool {
    is_set("ECLEXIA_REPORT")
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn exit_of(ended: Result<(), Failure>) -> i32 {
    let Err(diagnostic) = ended else { return DONE };
    let is_interrupt = diagnostic.0.code == "interrupted";
    if !(is_interrupt && TERMINATED.load(Ordering::Relaxed)) {
        say(&diagnostic.0, &diagnostic.1);
    }
    if is_interrupt { INTERRUPTED } else { FAILED }
}

impl Program {
    pub(crate) fn head(&self) -> &[u8] {
        // SAFETY: the code generator wrote as many bytes.
        unsafe { std::slice::from_raw_parts(self.head, self.head_length) }
    }
}

/// Tells code the numbers that names have in this process.
pub(crate) fn names(program: &Program, head: &Head) {
    for (i, name) in head.names.iter().enumerate() {
        // SAFETY: the table has room for all names.
        unsafe { *program.names.add(i) = u64::from(name.id()) };
    }
}

pub(crate) fn context(head: &Head, interrupted: Arc<AtomicBool>) -> Box<Context> {
    let mut context = Context::new(head.ctors, UnitTable::language().clone(), Limits::default());
    context.host.interrupt = Some(interrupted);
    context.learn(&head.shapes);
    for (name, rep) in &head.globals {
        context.add_global(*name, *rep);
    }
    for text in &head.strings {
        context.add_string(text);
    }
    for amounts in &head.amounts {
        context.add_amounts(amounts);
    }
    context
}

/// Whether it was SIGTERM that ended the program: who ends it so does not ask where it was.
static TERMINATED: AtomicBool = AtomicBool::new(false);

/// Raised by Ctrl-C, or by what ends a service; the second ends the process.
fn watch_for_interrupts() -> Arc<AtomicBool> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    extern "C" fn raise(signal: i32) {
        TERMINATED.fetch_or(signal == libc::SIGTERM, Ordering::Relaxed);
        if FLAG.get().is_none_or(|flag| flag.swap(true, Ordering::Relaxed)) {
            // SAFETY: ends the process and runs nothing else.
            unsafe { libc::_exit(INTERRUPTED) }
        }
    }
    let flag = FLAG.get_or_init(Arc::default).clone();
    for signal in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: the handler only touches atomics.
        unsafe { libc::signal(signal, raise as *const () as usize) };
    }
    flag
}

/// Why a program failed, and the texts that this points to.
type Failure = Box<(Diagnostic, Sources)>;

fn run(
    context: &mut Context,
    program: &Program,
    head: &Head,
    arguments: &[String],
) -> Result<(), Failure> {
    let without_place = |found: Diagnostic| Box::new((found, Sources::new()));
    let Some(stack) = Stack::new() else {
        return Err(without_place(of_stop(Stop::StackExhausted, &[], None)));
    };
    let mut words = [0];
    if let Some((shape, ctor)) = head.world {
        words[0] = context.from_value(&world(context, shape, ctor, arguments), shape);
    }
    let given = words[0];
    // SAFETY: the program's own code is there, and the shim is for closures.
    let inside = unsafe { Inside::new(code(program), program.closure_shim) };
    context.run_by(&inside, |context| unsafe {
        stack::enter(context, &stack, code(program), program.shim, program.main, &mut words);
    });
    if context.pending != 0 {
        return Err(Box::new(stopped(context, program)));
    }
    if let Some((shape, _)) = head.world
        && !head.owns_world
        && context.host.shapes.rep(shape) == Rep::Ptr
    {
        context.drop_word(given);
    }
    let Some(shape) = head.result else { return Ok(()) };
    let word = words[0];
    let value = match context.host.shapes.get(shape) {
        Shape::Data(_) => context.to_value(word, shape),
        // Other results cannot say that `main` failed.
        _ => Value::Unit,
    };
    context.drop_word(word);
    match value.as_data() {
        Some(data) if data.ctor == head.ctors.err.0 => {
            let shown = show_with(&value, &context.host, &context.host.units);
            Err(without_place(main_failed(&shown)))
        }
        _ => Ok(()),
    }
}

/// What `main` gave is an error that nobody handled.
pub fn main_failed(value: &str) -> Diagnostic {
    let shown: String = value.chars().take(60).collect();
    Diagnostic::without_place("main-failed", format!("`main` gave {shown}"))
        .help("Handle the error with `match`, or print what it means before.")
}

/// Where the program's own code is.
pub(crate) fn code(program: &Program) -> Range<usize> {
    // SAFETY: the table has an address for each function.
    let all = unsafe { std::slice::from_raw_parts(program.code, program.functions) };
    // What enters functions was made behind all of them. Those that nobody calls have no code.
    all.iter().map(|at| *at as usize).filter(|at| *at != 0).min().unwrap_or(0)
        ..program.closure_shim as usize
}

/// The record that `main` receives: all capabilities, and the arguments.
fn world(context: &Context, shape: ShapeId, ctor: u32, arguments: &[String]) -> Value {
    let fields = &context.host.shapes.get(shape).ctors()[0].field_names;
    let fields = fields.iter().map(|field| match field.as_str() {
        "files" => Value::Capability(Capability::Files),
        "clock" => Value::Capability(Capability::Clock),
        "network" => Value::Capability(Capability::Network),
        "random" => Value::Capability(Capability::Random),
        "env" => Value::Capability(Capability::Env),
        "treasury" => Value::Capability(Capability::Treasury),
        _ => Value::vector(arguments.iter().map(|arg| Value::str(arg.as_str()))),
    });
    Value::data(ctor, 0, None, Fields::from(fields.collect::<Vec<_>>()))
}

pub(crate) fn stopped(context: &mut Context, program: &Program) -> (Diagnostic, Sources) {
    // SAFETY: the code generator wrote as many bytes.
    let places = unsafe { std::slice::from_raw_parts(program.places, program.places_length) };
    let places = Places::read(places);
    // SAFETY: the table has an address for each function.
    let code = unsafe { std::slice::from_raw_parts(program.code, program.functions) };
    let mut begins: Vec<(usize, usize)> = code
        .iter()
        .enumerate()
        .map(|(i, at)| (*at as usize, i))
        .filter(|(at, _)| *at != 0)
        .collect();
    begins.sort_unstable();
    let found = |at: usize| -> Option<Option<u32>> {
        let next = begins.partition_point(|(begin, _)| *begin <= at);
        let (begin, function) = begins[next.checked_sub(1)?];
        let sites = &places.functions[function];
        let offset = u32::try_from(at - begin).ok().filter(|offset| *offset <= sites.size)?;
        let call = sites.calls.binary_search_by_key(&offset, |(at, _)| *at).ok();
        Some(call.map(|call| sites.calls[call].1))
    };
    let mut addresses = context.take_calls();
    addresses.extend(trace::return_addresses(context, |at| found(at).is_some()));
    let calls = trace::calls(&addresses, |at, calls| {
        let mut loc = found(at).flatten();
        while let Some(at) = loc {
            let at = places.locs[at as usize];
            calls.push(call(&places.places[at.place as usize]));
            loc = at.caller;
        }
    });
    let mut sources = Sources::new();
    for (name, text) in places.sources {
        sources.add(name, text);
    }
    let stop = context.take_stop().unwrap_or(Stop::Unreachable);
    (of_stop(stop, &calls, None), sources)
}

fn call(place: &Place) -> Call {
    let span = Span::new(FileId(place.file), place.start, place.end);
    Call { name: place.name, span, is_std: place.is_std }
}

fn say(diagnostic: &Diagnostic, sources: &Sources) {
    let is_wanted = std::io::stderr().is_terminal() || is_set("CLICOLOR_FORCE");
    let is_colored = !is_set("NO_COLOR") && is_wanted;
    let text = render::human(std::slice::from_ref(diagnostic), sources, is_colored);
    // Nowhere is left to report that standard error is closed.
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
