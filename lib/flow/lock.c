/* lib/flow/lock.c - consumers' locks on shares and rules, counted for each holder */
#include "base/fail.h"
#include "flow/accept.h"
#include "flow/flows.h"

static int take(struct shr__txn *t, const void *row, void *data)
{
	*(struct shr__rule_row *)data = *(const struct shr__rule_row *)row;
	return 1;
}

/* A rule's locks stand on its newest row, and on its share, which they keep as well. */
static int count_on_rule(struct shr__accept *a, struct shr__txn *t, int64_t delta, const struct shr_error **reterr)
{
	struct shr__rule_row from = { .share_id = a->object_id, .id = a->rule_id }, rule;
	int rc;

	if (!a->rule_id[0])
		return 0;
	rc = shr__txn_scan(t, &shr__rule_def, SHR__I_rule_pk, &from, 2, 2, SHR_SCAN_BACKWARDS, 1, take, &rule);
	if (rc < 0)
		return rc;
	if (rc == 0 || (rule.gone && delta > 0))
		return shr__fail(reterr, SHR_ENOTFOUND, "share %s has no rule %s", a->object_id, a->rule_id);
	rule.n_locks += delta;
	return shr__txn_update(t, &shr__rule_def, &rule, SHR__COL(rule, n_locks));
}

static int count(struct shr__accept *a, struct shr__txn *t, int64_t delta, const struct shr_error **reterr)
{
	a->share.n_locks += delta;
	a->share_set |= SHR__COL(share, n_locks);
	return count_on_rule(a, t, delta, reterr);
}

static int add_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__lock_row lock = { .object_id = a->rule_id[0] ? a->rule_id : a->object_id, .holder = a->holder };
	int rc = shr__txn_get(t, &shr__lock_def, &lock);

	if (rc == 0) {
		lock.count++;
		return shr__txn_update(t, &shr__lock_def, &lock, SHR__COL(lock, count));
	}
	if (rc != SHR_ENOTFOUND)
		return rc;
	lock = (struct shr__lock_row){ .object_id = lock.object_id, .holder = a->holder, .version = 1, .count = 1,
		.object = a->rule_id[0] ? "rule" : "share", .reason = a->reason, .project = a->share.project, .user = a->user,
		.created_ns = a->now_ns };
	rc = shr__txn_insert(t, &shr__lock_def, &lock);
	return rc < 0 ? rc : count(a, t, 1, reterr);
}

static int remove_accept(struct shr__accept *a, struct shr__txn *t, const struct shr_error **reterr)
{
	struct shr__lock_row lock = { .object_id = a->rule_id[0] ? a->rule_id : a->object_id, .holder = a->holder };
	int rc = shr__txn_get(t, &shr__lock_def, &lock);

	if (rc == SHR_ENOTFOUND)
		return shr__fail_field(reterr, SHR_ENOTFOUND, "holder", "list the locks", "%s holds no lock on %s", a->holder,
			lock.object_id);
	if (rc < 0)
		return rc;
	if (--lock.count > 0)
		return shr__txn_update(t, &shr__lock_def, &lock, SHR__COL(lock, count));
	rc = shr__txn_remove(t, &shr__lock_def, &lock);
	return rc < 0 ? rc : count(a, t, -1, reterr);
}

const struct shr__flow shr__flow_lock_add = {
	.kind = "lock_add", .version = 1, .object = "share", .action = "lock:add", .verb = "locked",
	.from = ~(SHR__ST(SHR_SHARE_DELETING) | SHR__ST(SHR_SHARE_UNMANAGING)), .event_accepted = "share.locked",
	.accept = add_accept,
};

const struct shr__flow shr__flow_lock_remove = {
	.kind = "lock_remove", .version = 1, .object = "share", .action = "lock:remove", .verb = "unlocked", .from = UINT64_MAX,
	.event_accepted = "share.unlocked", .accept = remove_accept,
};
