/* lib/flow/numbers.c - numbers that an exporter knows shares by: each once for a server, and never soon again */
#include "flow/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fail.h"
#include "flow/accept.h"

#define MOST INT64_C(65535)

/* What was given out last, for ever: a name of the counter table that no event counter has. */
static int next_fresh(struct shr__txn *t, const char *server, int64_t *ret)
{
	char name[300];
	struct shr__counter_row row = { name, 0 };
	int rc;

	snprintf(name, sizeof name, "export_number/%s", server);
	rc = shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, 1, 0, MOST, ret);
	if (rc != SHR_ENOTFOUND)
		return rc;
	rc = shr__txn_insert_if_absent(t, &shr__counter_def, &row);
	return rc < 0 ? rc : shr__txn_add(t, &shr__counter_def, &row, SHR__N_counter_value, 1, 0, MOST, ret);
}

static int take_first(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__export_number_row *)data = *(const struct shr__export_number_row *)row;
	return 1;
}

static int refuse(const char *server, const struct shr__export_number_row *first, int64_t now_ns, int64_t rest_ns,
	const struct shr_error **reterr)
{
	int64_t left = first->number ? (first->freed_ns + rest_ns - now_ns) / INT64_C(1000000000) + 1 : 0;

	if (left > 0)
		return shr__fail_do(reterr, SHR_ENOSPC, "wait, or place the share behind another server",
			"server %s has given out all of its %" PRId64 " export numbers; the next one has rested enough in %" PRId64 " s",
			server, MOST, left);
	return shr__fail_do(reterr, SHR_ENOSPC, "delete shares there, or place the share behind another server",
		"server %s has given out all of its %" PRId64 " export numbers", server, MOST);
}

/* Numbers that never were first: then what was let go rests for as long as it can. */
int shr__number_take(struct shr__txn *t, const char *server, const char *share_id, int64_t now_ns, int64_t rest_ms,
	int64_t *ret, const struct shr_error **reterr)
{
	struct shr__export_number_row row = { .server = server, .share_id = share_id }, from = { .server = server, .share_id = "" };
	struct shr__export_number_row first = { 0 };
	int64_t rest_ns = rest_ms * 1000000;
	int rc = next_fresh(t, server, &row.number);

	if (rc == 0) {
		*ret = row.number;
		return shr__txn_insert(t, &shr__export_number_def, &row);
	}
	if (rc != SHR_EQUOTA)
		return rc;
	rc = shr__txn_scan(t, &shr__export_number_def, SHR__I_export_number_by_share, &from, 2, 2, 0, 1, take_first, &first);
	if (rc < 0)
		return rc;
	if (!first.number || now_ns - first.freed_ns < rest_ns)
		return refuse(server, &first, now_ns, rest_ns, reterr);
	row.number = *ret = first.number;
	return shr__txn_update(t, &shr__export_number_def, &row,
		SHR__COL(export_number, share_id) | SHR__COL(export_number, freed_ns));
}

int shr__number_free(struct shr__txn *t, const char *server, int64_t number, const char *share_id, int64_t now_ns)
{
	struct shr__export_number_row row = { .server = server, .number = number };
	int rc;

	if (!number)
		return 0;
	rc = shr__txn_get(t, &shr__export_number_def, &row);
	if (rc < 0 || strcmp(row.share_id, share_id) != 0) /* somebody else's by now */
		return rc == SHR_ENOTFOUND ? 0 : rc;
	row.share_id = "";
	row.freed_ns = now_ns;
	return shr__txn_update(t, &shr__export_number_def, &row,
		SHR__COL(export_number, share_id) | SHR__COL(export_number, freed_ns));
}

int shr__number_give(struct shr__txn *t, const char *server, int64_t number, const char *from, const char *to)
{
	struct shr__export_number_row row = { .server = server, .number = number };
	int rc;

	if (!number || !strcmp(from, to))
		return 0;
	rc = shr__txn_get(t, &shr__export_number_def, &row);
	if (rc < 0)
		return rc == SHR_ENOTFOUND ? 0 : rc;
	row.share_id = to;
	return shr__txn_update(t, &shr__export_number_def, &row, SHR__COL(export_number, share_id));
}

int shr__accept_number_of(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__backend_row backend = { .name = a->instance.backend };
	int rc;

	if (!a->instance.id || a->instance.export_number)
		return 0;
	rc = shr__txn_get(t, &shr__backend_def, &backend);
	if (rc < 0 || !backend.number_server[0])
		return rc == SHR_ENOTFOUND ? 0 : rc;
	a->instance.number_server = backend.number_server;
	rc = shr__number_take(t, backend.number_server, a->object_id, a->now_ns, a->env->config->number_rest_ms,
		&a->instance.export_number, reterr);
	return rc < 0 ? rc : 1;
}

int shr__accept_number(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	if (!a->place.number_server[0])
		return 0;
	a->instance.number_server = a->place.number_server;
	return shr__number_take(t, a->place.number_server, a->object_id, a->now_ns, a->env->config->number_rest_ms,
		&a->instance.export_number, reterr);
}
