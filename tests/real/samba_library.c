/* tests/real/samba_library.c - placeholder */
#include "samba.h"
const struct xkit_check samba_library_checks[] = { { NULL, NULL } };
