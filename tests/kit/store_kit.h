/* tests/kit/store_kit.h - what the tests of a store are written in; for the kit alone */
#ifndef TESTS_KIT_STORE_KIT_H
#define TESTS_KIT_STORE_KIT_H

#include <pthread.h>
#include <string.h>

#include "libshare/kit.h"

/* The tables of the kit. Of a thing tag (which is unique), note and data may be NULL. */
enum { THING = 1, NUMBER, BYTES, WORD };
enum { THING_ID = 1, THING_VERSION, THING_NAME, THING_TAG, THING_N, THING_NOTE, THING_DATA, THING_EXTRA };
enum { NUMBER_KEY = 1, NUMBER_VALUE };
enum { BYTES_KEY = 1, BYTES_VALUE };
enum { WORD_A = 1, WORD_B, WORD_VALUE };
enum { BY_KEY, BY_NAME, BY_TAG, BY_NOTE, BY_N };
/* The older one lacks the column extra and the index by n. */
extern const struct shr_schema shr__kit_old, shr__kit_new;

struct kit_txn {
	struct shr_store *store; /* NULL: it has ended */
	void *txn;
};
struct kit {
	const struct shr_kit_store_params *params;
	struct shr_store *stores[2];
	struct kit_txn txns[4]; /* so that a test may stop anywhere */
	int failed;
	char text[256];
};

/* Tests return when something is not as it must be. */
#define NEED(k, condition) \
	do { \
		if (!(condition)) { \
			shr__kit_fail(k, __FILE__, __LINE__, #condition); \
			return; \
		} \
	} while (0)
#define NEED_RC(k, call, code) \
	do { \
		int need_rc = (call); \
		if (need_rc != (code)) { \
			shr__kit_fail_rc(k, __FILE__, __LINE__, #call, need_rc, #code); \
			return; \
		} \
	} while (0)
void shr__kit_fail(struct kit *k, const char *file, int line, const char *what);
void shr__kit_fail_rc(struct kit *k, const char *file, int line, const char *call, int rc, const char *wanted);

/* Handle I (0 or 1), opened and prepared at first use; NULL: failed, and the test is to return. */
struct shr_store *shr__kit_store(struct kit *k, int i, const struct shr_schema *schema);
void shr__kit_close(struct kit *k, int i);

/* Transactions; NULL: it failed. Those that are open at the end of a test are rolled back. */
struct kit_txn *shr__kit_begin(struct kit *k, struct shr_store *store, uint32_t flags);
int shr__kit_commit(struct kit_txn *t);
void shr__kit_rollback(struct kit_txn *t);

static inline struct shr_cell shr__kit_int(uint32_t column, int64_t i)
{
	struct shr_cell c = { SHR_CELL_INT, column, i, NULL, 0 };
	return c;
}
static inline struct shr_cell shr__kit_text(uint32_t column, const char *text)
{
	struct shr_cell c = { SHR_CELL_TEXT, column, 0, text, strlen(text) };
	return c;
}
static inline struct shr_cell shr__kit_blob(uint32_t column, const void *p, size_t n)
{
	struct shr_cell c = { SHR_CELL_BLOB, column, 0, p, n };
	return c;
}
static inline struct shr_cell shr__kit_null(uint32_t column)
{
	struct shr_cell c = { SHR_CELL_NULL, column, 0, NULL, 0 };
	return c;
}

/* A thing as it is read: strings cut at their room; NULL is "(null)". */
struct kit_thing {
	int64_t version, n;
	char id[64], name[64], tag[64], note[64], extra[64];
	unsigned char data[64];
	uint64_t n_data;
	int odd; /* a cell was not of its column's type, or not in order */
};
int shr__kit_thing_insert(struct kit_txn *t, const char *id, const char *name, const char *tag, int64_t n);
int shr__kit_thing_get(struct kit_txn *t, const char *id, struct kit_thing *ret);
/* version becomes EXPECT + 1, or stays, with -1. */
int shr__kit_thing_set_n(struct kit_txn *t, const char *id, int64_t expect, int64_t n);
int shr__kit_thing_remove(struct kit_txn *t, const char *id, int64_t expect);
shr_row_fn shr__kit_thing_row; /* into a struct kit_thing */

int shr__kit_number_insert(struct kit_txn *t, int64_t key, int64_t value);
int shr__kit_number_get(struct kit_txn *t, int64_t key, int64_t *ret_value);
int shr__kit_number_add(struct kit_txn *t, int64_t key, int64_t delta, int64_t lowest, int64_t highest,
	int64_t *ret_value);

/* The ids (or numbers) of a scan, as "a b c". */
struct kit_list {
	char text[1024];
	uint32_t n;
	uint32_t stop_at; /* answer ANSWER at this row; 0: never */
	int answer;
};
int shr__kit_things(struct kit_txn *t, uint32_t index, const struct shr_cell *from, uint32_t n_from, uint32_t n_prefix,
	uint32_t flags, uint32_t limit, struct kit_list *ret);

/* One of two callers that are at work at the same time, on a thread and a handle of its own. */
struct kit_actor;
typedef int kit_step_fn(struct kit_actor *a);
struct kit_actor {
	struct kit *k;
	struct shr_store *store;
	struct kit_txn txn;
	int number;    /* 0 or 1 */
	int64_t seen;  /* a step's own */
	int rc;        /* what ended it early, or 0 */
	int committed;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	kit_step_fn *steps[16];
	int n_steps, n_done, quit, started;
};
int shr__kit_actors_start(struct kit *k, struct kit_actor actors[2]); /* 0 or -1: the test is to return */
/* Let it do STEP; returns when that is done, or after a while when the store makes it wait. */
void shr__kit_actor_do(struct kit_actor *a, kit_step_fn *step);
void shr__kit_actors_end(struct kit_actor actors[2]); /* all steps are done */
kit_step_fn shr__kit_step_begin, shr__kit_step_commit;

typedef void kit_test_fn(struct kit *k);
struct kit_test {
	const char *name;
	kit_test_fn *run;
	int two; /* it needs a second handle, or opens again */
};
#define KIT_TEST(name) { #name, name, 0 }
#define KIT_TEST_TWO(name) { #name, name, 1 }
extern const struct kit_test shr__kit_row_tests[], shr__kit_scan_tests[], shr__kit_txn_tests[], shr__kit_race_tests[],
	shr__kit_schema_tests[];

#endif
