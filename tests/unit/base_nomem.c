/* tests/unit/base_nomem.c - every function of base, with each of its allocations failing */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/fail.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/params.h"
#include "base/record.h"
#include "fault/fault.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

static long before;

/* Nothing may be left over, whatever failed. */
static void settle(void)
{
	ck_assert_int_eq(shr__fault_live(), before);
}

START_TEST(each_allocation_fails_once)
{
	void *p[3];

	shr__fault_at(2);
	for (int i = 0; i < 3; i++)
		p[i] = shr__alloc(1);
	ck_assert_ptr_nonnull(p[0]);
	ck_assert_ptr_null(p[1]);
	ck_assert_ptr_nonnull(p[2]);
	ck_assert_int_eq(shr__fault_fired(), 1);
	ck_assert_int_eq(shr__fault_count(), 3);
	ck_assert_int_eq(shr__fault_live(), before + 2);
	shr__fault_at(-1);
	shr__free(p[0]);
	shr__free(p[2]);
	settle();
}
END_TEST

static void *allocate(void *failures)
{
	for (int i = 0; i < 1000; i++) {
		void *p = shr__alloc(8);

		if (p == NULL)
			++*(int *)failures;
		shr__free(p);
	}
	return NULL;
}

START_TEST(only_one_thread_sees_the_failure)
{
	int failures[4] = { 0 };
	pthread_t threads[4];

	before = shr__fault_live();
	shr__fault_at(1500);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, allocate, &failures[i]), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(failures[0] + failures[1] + failures[2] + failures[3], 1);
	settle();
}
END_TEST

START_TEST(mem_survives)
{
	for (FAULT_WALK(n)) {
		char *a = shr__strdup("one");
		char *b = shr__strndup("twothree", 3);
		char *c = a != NULL ? shr__realloc(a, 100) : NULL;

		if (c != NULL)
			a = c;
		if (a != NULL)
			ck_assert_str_eq(a, "one"); /* also when it could not grow */
		shr__free(a);
		shr__free(b);
		settle();
	}
}
END_TEST

START_TEST(arena_survives)
{
	for (FAULT_WALK(n)) {
		struct shr__arena *a = shr__arena_new();
		char *s = NULL;

		if (a != NULL) {
			s = shr__arena_strdup(a, "first");
			for (int i = 0; i < 50; i++) {
				(void)shr__arena_alloc(a, 200);
				(void)shr__arena_printf(a, "%d", i);
			}
			(void)shr__arena_alloc(a, 1 << 20);
			ck_assert_str_eq(s, "first");
			ck_assert_str_eq(shr__arena_strdup(a, "last"), "last"); /* goes on after a failure */
		}
		shr__arena_free(a);
		settle();
	}
}
END_TEST

START_TEST(record_survives)
{
	for (FAULT_WALK(n)) {
		struct shr__arena *a = NULL;
		void *parent = shr__record_new(16, &a);
		void *child = shr__record_new(5000, &a); /* larger than an arena's first chunk */

		for (int i = 0; i < 200 && parent != NULL; i++) {
			if (shr__record_own(parent, shr__record_ref(child)) != 0)
				shr__record_unref(child); /* it is still ours */
		}
		shr__record_unref(child);
		shr__record_unref(parent);
		settle();
	}
}
END_TEST

START_TEST(buf_survives_and_failure_sticks)
{
	for (FAULT_WALK(n)) {
		struct shr__buf b = { 0 };
		char *s;

		for (int i = 0; i < 100; i++)
			shr__buf_printf(&b, "%d,", i);
		shr__pack_int(&b, 1, 2);
		shr__pack_str(&b, 1, "three");
		ck_assert_int_eq(b.failed, shr__fault_fired());
		s = shr__buf_take(&b);
		ck_assert(shr__fault_fired() == (s == NULL));
		ck_assert_ptr_null(b.p);
		shr__free(s);
		settle();
	}
}
END_TEST

START_TEST(json_survives)
{
	for (FAULT_WALK(n)) {
		struct shr__json j = { 0 };
		char *s;

		shr__json_open(&j, NULL, '[');
		for (int i = 0; i < 100; i++)
			shr__json_str(&j, NULL, "a\n\"");
		shr__json_close(&j, ']');
		s = shr__buf_take(&j.buf);
		ck_assert(shr__fault_fired() == (s == NULL));
		shr__free(s);
		settle();
	}
}
END_TEST

/* The error's own code survives; only its words may be lost. */
static void check_error(const struct shr_error *e, int code)
{
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->code, code);
	ck_assert_uint_eq(e->size, sizeof(*e));
	ck_assert_str_ne(e->message, "");
	ck_assert_ptr_nonnull(e->remedy);
	ck_assert_ptr_nonnull(e->op_id);
	ck_assert_ptr_nonnull(e->driver_message);
	shr_error_unref(shr_error_ref(e));
	shr_error_unref(e);
	settle();
}

START_TEST(fail_never_loses_the_code)
{
	for (FAULT_WALK(n)) {
		const struct shr_error *e = NULL;

		ck_assert_int_eq(shr__fail(&e, SHR_ENOSPC, "%s", "no room"), SHR_ENOSPC);
		ck_assert_str_eq(e->message, shr__fault_fired() ? shr__error_static(SHR_ENOSPC)->message : "no room");
		check_error(e, SHR_ENOSPC);
	}
}
END_TEST

START_TEST(fail_field_never_loses_the_code)
{
	for (FAULT_WALK(n)) {
		const struct shr_error *e = NULL;

		ck_assert_int_eq(shr__fail_field(&e, SHR_EINVAL, "size", "be bigger", "%d is too small", 3), SHR_EINVAL);
		ck_assert_uint_eq(e->n_faults, shr__fault_fired() ? 0 : 1);
		check_error(e, SHR_EINVAL);
	}
}
END_TEST

static void fill_with_faults(struct shr__faults *f)
{
	for (int i = 0; i < 30; i++) {
		shr__faults_add(f, SHR_EINVAL, "here", "do that", "number %d", i);
		shr__faults_add_object(f, SHR_ESTATE, "there", "share", "id", NULL, "number %d", i);
	}
}

START_TEST(faults_are_whole_or_no_memory)
{
	for (FAULT_WALK(n)) {
		struct shr__faults f = { 0 };
		const struct shr_error *e = NULL;
		int code;

		fill_with_faults(&f);
		code = shr__faults_fail(&f, &e, SHR_EINVAL, "%d mistakes", 60);
		ck_assert(code == SHR_EINVAL || (code == SHR_ENOMEM && shr__fault_fired()));
		ck_assert_uint_eq(e->n_faults, shr__fault_fired() ? 0 : 60);
		ck_assert_ptr_null(f.arena);
		check_error(e, code);
	}
}
END_TEST

START_TEST(faults_without_reterr_leave_nothing)
{
	for (FAULT_WALK(n)) {
		struct shr__faults f = { 0 };

		fill_with_faults(&f);
		ck_assert_int_lt(shr__faults_fail(&f, NULL, SHR_EINVAL, "mistakes"), 0);
		settle();
	}
}
END_TEST

START_TEST(params_refusal_survives)
{
	const uint32_t params[2] = { 3, 0 };

	for (FAULT_WALK(n)) {
		const struct shr_error *e = NULL;
		uint32_t copy[2];

		ck_assert_int_eq(shr__params_copy(params, "p", 4, copy, sizeof(copy), &e), SHR_EINVAL);
		check_error(e, SHR_EINVAL);
	}
}
END_TEST

UNIT_MAIN(base_nomem, each_allocation_fails_once, only_one_thread_sees_the_failure, mem_survives, arena_survives,
	record_survives, buf_survives_and_failure_sticks, json_survives, fail_never_loses_the_code,
	fail_field_never_loses_the_code, faults_are_whole_or_no_memory, faults_without_reterr_leave_nothing,
	params_refusal_survives)
