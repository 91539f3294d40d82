/* Compiled Eclexia, called from C.
 *
 *     eclexia build shop.ecl --library -o libshop.a
 *
 * makes libshop.a and libshop.h, which declares the program and each function of the file whose
 * parameters and result are numbers, truths or texts: Int is int64_t, Float double, Bool bool, String
 * char *, UTF-8 that ends with a zero. A text that is passed is copied; one that is given is yours,
 * until you give it to ecl_free_text. Names have _ for what C has not. From Rust, declare the same in
 * an `unsafe extern "C"` block.
 */
#ifndef ECLEXIA_H
#define ECLEXIA_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Made by the code generator. */
typedef struct ecl_program ecl_program;

/* A program that runs: its constants, its heap, its stack. Of one thread at a time. */
typedef struct ecl_instance ecl_instance;

/* NULL when there is no memory for a stack. */
ecl_instance *ecl_open(const ecl_program *program);
void ecl_close(ecl_instance *instance);

/* What ended the last call, as `eclexia run` would say it, until the next call; NULL when it gave a
 * result. A call that failed gives 0. */
const char *ecl_error(const ecl_instance *instance);

/* A text that a function gave; NULL is none. */
void ecl_free_text(char *text);

#ifdef __cplusplus
}
#endif

#endif
