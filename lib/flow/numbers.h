/* lib/flow/numbers.h - numbers that an exporter knows shares by */
#ifndef SHR_FLOW_NUMBERS_H
#define SHR_FLOW_NUMBERS_H

#include "store/txn.h"

/* A number of SERVER for the share, 1 to 65535. SHR_ENOSPC with words: there is none that has rested for REST_MS. */
int shr__number_take(struct shr__txn *t, const char *server, const char *share_id, int64_t now_ns, int64_t rest_ms,
	int64_t *ret, const struct shr_error **reterr);
/* It is TO's now, and was FROM's. */
int shr__number_give(struct shr__txn *t, const char *server, int64_t number, const char *from, const char *to);
/* It rests from now on; 0 and one that is not the share's are fine. */
int shr__number_free(struct shr__txn *t, const char *server, int64_t number, const char *share_id, int64_t now_ns);

#endif
