//! Every native does what the built-in of its name does: random arguments through both, the same
//! values and the same faults.

use super::{CONS, World};
use crate::builtin::{Fault, lookup};
use crate::effects::SplitMix64;
use crate::heap::cell::dup;
use crate::layout::{Rep, ShapeId};
use crate::native::{self, Pass, ShapeOf};
use crate::stop::Stop;
use crate::value::{Fields, Value};
use crate::{Ctx, Hermetic, Key, Ledger};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Dim, Name};

/// Types of natives: arguments, then the result. `S` string, `I` Int, `F` Float, `B` Bool, `K`
/// keyword, `V` vector of Ints, `W` of strings, `X` of vectors, `L` list of Ints, `M` map, `T` set,
/// `O` option of Int, `P` of string, `Q` of an entry, `E` entries, `U` Unit.
const TYPES: &[(&str, &str)] = &[
    ("vector-length", "VI"),
    ("vector-get", "VII"),
    ("vector-get", "WIS"),
    ("vector/get", "VIO"),
    ("vector/get", "WIP"),
    ("vector/set", "VIIV"),
    ("vector/set", "WISW"),
    ("vector-push", "VIV"),
    ("vector-push", "WSW"),
    ("vector/push-front", "WSW"),
    ("vector/append", "VVV"),
    ("vector/append", "WWW"),
    ("vector/slice", "VIIV"),
    ("vector/slice", "WIIW"),
    ("vector/insert-at", "WISW"),
    ("vector/remove-at", "WIW"),
    ("vector/repeat", "IIV"),
    ("vector/repeat", "ISW"),
    ("vector/concat", "XV"),
    ("vector/reverse", "WW"),
    ("vector-from-list", "LV"),
    ("vector-to-list", "VL"),
    ("map/size", "MI"),
    ("map/get", "MSO"),
    ("entry-get", "MSO"),
    ("map/get-or", "MSII"),
    ("map/contains?", "MSB"),
    ("map-put", "MSIM"),
    ("map/remove", "MSM"),
    ("map/merge", "MMM"),
    ("map/keys", "MW"),
    ("map/values", "MV"),
    ("map-entries", "ME"),
    ("map/first", "MQ"),
    ("map/last", "MQ"),
    ("map/after", "MSQ"),
    ("map/between", "MSSM"),
    ("map/of", "EM"),
    ("set/size", "TI"),
    ("set/contains?", "TIB"),
    ("set/insert", "TIT"),
    ("set/remove", "TIT"),
    ("set/union", "TTT"),
    ("set/intersection", "TTT"),
    ("set/difference", "TTT"),
    ("set/subset?", "TTB"),
    ("set-to-vector", "TV"),
    ("set/first", "TO"),
    ("set/last", "TO"),
    ("set/of", "VT"),
    ("string-append", "SSS"),
    ("string-eq", "SSB"),
    ("string-lt", "SSB"),
    ("string-quote", "SS"),
    ("string-hash", "SI"),
    ("keyword-eq", "KKB"),
    ("keyword-name", "KS"),
    ("string/keyword", "SK"),
    ("string/length", "SI"),
    ("string/byte-length", "SI"),
    ("string/slice", "SIIS"),
    ("string/chars", "SW"),
    ("string/bytes", "SV"),
    ("string/lines", "SW"),
    ("string/words", "SW"),
    ("string/split", "SSW"),
    ("string/join", "SWS"),
    ("string/trim", "SS"),
    ("string/trim-start", "SS"),
    ("string/trim-end", "SS"),
    ("string/upper", "SS"),
    ("string/lower", "SS"),
    ("string/reverse", "SS"),
    ("string/repeat", "SIS"),
    ("string/replace", "SSSS"),
    ("string/contains?", "SSB"),
    ("string/starts-with?", "SSB"),
    ("string/ends-with?", "SSB"),
    ("string/index-of", "SSO"),
    ("string/parse-int", "SO"),
    ("string/code", "SO"),
    ("string/from-code", "IP"),
    ("string/letter?", "SB"),
    ("string/digit?", "SB"),
    ("string/space?", "SB"),
    ("char/upper?", "SB"),
    ("char/lower?", "SB"),
    ("char/alphanumeric?", "SB"),
    ("char/punctuation?", "SB"),
    ("int-show", "IS"),
    ("quantity-show", "FS"),
    ("quantity-hash", "FI"),
    ("hash-combine", "III"),
    ("format/short", "FS"),
    ("math/cbrt", "FF"),
    ("math/exp", "FF"),
    ("math/ln", "FF"),
    ("math/log2", "FF"),
    ("math/log10", "FF"),
    ("math/sin", "FF"),
    ("math/cos", "FF"),
    ("math/tan", "FF"),
    ("math/asin", "FF"),
    ("math/acos", "FF"),
    ("math/atan", "FF"),
    ("math/atan2", "FFF"),
    ("math/pow", "FFF"),
    ("math/hypot", "FFF"),
    ("math/nan?", "FB"),
    ("math/finite?", "FB"),
    ("math/power", "III"),
    ("random/add-wrapped", "III"),
    ("random/mix", "II"),
    ("random/mix-gamma", "II"),
    ("random/unit-float", "IF"),
    ("bits/bit-not", "II"),
    ("bits/count", "II"),
    ("bits/leading-zeros", "II"),
    ("bits/trailing-zeros", "II"),
    ("print-line", "SU"),
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "b",
    "ab",
    "aba",
    "Ä",
    "häß",
    "😀",
    " a  b\tc ",
    "one\ntwo\r\n",
    "12",
    "-7",
    "1_000",
    "\u{b}x\u{85}y",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "a longer text, of words: some Ä and ß, and more than a slice needs",
];

struct Random(SplitMix64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    fn int(&mut self) -> i64 {
        match self.below(8) {
            0 => i64::MAX - self.below(2) as i64,
            1 => i64::MIN,
            2 => self.below(2000) as i64 - 1000,
            _ => self.below(12) as i64 - 3,
        }
    }

    fn float(&mut self) -> f64 {
        let all = [0.0, -0.0, 1.5, -2.25, 1e300, f64::NAN, f64::INFINITY, 0.1];
        all[self.below(all.len() as u64) as usize]
    }

    fn text(&mut self) -> &'static str {
        TEXTS[self.below(TEXTS.len() as u64) as usize]
    }

    fn value(&mut self, of: char) -> Value {
        let length = self.below(14);
        match of {
            'S' => Value::str(self.text()),
            'I' => Value::Int(self.int()),
            'F' => Value::Quantity(self.float(), Dim::ONE),
            'K' => Value::Keyword(Name::new(self.text())),
            'V' => Value::vector((0..length).map(|_| Value::Int(self.int()))),
            'W' => Value::vector((0..length).map(|_| Value::str(self.text()))),
            'X' => Value::vector((0..length % 4).map(|_| self.value('V'))),
            'L' => (0..length).fold(Value::Tag { ctor: CONS - 1, index: 0 }, |tail, _| {
                Value::data(CONS, 1, None, Fields::Two([Value::Int(self.int()), tail]))
            }),
            'E' => Value::vector((0..length).map(|_| {
                let entry = Fields::Two([Value::str(self.text()), Value::Int(self.int())]);
                Value::data(6, 0, None, entry)
            })),
            'M' => {
                let entry = |r: &mut Self| (Key(Value::str(r.text())), Value::Int(r.int()));
                Value::from_map((0..length).map(|_| entry(self)).collect())
            }
            'T' => Value::from_set((0..length).map(|_| Key(Value::Int(self.int()))).collect()),
            other => unreachable!("no argument is {other}"),
        }
    }
}

fn shape(world: &World, of: char) -> ShapeId {
    match of {
        'S' => world.string,
        'I' => world.int,
        'F' => world.float,
        'B' => world.bool,
        'K' => world.keyword,
        'V' => world.ints,
        'W' => world.strings,
        'X' => world.vectors,
        'L' => world.list,
        'M' => world.map,
        'T' => world.set,
        'O' => world.option_int,
        'P' => world.option_string,
        'Q' => world.option_pair,
        'E' => world.entries,
        'U' => world.unit,
        other => unreachable!("no shape is {other}"),
    }
}

/// What the built-in gives, shown.
fn expected(world: &World, name: &str, args: &[Value]) -> Result<String, Fault> {
    let (module, name) = name.split_once('/').unwrap_or(("core", name));
    let builtin = lookup(module, name).expect("a built-in of this name").get();
    let (mut effects, mut ledger) = (Hermetic::default(), Ledger::default());
    let units = UnitTable::language();
    let mut ctx = Ctx {
        effects: &mut effects,
        ctors: &world.ctx.host.ctors,
        ledger: &mut ledger,
        units,
        deadline: None,
    };
    let value = (builtin.run)(&mut ctx, &mut args.to_vec())?;
    Ok(crate::show::show_with(&value, &world.ctx.host, units))
}

fn agrees(name: &str, types: &str, random: &mut Random) {
    let mut world = World::new();
    let types: Vec<char> = types.chars().collect();
    let (result, params) = types.split_last().expect("a result");
    let args: Vec<Value> = params.iter().map(|of| random.value(*of)).collect();
    let result = shape(&world, *result);
    let shapes: Vec<ShapeId> = params.iter().map(|of| shape(&world, *of)).collect();
    let words: Vec<u64> =
        args.iter().zip(&shapes).map(|(v, s)| world.ctx.from_value(v, *s)).collect();
    let (module, short) = name.split_once('/').unwrap_or(("core", name));
    let native = native::lookup(module, short).expect("a native of this name").get();
    // Half of the time somebody else has the arguments too.
    let is_shared = random.below(2) == 0;
    let is_reference = |shape: &ShapeId| world.ctx.host.shapes.rep(*shape) == Rep::Ptr;
    let references: Vec<bool> = shapes.iter().map(is_reference).collect();
    let kept: Vec<bool> = native
        .params
        .iter()
        .zip(&references)
        .map(|(pass, is_reference)| {
            let is_owned = matches!(pass, Pass::Owned | Pass::OwnedWord);
            *is_reference && (is_shared || !is_owned)
        })
        .collect();
    for (i, pass) in native.params.iter().enumerate() {
        if kept[i] && matches!(pass, Pass::Owned | Pass::OwnedWord) {
            dup(words[i]);
        }
    }
    let numbers: Vec<ShapeId> = native
        .shapes
        .iter()
        .map(|of| match of {
            ShapeOf::Arg(at) => shapes[usize::from(*at)],
            ShapeOf::Result => result,
        })
        .collect();
    let word = world.run(name, &words, &numbers);
    let shown = match world.ctx.take_stop() {
        None => Ok(world.show(word, result)),
        Some(Stop::Fault(fault)) => Err(fault),
        Some(other) => panic!("{name} of {args:?} stops with {other:?}"),
    };
    assert_eq!(shown, expected(&world, name, &args), "{name} of {args:?}");
    for (i, value) in args.iter().enumerate() {
        if kept[i] {
            let back = world.ctx.to_value(words[i], shapes[i]);
            assert!(crate::order::compare(value, &back).is_eq(), "{name} changed {value:?}");
            world.ctx.drop_word(words[i]);
        }
    }
    world.end();
}

#[test]
fn natives_do_what_built_ins_do() {
    let mut random = Random(SplitMix64(42));
    for (name, types) in TYPES {
        for _ in 0..60 {
            agrees(name, types, &mut random);
        }
    }
}

#[test]
fn every_native_is_compared_but_those_without_a_built_in() {
    let known = |name: &str| TYPES.iter().any(|(compared, _)| *compared == name);
    let rest: Vec<&str> = native::all().map(|(_, n)| n.name).filter(|n| !known(n)).collect();
    let expected = [
        // Of these nothing is asked that the ones without `sure` do not ask.
        "vector-get-sure",
        "vector-set-sure",
        "vector-put",
        "vector-add",
        "vector-new",
        "vector/from-list",
        "vector/to-list",
        "map/empty",
        "set/empty",
        // `strings` compares it with the two natives that it stands for.
        "string-append-slice",
        "string/parse-float",
        // These ask the engine or the run time.
        "run-limited",
        "par/over-parts",
        "adaptive/weights",
        "adaptive/explains?",
    ];
    assert_eq!(rest, expected);
}
