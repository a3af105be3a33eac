/* examples/sharectl/snapshot.c - snapshots as they are shown, listed and cut */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int by_id(struct ctl *c, const char *word, char ret[64])
{
	return ctl_snapshot_id(c, NULL, word, ret);
}

const struct ctl_noun ctl_snapshot_noun = { "snapshot", by_id, ctl_snapshot_print };

static void show(const struct shr_snapshot *s)
{
	char text[CTL_TEXT];
	struct ctl_table t;

	ctl_table_begin(&t, NULL, 2);
	ctl_field(&t, "id", "%s", s->id);
	ctl_field(&t, "name", "%s", s->name);
	if (*s->description)
		ctl_field(&t, "description", "%s", s->description);
	ctl_field(&t, "project", "%s", s->project);
	ctl_field(&t, "share", "%s", s->share_id);
	ctl_field(&t, "state", "%s%s%s", shr_snapshot_state_name(s->state), *s->reason ? ": " : "", s->reason);
	ctl_field(&t, "size", "%s", ctl_size_text(text, s->bytes));
	ctl_field(&t, "protocols", "%s", ctl_bits_text(text, s->protocols, shr_proto_name));
	ctl_field(&t, "pool", "%s/%s", s->backend, s->pool);
	ctl_field(&t, "cut", "%s", ctl_time_text(text, s->cut_ns));
	ctl_field(&t, "ready", "%s", ctl_time_text(text, s->ready_ns));
	ctl_field(&t, "access", "%s", shr_snapshot_access_name(s->access));
	ctl_exports(&t, s->exports, s->n_exports);
	ctl_metadata(&t, s->metadata, s->n_metadata);
	ctl_field(&t, "rules", "%" PRIu64 "%s", s->n_rules, s->access_applied == s->access_revision ||
		s->access == SHR_SNAPSHOT_ACCESS_NONE ? "" : ", not all in force yet");
	ctl_field(&t, "shares", "%" PRIu64, s->n_shares);
	if (*s->op_id)
		ctl_field(&t, "operation", "%s", s->op_id);
	ctl_field(&t, "version", "%" PRIu64, s->version);
	ctl_field(&t, "created", "%s", ctl_time_text(text, s->created_ns));
	ctl_field(&t, "updated", "%s", ctl_time_text(text, s->updated_ns));
	ctl_table_end(&t);
}

int ctl_snapshot_print(struct ctl *c, const char *id)
{
	const struct shr_snapshot *snapshot = NULL;
	const struct shr_error *error = NULL;
	int rc = shr_snapshot_get(c->session, id, &snapshot, &error), status = CTL_OK;

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_JSON))
		status = ctl_json(c, shr_snapshot_json(snapshot));
	else
		show(snapshot);
	shr_snapshot_unref(snapshot);
	return status;
}

int ctl_snapshot_show(struct ctl *c)
{
	char id[64];
	int status = by_id(c, c->argv[0], id);

	return status ? status : ctl_snapshot_print(c, id);
}

/* ---- list ---- */

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	struct shr_snapshot_filter filter = SHR_SNAPSHOT_FILTER_INIT;
	const struct shr_snapshot_page *page = NULL;
	int rc;

	filter.state = (uint32_t)ctl_number(c, OPT_STATE, 0);
	filter.name = ctl_text(c, OPT_NAME);
	filter.share_id = c->argc ? c->argv[0] : NULL;
	rc = shr_snapshot_list(c->session, &filter, list, &page, reterr);
	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_snapshot *s = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", s->id);
	ctl_cell(t, "%s", s->name);
	ctl_cell(t, "%s", s->share_id);
	ctl_cell(t, "%s", shr_snapshot_state_name(s->state));
	ctl_cell(t, "%s", ctl_size_text(text, s->bytes));
	ctl_cell(t, "%s", ctl_time_text(text, s->cut_ns));
	ctl_cell(t, "%s", shr_snapshot_access_name(s->access));
	ctl_cell(t, "%" PRIu64, s->n_shares);
}

static char *json(const void *item)
{
	return shr_snapshot_json(item);
}

static void unref(const void *page)
{
	shr_snapshot_page_unref(page);
}

int ctl_snapshot_list(struct ctl *c)
{
	static const char *const headings[] = { "ID", "NAME", "SHARE", "STATE", "SIZE>", "CUT", "ACCESS", "SHARES>" };
	static const struct ctl_listing listing = { headings, 8, fetch, row, json, unref };
	char id[64];
	int status = c->argc ? ctl_share_id(c, c->argv[0], id) : CTL_OK;

	if (c->argc)
		c->argv[0] = id;
	return status ? status : ctl_list(c, &listing);
}

/* ---- those that begin ---- */

int ctl_snapshot_create(struct ctl *c)
{
	struct shr_snapshot_spec spec = SHR_SNAPSHOT_SPEC_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char share[64], id[64] = "";
	int rc, status = ctl_share_id(c, c->argv[0], share);

	if (status)
		return status;
	spec.metadata = ctl_pairs(c, OPT_META, &spec.n_metadata);
	if (!spec.metadata)
		return CTL_USAGE;
	spec.token = ctl_text(c, OPT_TOKEN);
	spec.name = c->argc > 1 ? c->argv[1] : NULL;
	spec.description = ctl_text(c, OPT_DESCRIPTION);
	spec.access = (uint32_t)ctl_number(c, OPT_ACCESS, SHR_SNAPSHOT_ACCESS_DEFAULT);
	rc = shr_snapshot_create(c->session, share, &spec, &op, &error);
	if (rc == 0)
		snprintf(id, sizeof id, "%s", op->object_id);
	free((void *)spec.metadata);
	return ctl_changed(c, &ctl_snapshot_noun, rc, op, error, id, NULL);
}

int ctl_snapshot_manage(struct ctl *c)
{
	struct shr_snapshot_manage_params p = SHR_SNAPSHOT_MANAGE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char share[64], id[64] = "";
	int rc, status = ctl_share_id(c, c->argv[0], share);

	if (status)
		return status;
	p.token = ctl_text(c, OPT_TOKEN);
	p.source = c->argv[1];
	p.name = ctl_text(c, OPT_NAME);
	p.description = ctl_text(c, OPT_DESCRIPTION);
	rc = shr_snapshot_manage(c->session, share, &p, &op, &error);
	if (rc == 0)
		snprintf(id, sizeof id, "%s", op->object_id);
	return ctl_changed(c, &ctl_snapshot_noun, rc, op, error, id, NULL);
}
