/* lib/model/errpack.h - an error record as a blob, for the operation's row */
#ifndef SHR_MODEL_ERRPACK_H
#define SHR_MODEL_ERRPACK_H

#include "base/buf.h"
#include "libshare/error.h"

/* Add ERROR (NULL: nothing is added) to B, whose failure sticks as ever. */
void shr__error_pack(struct shr__buf *b, const struct shr_error *error);

/* A new record from N bytes that are not trusted. What is damaged or missing is empty; the code is CODE when the pack has none
 * that is negative, and OP_ID stands in when it has none. NULL: there is nothing, and CODE is not negative. Never a failure:
 * without memory it is the static record of the code. */
const struct shr_error *shr__error_unpack(const void *p, size_t n, int code, const char *op_id);

#endif
