/**
 * @file The primitives of Eclexia: brackets, prefixes and atoms, as `compiler/syntax` reads them.
 * What a form means (`defn`, `let`) is no part of a Lisp's grammar: queries say it.
 * `tests/src/editors.rs` compares the leaves of this grammar with the compiler's tokens.
 */
/// <reference types="tree-sitter-cli/dsl" />

// The characters of names, from `compiler/syntax/src/lexer.rs`.
const FIRST = String.raw`\p{XID_Start}_+\-*/<>=!?.^$`;
const REST = String.raw`\p{XID_Continue}_+\-*/<>=!?.^$&:'`;

// The parts of numbers, from `compiler/syntax/src/number.rs`.
const DIGITS = "[0-9](?:[0-9_]*[0-9])?";
const HEX = "[0-9a-fA-F](?:[0-9a-fA-F_]*[0-9a-fA-F])?";
const UNIT_NAME = String.raw`\p{Alphabetic}(?:[\p{Alphabetic}\p{N}_\-]*[\p{Alphabetic}\p{N}_])?`;
const FACTOR = `${UNIT_NAME}(?:\\^-?[0-9]+)?`;

const regex = (text) => new RegExp(text, "u");

module.exports = grammar({
  name: "eclexia",

  // A comma is white space.
  extras: ($) => [/[ \t\r\n\f,]/, $.line_comment, $.block_comment],

  // The last two are never found: where one may follow, the scanner knows that it is inside a
  // string, or behind the digits of a number, and keeps out.
  externals: ($) => [$.block_comment, "&", $._ampersand, $._in_string, $._in_number],

  rules: {
    source_file: ($) => repeat($._item),

    _item: ($) => choice($._datum, $.datum_comment),

    _datum: ($) =>
      choice(
        $.list,
        $.vector,
        $.map,
        $.borrow,
        $.quote,
        $.quasiquote,
        $.unquote,
        $.unquote_splicing,
        $.quantity,
        $.number,
        $.percent,
        $.bad_token,
        $.keyword,
        $.symbol,
        $.string,
        $.raw_string,
      ),

    list: ($) => seq("(", repeat($._item), ")"),
    vector: ($) => seq("[", repeat($._item), "]"),
    map: ($) => seq("{", repeat($._item), "}"),

    // Drops the datum behind it.
    datum_comment: ($) => prefixed($, "#_"),
    // `&` that touches what it borrows.
    borrow: ($) => prefixed($, "&"),
    quote: ($) => prefixed($, "'"),
    quasiquote: ($) => prefixed($, "`"),
    unquote: ($) => prefixed($, "~"),
    unquote_splicing: ($) => prefixed($, "~@"),

    line_comment: (_) => token(/;[^\n]*/),

    // A word that begins like a number is one number, or bad as a whole.
    quantity: ($) => seq(field("magnitude", alias($._digits, $.number)), field("unit", $.unit)),
    number: ($) => choice($._digits, $._hexadecimal),
    percent: ($) => seq($._digits, token.immediate(prec(2, "%"))),
    bad_token: ($) =>
      choice(seq(choice($._digits, $._hexadecimal), $._junk), $._no_number, $._unreadable),

    _digits: ($) => seq($._decimal, optional($._in_number)),
    _hexadecimal: ($) => seq($._hex, optional($._in_number)),
    _decimal: (_) =>
      token(prec(1, regex(`[+-]?${DIGITS}(?:\\.${DIGITS})?(?:[eE][+-]?[0-9]+)?`))),
    _hex: (_) => token(prec(1, regex(`[+-]?0x${HEX}`))),
    _no_number: (_) =>
      token(prec(1, regex(`[+-]?(?:0x[${REST}%]*|\\.[0-9][${REST}%]*)`))),
    unit: (_) => token.immediate(prec(2, regex(`${FACTOR}(?:[*/]${FACTOR})*`))),
    _junk: (_) => token.immediate(prec(2, regex(`[${REST}%]+`))),

    keyword: (_) => token(regex(`:[${FIRST}0-9][${REST}]*`)),

    symbol: ($) => choice(token(regex(`[${FIRST}][${REST}]*`)), $._ampersand),

    string: ($) =>
      seq(
        '"',
        repeat(choice($._string_content, $.escape, $.bad_escape, $._in_string)),
        token.immediate('"'),
      ),
    _string_content: (_) => token.immediate(prec(3, /[^"\\]+/)),
    escape: (_) => token.immediate(prec(3, /\\(?:[ntr\\"0]|u\{[0-9a-fA-F]{1,6}\})/)),
    bad_escape: (_) => token.immediate(prec(3, /\\[^ntr\\"0]/)),
    raw_string: (_) => token(/"""(?:[^"]|"[^"]|""[^"])*"""/),

    // Characters that begin nothing, those beside each other together.
    _unreadable: (_) =>
      token(prec(-1, regex(`(?:[:#]*[^ \\t\\r\\n\\f,()\\[\\]{}'\`~"&;:#0-9${FIRST}])+|[:#]`))),
  },
});

/** A prefix belongs to the next datum that is not dropped. */
function prefixed($, prefix) {
  return seq(prefix, repeat($.datum_comment), $._datum);
}
