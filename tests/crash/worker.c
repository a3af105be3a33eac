/* tests/crash/worker.c - callers at random work until they are killed, and what they noted of it */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libshare/libshare.h"
#include "crash/worker.h"
#include "whole/invariants.h"

#define CALLERS 3
#define MOST_SHARES 20000

void crash_place(struct crash_place *place, const char *base)
{
	snprintf(place->base, sizeof place->base, "%s", base);
	snprintf(place->config, sizeof place->config, "%s/c.yaml", place->base);
	snprintf(place->notes, sizeof place->notes, "%s/notes", place->base);
}

void crash_die(const char *what, const struct shr_error *error)
{
	fprintf(stderr, "%s: %s\n", what, error ? error->message : strerror(errno));
	exit(1);
}

struct caller {
	struct shr_session *session;
	unsigned seed;
	int notes;
};

static void note(struct caller *c, char what, const char *id)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%c %s\n", what, id);

	if (write(c->notes, line, (size_t)n) != n)
		_exit(2);
}

static void create(struct caller *c)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	struct shr_access_change rules[2] = { { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" },
		{ .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RO, .who = "fd00::/16" } };
	const struct shr_op *op;

	spec.name = "crash";
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.rule_size = sizeof rules[0];
	spec.rules = rules;
	spec.n_rules = (uint32_t)rand_r(&c->seed) % 3;
	if (shr_share_create(c->session, &spec, &op, NULL) < 0)
		return;
	note(c, 'C', op->object_id);
	if (rand_r(&c->seed) % 2 && shr_op_wait(c->session, op->id, 200, NULL, NULL) == 0)
		note(c, 'W', op->object_id);
	shr_op_unref(op);
}

static void change_rules(struct caller *c, const char *id)
{
	struct shr_access_change change = { .verb = rand_r(&c->seed) % 3 ? SHR_SET : SHR_DENY, .type = SHR_ACCESS_IP,
		.level = 1 + (uint32_t)rand_r(&c->seed) % 2 };
	struct shr_access_params params = SHR_ACCESS_PARAMS_INIT;
	char who[32];

	snprintf(who, sizeof who, "10.1.0.%d", rand_r(&c->seed) % 8);
	change.who = who;
	params.changes = &change;
	params.n_changes = 1;
	if (shr_access_apply(c->session, id, &params, NULL, NULL) < 0)
		return;
}

static void change_one(struct caller *c, const char *id)
{
	int rc;

	switch (rand_r(&c->seed) % 10) {
	case 0:
	case 1:
		note(c, 'd', id);
		rc = shr_share_delete(c->session, id, NULL, NULL, NULL);
		break;
	case 2:
		note(c, 'd', id);
		rc = shr_share_force_delete(c->session, id, NULL, NULL, NULL);
		break;
	case 3:
	case 4:
		rc = shr_share_extend(c->session, id, (1 << 20) + (uint64_t)rand_r(&c->seed), NULL, NULL, NULL);
		break;
	case 5:
		rc = shr_share_shrink(c->session, id, 1 + (uint64_t)rand_r(&c->seed) % (1 << 20), NULL, NULL, NULL);
		break;
	default:
		change_rules(c, id);
		rc = 0;
	}
	(void)rc; /* refusals are part of the life of such a store */
}

static void *call(void *data)
{
	struct caller *c = data;
	struct shr_list_params list = SHR_LIST_PARAMS_INIT;
	const struct shr_share_page *page;

	list.limit = 20;
	list.flags = SHR_LIST_NEWEST_FIRST;
	for (;;) {
		if (rand_r(&c->seed) % 3 == 0)
			create(c);
		if (shr_share_list(c->session, NULL, &list, &page, NULL) < 0)
			continue;
		if (page->n)
			change_one(c, page->items[(uint32_t)rand_r(&c->seed) % page->n]->id);
		shr_share_page_unref(page);
	}
	return NULL;
}

struct shr_ctx *crash_open(const char *config, struct shr_engine **ret_engine, struct shr_session **ret_session)
{
	struct shr_ctx_params cp = SHR_CTX_PARAMS_INIT;
	struct shr_engine_params ep = SHR_ENGINE_PARAMS_INIT;
	struct shr_session_params sp = SHR_SESSION_PARAMS_INIT;
	const struct shr_error *error;
	const char *admin = "admin";
	struct shr_ctx *ctx;

	cp.config_path = config;
	cp.flags = SHR_CTX_CREATE;
	if (shr_ctx_open(SHR_HEADER_VERSION, &cp, &ctx, &error) < 0)
		crash_die("shr_ctx_open", error);
	ep.workers = 2;
	if (shr_engine_open(ctx, &ep, ret_engine, &error) < 0)
		crash_die("shr_engine_open", error);
	sp.project = "crash";
	sp.roles = &admin;
	sp.n_roles = 1;
	if (shr_session_open(ctx, &sp, ret_session, &error) < 0)
		crash_die("shr_session_open", error);
	return ctx;
}

int crash_worker(const struct crash_place *place, unsigned seed)
{
	struct caller callers[CALLERS];
	struct shr_session *session;
	struct shr_engine *engine;
	pthread_t threads[CALLERS];
	int fd;

	crash_open(place->config, &engine, &session);
	fd = open(place->notes, O_WRONLY | O_APPEND | O_CREAT, 0600);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ session, seed + (unsigned)i, fd };
		pthread_create(&threads[i], NULL, call, &callers[i]);
	}
	pthread_join(threads[0], NULL);
	return 0;
}

/* ---- afterwards ---- */

struct known {
	char id[40];
	int created, deleted;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->id, ((const struct known *)b)->id);
}

/* What was acknowledged and never asked to go is there. */
int crash_notes_broken(const struct crash_place *place, sqlite3 *db)
{
	struct known *all = calloc(MOST_SHARES * 4, sizeof *all);
	char line[128], sql[128];
	size_t n = 0, lost = 0, kept = 0;
	FILE *f = fopen(place->notes, "r");

	while (f && n < MOST_SHARES * 4 && fgets(line, sizeof line, f)) {
		if (strlen(line) != 39)
			continue; /* torn by the kill */
		memcpy(all[n].id, line + 2, 36);
		all[n].created = line[0] == 'C' || line[0] == 'W';
		all[n++].deleted = line[0] == 'd';
	}
	if (f)
		fclose(f);
	qsort(all, n, sizeof *all, by_id);
	for (size_t i = 0, j; i < n; i = j) {
		int created = 0, deleted = 0;

		for (j = i; j < n && strcmp(all[j].id, all[i].id) == 0; j++) {
			created |= all[j].created;
			deleted |= all[j].deleted;
		}
		if (!created || deleted)
			continue;
		snprintf(sql, sizeof sql, "SELECT count(*) FROM share WHERE id='%s'", all[i].id);
		kept++;
		lost += invariants_ask(db, sql) != 1;
	}
	free(all);
	if (lost)
		printf("not ok: %zu acknowledged shares are lost\n", lost);
	printf("%zu acknowledged shares are there\n", kept);
	return lost != 0;
}

int crash_round(const char *const args[], int most_ms)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv("/proc/self/exe", (char *const *)(uintptr_t)args);
		_exit(98);
	}
	usleep(2000 + (useconds_t)(rand() % (most_ms * 1000)));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status))
		return 0;
	printf("not ok: the worker ended by itself: %d\n", WEXITSTATUS(status));
	return 1;
}
