// What a regular expression cannot say: block comments nest, and whether `&` borrows depends on
// what follows it. As `comment_end` and `ampersand` in compiler/syntax/src/lexer.rs.

#include "tree_sitter/parser.h"

enum TokenType { BLOCK_COMMENT, BORROW, AMPERSAND, IN_STRING, IN_NUMBER };

void *tree_sitter_eclexia_external_scanner_create(void) { return NULL; }

void tree_sitter_eclexia_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_eclexia_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload, (void)buffer;
  return 0;
}

void tree_sitter_eclexia_external_scanner_deserialize(void *payload, const char *buffer,
                                                      unsigned length) {
  (void)payload, (void)buffer, (void)length;
}

static bool is_space(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

// From behind the opening `#|` to behind its `|#`; without one, to the end of the line before
// the next line that opens a top-level form.
static void finish_comment(TSLexer *lexer) {
  unsigned depth = 1;
  bool is_marked = false;
  while (!lexer->eof(lexer)) {
    int32_t c = lexer->lookahead;
    if (c == '\n' && !is_marked) lexer->mark_end(lexer);
    lexer->advance(lexer, false);
    if (c == '\n' && lexer->lookahead == '(') is_marked = true;
    if (c == '|' && lexer->lookahead == '#') {
      lexer->advance(lexer, false);
      if (--depth == 0) {
        lexer->mark_end(lexer);
        return;
      }
    } else if (c == '#' && lexer->lookahead == '|') {
      lexer->advance(lexer, false);
      depth++;
    }
  }
  if (!is_marked) lexer->mark_end(lexer);
}

// `&` borrows what it touches; before white space or a closing bracket it is a name.
static int ampersand(TSLexer *lexer) {
  int32_t next = lexer->lookahead;
  bool is_name = lexer->eof(lexer) || is_space(next) || next == ',' || next == ';' ||
                 next == ')' || next == ']' || next == '}';
  return is_name ? AMPERSAND : BORROW;
}

bool tree_sitter_eclexia_external_scanner_scan(void *payload, TSLexer *lexer,
                                               const bool *valid_symbols) {
  (void)payload;
  // Where everything is valid, the parser recovers from an error.
  bool recovers = valid_symbols[IN_STRING] && valid_symbols[IN_NUMBER];
  if (valid_symbols[IN_STRING] && !recovers) return false;
  if (valid_symbols[IN_NUMBER] && !recovers && lexer->lookahead == '&') return false;

  while (is_space(lexer->lookahead) || lexer->lookahead == ',') lexer->advance(lexer, true);
  if (lexer->lookahead == '#' && valid_symbols[BLOCK_COMMENT]) {
    lexer->advance(lexer, false);
    if (lexer->lookahead != '|') return false;
    lexer->advance(lexer, false);
    finish_comment(lexer);
    lexer->result_symbol = BLOCK_COMMENT;
    return true;
  }
  if (lexer->lookahead == '&') {
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    int kind = ampersand(lexer);
    if (!valid_symbols[kind]) return false;
    lexer->result_symbol = kind;
    return true;
  }
  return false;
}
