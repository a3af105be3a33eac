/* examples/sharectl/share.c - shares as they are shown, listed and made */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "table.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct ctl_noun ctl_share_noun = { "share", ctl_share_id, ctl_share_print };

void ctl_metadata(struct ctl_table *t, const struct shr_pair *const *pairs, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		ctl_field(t, i ? "" : "metadata", "%s=%s", pairs[i]->key, pairs[i]->value);
}

void ctl_exports(struct ctl_table *t, const struct shr_export *const *exports, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct shr_export *e = exports[i];

		ctl_field(t, i ? "" : "exports", "%s %s%s%s%s", shr_proto_name(e->protocol), e->path,
			e->flags & SHR_EXPORT_PREFERRED ? " preferred" : "", e->flags & SHR_EXPORT_READONLY ? " readonly" : "",
			e->flags & SHR_EXPORT_ADMIN_ONLY ? " admin-only" : "");
	}
}

/* What it has of snapshots, and of the one that it was made from. */
static void snapshots(struct ctl_table *t, const struct shr_share *s)
{
	if (*s->snapshot_id)
		ctl_field(t, "from", "snapshot %s%s", s->snapshot_id, s->flags & SHR_SHARE_READONLY ? ", read-only" : "");
	if (s->n_snapshots)
		ctl_field(t, "snapshots", "%" PRIu64, s->n_snapshots);
	if (s->snapshot_access != SHR_SNAPSHOT_ACCESS_NONE)
		ctl_field(t, "snapshot access", "%s", shr_snapshot_access_name(s->snapshot_access));
}

static void show(const struct shr_share *s)
{
	char text[CTL_TEXT];
	struct ctl_table t;

	ctl_table_begin(&t, NULL, 2);
	ctl_field(&t, "id", "%s", s->id);
	ctl_field(&t, "name", "%s", s->name);
	if (*s->description)
		ctl_field(&t, "description", "%s", s->description);
	ctl_field(&t, "project", "%s", s->project);
	ctl_field(&t, "state", "%s%s%s", shr_share_state_name(s->state), *s->reason ? ": " : "", s->reason);
	ctl_field(&t, "size", "%s", ctl_size_text(text, s->bytes));
	ctl_field(&t, "protocols", "%s", ctl_bits_text(text, s->protocols, shr_proto_name));
	ctl_field(&t, "pool", "%s/%s", s->backend, s->pool);
	if (*s->zone)
		ctl_field(&t, "zone", "%s", s->zone);
	ctl_exports(&t, s->exports, s->n_exports);
	ctl_metadata(&t, s->metadata, s->n_metadata);
	snapshots(&t, s);
	ctl_field(&t, "rules", "%" PRIu64 "%s", s->n_rules, s->access_applied == s->access_revision ? "" :
		", not all in force yet");
	if (s->n_locks)
		ctl_field(&t, "locks", "%" PRIu64, s->n_locks);
	if (*s->op_id)
		ctl_field(&t, "operation", "%s", s->op_id);
	ctl_field(&t, "version", "%" PRIu64, s->version);
	ctl_field(&t, "created", "%s", ctl_time_text(text, s->created_ns));
	ctl_field(&t, "updated", "%s", ctl_time_text(text, s->updated_ns));
	ctl_table_end(&t);
}

int ctl_share_print(struct ctl *c, const char *id)
{
	const struct shr_share *share = NULL;
	const struct shr_error *error = NULL;
	int rc = shr_share_get(c->session, id, &share, &error), status = CTL_OK;

	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (ctl_has(c, OPT_JSON))
		status = ctl_json(c, shr_share_json(share));
	else
		show(share);
	shr_share_unref(share);
	return status;
}

int ctl_share_show(struct ctl *c)
{
	char id[64];
	int status = ctl_share_id(c, c->argv[0], id);

	return status ? status : ctl_share_print(c, id);
}

/* ---- list ---- */

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	struct shr_share_filter filter = SHR_SHARE_FILTER_INIT;
	const char *meta = ctl_text(c, OPT_META), *equals = meta ? strchr(meta, '=') : NULL;
	const struct shr_share_page *page = NULL;
	char *key = meta ? ctl_format("%.*s", equals ? (int)(equals - meta) : (int)strlen(meta), meta) : NULL;
	int rc;

	filter.state = (uint32_t)ctl_number(c, OPT_STATE, 0);
	filter.name = ctl_text(c, OPT_NAME);
	filter.backend = ctl_text(c, OPT_BACKEND);
	filter.pool = ctl_text(c, OPT_POOL);
	filter.key = key;
	filter.value = equals ? equals + 1 : NULL;
	rc = shr_share_list(c->session, &filter, list, &page, reterr);
	free(key);
	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_share *s = item;
	char text[CTL_TEXT];

	ctl_cell(t, "%s", s->id);
	ctl_cell(t, "%s", s->name);
	ctl_cell(t, "%s", s->project);
	ctl_cell(t, "%s", shr_share_state_name(s->state));
	ctl_cell(t, "%s", ctl_size_text(text, s->bytes));
	ctl_cell(t, "%s", ctl_bits_text(text, s->protocols, shr_proto_name));
	ctl_cell(t, "%s/%s", s->backend, s->pool);
	ctl_cell(t, "%" PRIu64, s->n_rules);
}

static char *json(const void *item)
{
	return shr_share_json(item);
}

static void unref(const void *page)
{
	shr_share_page_unref(page);
}

int ctl_share_list(struct ctl *c)
{
	static const char *const headings[] = { "ID", "NAME", "PROJECT", "STATE", "SIZE>", "PROTOCOLS", "POOL", "RULES>" };
	static const struct ctl_listing listing = { headings, 8, fetch, row, json, unref };

	return ctl_list(c, &listing);
}

/* ---- create ---- */

/* "10.0.0.0/24=ro" cuts WORD into who and level. */
static int one_rule(struct ctl *c, char *word, struct shr_access_change *ret)
{
	char *equals = strrchr(word, '=');
	int64_t level = SHR_LEVEL_RW;

	if (equals && ctl_parse_level(equals + 1, &level) < 0)
		return ctl_usage(c, "--allow: \"%s\" is not rw or ro", equals + 1);
	if (equals)
		*equals = '\0';
	*ret = (struct shr_access_change){ .verb = SHR_ALLOW, .type = (uint32_t)ctl_number(c, OPT_TYPE, SHR_ACCESS_IP),
		.level = (uint32_t)level, .who = word };
	return CTL_OK;
}

static int create(struct ctl *c, struct shr_share_spec *spec)
{
	const struct shr_op *op = NULL;
	const struct shr_error *error = NULL;
	int rc = shr_share_create(c->session, spec, &op, &error), done = 0, status;
	char id[64] = "";

	if (rc == 0)
		snprintf(id, sizeof id, "%s", op->object_id);
	status = ctl_finish(c, rc, op, error, &done);
	if (!status && done)
		status = ctl_share_print(c, id);
	if (status || !spec->n_rules || ctl_has(c, OPT_NO_WAIT))
		return status;
	/* The share is there all the same when a rule was refused: that is told, too. */
	rc = shr_access_wait(c->session, id, 0, 0, &error);
	return rc < 0 ? ctl_fail(c, rc, error) : status;
}

/* All --allow as rules; WORDS are their own, to be cut. */
static int read_rules(struct ctl *c, struct shr_access_change *rules, char **words)
{
	const struct ctl_value *allow = &c->given[OPT_ALLOW];
	int status = CTL_OK;

	for (int i = 0; i < allow->n && !status; i++) {
		words[i] = ctl_format("%s", allow->words[i]);
		status = one_rule(c, words[i], &rules[i]);
	}
	return status;
}

static int create_with(struct ctl *c, const struct shr_access_change *rules, int64_t bytes, const char *snapshot)
{
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	int status;

	spec.metadata = ctl_pairs(c, OPT_META, &spec.n_metadata);
	if (!spec.metadata)
		return CTL_USAGE;
	spec.token = ctl_text(c, OPT_TOKEN);
	spec.name = c->argv[0];
	spec.description = ctl_text(c, OPT_DESCRIPTION);
	spec.bytes = (uint64_t)bytes;
	spec.protocols = (uint64_t)ctl_number(c, OPT_PROTO, snapshot ? 0 : SHR_PROTO_NFS);
	spec.snapshot = snapshot;
	spec.snapshot_access = (uint32_t)ctl_number(c, OPT_SNAPSHOT_ACCESS, SHR_SNAPSHOT_ACCESS_DEFAULT);
	spec.flags = ctl_has(c, OPT_READONLY) ? SHR_SHARE_READONLY : 0;
	spec.zone = ctl_text(c, OPT_ZONE);
	spec.backend = ctl_text(c, OPT_BACKEND);
	spec.pool = ctl_text(c, OPT_POOL);
	spec.rule_size = sizeof *rules;
	spec.rules = rules;
	spec.n_rules = (uint32_t)c->given[OPT_ALLOW].n;
	status = create(c, &spec);
	free((void *)spec.metadata);
	return status;
}

/* Only a share that begins with a snapshot has a size without being given one, and can be read-only. */
static int check_origin(struct ctl *c, int64_t *ret_bytes)
{
	if (!ctl_has(c, OPT_FROM) && c->argc < 2)
		return ctl_usage(c, "share create wants: NAME SIZE, or NAME with --from SNAPSHOT");
	if (!ctl_has(c, OPT_FROM) && ctl_has(c, OPT_READONLY))
		return ctl_usage(c, "--readonly goes with --from: an empty share would be empty for ever");
	if (c->argc > 1 && ctl_parse_size(c->argv[1], ret_bytes) < 0)
		return ctl_usage(c, "\"%s\" is not a size like 10GiB", c->argv[1]);
	return CTL_OK;
}

int ctl_share_create(struct ctl *c)
{
	int n = c->given[OPT_ALLOW].n, status;
	struct shr_access_change *rules;
	char **words, snapshot[64];
	int64_t bytes = 0;

	status = check_origin(c, &bytes);
	if (!status && ctl_has(c, OPT_FROM))
		status = ctl_snapshot_id(c, NULL, ctl_text(c, OPT_FROM), snapshot);
	if (status)
		return status;
	rules = ctl_alloc((size_t)n * sizeof *rules);
	words = ctl_alloc((size_t)n * sizeof *words);
	status = read_rules(c, rules, words);
	if (!status)
		status = create_with(c, rules, bytes, ctl_has(c, OPT_FROM) ? snapshot : NULL);
	for (int i = 0; i < n; i++)
		free(words[i]);
	free(words);
	free(rules);
	return status;
}
