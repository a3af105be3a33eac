/* examples/sharectl/share_change.c - shares that change, go and come */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "wait.h"
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ctl_change(const struct ctl *c, struct shr_change_params *ret)
{
	*ret = (struct shr_change_params)SHR_CHANGE_PARAMS_INIT;
	ret->token = ctl_text(c, OPT_TOKEN);
	ret->if_version = (uint64_t)ctl_number(c, OPT_IF_VERSION, 0);
}

const char **ctl_pairs(struct ctl *c, enum ctl_opt o, uint32_t *ret_n)
{
	const struct ctl_value *v = &c->given[o];
	size_t room = 2 * (size_t)v->n * sizeof(char *), at = room;
	const char **pairs;

	/* One piece for the pointers and the words, so that one free() is enough. */
	for (int i = 0; i < v->n; i++)
		room += strlen(v->words[i]) + 1;
	pairs = ctl_alloc(room);
	for (int i = 0; i < v->n; i++) {
		char *word = (char *)pairs + at, *equals;

		memcpy(word, v->words[i], strlen(v->words[i]) + 1);
		at += strlen(word) + 1;
		equals = strchr(word, '=');
		if (!equals) {
			ctl_usage(c, "--%s: \"%s\" is not KEY=VALUE", ctl_options[o].name, word);
			free(pairs);
			return NULL;
		}
		*equals = '\0';
		pairs[2 * i] = word;
		pairs[2 * i + 1] = equals + 1;
	}
	*ret_n = (uint32_t)v->n;
	return pairs;
}

/* How every change of a share ends: the share as it is now, or what became of it. */
static int finish(struct ctl *c, int rc, const struct shr_op *op, const struct shr_error *error, const char *id,
	const char *what)
{
	int done = 0, status = ctl_finish(c, rc, op, error, &done);

	if (status || !done)
		return status;
	if (!what)
		return ctl_share_print(c, id);
	printf("share %s: %s\n", id, what);
	return CTL_OK;
}

int ctl_share_update(struct ctl *c)
{
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char id[64];
	int rc, status;

	if (!ctl_has(c, OPT_NAME) && !ctl_has(c, OPT_DESCRIPTION) && !ctl_has(c, OPT_META) && !ctl_has(c, OPT_UNSET))
		return ctl_usage(c, "nothing to change: give --name, --description, --meta or --unset");
	p.set = ctl_pairs(c, OPT_META, &p.n_set);
	if (!p.set)
		return CTL_USAGE;
	p.token = ctl_text(c, OPT_TOKEN);
	p.if_version = (uint64_t)ctl_number(c, OPT_IF_VERSION, 0);
	p.name = ctl_text(c, OPT_NAME);
	p.description = ctl_text(c, OPT_DESCRIPTION);
	p.unset = c->given[OPT_UNSET].words;
	p.n_unset = (uint32_t)c->given[OPT_UNSET].n;
	status = ctl_share_id(c, c->argv[0], id);
	if (!status) {
		rc = shr_share_update(c->session, id, &p, &op, &error);
		status = finish(c, rc, op, error, id, NULL);
	}
	free((void *)p.set);
	return status;
}

/* "+1GiB" and "-1GiB" are by so much, from the size of now; what may not have changed then is the version. */
static int new_size(struct ctl *c, const char *id, const char *word, uint64_t *ret, struct shr_change_params *p)
{
	const struct shr_share *share = NULL;
	const struct shr_error *error = NULL;
	int by = *word == '+' || *word == '-', rc;
	int64_t n;

	if (ctl_parse_size(word + by, &n) < 0)
		return ctl_usage(c, "\"%s\" is not a size like 10GiB", word);
	*ret = (uint64_t)n;
	if (!by)
		return CTL_OK;
	rc = shr_share_get(c->session, id, &share, &error);
	if (rc < 0)
		return ctl_fail(c, rc, error);
	*ret = *word == '+' ? share->bytes + (uint64_t)n : (uint64_t)n < share->bytes ? share->bytes - (uint64_t)n : 0;
	if (!p->if_version)
		p->if_version = share->version;
	shr_share_unref(share);
	return CTL_OK;
}

typedef int (*resize_fn)(struct shr_session *session, const char *share_id, uint64_t bytes,
	const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);

static int resize(struct ctl *c, resize_fn fn)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	uint64_t bytes = 0;
	char id[64];
	int rc, status = ctl_share_id(c, c->argv[0], id);

	ctl_change(c, &p);
	if (!status)
		status = new_size(c, id, c->argv[1], &bytes, &p);
	if (status)
		return status;
	rc = fn(c->session, id, bytes, &p, &op, &error);
	return finish(c, rc, op, error, id, NULL);
}

int ctl_share_extend(struct ctl *c)
{
	if (c->argv[1][0] == '-')
		return ctl_usage(c, "\"%s\": sharectl share shrink makes a share smaller", c->argv[1]);
	return resize(c, shr_share_extend);
}

int ctl_share_shrink(struct ctl *c)
{
	if (c->argv[1][0] == '+')
		return ctl_usage(c, "\"%s\": sharectl share extend makes a share larger", c->argv[1]);
	return resize(c, shr_share_shrink);
}

typedef int (*remove_fn)(struct shr_session *session, const char *share_id, const struct shr_change_params *params,
	const struct shr_op **ret_op, const struct shr_error **reterr);

static int take_away(struct ctl *c, remove_fn fn, const char *what)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char id[64];
	int rc, status = ctl_share_id(c, c->argv[0], id);

	if (status)
		return status;
	ctl_change(c, &p);
	rc = fn(c->session, id, &p, &op, &error);
	return finish(c, rc, op, error, id, what);
}

int ctl_share_delete(struct ctl *c)
{
	return take_away(c, shr_share_delete, "deleted");
}

int ctl_share_force_delete(struct ctl *c)
{
	return take_away(c, shr_share_force_delete, "deleted by force");
}

int ctl_share_unmanage(struct ctl *c)
{
	return take_away(c, shr_share_unmanage, "unmanaged; its data is where it was");
}

int ctl_share_reset_state(struct ctl *c)
{
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	struct shr_change_params p;
	char id[64];
	int64_t state;
	int rc, status;

	if (ctl_parse_state(c->argv[1], &state) < 0)
		return ctl_usage(c, "\"%s\" is no state: available or error", c->argv[1]);
	status = ctl_share_id(c, c->argv[0], id);
	if (status)
		return status;
	ctl_change(c, &p);
	rc = shr_share_reset_state(c->session, id, (uint32_t)state, &p, &op, &error);
	return finish(c, rc, op, error, id, NULL);
}

int ctl_share_manage(struct ctl *c)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;
	const struct shr_error *error = NULL;
	const struct shr_op *op = NULL;
	char id[64] = "";
	int rc;

	p.token = ctl_text(c, OPT_TOKEN);
	p.backend = ctl_text(c, OPT_BACKEND);
	p.pool = ctl_text(c, OPT_POOL);
	p.source = c->argv[0];
	p.name = ctl_text(c, OPT_NAME);
	p.description = ctl_text(c, OPT_DESCRIPTION);
	p.protocols = (uint64_t)ctl_number(c, OPT_PROTO, SHR_PROTO_NFS);
	if (!p.backend || !p.pool)
		return ctl_usage(c, "share manage wants --backend and --pool");
	rc = shr_share_manage(c->session, &p, &op, &error);
	if (rc == 0)
		snprintf(id, sizeof id, "%s", op->object_id);
	return finish(c, rc, op, error, id, NULL);
}
