/* tests/real/ganesha.h - what the tests of the ganesha exporter share */
#ifndef TESTS_REAL_GANESHA_H
#define TESTS_REAL_GANESHA_H

#include "../conformance/exporter_kit.h"
#include "ganesha_env.h"

#define LINE 512

extern struct ganesha_env env; /* one a program */
extern const char *client_program; /* nfs_client */
extern const char *locks_program;  /* nfs_locks */
extern const struct xkit_check ganesha_access_checks[], ganesha_server_checks[], ganesha_row_checks[], ganesha_hold_checks[],
	ganesha_library_checks[], ganesha_btrfs_checks[], ganesha_locks_checks[], ganesha_snapshots_checks[];

/* A share with its export, and one rule for each of WHO ("rw 127.0.0.2", "ro fd00::/64", "rw 127.0.0.0/8 10": with priority). */
struct shared {
	struct xkit_share share;
	struct xkit_book book;
	char export[64]; /* as a client names it */
};
void shared_new(struct xkit *kit, struct shared *s, const char *const *who);
void shared_new_of(struct xkit *kit, struct shared *s, uint64_t protocols, const char *const *who); /* 0: all of the exporter */
void shared_add_rule(struct xkit *kit, struct shared *s, const char *who); /* into the book */
void shared_end(struct xkit *kit, struct shared *s);
void must_mount(struct xkit *kit, struct nfs_client *c, const struct shared *s, const char *source, const char *server);
void must_not_mount(struct xkit *kit, const struct shared *s, const char *source, const char *server);
/* Send, and the answer must be so: OK 1 or 0. With TEXT not NULL: it must hold that. */
void must_answer(struct xkit *kit, struct nfs_client *c, int ok, const char *text, const char *command);
/* Can SOURCE write ('w'), only read ('r'), or not mount ('-')? */
char what_can(struct xkit *kit, const struct shared *s, const char *source, const char *server);
int shell(const char *format, ...) __attribute__((format(printf, 1, 2))); /* its exit status */
void nap(int ms);

#endif
