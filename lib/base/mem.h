/* lib/base/mem.h - the one seam of all allocation: tests link another mem.c that fails at will */
#ifndef SHR_BASE_MEM_H
#define SHR_BASE_MEM_H

#include <stddef.h>

void *shr__alloc(size_t n);              /* zeroed; NULL: no memory */
void *shr__realloc(void *p, size_t n);   /* new bytes are not zeroed; NULL: no memory, P is as it was */
void shr__free(void *p);                 /* NULL is fine */
char *shr__strdup(const char *s);        /* NULL gives NULL */
char *shr__strndup(const char *s, size_t n);

#endif
