/* tests/unit/sched_place.c - which pool a share goes to, why it goes nowhere, and when the pools are read again */
#include "api_try.h"

#include <inttypes.h>
#include <pthread.h>
#include <time.h>

#include "sched/sched.h"

#define GIB (INT64_C(1) << 30)
#define NFS ((int64_t)SHR_PROTO_NFS)
#define SMB ((int64_t)SHR_PROTO_SMB)
#define MS INT64_C(1000000)

static struct shr_ctx *ctx;
static struct shr__sched *sched;

static void backend_of(const char *engine, const char *name, int64_t state)
{
	PUT(ctx, backend, .name = name, .version = 1, .engine = engine, .fingerprint = "", .driver = "null", .exporter = "", .state = state,
		.reason = state == SHR_POOL_UP ? "" : "the disk is gone", .engine_name = "");
}

static void backend(const char *name, int64_t state)
{
	backend_of("", name, state);
}

/* What is not named is the usual. */
static void put_pool(struct shr__pool_row *row)
{
	row->version = 1;
	row->zone = row->zone ? row->zone : "";
	row->reason = "";
	row->state = row->state ? row->state : SHR_POOL_UP;
	row->protocols = row->protocols ? row->protocols : NFS;
	try_write(ctx, &(struct try_put){ &shr__pool_def, row, 1, 0 });
}
#define POOL(...) put_pool(&(struct shr__pool_row){ __VA_ARGS__ })

static void set_up(void)
{
	ctx = try_open();
	sched = shr__sched_new();
	ck_assert_ptr_nonnull(sched);
}

static void tear_down(void)
{
	shr__sched_free(sched);
	shr_ctx_close(ctx);
}

#define WANT(...) (&(struct shr__place_want){ __VA_ARGS__ })

static int place_at(int64_t now, const struct shr__place_want *want, struct shr__placement *ret, const struct shr_error **e)
{
	struct shr__place_want w = *want;

	w.protocols = w.protocols ? w.protocols : SHR_PROTO_NFS;
	return shr__sched_place(sched, ctx->env.db, now, &w, ret, e);
}

/* "backend/pool" of where it goes. */
static const char *goes_at(int64_t now, const struct shr__place_want *want)
{
	static char name[160];
	struct shr__placement p;

	DONE(place_at(now, want, &p, &e));
	snprintf(name, sizeof name, "%s/%s", p.backend, p.pool);
	return name;
}

static const char *goes(const struct shr__place_want *want)
{
	return goes_at(0, want);
}

static const struct shr_error *refusal(int code, const struct shr__place_want *want)
{
	const struct shr_error *e = NULL;
	struct shr__placement p;

	ck_assert_int_eq(place_at(0, want, &p, &e), code);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->code, code);
	return e;
}

START_TEST(the_pool_with_the_most_free_share_is_taken)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "big", .limit_bytes = 100 * GIB, .allocated = 60 * GIB);
	POOL(.backend = "a", .name = "small", .limit_bytes = 10 * GIB, .allocated = 5 * GIB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/small");
	tear_down();
}
END_TEST

START_TEST(equal_pools_are_taken_by_name)
{
	set_up();
	backend("b", SHR_POOL_UP);
	backend("a", SHR_POOL_UP);
	POOL(.backend = "b", .name = "1", .limit_bytes = 10 * GIB);
	POOL(.backend = "a", .name = "2", .limit_bytes = 10 * GIB);
	POOL(.backend = "a", .name = "3", .limit_bytes = 10 * GIB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/2");
	tear_down();
}
END_TEST

/* Where each protocol has a server of its own, one share is served by both only with the promise. */
START_TEST(two_protocols_at_once_want_the_promise)
{
	const struct shr_error *e;

	set_up();
	PUT(ctx, backend, .name = "a", .version = 1, .engine = "", .fingerprint = "", .driver = "null", .exporter = "ganesha, samba",
		.state = SHR_POOL_UP, .reason = "", .engine_name = "");
	POOL(.backend = "a", .name = "1", .limit_bytes = 10 * GIB, .protocols = NFS | SMB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB, .protocols = SHR_PROTO_SMB)), "a/1");
	e = refusal(SHR_EUNSUPPORTED, WANT(.bytes = GIB, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB));
	ck_assert_str_eq(e->faults[0]->message, "it does not serve one share by the protocols nfs, smb at once");
	ck_assert_str_eq(e->faults[0]->remedy, "ask for one of them in protocols, or for a pool with dual_protocol");
	shr_error_unref(e);
	POOL(.backend = "a", .name = "2", .limit_bytes = 10 * GIB, .protocols = NFS | SMB, .capabilities = (int64_t)SHR_CAP_DUAL_PROTOCOL);
	shr__sched_stale(sched);
	ck_assert_str_eq(goes(WANT(.bytes = GIB, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB)), "a/2");
	backend("alone", SHR_POOL_UP); /* it speaks both by itself */
	POOL(.backend = "alone", .name = "3", .limit_bytes = 100 * GIB, .protocols = NFS | SMB);
	shr__sched_stale(sched);
	ck_assert_str_eq(goes(WANT(.bytes = 50 * GIB, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB)), "alone/3");
	tear_down();
}
END_TEST

START_TEST(what_was_taken_counts_at_once)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10 * GIB);
	POOL(.backend = "a", .name = "2", .limit_bytes = 10 * GIB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/1");
	shr__sched_took(sched, "a", "1", GIB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/2");
	shr__sched_took(sched, "a", "1", -GIB);
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/1");
	tear_down();
}
END_TEST

START_TEST(a_share_may_take_the_last_byte_and_not_one_more)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 3);
	ck_assert_str_eq(goes(WANT(.bytes = 7)), "a/1");
	shr_error_unref(refusal(SHR_ENOSPC, WANT(.bytes = 8)));
	tear_down();
}
END_TEST

START_TEST(a_pool_that_gave_out_more_than_its_limit_has_no_room)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 30);
	POOL(.backend = "a", .name = "2", .limit_bytes = INT64_MIN, .allocated = INT64_MAX);
	shr_error_unref(refusal(SHR_ENOSPC, WANT(.bytes = 1)));
	tear_down();
}
END_TEST

START_TEST(what_is_there_already_needs_no_room)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 30);
	ck_assert_str_eq(goes(WANT(.any_room = 1)), "a/1");
	tear_down();
}
END_TEST

START_TEST(names_and_zones_are_kept_to)
{
	set_up();
	backend("a", SHR_POOL_UP);
	backend("b", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10 * GIB, .zone = "east");
	POOL(.backend = "a", .name = "2", .limit_bytes = 9 * GIB, .allocated = 1, .zone = "west");
	POOL(.backend = "b", .name = "1", .limit_bytes = 8 * GIB, .allocated = 2 * GIB, .zone = "west");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .backend = "b")), "b/1");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .pool = "2")), "a/2");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .zone = "west")), "a/2");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .zone = "west", .pool = "1")), "b/1");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .zone = "", .backend = "", .pool = "")), "a/1");
	tear_down();
}
END_TEST

START_TEST(the_placement_says_what_the_pool_is)
{
	struct shr__placement p;

	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 77, .zone = "east", .capabilities = 5);
	DONE(place_at(0, WANT(.bytes = 1), &p, &e));
	ck_assert_str_eq(p.zone, "east");
	ck_assert_int_eq(p.limit, 77);
	ck_assert_uint_eq(p.capabilities, 5);
	tear_down();
}
END_TEST

START_TEST(all_protocols_and_capabilities_are_needed)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = GIB, .protocols = NFS, .capabilities = 7);
	POOL(.backend = "a", .name = "2", .limit_bytes = GIB, .allocated = 1, .protocols = NFS | SMB, .capabilities = 3);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/1");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .protocols = SHR_PROTO_NFS | SHR_PROTO_SMB)), "a/2");
	ck_assert_str_eq(goes(WANT(.bytes = 1, .capabilities = 4)), "a/1");
	shr_error_unref(refusal(SHR_EUNSUPPORTED, WANT(.bytes = 1, .protocols = SHR_PROTO_SMB, .capabilities = 4)));
	tear_down();
}
END_TEST

START_TEST(a_pool_is_up_when_it_and_its_backend_are)
{
	set_up();
	backend("a", SHR_POOL_DOWN);
	backend("c", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = GIB);
	POOL(.backend = "b", .name = "1", .limit_bytes = GIB); /* has no row: no engine has it */
	POOL(.backend = "c", .name = "1", .limit_bytes = GIB, .state = SHR_POOL_UNKNOWN);
	shr_error_unref(refusal(SHR_EUNREACHABLE, WANT(.bytes = 1)));
	POOL(.backend = "c", .name = "2", .limit_bytes = GIB);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "c/2");
	tear_down();
}
END_TEST

START_TEST(a_backend_that_an_engine_has_comes_first)
{
	set_up();
	backend("a", SHR_POOL_UP);
	backend_of("e", "b", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = GIB);
	POOL(.backend = "b", .name = "1", .limit_bytes = GIB, .allocated = GIB / 2);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "b/1");
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/1"); /* it waits for an engine */
	tear_down();
}
END_TEST

START_TEST(a_refusal_says_of_each_pool_which_filter_stopped_it_and_with_what_numbers)
{
	const struct shr_error *e;

	set_up();
	backend("a", SHR_POOL_UP);
	backend("b", SHR_POOL_DOWN);
	POOL(.backend = "a", .name = "cap", .limit_bytes = GIB, .zone = "z");
	POOL(.backend = "a", .name = "full", .limit_bytes = 3 * GIB, .allocated = 2 * GIB, .zone = "z", .capabilities = SHR_CAP_SHRINK);
	POOL(.backend = "a", .name = "proto", .limit_bytes = GIB, .protocols = SMB, .zone = "z");
	POOL(.backend = "a", .name = "zone", .limit_bytes = GIB, .zone = "y");
	POOL(.backend = "b", .name = "down", .limit_bytes = GIB, .zone = "z", .capabilities = SHR_CAP_SHRINK);
	e = refusal(SHR_ENOSPC, WANT(.bytes = 2 * GIB, .zone = "z", .capabilities = SHR_CAP_SHRINK));
	ck_assert_str_eq(e->message, "none of 5 pools can take the share");
	ck_assert_uint_eq(e->n_faults, 5);
	ck_assert_str_eq(e->faults[0]->where, "pool a/cap");
	ck_assert_str_eq(e->faults[0]->message, "it lacks shrink");
	ck_assert_int_eq(e->faults[0]->code, SHR_EUNSUPPORTED);
	ck_assert_str_eq(e->faults[1]->message,
		"it has room for 1GiB and the share wants 2GiB (2147483648 of 3221225472 bytes are given out)");
	ck_assert_int_eq(e->faults[1]->code, SHR_ENOSPC);
	ck_assert_str_eq(e->faults[2]->message, "it does not speak nfs");
	ck_assert_str_eq(e->faults[3]->message, "it is in zone \"y\", not in \"z\"");
	ck_assert_str_eq(e->faults[4]->message, "it is not up: the disk is gone");
	ck_assert_int_eq(e->faults[4]->code, SHR_EUNREACHABLE);
	shr_error_unref(e);
	tear_down();
}
END_TEST

START_TEST(at_most_fifty_pools_are_explained)
{
	const struct shr_error *e;
	char name[16];

	set_up();
	backend("a", SHR_POOL_UP);
	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof name, "%02d", i);
		POOL(.backend = "a", .name = name, .limit_bytes = 1);
	}
	e = refusal(SHR_ENOSPC, WANT(.bytes = GIB));
	ck_assert_uint_eq(e->n_faults, 50);
	ck_assert_str_eq(e->message, "none of 60 pools can take the share");
	shr_error_unref(e);
	tear_down();
}
END_TEST

START_TEST(a_name_that_is_not_there_is_the_callers_mistake)
{
	const struct shr_error *e;

	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 1);
	e = refusal(SHR_EINVAL, WANT(.bytes = 1, .backend = "x"));
	ck_assert_str_eq(e->faults[0]->where, "backend");
	shr_error_unref(e);
	e = refusal(SHR_EINVAL, WANT(.bytes = 1, .backend = "a", .pool = "x"));
	ck_assert_str_eq(e->faults[0]->where, "pool");
	shr_error_unref(e);
	e = refusal(SHR_EINVAL, WANT(.bytes = 1, .pool = "x"));
	ck_assert_str_eq(e->faults[0]->where, "pool");
	shr_error_unref(e);
	tear_down();
}
END_TEST

START_TEST(no_pools_at_all_means_that_no_engine_ran)
{
	set_up();
	shr_error_unref(refusal(SHR_EUNREACHABLE, WANT(.bytes = 1)));
	tear_down();
}
END_TEST

START_TEST(the_pools_are_read_again_before_a_refusal)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 1);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/1");
	POOL(.backend = "a", .name = "2", .limit_bytes = 100);
	ck_assert_str_eq(goes(WANT(.bytes = 50)), "a/2");
	tear_down();
}
END_TEST

START_TEST(a_young_picture_is_not_read_again)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 5);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/1");
	POOL(.backend = "a", .name = "2", .limit_bytes = 10);
	ck_assert_str_eq(goes_at(100 * MS, WANT(.bytes = 1)), "a/1");
	tear_down();
}
END_TEST

START_TEST(an_old_picture_is_read_again_once_something_was_committed)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 5);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/1");
	POOL(.backend = "a", .name = "2", .limit_bytes = 10);
	ck_assert_str_eq(goes_at(1500 * MS, WANT(.bytes = 1)), "a/2");
	tear_down();
}
END_TEST

START_TEST(a_picture_that_is_said_to_be_stale_is_read_again)
{
	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10, .allocated = 5);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/1");
	POOL(.backend = "a", .name = "2", .limit_bytes = 10);
	shr__sched_stale(sched);
	ck_assert_str_eq(goes(WANT(.bytes = 1)), "a/2");
	tear_down();
}
END_TEST

START_TEST(a_pool_with_a_name_that_no_pool_has_is_left_out)
{
	char name[80];

	set_up();
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = name, .limit_bytes = 10);
	shr_error_unref(refusal(SHR_EUNREACHABLE, WANT(.bytes = 1)));
	tear_down();
}
END_TEST

/* ---- many ---- */

#define MANY 10000

static int put_many(struct shr__txn *t, void *data, const struct shr_error **reterr)
{
	char name[16];
	int rc = 0;

	for (int i = 0; rc == 0 && i < MANY; i++) {
		struct shr__pool_row row = { .backend = "a", .name = name, .version = 1, .zone = "", .reason = "", .state = SHR_POOL_UP,
			.protocols = NFS, .limit_bytes = 100 * GIB, .allocated = i == 7777 ? GIB : 2 * GIB };

		snprintf(name, sizeof name, "p%05d", i);
		rc = shr__txn_insert(t, &shr__pool_def, &row);
	}
	return rc;
}

static void many_pools(void)
{
	struct shr__arena *arena = shr__arena_new();
	struct shr__job job = { .body = put_many, .arena = arena };

	backend("a", SHR_POOL_UP);
	ck_assert_int_eq(shr__db_write(ctx->env.db, &job), 0);
	shr__arena_free(arena);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* How long it takes is told, not judged: the machine may be busy. */
START_TEST(the_best_of_ten_thousand_pools_is_found)
{
	int64_t begun, read, placed;

	set_up();
	many_pools();
	begun = now_ns();
	ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/p07777");
	read = now_ns();
	for (int i = 0; i < 100; i++)
		ck_assert_str_eq(goes(WANT(.bytes = GIB)), "a/p07777");
	placed = now_ns();
	printf("%d pools: read and placed in %" PRId64 " us, then placed in %" PRId64 " us\n", MANY, (read - begun) / 1000,
		(placed - read) / 100000);
	tear_down();
}
END_TEST

static void *place_often(void *data)
{
	for (int i = 0; i < 300; i++) {
		const struct shr_error *e = NULL;
		struct shr__placement p;

		if (place_at(i * MS, WANT(.bytes = 1), &p, &e) != 0) {
			shr_error_unref(e);
			return (void *)"refused";
		}
		shr__sched_took(sched, p.backend, p.pool, 1);
		if (i % 50 == 0)
			shr__sched_stale(sched);
	}
	return NULL;
}

START_TEST(several_threads_place_while_the_pools_are_read)
{
	pthread_t threads[4];

	set_up();
	backend("a", SHR_POOL_UP);
	POOL(.backend = "a", .name = "1", .limit_bytes = 10 * GIB);
	POOL(.backend = "a", .name = "2", .limit_bytes = 10 * GIB);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, place_often, NULL), 0);
	for (int i = 0; i < 4; i++) {
		void *wrong;

		pthread_join(threads[i], &wrong);
		ck_assert_ptr_null(wrong);
	}
	tear_down();
}
END_TEST

UNIT_MAIN(sched_place, the_pool_with_the_most_free_share_is_taken, equal_pools_are_taken_by_name,
	two_protocols_at_once_want_the_promise, what_was_taken_counts_at_once,
	a_share_may_take_the_last_byte_and_not_one_more, a_pool_that_gave_out_more_than_its_limit_has_no_room,
	what_is_there_already_needs_no_room, names_and_zones_are_kept_to, the_placement_says_what_the_pool_is,
	all_protocols_and_capabilities_are_needed, a_pool_is_up_when_it_and_its_backend_are, a_backend_that_an_engine_has_comes_first,
	a_refusal_says_of_each_pool_which_filter_stopped_it_and_with_what_numbers, at_most_fifty_pools_are_explained,
	a_name_that_is_not_there_is_the_callers_mistake, no_pools_at_all_means_that_no_engine_ran,
	the_pools_are_read_again_before_a_refusal, a_young_picture_is_not_read_again,
	an_old_picture_is_read_again_once_something_was_committed, a_picture_that_is_said_to_be_stale_is_read_again,
	a_pool_with_a_name_that_no_pool_has_is_left_out, the_best_of_ten_thousand_pools_is_found,
	several_threads_place_while_the_pools_are_read)
