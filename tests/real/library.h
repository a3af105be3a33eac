/* tests/real/library.h - the whole library with a configuration of the test's */
#ifndef TESTS_REAL_LIBRARY_H
#define TESTS_REAL_LIBRARY_H

#include "../conformance/exporter_kit.h"
#include "libshare/libshare.h"

struct library {
	struct shr_ctx *ctx;
	struct shr_engine *engine;
	struct shr_session *session;
};
/* By its address: in one call's arguments the call may come after the pointer was read. */
void must(struct xkit *kit, int rc, const struct shr_error **error, const char *what);
/* Its store is DIR/STORE.db; BACKENDS is what stands below `backends`. */
void library_open(struct xkit *kit, struct library *l, const char *dir, const char *store, const char *backends);
/* The same, and what it gives. */
int library_try_open(struct xkit *kit, struct library *l, const char *dir, const char *store, const char *backends,
	const struct shr_error **reterr);
extern const char *library_engine; /* more of the configuration's `engine`, ", KEY: VALUE"; "" */
void library_close(struct library *l);
void wait_op(struct xkit *kit, const struct library *l, const struct shr_op *op, const char *what);
void drop(struct xkit *kit, const struct library *l, const char *id); /* a share */
/* Begun, and the caller's: a snapshot; the end of the rules of these clients of a share. */
const struct shr_op *cut(struct xkit *kit, const struct library *l, const char *share, uint32_t access);
struct denied {
	uint32_t type;
	const char *who;
};
const struct shr_op *deny(struct xkit *kit, const struct library *l, const char *share, const struct denied *gone, uint32_t n);
void drop_snapshot(struct xkit *kit, const struct library *l, const char *id);
/* Another engine, by BEGIN, finds what a killed one began, ends it, and drops what is there. */
void settle(struct xkit *kit, void (*begin)(struct xkit *kit, struct library *l));
void reconcile(struct xkit *kit, const struct library *l, const char *id);
/* How many things of this kind were found of a share, in this state. */
unsigned drifts(struct xkit *kit, const struct library *l, const char *id, uint32_t what, uint32_t state);

#endif
