/* lib/flow/share_resize.c - extend and shrink: one call, whose undo is the same call with the old size */
#include <inttypes.h>

#include "base/fail.h"
#include "flow/accept.h"
#include "flow/flows.h"

static int check_bytes(struct shr__accept *a, int grows, const struct shr_error **reterr)
{
	int64_t is = a->share.bytes, want = (int64_t)a->bytes;

	if (grows ? want > is : want < is)
		return 0;
	return shr__fail_field(reterr, SHR_EINVAL, "bytes", grows ? "give more than that, or shrink it" :
		"give less than that, or extend it", "the share has %" PRId64 " bytes, which is not %s %" PRId64, is,
		grows ? "less than" : "more than", want);
}

static int check_capability(struct shr__accept *a, uint64_t bit, const struct shr_error **reterr)
{
	if ((uint64_t)a->pool.capabilities & bit)
		return 0;
	return shr__fail(reterr, SHR_EUNSUPPORTED, "pool %s/%s cannot %s shares", a->instance.backend, a->instance.pool,
		a->flow->verb);
}

static void note_sizes(struct shr__accept *a)
{
	shr__pack_int(&a->args, SHR__ARG_BYTES, (int64_t)a->bytes);
	shr__pack_int(&a->args, SHR__ARG_OLD_BYTES, a->share.bytes);
	shr__pack_int(&a->args, SHR__ARG_COUNTED, a->instance.bytes);
}

/* The room is taken before the backend is asked. */
static int extend_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int64_t more = (int64_t)a->bytes - a->instance.bytes;
	int rc;

	if ((rc = check_bytes(a, 1, reterr)) < 0 || (rc = check_capability(a, SHR_CAP_EXTEND, reterr)) < 0)
		return rc;
	note_sizes(a);
	if (more > 0) {
		if ((rc = shr__account_quota(t, a->env->config, a->share.project, 0, more, reterr)) < 0 ||
			(rc = shr__account_pool(t, a->instance.backend, a->instance.pool, shr__pool_holds(&a->instance, more),
				a->pool.limit_bytes, reterr)) < 0)
			return rc;
		a->instance.bytes = (int64_t)a->bytes;
		if ((rc = shr__txn_update(t, &shr__instance_def, &a->instance, SHR__COL(instance, bytes))) < 0)
			return rc;
	}
	return 0;
}

static int shrink_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	int rc;

	if ((rc = check_bytes(a, 0, reterr)) < 0 || (rc = check_capability(a, SHR_CAP_SHRINK, reterr)) < 0)
		return rc;
	note_sizes(a);
	return 0;
}

static int64_t arg(const struct shr__work *w, uint16_t tag)
{
	int64_t value = 0;

	shr__pack_find_int(w->op.args.p, w->op.args.n, tag, &value);
	return value;
}

static int resize(struct shr__work *w)
{
	struct shr__callargs args = { .bytes = (uint64_t)arg(w, SHR__ARG_BYTES) };

	return shr__work_call(w, SHR__VERB_RESIZE, &args, NULL);
}

static int resize_back(struct shr__work *w)
{
	struct shr__callargs args = { .bytes = (uint64_t)arg(w, SHR__ARG_OLD_BYTES) };

	return shr__work_call(w, SHR__VERB_RESIZE, &args, NULL);
}

static int save_size(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	uint64_t bytes = (uint64_t)arg(w, SHR__ARG_BYTES);
	int rc;

	w->share.bytes = (int64_t)bytes;
	rc = shr__txn_update(t, &shr__share_def, &w->share, SHR__COL(share, bytes));
	if (rc < 0 || (rc = shr__work_save_told(w, t, 0)) < 0)
		return rc;
	return shr__work_account(w, t, w->told_bytes > bytes ? w->told_bytes : bytes, reterr);
}

/* It has its old size again, and the accounts what they held for it, which may be more than the size: the driver had rounded up.
 * When that could not be done they keep the greater of the two. */
static int resize_failed(struct shr__work *w, struct shr__txn *t, const struct shr_error **reterr)
{
	int64_t counted = arg(w, SHR__ARG_COUNTED);
	int rc = shr__work_save_told(w, t, 0);

	if (rc < 0 || w->leftover)
		return rc;
	return shr__work_account(w, t, (uint64_t)(counted > w->share.bytes ? counted : w->share.bytes), reterr);
}

const struct shr__flow shr__flow_share_extend = {
	.kind = "share_extend", .version = 1, .object = "share", .action = "share:extend", .verb = "extended",
	.from = SHR__ST(SHR_SHARE_AVAILABLE), .during = SHR_SHARE_EXTENDING, .to = SHR_SHARE_AVAILABLE,
	.hold_shared = SHR__LIFE | SHR__PLACE, .hold_exclusive = SHR__SIZE,
	.event_accepted = "share.extending", .event_done = "share.extended", .event_failed = "share.extend_failed",
	.accept = extend_accept, .failure = resize_failed, .n_steps = 1,
	.steps = { { "resize", SHR__STEP_CANCELLABLE, resize, save_size, resize_back, NULL } },
};

const struct shr__flow shr__flow_share_shrink = {
	.kind = "share_shrink", .version = 1, .object = "share", .action = "share:shrink", .verb = "shrunk",
	.from = SHR__ST(SHR_SHARE_AVAILABLE), .during = SHR_SHARE_SHRINKING, .to = SHR_SHARE_AVAILABLE,
	.hold_shared = SHR__LIFE | SHR__PLACE, .hold_exclusive = SHR__SIZE,
	.event_accepted = "share.shrinking", .event_done = "share.shrunk", .event_failed = "share.shrink_failed",
	.accept = shrink_accept, .failure = resize_failed, .n_steps = 1,
	.steps = { { "resize", SHR__STEP_CANCELLABLE, resize, save_size, resize_back, NULL } },
};
