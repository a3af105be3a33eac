/* tests/vfs/kit.h - a small schema and short words for tests of a store */
#ifndef TESTS_VFS_KIT_H
#define TESTS_VFS_KIT_H

#include "libshare/store.h"

/* item: id TEXT, kind TEXT, n INTEGER, version INTEGER, note TEXT NULL, data BLOB NULL, extra TEXT NULL (generation
 * 2). Indexes: the key; by_kind (kind, n); by_note (note) unique. log: seq INTEGER, word TEXT. pair: a TEXT, b INTEGER,
 * v INTEGER. later (generation 2): id TEXT. */
#define KIT_ITEM 1
#define KIT_LOG 2
#define KIT_PAIR 3
#define KIT_LATER 4
#define KIT_ID 1
#define KIT_KIND 2
#define KIT_N 3
#define KIT_VERSION 4
#define KIT_NOTE 5
#define KIT_DATA 6
#define KIT_EXTRA 7
extern const struct shr_schema kit_schema_1, kit_schema_2;

struct kit_item {
	char id[64], kind[64], note[64], extra[64];
	int64_t n, version;
	int has_note;
};

struct shr_cell kit_int(uint32_t column, int64_t i);
struct shr_cell kit_text(uint32_t column, const char *s);

/* All of these return what the store did. */
int kit_begin(struct shr_store *s, uint32_t flags, void **ret);
int kit_put(struct shr_store *s, void *txn, const char *id, const char *kind, int64_t n);
int kit_put_note(struct shr_store *s, void *txn, const char *id, const char *kind, int64_t n, const char *note);
int kit_get(struct shr_store *s, void *txn, const char *id, struct kit_item *ret);
int kit_set_n(struct shr_store *s, void *txn, const char *id, int64_t expect, int64_t n, int64_t version);
int kit_log(struct shr_store *s, void *txn, int64_t seq, const char *word);
/* In a transaction of its own. */
int kit_put_alone(struct shr_store *s, const char *id, const char *kind, int64_t n);
int kit_get_alone(struct shr_store *s, const char *id, struct kit_item *ret);
/* The rows of a whole table, -1: it failed. */
int kit_count(struct shr_store *s, uint32_t table);
/* The last words; a static buffer. */
const char *kit_words(struct shr_store *s);
/* A new directory under TMPDIR, its path in a static buffer; and away with it. */
const char *kit_dir(void);
void kit_dir_remove(const char *dir);
/* Open and prepare for generation 1; aborts when it fails. */
struct shr_store *kit_open(const char *path, const char *vfs);
/* 0: the check finds nothing; else how much it found, or a code. */
int kit_check(struct shr_store *s);

#endif
