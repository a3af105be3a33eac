/* backends/ganesha/ganesha.h - what the files of the ganesha exporter share */
#ifndef GANESHA_GANESHA_H
#define GANESHA_GANESHA_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../common/server.h"


/* ---- rules.c: rules as the server takes them ---- */

struct gan_net { /* an address or a prefix */
	uint8_t family; /* 4 or 6 */
	uint8_t bits;
	uint8_t a[16];
};
struct gan_rule {
	char id[64];
	struct gan_net net;
	int32_t priority;
	uint32_t level, squash; /* never SHR_SQUASH_DEFAULT */
	int answer;             /* look: SHR_OK, or what is the matter */
	const char *why;        /* look: static */
};
struct gan_set { /* the rules of a share that the server can take, in the order in which they count */
	struct gan_rule *rules;
	uint32_t n, room;
};
/* What a client block says of one net; nets of a set, in order, none twice. */
struct gan_entry {
	struct gan_net net;
	uint32_t level, squash;
	uint32_t rule; /* its place in the set */
};
/* NULL, or why the server cannot take this rule: static words. */
const char *gan_rule_wrong(const struct shr_rule *rule);
/* Pull the full set. SQUASH stands for SHR_SQUASH_DEFAULT. With UNFIT not NULL the rules that cannot be taken go there. 0 or a
 * code (through fail). */
int gan_set_pull(const struct shr_driver_host *host, const struct shr_call *call, struct shr_rules *all, uint32_t squash,
	struct gan_set *ret, struct gan_set *unfit);
void gan_set_clear(struct gan_set *set);
/* A rule that the server can take, in its place. 0; -1: no memory. */
int gan_set_insert(struct gan_set *set, const struct shr_rule *rule, uint32_t squash);
int gan_set_remove(struct gan_set *set, const char *id); /* 0; -1: it is not there */
/* The caller's: free(). NULL: no memory. */
struct gan_entry *gan_set_entries(const struct gan_set *set, uint32_t *ret_n);
int gan_net_read(const char *text, struct gan_net *ret); /* "10.0.0.0/24", "::1"; 0 or -1 */
int gan_net_cmp(const void *a, const void *b);

/* ---- kept.c: large sets, so that one more rule does not pull them all ---- */

struct gan_kept;
struct gan_keeper { /* zero it to begin, but for the lock */
	pthread_mutex_t lock;
	struct gan_kept *first; /* the one that was kept last */
	uint64_t n; /* rules of all */
};
/* 1: *RET is the set of INSTANCE as of the diff's revision, and the caller's; 0: pull it. */
int gan_kept_take(struct gan_keeper *k, const char *instance_id, const struct shr_access_diff *diff, uint32_t squash,
	struct gan_set *ret);
/* SET is that of REVISION, and taken over. */
void gan_kept_put(struct gan_keeper *k, const char *instance_id, uint64_t revision, struct gan_set *set);
void gan_kept_drop(struct gan_keeper *k, const char *instance_id); /* NULL: all */

/* ---- block.c: the export block, and the file that it lies in ---- */

struct gan_block {
	const char *share_id, *instance_id;
	const char *path; /* of the mount */
	uint32_t number;
	uint32_t squash;
	int readonly;
	int is_both; /* spoken by SMB too */
};
/* The caller's: free(). SET: NULL: nobody. NULL: no memory. */
char *gan_block_text(const struct gan_block *block, const struct gan_set *set);
struct gan_head { /* what the first line of a file says */
	char instance_id[PLUG_ID_ROOM];
	uint32_t number;
};
int gan_file_write(int dir_fd, const char *share_id, const char *text);       /* whole or not at all; 0 or -1: errno */
int gan_file_head(int dir_fd, const char *share_id, struct gan_head *ret);     /* 1; 0: there is none, or it is no file of ours */
int gan_file_drop(int dir_fd, const char *share_id);                           /* 0 or -1: errno */

/* ---- bus.c: D-Bus ---- */

struct gan_bus {
	const char *address; /* NULL: the system's */
	const char *name;    /* of the server */
	void *connection;    /* NULL: there is none now */
	char words[PLUG_WORDS]; /* of the last failure */
};
struct gan_sent { /* a call under way; zeroed: none */
	void *connection, *pending;
};
#define GAN_BUS_DONE 0
#define GAN_BUS_NOTHERE 1  /* no such export */
#define GAN_BUS_REFUSED 2  /* the server said no */
#define GAN_BUS_AWAY 3     /* the bus or the server is not there */
#define GAN_BUS_NOMEM 4
#define GAN_BUS_FLAWED 5   /* the server took a part of it */
struct gan_client { /* a client as the server shows it */
	char text[64];
	uint32_t options, set;
};
struct gan_shown {
	char path[PLUG_PLACE_ROOM];
	struct gan_client *clients; /* the caller's */
	uint32_t n_clients;
};
struct gan_listed {
	uint32_t number;
	char path[PLUG_PLACE_ROOM];
};
int gan_name_ok(const char *name); /* 1: a name on a bus */
void gan_bus_close(struct gan_bus *bus);
int gan_bus_owner(struct gan_bus *bus, pid_t *ret); /* who has the name */
int gan_bus_put(struct gan_bus *bus, int update, const char *file, uint32_t number);
/* The same in two: others may be made between. With 0 it is under way, and wants its end. */
int gan_bus_put_begin(struct gan_bus *bus, int update, const char *file, uint32_t number, struct gan_sent *ret);
int gan_bus_put_end(struct gan_bus *bus, struct gan_sent *sent);
int gan_bus_remove(struct gan_bus *bus, uint32_t number);
int gan_bus_display(struct gan_bus *bus, uint32_t number, struct gan_shown *ret);
int gan_bus_show(struct gan_bus *bus, struct gan_listed **ret, uint32_t *ret_n); /* in no order; *RET is the caller's */

/* ---- server.c: what a server is, and its jobs ---- */

enum gan_kind { GAN_PROBE, GAN_ADD, GAN_UPDATE, GAN_REMOVE, GAN_LOOK, GAN_LIST };

struct gan_job {
	struct plug_job base;
	uint32_t number;
	uint32_t max;      /* LIST */
	char after[32];    /* LIST */
	char *text;        /* ADD, UPDATE: the block */
	/* ADD, UPDATE: how far it is */
	struct gan_sent sent;
	int is_ahead;      /* another job is under way: nothing is asked of the server before that has ended */
	int has_mounted;   /* what the server exports of another mount, whoever made that, is not what is there now */
	/* the answer */
	uint64_t life;     /* PROBE */
	struct gan_client *clients; /* LOOK */
	struct gan_found { /* LIST */
		char name[16], instance_id[PLUG_ID_ROOM], what[PLUG_PLACE_ROOM];
	} *found;
	uint32_t n_clients, n_found;
};

struct gan_server {
	struct plug_server base;
	char *address, *name, *pidfile, *cgroup; /* NULL: not given; NAME always is */
	/* under its lock */
	struct plug_proc proc; /* the server's, as it was last seen */
	/* the thread's own */
	struct gan_bus bus;
};
struct gan { /* a backend */
	const struct shr_driver_host *host;
	struct gan_server *server;
	struct plug_addresses addresses;
	uint32_t squash; /* SHR_SQUASH_*: of a rule that says nothing */
	struct gan_keeper kept;
};
struct gan_wanted { /* settings that are the server's */
	const char *bus, *name, *pidfile, *cgroup;
};
extern const struct plug_server_type gan_server_type;
void gan_server_proc(struct gan_server *s, struct plug_proc *ret);

/* ---- work.c: what the thread does ---- */

void gan_work(struct plug_server *server, struct plug_job *job);
int gan_work_ahead(struct plug_server *server, struct plug_job *job);
/* ---- look.c ---- */

void gan_work_look(struct gan_server *s, struct gan_job *job);
void gan_work_list(struct gan_server *s, struct gan_job *job);
/* Into the job; returns CODE. */
/* What the bus answered, as a failure of the job. */
int gan_job_fail_bus(struct gan_server *s, struct gan_job *job, int answer, const char *what);

/* ---- calls.c ---- */

/* What a job is made of when there is none yet for the call. */
struct gan_order {
	enum gan_kind kind;
	uint32_t max;
	uint64_t revision;
	const struct shr_exported *what;
	const struct shr_access_diff *diff; /* UPDATE; the two below as well */
	struct gan_keeper *kept;
	struct shr_rules *all;
	const char *after;
};
/* 0: *ret is done, went well, and is the caller's. Else what to answer. */
int gan_ask(struct gan *g, const struct shr_call *call, const struct gan_order *order, struct gan_job **ret);
int gan_ask_first(struct gan *g, const struct shr_call *call); /* for open */
void gan_job_free(struct gan *g, struct gan_job *job);
int gan_probe(void *ex, const struct shr_call *call);
int gan_add(void *ex, const struct shr_call *call, const struct shr_exported *what);
int gan_remove(void *ex, const struct shr_call *call, const struct shr_exported *what);
int gan_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all);
int gan_hold(void *ex, const struct shr_call *call, uint32_t bound_ms);
int gan_release(void *ex, const struct shr_call *call);
/* ---- looked.c ---- */

int gan_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all);
int gan_list(void *ex, const struct shr_call *call, const char *after, uint32_t max);

#endif
