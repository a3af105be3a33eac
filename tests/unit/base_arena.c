/* tests/unit/base_arena.c - memory, arenas, records */
#include "unit.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/record.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

START_TEST(alloc_gives_zeroed_memory)
{
	unsigned char *p = shr__alloc(4096);

	ck_assert_ptr_nonnull(p);
	for (int i = 0; i < 4096; i++)
		ck_assert_uint_eq(p[i], 0);
	shr__free(p);
}
END_TEST

START_TEST(alloc_of_nothing_is_a_pointer)
{
	void *p = shr__alloc(0);

	ck_assert_ptr_nonnull(p);
	p = shr__realloc(p, 0);
	ck_assert_ptr_nonnull(p);
	shr__free(p);
}
END_TEST

START_TEST(alloc_of_everything_fails)
{
	char *p = shr__strdup("kept");

	ck_assert_ptr_null(shr__alloc(SIZE_MAX));
	ck_assert_ptr_null(shr__realloc(p, SIZE_MAX));
	ck_assert_str_eq(p, "kept");
	shr__free(p);
}
END_TEST

START_TEST(strdup_of_null_is_null)
{
	ck_assert_ptr_null(shr__strdup(NULL));
}
END_TEST

START_TEST(strndup_stops_at_the_nul)
{
	char *p = shr__strndup("ab\0cd", 5);

	ck_assert_str_eq(p, "ab");
	shr__free(p);
}
END_TEST

START_TEST(arena_keeps_what_it_gave)
{
	struct shr__arena *a = shr__arena_new();
	char *s[2000];

	for (int i = 0; i < 2000; i++)
		s[i] = shr__arena_printf(a, "number %d", i);
	for (int i = 0; i < 2000; i++) {
		char want[32];

		snprintf(want, sizeof(want), "number %d", i);
		ck_assert_str_eq(s[i], want);
	}
	shr__arena_free(a);
}
END_TEST

START_TEST(arena_memory_is_aligned_and_zeroed)
{
	struct shr__arena *a = shr__arena_new();

	for (size_t n = 0; n < 300; n++) {
		unsigned char *p = shr__arena_alloc(a, n);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n; i++)
			ck_assert_uint_eq(p[i], 0);
		memset(p, 0xee, n);
		ck_assert_ptr_nonnull(shr__arena_strndup(a, "x", 1)); /* the next one is not aligned by chance */
	}
	shr__arena_free(a);
}
END_TEST

START_TEST(arena_takes_a_thing_larger_than_a_chunk)
{
	struct shr__arena *a = shr__arena_new();
	char *small = shr__arena_strdup(a, "small");
	char *large = shr__arena_alloc(a, 1 << 20);
	char *after = shr__arena_strdup(a, "after");

	memset(large, 'x', 1 << 20);
	ck_assert_str_eq(small, "small");
	ck_assert_str_eq(after, "after");
	ck_assert_ptr_eq(after, small + 6); /* it did not cost the rest of the chunk */
	shr__arena_free(a);
}
END_TEST

START_TEST(arena_refuses_what_no_machine_has)
{
	struct shr__arena *a = shr__arena_new();

	ck_assert_ptr_null(shr__arena_alloc(a, SIZE_MAX));
	ck_assert_ptr_null(shr__arena_alloc(a, PTRDIFF_MAX));
	ck_assert_ptr_null(shr__arena_strndup(a, "", SIZE_MAX));
	ck_assert_str_eq(shr__arena_strdup(a, "still works"), "still works");
	shr__arena_free(a);
}
END_TEST

START_TEST(arena_after_reset_is_zeroed_again)
{
	struct shr__arena *a = shr__arena_new();

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 100; i++) {
			unsigned char *p = shr__arena_alloc(a, 100);

			for (int k = 0; k < 100; k++)
				ck_assert_uint_eq(p[k], 0);
			memset(p, 0xee, 100);
		}
		shr__arena_reset(a);
	}
	shr__arena_free(a);
}
END_TEST

START_TEST(arena_copies_bytes_and_empty_strings)
{
	struct shr__arena *a = shr__arena_new();
	char *s = shr__arena_strndup(a, "a\0b", 3);

	ck_assert_mem_eq(s, "a\0b", 4);
	ck_assert_mem_eq(shr__arena_memdup(a, "xyz", 3), "xyz", 3);
	ck_assert_str_eq(shr__arena_strdup(a, NULL), "");
	ck_assert_ptr_nonnull(shr__arena_memdup(a, NULL, 0));
	shr__arena_free(a);
	shr__arena_free(NULL);
}
END_TEST

START_TEST(record_lives_until_its_last_reference)
{
	struct shr__arena *a;
	char **r = shr__record_new(sizeof(*r), &a);

	ck_assert_ptr_null(*r);
	*r = shr__arena_strdup(a, "inside");
	ck_assert_ptr_eq(shr__record_ref(r), r);
	shr__record_unref(r);
	ck_assert_str_eq(*r, "inside");
	shr__record_unref(r);
}
END_TEST

START_TEST(record_null_is_fine)
{
	ck_assert_ptr_null(shr__record_ref(NULL));
	shr__record_unref(NULL);
}
END_TEST

START_TEST(record_takes_its_children_along)
{
	struct shr__arena *a;
	void *parent = shr__record_new(8, &a);
	int *child = shr__record_new(sizeof(int), &a);

	*child = 7;
	shr__record_ref(child);
	ck_assert_int_eq(shr__record_own(parent, child), 0);
	ck_assert_int_eq(shr__record_own(parent, NULL), 0);
	shr__record_unref(parent);
	ck_assert_int_eq(*child, 7); /* ours is still there; the sanitizers see it if not */
	shr__record_unref(child);
}
END_TEST

static void *ref_and_unref(void *record)
{
	for (int i = 0; i < 20000; i++)
		shr__record_unref(shr__record_ref(record));
	shr__record_unref(record);
	return NULL;
}

START_TEST(record_counts_right_on_many_threads)
{
	struct shr__arena *a;
	int *r = shr__record_new(sizeof(*r), &a);
	pthread_t threads[4];

	*r = 42;
	for (int i = 0; i < 4; i++) {
		shr__record_ref(r);
		ck_assert_int_eq(pthread_create(&threads[i], NULL, ref_and_unref, r), 0);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(*r, 42);
	ck_assert_uint_eq(atomic_load(&((struct shr__record_head *)(void *)r - 1)->refs), 1);
	shr__record_unref(r);
}
END_TEST

UNIT_MAIN(base_arena, alloc_gives_zeroed_memory, alloc_of_nothing_is_a_pointer, alloc_of_everything_fails,
	strdup_of_null_is_null, strndup_stops_at_the_nul, arena_keeps_what_it_gave, arena_memory_is_aligned_and_zeroed,
	arena_takes_a_thing_larger_than_a_chunk, arena_refuses_what_no_machine_has, arena_after_reset_is_zeroed_again,
	arena_copies_bytes_and_empty_strings, record_lives_until_its_last_reference, record_null_is_fine,
	record_takes_its_children_along, record_counts_right_on_many_threads)
