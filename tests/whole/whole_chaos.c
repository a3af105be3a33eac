/* tests/whole/whole_chaos.c - callers, cancels, deletes and resets at random, on a driver that fails in every way, with engines
 * that come and go: when all is quiet the rows hold, and the driver has what they say */
#include "whole.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define CALLERS 4
#define STEPS 150

static struct whole w[2]; /* two contexts on one store; the engines take turns */
static atomic_int trouble; /* 0: the driver does as it is told */
static atomic_int over;
static atomic_uint driver_seed;

static unsigned chance(unsigned of)
{
	unsigned x = atomic_fetch_add(&driver_seed, 0x9e3779b9u);

	x ^= x >> 16;
	x *= 0x85ebca6bu;
	x ^= x >> 13;
	x *= 0xc2b2ae35u;
	x ^= x >> 16;
	return x % of;
}

static int misbehave(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	if (!atomic_load(&trouble) || verb == FAKE_STATS)
		return 0;
	switch (chance(30)) {
	case 0:
	case 1:
	case 2:
		return fake_fail(call, SHR_EAGAIN, "not now");
	case 3:
		return fake_fail(call, SHR_EBACKEND, "never");
	case 4:
		return fake_fail(call, SHR_EUNREACHABLE, "no answer");
	case 5:
	case 6:
	case 7:
		return fake.host->pending(call, "t", 1, 1 + chance(30));
	case 8:
		whole_sleep_ms(chance(20));
		return 0;
	default:
		return 0;
	}
}

static int misreport(enum fake_verb verb, const struct shr_call *call, const struct shr_instance *instance)
{
	return atomic_load(&trouble) && verb != FAKE_STATS && chance(20) == 0 ?
		fake_fail(call, chance(2) ? SHR_EAGAIN : SHR_EBACKEND, "done, but said to have failed") : 0;
}

static int refuse_some(const struct shr_rule_change *c)
{
	return atomic_load(&trouble) && chance(15) == 0;
}

/* ---- callers ---- */

struct caller {
	unsigned seed;
	struct shr_session *s;
	pthread_t thread;
	char last_op[40];
};

static unsigned any(struct caller *c, unsigned of)
{
	return (unsigned)rand_r(&c->seed) % of;
}

static void create(struct caller *c)
{
	struct shr_access_change rule = { .verb = SHR_ALLOW, .type = SHR_ACCESS_IP, .level = SHR_LEVEL_RW, .who = "10.0.0.0/8" };
	struct shr_share_spec spec = SHR_SHARE_SPEC_INIT;
	const struct shr_op *op = NULL;

	spec.name = "chaos";
	spec.bytes = 1 << 20;
	spec.protocols = SHR_PROTO_NFS;
	spec.rules = &rule;
	spec.n_rules = any(c, 2);
	spec.rule_size = sizeof rule;
	if (shr_share_create(c->s, &spec, &op, NULL) == 0)
		snprintf(c->last_op, sizeof c->last_op, "%s", op->id);
	shr_op_unref(op);
}

static int change_rules(struct caller *c, const char *id)
{
	struct shr_access_change changes[3];
	struct shr_access_params p = SHR_ACCESS_PARAMS_INIT;
	char who[3][24];

	for (int i = 0; i < 3; i++) {
		snprintf(who[i], sizeof who[i], "10.1.%d.%u", i, any(c, 6));
		changes[i] = (struct shr_access_change){ .verb = any(c, 3) ? SHR_SET : SHR_DENY, .type = SHR_ACCESS_IP,
			.level = 1 + any(c, 2), .who = who[i] };
	}
	p.changes = changes;
	p.n_changes = 1 + any(c, 3);
	return shr_access_apply(c->s, id, &p, NULL, NULL);
}

static int change_share(struct caller *c, const char *id)
{
	switch (any(c, 16)) {
	case 0:
		return shr_share_delete(c->s, id, NULL, NULL, NULL);
	case 1:
		return shr_share_force_delete(c->s, id, NULL, NULL, NULL);
	case 2:
		return shr_share_reset_state(c->s, id, any(c, 2) ? SHR_SHARE_AVAILABLE : SHR_SHARE_ERROR, NULL, NULL, NULL);
	case 3:
	case 4:
		return shr_share_extend(c->s, id, (1 << 20) + any(c, 1 << 22), NULL, NULL, NULL);
	case 5:
	case 6:
		return shr_share_shrink(c->s, id, 1 + any(c, 1 << 20), NULL, NULL, NULL);
	case 7:
		return shr_lock_add(c->s, id, "vm", NULL, NULL, NULL, NULL);
	case 8:
		return shr_lock_remove(c->s, id, "vm", NULL, NULL, NULL);
	case 9:
		return shr_op_cancel(c->s, c->last_op, NULL);
	case 10:
		return shr_share_unmanage(c->s, id, NULL, NULL, NULL);
	case 11:
		return shr_op_wait(c->s, c->last_op, (int)any(c, 20), NULL, NULL);
	case 12:
		return shr_access_wait(c->s, id, 0, (int)any(c, 20), NULL);
	default:
		return change_rules(c, id);
	}
}

static void *call(void *data)
{
	struct caller *c = data;

	for (int i = 0; i < STEPS; i++) {
		struct shr_list_params list = SHR_LIST_PARAMS_INIT;
		const struct shr_share_page *page = NULL;
		int rc = 0;

		if (any(c, 3) == 0)
			create(c);
		list.limit = 12;
		list.flags = SHR_LIST_NEWEST_FIRST;
		OK(shr_share_list(c->s, NULL, &list, &page, &e));
		if (page->n)
			rc = change_share(c, page->items[any(c, page->n)]->id);
		whole_sleep_ms(any(c, 4));
		ck_assert_msg(rc != SHR_EINTERNAL && rc != SHR_ECORRUPT && rc != SHR_EUNKNOWN, "%s", shr_strcode(rc));
		shr_share_page_unref(page);
	}
	return NULL;
}

/* ---- engines ---- */

static void *come_and_go(void *data)
{
	struct whole *mine = data;

	while (!atomic_load(&over)) {
		struct shr_engine_params p = SHR_ENGINE_PARAMS_INIT;

		p.workers = 2;
		OK(shr_engine_open(mine->ctx, &p, &mine->engine, &e));
		whole_sleep_ms(50 + chance(150));
		shr_engine_close(mine->engine);
		mine->engine = NULL;
		whole_sleep_ms(chance(30));
	}
	return NULL;
}

/* ---- afterwards ---- */

/* Shares that a reset made available again while they were being taken away: their data may be gone. */
#define TORN "(SELECT object_id FROM op WHERE kind IN ('share_delete','share_unmanage') AND state=7)"
#define AVAILABLE "instance i JOIN share s ON s.id=i.share_id WHERE i.state=2 AND s.state=2 AND s.id NOT IN " TORN

/* An available share is on the driver; what else is there is an orphan, or of a share that is in error. */
static void look_at_driver(void)
{
	int64_t there = 0;

	for (uint32_t i = 0; i < fake.n_instances; i++) {
		const char *id = fake.instances[i].id;
		int64_t available = whole_ask(&w[0], "SELECT count(*) FROM " AVAILABLE " AND i.id='%s'", id);
		int64_t known = whole_ask(&w[0], "SELECT (SELECT count(*) FROM instance WHERE id='%s')+(SELECT count(*) FROM orphan "
			"WHERE instance_id='%s')", id, id);

		there += available;
		ck_assert_msg(known == 1, "instance %s is nobody's", id);
	}
	ck_assert_int_eq(whole_ask(&w[0], "SELECT count(*) FROM " AVAILABLE), there);
}

static void chaos(unsigned seed)
{
	static struct caller callers[CALLERS];
	static const char config[] = "engine: {lease: 10s, poll: 20ms, retry: {first: 2ms, most: 50ms, limit: 4}}\n" WHOLE_FAKE;
	pthread_t engines[2];

	fake_reset();
	fake.before = misbehave;
	fake.after = misreport;
	fake.refuses = refuse_some;
	fake.gives_up = 1;
	atomic_store(&driver_seed, seed);
	atomic_store(&trouble, 1);
	atomic_store(&over, 0);
	memset(w, 0, sizeof w);
	whole_open(&w[0], &(struct whole_how){ .config = config, .file = 1, .no_engine = 1 });
	memcpy(w[1].dir, w[0].dir, sizeof w[0].dir);
	whole_open(&w[1], &(struct whole_how){ .config = config, .file = 1, .no_engine = 1 });
	for (int i = 0; i < 2; i++)
		pthread_create(&engines[i], NULL, come_and_go, &w[i]);
	while (whole_ask(&w[0], "SELECT count(*) FROM pool WHERE state=1") == 0)
		whole_sleep_ms(5);
	for (unsigned i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){ .seed = seed + i, .s = w[i % 2].s };
		pthread_create(&callers[i].thread, NULL, call, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_join(callers[i].thread, NULL);
	atomic_store(&trouble, 0);
	atomic_store(&over, 1);
	for (int i = 0; i < 2; i++)
		pthread_join(engines[i], NULL);
	OK(shr_engine_open(w[0].ctx, NULL, &w[0].engine, &e));
	whole_rest(&w[0]);
	whole_holds(&w[0], INV_REFUSED | INV_ORPHANS);
	look_at_driver();
	printf("seed %u: %d operations, %d failed, %d cancelled, %d shares, %d orphans, %u on the driver\n", seed,
		(int)whole_ask(&w[0], "SELECT count(*) FROM op"), (int)whole_ask(&w[0], "SELECT count(*) FROM op WHERE state=6"),
		(int)whole_ask(&w[0], "SELECT count(*) FROM op WHERE state=7"), (int)whole_ask(&w[0], "SELECT count(*) FROM share"),
		(int)whole_ask(&w[0], "SELECT count(*) FROM orphan"), fake.n_instances);
	fake_no_findings();
	whole_close(&w[1]);
	whole_close(&w[0]);
	whole_remove(&w[0]);
}

START_TEST(when_all_is_quiet_the_rows_hold)
{
	int rounds = getenv("LIBSHARE_TEST_LONG") ? 100 : 3;
	unsigned seed = getenv("LIBSHARE_TEST_LONG") ? (unsigned)time(NULL) : 1;

	for (int i = 0; i < rounds; i++)
		chaos(seed + 1000u * (unsigned)i);
}
END_TEST

UNIT_MAIN(whole_chaos, when_all_is_quiet_the_rows_hold)
