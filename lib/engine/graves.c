/* lib/engine/graves.c - rows of engines that died while they owned nothing: nobody takes over from those */
#include <stdio.h>
#include <string.h>

#include "engine/engine_own.h"

struct look {
	struct shr_engine *e;
	int64_t now;
	const char *me;
	char dead[SHR__UUID_ROOM]; /* found; "" none */
};

/* The same rule as for owners (own.c), three times as patient: the beat has not moved on this engine's own clock. */
static int is_dead(struct shr_engine *e, const struct shr__engine_row *row, int64_t now)
{
	struct shr__grave *free_one = NULL;

	for (uint32_t i = 0; i < SHR__GRAVES; i++) {
		struct shr__grave *g = &e->graves[i];

		if (strcmp(g->id, row->id) == 0 && g->beat == row->beat)
			return now - g->since > row->lease_ms * 4500000;
		if (!g->id[0] || strcmp(g->id, row->id) == 0 || now - g->since > INT64_C(3600000000000))
			free_one = g;
	}
	if (free_one) {
		snprintf(free_one->id, sizeof free_one->id, "%s", row->id);
		free_one->beat = row->beat;
		free_one->since = now;
	}
	return 0;
}

static int look_at_engine(struct shr__txn *t, const void *data, void *plook)
{
	const struct shr__engine_row *row = data;
	struct look *look = plook;

	if (strcmp(row->id, look->me) == 0 || strlen(row->id) >= sizeof look->dead || row->lease_ms < 0 ||
		row->lease_ms > 600000 || !is_dead(look->e, row, look->now))
		return 0;
	strcpy(look->dead, row->id);
	return 1;
}

static int look_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *look = data;
	struct shr__engine_row from = { .id = "" };
	int rc;

	look->dead[0] = 0;
	rc = shr__txn_scan(t, &shr__engine_def, 0, &from, 0, 0, 0, 200, look_at_engine, look);
	return rc < 0 ? rc : 0;
}

static int owns(struct shr__txn *t, const void *data, void *plook)
{
	const struct shr__backend_row *row = data;
	struct look *look = plook;

	if (strcmp(row->engine, look->dead) == 0)
		look->dead[0] = 0; /* whoever wants that backend takes it over, and removes the row */
	return 0;
}

static int remove_body(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	struct look *look = data;
	struct shr__backend_row from = { .name = "" };
	struct shr__engine_row row = { .id = look->dead };
	int rc = shr__txn_scan(t, &shr__backend_def, 0, &from, 0, 0, 0, 1000, owns, look);

	if (rc < 0 || !look->dead[0])
		return rc < 0 ? rc : 0;
	rc = shr__txn_remove(t, &shr__engine_def, &row);
	return rc == SHR_ENOTFOUND ? 0 : rc;
}

void shr__graves_task(struct shr_engine *e)
{
	struct shr__arena *arena = shr__arena_new();
	struct look look = { .e = e, .now = shr__engine_mono(e), .me = e->id };
	struct shr__job job = { .body = remove_body, .data = &look, .arena = arena };

	if (!arena)
		return;
	pthread_mutex_unlock(&e->lock);
	if (shr__db_read(e->env->db, arena, look_body, &look, NULL) == 0 && look.dead[0])
		shr__db_write(e->env->db, &job);
	shr_error_unref(job.error);
	pthread_mutex_lock(&e->lock);
	shr__arena_free(arena);
}
