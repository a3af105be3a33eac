/* examples/sharectl/say.h - what is told to people, on stderr, and how it ends */
#ifndef SHARECTL_SAY_H
#define SHARECTL_SAY_H

#include <stdarg.h>
#include <stddef.h>
#include "ctl.h"

void *ctl_alloc(size_t n); /* zeroed, or the end */
char *ctl_format(const char *format, ...) SHR_PRINTF(1, 2);
char *ctl_vformat(const char *format, va_list ap) SHR_PRINTF(1, 0);
int ctl_usage(const struct ctl *c, const char *format, ...) SHR_PRINTF(2, 3); /* CTL_USAGE */
int ctl_complain(int code, const char *remedy, const char *format, ...) SHR_PRINTF(3, 4); /* CODE */
void ctl_note(struct ctl *c, const char *format, ...) SHR_PRINTF(2, 3);
/* Tell of ERROR, let it go, and the exit status for RC. */
int ctl_fail(struct ctl *c, int rc, const struct shr_error *error);
int ctl_exit_for(int rc);

#endif
