/* lib/flow/core_queue.c - where runs wait: lists, lanes, and a heap of due times */
#include <string.h>

#include "flow/core_own.h"

void shr__list_add(struct shr__list *l, struct shr__run *r)
{
	shr__list_remove(r);
	if (l != &r->core->ready && l != &r->core->full)
		shr__run_let_go(r->core, r);
	r->list = l;
	r->prev = l->last;
	r->next = NULL;
	if (l->last)
		l->last->next = r;
	else
		l->first = r;
	l->last = r;
	l->n++;
}

void shr__list_remove(struct shr__run *r)
{
	struct shr__list *l = r->list;

	if (!l)
		return;
	if (r->prev)
		r->prev->next = r->next;
	else
		l->first = r->next;
	if (r->next)
		r->next->prev = r->prev;
	else
		l->last = r->prev;
	r->list = NULL;
	r->prev = r->next = NULL;
	l->n--;
}

void shr__list_wake(struct shr__core *c, struct shr__list *l)
{
	while (l->first)
		shr__run_ready(c, l->first);
}

void shr__list_wake_some(struct shr__core *c, struct shr__list *l, unsigned n)
{
	for (; l->first && n; n--)
		shr__run_ready(c, l->first);
}

void shr__run_let_go(struct shr__core *c, struct shr__run *r)
{
	if (r->taking) {
		r->taking = 0;
		c->taking--;
		shr__list_wake_some(c, &c->had, 1);
	}
	if (c->next_lonely == r || c->lonely == r) {
		c->next_lonely = c->next_lonely == r ? NULL : c->next_lonely;
		c->lonely = c->lonely == r ? NULL : c->lonely;
		shr__list_wake(c, &c->alone_waiting);
	}
}

void shr__run_ready(struct shr__core *c, struct shr__run *r)
{
	shr__run_unsleep(c, r);
	r->state = RUN_READY;
	shr__list_add(&c->ready, r);
}

/* ---- by object ---- */

struct shr__run **shr__core_chain(struct shr__core *c, const char *object_id)
{
	uint32_t h = UINT32_C(2166136261);

	for (const unsigned char *p = (const unsigned char *)object_id; *p; p++)
		h = (h ^ *p) * UINT32_C(16777619);
	return &c->objects[(h ^ h >> 16) & (SHR__CHAINS - 1)];
}

void shr__run_index(struct shr__core *c, struct shr__run *r)
{
	struct shr__run **chain = shr__core_chain(c, r->work->op.object_id);

	r->indexed = 1;
	r->same_prev = NULL;
	r->same_next = *chain;
	if (*chain)
		(*chain)->same_prev = r;
	*chain = r;
}

void shr__run_unindex(struct shr__core *c, struct shr__run *r)
{
	if (!r->indexed)
		return;
	if (r->same_prev)
		r->same_prev->same_next = r->same_next;
	else
		*shr__core_chain(c, r->work->op.object_id) = r->same_next;
	if (r->same_next)
		r->same_next->same_prev = r->same_prev;
	r->indexed = 0;
}

/* ---- due times ---- */

static void place(struct shr__core *c, struct shr__run *r, size_t at)
{
	c->heap[at] = r;
	r->heap_at = at;
}

static void sift_up(struct shr__core *c, struct shr__run *r, size_t at)
{
	while (at > 1 && c->heap[at / 2]->due > r->due) {
		place(c, c->heap[at / 2], at);
		at /= 2;
	}
	place(c, r, at);
}

static void sift_down(struct shr__core *c, struct shr__run *r, size_t at)
{
	for (;;) {
		size_t child = 2 * at;

		if (child > c->n_heap)
			break;
		if (child < c->n_heap && c->heap[child + 1]->due < c->heap[child]->due)
			child++;
		if (c->heap[child]->due >= r->due)
			break;
		place(c, c->heap[child], at);
		at = child;
	}
	place(c, r, at);
}

void shr__run_sleep(struct shr__core *c, struct shr__run *r, int64_t due)
{
	shr__list_remove(r);
	shr__run_unsleep(c, r);
	shr__run_let_go(c, r);
	if (c->n_heap + 1 >= c->heap_room) {
		size_t room = c->heap_room ? 2 * c->heap_room : 64;
		struct shr__run **heap = shr__realloc(c->heap, room * sizeof *heap);

		if (!heap) {
			shr__run_ready(c, r);
			return;
		}
		c->heap = heap;
		c->heap_room = room;
	}
	r->state = RUN_TIMER;
	r->due = due;
	sift_up(c, r, ++c->n_heap);
}

void shr__run_unsleep(struct shr__core *c, struct shr__run *r)
{
	struct shr__run *last;
	size_t at = r->heap_at;

	if (!at)
		return;
	r->heap_at = 0;
	last = c->heap[c->n_heap--];
	if (last == r)
		return;
	if (at > 1 && c->heap[at / 2]->due > last->due)
		sift_up(c, last, at);
	else
		sift_down(c, last, at);
}

/* ---- lanes ---- */

int shr__lane_take(struct shr__core *c, struct shr__run *r, const char *prefix, const char *key, struct shr__lane **held)
{
	char name[sizeof((struct shr__lane *)0)->key] = "";
	size_t n = strlen(prefix), n_key = strlen(key);
	struct shr__lane *lane;

	if (*held)
		return 1;
	memcpy(name, prefix, n);
	memcpy(name + n, key, n_key < sizeof name - n ? n_key : sizeof name - n - 1);
	HASH_FIND_STR(c->lanes, name, lane);
	if (!lane) {
		lane = shr__alloc(sizeof *lane);
		if (!lane)
			return SHR_ENOMEM;
		memcpy(lane->key, name, sizeof lane->key);
		HASH_ADD_STR(c->lanes, key, lane);
		if (!SHR__HASH_IN(lane)) {
			shr__free(lane);
			return SHR_ENOMEM;
		}
	}
	if (lane->holder) {
		shr__list_add(&lane->waiting, r);
		r->state = RUN_LANE;
		return 0;
	}
	lane->holder = r;
	*held = lane;
	return 1;
}

void shr__lane_drop(struct shr__core *c, struct shr__lane **held)
{
	struct shr__lane *lane = *held;

	*held = NULL;
	if (!lane)
		return;
	/* All of them look again, in their order: one that is dropped meanwhile cannot keep the rest. */
	shr__list_wake(c, &lane->waiting);
	HASH_DEL(c->lanes, lane);
	shr__free(lane);
}

/* ---- backends ---- */

struct shr__be *shr__core_be(struct shr__core *c, const char *name, int make)
{
	struct shr__be *be;

	HASH_FIND_STR(c->backends, name, be);
	if (be || !make || strlen(name) >= sizeof be->name)
		return be;
	be = shr__alloc(sizeof *be);
	if (!be)
		return NULL;
	memcpy(be->name, name, strlen(name) + 1);
	HASH_ADD_STR(c->backends, name, be);
	if (SHR__HASH_IN(be))
		return be;
	shr__free(be);
	return NULL;
}

/* splitmix64: the seed comes from the host's random, the sequence is the core's own, so that it replays. */
static uint64_t next_random(struct shr__core *c)
{
	uint64_t z = (c->random += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

int64_t shr__core_backoff(struct shr__core *c, int64_t first_ms, int64_t most_ms, unsigned tries)
{
	int64_t ms = first_ms;

	while (tries-- > 1 && ms < most_ms)
		ms *= 2;
	if (ms > most_ms)
		ms = most_ms;
	return (ms * 1000000) + (int64_t)(next_random(c) % (uint64_t)(ms * 500000 + 1));
}
