/* lib/api/wait.h - waiting for something to change */
#ifndef SHR_API_WAIT_H
#define SHR_API_WAIT_H

#include "api/ctx.h"

struct shr__op_row;

struct shr__wait {
	const char *key;   /* an operation's or an object's id */
	const char *op_id; /* the operation's, when it is one: the caller may do some of it itself; else NULL */
	int timeout_ms;    /* -1: no limit */
	int known;         /* an engine of this process has it: that it has not ended need not be read */
	/* 0 or a code: that is the answer; SHR_RUNNING: it is waited on. ROW: the operation as it ended; NULL: read the store. */
	int (*look)(void *data, const struct shr__op_row *row, const struct shr_error **reterr);
	void *data;
};

/* Look until the answer is another than SHR_RUNNING, or the time is over; then SHR_RUNNING. It is looked when something was
 * done about the key, and now and then for what other processes did; once at least. */
int shr__wait_for(struct shr_ctx *ctx, const struct shr__wait *w, const struct shr_error **reterr);

#endif
