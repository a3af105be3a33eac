/* tests/unit/base_world.c - ids take the host's random in pieces, everything else takes it as it comes */
#include <pthread.h>
#include <string.h>

#include "base/world.h"
#include "unit.h"

static struct {
	unsigned calls;
	size_t most; /* the longest piece */
	uint32_t next;
	int fails;
} source;

/* Bytes in pairs that never come again. */
static int counting(void *data, void *buf, size_t n)
{
	uint8_t *p = buf;

	(void)data;
	if (source.fails)
		return -1;
	source.calls++;
	source.most = n > source.most ? n : source.most;
	for (size_t i = 0; i < n; i += 2) {
		p[i] = (uint8_t)(source.next >> 8);
		if (i + 1 < n)
			p[i + 1] = (uint8_t)source.next;
		source.next++;
	}
	return 0;
}

static int64_t noon(void *data)
{
	(void)data;
	return INT64_C(1000000000000);
}

static void open_world(struct shr__world *w)
{
	struct shr_host host = SHR_HOST_INIT;

	memset(&source, 0, sizeof source);
	host.random = counting;
	host.wall_ns = noon;
	ck_assert_int_eq(shr__world_init(w, &host, NULL), 0);
}

START_TEST(many_ids_ask_the_host_once)
{
	static char ids[60][SHR__UUID_ROOM];
	struct shr__world w;

	open_world(&w);
	for (int i = 0; i < 60; i += 3)
		ck_assert_int_eq(shr__world_ids(&w, 3, &ids[i], NULL), 0);
	ck_assert_uint_eq(source.calls, 1);
	for (int i = 0; i < 60; i++) /* the clock stands still: what differs is random */
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(ids[i], ids[k]);
	shr__world_done(&w);
}
END_TEST

START_TEST(what_is_left_of_a_piece_is_never_given_twice)
{
	static char ids[1000][SHR__UUID_ROOM];
	struct shr__world w;
	int n = 0;

	open_world(&w);
	while (n + 4 < 1000) {
		ck_assert_int_eq(shr__world_ids(&w, 1 + (unsigned)n % 4, &ids[n], NULL), 0);
		n += 1 + n % 4;
		ck_assert_int_eq(shr__world_id(&w, ids[n++], NULL), 0);
	}
	for (int i = 0; i < n; i++)
		for (int k = 0; k < i; k++)
			ck_assert_str_ne(ids[i], ids[k]);
	ck_assert_uint_gt(source.calls, 1);
	shr__world_done(&w);
}
END_TEST

START_TEST(what_is_no_id_goes_straight_to_the_host)
{
	char id[SHR__UUID_ROOM];
	struct shr__world w;
	uint8_t key[32];

	open_world(&w);
	ck_assert_int_eq(shr__world_id(&w, id, NULL), 0);
	for (unsigned i = 0; i < 3; i++)
		ck_assert_int_eq(shr__world_random(&w, key, sizeof key, NULL), 0);
	ck_assert_uint_eq(source.calls, 4);
	shr__world_done(&w);
}
END_TEST

START_TEST(a_source_that_fails_is_asked_again_the_next_time)
{
	const struct shr_error *error = NULL;
	char id[SHR__UUID_ROOM];
	struct shr__world w;

	open_world(&w);
	source.fails = 1;
	ck_assert_int_eq(shr__world_id(&w, id, &error), SHR_EAGAIN);
	ck_assert_str_eq(error->message, "no random bytes are to be had");
	shr_error_unref(error);
	source.fails = 0;
	ck_assert_int_eq(shr__world_id(&w, id, NULL), 0);
	shr__world_done(&w);
}
END_TEST

struct taker {
	pthread_t thread;
	const struct shr__world *w;
	char ids[500][SHR__UUID_ROOM];
};

static void *take_many(void *data)
{
	struct taker *t = data;

	for (int i = 0; i < 500; i++)
		ck_assert_int_eq(shr__world_id(t->w, t->ids[i], NULL), 0);
	return NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

START_TEST(threads_never_get_the_same_bytes)
{
	static struct taker takers[4];
	static char all[2000][SHR__UUID_ROOM];
	struct shr_host host = SHR_HOST_INIT;
	struct shr__world w;

	host.wall_ns = noon;
	ck_assert_int_eq(shr__world_init(&w, &host, NULL), 0);
	for (int i = 0; i < 4; i++) {
		takers[i].w = &w;
		ck_assert_int_eq(pthread_create(&takers[i].thread, NULL, take_many, &takers[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(takers[i].thread, NULL);
		memcpy(all[500 * i], takers[i].ids, sizeof takers[i].ids);
	}
	qsort(all, 2000, sizeof all[0], by_text);
	for (int i = 1; i < 2000; i++)
		ck_assert_str_ne(all[i], all[i - 1]);
	shr__world_done(&w);
}
END_TEST

UNIT_MAIN(base_world, many_ids_ask_the_host_once, what_is_left_of_a_piece_is_never_given_twice,
	what_is_no_id_goes_straight_to_the_host, a_source_that_fails_is_asked_again_the_next_time,
	threads_never_get_the_same_bytes)
