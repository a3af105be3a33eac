/* tests/real/samba.h - what the tests of the samba exporter share */
#ifndef TESTS_REAL_SAMBA_H
#define TESTS_REAL_SAMBA_H

#include "../conformance/exporter_kit.h"
#include "library.h"
#include "samba_env.h"

extern struct samba_env env; /* one a program */
extern const char *smb_script; /* smb_locks.py */
extern const struct xkit_check samba_access_checks[], samba_server_checks[], samba_library_checks[], samba_hold_checks[];

/* The library on dir and samba. */
void samba_library_begin(struct xkit *kit, struct library *l);
const struct shr_op *samba_library_create(struct xkit *kit, const struct library *l, const char *name); /* rw alice, ro bob */
/* The share's name as a client says it: what stands behind "//127.0.0.1/". */
void samba_library_find(struct xkit *kit, const struct library *l, const char *id, char ret[64]);

/* A share with its export, and one rule for each of WHO ("rw alice", "ro bob"). */
struct shared {
	struct xkit_share share;
	struct xkit_book book;
};
void shared_new(struct xkit *kit, struct shared *s, const char *const *who);
void shared_add_rule(struct xkit *kit, struct shared *s, const char *who); /* into the book */
void shared_end(struct xkit *kit, struct shared *s);
void must_connect(struct xkit *kit, struct smb_client *c, const struct shared *s, const char *user);
/* Ask, and the answer must be so: OK 1 or 0. With TEXT not NULL: it must hold that. */
void must_answer(struct xkit *kit, struct smb_client *c, int ok, const char *text, const char *command);
/* USER can write ('w'), only read ('r'), or not connect ('-'). */
void can(struct xkit *kit, const struct shared *s, const char *user, char what);
char what_can(const char *share, const char *user); /* '?': something else */
int shell(const char *format, ...) __attribute__((format(printf, 1, 2))); /* its exit status */

#endif
