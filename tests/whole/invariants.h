/* tests/whole/invariants.h - what must hold of a store's rows, whatever happened before */
#ifndef TESTS_WHOLE_INVARIANTS_H
#define TESTS_WHOLE_INVARIANTS_H

#include <sqlite3.h>
#include <stdint.h>

/* What the present state may have besides. */
#define INV_UNDER_WAY 1u /* operations that have not ended: then only what holds after every commit is looked at */
#define INV_ORPHANS 2u
#define INV_REFUSED 4u   /* rules that the backend refused, to come or to go */

/* One number. The program ends when SQLite cannot answer. */
int64_t invariants_ask(sqlite3 *db, const char *sql);
/* How many are broken; each is told on stdout, "not ok: ...". */
int invariants_broken(sqlite3 *db, unsigned allowed);
/* The same of the dir driver's POOL, a directory: each available instance has its own there, and there is no other. */
int invariants_dir_broken(sqlite3 *db, const char *pool);

#endif
