/* tests/whole/whole_nomem.c - each allocation of each scene fails once, from the call to the engine's last commit */
#include "scenes.h"

#include "fault/fault.h"
#include "libshare/drift.h"

static struct whole w;

static int heal(void)
{
	int fired = shr__fault_fired();

	shr__fault_at(-1);
	return fired;
}

static const struct scene_trouble no_memory = { shr__fault_at, heal };

static void setup(void)
{
	scenes_setup();
	shr__fault_at(-1);
	whole_open(&w, &(struct whole_how){ .own_clock = 1 });
	w.mono_ns = 1000000000;
}

START_TEST(every_allocation_of_every_scene_fails_once)
{
	long live = shr__fault_live();

	setup();
	for (unsigned i = 0; i < n_scene_kinds; i++) {
		long n = scenes_walk(&w, &scene_kinds[i], &no_memory, 1, 1);

		printf("%s: %ld allocations\n", scene_kinds[i].name, n - 1);
	}
	whole_close(&w);
	fake_no_findings();
	ck_assert_int_eq(shr__fault_live(), live);
}
END_TEST

/* ---- lists ---- */

#define LIST(call, unref) \
	do { \
		for (FAULT_WALK(n)) { \
			const struct shr_error *e = NULL; \
			int rc = (call); \
			if (rc == 0) \
				unref; \
			else \
				ck_assert(rc == SHR_ENOMEM && e && shr__fault_fired()); \
			shr_error_unref(e); \
		} \
	} while (0)

START_TEST(every_allocation_of_every_list_fails_once)
{
	const struct shr_share_page *shares = NULL;
	const struct shr_rule_page *rules = NULL;
	const struct shr_op_page *ops = NULL;
	const struct shr_event_page *events = NULL;
	const struct shr_pool_page *pools = NULL;
	const struct shr_lock_page *locks = NULL;
	const struct shr_orphan_page *orphans = NULL;
	long live = shr__fault_live();
	char share[40];

	setup();
	whole_create(&w, 1 << 20, 3, share);
	OK(shr_lock_add(w.s, share, "vm", NULL, NULL, NULL, &e));
	LIST(shr_share_list(w.s, NULL, NULL, &shares, &e), shr_share_page_unref(shares));
	LIST(shr_access_list(w.s, share, NULL, &rules, &e), shr_rule_page_unref(rules));
	LIST(shr_op_list(w.s, NULL, NULL, &ops, &e), shr_op_page_unref(ops));
	LIST(shr_event_read(w.s, NULL, 0, 0, NULL, &events, &e), shr_event_page_unref(events));
	LIST(shr_pool_list(w.s, NULL, &pools, &e), shr_pool_page_unref(pools));
	LIST(shr_lock_list(w.s, share, NULL, &locks, &e), shr_lock_page_unref(locks));
	LIST(shr_orphan_list(w.s, NULL, &orphans, &e), shr_orphan_page_unref(orphans));
	whole_close(&w);
	ck_assert_int_eq(shr__fault_live(), live);
}
END_TEST

/* ---- from nothing to a share and back ---- */

static const struct whole_how whole_life = { .own_clock = 1 };

static int live_once(const struct shr_error **reterr)
{
	const struct shr_op *op;
	int rc = whole_try_open(&w, &whole_life, reterr);

	if (rc < 0)
		return rc;
	for (int i = 0; i < 20; i++) /* a backend that could not be had at once is had soon */
		whole_step(&w, 25);
	op = whole_try_create(&w, 1 << 20, 2, reterr);
	for (int i = 0; op && i < 20; i++)
		whole_step(&w, 25);
	rc = op ? 0 : (*reterr)->code;
	shr_op_unref(op);
	whole_close(&w);
	return rc;
}

/* Opening takes thousands, most of them alike (the schema's): a share of them each time, all of them in the long form. */
START_TEST(every_allocation_from_open_to_close_fails_once)
{
	long step = getenv("LIBSHARE_TEST_LONG") ? 1 : 7, live, most;
	const struct shr_error *e = NULL;

	scenes_setup();
	w.mono_ns = 1000000000;
	shr__fault_at(-1);
	ck_assert_int_eq(live_once(&e), 0); /* what is made once and kept is made now */
	live = shr__fault_live();
	shr__fault_at(-1);
	ck_assert_int_eq(live_once(&e), 0);
	most = shr__fault_count();
	printf("open to close: %ld allocations\n", most);
	for (long n = 1; n <= most; n += step) {
		int rc;

		e = NULL;
		fake_reset();
		scenes_setup();
		shr__fault_at(n);
		rc = live_once(&e);
		ck_assert_msg(rc == 0 || rc == SHR_ENOMEM, "%ld: %s: %s", n, shr_strcode(rc), e ? e->message : "");
		ck_assert(rc == 0 || e);
		shr_error_unref(e);
		shr__fault_at(-1);
		ck_assert_msg(shr__fault_live() == live, "%ld: %ld of %ld left", n, shr__fault_live() - live, live);
		ck_assert_uint_eq(fake.open, 0);
	}
}
END_TEST

/* ---- comparing all of a backend ---- */

static int wait_pass(uint64_t pass, const struct shr_error **reterr)
{
	int rc = SHR_RUNNING;

	for (int i = 0; i < 400 && rc == SHR_RUNNING; i++) {
		whole_step(&w, 25);
		rc = shr_backend_reconcile_wait(w.host, NULL, pass, 0, reterr);
	}
	return rc;
}

/* Not asked for, or asked for and done: the engine goes on when there is memory again. */
START_TEST(every_allocation_of_a_comparison_fails_once)
{
	long live = shr__fault_live();
	uint64_t pass;
	char share[40];

	setup();
	whole_create(&w, 1 << 20, 3, share);
	for (long n = 1, fired = 1; fired; n++) {
		int64_t before = whole_ask(&w, "SELECT max(pass_asked) FROM backend"), now;
		const struct shr_error *error = NULL;
		int rc;

		shr__fault_at(n);
		rc = shr_backend_reconcile(w.host, NULL, &pass, &error);
		if (rc == 0)
			rc = wait_pass(pass, &error);
		fired = heal();
		ck_assert_msg(rc == 0 || (fired && error), "%ld: %s", n, shr_strcode(rc));
		now = whole_ask(&w, "SELECT max(pass_asked) FROM backend");
		ck_assert(now == before + 1 || (now == before && rc == SHR_ENOMEM));
		shr_error_unref(error);
		OK(shr_backend_reconcile(w.host, NULL, &pass, &e));
		error = NULL;
		rc = wait_pass(pass, &error);
		ck_assert_msg(rc == 0, "%ld: %s: %s", n, shr_strcode(rc), error ? error->message : "");
	}
	whole_close(&w);
	ck_assert_int_eq(shr__fault_live(), live);
}
END_TEST

UNIT_MAIN(whole_nomem, every_allocation_of_every_scene_fails_once, every_allocation_of_every_list_fails_once,
	every_allocation_from_open_to_close_fails_once, every_allocation_of_a_comparison_fails_once)
