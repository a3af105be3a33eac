/* lib/base/json.h - JSON out; nothing here reads it */
#ifndef SHR_BASE_JSON_H
#define SHR_BASE_JSON_H

#include "buf.h"

/* Commas are its business. KEY NULL: an element of an array, or the top. */
struct shr__json { /* zero it to begin */
	struct shr__buf buf;
	int comma;
};
void shr__json_open(struct shr__json *j, const char *key, char bracket); /* '{' or '[' */
void shr__json_close(struct shr__json *j, char bracket);                 /* '}' or ']' */
void shr__json_str(struct shr__json *j, const char *key, const char *value); /* NULL is null; not UTF-8 is U+FFFD */
void shr__json_int(struct shr__json *j, const char *key, int64_t value);
void shr__json_uint(struct shr__json *j, const char *key, uint64_t value);
void shr__json_bool(struct shr__json *j, const char *key, int value);

#endif
