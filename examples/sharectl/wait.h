/* examples/sharectl/wait.h - waiting for an operation */
#ifndef SHARECTL_WAIT_H
#define SHARECTL_WAIT_H

#include "ctl.h"

/* End of a changing call, which answered RC: wait for OP unless told otherwise, let it go, tell of it. *RET_DONE (may be
 * NULL): 1: it succeeded, and nothing was printed yet. An exit status. */
int ctl_finish(struct ctl *c, int rc, const struct shr_op *op, const struct shr_error *error, int *ret_done);
int ctl_await(struct ctl *c, const char *op_id, const struct shr_op **ret_op, const struct shr_error **reterr);
/* Repeat LOOK, which waits for at most so many ms, until it answers no SHR_RUNNING, the time is up or a signal came. */
int ctl_patience(struct ctl *c, int (*look)(void *data, int ms, const struct shr_error **reterr), void *data,
	const struct shr_error **reterr);
void ctl_bar(struct ctl *c, const struct shr_op *op, int64_t waited_ms);
void ctl_bar_clear(struct ctl *c);
int64_t ctl_now_ms(void);

#endif
