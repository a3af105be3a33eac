/* tests/whole/invariants.c - what must hold of a store's rows, whatever happened before */
#include "invariants.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* A query whose answer is how many rows are wrong. */
struct rule {
	const char *what;
	const char *sql;
};

#define COUNT(rows) "SELECT count(*) FROM " rows
/* Shares and snapshots; one that has its share's rules has its revision. */
#define COLUMNS "id, project, state, op_id, n_rules, n_metadata, n_locks, bytes, parent, n_children"
#define OBJECTS "(SELECT " COLUMNS ", access_revision, 0 AS follows, 1 AS served FROM share UNION ALL SELECT " COLUMNS ", " \
	"CASE WHEN snapshot_access=3 THEN (SELECT p.access_revision FROM share p WHERE p.id=x.parent) ELSE access_revision END, " \
	"snapshot_access=3, snapshot_access IN (2,3) FROM snapshot x)"
#define POOL_BYTES "CASE WHEN i.flags&3=1 THEN 0 ELSE i.bytes END" /* a read-only share lies where its snapshot does */

/* After every commit. */
static const struct rule always[] = {
	{ "holds of operations that ended", COUNT("hold WHERE op_id NOT IN (SELECT id FROM op WHERE live=1)") },
	{ "tokens of slow calls of operations that ended", COUNT("op_item WHERE op_id NOT IN (SELECT id FROM op WHERE live=1)") },
	{ "operations that ended and live", COUNT("op WHERE live<>(state<5) OR live<>(ended_ns=0)") },
	{ "operations that succeeded with an error", COUNT("op WHERE (state=5)<>(error_code=0) AND live=0") },
	{ "shares held by no operation", COUNT(OBJECTS " WHERE op_id<>'' AND op_id NOT IN (SELECT id FROM op WHERE live=1)") },
	{ "shares on the way without an operation", COUNT(OBJECTS " WHERE state NOT IN (2,6) AND op_id=''") },
	{ "instances without a share", COUNT("instance WHERE share_id NOT IN (SELECT id FROM " OBJECTS ")") },
	{ "export numbers of two shares", COUNT("(SELECT 1 FROM instance WHERE export_number>0 GROUP BY number_server, "
		"export_number HAVING count(*)>1)") },
	{ "export numbers that are not their share's", COUNT("instance i WHERE export_number>0 AND share_id<>coalesce("
		"(SELECT share_id FROM export_number n WHERE n.server=i.number_server AND n.number=i.export_number), '')") },
	{ "export numbers of nobody", COUNT("export_number n WHERE share_id<>'' AND share_id NOT IN (SELECT share_id FROM "
		"instance WHERE export_number=n.number) AND share_id NOT IN (SELECT object_id FROM orphan WHERE "
		"export_number=n.number) AND share_id NOT IN (SELECT object_id FROM op WHERE live=1)") },
	{ "exports without an instance", COUNT("export WHERE instance_id NOT IN (SELECT id FROM instance)") },
	{ "wrong counts of exports", COUNT("instance i WHERE n_exports<>"
		"(SELECT count(*) FROM export e WHERE e.instance_id=i.id)") },
	{ "wrong counts of refused rules", COUNT("instance i WHERE n_faults<>"
		"(SELECT count(*) FROM rule_fault f WHERE f.instance_id=i.id)") },
	{ "wrong counts of rules", COUNT(OBJECTS " s WHERE n_rules<>"
		"(SELECT count(*) FROM rule r WHERE r.share_id=s.id AND r.gone=0)") },
	{ "wrong counts of metadata of shares", COUNT(OBJECTS " s WHERE n_metadata<>"
		"(SELECT count(*) FROM metadata m WHERE m.object_id=s.id)") },
	{ "wrong counts of metadata of rules", COUNT("rule r WHERE gone=0 AND n_metadata<>"
		"(SELECT count(*) FROM metadata m WHERE m.object_id=r.id)") },
	{ "wrong counts of locks", COUNT(OBJECTS " s WHERE n_locks<>(SELECT count(*) FROM lock l WHERE l.object_id=s.id OR "
		"l.object_id IN (SELECT r.id FROM rule r WHERE r.share_id=s.id))") },
	{ "rules from the future", COUNT("rule r JOIN " OBJECTS " s ON s.id=r.share_id WHERE r.revision>s.access_revision OR "
		"r.gone>s.access_revision") },
	{ "instances that were told the future", COUNT("instance i JOIN " OBJECTS " s ON s.id=i.share_id "
		"WHERE i.access_applied>s.access_revision") },
	{ "two rows in force of one rule", COUNT("(SELECT id FROM rule WHERE gone=0 GROUP BY id HAVING count(*)>1)") },
	{ "tokens of no operation", COUNT("token WHERE op_id NOT IN (SELECT id FROM op)") },
	{ "wrong accounts of pools", COUNT("pool p WHERE allocated<>"
		"(SELECT coalesce(sum(" POOL_BYTES "),0) FROM instance i WHERE i.backend=p.backend AND i.pool=p.name)+"
		"(SELECT coalesce(sum(bytes),0) FROM orphan o WHERE o.backend=p.backend AND o.pool=p.name)") },
	{ "wrong bytes of quotas", COUNT("quota q WHERE bytes_used<>(SELECT coalesce(sum(i.bytes),0) FROM instance i "
		"JOIN " OBJECTS " s ON s.id=i.share_id WHERE s.project=q.project)") },
	{ "wrong shares of quotas", COUNT("quota q WHERE shares_used<>(SELECT count(*) FROM instance i "
		"JOIN share s ON s.id=i.share_id WHERE s.project=q.project AND i.bytes>0)") },
	{ "shares with bytes and no quota", COUNT("share s WHERE project NOT IN (SELECT project FROM quota) AND id IN "
		"(SELECT share_id FROM instance WHERE bytes>0)") },
	{ "wrong counts of snapshots", COUNT("share s WHERE coalesce(n_children,0)<>(SELECT count(*) FROM snapshot c WHERE "
		"c.parent=s.id)") },
	{ "wrong counts of shares that were made from a snapshot", COUNT("snapshot s WHERE n_children<>(SELECT count(*) FROM "
		"share c WHERE c.parent=s.id)") },
	{ "wrong counts of snapshots that have their share's rules", COUNT("share s WHERE coalesce(n_followers,0)<>(SELECT "
		"count(*) FROM snapshot c WHERE c.parent=s.id AND c.snapshot_access=3)") },
	{ "snapshots without a share", COUNT("snapshot WHERE parent NOT IN (SELECT id FROM share)") },
	{ NULL, NULL },
};

/* When every operation has ended. */
static const struct rule at_rest[] = {
	{ "operations that have not ended", COUNT("op WHERE live=1") },
	{ "shares in a state on the way", COUNT(OBJECTS " WHERE state NOT IN (2,6)") },
	{ "available shares without an available instance", COUNT(OBJECTS " WHERE state=2 AND id NOT IN "
		"(SELECT share_id FROM instance WHERE state=2)") },
	{ "available shares of another size than their instance", COUNT("share s JOIN instance i ON i.share_id=s.id "
		"WHERE s.state=2 AND i.bytes<s.bytes") },
	{ "rules without a share", COUNT("rule WHERE share_id NOT IN (SELECT id FROM " OBJECTS ")") },
	{ "keys without a rule", COUNT("rule_key WHERE rule_id NOT IN (SELECT id FROM rule)") },
	{ "refused rules that are not there", COUNT("rule_fault WHERE rule_id NOT IN (SELECT id FROM rule)") },
	{ "metadata of nothing", COUNT("metadata WHERE object_id NOT IN (SELECT id FROM " OBJECTS ") AND "
		"object_id NOT IN (SELECT id FROM rule)") },
	{ "locks on nothing", COUNT("lock WHERE object_id NOT IN (SELECT id FROM " OBJECTS ") AND "
		"object_id NOT IN (SELECT id FROM rule)") },
	{ "instances that were not told the newest rules", COUNT("instance i JOIN " OBJECTS " s ON s.id=i.share_id "
		"WHERE s.state=2 AND i.access_applied<>s.access_revision AND s.served") },
	{ "denied rules that nobody refused", COUNT("rule WHERE gone<>0 AND id NOT IN (SELECT rule_id FROM rule_fault) "
		"AND share_id IN (SELECT share_id FROM instance WHERE state=2)") },
	{ NULL, NULL },
};

static const struct rule no_orphans[] = { { "orphans", COUNT("orphan") }, { NULL, NULL } };
static const struct rule none_refused[] = { { "refused rules", COUNT("rule_fault") }, { NULL, NULL } };

int64_t invariants_ask(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK || sqlite3_step(s) != SQLITE_ROW) {
		fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
		exit(1);
	}
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static int look(sqlite3 *db, const struct rule *rules)
{
	int broken = 0;

	for (; rules->what; rules++) {
		int64_t n = invariants_ask(db, rules->sql);

		if (n == 0)
			continue;
		broken++;
		printf("not ok: %s: %lld\n", rules->what, (long long)n);
	}
	return broken;
}

int invariants_broken(sqlite3 *db, unsigned allowed)
{
	int broken = look(db, always);

	if (!(allowed & INV_UNDER_WAY)) {
		broken += look(db, at_rest);
		if (!(allowed & INV_ORPHANS))
			broken += look(db, no_orphans);
		if (!(allowed & INV_REFUSED))
			broken += look(db, none_refused);
	}
	fflush(stdout);
	return broken;
}

int invariants_dir_broken(sqlite3 *db, const char *pool)
{
	int64_t n = 0, want = invariants_ask(db, COUNT("instance WHERE state=2"));
	DIR *dir = opendir(pool);
	int broken = 0;
	struct dirent *d;
	char sql[256];

	while (dir && (d = readdir(dir))) {
		if (d->d_name[0] == '.')
			continue;
		n++;
		snprintf(sql, sizeof sql, COUNT("instance WHERE state=2 AND id='%.40s'"), d->d_name);
		if (invariants_ask(db, sql) == 1)
			continue;
		broken++;
		printf("not ok: directory %s is nobody's\n", d->d_name);
	}
	if (dir)
		closedir(dir);
	if (n != want) {
		broken++;
		printf("not ok: %lld directories for %lld shares\n", (long long)n, (long long)want);
	}
	fflush(stdout);
	return broken;
}
