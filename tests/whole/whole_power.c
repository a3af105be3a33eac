/* tests/whole/whole_power.c - power fails under the whole library, at any write or sync: what was acknowledged is there
 * afterwards, everything ends by itself, and the backend has what the store says */
#include "whole.h"

#include <sys/stat.h>
#include <time.h>

#include "store/db_own.h"
#include "vfs/vfs.h"

#define MOST_OPS 200
#define STEPS 40

static struct whole w;
static char config[1024], pool[256];
static unsigned seed;

/* What the library has said yes to. */
static struct accepted {
	char op[40];
	char share[40];
	int succeeded; /* it was seen to have */
} accepted[MOST_OPS];
static unsigned n_accepted;

static void open_it(void)
{
	whole_open(&w, &(struct whole_how){ .config = config, .file = 1, .vfs = vfs_use(), .own_clock = 1 });
	/* A disk that is gone does not come back: nobody needs to wait for it here. */
	w.ctx->env.db->settle_ns = w.ctx->env.db->again_ns = 2000000;
}

static void note(const struct shr_op *op)
{
	ck_assert_uint_lt(n_accepted, MOST_OPS);
	snprintf(accepted[n_accepted].op, 40, "%s", op->id);
	snprintf(accepted[n_accepted].share, 40, "%s", op->object_id);
	accepted[n_accepted++].succeeded = 0;
	shr_op_unref(op);
}

static void change_one(const char *share)
{
	const struct shr_op *op = NULL;
	char who[24];
	int rc;

	snprintf(who, sizeof who, "10.1.0.%d", rand_r(&seed) % 20);
	switch (rand_r(&seed) % 6) {
	case 0:
		rc = shr_share_delete(w.s, share, NULL, &op, NULL);
		break;
	case 1:
		rc = shr_share_force_delete(w.s, share, NULL, &op, NULL);
		break;
	case 2:
		rc = shr_share_extend(w.s, share, (1 << 20) + (uint64_t)rand_r(&seed) % (1 << 24), NULL, &op, NULL);
		break;
	case 3:
		rc = shr_share_shrink(w.s, share, 1 + (uint64_t)rand_r(&seed) % (1 << 20), NULL, &op, NULL);
		break;
	default:
		rc = shr_access_allow(w.s, share, SHR_ACCESS_IP, who, SHR_LEVEL_RW, &op, NULL);
	}
	if (rc == 0)
		note(op);
}

static void look_who_succeeded(void)
{
	for (unsigned i = 0; i < n_accepted; i++)
		if (!accepted[i].succeeded)
			accepted[i].succeeded = shr_op_wait(w.host, accepted[i].op, 0, NULL, NULL) == 0;
}

static void work(void)
{
	for (int i = 0; i < STEPS && !vfs_power_is_off(); i++) {
		const struct shr_op *op;

		if (n_accepted && rand_r(&seed) % 3)
			change_one(accepted[(unsigned)rand_r(&seed) % n_accepted].share);
		else if ((op = whole_try_create(&w, 1 << 20, (uint32_t)rand_r(&seed) % 4, NULL)))
			note(op);
		for (int k = rand_r(&seed) % 4; k > 0; k--)
			whole_step(&w, 20);
		look_who_succeeded();
	}
}

/* An operation that was accepted is there and has ended; one that had succeeded still has. */
static void look_at_accepted(void)
{
	for (unsigned i = 0; i < n_accepted; i++) {
		const struct shr_op *op = NULL;

		if (shr_op_get(w.host, accepted[i].op, &op, NULL) != 0)
			ck_abort_msg("seed %u: operation %s was accepted and is lost", seed, accepted[i].op);
		ck_assert_uint_ge(op->state, SHR_OP_SUCCEEDED);
		if (accepted[i].succeeded)
			ck_assert_uint_eq(op->state, SHR_OP_SUCCEEDED);
		shr_op_unref(op);
	}
}

/* A share is there when its create succeeded and no delete did. */
static void look_at_shares(void)
{
	int64_t made = whole_ask(&w, "SELECT count(*) FROM op WHERE kind='share_create' AND state=5 AND object_id NOT IN "
		"(SELECT object_id FROM op WHERE kind IN ('share_delete','share_force_delete') AND state=5)");

	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share WHERE state=2"), made);
	ck_assert_int_eq(whole_ask(&w, "SELECT count(*) FROM share s WHERE state=2 AND bytes<>(SELECT bytes FROM instance i "
		"WHERE i.share_id=s.id)"), 0);
}

static void look_at_all(void)
{
	OK(shr_ctx_check(w.ctx, SHR_CHECK_FULL, &e));
	whole_holds(&w, 0);
	look_at_accepted();
	look_at_shares();
	ck_assert_int_eq(invariants_dir_broken(whole_db(&w), pool), 0);
}

/* Power fails three times: each life begins with what the one before has left. */
static void one_disk(unsigned number)
{
	char root[256];

	memset(&w, 0, sizeof w);
	w.mono_ns = 1000000000;
	n_accepted = 0;
	seed = number;
	whole_dir(&w);
	snprintf(root, sizeof root, "%s/root", w.dir);
	snprintf(pool, sizeof pool, "%s/root/p", w.dir);
	ck_assert_int_eq(mkdir(root, 0700), 0);
	snprintf(config, sizeof config, "plugins: {directories: [%s]}\nengine: {lease: 1s, retry: {first: 10ms}}\nbackends:\n"
		"- name: d\n  driver: dir\n  exporter: none\n  settings: {root: %s}\n  pools: [{name: p, capacity: 10TiB}]\n",
		TEST_BACKENDS, root);
	vfs_reset();
	vfs_light_sync(1);
	vfs_power_watch();
	open_it();
	for (unsigned life = 0; life < 3; life++) {
		vfs_power_off_at(1 + (unsigned long)rand_r(&seed) % 160);
		work();
		if (!vfs_power_is_off())
			vfs_power_off_at(1);
		whole_close(&w);
		vfs_power_back(number * 3 + life);
		open_it();
		whole_rest(&w);
		look_at_all();
	}
	whole_close(&w);
	whole_remove(&w);
	vfs_reset();
}

/* A commit whose outcome was not known had been done, and its call was undone. */
static const unsigned known[] = { 1795340211 };

START_TEST(what_was_acknowledged_survives_the_loss_of_power)
{
	unsigned first = getenv("LIBSHARE_TEST_LONG") ? (unsigned)time(NULL) : 1;
	unsigned n = getenv("LIBSHARE_TEST_LONG") ? 1000 : 40;

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		one_disk(known[i]);
	for (unsigned i = 0; i < n; i++) {
		const char *one = getenv("LIBSHARE_TEST_SEED");

		if (getenv("LIBSHARE_TEST_LONG"))
			printf("seed %u\n", first + i);
		one_disk(one ? (unsigned)atoi(one) : first + i);
	}
}
END_TEST

UNIT_MAIN(whole_power, what_was_acknowledged_survives_the_loss_of_power)
