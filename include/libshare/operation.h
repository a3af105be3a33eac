/* libshare/operation.h - what is being done, how far it is, and how it ended */
#ifndef LIBSHARE_OPERATION_H
#define LIBSHARE_OPERATION_H

#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SHR_OP_QUEUED UINT32_C(1)    /* accepted; no engine has begun it */
#define SHR_OP_RUNNING UINT32_C(2)
#define SHR_OP_WAITING UINT32_C(3)   /* for a slow driver, another operation, or after a step that failed twice */
#define SHR_OP_UNDOING UINT32_C(4)
#define SHR_OP_SUCCEEDED UINT32_C(5)
#define SHR_OP_FAILED UINT32_C(6)
#define SHR_OP_CANCELLED UINT32_C(7)

/* A photograph of an operation; take another with shr_op_get(). A record: immutable, counted. */
struct shr_op {
	uint32_t size;
	uint32_t state; /* SHR_OP_* */
	uint64_t version;
	uint32_t percent;     /* 0 to 100 */
	uint32_t step_number; /* from 1; 0: not begun */
	uint32_t n_steps;
	uint32_t cancellable; /* 1: shr_op_cancel() would be taken now */
	uint32_t attempts;    /* engines that took it up: more than 1 when some died with it */
	uint32_t reserved0;
	uint64_t bytes_done; /* of a copy; 0 and 0: not a copy */
	uint64_t bytes_total;
	int64_t created_ns; /* wall clock, since 1970 */
	int64_t updated_ns;
	int64_t ended_ns; /* 0: it has not */
	const char *id;
	const char *kind; /* "share_create": libshare(3) has the list */
	const char *object; /* "share", ... */
	const char *object_id;
	const char *step; /* its name, or "" */
	const char *project;
	const char *user;
	const char *request_id;
	const char *backend; /* whose engine runs it, or "" */
	const char *engine;  /* the name of the engine that has it, or "" */
	const struct shr_error *error; /* why it failed, or is tried again; the record's own; NULL: none */
};
SHR_API const struct shr_op *shr_op_ref(const struct shr_op *op);
SHR_API void shr_op_unref(const struct shr_op *op); /* NULL is fine */

/* "succeeded"; "unknown" for a state from the future; static. Since 0.1. */
SHR_API const char *shr_op_state_name(uint32_t state);

SHR_API SHR_CHECK int shr_op_get(struct shr_session *session, const char *op_id,
	const struct shr_op **ret_op, const struct shr_error **reterr);

/* 0: it succeeded. SHR_RUNNING: TIMEOUT_MS went by (-1: no limit; 0: do not wait). Negative: it failed,
 * with its own error, or the call did. *ret_op (RET_OP may be NULL) is set whenever the operation
 * exists. Where this process has an engine without workers, the call drives it. Since 0.1. */
SHR_API SHR_CHECK int shr_op_wait(struct shr_session *session, const char *op_id, int timeout_ms,
	const struct shr_op **ret_op, const struct shr_error **reterr);

/* Ask for an end: it is undone where it can be. SHR_ESTATE: too late. Since 0.1. */
SHR_API SHR_CHECK int shr_op_cancel(struct shr_session *session, const char *op_id,
	const struct shr_error **reterr);

struct shr_op_filter {
	uint32_t size;
	uint32_t unended;      /* 1: only those that have not ended; they come by backend, not by age */
	const char *object_id; /* NULL: any */
};
#define SHR_OP_FILTER_INIT { sizeof(struct shr_op_filter), 0, NULL }

struct shr_op_page {
	uint32_t size;
	uint32_t n;
	const struct shr_op *const *items; /* the page's; take a reference to keep one */
	const char *after;                 /* "" at the end */
};
/* FILTER and LIST may be NULL. Since 0.1. */
SHR_API SHR_CHECK int shr_op_list(struct shr_session *session, const struct shr_op_filter *filter,
	const struct shr_list_params *list, const struct shr_op_page **ret_page, const struct shr_error **reterr);
SHR_API void shr_op_page_unref(const struct shr_op_page *page);

#ifdef __cplusplus
}
#endif
#endif
