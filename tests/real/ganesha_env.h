/* tests/real/ganesha_env.h - a D-Bus and an NFS-Ganesha of one's own, in network and mount namespaces of one's own */
#ifndef TESTS_REAL_GANESHA_ENV_H
#define TESTS_REAL_GANESHA_ENV_H

#include <sys/types.h>
#include "env.h"

#define ENV_ROOM 128

struct ganesha_env {
	char dir[ENV_ROOM];   /* a temporary directory: all below lies in it */
	char state[ENV_ROOM + 16]; /* the exporter's `directory` */
	char files[ENV_ROOM + 16]; /* for what is exported */
	char bus[ENV_ROOM + 32];   /* the exporter's `bus` */
	pid_t bus_pid, server_pid;
	int port;
};

/* NULL, or why it cannot be had here. The process gets namespaces of its own, so that no mount and no port is anybody else's, and
 * both end with it. */
const char *ganesha_env_missing(void);
int ganesha_env_up(struct ganesha_env *env, int port); /* 0, or -1 and a line on stderr */
void ganesha_env_down(struct ganesha_env *env);
int ganesha_env_start_bus(struct ganesha_env *env);
int ganesha_env_start_server(struct ganesha_env *env);
/* From the next start on: so long clients can claim back what they had, and a lease lasts so long. 0: they cannot. */
int ganesha_env_grace(const struct ganesha_env *env, int seconds);

/* ---- clients ---- */

struct nfs_client {
	pid_t pid;
	int to, from;
	size_t n;
	char buffer[4096];
};
/* Mount EXPORT ("/NAME") of SERVER from the address SOURCE, by the program PROGRAM. 0: mounted; -1: not, and why in LINE. */
int nfs_client_start(struct nfs_client *c, const char *program, const char *source, const char *server, const char *export, char *line,
	size_t room);
/* One more argument, the client's own name: for a program that takes it. */
int nfs_client_start_as(struct nfs_client *c, const char *program, const char *source, const char *server, const char *export,
	const char *name, char *line, size_t room);
void nfs_client_send(struct nfs_client *c, const char *line);
int nfs_client_line(struct nfs_client *c, char *line, size_t room, int timeout_ms); /* 1; 0: none in time; -1: it has ended */
/* Send, and wait for its answer: 1: "ok ...", 0: "failed ..."; -1: none. */
int nfs_client_ask(struct nfs_client *c, char *line, size_t room, const char *format, ...) __attribute__((format(printf, 4, 5)));
void nfs_client_end(struct nfs_client *c);

#endif
