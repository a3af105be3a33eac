/* lib/base/arena.h - many small things that die together */
#ifndef SHR_BASE_ARENA_H
#define SHR_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct shr__arena;

struct shr__arena *shr__arena_new(void);             /* NULL: no memory */
void shr__arena_free(struct shr__arena *a);          /* NULL is fine */
void *shr__arena_alloc(struct shr__arena *a, size_t n); /* zeroed, aligned for anything; NULL: no memory */
char *shr__arena_bytes(struct shr__arena *a, size_t n); /* the same, not aligned: for text */
char *shr__arena_strdup(struct shr__arena *a, const char *s); /* NULL is taken as "" */
char *shr__arena_strndup(struct shr__arena *a, const void *p, size_t n); /* adds the NUL */
void *shr__arena_memdup(struct shr__arena *a, const void *p, size_t n);
char *shr__arena_printf(struct shr__arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *shr__arena_vprintf(struct shr__arena *a, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
void shr__arena_reset(struct shr__arena *a);         /* empty it, keep its first chunk */
size_t shr__arena_room(const struct shr__arena *a);  /* bytes that it has taken */

#endif
