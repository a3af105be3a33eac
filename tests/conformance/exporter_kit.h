/* tests/conformance/exporter_kit.h - what the files of the exporters' conformance kit share */
#ifndef TESTS_CONFORMANCE_EXPORTER_KIT_H
#define TESTS_CONFORMANCE_EXPORTER_KIT_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "libshare/exporter.h"

#define XKIT_ID 37
#define XKIT_WORDS 1024
#define XKIT_RULES_MOST 20000
#define XKIT_FOUND_MOST 512

struct xkit_args {
	const char *plugin; /* a file */
	const char *root;   /* what is exported lies below it: it is made, and taken away */
	const char **set;   /* KEY=VALUE */
	size_t n_set;
	uint32_t number;    /* export numbers from here on */
	int kills;          /* at random instants, for each call */
	uint32_t again_most_ms; /* how long a call is waited for before it is made again */
};

struct xkit_rule {
	struct shr_rule rule;
	char id[XKIT_ID];
	char who[64];
	int answer; /* 1: none yet */
};

/* One call, and what it told. */
struct xkit_call {
	struct shr_call call; /* `core` leads back here */
	struct xkit *kit;
	char op_id[XKIT_ID];
	const char *step;
	int cancel;     /* it is told that it was cancelled */
	int broken;     /* the rules cannot be read */
	/* the full set, sorted by id */
	struct xkit_rule *rules;
	uint32_t n_rules, at;
	/* of the last attempt */
	int failed_with, is_pending, pulled_all;
	uint32_t again_ms;
	char words[XKIT_WORDS];
	uint32_t n_exports, n_found, n_answers;
	uint64_t protocols_told;
	char location[512]; /* the first */
	struct {
		char name[256], instance_id[XKIT_ID];
	} found[XKIT_FOUND_MOST];
	uint64_t incarnation;
	const struct shr_access_diff *diff;
	char wrong[XKIT_WORDS]; /* a broken promise; "" */
	int64_t longest_ns;     /* of an attempt */
	uint32_t attempts;
};

struct xkit_share {
	char share_id[XKIT_ID], id[XKIT_ID], path[512];
	uint32_t number;
	uint32_t flags;
	uint64_t protocols; /* 0: all that the exporter speaks */
};

struct xkit {
	struct xkit_args args;
	const struct shr_exporter *x;
	void *ex; /* NULL: closed */
	int is_open;
	int tap; /* speak TAP */
	uint32_t n_shares;
	int n_passed, n_failed, n_skipped;
	jmp_buf out;
	char why[XKIT_WORDS];
};

/* ---- exporter_kit_host.c ---- */

int64_t xkit_now_ns(void);
void xkit_id(char ret[XKIT_ID]);
int xkit_load(struct xkit *kit, char *why, size_t room); /* 0 or -1 */
int xkit_try_open(struct xkit *kit, void **ret_ex, char *why, size_t room);
void xkit_open(struct xkit *kit);
void xkit_close(struct xkit *kit);
struct xkit_call *xkit_call_new(struct xkit *kit, const char *step); /* of a new operation */
struct xkit_call *xkit_call_of(const struct xkit_call *other, const char *step); /* of the operation that the other is of */
void xkit_call_free(struct xkit_call *c);

enum xkit_verb { XKIT_PROBE, XKIT_ADD, XKIT_REMOVE, XKIT_UPDATE, XKIT_DRAIN, XKIT_HOLD, XKIT_RELEASE, XKIT_LOOK, XKIT_LIST };
struct xkit_more { /* what some verbs want */
	const struct shr_access_diff *diff;
	uint32_t bound_ms, max;
	const char *after;
};
/* One attempt: 0, SHR_RUNNING, or a code. A broken promise fails the check. */
int xkit_once(struct xkit_call *c, enum xkit_verb verb, const struct xkit_share *share, const struct xkit_more *more);
/* Again and again while it answers SHR_RUNNING. */
int xkit_make(struct xkit_call *c, enum xkit_verb verb, const struct xkit_share *share, const struct xkit_more *more);
void xkit_must(struct xkit *kit, enum xkit_verb verb, const struct xkit_share *share, int code);
const char *xkit_verb_name(enum xkit_verb verb);
/* A directory with one file in it, and the names of a share whose it is. */
void xkit_share_new(struct xkit *kit, struct xkit_share *share);
void xkit_share_end(struct xkit *kit, struct xkit_share *share); /* export and directory go */

/* ---- exporter_kit_rules.c ---- */

struct xkit_book {
	struct xkit_rule *rules; /* sorted by id */
	uint32_t n, room;
	uint64_t revision;
};
void xkit_book_add(struct xkit *kit, struct xkit_book *b, const char *who, uint32_t type, uint32_t level, uint32_t squash,
	int32_t priority);
void xkit_book_fill(struct xkit *kit, struct xkit_book *b, uint32_t n); /* N more, of what the exporter takes */
void xkit_book_clear(struct xkit_book *b);
/* Tell of all rules from FIRST on as new (or, GONE: as gone; they are cut off the book), the full set being the book. The answer
 * of each is in its `answer`. */
int xkit_book_tell(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t first, int gone, char *why);
void xkit_book_must(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t first, int gone);
/* look: the answers go into the rules. Foreign clients are counted. */
int xkit_book_look(struct xkit *kit, const struct xkit_share *share, struct xkit_book *b, uint32_t *ret_foreign);

/* ---- a check's end ---- */

void xkit_fail(struct xkit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
void xkit_skip(struct xkit *kit, const char *format, ...) __attribute__((format(printf, 2, 3), noreturn));
struct xkit_check {
	const char *name;
	void (*run)(struct xkit *kit);
};
void xkit_run(struct xkit *kit, const struct xkit_check *checks); /* a line for each */
extern const struct xkit_check xkit_life_checks[], xkit_access_checks[], xkit_process_checks[];

#endif
