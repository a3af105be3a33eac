/* examples/sharectl/share_change.c - shares that change, go and come */
#include "ctl.h"
#include "say.h"
#include "share.h"
#include "words.h"

#include <stdio.h>

int ctl_share_update(struct ctl *c)
{
	return ctl_update(c, &ctl_share_noun, shr_share_update);
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
	return ctl_changed(c, &ctl_share_noun, rc, op, error, id, NULL);
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

int ctl_share_delete(struct ctl *c)
{
	return ctl_take_away(c, &ctl_share_noun, shr_share_delete, "deleted");
}

int ctl_share_force_delete(struct ctl *c)
{
	return ctl_take_away(c, &ctl_share_noun, shr_share_force_delete, "deleted by force");
}

int ctl_share_unmanage(struct ctl *c)
{
	return ctl_take_away(c, &ctl_share_noun, shr_share_unmanage, "unmanaged; its data is where it was");
}

int ctl_share_reset_state(struct ctl *c)
{
	return ctl_set_number(c, &ctl_share_noun, shr_share_reset_state, ctl_parse_state, "no state: available or error");
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
	return ctl_changed(c, &ctl_share_noun, rc, op, error, id, NULL);
}
