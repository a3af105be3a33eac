/* tests/real/dual.h - what the tests of a share behind two servers share */
#ifndef TESTS_REAL_DUAL_H
#define TESTS_REAL_DUAL_H

#include "ganesha_env.h"
#include "library.h"
#include "samba_env.h"

extern struct samba_env smb; /* one a program, and so is the next */
extern struct ganesha_env nfs;
extern const char *client_program;   /* nfs_client */
extern const char *locks_program;    /* nfs_locks */
extern const char *smb_locks_script; /* smb_locks.py */
extern const struct xkit_check dual_client_checks[], dual_hold_checks[], dual_lock_checks[], dual_server_checks[];

/* ---- the library ---- */

/* MORE: of the backend, "dual_protocol: true". */
void both_open(struct xkit *kit, struct library *l, const char *store, const char *more);
/* 2 MiB; rw for 127.0.0.2 and alice, ro for 127.0.0.3 and bob. */
int both_create(struct library *l, const char *name, uint64_t protocols, const struct shr_op **ret, const struct shr_error **reterr);
const struct shr_op *both_make(struct xkit *kit, struct library *l, const char *name, uint64_t protocols);
/* As clients name it. */
void both_find(struct xkit *kit, const struct library *l, const char *id, char nfs_export[64], char smb_share[64]);
void nothing_is_left(struct xkit *kit);

/* ---- clients ---- */

struct clients {
	struct nfs_client rw, ro;
	struct smb_client alice, bob;
};
void mount_from(struct xkit *kit, struct nfs_client *c, const char *source, const char *export);
void connect_as(struct xkit *kit, struct smb_client *c, const char *user, const char *share);
void connect_all(struct xkit *kit, struct clients *c, const char *export, const char *share);
void end_all(struct clients *c);
/* For so long each record of an NFS client that writes is acknowledged in time. Gives the longest that one took, in ms. */
int must_go_on(struct xkit *kit, struct nfs_client *writer, int for_ms);

#endif
