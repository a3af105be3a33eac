/* backends/common/server.h - what exporters have in common that run a server: mounts, processes, one thread and one queue */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>
#include "common.h"
#include "libshare/exporter.h"

#define PLUG_DIR_ROOM 512   /* of the setting `directory` */
#define PLUG_PLACE_ROOM 640 /* of a path below it */
#define PLUG_WORDS 480
#define PLUG_MS INT64_C(1000000)

/* ---- text.c: what is written for a server ---- */

struct plug_text { /* begins zeroed */
	char *s; /* the caller's: free() */
	size_t n, room;
	int bad; /* no memory, or a piece too long: S is not whole */
};
void plug_text_add(struct plug_text *t, const char *format, ...) SHR_PRINTF(2, 3);
void plug_text_put(struct plug_text *t, const char *piece, size_t n);

/* ---- mounts.c: each export is a mount point of its own ---- */

#define PLUG_MOUNT_NONE 0
#define PLUG_MOUNT_RIGHT 1 /* what lies at the source is mounted there */
#define PLUG_MOUNT_WRONG 2 /* something else is */
/* SOURCE NULL: any mount is right. A number from above, or -1: errno, of the source. */
int plug_mount_state(int mounts_fd, const char *share_id, const char *source);
int plug_mount_make(int mounts_fd, const char *share_id, const char *source); /* 0 or -1: errno */
int plug_mount_drop(const char *dir, int mounts_fd, const char *share_id);    /* without force; 0 or -1: errno */
int plug_mount_seen(const char *dir, const char *share_id, int mounts_fd, pid_t pid); /* by process PID: 1, 0, -1: not known */
int plug_mount_allowed(int mounts_fd); /* 1: this process may mount */

/* ---- proc.c: processes by their number and the time they began ---- */

struct plug_proc {
	pid_t pid; /* 0: not known */
	int32_t reserved0;
	uint64_t began; /* as in /proc/PID/stat */
};
int plug_proc_began(pid_t pid, uint64_t *ret); /* 1, or 0: there is none */
int plug_proc_alive(const struct plug_proc *p);
/* P and all below it that have not ended, it first. How many; *RET is the caller's. -1: errno. */
int plug_proc_tree(const struct plug_proc *p, struct plug_proc **ret);
/* The children of PID. How many; *RET is the caller's. -1: errno. */
int plug_proc_children(pid_t pid, struct plug_proc **ret);
int plug_proc_stopped(pid_t pid); /* 1: each of its threads is */
uint64_t plug_proc_life(const struct plug_proc *p); /* a number of this process's life */
pid_t plug_proc_file(const char *path); /* the number in a pid file; 0: none */

/* ---- server.c: the servers of this process, each with one thread and one queue ---- */

struct plug_server;

struct plug_job { /* the head of a job */
	struct plug_job *next;
	const void *whose; /* the backend's */
	char *key;         /* of the call */
	char *source;      /* what is exported */
	uint64_t revision;
	int64_t since_ns;  /* put, begun, done: the last of them */
	int64_t busy_ns;   /* first busy */
	int32_t kind;
	int32_t code;      /* the answer */
	int is_done, is_running, is_abandoned, is_readonly;
	int is_busy;       /* the mount is in use: again */
	char share_id[PLUG_ID_ROOM], instance_id[PLUG_ID_ROOM], words[PLUG_WORDS];
};
int plug_job_fail(struct plug_job *job, int code, const char *format, ...) SHR_PRINTF(3, 4); /* CODE */
int plug_job_fail_errno(struct plug_job *job, const char *where); /* of a mount or a file; not 0 */

struct plug_server_type {
	size_t size, job_size;
	/* Is S, of the same directory or not, what is wanted? 1, 0; or a code, failed, when the two cannot live together. */
	int (*match)(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server *s, const void *wanted,
		int same_dir);
	/* Of a new one: take what is wanted. 0 or a code, failed. */
	int (*make)(const struct shr_driver_host *host, const struct shr_call *call, struct plug_server *s, const void *wanted);
	void (*work)(struct plug_server *s, struct plug_job *job); /* by its thread, which holds no lock */
	/* May. By plug_server_ahead(): begin a job while another is under way; 1: it is begun, and work() ends it; 0: it is not. */
	int (*ahead)(struct plug_server *s, struct plug_job *job);
	void (*clear)(struct plug_server *s);
	void (*clear_job)(struct plug_job *job);
	uint32_t mounts_mode;
	uint32_t reserved0;
};

struct plug_closer;
struct plug_hold;
struct plug_waiter;
struct plug_server { /* the head of a server */
	const struct plug_server_type *type;
	struct plug_server *next;
	struct plug_closer *closer; /* who waits for the thread's end; NULL: nobody */
	unsigned refs;
	int dir_fd, exports_fd, mounts_fd, lock_fd;
	int reserved0;
	dev_t dev; /* of the directory */
	ino_t ino;
	char dir[PLUG_DIR_ROOM];
	pthread_t thread;
	pthread_mutex_t lock; /* of all below */
	pthread_cond_t changed; /* for the thread: a job has come, or it is closed */
	struct plug_waiter *waiting; /* calls, each for its job */
	struct plug_job *first; /* in the order they came; those that are done too */
	struct plug_hold *hold, *lost; /* NULL: none; hold.c */
	int64_t quiet_until_ns; /* until then no job begins: a hold waits for the one that is under way */
};
/* What is wrong with the setting `directory`, said; or 0. It goes into the server's files: it must not end a string there. */
int plug_server_directory(const struct shr_driver_host *host, const struct shr_call *call, const char *dir);
/* The server in this directory, which another backend of this process may have already. 0 or a code. */
int plug_server_get(const struct shr_driver_host *host, const struct shr_call *call, const struct plug_server_type *type,
	const char *directory, const void *wanted, struct plug_server **ret);
void plug_server_put(struct plug_server *s, const void *whose); /* with the jobs of this backend that have not begun */
/* By the thread, at work at JOB: the next one, if it is another share's. */
void plug_server_ahead(struct plug_server *s, const struct plug_job *job);
void plug_server_path(const struct plug_server *s, const char *share_id, char ret[PLUG_PLACE_ROOM]); /* of its mount */

/* ---- jobmount.c: 0, or a code and the job has failed ---- */

int plug_job_mount(const struct plug_server *s, struct plug_job *job);   /* its source, where nothing is mounted */
int plug_job_unmount(const struct plug_server *s, struct plug_job *job); /* in use: is_busy */
/* The share may be exported for INSTANCE_ID, "" for nobody, at the moment: another's must go first. */
int plug_job_check_instance(const struct plug_server *s, struct plug_job *job, const char *instance_id);

/* ---- jobs.c: the queue ---- */

int64_t plug_now_ns(void);
void plug_job_ended(struct plug_server *s, const struct plug_job *job); /* tell who waits for it. Under the lock */
struct plug_job *plug_job_new(const struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind,
	const struct shr_exported *what); /* NULL: no memory */
void plug_job_free(const struct plug_server *s, struct plug_job *job);
void plug_job_put(struct plug_server *s, struct plug_job *job);
/* WHOSE: calls of two backends may bear the same names. The job of this call, if there is one that is worth something: 1, and
 * then *ret is the caller's when it is done, or NULL while it is under way; 0: there is none. It waits for at most WAIT_MS. */
int plug_job_find(struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind, uint64_t revision,
	unsigned wait_ms, struct plug_job **ret);
/* Nobody asks for it any more. */
void plug_job_drop(struct plug_server *s, const void *whose, const struct shr_call *call, int32_t kind);
/* How long the job that is being done has been at it; 0: none is. */
int64_t plug_server_busy_ns(struct plug_server *s);
int64_t plug_jobs_busy_ns(const struct plug_server *s); /* the same, under the lock */

/* ---- hold.c: the whole server is frozen, for a bounded time ---- */

struct plug_holder { /* how a server is frozen */
	const struct shr_driver_host *host;
	struct plug_server *server;
	const char *who;    /* in messages */
	const char *cgroup; /* it is frozen by; NULL: each of its processes is stopped by a signal */
	/* The process that all others of the server come of: it lives, and is this server's. 0, a code, failed, or SHR_RUNNING. */
	int (*find)(void *ex, const struct shr_call *call, struct plug_proc *ret);
	void *ex;
};
/* The exporter's calls. No job is under way while the server is held: each would wait for a process that stands still. */
int plug_hold(const struct plug_holder *h, const struct shr_call *call, uint32_t bound_ms);
int plug_release(const struct plug_holder *h, const struct shr_call *call);
/* 1: it is held, and this is its first process, which lives: a probe asks no more, and cannot. */
int plug_held(struct plug_server *s, struct plug_proc *ret);
/* Under the lock of S: */
void plug_hold_clear(struct plug_server *s); /* thaw what is held, and forget all */
int64_t plug_hold_until_ns(const struct plug_server *s); /* no job begins until then; 0: any may */

/* ---- address.c: the setting `address` ---- */

struct plug_addresses {
	const char **list; /* the backend's: free(); each the host's, until close */
	uint32_t n;
	uint32_t reserved0;
};
/* 0 or a code. */
int plug_addresses_read(const struct shr_driver_host *host, const struct shr_call *call, struct plug_addresses *ret);
uint32_t plug_address_family(const char *address); /* SHR_FAMILY_* */

/* ---- ask.c: a call puts a job into the queue, and asks a little for its answer ---- */

struct plug_order {
	const struct shr_driver_host *host;
	struct plug_server *server;
	const void *whose;
	int32_t kind;
	int32_t is_probe;
	uint64_t revision;
	const struct shr_exported *what;
	/* What the call gives the job. 0 or a code, failed. */
	int (*fill)(const struct plug_order *o, const struct shr_call *call, struct plug_job *job);
	const void *more;  /* for it */
	const char *why;   /* a probe that waits for too long says: WHO does not answer, and why that may be */
	char who[256];
};
/* 0, and the job is the caller's; or a code, failed, or SHR_RUNNING. */
int plug_ask(const struct shr_call *call, const struct plug_order *o, struct plug_job **ret);
/* For open: once, and waiting for at most WAIT_MS; one that hangs is not waited for. */
int plug_ask_now(const struct shr_call *call, const struct plug_order *o, unsigned wait_ms);

#endif
