/* tests/unit/plugin_threads.c - thread models are kept, and a plugin's own threads may tell */
#include "plugin_try.h"

#include "plugin/registry.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define THREADS 8
#define CALLS 40

#define TWO \
	"backends:\n- name: alpha\n  driver: fake\n  settings: {root: /a}\n  pools:\n  - name: one\n" \
	"- name: beta\n  driver: fake\n  settings: {root: /b}\n  pools:\n  - name: one\n"

static struct try t[2];
static struct shr__backend *backends[4]; /* alpha and beta, in two contexts */
static atomic_int now_all, most_all, most_one, most_same, made;
static atomic_int now_one[4], now_same[2];

static void up(atomic_int *now, atomic_int *most)
{
	int n = atomic_fetch_add(now, 1) + 1, seen = atomic_load(most);

	while (n > seen && !atomic_compare_exchange_weak(most, &seen, n))
		;
}

static void nap(void)
{
	nanosleep(&(struct timespec){ 0, 200000 }, NULL);
}

/* The call's names say which backend and which instance it is on. */
static int count(const struct try_call *c)
{
	int one = c->call->op_id[0] - '0', same = c->instance->id[0] - '0';

	up(&now_all, &most_all);
	up(&now_one[one], &most_one);
	if (one == 0)
		up(&now_same[same], &most_same);
	nap();
	if (one == 0)
		atomic_fetch_sub(&now_same[same], 1);
	atomic_fetch_sub(&now_one[one], 1);
	atomic_fetch_sub(&now_all, 1);
	atomic_fetch_add(&made, 1);
	return 0;
}

static void *run(void *data)
{
	unsigned seed = (unsigned)(uintptr_t)data;
	struct shr__arena *arena = shr__arena_new();
	struct shr__told told;

	ck_assert_ptr_nonnull(arena);
	for (unsigned i = 0; i < CALLS; i++) {
		static const char *const ids[] = { "0", "1" }, *const ops[] = { "0", "1", "2", "3" };
		unsigned b = (seed + i) % 4, k = (seed / 2 + i / 4) % 2;
		struct shr_instance instance = try_instance;
		struct shr__callname name = { .op_id = ops[b], .step = "s", .item_id = ids[k] };
		struct shr__callargs args = { .instance = &instance };

		instance.id = ids[k];
		shr__told_init(&told, arena);
		ck_assert_int_eq(shr__backend_call(backends[b], SHR__VERB_REMOVE, &name, &args, &told), 0);
		shr__arena_reset(arena);
	}
	shr__arena_free(arena);
	return NULL;
}

static void all_threads(uint32_t model)
{
	pthread_t threads[THREADS];

	try_driver.threads = model;
	act = count;
	for (int i = 0; i < 2; i++) {
		try_opened(&t[i], TWO);
		backends[2 * i] = t[i].backend;
		ck_assert_int_eq(shr__backend_open(t[i].plugins, t[i].config, &t[i].config->backends[1], &t[i].name,
			&backends[2 * i + 1], NULL), 0);
	}
	for (uintptr_t i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, run, (void *)i), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(made, THREADS * CALLS);
	for (int i = 0; i < 2; i++) {
		shr__backend_close(backends[2 * i + 1]);
		try_end(&t[i]);
	}
}

START_TEST(serial_is_one_call_in_the_process)
{
	all_threads(SHR_THREADS_SERIAL);
	ck_assert_int_eq(most_all, 1);
}
END_TEST

START_TEST(backend_is_one_call_for_each_backend)
{
	all_threads(SHR_THREADS_BACKEND);
	ck_assert_int_eq(most_one, 1);
	ck_assert_int_gt(most_all, 1);
}
END_TEST

START_TEST(parallel_is_never_two_on_one_instance)
{
	all_threads(SHR_THREADS_PARALLEL);
	ck_assert_int_eq(most_same, 1);
	ck_assert_int_gt(most_one, 1);
}
END_TEST

/* ---- a plugin with threads of its own ---- */

static atomic_int asked;

static int never(void *data)
{
	atomic_fetch_add(&asked, 1);
	return 0;
}

static void *tell(void *data)
{
	const struct try_call *c = data;

	for (int i = 0; i < 200; i++) {
		host->set_ref(c->call, "i-1", "x");
		host->progress(c->call, (uint64_t)i, 200);
		host->cancelled(c->call);
		try_export(c, "a:/b", SHR_PROTO_NFS);
		host->log(c->call, SHR_LOG_DEBUG, "");
	}
	return NULL;
}

static int tell_by_threads(const struct try_call *c)
{
	pthread_t threads[4];
	struct try_call copy = *c;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, tell, &copy), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	return 0;
}

START_TEST(any_thread_of_a_plugin_may_tell)
{
	try_opened(&t[0], TRY_ALONE);
	t[0].plugins->log = NULL;
	t[0].name.cancelled = never;
	TRY_FAILS(&t[0], SHR__VERB_CREATE, tell_by_threads, SHR_EDRIVER, "more than 64 exports");
	ck_assert_int_ge(asked, 800);
	try_end(&t[0]);
}
END_TEST

/* A thread that goes on after its call has ended: nothing of it may land in the next call. */
static pthread_t late;
static const struct shr_call *late_call;
static atomic_int stop;

static void *tell_for_ever(void *data)
{
	while (!stop) {
		host->set_ref(late_call, "i-1", "late");
		host->progress(late_call, 1, 2);
		host->cancelled(late_call);
	}
	return NULL;
}

static int leave_a_thread(const struct try_call *c)
{
	late_call = c->call;
	ck_assert_int_eq(pthread_create(&late, NULL, tell_for_ever, NULL), 0);
	nap();
	return 0;
}

static int nothing(const struct try_call *c)
{
	return 0;
}

START_TEST(thread_that_outlives_its_call_is_harmless)
{
	try_opened(&t[0], TRY_ALONE);
	t[0].plugins->log = NULL;
	t[0].name.cancelled = never;
	ck_assert_int_eq(try_do(&t[0], SHR__VERB_REMOVE, leave_a_thread), 0);
	for (int i = 0; i < 5; i++) { /* as many calls as the slots that are free before its own */
		nap();
		ck_assert_int_eq(try_do(&t[0], SHR__VERB_REMOVE, nothing), 0);
		ck_assert_int_eq(t[0].told.has_ref, 0);
	}
	stop = 1;
	pthread_join(late, NULL);
	try_end(&t[0]);
}
END_TEST

UNIT_MAIN(plugin_threads, serial_is_one_call_in_the_process, backend_is_one_call_for_each_backend,
	parallel_is_never_two_on_one_instance, any_thread_of_a_plugin_may_tell, thread_that_outlives_its_call_is_harmless)
