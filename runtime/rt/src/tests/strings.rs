//! Strings: in place when unique, slices that share, code points.

use super::World;
use crate::heap::cell::{SLICE, dup, info, is_immediate};
use crate::heap::short::{self, LONGEST};
use crate::heap::string;

#[test]
fn appending_to_a_unique_string_is_in_place() {
    let mut world = World::new();
    let mut text = world.text("");
    let more = world.text("ab");
    for _ in 0..100_000 {
        text = world.run("string-append", &[text, more], &[]);
    }
    assert_eq!(world.run("string/length", &[text], &[]), 200_000);
    assert!(world.ctx.allocations < 10, "{} allocations", world.ctx.allocations);
    let kept = dup(text);
    let longer = world.run("string-append", &[text, more], &[]);
    assert_ne!(longer, kept);
    assert_eq!(world.run("string/length", &[kept], &[]), 200_000);
    for word in [longer, kept, more] {
        world.ctx.drop_word(word);
    }
    world.end();
}

#[test]
fn a_string_appended_to_itself_is_there_twice() {
    let mut world = World::new();
    let text = world.text("häß");
    let twice = world.run("string-append", &[dup(text), text], &[]);
    world.ctx.drop_word(text);
    assert_eq!(world.show(twice, world.string), "\"häßhäß\"");
    world.end();
}

#[test]
fn a_part_is_appended_as_if_it_had_been_made() {
    let mut world = World::new();
    for of in ["", "a", "abcdefghijklmnopqrstuvwxyz and so on, and so on", "aÄ😀b", "Ä"] {
        let of = world.text(of);
        for (start, end) in [(0, 1), (1, 2), (-3, 2), (2, 90), (3, 1), (0, i64::MAX)] {
            let bounds = [start, end].map(i64::cast_unsigned);
            let part = world.run("string/slice", &[of, bounds[0], bounds[1]], &[]);
            for first in ["", "before", "Ü"] {
                let (first, again) = (world.text(first), world.text(first));
                let one = world.run("string-append", &[first, part], &[]);
                let args = [again, of, bounds[0], bounds[1]];
                let other = world.run("string-append-slice", &args, &[]);
                let lengths = [one, other].map(|word| world.run("string/length", &[word], &[]));
                assert_eq!(lengths[0], lengths[1]);
                let shown = [one, other].map(|word| world.show(word, world.string));
                assert_eq!(shown[0], shown[1]);
            }
            world.ctx.drop_word(part);
        }
        let itself = world.run("string-append-slice", &[dup(of), of, 0, 2], &[]);
        world.ctx.drop_word(itself);
        world.ctx.drop_word(of);
    }
    world.end();
}

#[test]
fn slices_count_code_points_and_share_what_is_long() {
    let mut world = World::new();
    let text = world.text(&"aÄ😀b".repeat(20));
    let cut = |world: &mut World, from: i64, to: i64| {
        world.run("string/slice", &[text, from.cast_unsigned(), to.cast_unsigned()], &[])
    };
    let short = cut(&mut world, 1, 3);
    assert_eq!(world.show(short, world.string), "\"Ä😀\"");
    let empty = cut(&mut world, 3, 1);
    assert_eq!(world.show(empty, world.string), "\"\"");
    let long = cut(&mut world, -5, 40);
    assert_eq!(info(long), SLICE);
    let of_slice = world.run("string/slice", &[long, 1, 30], &[]);
    world.ctx.drop_word(long);
    world.ctx.drop_word(text);
    assert_eq!(world.run("string/length", &[of_slice], &[]), 29);
    let empty = world.text("");
    let whole = world.run("string-append", &[of_slice, empty], &[]);
    world.ctx.drop_word(empty);
    assert_eq!(world.run("string/length", &[whole], &[]), 29);
    world.ctx.drop_word(whole);
    world.end();
}

#[test]
fn strings_are_split_and_joined() {
    let mut world = World::new();
    let strings = world.strings;
    let text = world.text(" one  two\u{b}three\nfour ");
    let words = world.run("string/words", &[text], &[]);
    let comma = world.text(", ");
    let joined = world.run("string/join", &[comma, words], &[]);
    assert_eq!(world.show(joined, world.string), "\"one, two, three, four\"");
    assert_eq!(world.show(words, strings), "[\"one\" \"two\" \"three\" \"four\"]");
    let lines = world.run("string/lines", &[text], &[]);
    assert_eq!(world.run("vector-length", &[lines], &[]), 2);
    let trimmed = world.run("string/trim", &[text], &[]);
    let code = world.run("string/code", &[trimmed], &[world.option_int]);
    assert_eq!(world.show(code, world.option_int), "(Some 111)");
    let chars = world.run("string/chars", &[comma], &[]);
    assert_eq!(world.show(chars, strings), "[\",\" \" \"]");
    for word in [lines, trimmed, text, comma] {
        world.ctx.drop_word(word);
    }
    world.end();
}

#[test]
fn numbers_are_shown_and_read() {
    let mut world = World::new();
    let shown = world.run("int-show", &[i64::MIN.cast_unsigned()], &[]);
    let read = world.run("string/parse-int", &[shown], &[world.option_int]);
    assert_eq!(world.show(shown, world.string), "\"-9223372036854775808\"");
    assert_eq!(world.show(read, world.option_int), "(Some -9223372036854775808)");
    let shown = world.run("quantity-show", &[2.5_f64.to_bits()], &[world.float]);
    assert_eq!(world.show(shown, world.string), "\"2.5\"");
    world.end();
}

/// Of every length around the longest that is in a word, with code points of every length.
const AROUND: &[&str] = &[
    "",
    "\0",
    "a",
    "a\0",
    "b",
    "Ä",
    "ab",
    "a\u{7f}",
    "abc",
    "€",
    "😀",
    "abcd",
    "😀a",
    "aÄ€",
    "abcdef",
    "€€a",
    "abcdefg",
    "abcdef\0",
    "😀€",
    "abcdefgh",
    "€€ab",
    "😀😀",
    "abcdefghi",
    "abcdefghabcdefgh",
    "abcdefghabcdefghi",
    "abcdefghabcdefghabcdefghabcdefghabcdefgh",
];

#[test]
fn short_strings_are_words_and_do_all_that_others_do() {
    let mut world = World::new();
    let words: Vec<_> = AROUND.iter().map(|text| world.text(text)).collect();
    let long = AROUND.iter().filter(|text| text.len() > LONGEST).count();
    assert_eq!(world.ctx.allocations, long as u64);
    for (text, word) in AROUND.iter().zip(&words) {
        assert_eq!(is_immediate(*word), text.len() <= LONGEST, "{text:?}");
        assert_eq!(string::text(word), *text);
        assert_eq!(string::length(*word), text.len());
        assert_eq!(string::chars(*word), text.chars().count());
        assert_eq!(string::is_ascii(*word), text.is_ascii());
        for (other, with) in AROUND.iter().zip(&words) {
            assert_eq!(string::equal(*word, *with), text == other);
            assert_eq!(string::compare(*word, *with), text.cmp(other), "{text:?} {other:?}");
        }
    }
    for c in ['a', 'Ä', '€', '😀', '\0'] {
        assert_eq!(string::text(&short::of_char(c)), c.to_string());
    }
    for word in words {
        world.ctx.drop_word(word);
    }
    world.end();
}

#[test]
fn strings_become_long_and_short_parts_of_long_ones_are_words() {
    let mut world = World::new();
    for (first, more) in AROUND.iter().flat_map(|a| AROUND.iter().map(move |b| (a, b))) {
        let (word, behind) = (world.text(first), world.text(more));
        let both = world.run("string-append", &[word, behind], &[]);
        let expected = format!("{first}{more}");
        assert_eq!(string::text(&both), expected);
        assert_eq!(string::chars(both), expected.chars().count());
        assert_eq!(is_immediate(both), expected.len() <= LONGEST);
        let end = (string::chars(both) as i64 - 1).cast_unsigned();
        let part = world.run("string/slice", &[both, 1, end], &[]);
        let inner = expected.chars().skip(1).take((end as usize).saturating_sub(1));
        let inner: String = inner.collect();
        assert_eq!(string::text(&part), inner);
        assert_eq!(is_immediate(part), inner.len() <= LONGEST);
        for word in [both, behind, part] {
            world.ctx.drop_word(word);
        }
    }
    let joined = world.text("a b");
    let parts = world.run("string/words", &[joined], &[]);
    let none = world.text("");
    let both = world.run("string/join", &[none, parts], &[]);
    assert_eq!(both, world.text("ab"));
    world.ctx.drop_word(parts);
    world.end();
}

#[test]
fn keys_around_the_longest_short_string_are_told_apart() {
    let mut world = World::new();
    let map = world.map;
    let mut m = world.run("map/empty", &[], &[map]);
    for round in 0..2 {
        for (at, text) in AROUND.iter().enumerate() {
            let key = world.text(text);
            let value = (at + 100 * round) as u64;
            m = world.run("map-put", &[m, key, value], &[map]);
        }
    }
    assert_eq!(world.run("map/size", &[m], &[]), AROUND.len() as u64);
    let mut sorted = AROUND.to_vec();
    sorted.sort_unstable();
    let keys = world.run("map/keys", &[m], &[map, world.strings]);
    let listed: Vec<_> = crate::heap::vector::items(keys).collect();
    let listed: Vec<&str> = listed.iter().map(string::text).collect();
    assert_eq!(listed, sorted);
    for (at, text) in AROUND.iter().enumerate() {
        let key = world.text(text);
        let found = world.run("map/get-or", &[m, key, 7], &[map]);
        assert_eq!(found, at as u64 + 100);
        world.ctx.drop_word(key);
    }
    world.ctx.drop_word(keys);
    world.ctx.drop_word(m);
    world.end();
}
