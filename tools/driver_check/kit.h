/* tools/driver_check/kit.h - what the files of the drivers' conformance kit share */
#ifndef DRIVER_CHECK_KIT_H
#define DRIVER_CHECK_KIT_H

#include <setjmp.h>
#include <stdatomic.h>
#include <sys/types.h>
#include "base/json.h"
#include "plugin/plugin.h"

#define KIT_ID 37
#define KIT_MIB UINT64_C(1048576)
#define KIT_LIST 8 /* things of a page */

/* What the command line says. */
struct kit_list {
	const char **p;
	size_t n;
};
struct kit_args {
	const char *driver, *exporter, *plugins;
	const char *file, *backend; /* of a configuration; NULL: it is made of the settings here */
	const char *source; /* something to manage; NULL: none */
	const char *watch;  /* a directory that must be as it was in the end; NULL: none */
	const char *only;   /* a pattern of the rows to run; NULL: all */
	struct kit_list set, pools, pool_set, exporter_set;
	int no_kill;        /* what it made dies with its process */
	int kills;          /* at random instants, for each call */
	int patience;       /* seconds, of one call */
	int json;
};

/* What the process of a row and its own children tell this one: shared memory. */
struct kit_shared {
	atomic_uint calls; /* begun and ended: that there is life */
	_Atomic(const char *) doing; /* "create": the call that was begun last */
	int how;
	uint64_t caps, free_first;
	int sources_are_paths;
	char why[1024];
};

struct kit_share { /* what the kit knows of an instance */
	char id[KIT_ID], share_id[KIT_ID];
	const char *name;   /* what people call it */
	const char *source; /* "" */
	uint64_t bytes;
	char ref[4097];
	char found[256];    /* for a source that was found */
	char path[1024];
	unsigned n_exports;
	uint64_t told_bytes; /* SHR_NUMBER_BYTES; 0: not told */
	uint64_t cut;        /* of a snapshot; 0: not told */
	uint32_t flags;      /* SHR_INSTANCE_* */
};

struct kit {
	struct kit_args args;
	const struct shr__config *config;
	const struct shr__conf_backend *conf;
	struct shr__plugins *plugins;
	struct kit_shared *shared;
	const char *pool;    /* where shares are made */
	struct shr__backend *backend; /* NULL: closed */
	const struct shr_driver *driver;
	uint64_t caps;       /* of the pool */
	uint64_t free_first; /* of the pool, before anything was made */
	char *names_first;   /* below the directory that is watched */
	void *rules;         /* for kit_ten_rules() */
	struct kit_share aside[2]; /* what else a call that is killed is about: a share, and a snapshot of it */
	int sources_are_paths; /* what can be managed are directories */
	jmp_buf out;         /* of a row */
	char why[1024];
};

/* ---- conf.c ---- */

/* 0; or 2, and it has said why on standard error. */
int kit_setup(struct kit *kit);
void kit_teardown(struct kit *kit);
int kit_try_open(struct kit *kit, struct shr__backend **ret, char *why, size_t room); /* 0 or a code */
void kit_open(struct kit *kit);
void kit_close(struct kit *kit);
void kit_reopen(struct kit *kit);

/* ---- calls.c ---- */

struct kit_call {
	enum shr__verb verb;
	struct kit_share *share; /* NULL: stats */
	struct kit_share *of, *snap; /* of snapshots: as struct shr__callargs has them */
	uint64_t bytes;
	const struct shr_access_diff *diff;
	shr__rules_fn *rules;
	void *rules_data;
	int (*cancelled)(void *data);
	void *cancelled_data;
	const char *after; /* LIST */
	uint32_t max;      /* ... at most KIT_LIST */
	uint32_t readonly; /* ATTACH */
	const char *step;  /* CANCEL: of which call; NULL: the verb's own name */
	enum { KIT_GO_ON, KIT_LOSE_TOKEN, KIT_REOPEN, KIT_STOP } at_running; /* when it answered SHR_RUNNING the first time */
	const char *token; /* to begin with: one that nobody has left; NULL: none */
	char op_id[KIT_ID]; /* "" : a new one is made, and stays for repeats */
	uint32_t attempt;
	/* the answer */
	uint64_t used;
	uint64_t bytes_told; /* LOOK: the size that is enforced; 0: none */
	uint32_t n_found;
	struct kit_found {
		char name[256], instance_id[KIT_ID];
		uint64_t bytes;
	} found[KIT_LIST];
	uint32_t n_running;     /* how often it answered SHR_RUNNING */
	int64_t slowest_running_ns, slowest_ns; /* answers */
	uint32_t n_refused, n_keys; /* rules that it did not take, or that a look did not find; keys */
	uint32_t n_strangers;   /* LOOK: clients without a rule */
	char refused[256];      /* one of them */
	int refused_code;
	char message[512];
};
void kit_id(struct kit *kit, char ret[KIT_ID]);
void kit_share_init(struct kit *kit, struct kit_share *share, uint64_t bytes);
/* Make the call, again and again while it answers SHR_RUNNING; 0 or its code. What it told goes into the share. */
int kit_make(struct kit *kit, struct kit_call *call);
/* One call of its own that must answer CODE. */
void kit_must(struct kit *kit, enum shr__verb verb, struct kit_share *share, uint64_t bytes, int code);
void kit_must_make(struct kit *kit, struct kit_call *call, int code);
void kit_create(struct kit *kit, struct kit_share *share, uint64_t bytes);
void kit_remove(struct kit *kit, struct kit_share *share);
uint64_t kit_usage(struct kit *kit, struct kit_share *share);
/* An update_access that adds ten rules to SHARE. */
void kit_ten_rules(struct kit *kit, struct kit_call *call);
/* 1: the driver has the rules, for no exporter is before it. */
int kit_has_rules(const struct kit *kit);
uint64_t kit_pool_number(struct kit *kit, uint32_t key);

/* ---- snaps.c ---- */

void kit_snap_init(struct kit *kit, struct kit_share *snap, const struct kit_share *of);
void kit_must_snap(struct kit *kit, enum shr__verb verb, struct kit_share *of, struct kit_share *snap);
/* Where the driver tells of it, a look at the snapshot must answer CODE. */
void kit_must_see(struct kit *kit, struct kit_share *of, struct kit_share *snap, int code, const char *when);
/* Where there are files, its file "one" must have so many bytes. It cannot be written, so that its share says whether there are. */
void kit_snap_must_hold(struct kit *kit, const struct kit_share *of, const struct kit_share *snap, uint64_t bytes,
	const char *what);
void kit_cut(struct kit *kit, struct kit_share *of, struct kit_share *snap);
void kit_uncut(struct kit *kit, struct kit_share *of, struct kit_share *snap);

/* ---- snapmanage.c ---- */

/* What unmanage made of SNAP becomes the source of NEXT. It is in a list by a name that has SNAP's id in it; or it is where it was
 * taken from; or the id itself is its source. */
void kit_find_let_go(struct kit *kit, const struct kit_share *snap, struct kit_share *next);
void kit_needs_snapshots(struct kit *kit); /* or the row is skipped */

/* ---- size.c ---- */

/* No source that makes no sense is taken over by MANAGE. OF: the share, of snapshots; NULL: of shares. */
void kit_must_refuse_sources(struct kit *kit, enum shr__verb manage, enum shr__verb unmanage, struct kit_share *of);

/* ---- rows.c ---- */

void kit_fail(struct kit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void kit_skip(struct kit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void kit_note(struct kit *kit, const char *format, ...) __attribute__((format(printf, 2, 3))); /* of a row that passes */

enum kit_part { KIT_CONTRACT, KIT_MINIMUM, KIT_CAPABILITY };
enum kit_result { KIT_OK, KIT_FAILED, KIT_SKIPPED };

/* A row of the table that is printed. */
struct kit_row {
	const char *name; /* "create: twice is once" */
	void (*run)(struct kit *kit);
	enum kit_part part;
	uint64_t cap; /* SHR_CAP_*: without it there is nothing to see; 0: always */
};
/* What there is to see, by subject; each list ends with a row without a name. A new subject is a file and a name here
 * and in main.c. */
extern const struct kit_row kit_life_rows[], kit_size_rows[], kit_rule_rows[], kit_access_rows[], kit_look_rows[],
	kit_snap_rows[], kit_snap_manage_rows[], kit_process_rows[], kit_later_rows[], kit_garbage_rows[], kit_kill_rows[],
	kit_end_rows[];

/* Run the row in a process of its own; its words are in kit->why. A driver that dies or hangs has failed the row. */
enum kit_result kit_run_row(struct kit *kit, const struct kit_row *row);

/* ---- kill.c ---- */

struct kit_scene { /* around the call that is killed */
	const char *name;
	void (*before)(struct kit *kit, struct kit_share *share);
	enum shr__verb verb;
	uint64_t bytes;
	/* What a call that goes back on it must find possible: the undo of a half-made one; -1: none. */
	int undo;
	int of, snap; /* the call is also about the share, and the snapshot, that lie aside */
	void (*half)(struct kit *kit, struct kit_share *share);  /* what must be so behind the kill; NULL: nothing */
	void (*after)(struct kit *kit, struct kit_share *share); /* what has to go in the end; NULL: the share */
};
void kit_play(struct kit *kit, const struct kit_scene *scene);

/* ---- table.c ---- */

struct kit_table {
	const struct kit *kit;
	struct shr__json json;
	int n[3];         /* by kit_result */
	int n_minimum;    /* rows of the minimum that failed */
	uint64_t checked; /* capabilities that a row is about */
};
void kit_table_begin(struct kit_table *t, const struct kit *kit);
void kit_table_row(struct kit_table *t, const struct kit_row *row, enum kit_result how);
/* Says what it comes to, and gives the exit status. */
int kit_table_end(struct kit_table *t);

/* ---- files.c ---- */

int kit_has_files(const struct kit_share *share); /* 1: its path is a directory that can be written */
int kit_write_file(const struct kit_share *share, const char *name, uint64_t bytes); /* 0 or an errno */
int kit_file_is(const struct kit_share *share, const char *name, uint64_t bytes);
void kit_make_tree(const struct kit_share *share); /* some directories and files, if it has files */
/* All names below DIR, sorted, one a line; the caller's. */
char *kit_listing(const char *dir);

#endif
