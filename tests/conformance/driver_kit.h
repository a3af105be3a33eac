/* tests/conformance/driver_kit.h - what the files of the drivers' conformance kit share */
#ifndef TESTS_CONFORMANCE_DRIVER_KIT_H
#define TESTS_CONFORMANCE_DRIVER_KIT_H

#include <setjmp.h>
#include <sys/types.h>
#include "plugin/plugin.h"

#define KIT_ID 37
#define KIT_MIB UINT64_C(1048576)
#define KIT_LIST 8 /* things of a page */

/* What the command line says. */
struct kit_args {
	const char *driver, *exporter, *plugins, *pool;
	const char *source; /* something to manage; NULL: none */
	const char *watch;  /* a directory that must be as it was in the end; NULL: none */
	const char **set, **set_pool, **set_exporter;
	size_t n_set, n_set_pool, n_set_exporter;
	int no_kill;        /* what it made dies with its process */
	int kills;          /* at random instants, for each call */
};

struct kit {
	struct kit_args args;
	const struct shr__config *config;
	struct shr__plugins *plugins;
	struct shr__backend *backend; /* NULL: closed */
	const struct shr_driver *driver;
	uint64_t caps;       /* of the pool */
	uint64_t free_first; /* of the pool, before anything was made */
	char *names_first;   /* below the directory that is watched */
	void *rules;         /* for kit_ten_rules() */
	int sources_are_paths; /* what can be managed are directories */
	int n_failed, n_skipped, n_passed;
	jmp_buf out;         /* of a check */
	char why[1024];
};

/* ---- driver_kit_conf.c ---- */

void kit_setup(struct kit *kit);
void kit_teardown(struct kit *kit);
int kit_try_open(struct kit *kit, struct shr__backend **ret, char *why, size_t room); /* 0 or a code */
void kit_open(struct kit *kit);
void kit_close(struct kit *kit);
void kit_reopen(struct kit *kit);

/* ---- driver_kit_calls.c ---- */

struct kit_share { /* what the kit knows of an instance */
	char id[KIT_ID], share_id[KIT_ID];
	const char *name;   /* what people call it */
	const char *source; /* "" */
	uint64_t bytes;
	char ref[4097];
	char path[1024];
	unsigned n_exports;
	uint32_t flags;     /* SHR_INSTANCE_* */
	uint64_t told_cut;  /* SHR_NUMBER_CUT */
	uint64_t told_bytes; /* SHR_NUMBER_BYTES; 0: not told */
};
struct kit_call {
	enum shr__verb verb;
	struct kit_share *share; /* NULL: stats; of SNAP_*: the snapshot; of CLONE: the new share */
	struct kit_share *of;    /* the share of a snapshot */
	struct kit_share *snap;  /* REVERT, CLONE */
	uint64_t bytes;
	const struct shr_access_diff *diff;
	shr__rules_fn *rules;
	void *rules_data;
	int (*cancelled)(void *data);
	void *cancelled_data;
	const char *after; /* LIST */
	uint32_t max;      /* ... at most KIT_LIST */
	uint32_t readonly; /* ATTACH */
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
uint64_t kit_pool_number(struct kit *kit, uint32_t key);

/* ---- a check's end ---- */

void kit_fail(struct kit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void kit_skip(struct kit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));

struct kit_check {
	const char *name;
	void (*run)(struct kit *kit);
};
extern const struct kit_check kit_life_checks[], kit_size_checks[], kit_access_checks[], kit_look_checks[], kit_snap_checks[],
	kit_process_checks[], kit_kill_checks[], kit_end_checks[];

/* ---- driver_kit_files.c ---- */

int kit_has_files(const struct kit_share *share); /* 1: its path is a directory that can be written */
int kit_write_file(const struct kit_share *share, const char *name, uint64_t bytes); /* 0 or an errno */
int kit_file_is(const struct kit_share *share, const char *name, uint64_t bytes);
void kit_make_tree(const struct kit_share *share); /* some directories and files, if it has files */
/* All names below DIR, sorted, one a line; the caller's. */
char *kit_listing(const char *dir);

#endif
