/* tests/whole/scenes.c - what people do with shares */
#include "scenes.h"

#include "libshare/drift.h"

#define SMALL (UINT64_C(1) << 20)
#define LARGE (UINT64_C(3) << 20)

static _Atomic int keeps; /* the driver lets nothing go */

/* Shares of these names are made by a driver that refuses, or that answers later. */
static int before(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (verb == FAKE_CREATE && strcmp(instance->name, "refused") == 0)
		return fake_fail(call, SHR_EBACKEND, "this one is refused");
	if (verb == FAKE_CREATE && strcmp(instance->name, "slow") == 0)
		return fake.host->pending(call, "t", 1, 100);
	if (verb == FAKE_REMOVE && keeps)
		return fake_fail(call, SHR_EBACKEND, "not today");
	return 0;
}

void scenes_setup(void)
{
	fake_reset();
	fake.before = before;
	fake.gives_up = 1;
	fake_driver.look = fake_look;
}

/* Until the operation has ended; what a wait says. */
static int drive(struct whole *w, struct scene *s, const struct shr_op *op, const struct shr_error **reterr)
{
	int rc = SHR_RUNNING;

	snprintf(s->op, sizeof s->op, "%s", op->id);
	shr_op_unref(op);
	for (int i = 0; i < 1000 && rc == SHR_RUNNING; i++) {
		whole_step(w, 25);
		rc = shr_op_wait(w->host, s->op, 0, NULL, reterr);
	}
	ck_assert_int_ne(rc, SHR_RUNNING);
	return rc;
}

static void prepare_nothing(struct whole *w, struct scene *s)
{
}

static void prepare_share(struct whole *w, struct scene *s)
{
	whole_create(w, SMALL, 2, s->share);
}

/* 0 when there is no such share. */
static uint32_t state_of(struct whole *w, struct scene *s, uint64_t *ret_bytes)
{
	const struct shr_share *share = NULL;
	uint32_t state;

	if (!s->share[0] || shr_share_get(w->host, s->share, &share, NULL) != 0)
		return 0;
	state = share->state;
	if (ret_bytes)
		*ret_bytes = share->bytes;
	shr_share_unref(share);
	return state;
}

static void tidy_share(struct whole *w, struct scene *s)
{
	const struct shr_op *op = NULL;

	if (!state_of(w, s, NULL))
		return;
	OK(shr_share_delete(w->host, s->share, NULL, &op, &e));
	ck_assert_int_eq(whole_end(w, op->id, NULL), 0);
	shr_op_unref(op);
}

static void tidy_by_name(struct whole *w, struct scene *s, const char *name)
{
	struct shr_share_filter f = SHR_SHARE_FILTER_INIT;
	const struct shr_share_page *page = NULL;

	f.name = name;
	OK(shr_share_list(w->s, &f, NULL, &page, &e));
	for (uint32_t i = 0; i < page->n; i++) {
		snprintf(s->share, sizeof s->share, "%s", page->items[i]->id);
		tidy_share(w, s);
	}
	shr_share_page_unref(page);
}

/* ---- creates ---- */

static int create(struct whole *w, struct scene *s, const char *name, const struct shr_op **ret_op,
	const struct shr_error **reterr)
{
	static const char *const metadata[] = { "colour", "blue", "size", "small" };
	struct shr_access_change rules[] = { { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" },
		{ .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RO, .who = "fd00::/16" } };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	char token[40];
	int rc;

	snprintf(token, sizeof token, "token-%u", s->n);
	spec.token = token;
	spec.name = name;
	spec.bytes = SMALL;
	spec.protocols = SHR_PROTO_NFS;
	spec.metadata = metadata;
	spec.n_metadata = 2;
	spec.rules = rules;
	spec.rule_size = sizeof rules[0];
	spec.n_rules = 2;
	rc = shr_share_create(w->s, &spec, ret_op, reterr);
	if (rc == 0)
		snprintf(s->share, sizeof s->share, "%s", (*ret_op)->object_id);
	return rc;
}

static int act_create(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op;
	int rc = create(w, s, "made", &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int count_named(struct whole *w, const char *name)
{
	return (int)whole_ask(w, "SELECT count(*) FROM share WHERE name='%s' AND state<>6", name);
}

static int done_create(struct whole *w, struct scene *s)
{
	int n = count_named(w, "made");

	ck_assert_int_le(n, 1);
	return n;
}

static void tidy_create(struct whole *w, struct scene *s)
{
	tidy_by_name(w, s, "made");
}

static int act_refused(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op;
	int rc = create(w, s, "refused", &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

/* A create that failed leaves a share in error, which has nothing of the project's. */
static int done_refused(struct whole *w, struct scene *s)
{
	return whole_ask(w, "SELECT count(*) FROM share WHERE name='refused' AND state=6") == 1;
}

static void tidy_refused(struct whole *w, struct scene *s)
{
	tidy_by_name(w, s, "refused");
}

static int act_cancel(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op;
	int rc = create(w, s, "slow", &op, reterr);

	if (rc < 0)
		return rc;
	snprintf(s->op, sizeof s->op, "%s", op->id);
	whole_step(w, 25);
	rc = shr_op_cancel(w->s, s->op, reterr);
	if (rc < 0) {
		shr_op_unref(op);
		return rc;
	}
	return drive(w, s, op, reterr);
}

/* The create alone never ends: a cancel that failed is asked again. */
static int done_cancel(struct whole *w, struct scene *s)
{
	return whole_ask(w, "SELECT count(*) FROM op WHERE id='%s' AND state=7", s->op) == 1;
}

static void tidy_cancel(struct whole *w, struct scene *s)
{
	tidy_by_name(w, s, "slow");
}

/* ---- sizes ---- */

static int act_extend(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_extend(w->s, s->share, LARGE, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_extend(struct whole *w, struct scene *s)
{
	uint64_t bytes = 0;

	ck_assert_uint_eq(state_of(w, s, &bytes), SHR_SHARE_AVAILABLE);
	ck_assert(bytes == SMALL || bytes == LARGE);
	ck_assert_uint_eq(fake.instances[0].bytes, bytes);
	return bytes == LARGE;
}

static int act_shrink(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_shrink(w->s, s->share, SMALL / 2, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_shrink(struct whole *w, struct scene *s)
{
	uint64_t bytes = 0;

	ck_assert_uint_eq(state_of(w, s, &bytes), SHR_SHARE_AVAILABLE);
	ck_assert(bytes == SMALL || bytes == SMALL / 2);
	ck_assert_uint_eq(fake.instances[0].bytes, bytes);
	return bytes == SMALL / 2;
}

/* ---- rules and words ---- */

static int act_access(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	static const char *const metadata[] = { "why", "because" };
	struct shr_access_change changes[] = { { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RO, .who = "10.7.7.7",
		.metadata = metadata, .n_metadata = 1 }, { .verb = SHR_SET, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RO,
		.who = "10.0.0.0" }, { .verb = SHR_DENY, .type = SHR_ACCESS_IP, .who = "10.0.0.1" } };
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	const struct shr_op *op = NULL;
	int rc;

	p.changes = changes;
	p.n_changes = 3;
	rc = shr_access_apply(w->s, s->share, &p, &op, reterr);
	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_access(struct whole *w, struct scene *s)
{
	int added = (int)whole_ask(w, "SELECT count(*) FROM rule WHERE who='10.7.7.7' AND share_id='%s' AND gone=0", s->share);
	int there = (int)whole_ask(w, "SELECT count(*) FROM rule WHERE who='10.0.0.1' AND share_id='%s' AND gone=0", s->share);

	ck_assert_int_eq(added + there, 1);
	ck_assert_uint_eq(fake.instances[0].n_rules, 2);
	return added;
}

static int act_update(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	static const char *const set[] = { "a", "1", "b", "2" };
	struct shr_share_update_params p = SHR_SHARE_UPDATE_PARAMS_INIT;

	p.name = "renamed";
	p.set = set;
	p.n_set = 2;
	return shr_share_update(w->s, s->share, &p, NULL, reterr);
}

static int done_update(struct whole *w, struct scene *s)
{
	int renamed = (int)whole_ask(w, "SELECT count(*) FROM share WHERE id='%s' AND name='renamed'", s->share);

	ck_assert_int_eq(whole_ask(w, "SELECT n_metadata FROM share WHERE id='%s'", s->share), renamed ? 2 : 0);
	return renamed;
}

static int act_lock(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	return shr_lock_add(w->s, s->share, "vm-1", "mounted", NULL, NULL, reterr);
}

static int done_lock(struct whole *w, struct scene *s)
{
	int64_t n = whole_ask(w, "SELECT coalesce(sum(count),0) FROM lock");

	ck_assert_int_le(n, 1);
	return (int)n;
}

static void tidy_lock(struct whole *w, struct scene *s)
{
	OK(shr_lock_remove(w->s, s->share, "vm-1", NULL, NULL, &e));
	tidy_share(w, s);
}

/* ---- the end of shares, and what was made elsewhere ---- */

static int act_delete(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_delete(w->s, s->share, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_gone(struct whole *w, struct scene *s)
{
	uint32_t state = state_of(w, s, NULL);

	ck_assert(state == 0 || state == SHR_SHARE_AVAILABLE);
	ck_assert_uint_eq(fake.n_instances, state != 0);
	return state == 0;
}

static int act_force_delete(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_force_delete(w->s, s->share, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int act_reset(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	return shr_share_reset_state(w->s, s->share, SHR_SHARE_ERROR, NULL, NULL, reterr);
}

static int done_reset(struct whole *w, struct scene *s)
{
	return state_of(w, s, NULL) == SHR_SHARE_ERROR;
}

static int act_manage(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	struct shr_share_manage_params p = SHR_SHARE_MANAGE_PARAMS_INIT;
	const struct shr_op *op = NULL;
	int rc;

	p.backend = "f";
	p.pool = "p";
	p.source = "found";
	p.name = "made";
	p.protocols = SHR_PROTO_NFS;
	rc = shr_share_manage(w->s, &p, &op, reterr);
	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int act_unmanage(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_share_unmanage(w->s, s->share, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int act_quota(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	return shr_quota_set(w->host, "p1", 1000 + (int64_t)s->n, -1, NULL, NULL, reterr);
}

static int done_quota(struct whole *w, struct scene *s)
{
	return whole_ask(w, "SELECT count(*) FROM quota WHERE project='p1' AND shares_limit=%d", 1000 + (int)s->n) == 1;
}

/* One of its rules vanishes behind the library's back. */
static void prepare_drift(struct whole *w, struct scene *s)
{
	whole_create(w, SMALL, 2, s->share);
	pthread_mutex_lock(&fake.lock);
	fake.instances[0].n_rules = 1;
	pthread_mutex_unlock(&fake.lock);
}

static int act_reconcile(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc;

	if (fake.instances[0].n_rules == 2) /* as it was prepared, also when it is made again */
		fake.instances[0].n_rules = 1;
	rc = shr_share_reconcile(w->host, s->share, NULL, &op, reterr);
	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_reconcile(struct whole *w, struct scene *s)
{
	int recorded = (int)whole_ask(w, "SELECT count(*) FROM drift d JOIN instance i ON i.id=d.instance_id "
		"WHERE i.share_id='%s' AND d.state=2", s->share);

	ck_assert(fake.instances[0].n_rules == 2 || !recorded);
	return recorded == 1;
}

/* What a force-delete could not remove. */
static void prepare_orphan(struct whole *w, struct scene *s)
{
	const struct shr_orphan_page *page = NULL;
	const struct shr_op *op = NULL;

	whole_create(w, SMALL, 0, s->share);
	keeps = 1;
	OK(shr_share_force_delete(w->host, s->share, NULL, &op, &e));
	ck_assert_int_eq(whole_end(w, op->id, NULL), 0);
	shr_op_unref(op);
	keeps = 0;
	OK(shr_orphan_list(w->host, NULL, &page, &e));
	ck_assert_uint_eq(page->n, 1);
	snprintf(s->orphan, sizeof s->orphan, "%s", page->items[0]->id);
	shr_orphan_page_unref(page);
}

static int act_orphan_delete(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	const struct shr_op *op = NULL;
	int rc = shr_orphan_delete(w->host, s->orphan, NULL, &op, reterr);

	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_orphan_delete(struct whole *w, struct scene *s)
{
	return whole_ask(w, "SELECT count(*) FROM orphan WHERE id='%s'", s->orphan) == 0;
}

static int act_adopt(struct whole *w, struct scene *s, const struct shr_error **reterr)
{
	struct shr_orphan_adopt_params p = SHR_ORPHAN_ADOPT_PARAMS_INIT;
	const struct shr_op *op = NULL;
	int rc;

	p.name = "again";
	p.protocols = SHR_PROTO_NFS;
	rc = shr_orphan_adopt(w->s, s->orphan, &p, &op, reterr);
	return rc < 0 ? rc : drive(w, s, op, reterr);
}

static int done_adopt(struct whole *w, struct scene *s)
{
	uint32_t state = state_of(w, s, NULL);

	ck_assert_msg((state != 0) == done_orphan_delete(w, s), "it is an orphan and a share, or neither");
	return state == SHR_SHARE_AVAILABLE;
}

const struct scene_kind scene_kinds[] = {
	{ "create", prepare_nothing, act_create, done_create, tidy_create, 0 },
	{ "a create that is refused", prepare_nothing, act_refused, done_refused, tidy_refused, SHR_EBACKEND },
	{ "a create that is cancelled", prepare_nothing, act_cancel, done_cancel, tidy_cancel, SHR_ECANCELLED },
	{ "extend", prepare_share, act_extend, done_extend, tidy_share, 0 },
	{ "shrink", prepare_share, act_shrink, done_shrink, tidy_share, 0 },
	{ "access", prepare_share, act_access, done_access, tidy_share, 0 },
	{ "update", prepare_share, act_update, done_update, tidy_share, 0 },
	{ "lock", prepare_share, act_lock, done_lock, tidy_lock, 0 },
	{ "delete", prepare_share, act_delete, done_gone, tidy_share, 0 },
	{ "force-delete", prepare_share, act_force_delete, done_gone, tidy_share, 0 },
	{ "reset-state", prepare_share, act_reset, done_reset, tidy_share, 0 },
	{ "manage", prepare_nothing, act_manage, done_create, tidy_create, 0 },
	{ "unmanage", prepare_share, act_unmanage, done_gone, tidy_share, 0 },
	{ "quota", prepare_nothing, act_quota, done_quota, prepare_nothing, 0 },
	{ "reconcile", prepare_drift, act_reconcile, done_reconcile, tidy_share, 0 },
	{ "orphan-delete", prepare_orphan, act_orphan_delete, done_orphan_delete, prepare_nothing, 0, INV_ORPHANS },
	{ "orphan-adopt", prepare_orphan, act_adopt, done_adopt, tidy_share, 0, INV_ORPHANS },
};
const unsigned n_scene_kinds = sizeof scene_kinds / sizeof scene_kinds[0];
