/* What letters.ecl declares: Int is int64_t, Float double, Bool bool, String a text that ends with a
 * zero and is there as long as the call. A text that is given is copied at once. */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>

int64_t count_letters(const char *text) {
    int64_t count = 0;
    for (; *text; text++) count += isalpha((unsigned char)*text) != 0;
    return count;
}

double mean_length(int64_t letters, int64_t words) {
    return words ? (double)letters / (double)words : 0.0;
}

bool is_shouted(const char *text) {
    for (; *text; text++)
        if (islower((unsigned char)*text)) return false;
    return true;
}

const char *rotated(const char *text, int64_t by) {
    static char made[256];
    int at = 0;
    for (; text[at] && at < 255; at++) {
        unsigned char letter = (unsigned char)text[at];
        int first = letter >= 'a' && letter <= 'z' ? 'a' : 'A';
        bool moves = letter >= (unsigned)first && letter < (unsigned)first + 26;
        made[at] = moves ? (char)(first + (letter - first + by) % 26) : (char)letter;
    }
    made[at] = 0;
    return made;
}
