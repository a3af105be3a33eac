/* tests/whole/whole.c - a whole library in a test */
#include "whole.h"

#include "front.h"

#include <dirent.h>
#include <ftw.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/db_own.h"
#include "store/sqlite.h"

static int64_t mono(void *data)
{
	return ((struct whole *)data)->mono_ns;
}

static void take_line(void *data, int level, const char *line)
{
	struct whole *w = data;
	int n = snprintf(w->log + w->n_log, sizeof w->log - w->n_log, "%d %s\n", level, line);

	w->n_log += w->n_log + (size_t)n < sizeof w->log ? (size_t)n : 0;
}

static int seal_key(void *data, const char *key_id, uint8_t ret_key[32], char ret_id[64])
{
	const struct whole *w = data;
	const char *id = key_id[0] ? key_id : w->newest_key;

	if (!id || strlen(id) > 8)
		return -1;
	memset(ret_key, id[strlen(id) - 1], 32);
	snprintf(ret_id, 64, "%s", id);
	return 0;
}

void whole_sleep_ms(unsigned ms)
{
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

void whole_dir(struct whole *w)
{
	const char *tmp = getenv("TMPDIR");

	if (w->dir[0])
		return;
	snprintf(w->dir, sizeof w->dir, "%.100s/libshare-whole-XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(w->dir))
		ck_abort_msg("%s: no directory", w->dir);
}

static int drop(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

void whole_remove(struct whole *w)
{
	if (w->dir[0])
		nftw(w->dir, drop, 16, FTW_DEPTH | FTW_PHYS);
	w->dir[0] = 0;
}

static int open_ctx(struct whole *w, const struct whole_how *how, const struct shr_error **reterr)
{
	struct shr_ctx_params p = SHR_CTX_PARAMS_INIT;
	struct shr_host host = SHR_HOST_INIT;
	struct shr_store *store = NULL;
	char path[256];
	int rc;

	host.data = w;
	host.log = take_line;
	if (how->own_clock)
		host.mono_ns = mono;
	if (how->key)
		host.seal_key = seal_key;
	p.host = &host;
	p.config_text = how->config ? how->config : WHOLE_FAKE;
	if (how->file) {
		whole_dir(w);
		snprintf(path, sizeof path, "%s/store.db", w->dir);
		rc = shr__store_sqlite_vfs(path, SHR_STORE_CREATE, how->vfs, &store, reterr);
		if (rc < 0)
			return rc;
		p.store = store;
	}
	rc = shr_ctx_open(SHR_HEADER_VERSION, &p, &w->ctx, reterr);
	if (rc < 0)
		shr_store_free(store);
	return rc;
}

static int open_session(struct whole *w, uint32_t flags, struct shr_session **ret, const struct shr_error **reterr)
{
	struct shr_session_params p = SHR_SESSION_PARAMS_INIT;
	const char *admin = "admin";

	p.project = "p1";
	p.user = "ann";
	p.roles = &admin;
	p.n_roles = 1;
	p.flags = flags;
	return shr_session_open(w->ctx, &p, ret, reterr);
}

static void look_beside(struct whole *w)
{
	char path[256];

	snprintf(path, sizeof path, "%s/store.db", w->dir);
	if (sqlite3_open_v2(path, &w->looking, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", path, sqlite3_errmsg(w->looking));
	sqlite3_busy_timeout(w->looking, 10000);
}

int whole_try_open(struct whole *w, const struct whole_how *how, const struct shr_error **reterr)
{
	struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;
	int rc;

	w->ctx = NULL;
	w->s = w->host = NULL;
	w->engine = NULL;
	w->newest_key = how->key;
	w->looking = NULL;
	rc = open_ctx(w, how, reterr);
	if (rc < 0)
		return rc;
	if (how->file && !how->vfs)
		look_beside(w);
	if (strstr(how->config ? how->config : WHOLE_FAKE, "driver: fake"))
		rc = shr__plugins_add_driver(w->ctx->env.plugins, &fake_driver, reterr);
	if (rc == 0 && how->config && strstr(how->config, "name: front"))
		rc = shr__plugins_add_exporter(w->ctx->env.plugins, &front_exporter, reterr);
	if (rc == 0)
		rc = open_session(w, 0, &w->s, reterr);
	if (rc == 0)
		rc = open_session(w, SHR_SESSION_SYSTEM, &w->host, reterr);
	w->ctx->env.move = how->move;
	p.workers = how->workers;
	p.name = how->name;
	if (how->backend) {
		p.backends = &how->backend;
		p.n_backends = 1;
	}
	if (rc == 0 && !how->no_engine)
		rc = shr_engine_open(w->ctx, &p, &w->engine, reterr);
	if (rc < 0)
		whole_close(w);
	return rc;
}

void whole_open(struct whole *w, const struct whole_how *how)
{
	const struct shr_error *e = NULL;

	if (whole_try_open(w, how, &e) < 0)
		ck_abort_msg("open: %s%s%s", e->message, e->n_faults ? ": " : "", e->n_faults ? e->faults[0]->message : "");
}

void whole_close(struct whole *w)
{
	sqlite3_close(w->looking);
	w->looking = NULL;
	shr_engine_close(w->engine);
	shr_session_close(w->s);
	shr_session_close(w->host);
	shr_ctx_close(w->ctx);
	w->engine = NULL;
	w->s = w->host = NULL;
	w->ctx = NULL;
}

sqlite3 *whole_db(struct whole *w)
{
	struct shr__sqlite *st = w->ctx->env.db->store->st;

	return w->looking ? w->looking : st->writer->db;
}

int64_t whole_ask(struct whole *w, const char *format, ...)
{
	char sql[1024], path[256];
	sqlite3 *db = NULL;
	va_list args;
	int64_t n;

	va_start(args, format);
	vsnprintf(sql, sizeof sql, format, args);
	va_end(args);
	if (!w->dir[0])
		return invariants_ask(whole_db(w), sql);
	/* A connection of its own: an engine may be at work with the library's. */
	snprintf(path, sizeof path, "%s/store.db", w->dir);
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		ck_abort_msg("%s: %s", path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	n = invariants_ask(db, sql);
	sqlite3_close(db);
	return n;
}

void whole_holds(struct whole *w, unsigned allowed)
{
	ck_assert_int_eq(invariants_broken(whole_db(w), allowed), 0);
}

void whole_step(struct whole *w, int64_t ms)
{
	const struct shr_error *e = NULL;

	if (shr_engine_process(w->engine, 0, &e) < 0)
		shr_error_unref(e);
	w->mono_ns += ms * 1000000;
}

int whole_end(struct whole *w, const char *op_id, const struct shr_op **ret_op)
{
	int rc = 0;

	for (int i = 0; i < 6000; i++) {
		const struct shr_op *op = NULL;

		rc = shr_op_wait(w->host, op_id, w->mono_ns ? 0 : 10, &op, NULL);
		if (op && op->state >= SHR_OP_SUCCEEDED) {
			if (ret_op)
				*ret_op = op;
			else
				shr_op_unref(op);
			return rc;
		}
		shr_op_unref(op);
		if (w->mono_ns)
			whole_step(w, 25);
	}
	ck_abort_msg("operation %s does not end: %s", op_id, shr_strcode(rc));
	return rc;
}

void whole_rest(struct whole *w)
{
	struct shr_op_filter f = SHR_OP_FILTER_INIT;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;

	f.unended = 1;
	list.flags = SHR_LIST_ALL_PROJECTS;
	for (;;) {
		const struct shr_op_page *page = NULL;

		OK(shr_op_list(w->host, &f, &list, &page, &e));
		if (!page->n) {
			shr_op_page_unref(page);
			return;
		}
		whole_end(w, page->items[0]->id, NULL);
		shr_op_page_unref(page);
	}
}

const struct shr_op *whole_try_create(struct whole *w, uint64_t bytes, uint32_t n_rules, const struct shr_error **reterr)
{
	struct shr_access_change *rules = calloc(n_rules + 1, sizeof *rules);
	char (*who)[24] = calloc(n_rules + 1, sizeof *who);
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;
	int rc;

	for (uint32_t i = 0; i < n_rules; i++) {
		snprintf(who[i], sizeof who[i], "10.0.%u.%u", i / 250, i % 250);
		rules[i] = (struct shr_access_change){ .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW,
			.who = who[i] };
	}
	spec.name = "whole";
	spec.bytes = bytes;
	spec.protocols = SHR_PROTO_NFS;
	spec.rule_size = sizeof *rules;
	spec.rules = rules;
	spec.n_rules = n_rules;
	rc = shr_share_create(w->s, &spec, &op, reterr);
	free(rules);
	free(who);
	return rc == 0 ? op : NULL;
}

const struct shr_op *whole_accept(struct whole *w, uint64_t bytes, uint32_t n_rules)
{
	const struct shr_error *e = NULL;
	const struct shr_op *op = whole_try_create(w, bytes, n_rules, &e);

	if (!op)
		ck_abort_msg("create: %s", e->message);
	return op;
}

void whole_create(struct whole *w, uint64_t bytes, uint32_t n_rules, char ret_id[40])
{
	const struct shr_op *op = whole_accept(w, bytes, n_rules), *end = NULL;

	if (whole_end(w, op->id, &end) != 0)
		ck_abort_msg("create: %s", end->error->message);
	snprintf(ret_id, 40, "%s", op->object_id);
	shr_op_unref(end);
	shr_op_unref(op);
}

const struct shr_share *whole_share(struct whole *w, const char *id)
{
	const struct shr_share *share = NULL;

	OK(shr_share_get(w->host, id, &share, &e));
	return share;
}

const struct shr_op *whole_op(struct whole *w, const char *id)
{
	const struct shr_op *op = NULL;

	OK(shr_op_get(w->host, id, &op, &e));
	return op;
}

int whole_has_event(struct whole *w, const char *kind, const char *object_id)
{
	char after[128] = "";
	int n = 0, more;

	do {
		const struct shr_event_page *page = NULL;

		OK(shr_event_read(w->host, after[0] ? after : NULL, 1000, SHR_LIST_ALL_PROJECTS, object_id, &page, &e));
		for (uint32_t i = 0; i < page->n; i++)
			n += strcmp(page->items[i]->kind, kind) == 0;
		snprintf(after, sizeof after, "%s", page->after);
		more = page->n > 0;
		shr_event_page_unref(page);
	} while (more);
	return n;
}
