/* cc main.c libshop.a -lm -lpthread -ldl -o shop */
#include "libshop.h"
#include <stdio.h>

int main(void) {
    ecl_instance *shop = ecl_open(&shop_program);
    if (!shop) return 1;
    printf("%.2f\n", shop_price(shop, 12, 2.5));
    printf("%.2f\n", shop_price_for(shop, "staff", 3, 2.5));
    char *label = shop_label(shop, "cup", 3);
    puts(label);
    ecl_free_text(label);
    printf("%lld\n", (long long)shop_share(shop, 7, 2));
    /* What fails gives 0, and says why. */
    shop_share(shop, 7, 0);
    if (ecl_error(shop)) fputs(ecl_error(shop), stderr);
    ecl_close(shop);
    return 0;
}
