/* tests/bench/floor.c - creates as a bare program on SQLite would make them */
#include "floor.h"

#include <pthread.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/uuid.h"
#include "bench.h"
#include "libshare/event.h"

#define MOST 64

enum { ACCEPT, FINISH };

/* An insert of a row like the model's; the model's values stay bound, but for those that differ from row to row. */
struct insert {
	sqlite3_stmt *s;
	int n;
	char names[40][32];
};

struct job {
	int kind, done;
	char share[SHR__UUID_ROOM], instance[SHR__UUID_ROOM], op[SHR__UUID_ROOM];
	int64_t now;
	pthread_cond_t cond;
	struct job *next;
};

struct floor {
	sqlite3 *db;
	pthread_mutex_t lock;
	struct job *first, *last;
	unsigned queued, crowd;
	int leading, bare;
	int64_t commit_ns;
	uint64_t commits, jobs;
	struct insert share, instance, export, op, hold, event;
	sqlite3_stmt *begin, *commit, *mark, *keep, *backend, *quota, *pool, *counter;
	sqlite3_stmt *set_instance, *set_share, *set_op, *let_go;
};

static void need(struct floor *f, int truth)
{
	if (!truth)
		bench_die(sqlite3_errmsg(f->db), NULL);
}

static sqlite3_stmt *prepare(struct floor *f, const char *sql)
{
	sqlite3_stmt *s = NULL;

	need(f, sqlite3_prepare_v3(f->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL) == SQLITE_OK);
	return s;
}

static void run(struct floor *f, sqlite3_stmt *s)
{
	need(f, sqlite3_step(s) == SQLITE_DONE);
	sqlite3_reset(s);
}

static void exec(struct floor *f, const char *sql)
{
	need(f, sqlite3_exec(f->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

/* ---- rows like the model ---- */

static int place_of(const struct insert *i, const char *name)
{
	for (int k = 0; k < i->n; k++)
		if (strcmp(i->names[k], name) == 0)
			return k + 1;
	bench_die(name, NULL);
}

static void text(const struct insert *i, const char *name, const char *value)
{
	sqlite3_bind_text(i->s, place_of(i, name), value, -1, SQLITE_STATIC);
}

static void number(const struct insert *i, const char *name, int64_t value)
{
	sqlite3_bind_int64(i->s, place_of(i, name), value);
}

static void like_the_model(struct floor *f, struct insert *i, const char *table)
{
	char sql[2000];
	sqlite3_stmt *model;
	int n;

	snprintf(sql, sizeof sql, "SELECT * FROM \"%s\" ORDER BY 1 DESC LIMIT 1", table);
	model = prepare(f, sql);
	need(f, sqlite3_step(model) == SQLITE_ROW);
	i->n = sqlite3_column_count(model);
	n = snprintf(sql, sizeof sql, "INSERT INTO \"%s\"(", table);
	for (int k = 0; k < i->n; k++) {
		snprintf(i->names[k], sizeof i->names[k], "%s", sqlite3_column_name(model, k));
		n += snprintf(sql + n, sizeof sql - (size_t)n, "%s\"%s\"", k ? "," : "", i->names[k]);
	}
	n += snprintf(sql + n, sizeof sql - (size_t)n, ") VALUES(");
	for (int k = 0; k < i->n; k++)
		n += snprintf(sql + n, sizeof sql - (size_t)n, "%s?%d", k ? "," : "", k + 1);
	snprintf(sql + n, sizeof sql - (size_t)n, ")");
	i->s = prepare(f, sql);
	for (int k = 0; k < i->n; k++)
		sqlite3_bind_value(i->s, k + 1, sqlite3_column_value(model, k));
	sqlite3_finalize(model);
}

/* The model has ended; what is inserted begins. A hold's row is gone when its operation has ended. */
static void begin_again(struct floor *f)
{
	number(&f->share, "version", 1);
	number(&f->share, "state", SHR_SHARE_CREATING);
	number(&f->instance, "version", 1);
	number(&f->instance, "state", SHR_SHARE_CREATING);
	number(&f->instance, "n_exports", 0);
	text(&f->instance, "ref", "");
	text(&f->instance, "path", "");
	number(&f->op, "version", 1);
	number(&f->op, "state", SHR_OP_RUNNING);
	number(&f->op, "live", 1);
	number(&f->op, "percent", 0);
	number(&f->op, "ended_ns", 0);
	text(&f->op, "step", "create");
	text(&f->op, "engine", "floor");
	f->hold.s = prepare(f, "INSERT INTO hold(object_id,op_id,shared,exclusive) VALUES(?1,?2,1,30)");
}

struct floor *floor_open(const char *path, const char *vfs)
{
	struct floor *f = sqlite3_malloc(sizeof *f);

	bench_need(f != NULL, "no memory");
	memset(f, 0, sizeof *f);
	pthread_mutex_init(&f->lock, NULL);
	need(f, sqlite3_open_v2(path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, vfs) == SQLITE_OK);
	exec(f, "PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;PRAGMA secure_delete=FAST;PRAGMA cell_size_check=ON;"
		"PRAGMA wal_autocheckpoint=1000;PRAGMA journal_size_limit=67108864");
	like_the_model(f, &f->share, "share");
	like_the_model(f, &f->instance, "instance");
	like_the_model(f, &f->export, "export");
	like_the_model(f, &f->op, "op");
	like_the_model(f, &f->event, "event");
	begin_again(f);
	exec(f, "UPDATE backend SET engine='floor' WHERE name='b0'");
	f->begin = prepare(f, "BEGIN IMMEDIATE");
	f->commit = prepare(f, "COMMIT");
	f->mark = prepare(f, "SAVEPOINT m");
	f->keep = prepare(f, "RELEASE m");
	f->backend = prepare(f, "SELECT engine,fence FROM backend WHERE name='b0'");
	f->quota = prepare(f, "UPDATE quota SET shares_used=shares_used+1,bytes_used=bytes_used+1048576 WHERE project='bench'"
		" AND (shares_limit<0 OR shares_used+1<=shares_limit) AND (bytes_limit<0 OR bytes_used+1048576<=bytes_limit)");
	f->pool = prepare(f, "UPDATE pool SET allocated=allocated+1048576 WHERE backend='b0' AND name='p' AND"
		" allocated+1048576<=limit_bytes");
	f->counter = prepare(f, "UPDATE counter SET value=value+?1 WHERE name='event' RETURNING value");
	f->set_instance = prepare(f, "UPDATE instance SET version=2,state=2,ref='null',path=?2,n_exports=1 WHERE id=?1 AND version=1");
	f->set_share = prepare(f, "UPDATE share SET version=2,state=2,updated_ns=?2,op_id='',reason='' WHERE id=?1 AND version=1");
	f->set_op = prepare(f, "UPDATE op SET version=2,state=5,live=0,percent=100,bytes_done=0,bytes_total=0,updated_ns=?2,"
		"ended_ns=?2 WHERE id=?1 AND version=1");
	f->let_go = prepare(f, "DELETE FROM hold WHERE object_id=?1 AND op_id=?2");
	return f;
}

void floor_bare(struct floor *f)
{
	f->bare = 1;
}

void floor_close(struct floor *f)
{
	sqlite3_stmt *s;

	while ((s = sqlite3_next_stmt(f->db, NULL)))
		sqlite3_finalize(s);
	sqlite3_close(f->db);
	pthread_mutex_destroy(&f->lock);
	sqlite3_free(f);
}

/* ---- the two halves of a create ---- */

/* Is the backend still this engine's? */
static void check_owner(struct floor *f)
{
	need(f, sqlite3_step(f->backend) == SQLITE_ROW);
	bench_need(strcmp((const char *)sqlite3_column_text(f->backend, 0), "floor") == 0, "another owner");
	sqlite3_reset(f->backend);
}

static void add(struct floor *f, sqlite3_stmt *s)
{
	run(f, s);
	need(f, sqlite3_changes(f->db) == 1);
}

static void accept(struct floor *f, const struct job *j)
{
	check_owner(f);
	text(&f->instance, "id", j->instance);
	text(&f->instance, "share_id", j->share);
	run(f, f->instance.s);
	add(f, f->quota);
	add(f, f->pool);
	text(&f->share, "id", j->share);
	text(&f->share, "op_id", j->op);
	number(&f->share, "created_ns", j->now);
	number(&f->share, "updated_ns", j->now);
	run(f, f->share.s);
	text(&f->op, "id", j->op);
	text(&f->op, "object_id", j->share);
	number(&f->op, "created_ns", j->now);
	number(&f->op, "updated_ns", j->now);
	run(f, f->op.s);
	sqlite3_bind_text(f->hold.s, 1, j->share, -1, SQLITE_STATIC);
	sqlite3_bind_text(f->hold.s, 2, j->op, -1, SQLITE_STATIC);
	run(f, f->hold.s);
}

static void finish(struct floor *f, const struct job *j)
{
	char path[64];

	check_owner(f);
	snprintf(path, sizeof path, "/null/%s", j->instance);
	sqlite3_bind_text(f->set_instance, 1, j->instance, -1, SQLITE_STATIC);
	sqlite3_bind_text(f->set_instance, 2, path, -1, SQLITE_STATIC);
	add(f, f->set_instance);
	snprintf(path, sizeof path, "null:/%s", j->instance);
	text(&f->export, "instance_id", j->instance);
	text(&f->export, "path", path);
	run(f, f->export.s);
	sqlite3_bind_text(f->set_share, 1, j->share, -1, SQLITE_STATIC);
	sqlite3_bind_int64(f->set_share, 2, j->now);
	add(f, f->set_share);
	sqlite3_bind_text(f->let_go, 1, j->share, -1, SQLITE_STATIC);
	sqlite3_bind_text(f->let_go, 2, j->op, -1, SQLITE_STATIC);
	add(f, f->let_go);
	sqlite3_bind_text(f->set_op, 1, j->op, -1, SQLITE_STATIC);
	sqlite3_bind_int64(f->set_op, 2, j->now);
	add(f, f->set_op);
}

static void events(struct floor *f, struct job **jobs, unsigned n)
{
	int64_t last;

	sqlite3_bind_int64(f->counter, 1, n);
	need(f, sqlite3_step(f->counter) == SQLITE_ROW);
	last = sqlite3_column_int64(f->counter, 0);
	need(f, sqlite3_step(f->counter) == SQLITE_DONE);
	sqlite3_reset(f->counter);
	for (unsigned i = 0; i < n; i++) {
		number(&f->event, "seq", last - (int64_t)(n - 1 - i));
		text(&f->event, "kind", jobs[i]->kind == ACCEPT ? "share.creating" : "share.created");
		text(&f->event, "object_id", jobs[i]->share);
		text(&f->event, "op_id", jobs[i]->op);
		number(&f->event, "object_version", jobs[i]->kind == ACCEPT ? 1 : 2);
		number(&f->event, "at_ns", jobs[i]->now);
		run(f, f->event.s);
	}
}

/* ---- combining ---- */

static void commit(struct floor *f, struct job **jobs, unsigned n)
{
	run(f, f->begin);
	for (unsigned i = 0; i < n; i++) {
		if (n > 1 && !f->bare)
			run(f, f->mark);
		if (jobs[i]->kind == ACCEPT)
			accept(f, jobs[i]);
		else
			finish(f, jobs[i]);
		if (n > 1 && !f->bare)
			run(f, f->keep);
	}
	events(f, jobs, n);
	f->commit_ns = -bench_ns();
	run(f, f->commit);
	f->commit_ns += bench_ns();
}

/* As lib/store/db.c does: those who were just answered mostly come again at once. */
static void gather(struct floor *f)
{
	if (f->commit_ns < 100000)
		return;
	for (int i = 0; i < 4 && f->queued < f->crowd && f->queued < MOST; i++) {
		pthread_mutex_unlock(&f->lock);
		sched_yield();
		pthread_mutex_lock(&f->lock);
	}
}

static void lead(struct floor *f)
{
	struct job *jobs[MOST];
	unsigned n = 0;

	f->leading = 1;
	gather(f);
	for (; f->first && n < MOST; n++) {
		jobs[n] = f->first;
		f->first = f->first->next;
		f->queued--;
	}
	pthread_mutex_unlock(&f->lock);
	commit(f, jobs, n);
	pthread_mutex_lock(&f->lock);
	f->leading = 0;
	f->commits++;
	f->jobs += n;
	f->crowd = n + f->queued;
	for (unsigned i = 0; i < n; i++) {
		jobs[i]->done = 1;
		pthread_cond_signal(&jobs[i]->cond);
	}
	if (f->first)
		pthread_cond_signal(&f->first->cond);
}

static void write_job(struct floor *f, struct job *j)
{
	j->done = 0;
	j->next = NULL;
	pthread_mutex_lock(&f->lock);
	if (f->first)
		f->last->next = j;
	else
		f->first = j;
	f->last = j;
	f->queued++;
	while (!j->done) {
		if (f->leading)
			pthread_cond_wait(&j->cond, &f->lock);
		else
			lead(f);
	}
	pthread_mutex_unlock(&f->lock);
}

static void fresh_id(int64_t now, char id[SHR__UUID_ROOM])
{
	uint8_t random[10];

	bench_need(getrandom(random, sizeof random, 0) == sizeof random, "no random bytes");
	shr__uuid7(now, random, id);
}

static int64_t wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void floor_create(struct floor *f)
{
	struct job j = { .kind = ACCEPT, .now = wall_ns() };

	pthread_cond_init(&j.cond, NULL);
	fresh_id(j.now, j.op);
	fresh_id(j.now, j.share);
	fresh_id(j.now, j.instance);
	write_job(f, &j);
	j.kind = FINISH;
	j.now = wall_ns();
	write_job(f, &j);
	pthread_cond_destroy(&j.cond);
}

void floor_stats(struct floor *f, uint64_t *ret_commits, uint64_t *ret_jobs)
{
	pthread_mutex_lock(&f->lock);
	*ret_commits = f->commits;
	*ret_jobs = f->jobs;
	pthread_mutex_unlock(&f->lock);
}

int64_t floor_memory(void)
{
	return sqlite3_memory_used();
}

int64_t floor_rows(const char *path)
{
	static const char *const tables[] = { "share", "instance", "export", "op", "hold", "event", "metadata", "rule", "op_item",
		"token", "quota", "pool", "backend", "counter" };
	struct floor f = { 0 };
	int64_t sum = 0;
	char sql[64];

	need(&f, sqlite3_open_v2(path, &f.db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		sqlite3_stmt *s;

		snprintf(sql, sizeof sql, "SELECT count(*) FROM \"%s\"", tables[i]);
		s = prepare(&f, sql);
		need(&f, sqlite3_step(s) == SQLITE_ROW);
		sum += sqlite3_column_int64(s, 0);
		sqlite3_finalize(s);
	}
	sqlite3_close(f.db);
	return sum;
}
