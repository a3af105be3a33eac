/* lib/base/buf.h - bytes that grow; a failure sticks and is asked for once */
#ifndef SHR_BASE_BUF_H
#define SHR_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

struct shr__buf { /* zero it to begin */
	char *p;
	size_t n, room;
	int failed; /* sticky: no memory */
};
void shr__buf_add(struct shr__buf *b, const void *p, size_t n);
void shr__buf_str(struct shr__buf *b, const char *s);
void shr__buf_printf(struct shr__buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *shr__buf_take(struct shr__buf *b); /* NUL-terminated, the caller's (shr__free); NULL: it had failed */
void shr__buf_clear(struct shr__buf *b);

/* A pack: fields of (tag, length, bytes), little-endian, for what is stored as one blob: arguments, tokens, faults.
 * Readers take any bytes: a damaged pack gives "not there", never a wild read. Tags are for ever within their kind. */
void shr__pack_int(struct shr__buf *b, uint16_t tag, int64_t value);
void shr__pack_str(struct shr__buf *b, uint16_t tag, const char *s); /* NULL: nothing is added */
void shr__pack_bytes(struct shr__buf *b, uint16_t tag, const void *p, size_t n);

struct shr__pack { /* a reader */
	const unsigned char *p;
	size_t n;
};
/* The next field; 0: there is none, or the rest is damaged. */
int shr__pack_next(struct shr__pack *r, uint16_t *ret_tag, const void **ret_p, size_t *ret_n);
/* The NTH field of TAG; 1: found. Strings come without their NUL: copy them with arena_strndup. */
int shr__pack_find(const void *p, size_t n, uint16_t tag, unsigned nth, const void **ret_p, size_t *ret_n);
int shr__pack_find_int(const void *p, size_t n, uint16_t tag, int64_t *ret);

#endif
