/* examples/sharectl/access.c - rules: allow, deny, set, list, wait */
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

int ctl_access_send(struct ctl *c, const char *share_id, const struct shr_access_change *changes, uint32_t n)
{
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char object[16] = "";
	int rc, done = 0, status;

	p.token = ctl_text(c, OPT_TOKEN);
	p.if_version = (uint64_t)ctl_number(c, OPT_IF_VERSION, 0);
	p.if_revision = (uint64_t)ctl_number(c, OPT_IF_REVISION, 0);
	p.changes = changes;
	p.n_changes = n;
	rc = shr_access_apply(c->session, share_id, &p, &op, &error);
	if (rc == 0)
		snprintf(object, sizeof object, "%s", op->object);
	status = ctl_finish(c, rc, op, error, &done);
	if (done)
		printf("%s %s: %u change%s of rules in force\n", object, share_id, (unsigned)n, n == 1 ? "" : "s");
	return status;
}

/* The words behind SHARE, each one change. */
static int change(struct ctl *c, uint32_t verb, uint32_t level)
{
	uint32_t n = (uint32_t)c->argc - 1, n_metadata = 0;
	struct shr_access_change *changes = ctl_alloc(n * sizeof *changes);
	const char **metadata = ctl_pairs(c, OPT_META, &n_metadata);
	int status = metadata ? CTL_OK : CTL_USAGE;
	char id[64];

	for (uint32_t i = 0; i < n; i++) {
		const char *word = c->argv[1 + i];
		int by_id = verb != SHR_ALLOW && ctl_is_id(word);

		changes[i] = (struct shr_access_change){ .verb = verb, .level = level, .n_metadata = n_metadata,
			.metadata = metadata,
			.id = by_id ? word : NULL, .who = by_id ? NULL : word,
			.type = by_id ? 0 : (uint32_t)ctl_number(c, OPT_TYPE, SHR_ACCESS_IP),
			.squash = (uint32_t)ctl_number(c, OPT_SQUASH, SHR_SQUASH_DEFAULT),
			.priority = (int32_t)ctl_number(c, OPT_PRIORITY, 0) };
	}
	if (!status && llabs(ctl_number(c, OPT_PRIORITY, 0)) > INT32_MAX)
		status = ctl_usage(c, "--priority: the number is too great");
	if (!status)
		status = ctl_either_id(c, c->argv[0], id);
	if (!status)
		status = ctl_access_send(c, id, changes, n);
	free(metadata);
	free(changes);
	return status;
}

int ctl_access_allow(struct ctl *c)
{
	return change(c, SHR_ALLOW, (uint32_t)ctl_number(c, OPT_LEVEL, SHR_LEVEL_RW));
}

int ctl_access_set(struct ctl *c)
{
	if (!ctl_has(c, OPT_LEVEL))
		return ctl_usage(c, "access set wants --level rw or --level ro");
	return change(c, SHR_SET, (uint32_t)ctl_number(c, OPT_LEVEL, 0));
}

int ctl_access_deny(struct ctl *c)
{
	return change(c, SHR_DENY, 0);
}

/* ---- list ---- */

static int fetch(struct ctl *c, const struct shr_list_params *list, struct ctl_page *ret,
	const struct shr_error **reterr)
{
	const struct shr_rule_page *page = NULL;
	int rc = shr_access_list(c->session, c->argv[0], list, &page, reterr);

	if (rc == 0)
		*ret = (struct ctl_page){ page->n, 0, (const void *const *)page->items, page->after, page };
	return rc;
}

static void row(struct ctl_table *t, const void *item)
{
	const struct shr_rule *r = item;

	ctl_cell(t, "%s", r->id);
	ctl_cell(t, "%s", shr_access_type_name(r->type));
	ctl_cell(t, "%s", r->who);
	ctl_cell(t, "%s", shr_level_name(r->level));
	ctl_cell(t, "%s", shr_squash_name(r->squash));
	ctl_cell(t, "%" PRId32, r->priority);
	ctl_cell(t, "%s%s%s", shr_rule_state_name(r->state), *r->reason ? ": " : "", r->reason);
}

static char *json(const void *item)
{
	return shr_rule_json(item);
}

static void unref(const void *page)
{
	shr_rule_page_unref(page);
}

int ctl_access_list(struct ctl *c)
{
	static const char *const headings[] = { "ID", "TYPE", "WHO", "LEVEL", "SQUASH", "PRIORITY>", "STATE" };
	static const struct ctl_listing listing = { headings, 7, fetch, row, json, unref };
	char id[64];
	int status = ctl_either_id(c, c->argv[0], id);

	c->argv[0] = id;
	return status ? status : ctl_list(c, &listing);
}

/* ---- wait ---- */

static int look(void *data, int ms, const struct shr_error **reterr)
{
	struct ctl *c = data;

	return shr_access_wait(c->session, c->argv[0], (uint64_t)ctl_number(c, OPT_REVISION, 0), ms, reterr);
}

int ctl_access_wait(struct ctl *c)
{
	const struct shr_error *error = NULL;
	char id[64];
	int rc, status = ctl_either_id(c, c->argv[0], id);

	if (status)
		return status;
	c->argv[0] = id;
	rc = ctl_patience(c, look, c, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	if (rc == SHR_RUNNING) {
		ctl_note(c, "the rules of share %s are not all in force yet", id);
		return CTL_RUNNING;
	}
	if (!ctl_has(c, OPT_JSON))
		printf("share %s: its rules are in force\n", id);
	return ctl_has(c, OPT_JSON) ? ctl_share_print(c, id) : CTL_OK;
}
