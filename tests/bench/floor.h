/* tests/bench/floor.h - creates as a bare program on SQLite would make them: the least that they can cost */
#ifndef TESTS_BENCH_FLOOR_H
#define TESTS_BENCH_FLOOR_H

#include <stdint.h>

/*
 * The same tables and indexes, made by the library; the same rows, two durable commits a create with the same settings; waiting
 * callers combined behind one leader with a savepoint each, gathered as the library does. What it lacks is everything that
 * makes a library: records, checks, placement, a driver, an engine that would go on after a crash.
 */
struct floor;

/* On the store at PATH, in which the library has made one share on backend "b0": its rows are the model. */
struct floor *floor_open(const char *path, const char *vfs);
void floor_bare(struct floor *f); /* no savepoints: it could not take one body back */
void floor_close(struct floor *f);
void floor_create(struct floor *f); /* any thread; returns when the second commit is durable */
void floor_stats(struct floor *f, uint64_t *ret_commits, uint64_t *ret_jobs);
int64_t floor_memory(void); /* bytes that SQLite has */
/* How many rows all tables have together: of the store at PATH. */
int64_t floor_rows(const char *path);

#endif
