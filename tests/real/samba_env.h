/* tests/real/samba_env.h - an smbd of one's own with users of one's own, and clients of it */
#ifndef TESTS_REAL_SAMBA_ENV_H
#define TESTS_REAL_SAMBA_ENV_H

#include <stddef.h>
#include <sys/types.h>
#include "env.h"

#define SAMBA_ROOM 128
#define SAMBA_PORT 4450

struct samba_env {
	char dir[SAMBA_ROOM];        /* a temporary directory: all below lies in it */
	char state[SAMBA_ROOM + 16]; /* the exporter's `directory` */
	char files[SAMBA_ROOM + 16]; /* for what is exported */
	char config[SAMBA_ROOM + 16];
	pid_t server_pid;
};

/* NULL, or why it cannot be had here. The process gets namespaces of its own. */
const char *samba_env_missing(void);
int samba_env_up(struct samba_env *env); /* with alice, bob, carol and "john smith"; 0, or -1 and a line on stderr */
int samba_env_start(struct samba_env *env);
void samba_env_down(struct samba_env *env);
/* smb.conf anew, with MORE behind [global]'s lines. */
int samba_env_config(const struct samba_env *env, const char *more);

/* ---- clients ---- */

struct smb_client {
	pid_t pid;
	int to, from;
	size_t n;
	char said[8192];
};
/* Connect to //SERVER/SHARE as the user, whose password is known. 0: connected; -1: not, and why in c->said. */
int smb_client_start(struct smb_client *c, const struct samba_env *env, const char *user, const char *server, const char *share);
/* A command of smbclient's: 1: it went well; 0: it failed; -1: there is no answer. What was said is in c->said. */
int smb_client_ask(struct smb_client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void smb_client_end(struct smb_client *c);

#endif
