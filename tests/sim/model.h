/* tests/sim/model.h - the model store: rows with versions, snapshots, and the first who commits wins */
#ifndef TESTS_SIM_MODEL_H
#define TESTS_SIM_MODEL_H

#include "libshare/store.h"
#include "model/rows.h"

#define MODEL_MOST_INDEXES 6
#define MODEL_MOST_LEVELS 12

struct model_txn;
struct model_row;

struct model_entry { /* of an index: its key, in a skip list */
	struct model_row *row;
	struct model_list *list; /* that it is in */
	uint32_t refs; /* versions that have it */
	uint32_t n_key;
	uint16_t levels, units; /* units of memory */
	uint16_t is_fresh;      /* it has no place in the list yet */
	const unsigned char *key;
	struct { struct model_entry *next, *prev; } link[]; /* by level */
};

struct model_version {
	struct model_version *older;
	uint64_t seq;
	uint32_t n_cells;
	int gone;
	uint32_t units; /* of memory */
	struct model_entry *entries[MODEL_MOST_INDEXES];
	struct shr_cell cells[]; /* by column number - 1 */
};

struct model_row {
	const struct shr_table *table;
	struct model_version *newest; /* committed */
	struct model_version *pending;
	struct model_txn *owner;      /* whose `pending` is */
	void *shadow;                 /* check.c's */
	uint32_t n_key;
	unsigned char key[];
};

/* A process' handle. Made for each life; the store itself outlives all of them. */
struct sim_store *model_handle_new(int proc);
struct shr_store *model_handle_store(struct sim_store *h);
/* Its process has died: what was open is rolled back. */
void model_handle_drop(struct sim_store *h);

void model_begin(void); /* an empty store */
void model_end(void);

/* What a look at the committed state needs. */
const struct model_version *model_find(const struct shr__rowdef *def, const char *key1, const char *key2, const char *key3);
struct model_row *model_find_row(const struct shr__rowdef *def, const char *key1, const char *key2, const char *key3);
/* Committed rows of a table in the order of their keys. */
const struct model_version *model_first(const struct shr__rowdef *def, struct model_entry **ret_at);
const struct model_version *model_next(const struct shr__rowdef *def, struct model_entry **at);
/* Those of an index whose first columns equal PREFIX. */
struct model_look {
	struct model_entry *at;
	uint32_t index, n_prefix;
	unsigned char prefix[128];
};
const struct model_version *model_look(const struct shr__rowdef *def, uint32_t index, const struct shr_cell *prefix, uint32_t n,
	struct model_look *look);
const struct model_version *model_look_on(struct model_look *look);
struct shr_cell model_text(const char *s);
uint64_t model_seq(void);
/* The version of ROW that a transaction that is committing saw when it began. */
const struct model_version *model_seen(const struct model_row *row, uint64_t snapshot);
/* Insert, or put in place of, a row, by itself, as nobody of the processes. */
void model_put(const struct shr__rowdef *def, const void *row);

#define MODEL_INT(v, table, column) ((v)->cells[SHR__N_##table##_##column - 1].i)
#define MODEL_TEXT(v, table, column) ((const char *)(v)->cells[SHR__N_##table##_##column - 1].p)

/* check.c: the flow of an operation's row; NULL: a newer version's. */
const struct shr__flow *sim_flow_of(const struct model_version *op);
/* check.c: one commit. Called for each row that it changed (OLD or NEW may be NULL), then once. */
void sim_check_row(struct model_row *row, const struct model_version *old, const struct model_version *new_one,
	uint64_t snapshot);
void sim_check_commit(uint64_t seq, uint64_t snapshot);

#endif
