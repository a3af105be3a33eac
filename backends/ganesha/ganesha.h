/* backends/ganesha/ganesha.h - what the files of the ganesha exporter share */
#ifndef GANESHA_GANESHA_H
#define GANESHA_GANESHA_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "../common/common.h"
#include "libshare/exporter.h"

#define GAN_ID_ROOM 37
#define GAN_DIR_ROOM 512  /* of the setting `directory` */
#define GAN_PATH_ROOM 640 /* of a path below it */
#define GAN_WORDS 480

/* ---- rules.c: rules as the server takes them ---- */

int gan_id_ok(const char *id); /* 1: a UUID */

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
/* The caller's: free(). NULL: no memory. */
struct gan_entry *gan_set_entries(const struct gan_set *set, uint32_t *ret_n);
int gan_net_read(const char *text, struct gan_net *ret); /* "10.0.0.0/24", "::1"; 0 or -1 */
int gan_net_cmp(const void *a, const void *b);

/* ---- block.c: the export block, and the file that it lies in ---- */

struct gan_block {
	const char *share_id, *instance_id;
	const char *path; /* of the mount */
	uint32_t number;
	uint32_t squash;
	int readonly;
};
/* The caller's: free(). SET: NULL: nobody. NULL: no memory. */
char *gan_block_text(const struct gan_block *block, const struct gan_set *set);
struct gan_head { /* what the first line of a file says */
	char instance_id[GAN_ID_ROOM];
	uint32_t number;
};
int gan_file_write(int dir_fd, const char *share_id, const char *text);       /* whole or not at all; 0 or -1: errno */
int gan_file_head(int dir_fd, const char *share_id, struct gan_head *ret);     /* 1; 0: there is none, or it is no file of ours */
int gan_file_drop(int dir_fd, const char *share_id);                           /* 0 or -1: errno */

/* ---- mounts.c ---- */

#define GAN_MOUNT_NONE 0
#define GAN_MOUNT_RIGHT 1 /* what lies at the source is mounted there */
#define GAN_MOUNT_WRONG 2 /* something else is */
/* SOURCE NULL: any mount is right. A number from above, or -1: errno, of the source. */
int gan_mount_state(int mounts_fd, const char *share_id, const char *source);
int gan_mount_make(int mounts_fd, const char *share_id, const char *source); /* 0 or -1: errno */
int gan_mount_drop(const char *dir, int mounts_fd, const char *share_id);    /* without force; 0 or -1: errno */
int gan_mount_seen(const char *dir, const char *share_id, int mounts_fd, pid_t pid); /* by process PID: 1, 0, -1: not known */
int gan_mount_allowed(int mounts_fd); /* 1: this process may mount */

/* ---- proc.c: processes by their number and the time they began ---- */

struct gan_proc {
	pid_t pid; /* 0: not known */
	uint64_t began; /* as in /proc/PID/stat */
};
int gan_proc_began(pid_t pid, uint64_t *ret); /* 1, or 0: there is none */
int gan_proc_alive(const struct gan_proc *p);
#define GAN_TREE_MOST 64
/* P and all below it. How many; -1: more than GAN_TREE_MOST, or errno. */
int gan_proc_tree(const struct gan_proc *p, struct gan_proc ret[GAN_TREE_MOST]);
int gan_proc_stopped(pid_t pid); /* 1: each of its threads is */
uint64_t gan_proc_life(const struct gan_proc *p); /* a number of this process's life */

/* ---- bus.c: D-Bus ---- */

struct gan_bus {
	const char *address; /* NULL: the system's */
	const char *name;    /* of the server */
	void *connection;    /* NULL: there is none now */
	char words[GAN_WORDS]; /* of the last failure */
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
	char path[GAN_PATH_ROOM];
	struct gan_client *clients; /* the caller's */
	uint32_t n_clients;
};
struct gan_listed {
	uint32_t number;
	char path[GAN_PATH_ROOM];
};
int gan_name_ok(const char *name); /* 1: a name on a bus */
void gan_bus_close(struct gan_bus *bus);
int gan_bus_owner(struct gan_bus *bus, pid_t *ret); /* who has the name */
int gan_bus_put(struct gan_bus *bus, int update, const char *file, uint32_t number);
int gan_bus_remove(struct gan_bus *bus, uint32_t number);
int gan_bus_display(struct gan_bus *bus, uint32_t number, struct gan_shown *ret);
int gan_bus_show(struct gan_bus *bus, struct gan_listed **ret, uint32_t *ret_n); /* in no order; *RET is the caller's */

/* ---- server.c: one thread and one queue a server ---- */

enum gan_kind { GAN_PROBE, GAN_ADD, GAN_UPDATE, GAN_REMOVE, GAN_LOOK, GAN_LIST };

struct gan_job {
	struct gan_job *next;
	const void *whose; /* the backend's */
	enum gan_kind kind;
	uint32_t number;
	char *key;         /* of the call */
	uint64_t revision; /* UPDATE */
	int is_done, is_running, is_abandoned, is_readonly;
	int is_busy;       /* REMOVE: the mount is in use: again */
	int64_t since_ns;  /* put, begun, done: the last of them */
	int64_t busy_ns;   /* REMOVE: first busy */
	char share_id[GAN_ID_ROOM], instance_id[GAN_ID_ROOM];
	char *source;      /* what is exported */
	char *text;        /* ADD, UPDATE: the block */
	char after[32];    /* LIST */
	uint32_t max;
	/* the answer */
	int code;
	char words[GAN_WORDS];
	uint64_t life;     /* PROBE */
	struct gan_client *clients; /* LOOK */
	struct gan_found { /* LIST */
		char name[16], instance_id[GAN_ID_ROOM], what[GAN_PATH_ROOM];
	} *found;
	uint32_t n_clients, n_found;
};

struct gan_hold;
struct gan_server {
	struct gan_server *next;
	struct gan_closer *closer; /* who waits for the thread's end; NULL: nobody */
	unsigned refs;
	int reserved0;
	dev_t dev; /* of the directory */
	ino_t ino;
	char dir[GAN_DIR_ROOM];
	char *address, *name, *pidfile, *cgroup; /* NULL: not given; NAME always is */
	int dir_fd, exports_fd, mounts_fd, lock_fd;
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed;
	struct gan_job *first; /* in the order they came; those that are done too */
	struct gan_proc proc;  /* the server's, as it was last seen */
	struct gan_hold *hold;
	/* the thread's own */
	struct gan_bus bus;
};
struct gan { /* a backend */
	const struct shr_driver_host *host;
	struct gan_server *server;
	const char *const *addresses; /* each the host's, until close */
	uint32_t n_addresses;
	uint32_t squash; /* SHR_SQUASH_*: of a rule that says nothing */
};
struct gan_wanted { /* settings that are the server's */
	const char *directory, *bus, *name, *pidfile, *cgroup;
};
/* The server of these settings, which another backend of this process may have already. 0 or a code. */
int gan_server_get(const struct shr_driver_host *host, const struct shr_call *call, const struct gan_wanted *wanted,
	struct gan_server **ret);
void gan_server_put(struct gan_server *s, const void *whose); /* with the jobs of this backend that have not begun */
int64_t gan_now_ns(void);
#define GAN_MS INT64_C(1000000)
/* WHOSE: calls of two backends may bear the same names. The job of this call, if there is one that is worth something: 1, and
 * then *ret is the caller's when it is done, or NULL while it is under way; 0: there is none. It waits for at most WAIT_MS. */
int gan_job_find(struct gan_server *s, const void *whose, const struct shr_call *call, enum gan_kind kind, uint64_t revision,
	unsigned wait_ms, struct gan_job **ret);
struct gan_job *gan_job_new(const void *whose, const struct shr_call *call, enum gan_kind kind,
	const struct shr_exported *what); /* NULL: no memory */
void gan_job_free(struct gan_job *job);
void gan_job_put(struct gan_server *s, struct gan_job *job);
/* Nobody asks for it any more. */
void gan_job_drop(struct gan_server *s, const void *whose, const struct shr_call *call, enum gan_kind kind);
/* How long the job that is being done has been at it; 0: none is. */
int64_t gan_server_busy_ns(struct gan_server *s);
void gan_server_proc(struct gan_server *s, struct gan_proc *ret);

/* ---- work.c: what the thread does ---- */

void gan_work(struct gan_server *s, struct gan_job *job);
/* ---- look.c ---- */

void gan_work_look(struct gan_server *s, struct gan_job *job);
void gan_work_list(struct gan_server *s, struct gan_job *job);
/* Into the job; returns CODE. */
int gan_job_fail(struct gan_job *job, int code, const char *format, ...) SHR_PRINTF(3, 4);
/* What the bus answered, as a failure of the job. */
int gan_job_fail_bus(struct gan_server *s, struct gan_job *job, int answer, const char *what);
void gan_path(const struct gan_server *s, const char *share_id, char ret[GAN_PATH_ROOM]); /* of its mount */

/* ---- calls.c ---- */

/* What a job is made of when there is none yet for the call. */
struct gan_order {
	enum gan_kind kind;
	uint32_t max;
	uint64_t revision;
	const struct shr_exported *what;
	struct shr_rules *all; /* UPDATE */
	const char *after;
};
/* 0: *ret is done, went well, and is the caller's. Else what to answer. */
int gan_ask(struct gan *g, const struct shr_call *call, const struct gan_order *order, struct gan_job **ret);
int gan_see(struct gan *g, const struct shr_call *call); /* a probe that tells nothing */
int gan_probe(void *ex, const struct shr_call *call);
int gan_add(void *ex, const struct shr_call *call, const struct shr_exported *what);
int gan_remove(void *ex, const struct shr_call *call, const struct shr_exported *what);
int gan_update_access(void *ex, const struct shr_call *call, const struct shr_exported *what,
	const struct shr_access_diff *diff, struct shr_rules *all);
/* ---- looked.c ---- */

int gan_look(void *ex, const struct shr_call *call, const struct shr_exported *what, struct shr_rules *all);
int gan_list(void *ex, const struct shr_call *call, const char *after, uint32_t max);

/* ---- hold.c, guard.c ---- */

int gan_hold(void *ex, const struct shr_call *call, uint32_t bound_ms);
int gan_release(void *ex, const struct shr_call *call);
void gan_hold_end(struct gan_server *s); /* thaw what is held */
struct gan_guard { /* a process that thaws */
	pid_t pid; /* 0: none */
	int fd;    /* -1: none */
};
struct gan_frozen { /* what it thaws */
	int fds[GAN_TREE_MOST]; /* of the processes */
	int n;
	int freeze_fd; /* cgroup.freeze, or -1 */
};
int gan_guard_begin(const struct gan_frozen *frozen, uint32_t bound_ms, struct gan_guard *ret); /* 0 or -1: errno */
/* Let it thaw now. 1: it did so on this word; 0: it had done so before, or is dead. */
int gan_guard_end(struct gan_guard *guard);
void gan_thaw(const struct gan_frozen *frozen);

#endif
